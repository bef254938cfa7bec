"""An export that must be refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import export
from tests.deepnet_tui.export.models import make

MODEL = make()


def refused(path: str | Path, overwrite: bool = False, format: str | None = None) -> str:  # noqa: A002
    with pytest.raises(InputError) as caught:
        export(MODEL, path, overwrite, format)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Errno" not in sentence
    return sentence

"""A workbench without a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deepnet_tui.workbench.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.workbench.close()

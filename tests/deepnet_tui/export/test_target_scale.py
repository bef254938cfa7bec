"""The scale of the target in every format: logarithms and bounds, and plain ones written as they always were."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.export.model_json import model_from_json, model_to_json, to_text
from deepnet_tui.model import Model
from tests.deepnet_tui.export.models import ROWS, make
from tests.deepnet_tui.export.test_formats import RUNNERS, able

SCALINGS = [
    TargetScale(2.0, 0.75, log=True, shift=0.5, low=0.25, high=20.0),
    TargetScale(1.0, 0.5, log=True),
    TargetScale(0.0, 100.0, low=-3.0, high=4.5),
    TargetScale(5.0, 2.0, high=5.0),
    TargetScale(0.0, 1e6, log=True, low=0.0, high=1e300),
]


def model_with(scaling: TargetScale) -> Model:
    return replace(make("regression"), scaling=scaling)


@pytest.mark.parametrize("scaling", SCALINGS, ids=str)
@pytest.mark.parametrize("suffix", FORMATS)
def test_predicts_like_the_app(tmp_path: Path, suffix: str, scaling: TargetScale) -> None:
    model = model_with(scaling)
    receipt = export(model, tmp_path / ("model" + suffix.rstrip("/")))
    assert receipt.verified == able(suffix), receipt.sentence
    own = model.predict(list(ROWS)).values
    assert own is not None
    if FORMATS[suffix].load:
        again = load(receipt.path)
        assert again.scaling == scaling
        assert np.array_equal(again.predict(list(ROWS)).values, own)  # type: ignore[arg-type]
    if suffix in RUNNERS and able(suffix):
        assert np.allclose(RUNNERS[suffix](receipt.path, model), own, rtol=1e-12)


@pytest.mark.parametrize("scaling", SCALINGS, ids=str)
@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")
def test_the_header_predicts_like_the_app(tmp_path: Path, scaling: TargetScale) -> None:
    preparation = Preparation((Numeric("a"), Numeric("b")))
    rows: tuple[dict[str, Any], ...] = tuple({"a": a, "b": 0.5} for a in (-2.0, 0.0, 1.5, 9.0))
    model = replace(make("regression", preparation=preparation, rows=rows), scaling=scaling)
    export(model, tmp_path / "model.h")
    main = '#include "model.h"\n#include <stdio.h>\nint main(void) { deepnet_row row; row.x_b = 0.5;\n'
    main += "".join(f'row.x_a = {row["a"]}; printf("%.17g\\n", deepnet_predict(&row));\n' for row in rows)
    (tmp_path / "main.c").write_text(main + "return 0; }\n")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run(["gcc", *flags, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    said = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert np.allclose([float(line) for line in said.split()], model.predict(rows).values, rtol=1e-12)  # type: ignore[arg-type]


def test_a_plain_scale_is_written_as_before() -> None:
    document = model_to_json(make("regression"))
    assert (document["format"], document["target_mean"], document["target_scale"]) == (1, 23.5, 7.25)
    assert "target_scaling" not in document
    assert model_to_json(model_with(SCALINGS[0]))["format"] == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"log": 1}, "neither true nor false"),
        ({"shift": "0"}, "where a number belongs"),
        ({"shift": None}, "missing"),
        ({"low": 3.0, "high": 2.0}, "above"),
        ({"high": 1e999}, "not finite"),
        ({"code": 1.0}, "code"),
    ],
)
def test_a_file_that_lies_is_refused_in_one_sentence(wrong: dict[str, Any], says: str) -> None:
    model = model_with(SCALINGS[0])
    document = json.loads(to_text(model_to_json(model)))
    document["target_scaling"] |= wrong
    with pytest.raises(InputError, match=says):
        model_from_json(document, model.parameters)

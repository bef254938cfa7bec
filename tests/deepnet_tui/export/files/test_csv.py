"""Exports to CSV, and arrays that lie oddly in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS, check_path, export, load
from tests.deepnet_tui.export.files.refusal import MODEL, refused
from tests.deepnet_tui.export.models import make


def test_the_csv_table_has_every_digit(tmp_path: Path) -> None:
    import pandas as pd

    export(MODEL, tmp_path / "model.csv")
    table = pd.read_csv(tmp_path / "model.csv")
    assert list(table.columns) == ["parameter", "row", "column", "value"]
    for name, value in MODEL.parameters.items():
        part = table[table["parameter"] == name]
        assert np.abs(part["value"].to_numpy().reshape(value.shape) - value).max() < 1e-15
        text = (tmp_path / "model.csv").read_text()
        assert f"{name},0,0,{float(value[0, 0])!r}\n" in text


def test_the_csv_folder_is_replaced_only_if_it_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "model"
    export(MODEL, target)
    assert np.array_equal(np.loadtxt(target / "W1.csv", delimiter=",", ndmin=2), MODEL.parameters["W1"])
    assert "is there already" in refused(target)
    export(make(hidden=()), target, overwrite=True)
    assert sorted(path.name for path in target.iterdir()) == ["W1.csv", "b1.csv"]
    (target / "thesis.txt").write_text("x")
    for overwrite in (False, True):
        assert "'thesis.txt', which is no part of an export; choose another" in refused(target, overwrite=overwrite)
        with pytest.raises(InputError, match="no part of an export"):
            check_path(target, overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_arrays_that_do_not_lie_in_order_arrive_as_they_are(tmp_path: Path) -> None:
    turned = make()
    object.__setattr__(turned, "parameters", {n: np.asfortranarray(v)[:, :] for n, v in turned.parameters.items()})
    for suffix in (".npz", ".safetensors", ".json"):
        again = load(export(turned, tmp_path / f"model{suffix}").path)
        assert all(np.array_equal(again.parameters[name], value) for name, value in turned.parameters.items())


def test_a_verdict_without_vectors(tmp_path: Path) -> None:
    bare = make()
    object.__setattr__(bare, "test_vectors", None)
    for suffix, entry in FORMATS.items():
        receipt = export(bare, tmp_path / f"model{suffix.rstrip('/')}")
        assert receipt.verified == (suffix in (".npz", ".safetensors", ".json", ".csv", "/"))
        if entry.load:
            assert load(receipt.path).test_vectors is None

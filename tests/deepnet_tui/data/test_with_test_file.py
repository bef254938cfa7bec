"""A second file as the test part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.tables import Table, csv, flip


def test_a_test_file_is_never_trained_on(table: Table, tmp_path: Path) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, w=lambda row: "uv"[row % 2], y=flip)
    test = tmp_path / "test.csv"
    test.write_text("y,w,n\na,u,5\n,u,5\nb,z,6\n")
    dataset = table(text, test=str(test))
    assert dataset.test is not None
    np.testing.assert_array_equal(dataset.test.rows, [0, 2])
    np.testing.assert_array_equal(dataset.test.Y, [[0, 1]])
    np.testing.assert_array_equal(dataset.test.X[1:], [[1, 0], [0, 0]])
    assert "test.csv: 1 word of 'w' was never seen in training." in dataset.notes
    assert "1 of 3 rows of test.csv have no 'y'." in dataset.dropped
    np.testing.assert_array_equal(dataset.train.X, table(text).train.X)
    for wrong, message in (
        ("y,w\na,u\n", "has no column 'n'"),
        ("y,w,n\nc,u,1\n", "row 1: the class 'c' is not one of a, b"),
    ):
        test.write_text(wrong)
        with pytest.raises(InputError, match=message):
            table(text, test=str(test))


def test_a_test_file_may_spell_booleans_otherwise(table: Table, tmp_path: Path) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, y=lambda row: ["no", "yes"][row * row // 7 % 2])
    test = tmp_path / "test.csv"
    test.write_text("n,y\n1,NO\n2,\n3,true\n")
    dataset = table(text, test=str(test))
    assert dataset.test is not None
    np.testing.assert_array_equal(dataset.test.Y, [[0, 1]])
    test.write_text("n,y\n1,no\n2,perhaps\n")
    with pytest.raises(InputError, match=r"test.csv, column 'y', row 2: 'perhaps' is not no or yes"):
        table(text, test=str(test))


def test_a_test_file_is_read_with_the_types_of_training(table: Table, tmp_path: Path) -> None:
    text = "dep,n,y\n" + "".join(f"{('01', '02', '2A', '75')[row % 4]},{row % 9},{row % 3 % 2}\n" for row in range(80))
    test = tmp_path / "test.csv"
    seen = {}
    for name, rows in {"alone": "01,1,1.0\n02,2,0.0\n", "with a word": "01,1,1\n02,2,0\n2A,3,1\n"}.items():
        test.write_text("dep,n,y\n" + rows)
        part = table(text, test=str(test)).test
        assert part is not None
        seen[name] = part.X[:, :2], part.Y[:, :2]
    np.testing.assert_array_equal(seen["alone"][0], seen["with a word"][0])
    np.testing.assert_array_equal(seen["alone"][1], seen["with a word"][1])
    assert seen["alone"][0][:4].sum() == 2


def test_a_test_file_with_a_picture_where_a_number_belongs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=random.standard_normal(50), y=np.arange(50) % 3 % 2)
    np.savez(tmp_path / "b.npz", x=random.standard_normal((9, 2, 2)), y=np.arange(9) % 2)
    np.savez(tmp_path / "c.npz", x=random.standard_normal(9), y=random.standard_normal((9, 2, 2)))
    for name, says in (("b.npz", "'x' holds 4 numbers a row where"), ("c.npz", "'y' holds many numbers a row")):
        with pytest.raises(InputError, match=says):
            load(DataSettings(source=str(tmp_path / "a.npz"), test=str(tmp_path / name)))


def test_a_test_file_with_a_gap_in_a_picture(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = random.standard_normal((50, 2, 2))
    np.savez(tmp_path / "a.npz", x=pictures, y=np.arange(50) % 3 % 2)
    pictures[7, 1, 0] = np.nan
    np.savez(tmp_path / "b.npz", x=pictures, y=np.arange(50) % 3 % 2)
    with pytest.raises(InputError, match=r"b\.npz, column 'x', row 8: a number is missing"):
        load(DataSettings(source=str(tmp_path / "a.npz"), test=str(tmp_path / "b.npz")))

"""NPY, NPZ and HDF5: which arrays become columns, and why others are left out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import npy_header, table_of


def test_arrays_are_columns_and_pictures(tmp_path: Path) -> None:
    pictures = np.arange(4 * 2 * 3 * 3, dtype=np.uint8).reshape(4, 2, 3, 3)
    np.savez(tmp_path / "a.npz", x=pictures, y=np.array([0, 1, 0, 1]), extra=np.zeros((2, 2)))
    table = table_of(tmp_path / "a.npz")
    np.testing.assert_array_equal(table.columns["x"], pictures)
    assert table.target == "y"
    assert "'extra' was left out" in table.notes[0]
    matrix = np.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "b.npy", np.asfortranarray(matrix))
    table = table_of(tmp_path / "b.npy")
    np.testing.assert_array_equal(np.array(list(table.columns.values())).T, matrix)
    structured = np.array([(1, "a"), (2, "b")], dtype=[("n", int), ("w", "U3")])
    np.save(tmp_path / "c.npy", structured)
    assert list(table_of(tmp_path / "c.npy").columns) == ["n", "w"]


def test_an_array_of_another_length_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(600.0), y=np.arange(10) % 2, scale=3.0)
    why = "it has 10 rows where the longest has 600 rows"
    assert f"'y' was left out: {why}." in table_of(path).notes
    with pytest.raises(InputError, match=rf"there is no column 'y'; 'y' was left out: {why}"):
        load(DataSettings(source=str(path), target="y"))
    with pytest.raises(InputError, match=rf"choose a target column: x; 'y' was left out: {why}; 'scale' was left out"):
        load(DataSettings(source=str(path)))


def test_the_hdf5_files_of_the_course(tmp_path: Path) -> None:
    import h5py

    random = np.random.default_rng(0)
    for part, m in (("train", 30), ("test", 10)):
        with h5py.File(tmp_path / f"{part}.h5", "w") as file:
            file[f"{part}_set_x"] = random.integers(0, 256, (m, 4, 4, 3), dtype=np.uint8)
            file[f"{part}_set_y"] = np.arange(m) % 2
            file["list_classes"] = np.array([b"non-cat", b"cat"])
    dataset = load(DataSettings(source=str(tmp_path / "train.h5"), test=str(tmp_path / "test.h5"), validation=0.0))
    assert dataset.classes == ("non-cat", "cat")
    assert dataset.train.X.shape == (48, 30)
    assert dataset.test is not None
    assert dataset.test.X.shape == (48, 10)
    np.testing.assert_array_equal(dataset.train.X.T * 255, dataset.table["x"].reshape(30, -1))


def test_words_in_an_hdf5_file(tmp_path: Path) -> None:
    import h5py

    words = ["red", "grün", ""] * 50
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["colour"] = words
        file["size"] = np.arange(150)
    table = table_of(tmp_path / "a.h5")
    assert list(table.columns["colour"]) == words


def test_links_out_of_an_hdf5_file_are_not_followed(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["secret"] = np.arange(5)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.arange(5)
        file["link"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "secret")
        file["soft"] = h5py.SoftLink("/x")
    table = table_of(tmp_path / "a.h5")
    assert list(table.columns) == ["x"]
    assert table.notes == (
        "'link' was left out: it is a link out of the file, which is never followed.",
        "'soft' was left out: it is a link to something else in the file.",
    )


def test_what_is_left_out_of_an_hdf5_file_is_noted(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["inner/x"] = np.arange(5)
    with pytest.raises(InputError, match=r"no arrays at its root .*'inner' .* is a group, which holds x; only arrays"):
        table_of(path)
    with h5py.File(path, "a") as file:
        file["train_set_x"], file["test_set_x"] = np.arange(5), np.arange(3)
        file["none"], file["one"] = np.empty((0, 3)), 1.0
        file["tags"] = np.array([["a", "b"]] * 5, dtype=object)
    notes = table_of(path).notes
    assert [note.partition(":")[0] for note in notes] == [
        f"'{name}' was left out" for name in ("inner", "none", "one", "tags", "train_set_x")
    ]
    assert "'test_set_x' is read as 'x' already" in notes[-1]


def test_the_sizes_of_an_hdf5_file_are_added_up(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(60):
            file.create_dataset(f"x{number}", (130_000_000,), dtype="u1")
    with pytest.raises(InputError, match="GiB in memory; at most"):
        table_of(tmp_path / "a.h5")


def test_two_arrays_of_one_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", npy_header("(2,)") + bytes(16))
        archive.writestr("x", npy_header("(2,)") + bytes(16))
    with pytest.raises(InputError, match="two columns called 'x'"):
        table_of(tmp_path / "a.npz")


def test_class_names_are_few_and_different(tmp_path: Path) -> None:
    y = np.arange(6) % 2
    for classes, found in ((["no", "yes"], ("no", "yes")), (["a", "a"], ()), (["a", "b"] * 3, ())):
        np.savez(tmp_path / "a.npz", x=np.arange(6.0), y=y, classes=np.array(classes))
        table = table_of(tmp_path / "a.npz")
        assert table.classes == found
        assert ("classes" in table.columns) == (len(classes) == 6)


def test_the_other_byte_order(tmp_path: Path) -> None:
    import h5py

    x, y = np.arange(40.0) * 17 % 23, np.arange(40) % 3 % 2
    structured = np.array(list(zip(x, y, strict=True)), dtype=[("x", ">f8"), ("y", ">i4")])
    np.savez(tmp_path / "a.npz", x=x.astype(">f8"), y=y.astype(">i2"))
    np.save(tmp_path / "a.npy", structured)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = x.astype(">f4"), y.astype(">i8")
    for name in ("a.npz", "a.npy", "a.h5"):
        dataset = load(DataSettings(source=str(tmp_path / name), target="y"))
        assert dataset.task == "binary"


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5"])
def test_large_arrays_report_while_they_are_read(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import h5py

    monkeypatch.setattr("deepnet_tui.data.readers.arrays.PIECE", 2**20)
    array = np.random.default_rng(0).standard_normal((100_000, 8))
    path = tmp_path / f"a{suffix}"
    if suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=array, chunks=(700, 8), compression="gzip", compression_opts=1)
    elif suffix == ".npz":
        np.savez(path, x=array)
    else:
        np.save(path, array)
    told: list[float] = []
    table = read(path, DataSettings(source=str(path)), lambda fraction, what: told.append(fraction))
    np.testing.assert_array_equal(np.array(list(table.columns.values())).T, array)
    assert told == sorted(told)
    assert len(told) >= 5

"""Small tables of every kind that data are read from."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = {
    "number": [1.5, -2.25, None, 4e6, 5.0] * 4,
    "whole": list(range(20)),
    "word": ["red", "grün", None, "blue, dark", 'say "hi"'] * 4,
    "flag": [True, False, True, True, False] * 4,
    "y": ["no", "yes", "no", "yes", "no"] * 4,
}


def load_table(path: Path) -> object:
    """The data set in a file, made ready for training; its last column is the target."""
    from deepnet_tui.data.from_file import from_file
    from deepnet_tui.data.readers.registry import read
    from deepnet_tui.data.settings import DataSettings

    settings = DataSettings(source=str(path))
    table = read(path, settings)
    return from_file(path, settings.model_copy(update={"target": list(table.columns)[-1]}), table=table)


def _frame() -> Any:
    import pandas as pd

    return pd.DataFrame({**COLUMNS, "day": pd.date_range("2024-02-27", periods=20)})[
        ["number", "whole", "word", "flag", "day", "y"]
    ]


def csv() -> list[bytes]:
    """Commas, quotes, a decimal comma, UTF-16, a line that names the separator."""
    frame = _frame()
    return [
        frame.to_csv(index=False).encode(),
        frame.to_csv(index=False, sep=";", decimal=",").encode("cp1252"),
        frame.to_csv(index=False, sep="\t").encode("utf-16"),
        b"sep=|\n" + frame.to_csv(index=False, sep="|").encode(),
        b"amount,y\n" + b'"$1,000.50",a\n(3.00),b\n70%,a\n' * 6,
    ]


def rows() -> list[bytes]:
    """Those of them that have the columns of a model."""
    return csv()[:4]


def txt() -> list[bytes]:
    """Blanks, comments and lines above the header."""
    rows = "".join(f"{k} {k * 0.5:.3f} {'ab'[k % 2]}\n" for k in range(20))
    return [
        rows.encode(),
        b"# made by hand\nx z y\n" + rows.encode(),
        b"Instrument 7\n\nDate 2024-01-01\nx\tz\ty\n" + rows.replace(" ", "\t").encode(),
        b"x;z;y\n" + rows.replace(" ", ";").replace(".", ",").encode("utf-16-le"),
    ]


def _bytes_of(write, suffix: str) -> bytes:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"good{suffix}"
        write(path)
        return path.read_bytes()


def parquet() -> list[bytes]:
    """Plain, compressed, and with types beyond numbers and words."""
    import decimal

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    other = pa.table(
        {
            "when": pa.array(pd.date_range("2024-01-01", periods=20, tz="UTC")),
            "price": pa.array([decimal.Decimal("1.50")] * 20),
            "kind": pa.array(["a", "b"] * 10).dictionary_encode(),
            "list": pa.array([[1, 2]] * 20),
            "y": pa.array([0, 1] * 10),
        }
    )
    return [
        _bytes_of(lambda path: _frame().to_parquet(path), ".parquet"),
        _bytes_of(lambda path: _frame().to_parquet(path, compression="gzip"), ".parquet"),
        _bytes_of(lambda path: pq.write_table(other, path, compression="none"), ".parquet"),
    ]


def xlsx() -> list[bytes]:
    """A workbook with one sheet, and one with two."""
    import pandas as pd

    def two(path: Path) -> None:
        with pd.ExcelWriter(path) as writer:
            _frame().to_excel(writer, sheet_name="one", index=False)
            _frame().head(6).to_excel(writer, sheet_name="two", index=False)

    return [_bytes_of(lambda path: _frame().to_excel(path, index=False), ".xlsx"), _bytes_of(two, ".xlsx")]


def npz() -> list[bytes]:
    """Arrays by name, plain and compressed."""
    arrays = {"X": np.arange(40.0).reshape(20, 2), "y": np.array(["a", "b"] * 10)}
    pictures = {"x": np.arange(20 * 4 * 4 * 3, dtype=np.uint8).reshape(20, 4, 4, 3), "y": np.array([0, 1] * 10)}
    made = []
    for save, values in ((np.savez, arrays), (np.savez_compressed, arrays), (np.savez, pictures)):
        buffer = io.BytesIO()
        save(buffer, **values)  # type: ignore[arg-type]
        made.append(buffer.getvalue())
    return made


def npy() -> list[bytes]:
    """A matrix, and a table with named columns."""
    named = np.zeros(20, [("a", "f8"), ("b", "i4"), ("y", "U3")])
    named["a"], named["b"], named["y"] = np.arange(20) / 3, np.arange(20), ["no", "yes"] * 10
    made = []
    for array in (np.arange(40.0).reshape(20, 2), named):
        buffer = io.BytesIO()
        np.save(buffer, array)
        made.append(buffer.getvalue())
    return made


def hdf5() -> list[bytes]:
    """Pictures, compressed ones, and byte strings."""
    import h5py

    def pictures(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["train_set_x"] = np.arange(20 * 12, dtype=np.uint8).reshape(20, 2, 2, 3)
            file["train_set_y"] = np.array([0, 1] * 10)
            file["list_classes"] = np.array([b"cat", b"non-cat"])

    def compressed(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=np.arange(60.0).reshape(20, 3), compression="gzip", chunks=(5, 3))
            file.create_dataset("y", data=[b"a", b"b"] * 10)
            file["x"].attrs["unit"] = "m"

    return [_bytes_of(pictures, ".h5"), _bytes_of(compressed, ".h5")]

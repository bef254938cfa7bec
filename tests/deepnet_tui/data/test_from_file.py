"""From a file to a dataset: pictures, previews, odd tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.preview import first_rows
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.schema.inference import infer_schema
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.tables import csv, flip


def test_pictures_without_a_validation_part(tmp_path: Path) -> None:
    path = tmp_path / "pictures.npz"
    np.savez(path, x=np.arange(160, dtype=np.uint8).reshape(10, 4, 4), y=np.arange(10) % 2)
    dataset = load(DataSettings(source=str(path), target="y", validation=0.0))
    assert dataset.validation is None
    assert dataset.train.X.shape == (16, 10)


def test_columns_and_first_rows_need_no_target(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv(n=lambda row: row / 3, y=flip))
    settings = DataSettings(source=str(path))
    table = read(path, settings)
    assert [info.name for info in infer_schema(table, settings)] == ["n", "y"]
    assert first_rows(table.columns)[:2] == (("0", "a"), (str(1 / 3), "a"))
    assert table.m == 60


ODD_CELLS = st.sampled_from(
    ["", "1", "0", "2.5", "-3e4", "1e308", "-1e308", "1e400", "inf", "nan", "yes", "no", "true", "x", "y z", "NA",
     "2024-01-01", "2024-13-45", "0001-01-01", "99999999999999999999", "é", "1_0", "٣", "0x1", "1,5", "  7 ", "None"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_is_a_dataset_or_an_error(data: st.DataObject) -> None:
    import csv as writer
    import tempfile

    width = data.draw(st.integers(1, 4))
    pools = [data.draw(st.lists(ODD_CELLS, min_size=1, max_size=4)) for _ in range(width)]
    rows = data.draw(st.integers(1, 40))
    random = data.draw(st.randoms(use_true_random=False))
    cells = [[random.choice(pool) for pool in pools] for _ in range(rows)]
    validation = data.draw(st.sampled_from([0.0, 0.2, 0.9]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "odd.csv"
        with path.open("w", newline="", encoding="utf-8") as text:
            writer.writer(text).writerows([[f"c{place}" for place in range(width)], *cells])
        try:
            dataset = load(DataSettings(source=str(path), target="c0", separator=",", validation=validation))
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017
            return
    parts = [part for part in (dataset.train, dataset.validation) if part is not None]
    assert all(np.isfinite(part.X).all() and np.isfinite(part.Y).all() for part in parts)
    assert sum(part.m for part in parts) <= rows
    assert len(dataset.inputs) == dataset.train.X.shape[0] > 0
    lost = rows - sum(part.m for part in parts)
    assert bool(lost) == any("rows are not used" in sentence for sentence in dataset.dropped)

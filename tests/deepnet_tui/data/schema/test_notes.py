"""Notes and warnings of a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.tables import Table, csv, flip


def test_rare_classes_and_small_parts_give_warnings(table: Table) -> None:
    rare = table(csv(200, n=lambda row: row * 13 % 47 / 3, y=lambda row: "ab"[row % 20 == 0]))
    assert any("imbalanced: 'b' is 5.0%" in warning for warning in rare.warnings)
    small = table(csv(40, n=lambda row: row * 13 % 47 / 3, y=flip))
    assert any("only 8 examples" in warning for warning in small.warnings)


def test_words_only_in_the_validation_part_are_counted(table: Table) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, w=lambda row: "uv"[row % 2], y=flip)
    validation = table(text).validation
    assert validation is not None
    first, second = validation.rows[:2].tolist()
    lines = text.splitlines()
    for row, word in ((first, "z"), (second, "")):
        n, _, y = lines[row + 1].split(",")
        lines[row + 1] = f"{n},{word},{y}"
    dataset = table("\n".join(lines) + "\n")
    assert dataset.validation is not None
    np.testing.assert_array_equal(dataset.validation.X[1:, :2], 0.0)
    assert "The validation part has 1 word of 'w' that training never saw, the first is 'z'; they give zeros." in (
        dataset.notes
    )
    assert "The validation part has 1 missing value of 'w', the training part none; they give zeros." in dataset.notes


def test_words_that_share_an_input_with_rare_ones_are_said_to(table: Table) -> None:
    text = csv(200, n=lambda row: "" if row % 50 == 3 else row * 13 % 47 / 3, w=lambda row: f"w{row % 9}", y=flip)
    lines = text.splitlines()
    validation = table(text).validation
    assert validation is not None
    for row in (place for place in range(200) if place % 9 == 8):
        n, _, y = lines[row + 1].split(",")
        lines[row + 1] = f"{n},{'rare' if row == 8 else 'new' if row in validation.rows else 'w0'},{y}"
    dataset = table("\n".join(lines) + "\n", preparation="rich")
    assert any("'n': 4 missing values are replaced by the median, " in note for note in dataset.notes)
    assert any(note.endswith(", and marked.") for note in dataset.notes)
    assert any("'new'; they count as rare words." in note for note in dataset.notes)


def test_a_validation_part_without_a_class_gives_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("n,y\n" + "".join(f"{row % 17},{'no' if row % 3 else 'yes'}\n" for row in range(300)))
    warnings = load(DataSettings(source=str(path), target="y", validation=0.001)).warnings
    assert any("validation part has no example of the class '" in warning for warning in warnings)
    assert not any("0 examples" in warning for warning in warnings)

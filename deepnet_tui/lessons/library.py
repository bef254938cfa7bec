"""The lessons that come along: one file each, in the order in which they are best taken."""

from __future__ import annotations

from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean
from deepnet_tui.lessons.lesson import Lesson
from deepnet_tui.lessons.loader import read

FOLDER = Path(__file__).parent / "texts"
LESSONS = (
    "tutorial",
    "stuck",
    "zeros",
    "rates",
    "momentum",
    "batches",
    "softmax",
    "regression",
    "overfitting",
    "dropout",
    "folds",
    "bug",
)


def find(name: str) -> Lesson:
    """A lesson by its name, or from a file. Raises InputError."""
    if name in LESSONS:
        return read(FOLDER / f"{name}.toml")
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        choice = f"choose one of {', '.join(LESSONS)}, or name a .toml file"
        hint = did_you_mean(name, LESSONS)
        raise InputError("; ".join(filter(None, (f"there is no lesson {name!r}", hint.rstrip("?"), choice))), "lesson")
    return read(path)

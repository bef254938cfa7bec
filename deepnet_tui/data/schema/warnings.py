"""What to look at before the results are believed: rare or similar classes, a small validation part."""

from __future__ import annotations

import numpy as np

from deepnet_tui.common.text import Advice, counted
from deepnet_tui.data.values.words import FALSE_WORDS, TRUE_WORDS
from engine.arrays import Array


def split_warnings(train: Array, validation: Array, task: str, classes: tuple[str, ...]) -> list[str]:
    """Warnings about the targets (..., m) of the training and the validation part: class numbers (m,), or values."""
    found, held_out = [], validation.shape[-1]
    if task != "regression":
        found += _similar_classes(classes)
        counts = np.bincount(train, minlength=len(classes))
        rare = int(counts.argmin())
        if counts[rare] * len(classes) < 0.2 * len(train):
            said = (
                f"The classes are imbalanced: {classes[rare]!r} is {counts[rare] / len(train):.1%} of the "
                f"training examples, so accuracy alone says little: see ROC AUC and F1."
            )
            where, why = "class weight in the training pane", "lets every class count the same."
            option = f"--class-weight balanced, or {where},"
            found.append(Advice(f"{said} {option} {why}", f"{said} {where.capitalize()} {why}"))
        validation_counts = np.bincount(validation, minlength=len(classes))
        fewest = int(validation_counts.min())
        if len(validation) > 0 and not fewest:
            absent = classes[int(validation_counts.argmin())]
            found.append(f"The validation part has no example of the class {absent!r}, so nothing is measured of it.")
        elif len(validation) > 0 and fewest < 5:
            found.append(
                f"The validation part has a class with only {counted(fewest, 'example')}, too few to judge it by."
            )
    if 0 < held_out < 30:
        found.append(
            f"The validation part has only {counted(held_out, 'example')}, too few to say much; make it larger."
        )
    return found


def _similar_classes(classes: tuple[str, ...]) -> list[str]:
    """A warning where classes may be one class in several spellings."""
    if len(classes) > 2 and all(word.lower() in TRUE_WORDS | FALSE_WORDS for word in classes):
        return [
            f"The classes {', '.join(classes)} may be spellings of just two; to train on two, set the kind of the "
            "target to boolean."
        ]
    by_word: dict[str, list[str]] = {}
    for name in classes:
        by_word.setdefault(name.casefold(), []).append(name)
    pair = next((names for names in by_word.values() if len(names) > 1), None)
    if pair is None:
        return []
    return [f"The classes {pair[0]!r} and {pair[1]!r} differ in capital letters only; they count as two classes."]

"""Which of a model's answers is explained: the probability of a class, or the value of a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, quoted
from deepnet_tui.model import Model
from engine.arrays import Array


@dataclass(frozen=True)
class Answer:
    """Number `place` of the answers of a model: of a class its probability, of a target its value in its own unit."""

    model: Model
    place: int

    @property
    def name(self) -> str:
        """The class or the target."""
        return names_of_answers(self.model)[self.place]

    @property
    def title(self) -> str:
        """What is explained, in words."""
        return f"probability of {quoted(self.name)}" if self.model.classes else printable_name(self.name)

    def of_outputs(self, A: Array) -> Array:
        """The answers (m,) that stand in the network's outputs A (nL, m)."""
        if self.model.network.labels == "numbers":
            return self.model.scalings[self.place].values(A[self.place])
        if self.model.network.labels == "binary":
            return np.asarray(A[0] if self.place else 1.0 - A[0])
        return np.asarray(A[self.place])

    def __call__(self, X: Array) -> Array:
        """The answers (m,) for prepared inputs X (n0, m)."""
        return self.of_outputs(self.model.outputs(X))


def names_of_answers(model: Model) -> tuple[str, ...]:
    """The classes, or the targets."""
    return model.classes or model.targets


def answer_named(model: Model, name: str) -> Answer:
    """The answer for a class or a target. Raises InputError where there is none of that name."""
    names = names_of_answers(model)
    if name not in names:
        what = "class" if model.classes else "target"
        raise InputError(f"the model has no {what} {quoted(name)}; it has {listed(names, 10)}", "for")
    return Answer(model, names.index(name))


def usual_answer(model: Model, x: Array | None = None) -> Answer:
    """What is explained where nobody says it: of two classes the second, of more that with the highest probability
    for the inputs x (n0,) of a row, the first class without a row, and the first target."""
    if model.network.labels == "binary":
        return Answer(model, 1)
    if model.network.labels == "one-hot" and x is not None:
        return Answer(model, int(model.outputs(x[:, np.newaxis])[:, 0].argmax()))
    return Answer(model, 0)


def printable_name(name: str) -> str:
    """A name as it stands in a sentence: no control characters, no endless ones."""
    return quoted(name)[1:-1]

"""What a file of another program leaves open, as people say it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from deepnet_tui.common.errors import InputError

OUTPUTS = ("sigmoid", "softmax", "linear")


@dataclass(frozen=True)
class Description:
    """What is said about a foreign file.

    `activation` is that of all hidden layers, or has one for each; `output` is what follows the last layer where the
    file does not have it: sigmoid, softmax or linear. `columns` names the inputs in their order, `classes` the labels
    in the order of the outputs, `layers` the layers of a state dict in their order. Raises InputError for a name that
    there is not.
    """

    activation: tuple[str, ...] = ()
    output: str | None = None
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        from engine.ops.activations import ACTIVATIONS

        for name in self.activation:
            if name not in ACTIVATIONS:
                known = ", ".join(ACTIVATIONS)
                raise InputError(f"there is no activation {name!r}; choose one of {known}", "activation")
        if self.output not in (None, *OUTPUTS):
            known = ", ".join(OUTPUTS)
            raise InputError(f"the output can't be {self.output!r}; choose one of {known}", "output_activation")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not any(getattr(self, field.name) for field in fields(self))

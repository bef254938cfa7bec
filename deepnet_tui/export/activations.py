"""Activations in the languages of exported models, from their entries in the registry."""

from __future__ import annotations

from deepnet_tui.common.errors import InputError
from engine.ops.activations import output_activation
from engine.ops.code import Code

SOFTMAX_OUTPUT = "softmax"  # the output of several classes, which takes a whole column and has no entry


def code_of(activation: str) -> Code:
    """The activation in other languages. Raises InputError for one whose entry has none."""
    code = output_activation(activation).code
    if code is None:
        raise InputError(f"the activation {activation} can't be exported to this format; use .npz", "format")
    return code

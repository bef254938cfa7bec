"""The passes through the network, or through each network of an ensemble, in C."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from deepnet_tui.export.activations import SOFTMAX_OUTPUT, code_of
from deepnet_tui.export.c.numbers import write_numbers
from deepnet_tui.export.c.parts import SOFTMAX
from deepnet_tui.model import Model
from engine.spec import NetworkSpec

TITLE = "From a row to the outputs of the network: probabilities, or the standardised value."
MEAN = "From a row to the mean of the outputs of %d networks: probabilities, or the standardised value."


def forward(file: TextIO, model: Model) -> None:
    """Write the parameters, and `deepnet_outputs`."""
    for name, value in model.parameters.items():
        write_numbers(file, f"deepnet_{name}", value)
    network = model.network
    title = TITLE if network.ensemble == 1 else MEAN % network.ensemble
    file.write(f"\n/* {title} */\n")
    file.write("static inline void deepnet_outputs(const deepnet_row *row, double *outputs)\n{\n")
    (_single if network.ensemble == 1 else _mean)(file, network)
    file.write("}\n")


def _single(file: TextIO, network: NetworkSpec) -> None:
    widest = max(network.dims)
    file.write(f"    double A0[{widest}], A1[{widest}];\n    int i;\n")
    if _is_softmax(network):
        file.write("    double top, sum = 0.0;\n")
    file.write("    deepnet_prepare(row, A0);\n")
    last = _layers(file.write, network, "A0", lambda name, _size: f"deepnet_{name}")
    file.write(f"    for (i = 0; i < {network.outputs}; ++i) outputs[i] = {last}[i];\n")


def _mean(file: TextIO, network: NetworkSpec) -> None:
    widest = max(network.dims[1:])
    file.write(f"    double X[{network.inputs}], A0[{widest}], A1[{widest}];\n    int i, k;\n")
    file.write("    deepnet_prepare(row, X);\n")
    file.write(f"    for (i = 0; i < {network.outputs}; ++i) outputs[i] = 0.0;\n")
    file.write(f"    for (k = 0; k < {network.ensemble}; ++k) {{\n")
    if _is_softmax(network):
        file.write("        double top, sum = 0.0;\n")

    def write(lines: str) -> object:
        return file.write("".join(f"    {line}" for line in lines.splitlines(keepends=True)))

    last = _layers(write, network, "X", lambda name, size: f"deepnet_{name} + (size_t)k * {size}")
    write(f"    for (i = 0; i < {network.outputs}; ++i) outputs[i] += {last}[i];\n")
    file.write(f"    }}\n    for (i = 0; i < {network.outputs}; ++i) outputs[i] /= {network.ensemble};\n")


def _layers(write: Callable[[str], object], network: NetworkSpec, inputs: str, where: Callable[[str, int], str]) -> str:
    """Write all layers, and return the name of the array with the outputs.

    `inputs` names that of the inputs; `where` gives the place of a parameter, from its name and its size.
    """
    goal = inputs
    for number, layer in enumerate(network.layers, start=1):
        source, goal = goal, f"A{number % 2}"
        before = network.dims[number - 1]
        W, b = where(f"W{number}", layer.units * before), where(f"b{number}", layer.units)
        write(f"    deepnet_layer({W}, {b}, {source}, {goal}, {layer.units}, {before});\n")
        formula = "" if layer.activation == SOFTMAX_OUTPUT else code_of(layer.activation).c
        if formula not in ("", "z"):
            write(f"    for (i = 0; i < {layer.units}; ++i) {{\n        double z = {goal}[i];\n")
            write(f"        {goal}[i] = {formula};\n    }}\n")
    if _is_softmax(network):
        write(SOFTMAX.format(A=goal, n=network.outputs))
    return goal


def _is_softmax(network: NetworkSpec) -> bool:
    return network.layers[-1].activation == SOFTMAX_OUTPUT

"""The gradient check of a network with its current parameters, and the result as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap

import numpy as np

from deepnet_tui.explain.layout import Segment, StyledLine
from engine.arrays import Array
from engine.gradient_check import SAMPLE, THRESHOLD, GradientCheck, MatrixCheck, ProgressCallback, check_gradients
from engine.spec import NetworkSpec

MOST_EXAMPLES = 256  # any examples show a mistake in backward, and every parameter takes two passes over them
WIDTH = 76  # of the notes: they fit a screen of 80 columns
FEWEST = 8  # entries that are checked of a matrix, however large the network
MOST_WORK = 2e10  # multiplications: they take a few seconds
BackwardPass = Callable[[NetworkSpec, Mapping[str, Array], Array, Array, float], Mapping[str, Array]]


def check(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    l2: float = 0.0,
    l1: float = 0.0,
    backward: BackwardPass | None = None,
    watch: ProgressCallback | None = None,
    label_smoothing: float = 0.0,
) -> GradientCheck:
    """Check the engine's backward pass, or `backward`, on the first examples of X (n0, m), Y (nL, m).

    All in double precision, whatever the network is trained in: float32 rounds more than the differences measured.
    `watch` is called as `engine.check_gradients` does.
    """
    X, Y = (values[:, :MOST_EXAMPLES].astype(np.float64) for values in (X, Y))
    parameters = {name: values.astype(np.float64) for name, values in parameters.items()}
    gradients = None if backward is None else (lambda: backward(network, parameters, X, Y, l2))
    affordable = int(MOST_WORK / (network.size * X.shape[1] * 2 * len(network.shapes)))
    sample = max(FEWEST, min(SAMPLE, affordable))
    return check_gradients(
        network,
        parameters,
        X,
        Y,
        l2=l2,
        l1=l1,
        sample=sample,
        gradients=gradients,
        watch=watch,
        label_smoothing=label_smoothing,
    )


def verdict(matrix: MatrixCheck) -> str:
    """pass, FAIL, or not checked."""
    return "pass" if matrix.passed else "FAIL" if matrix.checked else "not checked"


def headline(found: GradientCheck) -> str:
    """The outcome of the check as a sentence."""
    left = len(found.unchecked)
    if left == len(found.matrices):
        return "The gradient check could not check anything."
    matrices = f"1 matrix of {len(found.matrices)}" if left == 1 else f"{left} matrices of {len(found.matrices)}"
    also = f"; {matrices} could not be checked" if left else ""
    return f"The gradient check {'passed' if found.passed else 'FAILED'}{also}."


def raised_limits(found: GradientCheck) -> str:
    """Which limits the rounding of the cost has raised, if a matrix passed only because of that; else ""."""
    needed = [matrix for matrix in found.matrices if matrix.passed and matrix.relative_difference > THRESHOLD]
    if not needed:
        return ""
    limits = ", ".join(f"d{matrix.name} to {matrix.limit:.0e}" for matrix in needed)
    return f"Where gradients are tiny, the rounding of the cost raises the limit: {limits}."


def lines(found: GradientCheck, examples: int) -> list[StyledLine]:
    """The verdict, then a line for each matrix; roles are name, index, plain, note, pass and fail."""
    used = min(examples, MOST_EXAMPLES)
    table: list[StyledLine] = [
        [(headline(found), "pass" if found.passed else "fail")],
        [(f"{used} example{'s' * (used > 1)}, dropout off, limit {THRESHOLD:.0e}.", "index")],
        [(f"{'':7}{'rel. error':>10} {'checked':>13}      largest difference: numeric, backward", "index")],
        *(_line(matrix) for matrix in found.matrices),
    ]
    if raised := raised_limits(found):
        table += [[(part, "note")] for part in wrap(raised, WIDTH)]
    if any(matrix.at_kinks for matrix in found.matrices):
        table.append([("Entries at a kink, such as ReLU's at 0, have no derivative to check.", "note")])
    return table


def _line(matrix: MatrixCheck) -> StyledLine:
    checked = f"{matrix.looked_at:,} of {matrix.size:,}"
    name: Segment = (f"d{matrix.name:6}", "name")
    if not matrix.checked:
        reason = f"{verdict(matrix)}: every entry lies at a kink"
        return [name, (f"{'–':>10} {checked:>13} ", "index"), (reason, "note")]
    worst = matrix.worst[0]
    return [
        name,
        (f"{matrix.relative_difference:10.1e} ", "plain"),
        (f"{checked:>13}", "index"),
        (f" {verdict(matrix)} ", "pass" if matrix.passed else "fail"),
        (
            f"[{worst.row}, {worst.column}] {worst.numeric:.7g}, {worst.analytic:.7g}",
            "index" if matrix.passed else "plain",
        ),
    ]

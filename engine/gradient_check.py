"""The gradient check: compares the backward pass with two-sided differences of the cost, parameter by parameter.

The estimate (J(p + eps) - J(p - eps)) / (2 eps) is compared with the gradient that backward gives, as in Ng et al.,
"Improving Deep Neural Networks" (2017), week 1: the relative difference is |numeric - analytic| over the sum of both
norms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import checks
from engine.arrays import Array
from engine.checks import DataError
from engine.label_smoothing import smoothed
from engine.network import backward, forward, penalty
from engine.ops.activations import ACTIVATIONS
from engine.ops.losses import losses
from engine.spec import NetworkSpec, SpecError
from engine.spec.bounds import number, whole
from engine.spec.training import MAX_SEED

EPSILON = 1e-5
FINER = (1.0, 0.1, 0.01, 0.001)  # factors of epsilon, tried in turn while the step crosses a kink
THRESHOLD = 1e-7
SAMPLE = 200  # entries checked in each matrix, at most
NOISY = 1e-6  # relative: a matrix with more noise is measured again, in more digits
WIDE_STEP, OTHER_STEP = 2e-2, 3e-2  # the two steps by which the precise measurement checks itself
MOST_WORK = 3e7  # products of numbers with many digits, for one matrix
ProgressCallback = Callable[
    [str, int, int], object
]  # called with a matrix's name, entries checked, and entries to check
Gradients = Mapping[str, Array]


@dataclass(frozen=True)
class Entry:
    """One parameter: its matrix `name`, row and column, both derivatives, and the rounding error of the numeric one."""

    name: str
    row: int
    column: int
    numeric: float
    analytic: float
    rounding: float = 0.0

    @property
    def difference(self) -> float:
        """The absolute difference of the two derivatives."""
        return abs(self.numeric - self.analytic)


@dataclass(frozen=True)
class MatrixCheck:
    """One matrix: the relative difference over the entries checked, and the entries that differ most.

    `noise` is the relative difference that rounding of the costs alone may cause: if gradients are very small, it is
    larger than the threshold, and only a difference above it indicates a mistake. `looked_at` is the number of entries
    checked, `size` that of all entries, `at_kinks` that of entries where a kink prevents the measurement.
    """

    name: str
    relative_difference: float
    noise: float
    looked_at: int  # the name is that of the key in the JSON of `deepnet-tui check`
    size: int
    at_kinks: int
    worst: tuple[Entry, ...]

    @property
    def checked(self) -> bool:
        """Whether any entry could be checked; if all of them are at kinks, there is no slope to measure."""
        return self.looked_at > 0

    @property
    def limit(self) -> float:
        """The relative difference up to which it passes."""
        return max(THRESHOLD, self.noise)

    @property
    def passed(self) -> bool:
        """Whether backward is right for this matrix; False if it could not be checked."""
        return self.checked and self.relative_difference <= self.limit


@dataclass(frozen=True)
class GradientCheck:
    """The check of every matrix."""

    matrices: tuple[MatrixCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every matrix that could be checked has passed, and there is at least one."""
        checked = [matrix for matrix in self.matrices if matrix.checked]
        return bool(checked) and all(matrix.passed for matrix in checked)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The names of the matrices that could not be checked."""
        return tuple(matrix.name for matrix in self.matrices if not matrix.checked)

    @property
    def relative_difference(self) -> float:
        """The largest relative difference of any matrix."""
        return max(matrix.relative_difference for matrix in self.matrices)

    @property
    def worst(self) -> Entry:
        """The entry with the largest difference of all."""
        return max((entry for matrix in self.matrices for entry in matrix.worst), key=lambda entry: entry.difference)


def check_gradients(
    network: NetworkSpec,
    parameters: Mapping[str, npt.ArrayLike],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    l2: float = 0.0,
    l1: float = 0.0,
    sample_weight: npt.ArrayLike | None = None,
    epsilon: float = EPSILON,
    sample: int = SAMPLE,
    seed: int = 0,
    gradients: Callable[[], Gradients] | None = None,
    watch: ProgressCallback | None = None,
    label_smoothing: float = 0.0,
) -> GradientCheck:
    """Compare `backward`, or the gradients dW1, db1, ... that `gradients()` returns, with two-sided differences.

    X is (n0, m), Y (nL, m), `sample_weight` (m,). At most `sample` entries of each matrix are checked, chosen by
    `seed`; dropout is off, and labels are smoothed by `label_smoothing` as in training. `watch` is called with the
    name of a matrix, how many of its entries have been checked, and of how many. Raises DataError for arrays that don't
    fit, and SpecError for settings out of range and for float32, whose rounding error is larger than the differences.
    """
    number("epsilon", epsilon, 0.0, open_low=True)
    number("l2", l2, 0.0)
    number("l1", l1, 0.0)
    number("label_smoothing", label_smoothing, 0.0, 0.5)
    whole("sample", sample, 1, 10**12)
    whole("seed", seed, 0, MAX_SEED)
    checks.check_specs(network)
    if network.ensemble > 1:
        raise SpecError("ensemble", "the gradient check is for one network; check network.member with its parameters")
    named = checks.parameters_for(network, parameters)
    if any(array.dtype == np.float32 for array in named.values()):
        raise SpecError("dtype", "the gradient check needs float64: float32 rounds more than the differences measured")
    X, Y = checks.examples(network, X, Y)
    weight = checks.check_weights(sample_weight, X.shape[1])
    copies = {name: np.array(array, np.float64) for name, array in named.items()}
    X, Y = X.astype(np.float64, copy=False), Y.astype(np.float64, copy=False)
    if network.labels != "numbers":
        Y = smoothed(Y, label_smoothing, network.labels)
    analytic = _given(gradients(), network) if gradients else backward(network, copies, X, Y, l2, l1, weight)
    measure = _Measure(network, copies, X, Y, l2, l1, weight, epsilon)
    generator = np.random.default_rng(seed)
    found = [_matrix(name, analytic[f"d{name}"], measure, sample, generator, watch) for name in copies]
    work = 12 * min(sample, max(matrix.looked_at for matrix in found)) * network.size * X.shape[1]
    if work <= MOST_WORK and any(matrix.noise > NOISY for matrix in found):
        many = {name: array.astype(np.longdouble) for name, array in copies.items()}
        X, Y = X.astype(np.longdouble), Y.astype(np.longdouble)
        slowly = _Measure(network, many, X, Y, l2, l1, weight, epsilon)
        generator = np.random.default_rng(seed)
        for place, matrix in enumerate(found):
            if matrix.noise <= NOISY:
                continue
            again = _matrix(matrix.name, analytic[f"d{matrix.name}"], slowly, sample, generator, None, precisely=True)
            found[place] = again if again.looked_at == matrix.looked_at and again.noise < matrix.noise else matrix
    return GradientCheck(tuple(found))


def _given(gradients: Gradients, network: NetworkSpec) -> Gradients:
    """The gradients to be checked; names and shapes must fit the network. Raises DataError."""
    if not isinstance(gradients, Mapping):
        raise DataError("gradients", "gradients() must give a dictionary from dW1, db1, ... to arrays")
    for name, shape in network.shapes.items():
        if f"d{name}" not in gradients or np.shape(gradients[f"d{name}"]) != shape:
            raise DataError("gradients", f"gradients() must give d{name} with the shape {shape}")
    return gradients


class _Measure:
    """The numeric derivative by one parameter, from the costs a step to either side."""

    def __init__(
        self,
        network: NetworkSpec,
        parameters: dict[str, Array],
        X: Array,
        Y: Array,
        l2: float,
        l1: float,
        weight: Array | None,
        epsilon: float,
    ) -> None:
        self.network, self.parameters, self.X, self.Y = network, parameters, X, Y
        self.loss = network.loss_function
        self.digits = np.finfo(parameters["W1"].dtype).eps
        self.l2, self.l1, self.epsilon = l2, l1, epsilon
        self.weight = np.ones(X.shape[1]) if weight is None else weight
        self.last = len(network.layers)
        self.kinked = [i for i, layer in enumerate(network.hidden, start=1) if ACTIVATIONS[layer.activation].has_kink]
        self.total = float(self.weight.sum())
        largest = max(float(np.abs(array).max()) for array in parameters.values())
        typical = float(np.abs(self._losses()[0]).mean()) + self._penalty("W1", largest)
        self.rounding = 4 * float(self.digits) * (typical + 1e-300)

    def __call__(self, name: str, row: int, column: int) -> tuple[float, float] | None:
        """The derivative and its rounding error, or None if the two costs are on different sides of a kink."""
        for share in FINER:
            step = share * self.epsilon
            slope = self._slope(name, row, column, step)
            if slope is not None:
                return slope, self.rounding / step
        return None

    def precise(self, name: str, row: int, column: int) -> tuple[float, float] | None:
        """The derivative by wide steps, extrapolated to none, and its error; None as above.

        The error is what rounding may do, or the difference of two such measurements if that is larger.
        """
        for share in FINER:
            found = [self._extrapolated(name, row, column, share * step) for step in (WIDE_STEP, OTHER_STEP)]
            if found[0] is not None and found[1] is not None:
                rounding = 2 * self.rounding / (share * WIDE_STEP)
                return found[0], max(rounding, 2 * abs(found[0] - found[1]))
        return None

    def _extrapolated(self, name: str, row: int, column: int, step: float) -> float | None:
        """Richardson's extrapolation of the differences at one, two and four steps: an error of the order step^6."""
        slopes = [self._slope(name, row, column, factor * step) for factor in (1, 2, 4)]
        first, second, fourth = slopes
        if first is None or second is None or fourth is None:
            return None
        near, far = (4 * first - second) / 3, (4 * second - fourth) / 3
        return (16 * near - far) / 15

    def _slope(self, name: str, row: int, column: int, step: float) -> float | None:
        array = self.parameters[name]
        value = array[row, column]
        if name.startswith("W") and self.l1 and abs(value) <= step:
            return None
        upper, lower = value + step, value - step
        array[row, column] = upper
        above, signs_above = self._losses()
        array[row, column] = lower
        below, signs_below = self._losses()
        array[row, column] = value
        if any((a != b).any() for a, b in zip(signs_above, signs_below, strict=True)):
            return None
        change = ((above - below) @ self.weight) / self.total
        change = change + self._penalty(name, upper) - self._penalty(name, lower)
        return float(change / (upper - lower))

    def _penalty(self, name: str, value: float) -> float:
        """The penalty of this parameter alone; the other weights would only add rounding errors."""
        weights = {f"W{layer}": np.zeros((1, 1)) for layer in range(1, self.last + 1)}
        alone = weights | {name: np.full((1, 1), value)}
        return penalty(self.network, alone, self.l2, self.l1) / self.total

    def _losses(self) -> tuple[Array, list[Array]]:
        values = forward(self.network, self.parameters, self.X)
        each = losses(self.loss, values[f"Z{self.last}"], self.Y)
        signs = [values[f"Z{layer}"] > 0 for layer in self.kinked]
        if self.loss.side is not None:
            signs.append(self.loss.side(values[f"Z{self.last}"], self.Y))
        return each, signs


def _matrix(
    name: str,
    analytic: Array,
    measure: _Measure,
    sample: int,
    generator: np.random.Generator,
    watch: ProgressCallback | None,
    precisely: bool = False,
) -> MatrixCheck:
    """The check of one matrix; `precisely` it ends at the first kink, beside which there are no wide steps."""
    size = analytic.size
    chosen = np.sort(generator.permutation(size)[:sample]) if size > sample else np.arange(size)
    entries, at_kinks = [], 0
    find = measure.precise if precisely else measure
    for done, flat in enumerate(chosen):
        if watch:
            watch(name, done, len(chosen))
        row, column = divmod(int(flat), analytic.shape[1])
        numeric = find(name, row, column)
        if numeric is None:
            at_kinks += 1
            if precisely:
                break
        else:
            entries.append(Entry(name, row, column, numeric[0], float(analytic[row, column]), numeric[1]))
    pairs = np.array([(entry.numeric, entry.analytic) for entry in entries]).reshape(-1, 2)
    scale = float(np.linalg.norm(pairs[:, 0]) + np.linalg.norm(pairs[:, 1]))
    difference = float(np.linalg.norm(pairs[:, 0] - pairs[:, 1]))
    rounding = float(np.linalg.norm([entry.rounding for entry in entries]))
    worst = tuple(sorted(entries, key=lambda entry: -entry.difference)[:3])
    return MatrixCheck(
        name,
        difference / scale if scale else 0.0,
        rounding / scale if scale else 0.0,
        len(entries),
        size,
        at_kinks,
        worst,
    )

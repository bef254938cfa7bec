"""The flat vectors of a run: parameters, gradient and whatever the optimizer remembers, and their views by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.compiled.gram_layer import GramLayer
from engine.compiled.layout import Layout, aligned
from engine.network import penalty_of
from engine.ops.optimizers import SLICE, OptimizerVectors
from engine.predictor import WeightsAndBias
from engine.spec import NetworkSpec

PART = 2**18  # elements looked at in one go, so that the answers take little room


class FlatParameters:
    """`vectors` for the parameters of `network` and the optimizer's `slots`.

    With `examples` (n0, m), the first layer is kept as its coefficients in their span (engine.compiled.gram_layer); the
    factor c then stands behind everything else.
    """

    def __init__(
        self, network: NetworkSpec, slots: Sequence[str], dtype: npt.DTypeLike, examples: Array | None
    ) -> None:
        self.network, self.dtype = network, np.dtype(dtype)
        self.layout = Layout(network.dims if examples is None else (examples.shape[1], *network.dims[1:]))
        size = self.layout.size + int(examples is not None)
        self.vectors = OptimizerVectors(
            aligned(size, dtype), aligned(size, dtype), {name: aligned(size, dtype) for name in slots}
        )
        tail = slice(self.layout.size, None)
        self.gram = None
        if examples is not None:
            X = np.array(examples, dtype, order="C")
            factor, factor_gradient = self.vectors.parameters[tail], self.vectors.gradient[tail]
            self.gram = GramLayer(X, network.dims[1], factor.reshape(()), factor_gradient)
        self.blocks = self.layout.blocks(self.vectors.parameters[: self.layout.size])
        self.gradients = self.layout.blocks(self.vectors.gradient[: self.layout.size])

    def place(self, parameters: Mapping[str, Array]) -> None:
        """Take W1, b1, ... over."""
        if self.gram is not None:
            self.gram.start(parameters["W1"])
            parameters = {**parameters, "W1": np.zeros((self.network.dims[1], self.gram.m), self.dtype)}
        self.layout.fill(self.vectors.parameters[: self.layout.size], parameters)

    def read(self, vector: Array | None = None) -> dict[str, Array]:
        """Copies of W1, b1, ..., or of the like parts of another of the vectors."""
        vector = self.vectors.parameters if vector is None else vector
        named = self.layout.read(vector[: self.layout.size])
        if self.gram is not None:
            named["W1"] = self.gram.weights(self.layout.blocks(vector)[0], vector[self.layout.size])
        return named

    def copy(self, into: Array) -> Array:
        """All parameters as one flat vector of the network's own layout, in `into` if that is large enough."""
        layout = self.layout if self.gram is None else Layout(self.network.dims)
        vector = into if into.size == layout.size else np.empty(layout.size, self.dtype)
        if self.gram is None:
            vector[...] = self.vectors.parameters
        else:
            layout.fill(vector, self.read())
        return vector

    def layers(self) -> list[WeightsAndBias]:
        """(W1, b1), ...: views that follow the training; a first layer kept as coefficients follows at `look()`."""
        layers = [(block[:, :-1], block[:, -1:]) for block in self.blocks]
        if self.gram is not None:
            layers[0] = (self.gram.made, layers[0][1])
        return layers

    def look(self) -> None:
        """Make the W1 that `layers()` shows, where it is kept as coefficients."""
        if self.gram is not None:
            self.gram.weights(self.blocks[0], self.gram.factor, out=self.gram.made)

    def forget(self) -> None:
        """Clear what the optimizer remembers."""
        for slot in self.vectors.slots.values():
            slot.fill(0)

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        vector = self.vectors.parameters
        return all(np.isfinite(vector[start : start + PART]).all() for start in range(0, vector.size, PART))

    def weights(self) -> Iterator[tuple[Array, Array]]:
        """Views of dW and W, in rows that together fit the cache; biases left out, the factor c included."""
        for gradient, block in zip(self.gradients, self.blocks, strict=True):
            step = max(1, SLICE // block.shape[1])
            for row in range(0, len(block), step):
                yield gradient[row : row + step, :-1], block[row : row + step, :-1]
        if self.gram is not None:
            yield self.vectors.gradient[self.layout.size :], self.vectors.parameters[self.layout.size :]

    def penalty(self, l2: float, l1: float) -> float:
        """lambda / 2 sum W^2 + l1 sum |W|, to be divided by the examples."""
        if self.gram is None:
            return sum(penalty_of(block[:, :-1], l2, l1) for block in self.blocks)
        first = l2 / 2 * self.gram.squared_norm(self.blocks[0]) if l2 else 0.0
        return first + sum(penalty_of(block[:, :-1], l2, l1) for block in self.blocks[1:])

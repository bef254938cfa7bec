"""The flat vectors of a run: parameters, gradient and the optimizer's memory, and their views by layer."""

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

PART = 2**18  # elements tested at once, so that the booleans take little memory


class FlatParameters:
    """The parameters of `network`, their gradient and the optimizer's `slots`, each one flat vector in `vectors`.

    `blocks` are the views [W | b] of every layer, `gradients` the views [dW | db]. The vectors of an ensemble are
    (K, P), and their views (K, n, n_prev + 1); with `own_scalars` each member has scalars of its own, (K, 1).

    With `input_scales` each vector ends with an element for each input, the logarithm of its scale, which is 0 between
    two updates (engine.ops.input_scale).

    With `examples` X (n0, m) the first layer of a single network is kept as coefficients (engine.compiled.gram_layer),
    and the factor c is the last element of each vector.
    """

    def __init__(
        self,
        network: NetworkSpec,
        slots: Sequence[str],
        dtype: npt.DTypeLike,
        examples: Array | None,
        *,
        own_scalars: bool = False,
        input_scales: bool = False,
    ) -> None:
        self.network, self.dtype = network, np.dtype(dtype)
        self.layout = Layout(network.dims if examples is None else (examples.shape[1], *network.dims[1:]))
        tail = network.inputs if input_scales else int(examples is not None)
        size, members = self.layout.size + tail, network.ensemble
        shape = (size,) if members == 1 else (members, size)
        parameters, gradient, *memory = (aligned(members * size, dtype).reshape(shape) for _ in range(2 + len(slots)))
        scalar_shape = (members, 1) if own_scalars else ()
        self.vectors = OptimizerVectors(parameters, gradient, dict(zip(slots, memory, strict=True)), scalar_shape)
        self.gram = None
        self.input_scales = input_scales
        if examples is not None:
            X = np.array(examples, dtype, order="C")
            factor, factor_gradient = (vector[self.layout.size :] for vector in (parameters, gradient))
            self.gram = GramLayer(X, network.dims[1], factor.reshape(()), factor_gradient)
        self.blocks = self.layout.blocks(self.vectors.parameters[..., : self.layout.size])
        self.gradients = self.layout.blocks(self.vectors.gradient[..., : self.layout.size])

    def scales(self, vector: Array) -> Array:
        """The view (n0,), or (K, n0), of the elements of the inputs' scales in one of the vectors."""
        return vector[..., self.layout.size :]

    @property
    def cost_gradient(self) -> Array:
        """The gradient without what the inputs' scales have of it."""
        return self.vectors.gradient[..., : self.layout.size] if self.input_scales else self.vectors.gradient

    def assign(self, parameters: Mapping[str, Array]) -> None:
        """Copy W1, b1, ... into the flat parameters."""
        if self.gram is not None:
            self.gram.set_start(parameters["W1"])
            parameters = {**parameters, "W1": np.zeros((self.network.dims[1], self.gram.m), self.dtype)}
        self.layout.fill(self.vectors.parameters[..., : self.layout.size], parameters)

    def scale_output(self, factor: float, shift: Array) -> None:
        """Multiply W and b of the output layer by `factor`, then add `shift`, (nL,) or one number, to b."""
        block = self.blocks[-1]
        block *= factor
        block[..., -1] += shift
        if self.gram is not None and len(self.blocks) == 1:
            self.gram.factor[...] *= factor

    def copies(self, vector: Array | None = None) -> dict[str, Array]:
        """W1, b1, ... as copies from the parameters, or from another of the vectors, such as a slot."""
        vector = self.vectors.parameters if vector is None else vector
        named = self.layout.copies(vector[..., : self.layout.size])
        if self.gram is not None:
            named["W1"] = self.gram.weights(self.layout.blocks(vector)[0], vector[self.layout.size])
        return named

    def flat_copy(self, into: Array) -> Array:
        """A copy of all parameters as one vector (size,) with the network's layout, in `into` if its size fits."""
        size = self.network.size
        vector = into if into.size == size else np.empty(size, self.dtype)
        if self.gram is None:
            vector[...] = self.vectors.parameters[..., : self.layout.size].reshape(-1)
        else:
            Layout(self.network.dims).fill(vector, self.copies())
        return vector

    def layers(self) -> list[WeightsAndBias]:
        """(W1, b1), ...: views that change with training; W1 kept as coefficients only at `update_first_layer()`."""
        layers = [(block[..., :-1], block[..., -1:]) for block in self.blocks]
        if self.gram is not None:
            layers[0] = (self.gram.W1, layers[0][1])
        return layers

    def update_first_layer(self) -> None:
        """Compute the W1 that is part of `layers()`, where it is kept as coefficients."""
        if self.gram is not None:
            self.gram.weights(self.blocks[0], self.gram.factor, out=self.gram.W1)

    def clear_slots(self) -> None:
        """Set the optimizer's memory to 0."""
        for slot in self.vectors.slots.values():
            slot.fill(0)

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        vector = self.vectors.parameters.reshape(-1)
        return all(np.isfinite(vector[start : start + PART]).all() for start in range(0, vector.size, PART))

    def weights(self) -> Iterator[tuple[Array, Array]]:
        """Views of dW and W, a few rows at a time that fit into the cache; without biases, with the factor c."""
        for gradient, block in zip(self.gradients, self.blocks, strict=True):
            rows = block.shape[-2]
            step = max(1, SLICE * rows // block.size)
            for row in range(0, rows, step):
                yield gradient[..., row : row + step, :-1], block[..., row : row + step, :-1]
        if self.gram is not None:
            yield self.vectors.gradient[self.layout.size :], self.vectors.parameters[self.layout.size :]

    def penalties(self, l2: float, l1: float) -> Array:
        """lambda / 2 sum W^2 + l1 sum |W| of each member (K,), to be divided by the weight of its examples."""
        if self.gram is not None:
            first = l2 / 2 * self.gram.squared_norm(self.blocks[0]) if l2 else 0.0
            return np.array([first + sum(penalty_of(block[:, :-1], l2, l1) for block in self.blocks[1:])])
        members = [self.blocks] if self.network.ensemble == 1 else zip(*self.blocks, strict=True)
        return np.array([sum(penalty_of(block[:, :-1], l2, l1) for block in blocks) for blocks in members])

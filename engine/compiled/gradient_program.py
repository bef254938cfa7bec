"""The gradient program: the forward and the backward pass recorded once over fixed buffers, to be replayed.

Its parts `forward`, `backward` and `evaluate` are programs (engine.ops.program), whose `describe()` lists the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.compiled import products
from engine.compiled.inputs import Inputs
from engine.ops.activations import ACTIVATIONS
from engine.ops.dropout import record_mask
from engine.ops.losses import record_output
from engine.ops.program import Program
from engine.spec import NetworkSpec

SHARED_MASK = 20_000  # activations up to which one derivative mask for all layers is cheaper than one each


@dataclass
class Buffers:
    """Named arrays that several gradient programs share; the program for the most examples must be recorded first."""

    dtype: npt.DTypeLike
    arrays: dict[str, Array] = field(default_factory=dict)
    scratch: dict[str, Array] = field(default_factory=dict)
    parts: dict[int, Buffers] = field(default_factory=dict)

    def part(self, members: int) -> Buffers:
        """The buffers that programs for so many members of an ensemble share."""
        return self.parts.setdefault(members, Buffers(self.dtype))

    def take(self, name: str, shape: tuple[int, ...]) -> Array:
        """The array `name` in this shape, with arbitrary values; allocated on first use."""
        size = int(np.prod(shape))
        if name not in self.arrays or self.arrays[name].size < size:
            self.arrays[name] = np.empty(size, self.dtype)
        return self.arrays[name][:size].reshape(shape)


class GradientProgram:
    """One iteration's gradient for the examples that `inputs`, `Y` (nL, m) and `weight` (1, m) hold at that time.

    `blocks` are the views [W | b] of every layer, `gradients` the views [dW | db] to be filled. `set_scale` sets the
    factor of dZ[L]: 1 / m, or rate / m if the rate is folded into the gradient, of the shape `scalar_shape`. `fixed`
    promises that `Y` and `weight` stay as they are.

    For an ensemble of K networks `Y` is (nL, K, m) or (nL, 1, m), `weight` (1, K, m) or (1, 1, m), and each of
    `generators`, one for each member, draws the dropout masks of its own network.

    `calls` are the calls to replay. `evaluate` is the forward pass without dropout. `Z` and `A` are the buffers of each
    layer's pre-activation and activation before dropout, `layer_inputs` what the next layer reads: the activation
    after dropout, with a row of ones below it.
    """

    def __init__(
        self,
        network: NetworkSpec,
        blocks: Sequence[Array],
        gradients: Sequence[Array],
        inputs: Inputs,
        Y: Array,
        weight: Array | None,
        buffers: Buffers,
        generators: Sequence[np.random.Generator],
        *,
        fixed: bool,
        scalar_shape: tuple[int, ...] = (),
    ) -> None:
        self.network, self.inputs, self.Y, self.weight = network, inputs, Y, weight
        self.blocks, self.gradients, self.buffers, self.generators = blocks, gradients, buffers, generators
        self.m, self.last = inputs.m, len(network.layers)
        self.examples = (self.m,) if network.ensemble == 1 else (network.ensemble, self.m)  # the last axes of Z and A
        self.fixed_weight = weight if fixed else None  # to be folded into `scale`
        weight_shape = () if self.fixed_weight is None else self.fixed_weight.shape
        self.scale = np.empty(np.broadcast_shapes(scalar_shape, weight_shape), buffers.dtype)
        shape = (network.outputs, *self.examples)
        self.target = np.empty(shape, buffers.dtype) if self._takes_logits(Y, fixed=fixed) else None
        self.program = Program(buffers.dtype, max(network.dims[1:]) * math.prod(self.examples), buffers.scratch)
        self.ones: list[Array] = []
        self.keep_probability = [np.array(1 - spec.dropout, buffers.dtype) for spec in network.hidden]
        self._allocate()
        self.evaluate = self._record_forward(dropout=False)
        self.forward = self._record_forward(dropout=True)
        if self.target is None:
            self.forward.layer = str(self.last)
            record_output(self.forward, network.loss_function, self.Z[-1], self.A[-1])
        self.backward = self._record_backward()
        self.calls = [step.call for step in (*self.forward.steps, *self.backward.steps)]

    def _takes_logits(self, Y: Array, *, fixed: bool) -> bool:
        """Whether dZ[L] is computed from Z[L] without A[L]: for a sigmoid and labels that stay 0 and 1."""
        return fixed and self.network.loss_function.is_logistic and bool(((Y == 0) | (Y == 1)).all())

    @property
    def groups(self) -> list[GradientProgram]:
        """The programs that it consists of: itself. See engine.compiled.batching.member_groups."""
        return [self]

    def restore_ones(self) -> None:
        """Put the rows of ones back below the activations, after another program has used the same buffers."""
        for row in self.ones:
            row.fill(1)

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""
        self.scale[...] = factor if self.fixed_weight is None else factor * self.fixed_weight
        if self.target is not None:
            np.multiply(self.scale, 1 - 2 * self.Y, out=self.target)

    def describe(self) -> str:
        """The formulas of one iteration's gradient, one a line."""
        return f"{self.forward.describe()}\n{self.backward.describe()}"

    def _allocate(self) -> None:
        """Allocate `Z`, `A` and `layer_inputs`; where possible they share memory."""
        self.Z: list[Array] = []
        self.A: list[Array] = []
        self.layer_inputs: list[Array] = []
        count = math.prod(self.examples)
        size = sum(spec.units + 1 for spec in self.network.hidden) * count
        self.all_layer_inputs = self.buffers.take("layer inputs", (size,))
        start = 0
        for layer, spec in enumerate(self.network.hidden, start=1):
            shape = (spec.units, *self.examples)
            stop = start + (spec.units + 1) * count
            layer_inputs = self.all_layer_inputs[start:stop].reshape(spec.units + 1, *self.examples)
            start = stop
            A = self.buffers.take(f"A{layer}", shape) if spec.dropout else layer_inputs[:-1]
            self.Z.append(self.buffers.take(f"Z{layer}", shape) if ACTIVATIONS[spec.activation].keeps_z else A)
            self.A.append(A)
            self.layer_inputs.append(layer_inputs)
            self.ones.append(layer_inputs[-1])
        shape = (self.network.outputs, *self.examples)
        self.Z.append(self.buffers.take(f"Z{self.last}", shape))
        self.A.append(self.buffers.take(f"A{self.last}", shape))
        self.restore_ones()

    def _record_forward(self, *, dropout: bool) -> Program:
        program = self.program.with_same_scratch()
        for layer in range(1, self.last + 1):
            block, Z, program.layer = self.blocks[layer - 1], self.Z[layer - 1], str(layer)
            if layer == 1:
                self.inputs.record_forward(program, block, Z)
            else:
                formula = f"Z{layer} = [W{layer}|b{layer}] [A{layer - 1};1]"
                products.record_forward(program, formula, block, self.layer_inputs[layer - 2], Z)
            if layer < self.last:
                spec = self.network.hidden[layer - 1]
                ACTIVATIONS[spec.activation].forward(program, Z, self.A[layer - 1])
                if spec.dropout:
                    self._record_dropout(program, layer, active=dropout)
        return program

    def _record_dropout(self, program: Program, layer: int, *, active: bool) -> None:
        A, layer_inputs = self.A[layer - 1], self.layer_inputs[layer - 1][:-1]
        if not active:
            program.add("A is kept whole", np.copyto, layer_inputs, A)
            return
        D, keep = self._dropout_mask(layer), self.keep_probability[layer - 1]
        all_even = all(spec.units % 2 == 0 for spec in self.network.hidden)
        record_mask(program, self.generators, keep, D, all_even=all_even)
        program.add("A = A * D", np.multiply, A, D, out=layer_inputs)

    def _dropout_mask(self, layer: int) -> Array:
        return self.buffers.take(f"D{layer}", self.A[layer - 1].shape)

    def _shared_mask_size(self) -> int:
        """The size of one derivative mask for all hidden layers; 0 where each layer needs one of its own."""
        hidden = self.network.hidden
        one_mask = len({spec.activation for spec in hidden}) == 1 and ACTIVATIONS[hidden[0].activation].mask is not None
        size = sum(spec.units + 1 for spec in hidden) * math.prod(self.examples)
        return size if one_mask and not any(spec.dropout for spec in hidden) and size <= SHARED_MASK else 0

    def _record_output_gradient(self, program: Program, dZ: Array) -> None:
        """dZ[L] = scale (A[L] - Y), or what the loss has in the place of A[L] - Y.

        For a sigmoid and fixed labels 0 and 1 it is computed directly from Z[L], with two calls fewer.

        With s = 2Y - 1, A - Y is -s / (1 + e^(sZ)): no digits cancel, however large Z is, positive or negative.
        """
        L = self.last
        if self.target is not None:
            one, sign = np.array(1, dZ.dtype), np.array(np.broadcast_to(2 * self.Y - 1, dZ.shape), order="C")
            program.add(f"E = Z{L} (2Y - 1)", np.multiply, self.Z[-1], sign, out=dZ)
            program.add("E = e^E", np.exp, dZ, out=dZ)  # may reach infinity, which then divides to 0
            program.add("E = 1 + E", np.add, dZ, one, out=dZ)
            program.add(f"dZ{L} = scale (1 - 2Y) / E, which is scale (A - Y)", np.divide, self.target, dZ, out=dZ)
            return
        program.layer = str(L)
        self.network.loss_function.record_error(program, self.Z[-1], self.A[-1], self.Y, dZ)
        program.add(f"dZ{L} = scale dZ{L}", np.multiply, dZ, self.scale, out=dZ)
        if self.weight is not None and self.fixed_weight is None:
            program.add(f"dZ{L} = dZ{L} * weight", np.multiply, dZ, self.weight, out=dZ)

    def _record_backward(self) -> Program:
        program = self.program.with_same_scratch()
        dZ = program.scratch(f"dA{self.last % 2}", self.A[-1].shape)
        self._record_output_gradient(program, dZ)
        masks = self._record_masks(program) if self._shared_mask_size() else None
        for layer in range(self.last, 0, -1):
            if layer == 1:
                self.inputs.record_backward(program, dZ, self.gradients[0])
                break
            below, spec = layer - 1, self.network.hidden[layer - 2]
            program.layer = str(below)
            formula = f"[dW{layer}|db{layer}] = dZ{layer} [A{below};1]^T"
            products.record_gradient(program, formula, dZ, self.layer_inputs[below - 1], self.gradients[layer - 1])
            dA = program.scratch(f"dA{below % 2}", self.A[below - 1].shape)
            formula = f"dA{below} = W{layer}^T dZ{layer}"
            products.record_backward(program, formula, self.blocks[layer - 1], dZ, dA)
            if spec.dropout:
                program.add(f"dA{below} = dA{below} * D", np.multiply, dA, self._dropout_mask(below), out=dA)
            activation = ACTIVATIONS[spec.activation]
            if masks and activation.masked:
                activation.masked(program, masks[below - 1], dA)
            else:
                activation.backward(program, self.Z[below - 1], self.A[below - 1], dA)
            dZ = dA
        return program

    def _record_masks(self, program: Program) -> list[Array]:
        """The derivative mask of every hidden layer, computed at once over all their activations."""
        mask = self.buffers.take("mask", self.all_layer_inputs.shape)
        record = ACTIVATIONS[self.network.hidden[0].activation].mask
        if record:
            record(program, self.all_layer_inputs, mask)
        cuts = np.cumsum([0, *((spec.units + 1) * math.prod(self.examples) for spec in self.network.hidden)])
        return [mask[cut:][: A.size].reshape(A.shape) for cut, A in zip(cuts, self.A[:-1], strict=False)]


def floating_point_operations(network: NetworkSpec, m: int) -> float:
    """How many the products of an iteration of one network on `m` examples take: Z, dW, and dA but for layer 1."""
    products = [before * units for before, units in zip(network.dims, network.dims[1:], strict=False)]
    return 2.0 * m * (2 * sum(products) + sum(products[1:]))

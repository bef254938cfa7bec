"""Predictions, block by block over buffers that are allocated once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import checks
from engine.arrays import Array
from engine.network import INPUT_ELEMENTS
from engine.ops.activations import ACTIVATIONS
from engine.ops.losses import record_output
from engine.ops.program import Program
from engine.spec import NetworkSpec
from engine.storage import memmap

BLOCK_ELEMENTS = 65_536  # activations of one layer and block: small enough to stay in the processor's cache
WeightsAndBias = tuple[Array, Array]  # W (n, n_prev) and b (n, 1)


def layers_of(parameters: Mapping[str, Array]) -> list[WeightsAndBias]:
    """(W1, b1), (W2, b2), ..., (WL, bL)."""
    return [(parameters[f"W{layer}"], parameters[f"b{layer}"]) for layer in range(1, len(parameters) // 2 + 1)]


class Predictor:
    """Predictions block by block over buffers that are allocated once.

    `layers` are pairs W (n, n_prev) and b (n, 1). They are read again at each call, so their values may change. Those
    of an ensemble are (K, n, n_prev) and (K, n, 1): the prediction is the mean of its `members`' outputs. Predictors of
    one shape that never run at the same time may share `scratch`.
    """

    def __init__(
        self, network: NetworkSpec, layers: Sequence[WeightsAndBias], scratch: dict[str, Array] | None = None
    ) -> None:
        self.network, self.layers = network, layers
        self.dtype = layers[0][0].dtype
        self.block = max(1, min(BLOCK_ELEMENTS // max(network.dims[1:]), INPUT_ELEMENTS // network.inputs))
        self._programs: dict[int, tuple[Program, list[Array], Array]] = {}
        self._scratch = scratch
        self._members: list[Predictor] = []
        if network.ensemble > 1:
            common: dict[str, Array] = {}
            each = ([(W[k], b[k]) for W, b in layers] for k in range(network.ensemble))
            self._members = [Predictor(network.member, own, common) for own in each]

    @property
    def members(self) -> list[Predictor]:
        """A predictor for each member of an ensemble; of a single network it is this one."""
        return self._members or [self]

    def __call__(self, X: npt.NDArray[Any]) -> Array:
        """A[L] (nL, m) of X (n0, m)."""
        return self._predict(X, logits=False)

    def logits(self, X: npt.NDArray[Any]) -> Array:
        """Z[L] (nL, m) of X (n0, m); of an ensemble the Z[L] whose output is the mean of its members' outputs."""
        return self._predict(X, logits=True)

    def _predict(self, X: npt.NDArray[Any], *, logits: bool) -> Array:
        m = X.shape[1]
        result = np.empty((self.network.outputs, m), self.dtype)
        with np.errstate(all="ignore"):
            for start in range(0, m, self.block):
                part = X[:, start : start + self.block]
                part = part if part.dtype == self.dtype else part.astype(self.dtype)
                result[:, start : start + self.block] = self._of_block(part, logits=logits)
                memmap.release(X)
        return result

    def _of_block(self, part: Array, *, logits: bool) -> Array:
        """Z[L] or A[L] of one block of examples, valid until the next one."""
        if self._members:
            each = np.empty((len(self._members), self.network.outputs, part.shape[1]), self.dtype)
            for member, out in zip(self._members, each, strict=True):
                out[...] = member._of_block(part, logits=logits)  # the members share their buffers
            pooled = self.network.loss_function.pooled
            return pooled(each) if logits and pooled else np.asarray(each.mean(axis=0))
        W, b = self.layers[0]
        program, pre, out = self._program_for(part.shape[1])
        np.matmul(W, part, out=pre[0])
        np.add(pre[0], b, out=pre[0])
        program.run()
        return pre[-1] if logits else out

    def _program_for(self, width: int) -> tuple[Program, list[Array], Array]:
        """The program for so many examples: that of a full block is kept, of others only the latest."""
        if width not in self._programs:
            self._programs = {key: program for key, program in self._programs.items() if key == self.block}
            self._programs[width] = self._record(width)
        return self._programs[width]

    def _record(self, width: int) -> tuple[Program, list[Array], Array]:
        """The program from Z1 on, the pre-activations, and A[L]. Every other layer's pre-activation shares memory."""
        widest = max(self.network.dims[1:])
        program = Program(self.dtype, widest * (width if self._scratch is None else self.block), self._scratch)
        pre = [program.scratch(f"Z{layer % 2}", (len(W), width)) for layer, (W, _) in enumerate(self.layers)]
        for layer, spec in enumerate(self.network.hidden):
            activation, Z = ACTIVATIONS[spec.activation], pre[layer]
            A = program.scratch("A", Z.shape) if activation.keeps_z else Z
            activation.forward(program, Z, A)
            W, b = self.layers[layer + 1]
            program.add(f"Z{layer + 2} = W{layer + 2} A{layer + 1}", np.matmul, W, A, pre[layer + 1])
            program.add(f"Z{layer + 2} = Z{layer + 2} + b{layer + 2}", np.add, pre[layer + 1], b, out=pre[layer + 1])
        out = program.scratch("out", pre[-1].shape)
        record_output(program, self.network.loss_function, pre[-1], out)
        return program, pre, out


def predict(network: NetworkSpec, parameters: Mapping[str, Array], X: npt.ArrayLike) -> Array:
    """A[L] (nL, m) of X (n0, m): probabilities, or values for a regression. Raises DataError for a wrong shape."""
    return Predictor(network, layers_of(parameters))(checks.inputs(network, X, finite=False))

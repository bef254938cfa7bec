"""The six networks that are trained, from 49 parameters to three million, on random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import LayerSpec, NetworkSpec, TrainingSpec
from engine.arrays import Array
from engine.parameters import initialize


@dataclass(frozen=True)
class Workload:
    """A network of ReLU layers and how it is trained. An iteration is one update of the parameters."""

    name: str
    dims: tuple[int, ...]
    examples: int
    batch: int | None = None
    optimizer: str = "gd"
    rate: float = 0.0075
    dtype: str = "float64"

    @property
    def task(self) -> str:
        return "binary" if self.dims[-1] == 1 else "multiclass"

    @property
    def examples_per_iteration(self) -> int:
        return self.batch or self.examples

    @property
    def flops(self) -> float:
        """Floating-point operations of an iteration's matrix products: forward, dW, and dA but for the inputs."""
        products = [before * units for before, units in zip(self.dims, self.dims[1:], strict=False)]
        return 2.0 * self.examples_per_iteration * (2 * sum(products) + sum(products[1:]))

    def network(self) -> NetworkSpec:
        hidden = tuple(LayerSpec(units) for units in self.dims[1:-1])
        return NetworkSpec(self.dims[0], hidden, self.dims[-1], self.task, "he")

    def training(self) -> TrainingSpec:
        return TrainingSpec(self.optimizer, self.rate, 10**9, self.batch, report_every=10**6, dtype=self.dtype)

    def data(self) -> tuple[Array, Array]:
        """X (n0, m), and Y (nL, m) with 0/1 or one-hot labels, the same at every call."""
        generator = np.random.RandomState(1)
        X = np.asarray(generator.randn(self.dims[0], self.examples), self.dtype)
        if self.task == "binary":
            return X, np.asarray(generator.randint(0, 2, (1, self.examples)), self.dtype)
        labels = generator.randint(0, self.dims[-1], self.examples)
        return X, np.asarray(labels == np.arange(self.dims[-1])[:, None], self.dtype)

    def parameters(self) -> dict[str, Array]:
        """W1, b1, ... to start from, the same for every peer."""
        return {name: np.asarray(value, self.dtype) for name, value in initialize(self.network(), 3).items()}


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tutorial", (3, 4, 5, 2, 1), 150),
        Workload("planar", (2, 8, 8, 1), 400),
        Workload("tabular", (30, 16, 8, 1), 569),
        Workload("cat", (12288, 20, 7, 5, 1), 209, rate=1e-5),
        Workload("digits", (784, 256, 128, 10), 12_800, 128, "adam", 1e-4, "float32"),
        Workload("wide", (1024, 1024, 1024, 1024, 1), 1024, rate=1e-4),
    )
}

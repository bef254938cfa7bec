"""The latest figures in less than eight minutes on a quiet machine: both paths beside JAX, the limits, the app."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import compare
from benchmarks.app import command as app
from benchmarks.limits import command as limits

PEERS = ("engine", "engine by NumPy", "with its costs", "scikit-learn", "JAX", "products alone")


def main(arguments: Sequence[str]) -> None:
    """`arguments` are those that all three take: --results FOLDER."""
    compare.main([*arguments, "--rounds", "5", "--one-setting", "--peers", *PEERS])
    limits.main([*arguments, "--turns", "3"])
    app.main([*arguments, "--turns", "3", "tiny", "tiny-compiled"])

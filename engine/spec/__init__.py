"""Descriptions of a network and of its training: frozen dataclasses that check their values."""

from engine.spec.bounds import SpecError
from engine.spec.network import TASKS, LayerSpec, NetworkSpec
from engine.spec.training import TrainingSpec

__all__ = ["TASKS", "LayerSpec", "NetworkSpec", "SpecError", "TrainingSpec"]

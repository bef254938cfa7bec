"""What a network is and how it shall be trained: frozen, validated descriptions without any numbers in them."""

from engine.spec.bounds import SpecError
from engine.spec.network import TASKS, LayerSpec, NetworkSpec
from engine.spec.training import TrainingSpec

__all__ = ["TASKS", "LayerSpec", "NetworkSpec", "SpecError", "TrainingSpec"]

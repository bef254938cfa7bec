"""The mathematics of a deep neural network, in NumPy: describe it, train it, inspect it.

    from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
    network = NetworkSpec(inputs=2, hidden=(LayerSpec(8, "tanh"),), outputs=1, task="binary", initializer="xavier")
    trainer = Trainer(network, TrainingSpec(learning_rate=0.5, iterations=500), X, Y)  # X (2, m), Y (1, m)
    for event in trainer.run():
        print(event)

`engine.tutorial` has the same network as fourteen small functions, and `engine.reference` the update rules, dropout and
L2 as a textbook writes them, both made to be read. Each name of this package is imported when it is first used, so that
describing a network or receiving an event does not import NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.checks import DataError
    from engine.gradient_check import GradientCheck, check_gradients
    from engine.ops.activations import ACTIVATIONS
    from engine.ops.initializers import INITIALIZERS
    from engine.ops.optimizers import OPTIMIZERS
    from engine.ops.schedules import SCHEDULES
    from engine.race.race import Race
    from engine.spec import TASKS, LayerSpec, NetworkSpec, SpecError, TrainingSpec
    from engine.storage.state import StateError
    from engine.training.events import Event, Finished, Progress
    from engine.training.trainer import Trainer

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "OPTIMIZERS",
    "SCHEDULES",
    "TASKS",
    "DataError",
    "Event",
    "Finished",
    "GradientCheck",
    "LayerSpec",
    "NetworkSpec",
    "Progress",
    "Race",
    "SpecError",
    "StateError",
    "Trainer",
    "TrainingSpec",
    "check_gradients",
]

_HOMES = {
    "checks": ("DataError",),
    "gradient_check": ("GradientCheck", "check_gradients"),
    "ops.activations": ("ACTIVATIONS",),
    "ops.initializers": ("INITIALIZERS",),
    "ops.optimizers": ("OPTIMIZERS",),
    "ops.schedules": ("SCHEDULES",),
    "spec": ("TASKS", "LayerSpec", "NetworkSpec", "SpecError", "TrainingSpec"),
    "storage.state": ("StateError",),
    "training.events": ("Event", "Finished", "Progress"),
    "race.race": ("Race",),
    "training.trainer": ("Trainer",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

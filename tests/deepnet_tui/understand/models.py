"""Models with random parameters over five columns: numbers plain and rich, words, a boolean and a date."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from deepnet_tui.model import Model
from engine.spec import LayerSpec, NetworkSpec

PREPARATION = Preparation(
    (
        Numeric("age", fill=40.0, mean=40.0, scale=12.0, missing=True),
        Categorical("job", ("cook", "clerk", "pilot"), other=True, rare=("diver",)),
        Numeric("member", kind="boolean", mean=0.5, scale=0.5, words=("no", "yes")),
        Numeric("seen", kind="date", fill=17000.0, mean=17000.0, scale=300.0, periods=(7.0,)),
        Numeric("income", mean=3.0, scale=2.0, clip=3.0, edges=(0.0, 2.0, 4.0, 9.0)),
    )
)
CLASSES = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c")}


def make(
    task: str = "binary",
    hidden: tuple[str, ...] = ("relu", "relu"),
    ensemble: int = 1,
    seed: int = 0,
    preparation: Preparation = PREPARATION,
) -> Model:
    """A model for one of the tasks, "log" (a target on a logarithmic scale) and "several" (two targets) among them."""
    classes = CLASSES.get(task, ())
    outputs = 2 if task == "several" else max(1, len(classes) if task == "multiclass" else 1)
    layers = tuple(LayerSpec(4 + place, name) for place, name in enumerate(hidden))
    kind = task if classes else "regression"
    network = NetworkSpec(len(preparation.inputs), layers, outputs, kind, "he", ensemble=ensemble)
    random = np.random.RandomState(seed)
    parameters = {name: random.randn(*shape) * 0.6 for name, shape in network.shapes.items()}
    scaling = PLAIN if classes else TargetScale(1.0, 0.5, log=True, shift=1.0) if task == "log" else TargetScale(5, 2)
    further = {"height": TargetScale(170.0, 9.0)} if task == "several" else {}
    return Model(
        network,
        parameters,
        target="weight",
        classes=classes,
        preparation=preparation,
        scaling=scaling,
        further_targets=further,
    )


def rows_of(count: int, seed: int) -> list[dict[str, Any]]:
    """Raw rows with words, gaps and dates."""
    random = np.random.RandomState(seed)
    return [
        {
            "age": None if random.rand() < 0.1 else float(random.randint(18, 80)),
            "job": str(random.choice(["cook", "clerk", "pilot", "diver", "never seen"])),
            "member": str(random.choice(["no", "yes"])),
            "seen": str(np.datetime64("2016-01-01") + random.randint(0, 700)),
            "income": round(float(random.gamma(2.0, 1.5)), 2),
        }
        for _ in range(count)
    ]

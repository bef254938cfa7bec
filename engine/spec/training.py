"""The settings of training, each with its bounds and its help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.spec.bounds import SpecError, choice, number, use_plain_numbers
from engine.spec.settings import about, settings_of

DTYPES = {"float64": "double precision", "float32": "single precision: half the memory"}
MONITORS = {"cost": "the validation cost, else the training cost", "score": "accuracy, or R2 for a regression"}
CLASS_WEIGHTS = {"none": "every example counts the same", "balanced": "every class counts the same"}
MAX_SEED = 2**32 - 1
MOST_ITERATIONS = 10**12


def _optimizers() -> Mapping[str, str]:
    from engine.ops.optimizers import OPTIMIZERS  # with NumPy, which must not be loaded before the first screen

    return {name: entry.formula for name, entry in OPTIMIZERS.items()}


def _schedules() -> Mapping[str, str]:
    from engine.ops.schedules import SCHEDULES

    return {name: entry.formula for name, entry in SCHEDULES.items()}


@dataclass(frozen=True)
class TrainingSpec:
    """How a network is trained. An iteration is one update of the parameters.

    Training ends at `iterations`, `epochs` or `seconds` (reports included), whichever comes first; when the
    monitored value has improved by less than `tolerance` between two reports; or, with `patience`, when it has
    not improved for that many reports. `patience` monitors the validation cost (or what `monitor` says) and restores
    the best parameters.

    `schedule` shapes the learning rate over the iterations, `warmup` raises it linearly over the first ones:
    `step` multiplies it by `decay` every `decay_every` iterations, `exponential` does the same smoothly,
    `cosine` lets it fall to zero at `iterations`, `plateau` multiplies it by `decay` once the cost has not
    improved for `decay_every` iterations.

    Mini-batches are drawn in a new order each epoch, unless `shuffle` is False.

    With `internal` each network keeps aside an internal part of the training examples, another one for each member of
    an ensemble. Patience, plateau and tolerance then monitor the loss on it, and when the run ends each network gets
    back the parameters that were best by its internal part.

    With `label_smoothing` s the labels y of classes become y (1 - s) + s / C in training, for C classes; the validation
    cost and all scores are by the labels as they are.

    With `input_scale_rate` above 0, adam and adamw also learn a scale of each input, which is part of W1.

    `momentum` is that of momentum and nesterov and Adam's beta1; `beta2` is rmsprop's and Adam's.
    `engine.spec.settings.settings_of(TrainingSpec)` has the bounds and the help of every setting. Raises SpecError.
    """

    optimizer: str = field(
        default="gd",
        metadata=about(
            "choice", "optimizer", "Update rule.", choices=_optimizers, examples=("gd", "momentum", "rmsprop", "adam")
        ),
    )
    learning_rate: float = field(
        default=0.0075,
        metadata=about("number", "learning rate", "Factor of the gradient in an update.", low=0.0, open_low=True),
    )
    iterations: int = field(
        default=3000,
        metadata=about("whole", "iterations", "Number of updates in all.", low=0, high=MOST_ITERATIONS),
    )
    batch_size: int | None = field(
        default=None,
        metadata=about(
            "whole",
            "batch size",
            "Examples in an update, or full for all of them.",
            low=1,
            high=10**12,
            optional=True,
            off="full",
        ),
    )
    l2: float = field(
        default=0.0, metadata=about("number", "L2", "Weight decay: lambda of lambda/2m * sum(W**2).", low=0.0)
    )
    seed: int = field(
        default=3,
        metadata=about("whole", "seed", "Random seed for initialization and batch order.", low=0, high=MAX_SEED),
    )
    report_every: int = field(
        default=100, metadata=about("whole", "report every", "Iterations between two reports.", low=1, high=10**9)
    )
    dtype: str = field(
        default="float64", metadata=about("choice", "precision", "Floating-point type.", choices=lambda: DTYPES)
    )
    l1: float = field(
        default=0.0, metadata=about("number", "L1", "L1 penalty: lambda of lambda/m * sum(|W|).", low=0.0)
    )
    clip_norm: float | None = field(
        default=None,
        metadata=about(
            "number",
            "clip norm",
            "Largest norm of a gradient; a longer one is scaled down to it.",
            low=0.0,
            open_low=True,
            optional=True,
            off="off",
        ),
    )
    momentum: float = field(
        default=0.9,
        metadata=about(
            "number", "momentum", "Share of the last step that is kept; Adam's beta1.", low=0.0, high=0.999999
        ),
    )
    beta2: float = field(
        default=0.999,
        metadata=about("number", "beta2", "Decay of the running mean of squared gradients.", low=0.0, high=0.9999999),
    )
    epsilon: float = field(
        default=1e-8,
        metadata=about(
            "number",
            "epsilon",
            "Added to the root of the mean square before dividing by it.",
            low=0.0,
            open_low=True,
        ),
    )
    schedule: str = field(
        default="constant",
        metadata=about("choice", "schedule", "How the learning rate changes over the iterations.", choices=_schedules),
    )
    decay: float = field(
        default=0.1,
        metadata=about(
            "number",
            "decay",
            "Factor by which the schedule lowers the learning rate.",
            low=0.0,
            high=1.0,
            open_low=True,
        ),
    )
    decay_every: int = field(
        default=1000, metadata=about("whole", "every", "Iterations between two decays.", low=1, high=10**12)
    )
    warmup: int = field(
        default=0,
        metadata=about(
            "whole", "warm-up", "Iterations over which the learning rate rises to its value.", low=0, high=10**12
        ),
    )
    epochs: int | None = field(
        default=None,
        metadata=about(
            "whole",
            "epochs",
            "Stop after this many passes over the examples.",
            low=1,
            high=10**12,
            optional=True,
            off="off",
        ),
    )
    seconds: float | None = field(
        default=None,
        metadata=about("number", "seconds", "Stop after this time.", low=0.0, open_low=True, optional=True, off="off"),
    )
    tolerance: float | None = field(
        default=None,
        metadata=about(
            "number",
            "tolerance",
            "Stop when the monitored value improves by less between two reports.",
            low=0.0,
            optional=True,
            off="off",
        ),
    )
    patience: int | None = field(
        default=None,
        metadata=about(
            "whole",
            "patience",
            "Stop after N reports without a better validation cost.",
            low=1,
            high=10**12,
            optional=True,
            off="off",
        ),
    )
    monitor: str = field(
        default="cost",
        metadata=about("choice", "monitor", "What patience and plateau monitor.", choices=lambda: MONITORS),
    )
    class_weight: str | tuple[float, ...] | None = field(
        default=None,
        metadata=about(
            "class_weight",
            "class weight",
            "balanced: every class counts the same in the cost; or none.",
            choices=lambda: CLASS_WEIGHTS,
            optional=True,
            form="balanced, none or a list of one weight for each class",
        ),
    )
    shuffle: bool = field(
        default=True, metadata=about("flag", "shuffle", "Draw mini-batches in a new order each epoch.")
    )
    internal: float = field(
        default=0.0,
        metadata=about(
            "number",
            "internal part",
            "Share of the training examples that each network keeps aside to choose its best parameters by.",
            low=0.0,
            high=0.5,
        ),
    )

    label_smoothing: float = field(
        default=0.0,
        metadata=about(
            "number",
            "smoothing",
            "Share of each label that is spread evenly over all classes.",
            low=0.0,
            high=0.5,
        ),
    )

    calibrate: bool = field(
        default=False,
        metadata=about(
            "flag", "calibrate", "Calibrate the probabilities of a run that has ended by its internal part."
        ),
    )

    input_scale_rate: float = field(
        default=0.0,
        metadata=about(
            "number",
            "input scales",
            "How many times as fast as the weights a scale of each input is learned; 0: none.",
            low=0.0,
            high=1000.0,
        ),
    )

    def __post_init__(self) -> None:
        settings = settings_of(type(self))
        for name, entry in settings.items():
            entry.check(getattr(self, name))
        use_plain_numbers(self, *(name for name, entry in settings.items() if entry.kind in ("whole", "number")))
        self._check_class_weight()

    def _check_class_weight(self) -> None:
        weights = self.class_weight
        if isinstance(weights, str):
            choice("class_weight", weights, ("balanced",))
        elif isinstance(weights, Mapping) or not (weights is None or isinstance(weights, Iterable)):
            raise SpecError("class_weight", "class_weight must be balanced or list one weight for each class, in order")
        elif weights is not None:
            weights = tuple(weights)
            for weight in weights:
                number("class_weight", weight, 0.0)
            object.__setattr__(self, "class_weight", tuple(float(weight) for weight in weights))

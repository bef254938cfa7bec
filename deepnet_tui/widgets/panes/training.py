"""The training pane: one line in SETTINGS for each setting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.content import Content

from deepnet_tui.widgets.base.settings_pane import Row, SettingsPane, read_number, read_whole

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.training.workbench import Workbench

Value = Any


@dataclass(frozen=True)
class Setting:
    """A setting of the experiment: how it is read, stepped and explained; `applies` says when it has an effect."""

    name: str
    label: str
    section: str
    hint: str = ""
    read: Callable[[str], Value] | None = None
    step: Callable[[Value, int], Value] | None = None
    choices: Callable[[], Mapping[str, str]] | None = None
    off: str = ""  # what None is called
    applies: Callable[[Workbench], bool] | None = None


def ladder(*rungs: float) -> Callable[[Value, int], Value]:
    """Steps along 1, 2, 5 (or other rungs) times powers of ten."""

    def step(value: Value, direction: int) -> Value:
        power = math.floor(math.log10(value)) if value > 0 else 0
        power = min(300, max(-300, power))
        steps = [float(f"{rung * 10.0**p:.6g}") for p in range(power - 2, power + 3) for rung in rungs]
        if direction > 0:
            return next((rung for rung in steps if rung > value * (1 + 1e-9)), value)
        return next((rung for rung in reversed(steps) if rung < value * (1 - 1e-9)), value)

    return step


def whole_ladder(value: Value, direction: int) -> Value:
    """1, 2, 5, 10, ... to a thousand million."""
    if direction < 0 and value <= 1:
        return value
    other = max(1, int(ladder(1, 2, 5)(max(value, 1), direction)))
    return other if other <= 10**9 else max(value, 10**9) if direction > 0 else 10**9


def from_zero(first: float) -> Callable[[Value, int], Value]:
    """0, then 1 and 3 times powers of ten from `first` on."""
    climb = ladder(1, 3)

    def step(value: Value, direction: int) -> Value:
        if value < first * 1.001 and direction < 0:
            return 0.0
        return first if value < first * 0.999 else climb(value, direction)

    return step


def batches(value: Value, direction: int) -> Value:
    """full, 1024, 512, ... 1: a full batch is the largest."""
    if value is None:
        return 1024 if direction < 0 else None
    if direction < 0:
        return max(1, min(1024, int(2 ** (math.ceil(math.log2(value)) - 1))))
    other = int(2 ** (math.floor(math.log2(value)) + 1))
    return None if other > 1024 else other


def patience(value: Value, direction: int) -> Value:
    """off, 1, 2, 3, ..."""
    return max(0, (value or 0) + direction) or None


def whole_from_zero(value: Value, direction: int) -> Value:
    """0, 1, 2, 5, 10, ..."""
    if direction < 0:
        return 0 if value <= 1 else whole_ladder(value, -1)
    return 1 if value < 1 else whole_ladder(value, 1)


def clip(value: Value, direction: int) -> Value:
    """off, then 100, 30, 10, ... down: no bound is the largest."""
    if value is None:
        return 100.0 if direction < 0 else None
    return None if direction > 0 and value >= 100 else ladder(1, 3)(value, direction)


def or_off_number(text: str) -> Value:
    """A number, or off."""
    return None if text.strip().lower() in ("off", "none", "") else read_number(text)


def or_off(word: str) -> Callable[[str], Value]:
    """A whole number, or a word that gives None."""
    return lambda text: None if text.strip().lower() in (word, "none", "") else read_whole(text)


def initializers() -> Mapping[str, str]:
    """Every initializer with its formula."""
    from engine.ops.initializers import INITIALIZERS

    return {name: entry.formula for name, entry in INITIALIZERS.items()}


def optimizers() -> Mapping[str, str]:
    """Every optimizer with its formula."""
    from engine.ops.optimizers import OPTIMIZERS

    return {name: entry.formula for name, entry in OPTIMIZERS.items()}


def schedules() -> Mapping[str, str]:
    """Every schedule with its formula."""
    from engine.ops.schedules import SCHEDULES

    return {name: entry.formula for name, entry in SCHEDULES.items()}


def dtypes() -> Mapping[str, str]:
    """The precisions."""
    return {"float64": "double precision", "float32": "single precision: half the memory"}


def class_weights() -> Mapping[str, str]:
    """How much an example counts by its class."""
    return {"none": "every example counts the same", "balanced": "every class counts the same"}


def optimizer_reads(name: str) -> Callable[[Workbench], bool]:
    """Whether the chosen optimizer has this setting."""

    def applies(workbench: Workbench) -> bool:
        from engine.ops.optimizers import OPTIMIZERS

        return name in OPTIMIZERS[workbench.experiment.training.optimizer].settings

    return applies


def schedule_reads(name: str) -> Callable[[Workbench], bool]:
    """Whether the chosen schedule has this setting."""

    def applies(workbench: Workbench) -> bool:
        from engine.ops.schedules import SCHEDULES

        return name in SCHEDULES[workbench.experiment.training.schedule].settings

    return applies


def classes(workbench: Workbench) -> bool:
    """Whether there are classes to weigh."""
    return workbench.dataset.task != "regression"


def scaled(workbench: Workbench) -> bool:
    """Whether the chosen initializer heeds the scale."""
    from engine.ops.initializers import INITIALIZERS

    return INITIALIZERS[workbench.experiment.network.initializer].scaled


def between(low: float, high: float, by: float) -> Callable[[Value, int], Value]:
    """Even steps within bounds; a value typed beyond them stays where it is, or comes back."""

    def step(value: Value, direction: int) -> Value:
        other = round(value + direction * by, 4)
        return max(value, min(high, other)) if direction > 0 else min(value, max(low, min(high, other)))

    return step


def dropout(value: Value, direction: int) -> Value:
    """0, 0.1, ... 0.9; layers that differ start from 0."""
    return between(0.0, 0.9, 0.1)(value or 0.0, direction)


SETTINGS: tuple[Setting, ...] = (
    Setting("initializer", "initializer", "network", choices=initializers),
    Setting("optimizer", "optimizer", "training", choices=optimizers),
    Setting("learning_rate", "learning rate", "training", "a number above 0", read_number, ladder(1, 3)),
    Setting("iterations", "iterations", "training", "a whole number", read_whole, whole_ladder),
    Setting("batch_size", "batch size", "training", "a whole number, or full", or_off("full"), batches, off="full"),
    Setting("l2", "L2", "training", "a number from 0", read_number, from_zero(1e-4)),
    Setting("dropout", "dropout", "network", "a share from 0 to 0.99", read_number, dropout, off="mixed"),
    Setting("seed", "seed", "training", "a whole number from 0", read_whole, lambda v, d: max(0, v + d)),
    Setting("report_every", "report every", "training", "a number of iterations", read_whole, whole_ladder),
    Setting("patience", "patience", "training", "a number of reports, or off", or_off("off"), patience, off="off"),
    Setting("schedule", "schedule", "training", choices=schedules),
    Setting(
        "decay",
        "decay",
        "training",
        "a number above 0, at most 1",
        read_number,
        between(0.05, 1.0, 0.05),
        applies=schedule_reads("decay"),
    ),
    Setting(
        "decay_every",
        "every",
        "training",
        "a number of iterations",
        read_whole,
        whole_ladder,
        applies=schedule_reads("decay_every"),
    ),
    Setting("warmup", "warm-up", "training", "a number of iterations, or 0", read_whole, whole_from_zero),
    Setting(
        "momentum",
        "momentum",
        "training",
        "a number from 0, below 1",
        read_number,
        between(0.0, 0.95, 0.05),
        applies=optimizer_reads("momentum"),
    ),
    Setting(
        "beta2",
        "beta2",
        "training",
        "a number from 0, below 1",
        read_number,
        between(0.9, 0.999, 0.009),
        applies=optimizer_reads("beta2"),
    ),
    Setting("l1", "L1", "training", "a number from 0", read_number, from_zero(1e-4)),
    Setting("class_weight", "class weight", "training", choices=class_weights, off="none", applies=classes),
    Setting("clip_norm", "clip norm", "training", "a number above 0, or off", or_off_number, clip, off="off"),
    Setting("scale", "scale of small", "network", "a number above 0", read_number, ladder(1, 3), applies=scaled),
    Setting("dtype", "precision", "training", choices=dtypes),
)


class TrainingPane(SettingsPane):
    """How the network is trained: left and right step a value, Enter types it."""

    def __init__(self) -> None:
        super().__init__("Training", id="training")

    def build(self, workbench: Workbench) -> list[Row]:
        """A row for each setting."""
        settings = (setting for setting in SETTINGS if setting.applies is None or setting.applies(workbench))
        return [row(setting, value_of(setting, workbench.experiment)) for setting in settings]

    def place(self, rows: list[Row]) -> int:
        """On the same setting, though others have come or gone."""
        chosen = self.chosen
        names = [entry.name for entry in rows]
        return names.index(chosen.name) if chosen is not None and chosen.name in names else 0


def value_of(setting: Setting, experiment: Experiment) -> Value:
    """What it is now; the dropout of the layers as one number, None when they differ."""
    if setting.name == "dropout":
        rates = {layer.dropout for layer in experiment.network.hidden} or {0.0}
        return rates.pop() if len(rates) == 1 else None
    return getattr(getattr(experiment, setting.section), setting.name)


def row(setting: Setting, value: Value) -> Row:
    """The row of a setting."""
    exact = setting.off if value is None else repr(value) if isinstance(value, float) else str(value)
    text = exact.removesuffix(".0")
    shown = f"{value:,}" if isinstance(value, int) and setting.name != "seed" else text
    if isinstance(value, float):
        shown = f"{value:g}"

    def stepped(direction: int) -> dict[str, Any] | None:
        if setting.choices is not None:
            names = list(setting.choices())
            here = names.index(text) if text in names else 0
            return {setting.name: names[(here + direction) % len(names)]}
        return None if setting.step is None else {setting.name: setting.step(value, direction)}

    def typed(entry: str) -> dict[str, Any]:
        return {setting.name: setting.read(entry) if setting.read else entry}

    return Row(
        setting.name,
        setting.section,
        Content.assemble(Content.styled(f"{setting.label:<15}", "dim"), shown),
        label=setting.label,
        text=text,
        hint=setting.hint,
        values=typed,
        step=stepped,
        choices=setting.choices,
    )

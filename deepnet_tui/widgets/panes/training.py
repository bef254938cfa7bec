"""The training pane: a row for each setting that has an effect on the training as it is set up now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.content import Content

from deepnet_tui.race.values import is_list, split, values_of, variable
from deepnet_tui.race.values import shown as word
from deepnet_tui.widgets.base.settings_pane import SettingsPane
from deepnet_tui.widgets.base.settings_row import Row
from deepnet_tui.widgets.base.typed_numbers import read_number, read_whole
from deepnet_tui.widgets.panes.steps import StepFunction, Value, step_of
from deepnet_tui.workbench.value_list import ValueList
from engine.spec import LayerSpec, NetworkSpec, TrainingSpec
from engine.spec.settings import Setting, settings_of

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.workbench.workbench import Workbench

ONLY_IN_FILES = ("epsilon", "epochs", "seconds", "tolerance", "monitor", "shuffle", "calibrate")
FIRST = ("optimizer", "learning_rate", "iterations", "batch_size", "l2", "dropout")  # what people change first
FOLD = "all_settings"  # the name of the row, and of the command, that shows or folds the others
ORDER = (
    *FIRST,
    "initializer",
    "loss",
    "quantile",
    "seed",
    "report_every",
    "patience",
    "schedule",
    "decay",
    "decay_every",
    "warmup",
    "momentum",
    "beta2",
    "input_scale_rate",
    "l1",
    "class_weight",
    "label_smoothing",
    "clip_norm",
    "scale",
    "dtype",
)  # any other setting comes last


@dataclass(frozen=True)
class PaneSetting:
    """A setting as the pane offers it: its section of the experiment, and how it steps."""

    setting: Setting
    section: str

    @property
    def name(self) -> str:
        """The name of the setting."""
        return self.setting.name

    @property
    def step(self) -> StepFunction | None:
        """The function that gives the next value, None where there is none."""
        return step_of(self.setting)


def _offered() -> tuple[PaneSetting, ...]:
    dropout = replace(settings_of(LayerSpec)["dropout"], off="mixed")  # what several layers have that differ
    network = [dropout, *settings_of(NetworkSpec).values()]
    found = {setting.name: PaneSetting(setting, "network") for setting in network}
    found |= {setting.name: PaneSetting(setting, "training") for setting in settings_of(TrainingSpec).values()}
    names = [*ORDER, *(name for name in found if name not in ORDER and name not in ONLY_IN_FILES)]
    return tuple(found[name] for name in names)


SETTINGS = _offered()


def has_effect(name: str, workbench: Workbench) -> bool:
    """Whether a setting has an effect on what the workbench holds: what the chosen optimizer reads, for example."""
    from engine.ops.initializers import INITIALIZERS
    from engine.ops.optimizers import OPTIMIZERS
    from engine.ops.schedules import SCHEDULES

    training = workbench.experiment.training
    of_numbers, loss = workbench.dataset.labels == "numbers", workbench.experiment.network.loss
    if name == "class_weight":
        return not of_numbers
    if name == "label_smoothing":
        return not of_numbers or training.label_smoothing > 0
    if name == "loss":
        return of_numbers
    if name == "quantile":
        return loss == "quantile"
    if name == "scale":
        return INITIALIZERS[workbench.experiment.network.initializer].scaled
    readers: tuple[tuple[Mapping[str, Any], str], ...] = (
        (OPTIMIZERS, training.optimizer),
        (SCHEDULES, training.schedule),
    )
    for registry, chosen in readers:
        if any(name in entry.settings for entry in registry.values()):
            return name in registry[chosen].settings
    return True


class TrainingPane(SettingsPane):
    """How the network is trained: left and right step a value, Enter types it.

    Unless `all_settings` are shown, those that are seldom changed are folded: they are not shown while they are as
    they begin, and neither race nor are searched.
    """

    def __init__(self, *, all_settings: bool = False) -> None:
        super().__init__("Training", id="training")
        self.all_settings = all_settings
        self._workbench: Workbench | None = None  # the one that is shown

    def build(self, workbench: Workbench) -> list[Row]:
        """A row for each setting, and one that folds or unfolds the rest."""
        entries = [entry for entry in SETTINGS if has_effect(entry.name, workbench)]
        first = [entry for entry in entries if entry.name in FIRST]
        rest = [entry for entry in entries if entry.name not in FIRST]
        folded = [] if self.all_settings else [entry for entry in rest if not _is_active(entry, workbench)]
        shown = [entry for entry in rest if entry not in folded]
        varied = workbench.varied
        rows = [row(entry, value_of(entry, workbench.experiment), varied.get(entry.name)) for entry in (*first, *shown)]
        place = len(first) if self.all_settings else len(rows)
        if self.all_settings or folded:
            rows.insert(place, self._fold_row(len(folded)))
        return rows

    def _fold_row(self, folded: int) -> Row:
        words = f"▸ {folded} more" if folded else "▾ fewer"
        return Row(
            FOLD, "", Content.assemble(Content.styled(f"{words:<15}", "dim"), Content.styled(self.key(FOLD), "bold"))
        )

    def version(self, workbench: Workbench) -> object:
        """The settings, the values that are to race, and whether all are shown."""
        return (super().version(workbench), tuple(workbench.varied.items()), self.all_settings)

    def fold(self, *, all_settings: bool) -> None:
        """Show all settings, or those that matter first."""
        self.all_settings = all_settings
        if self._workbench is not None:
            self.show(self._workbench)

    def reveal(self, name: str) -> None:
        """Unfold, if this is the name of a setting that is folded."""
        known = any(entry.name == name for entry in SETTINGS)
        if known and not self.all_settings and all(row.name != name for row in self.rows):
            self.fold(all_settings=True)

    def go_to(self, name: str) -> bool:
        """As in every pane; a setting that is folded unfolds all."""
        self.reveal(name)
        return super().go_to(name)

    def select(self, row: Row) -> None:
        """Edit a row, fold or unfold."""
        if row.name == FOLD:
            self.fold(all_settings=not self.all_settings)
        else:
            super().select(row)

    def step(self, direction: int) -> None:
        """Step a value; on the row that folds, right unfolds and left folds."""
        if self.chosen is not None and self.chosen.name == FOLD:
            self.fold(all_settings=direction > 0)
        else:
            super().step(direction)

    def show(self, workbench: Workbench) -> None:
        """Draw the rows; where several values are to race, how the race starts stands beneath them."""
        self._workbench = workbench
        super().show(workbench)
        self.border_subtitle = f"{self.key('race')} starts the race" if workbench.varied else ""

    def place(self, rows: list[Row]) -> int:
        """On the same setting, though others have come or gone."""
        chosen = self.chosen
        names = [entry.name for entry in rows]
        return names.index(chosen.name) if chosen is not None and chosen.name in names else 0


def _is_active(entry: PaneSetting, workbench: Workbench) -> bool:
    """Whether a setting that may be folded must be seen: it is not as it begins, is to race, or is searched."""
    if entry.name in workbench.varied or entry.name in (workbench.experiment.search or {}):
        return True
    from deepnet_tui.data.builtin import Defaults

    begins_as = getattr(Defaults(), entry.name, entry.setting.default)
    return bool(value_of(entry, workbench.experiment) != begins_as)


def value_of(entry: PaneSetting, experiment: Experiment) -> Value:
    """What it is now; the dropout of the layers as one number, None when they differ."""
    if entry.name == "dropout":
        rates = {layer.dropout for layer in experiment.network.hidden} or {0.0}
        return rates.pop() if len(rates) == 1 else None
    return getattr(getattr(experiment, entry.section), entry.name)


def row(entry: PaneSetting, value: Value, varied: ValueList | None = None) -> Row:
    """The row of a setting, which shows the values that are to race where there are several."""
    setting, name, step = entry.setting, entry.name, entry.step
    exact = setting.off if value is None else repr(value) if isinstance(value, float) else str(value)
    text = exact.removesuffix(".0")
    shown = f"{value:,}" if isinstance(value, int) and name != "seed" else text
    if isinstance(value, float):
        shown = f"{value:g}"

    several, style = entry.name in variable(), ""
    if varied is not None:
        exact = text
        text = shown = ", ".join(word(name, each) for each in varied)
        style = "$text-accent"

    def stepped(direction: int) -> dict[str, Any] | None:
        if setting.choices is not None:
            names = list(setting.choices())
            now = text if varied is None else exact
            here = names.index(now) if now in names else 0
            return {name: names[(here + direction) % len(names)]}
        return None if step is None else {name: step(value, direction)}

    return Row(
        name,
        entry.section,
        Content.assemble(Content.styled(f"{setting.label:<15}", "dim"), Content.styled(shown, style)),
        label=setting.label,
        text=text,
        hint="" if setting.choices is not None else setting.allowed + ("; several race" if several else ""),
        values=lambda typed: {name: read(setting, typed)},
        step=stepped,
        choices=setting.choices,
        several=several,
    )


def read(setting: Setting, text: str) -> Value:
    """A value as people type it; None for the word that turns the setting off; a `ValueList` for several.

    Raises ValueError with a sentence, for a list InputError.
    """
    if is_list(text) or (setting.choices is not None and "," in text):
        values = values_of(setting.name, split(text))
        return ValueList(values) if len(values) > 1 else values[0]
    if setting.optional and text.strip().lower() in (setting.off, "none", ""):
        return None
    if setting.kind == "whole":
        return read_whole(text)
    return read_number(text) if setting.kind == "number" else text

"""The lines of the data screen: what is read, what is decided, what is wrong, what is to be noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, in_app
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.plane.typed import written
from deepnet_tui.data.setting_list import DATA_SETTINGS, PLANE
from deepnet_tui.drawing.numbers import whole

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.screens.data.state import DataState

Parts = list[tuple[Content | str, str]]  # each with the action that a click runs, "" for none


def head(state: DataState) -> tuple[Parts, Content, Content]:
    """The name and the sizes, then for the right end whether the data are ready, then the name and sizes in short."""
    schema, dataset = state.schema, state.dataset
    size = short = uses = ""
    if schema is not None:
        size = f"  {counted(schema.m, 'row')} × {counted(len(schema.columns), 'column')}"
        short = f"  {whole(schema.m)} × {len(schema.columns)}"
    if dataset is not None:
        held = dataset.validation.m if dataset.validation is not None else 0
        parts = f"{whole(dataset.train.m)} train, {whole(held)} validation"
        uses = f" → {counted(len(dataset.inputs), 'input')}, {parts}"
    if state.failed is not None:
        mark = Content.styled("✗ not usable yet", "$text-error")
    elif dataset is not None:
        mark = Content.styled("✓ ready", "$text-success")
    else:
        percent = f"{state.progress.fraction:.0%}" if state.progress.fraction > 0 else "…"
        mark = Content.styled(f"{state.progress.what or 'preparing'} {percent}", "dim")
    long, shorter = (
        Content.assemble(Content.styled(state.name, "bold"), Content.styled(text + uses, "dim"))
        for text in (size, short)
    )
    return [(long, "")], mark, shorter


def settings(state: DataState, keys: Mapping[str, str]) -> Parts:
    """Target, validation share and seed, each with its key; `keys` are those of the commands by name."""
    wrong = state.failed.field if state.failed else ""
    classes = _classes(state.dataset) if state.dataset is not None else ""
    targets = ", ".join(info.name for info in state.columns if info.role == "target")
    parts: Parts = []
    for name, command, action, text, more in (
        ("target", "column_target", "target_menu", targets or "?", classes),
        ("validation", "held_out", "held_out", _share(state.settings.validation), ""),
        ("seed", "split_seed", "split_seed", str(state.settings.seed), ""),
    ):
        style = "bold $text-error" if name == wrong else "bold"
        key = Content.styled(f"{keys.get(command, '')} ", "$text-accent")
        parts += [(Content.assemble(key, f"{name} ", Content.styled(text, style), more), action), ("    ", "")]
    return parts


def plane(state: DataState, keys: Mapping[str, str]) -> Parts:
    """The settings of a two-dimensional set, each with its key; none for other data."""
    entry = BUILTIN.get(state.settings.source)
    if entry is None or not entry.is_plane:
        return []
    wrong = state.failed.field if state.failed else ""
    parts: Parts = []
    for name in PLANE:
        if name == "function" and entry.name != name:
            continue
        style = "bold $text-error" if name == wrong else "bold"
        key = Content.styled(f"{keys.get(f'plane_{name}', '')} ", "$text-accent")
        text = written(name, getattr(state.settings, name), entry.own(name))
        label = DATA_SETTINGS[name].label
        parts += [(Content.assemble(key, f"{label} ", Content.styled(text, style)), f"plane('{name}')"), ("    ", "")]
    return parts


def _share(share: float) -> str:
    if not share:
        return "none"
    return f"{share:.0%}" if abs(share * 100 % 1) <= 1e-9 else f"{100 * share:.3g}%"


def _classes(dataset: Dataset) -> str:
    if dataset.further_targets:
        return " (numbers; several come from the command line or a file)"
    if dataset.labels == "numbers":
        return " (a number)"
    names = ", ".join(dataset.classes[:4]) + (", …" if len(dataset.classes) > 4 else "")
    return f" ({len(dataset.classes)} classes: {names})"


def complaint(state: DataState) -> str:
    """Why the settings can't be used, "" if they can; before the file is read, `reading` says so."""
    failed = state.failed if state.schema is not None else None
    if failed is None:
        return ""
    if failed.field == "target" and not state.target:
        return "Which column should be predicted? Select it with ↑ ↓, then press t."
    return failed.message


def reason(info: ColumnInfo | None) -> Content:
    """Why the column under the cursor is what it is."""
    if info is None:
        return Content("")
    examples = ", ".join(info.examples)
    text = f"{info.name}{' ' if info.becomes else ': '}{info.explanation}"
    return Content.styled(text + (f"; such as {examples}" if examples else ""), "dim")


def reading(state: DataState) -> Content:
    """What is shown until the file is read, or if it can't be read."""
    if state.failed is not None:
        back = Content.styled("Escape goes back", "dim")
        return Content("\n\n").join([Content.styled(in_app(state.failed.message), "$text-error"), back])
    done = round(24 * state.progress.fraction)
    bar = "━" * done + "┄" * (24 - done)
    lines = [f"Reading {state.name} …", f"{bar} {state.progress.fraction:4.0%}", "Escape cancels"]
    return Content("\n\n").join([Content(line) for line in lines])


def notes(experiment: Experiment, dataset: Dataset | None, read: Sequence[str]) -> Content:
    """Warnings first, then what is dropped, then what else was done; `read` are the notes before there is a dataset."""
    lines: list[Content] = []
    if dataset is not None:
        try:
            warnings = experiment.warnings(dataset)
        except InputError:
            warnings = dataset.warnings
        lines += [Content.assemble(Content.styled("! ", "$text-warning bold"), in_app(text)) for text in warnings]
        told = {text.partition(" is left out")[0] for text in warnings}
        dropped = [text for text in dataset.dropped if text.partition(" is not used")[0] not in told]
        lines += [Content.assemble(Content.styled("– ", "bold"), in_app(text)) for text in dropped]
        read = dataset.notes
    lines += [Content.styled(f"  {in_app(text)}", "dim") for text in read]
    if not lines and dataset is not None:
        lines.append(Content.styled("Nothing stands out: every column is used, no value is missing.", "dim"))
    if not lines:
        lines.append(Content.styled("What stands out is listed here once the target is chosen.", "dim"))
    return Content("\n").join(lines)

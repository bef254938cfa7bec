"""What is said beside the chart: of several marked runs what differs, else all about the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.content import Content

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.numbers import short
from deepnet_tui.runs.comparison import RunComparison
from deepnet_tui.runs.metrics import metrics_of_run, settings_of_run
from deepnet_tui.runs.store import StoredRun
from deepnet_tui.screens.runs.columns import run_name, seconds_text
from deepnet_tui.widgets.views.runs.table import started_text

GAP = 2
NARROWEST, WIDEST = 10, 20  # a column of a run
LONGEST = 24  # the name of a setting


@dataclass(frozen=True)
class RunFacts:
    """All about one run: what is known, its settings, its metrics, by name."""

    facts: Mapping[str, str]
    settings: Mapping[str, Any]
    metrics: Mapping[str, Any]


Subject = RunComparison | RunFacts


def subject_of(marked: Sequence[StoredRun], chosen: StoredRun | None) -> Subject | None:
    """What is to be said; reads files. Raises InputError where the settings of a run can't be read."""
    if len(marked) > 1:
        return RunComparison.of(marked)
    record = marked[0] if marked else chosen
    if record is None:
        return None
    labels, network = record.labels, record.about.get("network")
    facts = {
        "run": record.id,
        "name": labels.name,
        "note": labels.note,
        "tags": ", ".join(labels.tags),
        "state": record.state,
        "started": started_text(record),
        "seconds": seconds_text(record),
        "network": "-".join(map(str, network)) if isinstance(network, list) else "",
    }
    shown = {name: printable(text) for name, text in facts.items() if text}
    return RunFacts(shown, settings_of_run(record), metrics_of_run(record))


def facts_content(subject: RunFacts, width: int) -> Content:
    """A line for each fact, metric and setting."""
    blocks: list[Mapping[str, Any]] = [subject.facts, subject.metrics, subject.settings]
    rows = [(_name(name), _shown(value)) for block in blocks for name, value in block.items()]
    rows = [row for row in rows if row[1]]
    wide = min(LONGEST, max((len(name) for name, _ in rows), default=0))
    lines = []
    for name, value in rows:
        room = max(1, width - wide - GAP)
        first, *others = [value[at : at + room] for at in range(0, len(value), room)]
        lines.append(Content.assemble(Content.styled(f"{_cut(name, wide):<{wide}}", "dim"), " " * GAP, first))
        lines += [Content(" " * (wide + GAP) + text) for text in others]
    return Content("\n").join(lines)


def comparison_content(
    subject: RunComparison, looks: Sequence[tuple[str, str]], names: Sequence[str], width: int
) -> Content:
    """A column for each run, as many as there is room for: the settings that differ, then how the runs went.

    `looks` are the mark and the colour of each, `names` what it is called.
    """
    blocks = [subject.settings, subject.metrics, subject.facts]
    rows = [
        (_name(name), [_shown(Path(value).name if name == "data.source" and value else value) for value in values])
        for block in blocks
        for name, values in block.items()
        if any(value is not None and not isinstance(value, dict) for value in values)
    ]
    wide = min(LONGEST, max((len(name) for name, _ in rows), default=0))
    count = max(1, min(len(looks), (width - wide) // (NARROWEST + GAP)))
    column = max(NARROWEST, min(WIDEST, (width - wide) // count - GAP))
    head = [Content(" " * wide)]
    for (mark, color), name in list(zip(looks, names, strict=True))[:count]:
        head.append(Content.styled(f"{' ' * GAP}{_fit(f'{mark} {name}', column)}", color))
    lines = [Content.assemble(*head)]
    for place, (name, values) in enumerate(rows):
        if place == len(subject.settings):
            lines.append(Content(""))
        cells = "".join(f"{' ' * GAP}{_fit(value, column)}" for value in values[:count])
        lines.append(Content.assemble(Content.styled(f"{_cut(name, wide):<{wide}}", "dim"), cells))
    if not subject.settings:
        lines.insert(1, Content.styled("The settings are the same.", "dim"))
    if count < len(looks):
        lines.append(Content.styled(f"and {len(looks) - count} more runs: more room shows them", "dim"))
    return Content("\n").join(lines)


def names_of(records: Sequence[StoredRun]) -> list[str]:
    """What each is called, an unnamed one by the end of its id."""
    return [run_name(record) if record.labels.name else "-".join(record.id.split("-")[-2:]) for record in records]


def _name(name: str) -> str:
    section, dot, rest = name.partition(".")
    short_name = rest if dot and section in ("data", "network", "training") else name
    return short_name.replace("_", " ").replace(".", " ").replace("validation ", "val. ")


def _shown(value: Any) -> str:
    """A value on one line."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return short(value) if abs(value) >= 0.001 or value == 0 else f"{value:.3g}"
    if isinstance(value, list | tuple):
        return "-".join(map(_part, value)) or "none"
    return printable(f"{value:,}" if isinstance(value, int) else str(value))


def _part(value: Any) -> str:
    return str(value.get("units", value)) if isinstance(value, dict) else str(value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _fit(text: str, width: int) -> str:
    return f"{_cut(text, width):<{width}}"

"""The doctor's view: how large the signal is in every layer over time, and what was found, with a remedy to take."""

from __future__ import annotations

import math
import re
import textwrap
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message

from deepnet_tui.drawing.numbers import short, whole
from deepnet_tui.drawing.sparkline import sparkline
from deepnet_tui.evaluate.diagnosis import Diagnosis, DiagnosisInput
from deepnet_tui.evaluate.remedies import take
from deepnet_tui.widgets.base.view import View, bindings
from engine.diagnostics.rules import RULES, Finding, TrainingRecord, diagnose
from engine.diagnostics.statistics import LayerStatistics

if TYPE_CHECKING:
    from deepnet_tui.training.workbench import Workbench

PACE = 0.25  # seconds between two examinations, at least
COURSES = (("output", "size A"), ("signal", "size dZ"), ("update", "update W"))
MUTED = Style(dim=True)
NAME, NUMBER, SHARE = 18, 8, 5  # widths of columns


class Health(View, can_focus=True):
    """Up and down choose a finding; its remedy is one key away."""

    FRAMES = 4
    BINDINGS: ClassVar[list[BindingType]] = bindings("health")
    DEFAULT_CSS = """
    Health > .health--warning { color: $text-warning; text-style: bold; }
    Health > .health--course { color: $text-primary; }
    Health > .health--key { color: $footer-key-foreground; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"health--warning", "health--course", "health--key"}

    class Examined(Message):
        """An examination is done. `record` is None where it could not be made."""

        def __init__(self, record: TrainingRecord | None, findings: list[Finding], trouble: str = "") -> None:
            super().__init__()
            self.record, self.findings, self.trouble = record, findings, trouble

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self._checkup = Diagnosis()
        self._wanted: DiagnosisInput | None = None
        self._key: object = None
        self._busy = False
        self._began = 0.0
        self._record: TrainingRecord | None = None
        self._findings: list[Finding] = []
        self._trouble = ""
        self._chosen = 0
        self._picked = ""  # the finding that the user went to
        self._top: int | None = None  # the first line beneath the heading, None: so that the chosen finding is in sight
        self._first = 0
        self._window = (0, 0)  # lines that can be shown beneath the heading, and how many more there are
        self._targets: dict[int, int] = {}  # line -> finding

    def show(self, workbench: Workbench) -> None:
        """Have the snapshots examined, in a thread of its own."""
        if not workbench.ready or workbench.shown is None:
            self._record, self._findings, self._key = None, [], None
            self.refresh()
            return
        case = DiagnosisInput(workbench)
        if case.key != self._key:
            self._wanted = case
            self._begin()

    def _begin(self) -> None:
        wait = self._began + PACE - time.monotonic()
        if self._busy or self._wanted is None:
            return
        if wait > 0:
            self._busy = True
            self.set_timer(wait, self._rested)
            return
        case, self._wanted = self._wanted, None
        self._key, self._busy, self._began = case.key, True, time.monotonic()
        self.run_worker(partial(self._examine, case), thread=True, group="checkup")

    def _rested(self) -> None:
        self._busy = False
        self._begin()

    def _examine(self, case: DiagnosisInput) -> None:
        try:
            record = self._checkup.record(case)
            self.post_message(self.Examined(record, diagnose(record)))
        except (ValueError, ArithmeticError, MemoryError) as error:
            self.post_message(self.Examined(None, [], f"This network can't be examined: {error or 'no memory'}"))

    def on_health_examined(self, event: Examined) -> None:
        """Show what was found."""
        self._record, self._findings, self._trouble = event.record, event.findings, event.trouble
        names = [finding.name for finding in self._findings]
        self._chosen = names.index(self._picked) if self._picked in names else 0
        self._label()
        self.refresh()
        self._rested()

    # Keys

    def action_finding_next(self) -> None:
        """The next finding."""
        self._choose(self._chosen + 1)

    def action_finding_previous(self) -> None:
        """The finding before."""
        self._choose(self._chosen - 1)

    def action_health_down(self) -> None:
        """Further down."""
        self._scroll(1)

    def action_health_up(self) -> None:
        """Back up."""
        self._scroll(-1)

    def _scroll(self, direction: int) -> None:
        room, beyond = self._window
        if self._top is None:
            self._top = self._first
        self._top = max(0, min(self._top + direction * max(1, room - 1), beyond))
        self.refresh()

    def action_remedy(self) -> None:
        """Take the remedy of the chosen finding."""
        if not self._findings:
            return
        remedy = self._findings[self._chosen].remedy
        if remedy is None:
            self.app.notify("No setting mends this; the finding says what it is", timeout=4, markup=False)
        else:
            self.post_message(self.EditRequest(lambda workbench: take(workbench, remedy)))

    def on_click(self, event: events.Click) -> None:
        """Choose the finding that was clicked; a second click takes its remedy."""
        finding = self._targets.get(event.get_content_offset_capture(self).y)
        if finding is not None and finding == self._chosen and event.chain > 1:
            self.action_remedy()
        elif finding is not None:
            self._choose(finding)

    def _choose(self, index: int) -> None:
        if self._findings:
            self._chosen = max(0, min(index, len(self._findings) - 1))
            self._picked, self._top = self._findings[self._chosen].name, None
            self.refresh()

    # Drawing

    def _label(self) -> None:
        record = self._record
        count = len(self._findings)
        found = "no finding" if not count else f"{count} finding{'s' if count > 1 else ''}"
        at = f"  iteration {whole(record.now.iteration)}" if record and record.course else ""
        self.border_title = f"Health  {found}{at}"
        keys = ["↑ ↓ findings"] if count > 1 else []
        keys += [f"{self.key('health_up')} {self.key('health_down')} all lines"] if self._window[1] else []
        self.border_subtitle = "  ".join(keys)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"health--{name}", partial=True)

    def render(self) -> Text:
        """The table of layers, and beneath it the findings."""
        width, height = self.size
        record = self._record
        if record is None or not record.course:
            return Text(self._trouble or "The doctor looks in when there are parameters.", style=MUTED)
        found, owners = self._found(width)
        head, *rows = self._table(record, width)
        lines = [*rows, Text(""), *found]
        gap, fixed = len(rows) + 1, [head]
        if len(lines) >= height:
            beside = max(0, height - 1 - owners.count(self._chosen))
            lines, gap, fixed = [*rows, *found], len(rows), [head, *self._named(rows, beside)]
        room = max(1, height - len(fixed))
        beyond = max(0, len(lines) - room)
        self._first = self._at(gap, owners, room) if self._top is None else min(self._top, beyond)
        if len(fixed) > 1 and self._first < len(rows):  # the table itself is in sight
            fixed, room = [head], height - 1
            beyond = max(0, len(lines) - room)
        if self._window != (room, beyond):
            self._window = (room, beyond)
            self.call_after_refresh(self._label)
        self._targets = {len(fixed) + gap + line - self._first: owner for line, owner in enumerate(owners)}
        return Text("\n").join([*fixed, *lines[self._first : self._first + room]])

    def _named(self, rows: list[Text], most: int) -> list[Text]:
        """The rows of the layers that the chosen finding names: they stay in sight."""
        evidence = self._findings[self._chosen].evidence if self._findings else ()
        named = [int(match[1]) for line in evidence if (match := re.match(r"layer (\d+):", line))]
        return [rows[layer - 1] for layer in named[:most]]

    def _at(self, gap: int, owners: list[int], room: int) -> int:
        """The first line to show so that the chosen finding is in sight, from its beginning."""
        mine = [gap + line for line, owner in enumerate(owners) if owner == self._chosen] or [0]
        return min(max(0, mine[-1] + 1 - room), mine[0])

    def _table(self, record: TrainingRecord, width: int) -> list[Text]:
        space = width - NAME - 2 * SHARE
        courses = COURSES[: max(1, space // (NUMBER + 3))]
        room = max(0, space // len(courses) - NUMBER - 3)
        head = Text(f"{'layer':<{NAME}}", style=MUTED, no_wrap=True)
        for _, title in courses:
            head.append(f"{title:>{NUMBER + 1}}{'':{room + 2}}")
        head.append(f"{'dead':>{SHARE}}{'flat':>{SHARE}}")
        return [head, *(self._row(record, layer, courses, room) for layer in record.now.layers)]

    def _row(
        self, record: TrainingRecord, layer: LayerStatistics, courses: Sequence[tuple[str, str]], room: int
    ) -> Text:
        activation = layer.activation.replace("_", " ")
        line = Text(f"{layer.layer:>2} {activation:<10}{layer.units:>5,}", no_wrap=True)
        for name, _ in courses:
            values = [getattr(look.layers[layer.layer - 1], name) for look in record.course]
            line.append(f"{_number(values[-1]):>{NUMBER + 1}} ")
            line.append(f"{sparkline(values, room):<{room + 1}}", style=self._style("course"))
        for share, limit in ((layer.dead, 0.5), (layer.saturated, 0.7)):
            text = "–" if math.isnan(share) else f"{share:.0%}"
            line.append(f"{text:>{SHARE}}", style=self._style("warning") if share >= limit else MUTED)
        return line

    def _found(self, width: int) -> tuple[list[Text], list[int]]:
        """The lines of the findings, and which finding each line belongs to."""
        lines: list[Text] = []
        owners: list[int] = []
        if not self._findings:
            begun = self._record is not None and self._record.now.iteration > 0
            when = "" if begun else " before the first iteration"
            lines.append(Text(f"✓ Nothing stands out in {len(RULES)} checks{when}.", style=MUTED))
        for index, finding in enumerate(self._findings):
            part = self._finding(finding, width) if index == self._chosen else self._title(finding, width, " ")[:1]
            lines += part
            owners += [index] * len(part)
        return lines, owners

    def _title(self, finding: Finding, width: int, mark: str) -> list[Text]:
        parts = textwrap.wrap(finding.title, max(20, width - 2))
        lines = [f"{mark} {parts[0]}", *(f"  {part}" for part in parts[1:])]
        return [Text(line, style=self._style("warning")) for line in lines]

    def _finding(self, finding: Finding, width: int) -> list[Text]:
        lines = self._title(finding, width, "▸")
        lines += [Text(f"  {part}") for part in textwrap.wrap(finding.sentence, max(20, width - 2))]
        evidence = textwrap.wrap("  ·  ".join(finding.evidence), max(20, width - 2))
        lines += [Text(f"  {part}", style=MUTED) for part in evidence]
        if finding.remedy is not None:
            first, *rest = textwrap.wrap(str(finding.remedy), max(20, width - 4))
            lines.append(Text.assemble("  ", (self.key("remedy"), self._style("key")), f" {first}"))
            lines += [Text(f"    {part}") for part in rest]
            why = textwrap.wrap(finding.remedy.why, max(20, width - 4))
            lines += [Text(f"    {part}", style=MUTED) for part in why]
        return lines

    def as_text(self) -> str:
        """The table with tabs, then the findings."""
        record = self._record
        if record is None or not record.course:
            return ""
        names = ("spread", "output", "signal", "gradient", "weight", "update", "dead", "saturated", "identical")
        lines = ["\t".join(["layer", "activation", "units", *names])]
        for layer in record.now.layers:
            numbers = (repr(getattr(layer, name)) for name in names)
            lines.append("\t".join([str(layer.layer), layer.activation, str(layer.units), *numbers]))
        for finding in self._findings:
            lines += ["", finding.title, finding.sentence, *finding.evidence]
            lines += [] if finding.remedy is None else [f"Remedy: {finding.remedy}", finding.remedy.why]
        return "\n".join(lines)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else short(value)

"""The doctor's view: how large the signal is in every layer over time, and the findings with their remedies.

Its other page has histograms over time.
"""

from __future__ import annotations

import re
import textwrap
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.evaluate.diagnosis import Diagnosis, DiagnosisInput
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.snapshot_context import heading, member_name
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.health.findings import finding_lines
from deepnet_tui.widgets.views.health.histograms import Histograms
from deepnet_tui.widgets.views.health.table import MUTED, HealthStyles, layer_table
from deepnet_tui.workbench.apply_remedy import apply
from engine.diagnostics.findings import Finding, TrainingRecord
from engine.diagnostics.rules import RULES, diagnose

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

PACE = 0.25  # seconds between the starts of two examinations, at least

Examined = tuple[str, TrainingRecord, list[Finding]]  # the name of the network, its record, what was found


class HealthView(View, can_focus=True):
    """Up and down choose a finding; its remedy is one key away. `histograms` is the other page, where it has a kind."""

    FRAMES = 4
    BINDINGS: ClassVar[list[BindingType]] = bindings("health")
    DEFAULT_CSS = """
    HealthView > .health--warning { color: $text-warning; text-style: bold; }
    HealthView > .health--course { color: $text-primary; }
    HealthView > .health--key { color: $footer-key-foreground; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"health--warning", "health--course", "health--key"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self._diagnosis = Diagnosis()
        self._jobs: LatestJob[Examined] = LatestJob("diagnosis", self.call_later, PACE)
        self._key: object = None
        self._examined_network = ""  # which network of an ensemble was examined
        self._record: TrainingRecord | None = None
        self._findings: list[Finding] = []
        self._error = ""
        self._path = ""  # how iterations are computed
        self._chosen = 0
        self._picked = ""  # the finding that the user went to
        self._top: int | None = None  # the first line beneath the heading, None: so that the chosen finding is in sight
        self._first = 0
        self._window = (0, 0)  # lines that can be shown beneath the heading, and how many more there are
        self._targets: dict[int, int] = {}  # line -> finding
        self.histograms = Histograms(self.call_later, self._changed)

    def show(self, workbench: Workbench) -> None:
        """Have the snapshots examined in a thread."""
        if self.histograms.kind:
            self.histograms.follow(workbench)
            self._changed()
            return
        if not workbench.ready or workbench.snapshot is None:
            self._record, self._findings, self._key = None, [], None
            self.refresh()
            return
        self._path = workbench.training_run.path
        case = DiagnosisInput(workbench)
        if case.key != self._key:
            self._key = case.key
            self._jobs.start(partial(self._examine, case, member_name(case.member, workbench.members)), self._take_in)

    def _examine(self, case: DiagnosisInput, name: str, _: Job[Examined]) -> Examined:
        record = self._diagnosis.record(case)
        return name, record, diagnose(record)

    def _take_in(self, answer: Examined | Exception) -> None:
        if isinstance(answer, Exception):
            self._record, self._findings = None, []
            self._error = f"This network can't be examined: {answer or 'no memory'}"
        else:
            (self._examined_network, self._record, self._findings), self._error = answer, ""
        names = [finding.name for finding in self._findings]
        self._chosen = names.index(self._picked) if self._picked in names else 0
        self._label()
        self.refresh()

    def _changed(self) -> None:
        self._label()
        self.refresh()

    def version(self, workbench: Workbench) -> object:
        """Another page is something new, too."""
        return workbench.version, self.histograms.kind

    # Keys

    def action_health_page(self) -> None:
        """From the findings to the histograms of weights, activations, gradients, and back."""
        self.histograms.turn()
        self._changed()

    def show_histograms(self) -> None:
        """Open the histograms; if they are open, those of the next kind."""
        self.histograms.turn(closing=False)
        self._changed()

    def action_finding_next(self) -> None:
        """Choose the next finding."""
        self._choose(self._chosen + 1)

    def action_finding_previous(self) -> None:
        """Choose the previous finding."""
        self._choose(self._chosen - 1)

    def action_health_down(self) -> None:
        """Scroll down."""
        self._scroll(1)

    def action_health_up(self) -> None:
        """Scroll up."""
        self._scroll(-1)

    def _scroll(self, direction: int) -> None:
        if self.histograms.kind:
            self.histograms.scroll(direction, self.size.height)
            self._changed()
            return
        room, beyond = self._window
        if self._top is None:
            self._top = self._first
        self._top = max(0, min(self._top + direction * max(1, room - 1), beyond))
        self.refresh()

    def action_remedy(self) -> None:
        """Apply the remedy of the chosen finding."""
        if not self._findings or self.histograms.kind:
            return
        remedy = self._findings[self._chosen].remedy
        if remedy is None:
            self.app.notify("No setting helps here; the finding says why", timeout=4, markup=False)
        else:
            self.post_message(self.EditRequest(lambda workbench: apply(workbench, remedy)))

    def on_click(self, event: events.Click) -> None:
        """Choose the finding that was clicked; a second click applies its remedy."""
        finding = self._targets.get(event.get_content_offset_capture(self).y)
        if finding is not None and finding == self._chosen and event.chain > 1:
            self.action_remedy()
        elif finding is not None:
            self._choose(finding)

    def _choose(self, index: int) -> None:
        if self.histograms.kind:
            self._scroll(1 if index > self._chosen else -1)
            return
        if self._findings:
            self._chosen = max(0, min(index, len(self._findings) - 1))
            self._picked, self._top = self._findings[self._chosen].name, None
            self.refresh()

    # Drawing

    def _label(self) -> None:
        if self.histograms.kind:
            head = heading("Health", self._examined_network)
            self.border_title = f"{head}  {self.histograms.title(self.size.height)}"
            self.border_subtitle = f"{self.key('health_page')} weights, activations, gradients, findings"
            return
        record = self._record
        count = len(self._findings)
        found = "no finding" if not count else f"{count} finding{'s' if count > 1 else ''}"
        at = f"  iteration {whole(record.now.iteration)}" if record and record.course else ""
        self.border_title = f"{heading('Health', self._examined_network)}  {found}{at}"
        keys = ["↑ ↓ findings"] if count > 1 else []
        keys += [f"{self.key('health_up')} {self.key('health_down')} all lines"] if self._window[1] else []
        self.border_subtitle = "  ".join([*keys, f"{self.key('health_page')} histograms"])

    def _styles(self) -> HealthStyles:
        return HealthStyles(
            *(self.get_component_rich_style(f"health--{name}", partial=True) for name in ("warning", "course", "key"))
        )

    def render(self) -> Text:
        """The table of layers, and beneath it the findings; or the histograms."""
        width, height = self.size
        if self.histograms.kind:
            dark, plain = self.app.current_theme.dark, bool(self.app.no_color)
            return self.histograms.render((width, height), dark=dark, plain=plain, base=self.rich_style)
        record, styles = self._record, self._styles()
        if record is None or not record.course:
            return Text(self._error or "The doctor examines the network when there are parameters.", style=MUTED)
        found, owners = finding_lines(self._findings, self._chosen, width, self.key("remedy"), styles)
        if not found:
            when = "" if record.now.iteration > 0 else " before the first iteration"
            found = [Text(f"✓ Nothing stands out in {len(RULES)} checks{when}.", style=MUTED)]
        if self._path:
            found += [
                Text(""),
                *(Text(line, style=MUTED) for line in textwrap.wrap(f"Computed by {self._path}", width)),
            ]
        head, *rows = layer_table(record, width, styles)
        lines = [*rows, Text(""), *found]
        gap, fixed = len(rows) + 1, [head]
        if len(lines) >= height:
            beside = max(0, height - 1 - owners.count(self._chosen))
            lines, gap, fixed = [*rows, *found], len(rows), [head, *self._named(rows, beside)]
        room = max(1, height - len(fixed))
        beyond = max(0, len(lines) - room)
        self._first = self._line_of_chosen(gap, owners, room) if self._top is None else min(self._top, beyond)
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

    def _line_of_chosen(self, gap: int, owners: list[int], room: int) -> int:
        """The first line to show so that the chosen finding is in sight, from its beginning."""
        mine = [gap + line for line, owner in enumerate(owners) if owner == self._chosen] or [0]
        return min(max(0, mine[-1] + 1 - room), mine[0])

    def as_text(self) -> str:
        """The table with tabs, then the findings; or the numbers that the histograms are drawn from."""
        if self.histograms.kind:
            return self.histograms.as_text()
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
        lines += ["", f"Computed by {self._path}"] if self._path else []
        return "\n".join(lines)

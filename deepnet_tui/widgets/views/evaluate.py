"""How good the network is: scores beside a baseline, every class, how far its confidence holds, its worst mistakes."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from deepnet_tui.data.schema.inference import each_row
from deepnet_tui.drawing.numbers import short, whole
from deepnet_tui.drawing.thumbnails import fitted, image_of, picture, pixels
from deepnet_tui.evaluate.report import Evaluated, EvaluationInput, EvaluationReport, EvaluationThread
from deepnet_tui.training.workbench import State
from deepnet_tui.widgets.base.view import View, bindings

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.evaluate.metrics import Mistake
    from deepnet_tui.training.workbench import Workbench

CHEAP = 0.1  # seconds that an assessment may take to be made anew while the network is trained
PACE = 0.5  # seconds between two assessments, at least
MUTED = Style(dim=True)
NAMES = {"accuracy": "accuracy", "log_loss": "log-loss", "roc_auc": "ROC AUC", "f1": "F1"}
NAMES |= {"r2": "R²", "rmse": "RMSE", "mae": "MAE"}
LABEL, NUMBER, BAR = 13, 10, 30  # widths
PAGES = {"scores": "Scores", "classes": "Classes", "calibration": "Calibration", "mistakes": "Mistakes"}
ABREAST = 3  # pictures side by side, at least
BAND = 14  # lines from which there is room for another row of them


class Evaluate(View, can_focus=True):
    """Left and right turn the pages, `v` goes to the next part, up and down through the mistakes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("evaluate")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"evaluate--good", "evaluate--chosen"}
    DEFAULT_CSS = """
    Evaluate > .evaluate--good { color: $text-primary; text-style: bold; }
    Evaluate > .evaluate--chosen { color: $text-primary; text-style: bold; }
    """

    class Made(Message):
        """An assessment is there, or why it could not be made."""

        def __init__(self, assessment: EvaluationReport | None, seconds: float, last: bool, trouble: str = "") -> None:
            super().__init__()
            self.assessment, self.seconds, self.last, self.trouble = assessment, seconds, last, trouble

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self._assessor = EvaluationThread()
        self._assessment: EvaluationReport | None = None
        self._wanted: EvaluationInput | None = None
        self._key: object = None
        self._busy = False
        self._seconds = 0.0
        self._trouble = ""
        self._page = "scores"
        self._part = ""
        self._chosen = 0
        self._top = 0

    # Making assessments

    def stamp(self, workbench: Workbench) -> object:
        """The parameters that are shown, and whether they will stay."""
        return (id(workbench.dataset), id(workbench.shown), workbench.state) if workbench.ready else None

    def show(self, workbench: Workbench) -> None:
        """Have the network assessed, in a thread of its own; while it is trained only where that is cheap."""
        shown = workbench.shown if workbench.ready else None
        if shown is None:
            self._assessment, self._key = None, None
            self.refresh()
            return
        case = EvaluationInput(workbench.training_run.id, workbench.dataset, workbench.network, shown)
        resting = workbench.state not in (State.TRAINING, State.PAUSING)
        if case.key != self._key and (resting or self._seconds < CHEAP):
            self._wanted = case
            self._begin()
        self._label()

    def _begin(self) -> None:
        if self._busy or self._wanted is None:
            return
        case, self._wanted = self._wanted, None
        self._key, self._busy = case.key, True
        self.run_worker(partial(self._work, case), thread=True, group="assessment")

    def _work(self, case: EvaluationInput) -> None:
        try:
            began = time.perf_counter()
            assessment = self._assessor.assess(case)
            known = self._assessor.knows(case.dataset)
            self.post_message(self.Made(assessment, time.perf_counter() - began, known))
            if not known:
                self._assessor.fit(case.dataset)
                began = time.perf_counter()
                self.post_message(self.Made(self._assessor.assess(case), time.perf_counter() - began, last=True))
        except (ValueError, ArithmeticError, MemoryError) as error:
            self.post_message(self.Made(None, 0.0, True, f"This network can't be evaluated: {error or 'no memory'}"))

    def on_evaluate_made(self, event: Made) -> None:
        """Show it; then the next, if the network has moved on."""
        event.stop()
        self._assessment, self._trouble = event.assessment, event.trouble
        self._seconds = event.seconds
        self._label()
        self.refresh()
        if event.last:
            self.set_timer(PACE, self._rested)

    def _rested(self) -> None:
        self._busy = False
        self._begin()

    # Keys

    @property
    def pages(self) -> dict[str, Callable[[Evaluated, int, int], list[Text]]]:
        """The pages that there are for the task, each with the method that draws it."""
        makers: dict[str, Callable[[Evaluated, int, int], list[Text]]] = {"scores": self._draw_scores}
        if self._assessment is not None and self._assessment.case.dataset.task != "regression":
            makers |= {"classes": self._draw_classes, "calibration": self._draw_calibration}
        return makers | {"mistakes": self._draw_mistakes}

    @property
    def part(self) -> str:
        """The part that is shown: the one chosen, else what was held out, else the first."""
        there = list(self._assessment.parts) if self._assessment else []
        wanted = (self._part, "validation", "train")
        return next((name for name in wanted if name in there), "")

    def action_page(self, step: int) -> None:
        """Another page."""
        names = list(self.pages)
        here = names.index(self._page) if self._page in names else 0
        self._page = names[(here + step) % len(names)]
        self._top = 0
        self._label()
        self.refresh()

    def action_part(self) -> None:
        """The next part."""
        there = list(self._assessment.parts) if self._assessment else []
        if there:
            self._part = there[(there.index(self.part) + 1) % len(there)]
            self._chosen = 0
            self._label()
            self.refresh()

    def action_move(self, step: int) -> None:
        """Down and up through long tables; everywhere else another mistake."""
        if self._page in ("classes", "calibration"):
            self._top = max(0, self._top + step)
            self.refresh()
            return
        shown = self._assessment.parts[self.part] if self._assessment else None
        if shown is not None and shown.mistakes:
            self._page = "mistakes"
            self._chosen = max(0, min(self._chosen + step, len(shown.mistakes) - 1))
            self._label()
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click on the lower border goes to the next page, one on the upper to the next part."""
        if event.y == self.size.height + 1:
            self.action_page(1)
        elif event.y == 0:
            self.action_part()

    # Drawing

    def _label(self) -> None:
        assessment = self._assessment
        if assessment is None:
            self.border_title, self.border_subtitle = "Evaluate", ""
            return
        iteration = whole(assessment.case.snapshot.iteration)
        self.border_title = f"Evaluate  {assessment.parts[self.part].title}  iteration {iteration}"
        names = [Content.styled(PAGES[name], "bold" if name == self._page else "dim") for name in self.pages]
        more = f"  {self.key('evaluate_part')} next part" if len(assessment.parts) > 1 else ""
        self.border_subtitle = Content.assemble("← ", Content("  ").join(names), f" →{more}")

    def _window(self, count: int, rows: int) -> range:
        """The rows of a long table that are shown."""
        rows = max(1, rows)
        self._top = max(0, min(self._top, count - rows))
        return range(self._top, min(count, self._top + rows))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"evaluate--{name}", partial=True)

    def render(self) -> Text:
        """The chosen page, and as many of the following ones as fit beneath it."""
        width, height = self.size
        assessment = self._assessment
        if assessment is None:
            return Text(self._trouble or "One moment: the network is being evaluated …", style=MUTED)
        makers, shown = self.pages, assessment.parts[self.part]
        names = list(makers)
        if self._page not in makers:
            self._page = names[0]
        lines = makers[self._page](shown, width, height)
        for name in names[names.index(self._page) + 1 :]:
            room = height - len(lines) - 2
            more = makers[name](shown, width, room) if room >= 4 else []
            if not more or len(more) > room:
                break
            lines += [Text(), Text(PAGES[name], style=self._style("chosen")), *more]
        return Text("\n").join(lines[:height])

    def _draw_scores(self, shown: Evaluated, width: int, _height: int) -> list[Text]:
        assessment = self._assessment
        if assessment is None:
            return []
        regression = assessment.case.dataset.task == "regression"
        baseline, naive = ("linear", "mean") if regression else ("logistic", "majority")
        head = Text(f"{'':<{LABEL}}", style=MUTED, no_wrap=True)
        for part in assessment.parts.values():
            head.append(f"{part.title:>{NUMBER}}")
        head.append(f"  │{baseline:>{NUMBER}}{naive:>{NUMBER}}  {shown.title}")
        lines = [head]
        titles = NAMES | {"f1": _f1(assessment.case.dataset)}
        for name in shown.report.metrics:
            line = Text(f"{titles[name]:<{LABEL}}", no_wrap=True)
            for part in assessment.parts.values():
                style = self._style("good") if part is shown else Style()
                line.append(f"{_number(part.report.metrics[name]):>{NUMBER}}", style=style)
            linear = _number(shown.linear[name]) if shown.linear else "…"
            line.append("  │", style=MUTED)
            line.append(f"{linear:>{NUMBER}}{_number(shown.report.naive[name]):>{NUMBER}}")
            lines.append(line)
        said = shown.verdict or (f"The {baseline} baseline is being fitted on the same examples …",)
        lines += [Text(part) for text in said for part in textwrap.wrap(text, max(20, width))]
        return lines

    def _draw_classes(self, shown: Evaluated, width: int, height: int) -> list[Text]:
        report = shown.report
        names = [entry.name for entry in report.classes]
        label = min(max([5, *map(len, names)]), 16) + 1
        cell = max(4, min(9, max(map(len, names)) + 1, (width - label - 29) // max(1, len(names))))
        across = max(0, (width - label - 29) // cell)
        window = self._window(len(names), height - 1)
        more = ("↑" if window.start else "") + ("↓" if window.stop < len(names) else "")
        head = Text(f"{f'class{more}':<{label}}"[:label], style=MUTED, no_wrap=True)
        head.append(f"{'precision':>10}{'recall':>7}{'F1':>6}  ")
        head.append("said ", style=MUTED)
        head.append("".join(f"{name[: cell - 1]:>{cell}}" for name in names[:across]))
        lines = [head]
        for row in window:
            entry = report.classes[row]
            line = Text(f"{entry.name[: label - 1]:<{label}}", no_wrap=True)
            line.append(f"{entry.precision:>10.3f}{entry.recall:>7.3f}{entry.f1:>6.3f}")
            line.append("       ")
            for column in range(min(across, len(names))):
                count = int(report.confusion[row, column])
                style = self._style("good") if row == column else (Style() if count else MUTED)
                line.append(f"{count:>{cell},}", style=style)
            lines.append(line)
        return lines

    def _draw_calibration(self, shown: Evaluated, width: int, height: int) -> list[Text]:
        report = shown.report
        if report.calibration_error is None:
            return []
        two = len(report.classes) == 2
        what = f"probability of {report.classes[1].name!r}" if two else "confidence"
        first = f"When its {what} is as said, how often it comes true: off by {report.calibration_error:.3f} on average"
        lines = [Text(part, style=MUTED) for part in textwrap.wrap(first, max(20, width))]
        bar = max(8, min(BAR, width - 40))
        for entry in (report.calibration[row] for row in self._window(len(report.calibration), height - len(lines))):
            full = round(entry.observed * bar)
            text = "█" * full + "·" * (bar - full)
            place = min(bar - 1, round(entry.predicted * bar))
            line = Text(f"said {entry.predicted:>6.1%}  came true {entry.observed:>6.1%} ", no_wrap=True)
            line.append(text[:place], style=self._style("good"))
            line.append("│")
            line.append(text[place + 1 :], style=self._style("good"))
            line.append(f" {entry.count:,}", style=MUTED)
            lines.append(line)
        return lines

    def _draw_mistakes(self, shown: Evaluated, width: int, height: int) -> list[Text]:
        assessment = self._assessment
        if assessment is None or not shown.mistakes:
            return []
        dataset = assessment.case.dataset
        if image_of(dataset) is not None:
            return self._draw_pictures(shown, width, height)
        self._chosen = min(self._chosen, len(shown.mistakes) - 1)
        values = "  ".join(_cells(shown.mistakes[self._chosen], dataset.preparation.columns))
        below = [Text(part, style=MUTED) for part in textwrap.wrap(values, max(20, width))[: max(1, height // 2)]]
        rows = max(1, height - 1 - len(below))
        first = max(0, min(self._chosen - rows // 2, len(shown.mistakes) - rows))
        off = "off by" if dataset.task == "regression" else "loss"
        head = f"  {'row':>8}  {'it is':<18}{'it said':<18}{'how sure':>9}{off:>10}"
        lines = [Text(head if dataset.task != "regression" else head.replace("how sure", " " * 8), MUTED, no_wrap=True)]
        for place, mistake in list(enumerate(shown.mistakes))[first : first + rows]:
            mark = "▸" if place == self._chosen else " "
            sure = "" if mistake.confidence is None else f"{mistake.confidence:.1%}"
            text = f"{mark} {mistake.row + 1:>8,}  {mistake.actual[:16]:<18}{mistake.predicted[:16]:<18}{sure:>9}"
            style = self._style("chosen") if place == self._chosen else Style()
            lines.append(Text(f"{text}{short(mistake.loss):>10}", style=style, no_wrap=True))
        return [*lines, *below]

    def _draw_pictures(self, shown: Evaluated, width: int, height: int) -> list[Text]:
        """Pictures side by side, the chosen mistake first, each above what it is and what was said."""
        assessment = self._assessment
        block = image_of(assessment.case.dataset) if assessment else None
        if block is None or height < 4:
            return []
        tall, wide = block.shape[:2]
        bands = max(1, (height + 1) // BAND)
        room = (height + 1) // bands - 4  # for a picture, over three lines of words and a gap
        edge = min(width // ABREAST - 2, max(8, round(2 * room * wide / tall)))
        columns = max(1, width // (max(edge, 14) + 2))
        self._chosen = min(self._chosen, len(shown.mistakes) - 1)
        lines: list[Text] = []
        for first in range(self._chosen, len(shown.mistakes), columns):
            mistakes = shown.mistakes[first : first + columns]
            images = [pixels(block, shown.part.X[:, mistake.place]) for mistake in mistakes]
            band = self._band(mistakes, images, edge, room, width // columns)
            if len(lines) + len(band) > height:
                break
            lines += [*band, Text()]
        return lines[:-1]

    def _band(self, mistakes: Sequence[Mistake], images: Sequence[Any], edge: int, tall: int, room: int) -> list[Text]:
        """Some of them side by side in at most `edge` x `tall` cells, `room` cells apart, with their captions."""
        rows: list[Text] = [Text(no_wrap=True) for _ in range(tall)]
        captions = [Text(no_wrap=True), Text(no_wrap=True), Text(no_wrap=True)]
        used = 1
        for mistake, image in zip(mistakes, images, strict=True):
            drawn = picture(fitted(image, edge, 2 * tall), self.app.no_color).lines()
            used = max(used, len(drawn))
            for number, row in enumerate(rows):
                _append(row, drawn[number] if number < len(drawn) else [], room)
            said = f"said {mistake.predicted} {mistake.confidence or 0:.0%}"
            told = (f"row {mistake.row + 1:,}", f"is {mistake.actual}", said)
            for caption, text in zip(captions, told, strict=True):
                caption.append(f"{text[: room - 2]:<{room}}")
        return [*rows[:used], *captions]

    def as_text(self) -> str:
        """Every metric of every part, then the mistakes of the part that is shown, with tabs."""
        assessment = self._assessment
        if assessment is None:
            return ""
        lines = ["part\tmeasure\tnetwork\tlinear baseline\tnaive"]
        for part in assessment.parts.values():
            for name, value in part.report.metrics.items():
                linear = part.linear[name] if part.linear else None
                lines.append("\t".join([part.title, name, repr(value), repr(linear), repr(part.report.naive[name])]))
        shown = assessment.parts[self.part]
        lines += ["", *shown.verdict, "", "row\tit is\tit said\tconfidence\tloss"]
        lines += [
            "\t".join([str(m.row + 1), m.actual, m.predicted, repr(m.confidence), repr(m.loss)]) for m in shown.mistakes
        ]
        return "\n".join(lines)


def _f1(dataset: Dataset) -> str:
    """F1 and the class that it speaks of, where there is room for its name."""
    from deepnet_tui.evaluate.metrics import positive_class

    named = f"F1 of {positive_class(dataset)}"
    return named if dataset.task == "binary" and len(named) < LABEL else NAMES["f1"]


def _append(row: Text, segments: list[Segment], room: int) -> None:
    width = 0
    for segment in segments:
        row.append(segment.text, segment.style)
        width += segment.cell_length
    row.append(" " * (room - width))


def _number(value: float | None) -> str:
    return "–" if value is None else short(value) if abs(value) >= 1 else f"{round(value, 4) + 0.0:.4f}"


def _cells(mistake: Mistake, used: tuple[str, ...]) -> list[str]:
    """The columns that the network learns from, as they were read."""
    return [f"{name} {each_row([value], 0)}" for name, value in mistake.values.items() if name in used]

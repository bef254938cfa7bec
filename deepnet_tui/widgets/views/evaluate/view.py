"""How good the network is: scores beside baselines, every class, the calibration, and the worst mistakes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.common.text import printable
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.evaluate.report import EvaluatedPart, EvaluationInput, EvaluationReport, Evaluator
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.snapshot_context import heading, mean_name
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.evaluate.classes import calibration, classes
from deepnet_tui.widgets.views.evaluate.folds_job import FoldsJob
from deepnet_tui.widgets.views.evaluate.folds_page import folds
from deepnet_tui.widgets.views.evaluate.importance_job import ImportanceJob
from deepnet_tui.widgets.views.evaluate.importance_page import importance
from deepnet_tui.widgets.views.evaluate.mistakes import mistakes
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles, Scroll
from deepnet_tui.widgets.views.evaluate.scores import scores
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.workbench.workbench import Workbench

CHEAP = 0.1  # seconds that a report may take to be made anew while the network is trained
PACE = 0.5  # seconds between the starts of two reports, at least
PAGES = {
    "scores": "Scores",
    "folds": "Folds",
    "classes": "Classes",
    "calibration": "Calibration",
    "mistakes": "Mistakes",
    "importance": "Importance",
}


class EvaluateView(View, can_focus=True):
    """Left and right turn the pages, `v` goes to the next part, up and down through the mistakes and the columns."""

    class WhatIf(Message):
        """Somebody wants to change the values of an example of a part, the one at `place`."""

        def __init__(self, case: EvaluationInput, part: str, place: int) -> None:
            super().__init__()
            self.case, self.part, self.place = case, part, place

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("evaluate"),
        Binding("escape", "give_up", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"evaluate--good", "evaluate--chosen"}
    DEFAULT_CSS = """
    EvaluateView > .evaluate--good { color: $text-primary; text-style: bold; }
    EvaluateView > .evaluate--chosen { color: $text-primary; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self._evaluator = Evaluator()
        self._jobs: LatestJob[EvaluationReport] = LatestJob("evaluation", self.call_later, PACE)
        self._folds = FoldsJob(self.call_later, self._folds_changed)
        self._importance = ImportanceJob(self.call_later, self.refresh)
        self._experiment: Experiment | None = None
        self._report: EvaluationReport | None = None
        self._key: object = None
        self._seconds = 0.0
        self._error = ""
        self._page = "scores"
        self._part = ""
        self._chosen = 0
        self._scroll = Scroll()

    # Making reports

    def version(self, workbench: Workbench) -> object:
        """The parameters that are shown, whether they will stay, and the experiment that folds are of."""
        if not workbench.ready:
            return None
        return id(workbench.dataset), id(workbench.snapshot), workbench.state, id(workbench.experiment)

    def show(self, workbench: Workbench) -> None:
        """Have the network evaluated in a thread; while it is trained only where that is cheap."""
        snapshot = workbench.snapshot if workbench.ready else None
        if snapshot is None:
            self._report, self._key = None, None
            self.refresh()
            return
        self._experiment = workbench.experiment
        self._folds.follow(self._experiment)
        run = workbench.training_run
        calibration = run.calibration.sentence if run.calibration and snapshot is run.latest else ""
        case = EvaluationInput(run.id, workbench.dataset, workbench.network, snapshot, calibration)
        resting = workbench.state not in (State.TRAINING, State.PAUSING)
        if case.key != self._key and (resting or self._seconds < CHEAP):
            self._key = case.key
            self._jobs.start(partial(self._evaluate, case), self._take_in)
        self._label()

    def _evaluate(self, case: EvaluationInput, job: Job[EvaluationReport]) -> EvaluationReport:
        """In the job's thread: at first without the linear model, if that must be fitted."""
        began = time.perf_counter()
        report = self._evaluator.evaluate(case)
        if not self._evaluator.has_fitted(case.dataset):
            job.report(report)
            self._evaluator.fit(case.dataset)
            began = time.perf_counter()
            report = self._evaluator.evaluate(case)
        self._seconds = time.perf_counter() - began
        return report

    def _take_in(self, answer: EvaluationReport | Exception) -> None:
        if isinstance(answer, Exception):
            self._report, self._error = None, f"This network can't be evaluated: {answer or 'no memory'}"
        else:
            self._report, self._error = answer, ""
        self._label()
        self.refresh()

    # Keys

    @property
    def pages(self) -> dict[str, Callable[[EvaluatedPart, int, int], list[Text]]]:
        """The pages that there are for the task, each with the method that draws it."""
        pages: dict[str, Callable[[EvaluatedPart, int, int], list[Text]]] = {"scores": self._draw_scores}
        if self._folds.experiment is not None:
            pages["folds"] = self._draw_folds
        if self._report is not None and self._report.case.dataset.labels != "numbers":
            pages |= {"classes": self._draw_classes, "calibration": self._draw_calibration}
        return pages | {"mistakes": self._draw_mistakes, "importance": self._draw_importance}

    @property
    def part(self) -> str:
        """The part that is shown: the one chosen, else the validation part, else the first."""
        parts = list(self._report.parts) if self._report else []
        wanted = (self._part, "validation", "train")
        return next((name for name in wanted if name in parts), "")

    def action_page(self, step: int) -> None:
        """The next page, or with step -1 the previous one."""
        names = list(self.pages)
        here = names.index(self._page) if self._page in names else 0
        self._page = names[(here + step) % len(names)]
        self._scroll.top = 0
        self._label()
        self.refresh()

    def action_folds(self) -> None:
        """Train and test on folds, or stop that; the network that is shown stays as it is."""
        if self._experiment is None:
            return
        if self._folds.running:
            self._folds.stop()
        else:
            self._folds.start(self._experiment)
        self._page = "folds"
        self._folds_changed()

    def action_give_up(self) -> None:
        """Stop what is measured here; where nothing is, Escape means what it means elsewhere."""
        if not (self._folds.running or self._importance.running):
            raise SkipAction
        self._folds.stop()
        self._importance.stop()
        self._folds_changed()

    @property
    def folds_done(self) -> bool:
        """Whether all folds of the present experiment are trained and tested."""
        result = self._folds.result
        return result is not None and not self._folds.running and len(result.folds) == result.plan.count

    def action_importance(self) -> None:
        """What matters, from wherever we are; where it was given up it goes on from the start."""
        self._page = "importance"
        self._importance.again()
        self._label()
        self.refresh()

    def action_open(self) -> None:
        """The curve of the chosen column, or what if of the chosen mistake."""
        if self._page == "importance":
            self._importance.open()
        elif self._page == "mistakes":
            self.action_what_if()

    def action_close(self) -> None:
        """From a curve back to the columns."""
        if self._page == "importance" and self._importance.is_open:
            self._importance.close()

    def action_what_if(self) -> None:
        """Change the values of the chosen mistake, or of the first example."""
        if self._report is not None:
            found = self._report.parts[self.part].mistakes if self._page == "mistakes" else ()
            self.post_message(self.WhatIf(self._report.case, self.part, found[self._chosen].place if found else 0))

    def on_unmount(self) -> None:
        """Nobody waits for the folds and the importance any more."""
        self._folds.stop()
        self._importance.stop()

    def _folds_changed(self) -> None:
        self._label()
        self.refresh()

    def action_part(self) -> None:
        """The next part."""
        parts = list(self._report.parts) if self._report else []
        if parts:
            self._part = parts[(parts.index(self.part) + 1) % len(parts)]
            self._chosen = 0
            self._label()
            self.refresh()

    def action_move(self, step: int) -> None:
        """Scroll a long table, choose another column; on the other pages another mistake."""
        if self._page == "importance":
            self._importance.move(step)
            return
        if self._page in ("classes", "calibration"):
            self._scroll.top = max(0, self._scroll.top + step)
            self.refresh()
            return
        shown = self._report.parts[self.part] if self._report else None
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
        report = self._report
        if report is None:
            self.border_title, self.border_subtitle = "Evaluate", ""
            return
        iteration = whole(report.case.snapshot.iteration)
        head = heading("Evaluate", mean_name(report.case.network.ensemble))
        self.border_title = Content(f"{head}  {report.parts[self.part].title}  iteration {iteration}")
        names = [Content.styled(PAGES[name], "bold" if name == self._page else "dim") for name in self.pages]
        more = f"  {self.key('evaluate_part')} next part" if len(report.parts) > 1 else ""
        self.border_subtitle = Content.assemble("← ", Content("  ").join(names), f" →{more}")

    def _styles(self) -> PageStyles:
        good, chosen = (self.get_component_rich_style(f"evaluate--{name}", partial=True) for name in ("good", "chosen"))
        return PageStyles(good, chosen, bool(self.app.no_color))

    def render(self) -> Text:
        """The chosen page, and as many of the following ones as fit beneath it."""
        width, height = self.size
        report = self._report
        if report is None:
            return Text(self._error or "One moment: the network is being evaluated …", style=MUTED)
        pages, shown = self.pages, report.parts[self.part]
        names = list(pages)
        if self._page not in pages:
            self._page = names[0]
        lines = pages[self._page](shown, width, height)
        for name in names[names.index(self._page) + 1 :]:
            room = height - len(lines) - 2
            more = pages[name](shown, width, room) if room >= 4 else []
            if not more or len(more) > room:
                break
            lines += [Text(), Text(PAGES[name], style=self._styles().chosen), *more]
        return Text("\n").join(lines[:height])

    def _draw_scores(self, shown: EvaluatedPart, width: int, _height: int) -> list[Text]:
        return scores(self._report, shown, width, self._styles()) if self._report else []

    def _draw_folds(self, _shown: EvaluatedPart, width: int, _height: int) -> list[Text]:
        return folds(self._folds, width, self._styles(), self.key("evaluate_folds"))

    def _draw_classes(self, shown: EvaluatedPart, width: int, height: int) -> list[Text]:
        return classes(shown.report, width, height, self._scroll, self._styles())

    def _draw_calibration(self, shown: EvaluatedPart, width: int, height: int) -> list[Text]:
        return calibration(shown.report, width, height, self._scroll, self._styles())

    def _draw_mistakes(self, shown: EvaluatedPart, width: int, height: int) -> list[Text]:
        if self._report is None:
            return []
        self._chosen = max(0, min(self._chosen, len(shown.mistakes) - 1))
        return mistakes(self._report.case.dataset, shown, self._chosen, width, height, self._styles())

    def _draw_importance(self, _shown: EvaluatedPart, width: int, height: int) -> list[Text]:
        if self._report is None or self._page != "importance":
            return []
        self._importance.follow(self._report.case, self.part)
        self._importance.want()
        keys = {name: self.key(f"evaluate_{name}") for name in ("open", "close", "what_if", "importance")}
        return importance(self._importance, width, height, self._styles(), keys)

    def as_text(self) -> str:
        """Every metric of every part, the columns as far as they were shuffled, then the mistakes, with tabs."""
        report = self._report
        if report is None:
            return ""
        lines = ["part\tmeasure\tnetwork\tlinear baseline\tnaive"]
        for part in report.parts.values():
            for name, value in part.report.metrics.items():
                linear = part.linear[name] if part.linear else None
                lines.append("\t".join([part.title, name, repr(value), repr(linear), repr(part.report.naive[name])]))
        shown = report.parts[self.part]
        calibrated = [report.case.calibration] if report.case.calibration else []
        remark = [report.remark] if report.remark else []
        lines += ["", *remark, *shown.verdict, *calibrated, ""]
        if columns := self._importance.columns():
            lines += ["column\timportance\tstd"]
            lines += [f"{printable(column.name)}\t{column.mean!r}\t{column.std!r}" for column in columns] + [""]
        lines += ["row\tactual\tpredicted\tconfidence\tloss"]
        lines += [
            "\t".join([str(m.row + 1), m.actual, m.predicted, repr(m.confidence), repr(m.loss)]) for m in shown.mistakes
        ]
        return "\n".join(lines)

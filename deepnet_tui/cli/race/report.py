"""What `race` shows: lines of JSON, or ranks on stderr while it trains and then chart and ranks on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from deepnet_tui.cli.chart import race_chart, series_mark
from deepnet_tui.cli.output import emit, say, tell
from deepnet_tui.common.text import counted
from deepnet_tui.race.headless import Entrant, RaceObserver
from deepnet_tui.race.ranking import ranked
from engine.training.events import Progress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from deepnet_tui.data.dataset import Dataset


@dataclass(frozen=True)
class RaceResult:
    """How a race ended: `ranking` has the best first, `winner` is None if all diverged.

    `saved` has a sentence for each file, `failed` for each that could not be saved.
    """

    reason: str
    ranking: Sequence[Entrant]
    winner: Entrant | None
    saved: dict[str, str]
    failed: dict[str, str]


class QuietRace(RaceObserver):
    """Shows nothing. The base of what shows more."""

    def __init__(self, dataset: Dataset, entrants: Sequence[Entrant], warnings: tuple[str, ...]) -> None:
        self._dataset, self._entrants, self._warnings = dataset, entrants, warnings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no state of a terminal to restore."""

    def finished(self, result: RaceResult) -> None:
        """It is over."""
        for sentence in result.saved.values():
            tell(sentence)
        for entrant in result.ranking:
            if entrant.run.warning:
                tell(f"warning: {entrant.run.warning}")
        diverged = [entrant for entrant in result.ranking if entrant.standing.diverged]
        for entrant in diverged:
            message = entrant.finished.message if entrant.finished else ""
            tell(f"{entrant.racer.sentence}: {message}; a smaller learning rate may help")
        if result.reason == "interrupted":
            open_runs = [entrant for entrant in result.ranking if entrant.standing.state == "interrupted"]
            kept = [entrant.run.id for entrant in open_runs if entrant.run.kept]
            resume = f"; deepnet-tui resume {kept[0]} goes on with the best of them" if kept else ""
            tell(f"interrupted: {counted(len(open_runs), 'racer')} had not finished{resume}")


class JsonRace(QuietRace):
    """One JSON object a line."""

    def report(self, entrant: Entrant, progress: Progress) -> None:
        emit({"event": "progress", "racer": entrant.racer.plain, **progress.by_name()})

    def ends(self, entrant: Entrant) -> None:
        assert entrant.finished is not None  # noqa: S101
        emit(
            {
                "event": "finished",
                "racer": entrant.racer.plain,
                **entrant.finished.by_name(),
                "validation_cost": entrant.standing.validation_cost,
                "metrics": entrant.metrics,
                "calibration": entrant.calibration and asdict(entrant.calibration),
                "run": entrant.run.id if entrant.run.kept else None,
            }
        )

    def finished(self, result: RaceResult) -> None:
        super().finished(result)
        emit(
            {
                "event": "race",
                "reason": result.reason,
                "ranking": [
                    {
                        "rank": None if entrant.standing.diverged else rank,
                        "racer": entrant.racer.plain,
                        "cost": entrant.standing.cost,
                        "validation_cost": entrant.standing.validation_cost,
                        "reason": entrant.finished.reason if entrant.finished else None,
                        "run": entrant.run.id if entrant.run.kept else None,
                    }
                    for rank, entrant in enumerate(result.ranking, 1)
                ],
                "winner": result.winner and result.winner.racer.plain,
                "exports": list(result.saved),
                "failed_exports": result.failed,
                "dropped": self._dataset.dropped,
                "notes": self._dataset.notes,
                "warnings": self._warnings,
            }
        )


class TerminalRace(QuietRace):
    """A live table of the ranks on stderr; chart and final ranks on stdout."""

    _live: Live | None = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        if console.is_terminal:
            self._live = Live(console=console, transient=True, auto_refresh=False)
            self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.__exit__(None, None, None)

    def tick(self, entrants: Sequence[Entrant]) -> None:
        if self._live is None:
            return
        console = self._live.console
        order = [entrants[standing.number] for standing in ranked([entrant.standing for entrant in entrants])]
        rows = max(3, console.height - 4)
        done = sum(entrant.trainer.iteration for entrant in entrants)
        every = sum(entrant.trainer.training.iterations for entrant in entrants)
        table = rank_table(order[:rows], colour=console.color_system is not None)
        table.caption = f"{done:,} of {every:,} iterations" + (
            f", {len(order) - rows} racers more" if len(order) > rows else ""
        )
        self._live.update(table, refresh=True)

    def finished(self, result: RaceResult) -> None:
        from rich.console import Console

        console, entrants = Console(), self._entrants
        width, colour = min(console.width, 100), console.color_system is not None
        validated = any(report.validation_cost is not None for entrant in entrants for report in entrant.reports)
        curves = [
            (
                [report.iteration for report in entrant.reports],
                [_of(report.validation_cost if validated else report.cost) for report in entrant.reports],
            )
            for entrant in entrants
        ]
        chart = race_chart(curves, width, colour=colour, what="validation cost" if validated else "cost")
        if chart:
            print(chart)
        part = self._dataset.validation
        examples = f"{self._dataset.train.m:,} examples" + (f", {part.m:,} validation" if part else "")
        say(f"{self._dataset.name}  {counted(len(entrants), 'racer')}  {examples}")
        table = rank_table(result.ranking, colour=colour, runs=True)
        fits = table.__rich_measure__(console, console.options.update(max_width=1000)).maximum <= console.width
        console.print(table if fits else rank_table(result.ranking, colour=colour))
        winner = result.winner
        if winner is not None and len(entrants) > 1:
            lead = "ahead" if result.reason == "interrupted" else "winner"
            say(f"{lead}: {winner.racer.sentence}" + (f", run {winner.run.id}" if winner.run.kept else ""))
        super().finished(result)


def rank_table(entrants: Sequence[Entrant], *, colour: bool, runs: bool = False) -> Table:
    """The racers, the best first: their marks in the chart, what they differ in, costs and states."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", box=None, pad_edge=False)
    for name in entrants[0].racer.values:
        table.add_column(name.replace("_", " "), no_wrap=True)
    validated = any(entrant.standing.validation_cost is not None for entrant in entrants)
    for title in ("cost", *(["validation"] if validated else [])):
        table.add_column(title, justify="right")
    table.add_column("state", no_wrap=True)
    if runs:
        table.add_column("run", no_wrap=True)
    for rank, entrant in enumerate(entrants, 1):
        standing = entrant.standing
        mark, style = series_mark(entrant.number, colour=colour)
        costs = [standing.cost, *([standing.validation_cost] if validated else [])]
        cells = [_short(cost) for cost in costs]
        run = [entrant.run.id if entrant.run.kept else "not kept"] if runs else []
        place = "–" if standing.diverged else str(rank)
        state = standing.state
        if standing.finished is None:
            state = f"{entrant.trainer.iteration:,} of {entrant.trainer.training.iterations:,}"
        dim = "dim" if standing.diverged else None
        table.add_row(place, Text(mark, style), *entrant.racer.texts.values(), *cells, state, *run, style=dim)
    return table


def _short(cost: float | None) -> str:
    return "" if cost is None else f"{cost:.4g}"


def _of(cost: float | None) -> float:
    return float("nan") if cost is None else cost

"""`race`: what is asked for, what is shown meanwhile, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.cli.race.report import JsonRace, QuietRace, RaceResult, TerminalRace
from deepnet_tui.cli.report import data_notes
from deepnet_tui.cli.stop_signal import stop_on_signal
from deepnet_tui.cli.tables import column_table
from deepnet_tui.cli.training_run import EXIT_CODE, Outputs, save
from deepnet_tui.common.errors import InputError
from deepnet_tui.evaluate.metrics import evaluate
from deepnet_tui.experiment import warnings
from deepnet_tui.model import Model
from deepnet_tui.race.headless import Entrant, entrants_of, run_race
from deepnet_tui.race.racers import Racer, varied_in_file
from deepnet_tui.race.ranking import ranked
from deepnet_tui.race.values import Varied, parse
from deepnet_tui.runs.store import Store
from deepnet_tui.training.headless import state_of

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset


def varied_settings(source: str, words: Sequence[str], options: Mapping[str, Any]) -> Varied:
    """The lists of `--vary`, and those of [race] in an experiment file that it does not name. Raises InputError."""
    asked = parse(words)
    for name in asked:
        if options.get(name) is not None:
            flag = f"--{name.replace('_', '-')}"
            raise InputError(f"{flag} and --vary {name} are given; leave one of them out", "vary")
    is_experiment = Path(source).suffix.lower() == ".toml" and Path(source).is_file()
    in_file = varied_in_file(source) if is_experiment else {}
    fixed = {name for name, value in options.items() if value is not None}
    return {**{name: values for name, values in in_file.items() if name not in fixed}, **asked}


def run_and_rank(racers: Sequence[Racer], dataset: Dataset, outputs: Outputs) -> int:
    """Train all, keep their runs, rank them, save the winner, report; gives the exit code. Raises InputError."""
    entrants = entrants_of(racers, dataset, Store())
    for entrant in entrants:
        outputs.check_size(entrant.trainer.network)
    remarks = tuple(
        dict.fromkeys(
            remark
            for entrant in entrants
            for remark in warnings(entrant.dataset, entrant.trainer.network.member.size, entrant.trainer.training)
        )
    )
    kind = JsonRace if outputs.json else QuietRace if outputs.quiet else TerminalRace
    shown = kind(dataset, entrants, remarks)
    if not (outputs.quiet or outputs.json):
        column_table(dataset)
    data_notes(dataset, remarks, only_warnings=outputs.quiet)
    try:
        with stop_on_signal() as stop, shown:
            run_race(entrants, _Finishing(shown), stop)
    finally:
        for entrant in entrants:
            entrant.run.release()
    ranking = [entrants[standing.number] for standing in ranked([entrant.standing for entrant in entrants])]
    winner = ranking[0] if not ranking[0].standing.diverged else None
    saved, failed = ({}, {}) if winner is None else save(lambda: Model.of(winner.dataset, winner.trainer), outputs)
    interrupted = any(entrant.finished and entrant.finished.reason == "interrupted" for entrant in entrants)
    reason = "interrupted" if interrupted else "completed" if winner else "diverged"
    shown.finished(RaceResult(reason, ranking, winner, saved, failed))
    if failed:
        raise InputError("; ".join(failed.values()), "export")
    return EXIT_CODE.get(reason, 0)


class _Finishing(QuietRace):
    """Measures and stores a racer that has ended, then passes everything on."""

    def __init__(self, shown: QuietRace) -> None:
        self._shown = shown
        self.report, self.tick = shown.report, shown.tick  # type: ignore[method-assign]

    def ends(self, entrant: Entrant) -> None:
        finished = entrant.finished
        assert finished is not None  # noqa: S101
        metrics = evaluate(entrant.dataset, entrant.trainer.predict)
        entrant.run.keep_model(lambda: Model.of(entrant.dataset, entrant.trainer, metrics))
        entrant.run.finish(
            state_of(finished),
            finished.reason,
            iteration=finished.iteration,
            cost=finished.cost,
            validation_cost=entrant.trainer.validation_cost(),
            metrics=metrics,
            **({} if entrant.calibration is None else {"calibration": asdict(entrant.calibration)}),
        )
        entrant.metrics = metrics
        self._shown.ends(entrant)

"""Which parameters a run ends with, which iteration they are of, and that everything says the same about it."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from deepnet_tui.cli.report import JsonReporter
from deepnet_tui.export import load
from deepnet_tui.runs.store import Store
from deepnet_tui.training.stored_run import restore
from engine.training.events import Progress
from tests.deepnet_tui.cli.runner import Runner

OVERFITTING = ("moons", "--hidden", "64,64", "--learning-rate", "0.05", "--l2", "0", "--internal", "0.25")


@pytest.mark.parametrize("members", [1, 3])
def test_the_iteration_is_the_last_one_and_the_best_one_stands_beside_it(
    run: Runner, tmp_path: Path, members: int
) -> None:
    asked = ("--ensemble", str(members), "--iterations", "400", "--report-every", "10", "--export", "m.json", "--json")
    *reports, end = run("train", *OVERFITTING, *asked).events
    record = Store().open("last")
    assert end["iteration"] == record.iteration == reports[-1]["iteration"] == 400
    assert load(tmp_path / "m.json").iterations == load(record.folder / "model.npz").iterations == 400
    assert 0 < end["best_iteration"] < 400
    assert record.about["best_iteration"] == end["best_iteration"]
    assert f"{end['best_iteration']:,}" in end["message"]
    if members == 1:
        internal = {each["iteration"]: each["internal_cost"] for each in reports}
        assert end["best_iteration"] == min(internal, key=lambda iteration: internal[iteration])
    lines = run("runs", "show", "last").out.splitlines()
    assert ["best", "iteration", str(end["best_iteration"])] in [line.split() for line in lines]


def test_a_run_that_keeps_its_last_parameters_has_no_best_iteration(run: Runner) -> None:
    end = run("train", "moons", "--iterations", "20", "--json").events[-1]
    assert "best_iteration" not in end
    assert Store().open("last").about["best_iteration"] is None


def test_ctrl_c_keeps_the_best_parameters_and_the_run_goes_on_from_its_last(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an interrupted run saves is what it would save at its end; its checkpoint is where it was."""
    report, interrupted = JsonReporter.report, iter([False])

    def then_interrupt(self: JsonReporter, progress: Progress) -> None:
        report(self, progress)
        if progress.iteration == 400 and not next(interrupted, True):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(JsonReporter, "report", then_interrupt)
    asked = ("--iterations", "100000", "--report-every", "10", "--export", "m.json", "--json")
    ended = run("train", *OVERFITTING, *asked)
    assert ended.code == 130
    *reports, end = ended.events
    assert end["reason"] == "interrupted"
    internal = {each["iteration"]: each["internal_cost"] for each in reports}
    assert end["best_iteration"] == min(internal, key=lambda iteration: internal[iteration]) < 400
    assert end["message"].startswith(f"stopped at iteration {end['iteration']}; the parameters of iteration ")
    assert f"goes on from iteration {end['iteration']}\n" in ended.err

    record = Store().open("last")
    dataset, trainer = restore(record)
    assert trainer.iteration == record.iteration == end["iteration"]
    saved = load(tmp_path / "m.json")
    same = Store().open("last").experiment().trainer(dataset)
    same.advance(end["best_iteration"])
    for name, values in same.parameters.items():
        assert saved.parameters[name] == pytest.approx(values, rel=1e-9, abs=1e-12)
        assert trainer.parameters[name] != pytest.approx(values, rel=1e-3)
    assert json.loads(json.dumps(end["metrics"])) == record.about["metrics"]

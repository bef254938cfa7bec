"""Event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.runs.store import Store
from deepnet_tui.trackers.live import LiveLogs
from deepnet_tui.trackers.tensorboard_log import EventFolder
from deepnet_tui.trackers.tracker import RunAbout
from engine.training.events import Progress
from tests.deepnet_tui.cli.runner import Runner
from tests.deepnet_tui.runs.many import make_runs

pytest.importorskip("tensorboard")


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()


def curve(events: Any, tag: str) -> Any:
    return [(event.step, event.value) for event in events.Scalars(tag)]


def session(events: Any, tag: str) -> Any:
    from tensorboard.plugins.hparams import metadata

    content = events.PluginTagToContent(metadata.PLUGIN_NAME)[f"_hparams_/{tag}"]
    return metadata._parse_plugin_data_as(content, tag)


def test_stored_runs_are_read_back(run: Runner, tmp_path: Path) -> None:
    make_runs(tmp_path / "home" / "runs", 3)
    run("runs", "name", "last", "the | best")
    run("runs", "tag", "last", "paper", "<b>base")
    ended = run("runs", "export", "--format", "tensorboard", "--output", "events")
    assert ended.code == 0
    assert ended.err == "wrote 3 runs to events; to look at them: tensorboard --logdir events\n"
    records = Store().list()
    assert sorted(path.name for path in (tmp_path / "events").iterdir()) == sorted(record.id for record in records)
    for record in records:
        events = read(tmp_path / "events" / record.id)
        costs = record.costs()
        assert curve(events, "cost") == [(each.iteration, pytest.approx(each.cost)) for each in costs]
        assert curve(events, "validation_cost") == [(e.iteration, pytest.approx(e.validation_cost)) for e in costs]
        moments = [event.wall_time for event in events.Scalars("cost")]
        assert moments == [pytest.approx(record.started + each.seconds) for each in costs]
        accuracy = record.about["metrics"]["validation"]["accuracy"]
        assert curve(events, "validation/accuracy") == [(1900, pytest.approx(accuracy))]
        assert set(events.Tags()["scalars"]) & {"lowest", "internal_cost", "test/accuracy"} == set()
        settings = session(events, "session_start_info").hparams
        rate = Store().settings([record])[record.id]["training.learning_rate"]
        assert settings["training.learning_rate"].number_value == rate
        assert settings["network.hidden"].string_value == "16,8"
        assert settings["training.calibrate"].bool_value is False
    newest = read(tmp_path / "events" / records[0].id)
    (about,) = newest.Tensors("run/text_summary")
    text = about.tensor_proto.string_val[0].decode()
    assert "the \\| best" in text
    assert "paper, &lt;b&gt;base" in text


def test_runs_that_are_there_are_replaced_only_when_asked(run: Runner, tmp_path: Path) -> None:
    make_runs(tmp_path / "home" / "runs", 1)
    arguments = ("runs", "export", "--format", "tensorboard", "--output", "events")
    assert run(*arguments).code == 0
    assert "--overwrite" in run.refused(*arguments)
    assert "none of 1 run fits" in run(*arguments[:-1], "nowhere", "--state", "diverged").err
    assert not (tmp_path / "nowhere").exists()
    assert run(*arguments, "--overwrite").code == 0
    record = Store().open("last")
    assert len(curve(read(tmp_path / "events" / record.id), "cost")) == len(record.costs())


def test_a_run_is_written_while_it_trains(run: Runner, tmp_path: Path) -> None:
    """Every report can be read at once, without waiting for the next."""
    folder = EventFolder(str(tmp_path / "events"))
    warnings: list[str] = []
    logs = LiveLogs({"events": folder}, RunAbout("a run", 1e9, "moons", {}), warnings.append)
    logs.report(Progress(0, 0.5))
    assert curve(read(tmp_path / "events" / "a run"), "cost") == [(0, 0.5)]
    assert not warnings


def test_train_logs_what_it_reports(run: Runner, tmp_path: Path) -> None:
    arguments = ("train", "moons", "--iterations", "30", "--report-every", "10", "--ensemble", "2", "--internal", "0.2")
    ended = run(*arguments, "--log-to", "tensorboard:events", "--json")
    assert ended.code == 0
    *reports, end = ended.events
    events = read(tmp_path / "events" / end["run"])
    for name in ("cost", "validation_cost", "internal_cost", "lowest", "highest", "learning_rate"):
        assert curve(events, name) == [(each["iteration"], pytest.approx(each[name])) for each in reports]
    assert curve(events, "train/accuracy") == [(30, pytest.approx(end["metrics"]["train"]["accuracy"]))]
    assert session(events, "session_start_info").hparams["network.ensemble"].number_value == 2
    assert session(events, "session_end_info").status == 1  # success


def test_a_run_without_a_finite_cost_is_written(run: Runner, tmp_path: Path) -> None:
    make_runs(tmp_path / "home" / "runs", 1)
    record = Store().open("last")
    with (record.folder / "costs.jsonl").open("a") as file:
        file.write(json.dumps({"iteration": 2000, "cost": None, "validation_cost": None}) + "\n")
    assert run("runs", "export", "--format", "tensorboard", "--output", "events").code == 0
    last = curve(read(tmp_path / "events" / record.id), "cost")[-1]
    assert last[0] == 2000
    assert math.isnan(last[1])


def test_a_tracker_that_fails_does_not_end_the_training(run: Runner, tmp_path: Path) -> None:
    folder = EventFolder(str(tmp_path / "events"))
    (tmp_path / "events" / "a run").write_text("in the way")
    warnings: list[str] = []
    logs = LiveLogs({"tensorboard:events": folder}, RunAbout("a run", 0.0, "moons", {}), warnings.append)
    logs.report(Progress(0, 0.5))
    (warning,) = warnings
    assert warning.startswith("this run is no longer written to tensorboard:events: ")


def test_bad_places_are_refused_before_training(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    train = ("train", "moons", "--iterations", "5")
    assert run.refused(*train, "--log-to", "tensorboard:file") == "--log-to: can't write to file: file exists"
    forms = "tensorboard:DIR or mlflow:URI"
    assert run.refused(*train, "--log-to", "wandb:x") == f"--log-to must be {forms}, not 'wandb:x'"
    assert run.refused(*train, "--log-to", "tensorboard:") == f"--log-to must be {forms}, not 'tensorboard:'"
    assert "--folds" in run.refused(*train, "--folds", "3", "--log-to", "tensorboard:events")
    assert "--output" in run.refused("runs", "export", "--format", "tensorboard")
    assert not Store().list()


def test_without_the_package_one_sentence_says_how_to_get_it(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in ("tensorboard", "mlflow"):
        said = f"{name} needs the package {name}, which is not installed: pip install 'deepnet-tui[{name}]'"
        assert run.refused("train", "moons", "--log-to", f"{name}:x.db") == f"--log-to: {said}"
        assert run.refused("runs", "export", "--format", name, "--output", "x.db") == f"--output: {said}"

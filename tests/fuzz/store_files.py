"""The files of the run store: states, what is known of runs, costs, the index, searches."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from engine.storage.state import StateError
from tests.fuzz.mutations import other_json, other_member

RUN = "202600000000-moons"
ABOUT, LABELS, COSTS = f"{RUN}/run.json", f"{RUN}/labels.json", f"{RUN}/costs.jsonl"
INDEX = "index.sqlite"
SEARCHES = ".searches"
SEARCH, JOURNAL = f"{SEARCHES}/one/search.json", f"{SEARCHES}/one/study.journal"
LABEL = {"name": "first", "note": "a note", "tags": ["paper", "b"], "star": True}


@cache
def _data() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    return random.standard_normal((2, 30)), (random.random((1, 30)) > 0.5).astype(float)


def states() -> list[bytes]:
    """States in the middle of a run: Adam with mini-batches, gradient descent with early stopping."""
    from engine.spec import LayerSpec, NetworkSpec, TrainingSpec
    from engine.storage.state import save
    from engine.training.trainer import Trainer

    X, Y = _data()
    network = NetworkSpec(2, (LayerSpec(4, "tanh"),), 1, "binary", "he")
    made = []
    for training in (
        TrainingSpec(iterations=40, optimizer="adam", batch_size=8),
        TrainingSpec(iterations=40, optimizer="gd", patience=5),
    ):
        trainer = Trainer(network, training, X, Y, validation=(X[:, :9], Y[:, :9]), engine="numpy")
        trainer.advance(12)
        with tempfile.TemporaryDirectory() as folder:
            save(Path(folder) / "state.npz", trainer.state())
            made.append((Path(folder) / "state.npz").read_bytes())
    return made


def read_state(path: Path) -> object:
    """The trainer that goes on from a state, ten iterations later."""
    from engine.storage.state import load
    from engine.training.trainer import Trainer

    X, Y = _data()
    try:
        trainer = Trainer.from_state(load(path), X, Y, validation=(X[:, :9], Y[:, :9]), engine="numpy")
    except StateError as error:  # which is what a run that can't be resumed says
        raise InputError(f"run {RUN} can't be restored: {error}") from None
    trainer.advance(3)
    return trainer


def other_state(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A state with a right checksum over other values."""
    from engine.storage.state import _checksum

    if random.random() < 0.15:
        return other_member(content, others, random)
    with np.load(io.BytesIO(content)) as file:
        arrays = {name: file[name] for name in file.files if name != "checksum"}
    if random.random() < 0.7:
        arrays["meta"] = np.frombuffer(other_json(arrays["meta"].tobytes(), random), np.uint8)
    else:
        name = random.choice([name for name in arrays if name != "meta"])
        value = arrays.pop(name)
        odd = (value[:-1], value.astype("int32"), value * np.nan, value.ravel(), np.zeros((0, 3)), value.astype("U8"))
        if random.random() < 0.8:
            arrays[name] = odd[random.randrange(len(odd))]
    arrays["checksum"] = np.frombuffer(_checksum(arrays), np.uint8)
    made = io.BytesIO()
    np.savez(made, **arrays)
    return made.getvalue()


@cache
def _store_files() -> dict[str, bytes]:
    from tests.deepnet_tui.runs.many import make_runs

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_runs(folder, 3)
        (folder / LABELS).write_text(json.dumps(LABEL))
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def store(folder: Path) -> None:
    """A store with three runs."""
    _write(folder, _store_files())


def old_store(folder: Path) -> None:
    """A store with three runs that have long been finished, so that its index counts."""
    if not (folder / RUN).exists():
        store(folder)
        for path in folder.rglob("*"):
            if path.is_file():
                os.utime(path, (1_700_000_000, 1_700_000_000))


def abouts() -> list[bytes]:
    """What is known of a run, and of one that is being trained."""
    about = json.loads(_store_files()[ABOUT])
    more = {"ensemble": 3, "threshold": "f1", "threshold_value": 0.4, "best_iteration": 7, "folds": 2, "search": "one"}
    return [json.dumps(each).encode() for each in (about, about | more, about | {"state": "running"})]


def labels() -> list[bytes]:
    """Name, note, tags and star."""
    return [json.dumps(LABEL).encode()]


def costs() -> list[bytes]:
    """The reports of a run."""
    return [_store_files()[COSTS]]


def other_lines(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    """Lines of JSON, one of which has odd values."""
    lines = content.splitlines()
    place = random.randrange(len(lines))
    lines[place] = other_json(lines[place], random)
    return b"\n".join(lines) + b"\n"


def use_store(path: Path) -> None:
    """List, sort, show, compare, export and delete the runs of a store, as the command line and the app do."""
    from deepnet_tui.cli.commands.runs.listing import _row
    from deepnet_tui.cli.commands.runs.show import _facts, shown
    from deepnet_tui.cli.tables import aligned
    from deepnet_tui.common.formats.json_values import json_ready
    from deepnet_tui.runs.comparison import RunComparison
    from deepnet_tui.runs.export import run_rows, write_csv, write_json
    from deepnet_tui.runs.metrics import metrics_of_run
    from deepnet_tui.runs.query import SORTS, Query
    from deepnet_tui.runs.store import Store
    from deepnet_tui.screens.runs.columns import COLUMNS, NAME, metric_column

    store = Store(path.parents[1])
    records = store.list()
    for sort in (*SORTS, "validation.accuracy", "accuracy"):
        Query(sort=sort, words=("moons",), tags=("paper",)).of(records)
    for record in records:
        _row(record, 20, "")
        json.dumps(json_ready(record.plain()), allow_nan=False)
        facts = [(name, shown(value)) for name, value in (_facts(record) | metrics_of_run(record)).items()]
        aligned(facts, None)
        for column in (NAME, *COLUMNS, metric_column("validation.accuracy")):
            column.text(record)
    rows = run_rows(records, store.settings(records))
    write_csv(rows, io.StringIO())
    write_json(rows, io.StringIO())
    if len(records) > 1:
        for values in RunComparison.of(records[:2]).facts.values():
            [shown(value) for value in values]


def use_costs(path: Path) -> None:
    """Read the reports of a run, as `resume` and as the Runs screen do."""
    from deepnet_tui.runs.follow import CostsFile
    from deepnet_tui.runs.writer import read_costs

    read_costs(path.parent)
    CostsFile(path.parent).curve()


@cache
def indices() -> list[bytes]:
    """The index of the three runs."""
    from deepnet_tui.runs.store import Store

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old_store(folder)
        runs = Store(folder)
        runs.settings(runs.list())
        return [(folder / INDEX).read_bytes()]


def use_index(path: Path) -> None:
    """The list of the runs and their settings; all three are there, whatever the index says."""
    from deepnet_tui.runs.store import Store

    runs = Store(path.parent)
    records = runs.list()
    runs.settings(records)


@cache
def _search_files() -> dict[str, bytes]:
    from tests.deepnet_tui.search import cases

    with tempfile.TemporaryDirectory() as name:
        case = cases.small_case(iterations=8)
        search = cases.kept(Path(name), case, trials=3)
        cases.run(case, search)
        return {path.name: path.read_bytes() for path in search.folder.iterdir() if path.is_file()}


def search(folder: Path) -> None:
    """A store with two searches."""
    for each in ("one", "two"):
        _write(folder / SEARCHES / each, _search_files())


def searches() -> list[bytes]:
    """What is known of a search."""
    return [_search_files()["search.json"]]


def journals() -> list[bytes]:
    """The trials of a search."""
    return [_search_files()["study.journal"]]


def use_search(path: Path) -> None:
    """List the searches, open one and ask it for its trials and for another one."""
    from deepnet_tui.runs.store import Store
    from deepnet_tui.search.store import open_search
    from deepnet_tui.search.trial import best_of, ranked

    search = open_search(Store(path.parents[2]), "one")
    search.updated()
    study = search.study(search.experiment())
    trials = study.trials()
    ranked(trials)
    best_of(trials)
    study.ask()

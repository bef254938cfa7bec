"""Flipped bytes, files cut short, files of newer versions: a sentence each, and the other runs are as they were."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Ended, Runner
from tests.faults.homes import FIRST as DAMAGED
from tests.faults.homes import SECOND as OTHER

MANY = bool(os.environ.get("DEEPNET_FAULTS"))
OF_A_RUN = ("experiment.toml", "costs.jsonl", "state.npz", "model.npz", "run.json", "labels.json")
OF_THE_STORE = ("runs/index.sqlite", "config.toml")


def damages(content: bytes, seed: str) -> Iterator[tuple[str, bytes]]:
    """The content with one byte flipped at many places, and cut short at many lengths."""
    places, drawn = range(len(content)), random.Random(seed)  # noqa: S311
    for place in sorted(drawn.sample(places, min(len(content), 150 if MANY else 1))):
        bit = 1 << drawn.randrange(8)
        yield f"bit {bit} at {place}", content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :]
    for length in sorted({0, len(content) - 1, *drawn.sample(places, min(len(content), 30) if MANY else 1)}):
        yield f"cut to {length}", content[:length]


def sentence_or_fine(ended: Ended) -> bool:
    """Whether it ended well, or with one plain sentence."""
    if ended.code == 2:
        return ended.err.startswith("deepnet-tui: ") and ended.err.count("\n") == 1 and "Traceback" not in ended.err
    return ended.code in (0, 3) and "Traceback" not in ended.err


@pytest.mark.parametrize("name", OF_A_RUN)
def test_a_damaged_file_of_a_run_is_a_sentence(run: Runner, made: Path, name: str) -> None:
    store, path = run.home / "runs", run.home / "runs" / DAMAGED / name
    other = {entry.name: entry.read_bytes() for entry in (made / "runs" / OTHER).iterdir()}
    listing = json.loads(run("runs", "--json").out.splitlines()[0])
    assert listing["run"] == OTHER
    resumed = ("resume", DAMAGED, "--iterations", "8", "--quiet")
    known: dict[str, list[tuple[str, ...]]] = {
        "state.npz": [resumed],
        "model.npz": [("export", DAMAGED, "m.npz", "--overwrite")],
        "costs.jsonl": [resumed],
        "labels.json": [("runs", "show", DAMAGED)],
    }
    commands = known.get(name, [("runs", "show", DAMAGED), resumed])
    for what, content in damages((made / "runs" / DAMAGED / name).read_bytes(), name):
        path.write_bytes(content)
        (store / "index.sqlite").unlink(missing_ok=True)
        ended = run("runs", "--json")
        assert ended.code == 0, (what, ended.err)
        assert listing in [json.loads(line) for line in ended.out.splitlines()], what
        if ended.out.count("\n") == 1:
            assert ended.err == f"warning: run {DAMAGED} can't be read: its run.json is damaged\n", what
            assert "is damaged" in run.refused("resume", DAMAGED)
        for words in commands:
            ended = run(*words)
            assert sentence_or_fine(ended), (what, words, ended)
        for entry in (made / "runs" / DAMAGED).iterdir():
            shutil.copy2(entry, path.with_name(entry.name))
    assert {entry.name: entry.read_bytes() for entry in (store / OTHER).iterdir()} == other


@pytest.mark.parametrize("name", OF_THE_STORE)
def test_a_damaged_file_beside_the_runs_is_a_sentence(run: Runner, made: Path, name: str) -> None:
    from deepnet_tui import config
    from deepnet_tui.common.errors import InputError

    before = run("runs", "--json").out
    for what, content in damages((made / name).read_bytes(), name):
        (run.home / name).write_bytes(content)
        ended = run("runs", "--json")
        assert (ended.code, ended.out) == (0, before), (what, ended)
        if name == "config.toml":
            with contextlib.suppress(InputError):
                config.read()


def test_an_index_of_a_newer_version_changes_nothing(run: Runner, made: Path) -> None:
    import sqlite3

    path = run.home / "runs" / "index.sqlite"
    before = run("runs", "--json").out
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE entries")
        connection.execute("CREATE TABLE entries (another TEXT)")
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert run("runs", "--json").out == before
    assert run("runs", "--json").out == before
    assert run("runs", "delete", DAMAGED).code == 0
    assert [record.id for record in Store().list()] == [OTHER]


def test_a_state_that_is_damaged_leaves_the_model_of_the_run(run: Runner) -> None:
    path = run.home / "runs" / DAMAGED / "state.npz"
    path.write_bytes(path.read_bytes()[:-40])
    assert "not a whole state file" in run.refused("resume", DAMAGED, "--iterations", "20")
    assert run("export", DAMAGED, "m.npz").code == 0

"""Hostile names through the commands: nothing that they print steers the terminal, and JSON has the true names."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deepnet_tui.cli.runner import Ended, Runner
from tests.deepnet_tui.hostile.texts import CLASSES, COLUMNS, TARGET, steering, write_table

IT = ("--target", TARGET, "--iterations", "5")
BAD = "b\x1b[31m\u202e[@click=app.quit]\x9b1m\x07"
LONGEST = 600  # letters of a line for people, however long the names are


def shown(ended: Ended) -> Ended:
    """What a command printed, after nothing in it steers."""
    assert steering(ended.out) == "", ended.out[:300]
    assert steering(ended.err) == "", ended.err[:300]
    assert "Traceback" not in ended.err
    assert max(map(len, ended.err.splitlines()), default=0) <= 2_100
    if not ended.out.startswith("{") and "note  " not in ended.out:
        assert max(map(len, ended.out.splitlines()), default=0) <= LONGEST
    return ended


def test_every_command_shows_hostile_names_harmless(run: Runner, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t\x1b[2J\u202e.csv")
    ended = shown(run("train", table, *IT, "--export", "m.npz", "--json"))
    assert ended.code == 0
    names = [column["name"] for column in ended.events[-1]["columns"]]
    assert set(COLUMNS.values()) - {COLUMNS["lines"], COLUMNS["no width"]} <= set(names)
    assert shown(run("train", table, *IT, "--export", "m.json")).code == 0
    assert shown(run("train", table, *IT, "--folds", "2", "--predictions", "p.csv")).code == 0
    labels = {json.loads(line)["label"] for line in shown(run("predict", "m.npz", table, "--json")).out.splitlines()}
    assert labels <= {name.strip() for name in CLASSES}
    for words in (
        ("explain", "m.npz", table, "--repeats", "1"),
        ("explain", "m.npz", table, "--row", "1", "--column", COLUMNS["screen"]),
        ("check", table, "--target", TARGET),
        ("race", table, *IT, "--vary", "learning_rate=0.1,0.2"),
        ("runs", "name", "last", BAD),
        ("runs", "note", "last", BAD + "\n" + COLUMNS["tower"] + "x" * 5000),
        ("runs", "tag", "last", BAD),
        ("runs", "tag", "last", "\x00=1\ud800"),
        ("runs",),
        ("runs", "--json"),
        ("runs", "show", "last"),
        ("runs", "show", "last", "--json"),
        ("runs", "export", "--format", "json"),
        ("resume", "last", "--iterations", "8"),
        ("export", "m.npz", f"{BAD}.json"),
        ("runs", "delete", "last"),
        ("runs", "restore"),
    ):
        assert shown(run(*words)).code == 0, words
    first, second = [event["run"] for event in run("runs", "--json").events][:2]
    shown(run("runs", "compare", first, second))
    shown(run("report", second, "--output", f"{BAD}.html"))


@pytest.mark.parametrize(
    "words",
    [
        ("train", "t.csv"),
        ("train", "t.csv", "--target", BAD),
        ("train", "t.csv", *IT, f"--nosuch{BAD}"),
        ("train", "t.csv", *IT, "--hidden", BAD),
        ("train", "t.csv", *IT, "--optimizer", BAD),
        ("train", "t.csv", *IT, "--export", f"{BAD}.{BAD}"),
        ("train", f"{BAD}.csv"),
        ("train", "e.toml"),
        ("train", f"{BAD}.toml"),
        (BAD, BAD),
        ("predict", f"{BAD}.npz", "t.csv"),
        ("explain", f"{BAD}.json", "t.csv"),
        ("runs", "show", BAD),
        ("runs", "--sort", BAD),
        ("runs", "--state", BAD),
        ("learn", BAD),
        ("learn", "l.toml"),
        ("resume", BAD),
        ("export", BAD, "m.npz"),
        ("race", "moons", "--vary", BAD),
        ("search", "moons", "--vary", BAD),
        ("serve-model", f"{BAD}.npz"),
        ("open", f"{BAD}.npz"),
        ("check", BAD),
        ("x" * 4000,),
        ("train", "x" * 200_000),
    ],
    ids=lambda words: repr(words)[:30],
)
def test_refusals_are_harmless(words: tuple[str, ...], run: Runner, tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", 6)
    quoted = json.dumps(BAD + "x" * 3000)
    (tmp_path / "e.toml").write_text(f'[data]\nsource = "moons"\n{quoted} = 1\n')
    (tmp_path / f"{BAD}.toml").write_text(f'[data]\nsource = "moons"\nfunction = {quoted}\n')
    (tmp_path / "l.toml").write_text(f"title = {quoted}\n[[step]]\n{quoted} = 2\n")
    ended = shown(run(*words))
    assert ended.code == 2
    assert ended.err.count("\n") == 1


def through_a_terminal(*words: str | Path) -> str:
    """What a terminal of 80 columns is sent."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color"}
    code = "import sys; from deepnet_tui.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        sent = b"".join(iter(lambda: _some(ours), b""))
        assert process.wait() == 0, sent[-1000:]
    os.close(ours)
    return sent.decode()


def _some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def lines_of(sent: str) -> Iterator[str]:
    """The lines that stay on the screen: progress bars take back what they have written."""
    for own in ("\x1b[?25l", "\x1b[?25h", "\x1b[2K", "\x1b[1A"):
        sent = sent.replace(own, "")
    for line in sent.replace("\r\n", "\n").split("\n"):
        yield line.rpartition("\r")[2]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_sent_nothing_foreign(run: Runner, tmp_path: Path) -> None:
    table = write_table(tmp_path / "[@click=app.quit]t\u202e.csv")
    assert run("train", table, *IT, "--quiet", "--export", "m.npz").code == 0
    for words in (("train", table, *IT), ("predict", "m.npz", table)):
        sent = through_a_terminal(*words)
        for line in lines_of(sent):
            assert steering(line) == "", repr(line)
    assert "no\\x1b[31m[bold]no[/]\\u202e" in sent

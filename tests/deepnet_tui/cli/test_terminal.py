"""The commands about the terminal: keys, completions, the manual page; and how bounds are told."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepnet_tui.cli import entry
from deepnet_tui.cli.registry import COMMANDS
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner

MANUAL = Path(__file__).parents[3] / "docs" / "deepnet-tui.1"
BASH = shutil.which("bash")
FAKE = """#!/bin/sh
[ "$*" = "completions runs -- fir" ] && echo first-run
"""
TRY = """
source {script}
words() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _deepnet_tui; echo "${{COMPREPLY[*]}}"; }}
words deepnet-tui tra
words deepnet-tui train moo
words deepnet-tui train moons --learning-r
words deepnet-tui runs sh
words deepnet-tui runs show fir
words deepnet-tui learn stu
words deepnet-tui completions z
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_commands_options_data_runs_and_lessons(run: Runner, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run("completions", "bash").out)
    fake = tmp_path / "bin" / "deepnet-tui"
    fake.parent.mkdir()
    fake.write_text(FAKE)
    fake.chmod(0o755)
    environ = os.environ | {"PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(BASH), "--norc", "-c", TRY.format(script=script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=fake.parent, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["train", "moons", "--learning-rate", "show", "first-run", "stuck", "zsh"]


def test_zsh_and_fish_have_every_command_and_option(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = {shell: run("completions", shell).out for shell in ("bash", "zsh", "fish")}
    for name in COMMANDS:
        assert all(name in script for script in scripts.values())
    for shell, script in scripts.items():
        assert ("--learning-rate" if shell != "fish" else "-l learning-rate") in script
        program = shutil.which(shell)
        if program is not None:
            path = tmp_path / f"completion.{shell}"
            path.write_text(script)
            subprocess.run([program, "-n", str(path)], check=True)
    assert run.refused("completions", "ksh") == "SHELL must be one of bash, zsh, fish, not 'ksh'"
    records = [SimpleNamespace(id="2026-moons", labels=SimpleNamespace(name=name)) for name in ("first", "bad\x1b", "")]
    monkeypatch.setattr(Store, "list", lambda _: records)
    assert run("completions", "runs", "--", "f").out == "first\n"
    assert run("completions", "runs", "--", "20").out == "2026-moons\n" * 3
    assert run("completions", "runs", "--", "b").out == ""


def test_the_manual_page_is_current(run: Runner) -> None:
    text = run("man").out
    assert MANUAL.read_text(encoding="utf-8") == text, "run: deepnet-tui man > docs/deepnet-tui.1"
    assert "\\fB\\-\\-learning\\-rate\\fR" in text
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-Tascii", "-ww"], input=text, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "x", "--row", "0"), "--row must be at least 1, not 0"),
        (("explain", "x", "--repeats", "0"), "--repeats must be at least 1, not 0"),
        (("report", "x", "--folds", "1"), "--folds must be at least 2, not 1"),
        (("runs", "--limit", "-1"), "--limit must be at least 0, not -1"),
        (("serve-model", "x", "--port", "99999"), "--port must be at most 65535, not 99999"),
        (("train", "moons", "--seed", "-1"), "--seed must be at least 0, not -1"),
    ],
)
def test_bounds_are_told_in_plain_words(run: Runner, words: tuple[str, ...], said: str) -> None:
    assert run.refused(*words).partition(";")[0] == said


def test_keys_needs_a_terminal(run: Runner) -> None:
    assert "needs a terminal" in run.refused("keys")


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_keys_shows_what_arrives_and_puts_the_terminal_back() -> None:
    import pty

    code = "import sys; from deepnet_tui.cli import main; sys.exit(main(['keys']))"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])  # noqa: S606
    shown = _read(terminal, "command\r\n")
    for keys, expected in (
        (b"\x10", "ctrl+p"), (b"S", "step_report"), (b"\x1b[15~", "f5"), (b"\x1b", "back, out of"),
        (b"\x1b[200~d e Q\x1b[201~", "runs no keys"), (b"\x03", "\x1b[?2004l"),
    ):  # fmt: skip
        os.write(terminal, keys)
        shown += _read(terminal, expected)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert "palette" in shown
    assert "leaves here" in shown
    assert "\\x10" in shown


def _read(terminal: int, expected: str) -> str:
    text, end = "", time.monotonic() + 30
    while expected not in text and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 4096).decode()
    assert expected in text, text
    return text


def test_ctrl_c_before_anything_is_imported_is_one_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from deepnet_tui.cli import main

    def interrupted(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "main", interrupted)
    assert main([]) == 130
    assert capsys.readouterr().err == "interrupted\n"

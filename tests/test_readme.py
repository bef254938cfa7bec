"""The README's commands are the ones that are run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deepnet_tui.cli.registry import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = "\n".join(README.splitlines()[:24])


def test_two_commands_on_the_first_screen_set_all_up() -> None:
    first, second = re.findall(r"```sh\n(.*?)\n```", FIRST_SCREEN, flags=re.DOTALL)
    assert "\n" not in first + second
    assert first.endswith(".venv/bin/deepnet-tui")
    assert "pytest" in second


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith("command="))
    assert 'step "$command" bash -c "$command"' in lines
    ended = subprocess.run(["bash", "-c", f'{line}; printf %s "$command"'], cwd=ROOT, capture_output=True, text=True)
    assert ended.stdout in re.findall(r"```sh\n(.*?)\n```", FIRST_SCREEN, flags=re.DOTALL)
    assert "pytest" in ended.stdout


def test_every_file_in_the_readme_exists() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).is_file(), path


def test_the_manual_lists_every_command() -> None:
    manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^deepnet-tui ([a-z][a-z-]*)", manual, flags=re.MULTILINE)) == set(COMMANDS)

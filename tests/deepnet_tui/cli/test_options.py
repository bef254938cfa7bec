"""Options made from settings: one of every kind, so that a new setting of any kind can be an option."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from deepnet_tui.cli import options
from deepnet_tui.cli.parameters.for_typer import for_typer
from engine.spec.settings import Setting


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("flag", ["--entry-new"], True),
        ("flag", ["--no-entry-new"], False),
        ("flag", [], None),
        ("text", ["--entry-new", "a word"], "a word"),
        ("whole", ["--entry-new", "3"], 3),
        ("number", ["--entry-new", "0.5"], 0.5),
        ("class_weight", ["--entry-new", "balanced"], "balanced"),
    ],
)
def test_a_setting_of_every_kind_is_an_option(
    kind: str, words: list[str], value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting("entry_new", kind, None, "new", "A new setting.")
    monkeypatch.setitem(options.SETTINGS, "entry_new", setting)
    given: list[Any] = []
    app = typer.Typer()

    @app.command()
    @for_typer
    @options.takes("entry_new")
    def command(**settings: Any) -> None:
        given.append(settings["entry_new"])

    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert given == [value]
    assert type(given[0]) is type(value)

"""Sentences of the command line as the app says them."""

from __future__ import annotations

import pytest

from deepnet_tui.common.text import Advice, in_app

WHERE = "in the section [data] of an experiment"


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("; if it is a comment: --comment '#'", f"; if it is a comment: comment = '#' {WHERE}"),
        ("it is a word: --missing ''.", f"it is a word: missing = '' {WHERE}."),
        ("a missing value: --missing NA.", f"a missing value: missing = 'NA' {WHERE}."),
        ("--skip with the number of lines above it", f"skip {WHERE} with the number of lines above it"),
        ("other sheets are a, b, see --sheet", f"other sheets are a, b, see sheet {WHERE}"),
        ("a name such as --skipper or --x", "a name such as --skipper or --x"),
        (Advice("--class-weight balanced", "class weight"), "class weight"),
    ],
)
def test_the_app_names_settings_where_the_command_line_names_options(said: str, there: str) -> None:
    assert in_app(said) == there

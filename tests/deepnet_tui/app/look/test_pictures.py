"""Every screen and dialog at 80 x 24 and 120 x 36 in both own themes, as accepted by people who looked at it.

Each file has the four pictures of a screen. `cat` it in a terminal of 120 columns to look at it; what has changed is
accepted with `pytest --snapshot-update`, once it has been looked at.
"""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot

from deepnet_tui.common.background import LatestJob
from deepnet_tui.drawing.color.themes import THEMES
from tests.deepnet_tui.app.look.pictures import SIZES, picture
from tests.deepnet_tui.app.look.tours import TOURS, known_jobs, settled

WHEN = re.compile(r"\d\d [A-Z][a-z]{2} \d\d:\d\d")  # of a run that the test itself has trained


class AnsiPictures(SingleFileSnapshotExtension):
    """One file a screen."""

    _file_extension = "ansi"
    _write_mode = WriteMode.TEXT


async def four_pictures(pilot: Pilot[None], jobs: list[LatestJob[object]]) -> str:
    """The screen in both themes and sizes; the app is left as the tour goes on with it."""
    app, taken = pilot.app, {}
    for theme in sorted(THEMES, key=lambda name: name != app.theme):
        app.theme = theme
        for size in sorted(SIZES, key=lambda size: size != app.size):
            if size != app.size:
                await pilot.resize_terminal(*size)
            await settled(pilot, jobs)
            taken[theme, size] = picture(app)
    blocks = [f"{theme} {size[0]} x {size[1]}\n{taken[theme, size]}\n" for theme in THEMES for size in SIZES]
    return WHEN.sub("27 Nov 12:00", "\n".join(blocks))


@pytest.mark.parametrize("name", TOURS)
async def test_every_screen_looks_as_it_did(name: str, snapshot: SnapshotAssertion) -> None:
    make, tour = TOURS[name]
    differ, seen = [], 0
    with known_jobs() as jobs:
        async with make().run_test(size=SIZES[1]) as pilot:
            async for stop in tour(pilot):
                seen += 1
                if snapshot(name=stop, extension_class=AnsiPictures) != await four_pictures(pilot, jobs):
                    differ.append(stop)
    assert not differ, "these screens look otherwise; look at them, then run pytest with --snapshot-update"
    assert seen

"""A picture that is painted again line by line looks like one painted whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.strip import Strip

from deepnet_tui.drawing.halfblocks import style
from deepnet_tui.widgets.base.canvas import Canvas

WIDTH, HEIGHT = 12, 5


class Painting(App[None]):
    CSS = "Canvas { height: 1fr; border: round red; }"

    def compose(self) -> ComposeResult:
        yield Canvas()

    def seen(self) -> list[list[Segment]]:
        return [list(strip) for strip in self.screen._compositor.render_strips()]


def picture(seed: int) -> list[Strip]:
    numbers = np.random.default_rng(seed).integers(0, 3, (HEIGHT, WIDTH)).tolist()
    return [Strip([Segment(str(n), style((n, 80 * n, 9))) for n in row], WIDTH) for row in numbers]


async def shown(pictures: list[list[Strip]]) -> tuple[list[list[Segment]], list[str]]:
    app = Painting()
    async with app.run_test(size=(WIDTH + 2, HEIGHT + 2)) as pilot:
        for strips in pictures:
            app.query_one(Canvas).paint(strips)
            await pilot.pause()
        return app.seen(), ["".join(segment.text for segment in line) for line in app.seen()]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, HEIGHT), min_size=1, max_size=5), st.integers(0, 99))
async def test_only_what_differs_is_painted_and_all_is_right(kept: list[int], seed: int) -> None:
    pictures = [picture(seed)]
    for step, lines in enumerate(kept, start=1):
        pictures.append([*pictures[-1][:lines], *picture(seed + step)[lines:]])
    colors, text = await shown(pictures)
    assert text[1:-1] == [f"│{strip.text}│" for strip in pictures[-1]]
    assert colors == (await shown(pictures[-1:]))[0]


async def test_the_same_lines_are_not_painted_again() -> None:
    app = Painting()
    async with app.run_test(size=(WIDTH + 2, HEIGHT + 2)) as pilot:
        canvas = app.query_one(Canvas)
        canvas.paint(picture(1))
        await pilot.pause()
        rendered: list[int] = []
        whole = canvas.render_line

        def render_line(y: int) -> Strip:
            rendered.append(y)
            return whole(y)

        canvas.render_line = render_line  # type: ignore[method-assign]
        canvas.paint(picture(1))
        await pilot.pause()
        assert not rendered
        canvas.paint([*picture(1)[:3], *picture(2)[3:]])
        await pilot.pause()
        assert rendered == [3, 4]

"""The curves of the marked runs as the chart draws them, and their values beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.color import Color
from textual.content import Content

from deepnet_tui.drawing.numbers import short, whole
from deepnet_tui.drawing.series import SeriesStyle, series_style
from deepnet_tui.drawing.smoothing import exponential_mean
from deepnet_tui.drawing.theme import css_color
from deepnet_tui.runs.store import StoredRun
from deepnet_tui.screens.runs.chart_view import ChartView, CurveReading
from deepnet_tui.screens.runs.columns import run_name

if TYPE_CHECKING:
    from deepnet_tui.runs.follow import RunCurve
    from deepnet_tui.widgets.base.chart import Plot

FAINT = 0.35  # how much of its colour a curve keeps that is drawn behind its smoothed one
GREY = 8  # the terminal's own
VALUE, PLACE = 12, 9  # widths


@dataclass(frozen=True)
class DrawnRun:
    """One run in the chart; `slot` is the number of its colour, None for the one under the cursor."""

    record: StoredRun
    curve: RunCurve
    slot: int | None


def drawn_runs(
    slots: Mapping[str, int],
    chosen: StoredRun | None,
    records: Mapping[str, StoredRun],
    curves: Mapping[str, RunCurve],
) -> list[DrawnRun]:
    """The marked runs in the order in which their colours were given, then the chosen one, as far as they are read."""
    order = sorted(slots, key=lambda name: slots[name])
    found = [DrawnRun(records[name], curves[name], slots[name]) for name in order if name in curves and name in records]
    if chosen is not None and chosen.id not in slots and chosen.id in curves:
        found.append(DrawnRun(chosen, curves[chosen.id], None))
    return found


def look_of(run: DrawnRun, app: App[Any]) -> SeriesStyle:
    """The colour and the mark of a run: those of its slot, and the colour of text for the one under the cursor."""
    theme = app.current_theme
    if run.slot is not None:
        return series_style(run.slot, dark=theme.dark, ansi=theme.ansi)
    return SeriesStyle(GREY if theme.ansi else Color.parse(app.theme_variables["foreground"]).rgb, "▸")


def plot_of(runs: Sequence[DrawnRun], view: ChartView, app: App[Any]) -> Plot:
    """The chart: smoothed curves with what they were before faint behind them, the marked ones on top."""
    from deepnet_tui.widgets.base.chart import Line, Plot

    plain = bool(app.no_color)
    faint, lines = [], []
    for run in reversed(runs):
        look, x, values = look_of(run, app), view.x_of(run.curve), view.values_of(run.curve)
        marker = look.marker if plain else look.line
        if view.smoothing:
            faint.append(Line(x, values, _faint(look.color, app), "·" if plain else "braille"))
            values = exponential_mean(values, view.smoothing)
        lines += [Line(x, values, look.color, marker), Line(x[-1:], values[-1:], look.color, look.marker, joined=False)]
    start, end = view.seen([run.curve for run in runs])
    counts = view.axis != "seconds" and end - start > 4
    return Plot((*faint, *lines), start, end, view.log_x, view.log_y, view.cursor, whole=counts)


def _faint(color: tuple[int, int, int] | int, app: App[Any]) -> tuple[int, int, int] | int:
    if isinstance(color, int):
        return GREY
    background = Color.parse(app.theme_variables["background"])
    return background.blend(Color(*color), FAINT, alpha=1.0).rgb


def legend(runs: Sequence[DrawnRun], view: ChartView, app: App[Any], width: int, height: int) -> Content:
    """For each run its mark, its name and its exact value, where there is no report at the cursor the nearest one."""
    rows = [(run, view.reading(run.curve)) for run in runs]
    shown = rows if len(rows) <= height else rows[: max(1, height - 1)]
    elsewhere = any(reading is not None and _is_elsewhere(reading, view) for _, reading in shown)
    room = max(4, width - 2 - VALUE - (PLACE if elsewhere else 0))
    lines = [_entry(run, reading, view, app, room, elsewhere) for run, reading in shown]
    if len(shown) < min(len(rows), height):
        lines.append(Content.styled(f"and {len(rows) - len(shown)} more", "dim"))
    return Content("\n").join(lines)


def _entry(
    run: DrawnRun, reading: CurveReading | None, view: ChartView, app: App[Any], room: int, elsewhere: bool
) -> Content:
    look = look_of(run, app)
    name = run_name(run.record)
    if len(name) > room:
        name = f"{name[: room - 1]}…" if run.record.labels.name else f"…{name[len(name) - room + 1 :]}"
    value = "–" if reading is None else f"{reading.value:.6g}"
    parts = [Content.styled(f"{look.marker} ", css_color(look.color))]
    parts.append(Content.styled(f"{name:<{room}}", "" if run.slot is not None else "dim"))
    parts.append(Content(f"{value:>{VALUE}}"))
    if elsewhere and reading is not None and _is_elsewhere(reading, view):
        parts.append(Content.styled(f" {'@' + place_text(reading.x, view):<{PLACE - 1}}", "dim"))
    return Content.assemble(*parts)


def _is_elsewhere(reading: CurveReading, view: ChartView) -> bool:
    return view.cursor is not None and reading.x != view.cursor


def place_text(x: float, view: ChartView) -> str:
    """A place on the axis."""
    if view.axis == "seconds":
        return f"{short(x)} s"
    return whole(int(x)) if x == int(x) else f"{x:.4g}"

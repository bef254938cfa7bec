"""The Runs screen by its keys."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.drawing.series import series_style
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.runs.columns import fitting
from deepnet_tui.screens.runs.screen import RunsScreen
from engine.training.events import Progress
from tests.deepnet_tui.app.conftest import until
from tests.deepnet_tui.screens.runs.conftest import RunsApp, listed, text_of

SMALL, WIDE = (80, 24), (120, 36)


async def type_filter(pilot: Pilot[None], text: str) -> None:
    await pilot.press("slash")
    await type_text(pilot, text)


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Have this in the field that has the focus, at once."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await pilot.pause()


async def drawn(pilot: Pilot[None], screen: RunsScreen, count: int) -> None:
    """Wait until the curves of so many runs are drawn."""
    await until(pilot, lambda: len(screen.state.drawn(screen.runs.chosen)) == count, f"{count} curves")
    chart = screen.curves_pane.chart
    await until(pilot, lambda: chart is not None and chart._drawn is not None and not chart._jobs.running, "the chart")


async def test_runs_are_filtered_as_one_types_and_sorted(store: Store) -> None:
    async with RunsApp(store).run_test(size=SMALL) as pilot:
        screen = await listed(pilot, 12)
        assert "12 runs" in text_of(pilot)
        await type_filter(pilot, "source:moons state:comp")
        await listed(pilot, 2)
        assert {run.source for run in screen.state.listed} == {"moons"}
        assert "2 of 12 runs" in text_of(pilot)
        await pilot.press("x", "enter", "escape")
        await listed(pilot, 12)
        assert screen.focused is screen.runs, "the letter was typed, and Escape leaves the filter"
        await type_filter(pilot, "state:q")
        assert "state: running, completed, stopped" in text_of(pilot)
        await pilot.press("escape", "s")
        await pilot.press("v", "enter")
        await until(pilot, lambda: screen.state.sort == "validation_cost")
        await pilot.press("s", "t", "enter")
        await until(pilot, lambda: screen.state.sort == "train.accuracy", "a metric")
        await until(pilot, lambda: "▾tra. accuracy" in text_of(pilot), "the column that is sorted by")
        costs = [run.cost or 0 for run in screen.state.listed]
        assert costs == sorted(costs)  # in this store the cheapest are the most accurate
        await pilot.press("S")
        await until(pilot, lambda: [run.cost or 0 for run in screen.state.listed] == costs[::-1])


async def test_marked_runs_keep_their_colours_and_are_read_at_the_cursor(store: Store) -> None:
    async with RunsApp(store).run_test(size=WIDE) as pilot:
        screen = await listed(pilot, 12)
        names = [run.id for run in screen.state.listed]
        await pilot.press("space", "down", "space", "down", "space")
        assert screen.state.slots == {names[0]: 0, names[1]: 1, names[2]: 2}
        await pilot.press("up", "space", "end", "space")
        assert screen.state.slots == {names[0]: 0, names[2]: 2, names[11]: 1}, "a colour that is free is given anew"
        await drawn(pilot, screen, 3)
        await until(pilot, lambda: "learning rate" in text_of(pilot), "what differs")
        assert "What differs" in text_of(pilot)
        assert all(series_style(slot).marker in text_of(pilot) for slot in range(3))
        await pilot.press("right", "right")
        view = screen.state.view
        assert view.cursor == 100
        for run in screen.state.drawn(None):
            assert f"{run.record.costs()[1].cost:.6g}" in text_of(pilot)
        assert "at 100" in text_of(pilot)
        await pilot.press("h", "h")
        assert (screen.state.view.axis, screen.state.view.cursor) == ("seconds", None)
        await pilot.press("e", "L", "l", "plus", "full_stop", "v")
        view = screen.state.view
        assert (view.smoothing, view.log_y, view.log_x, view.cost) == (0.6, True, True, "validation_cost")
        assert view.window is not None
        await drawn(pilot, screen, 3)
        chart = screen.curves_pane.chart
        assert chart is not None
        assert chart._drawn is not None
        lines = chart._drawn[0].lines
        assert sum(line.joined for line in lines) == 6, "each smoothed curve has its raw one behind it"
        assert {line.marker for line in lines if not line.joined} == set("●■▲"), "and its mark where it ends"
        await pilot.press("0", "c")
        assert (screen.state.view.window, screen.state.slots) == (None, {})
        await pilot.press("M")
        assert set(screen.state.slots) == set(names)


async def test_labels_are_given_in_place_and_deleting_is_undone(store: Store) -> None:
    async with RunsApp(store).run_test(size=SMALL) as pilot:
        screen = await listed(pilot, 12)
        names = [run.id for run in screen.state.listed]
        await pilot.press("down", "n")
        await type_text(pilot, "best")
        await pilot.press("enter", "asterisk", "t")
        await type_text(pilot, "paper")
        await pilot.press("enter")
        await until(pilot, lambda: store.open(names[1]).labels.tags == ("paper",), "labels in the store")
        await until(pilot, lambda: "★ best #paper" in text_of(pilot), "labels on the screen")
        await pilot.press("N")
        await type_text(pilot, "x" * 3)
        await pilot.press("escape", "n")
        await type_text(pilot, "last")
        await pilot.press("enter")
        assert "last means the newest run" in text_of(pilot)
        await pilot.press("escape")
        assert store.open("best").labels.note == ""
        await pilot.press("space", "x")
        await listed(pilot, 11)
        assert names[1] not in screen.state.slots
        assert screen.runs.chosen is not None
        assert screen.runs.chosen.id == names[2], "the cursor stays on its line"
        await pilot.press("x")
        await listed(pilot, 10)
        await pilot.press("u")
        await listed(pilot, 11)
        await pilot.press("u")
        await listed(pilot, 12)
        await until(pilot, lambda: screen.runs.chosen == screen.state.listed[1], "the cursor on what is back")
        assert [run.id for run in store.list()] == names
        assert screen.state.deleted == []


async def test_a_run_that_another_process_trains_is_followed(store: Store) -> None:
    async with RunsApp(store).run_test(size=SMALL) as pilot:
        screen = await listed(pilot, 12)
        run = store.begin(Experiment.default("moons"), network=[2, 16, 8, 1])
        screen.look()
        await listed(pilot, 13)
        assert "running" in text_of(pilot)
        await pilot.press("home", "space")
        run.report(Progress(0, 0.75, None))
        run._flush_costs()
        screen.look()
        await until(pilot, lambda: len(screen.state.curves.get(run.id, ())) == 1, "the first report")
        await drawn(pilot, screen, 1)
        assert "No costs yet" not in text_of(pilot), "one report is a point"
        for step in range(1, 3):
            run.report(Progress(10 * step, 0.75 / (step + 1), None))
        run._flush_costs()
        screen.look()
        await until(pilot, lambda: len(screen.state.curves.get(run.id, ())) == 3, "the curve")
        assert "0.2500" in text_of(pilot)
        other = screen.state.listed[1]
        Store(store.folder).label(other, lambda labels: labels.named("by another"))
        await pilot.press("x")
        await until(pilot, lambda: pilot.app._notifications, "why it can't be deleted")
        run.finish("diverged", "diverged")
        screen.look()
        await until(pilot, lambda: "by another" in text_of(pilot) and "running" not in text_of(pilot))
        store.delete([store.open(run.id)])
        screen.look()
        await listed(pilot, 12)
        assert screen.state.slots == {}


async def test_it_fits_every_screen_and_opens_runs(store: Store) -> None:
    app = RunsApp(store)
    async with app.run_test(size=SMALL) as pilot:
        screen = await listed(pilot, 12)
        await pilot.press("space", "down", "space")
        for size in (SMALL, (40, 14)):
            await pilot.resize_terminal(*size)
            if size[1] > 18:
                await drawn(pilot, screen, 2)
            for key in ("tab", "z", "n", "escape"):
                await pilot.press(key)
                for strip in screen._compositor.render_strips():
                    assert strip.cell_length == size[0]
        await pilot.press("y", "enter")
        assert app.opened.pop().read() == store.list()[1].experiment()
        assert "202600000011-spirals\t202600000011-spirals" in app.clipboard


async def test_an_empty_store_says_what_will_be_there(tmp_path_factory: object, home: object) -> None:
    async with RunsApp(Store()).run_test(size=SMALL) as pilot:
        await listed(pilot, 0)
        assert "No run is stored yet: Escape goes back, space trains" in text_of(pilot)
        await pilot.press("space", "x", "n", "right", "plus", "e", "enter", "M", "asterisk", "z", "tab", "u")
        await until(pilot, lambda: pilot.app._notifications, "that nothing was deleted")
        assert [each.message for each in pilot.app._notifications] == ["There are no deleted runs"]


def test_what_is_sorted_by_always_has_a_column() -> None:
    for width in range(20, 140):
        for sort in ("started", "seconds", "validation.f1", "name"):
            columns = fitting(width, sort)
            assert sort in [column.sort for column, _ in columns]
            assert width < 40 or sum(wide + 2 for _, wide in columns) + 2 <= width

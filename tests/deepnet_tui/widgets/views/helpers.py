"""What the tests of the views share."""

from __future__ import annotations

from typing import TypeVar

from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.health.view import HealthView
from tests.deepnet_tui.app.conftest import until

V = TypeVar("V", bound=View)


SMALL = (80, 24)


KEYS = {entry.id: str(number) for number, entry in enumerate(VIEWS, start=1)}


async def view_of(pilot: Pilot[None], name: str, kind: type[V]) -> V:
    """Open a view with its key and wait for it."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await pilot.press(KEYS[name])
    await until(pilot, lambda: isinstance(app.main.view, kind), name)
    view = app.main.view
    assert isinstance(view, kind)
    return view


def tiny(source: str = "moons", iterations: int = 300) -> Experiment:
    return Experiment.default(source).replace("training", iterations=iterations, report_every=50)


async def examined(pilot: Pilot[None], health: HealthView, iteration: int) -> None:
    def done() -> bool:
        record = health._record
        return record is not None and bool(record.course) and record.now.iteration == iteration

    await until(pilot, done, f"examination of iteration {iteration}")

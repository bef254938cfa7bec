"""Messages over the screen: small, short-lived, and about what the app has."""

from __future__ import annotations

from pathlib import Path

from textual.widgets._toast import Toast

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.notices import LEAST, MOST
from tests.deepnet_tui.app.conftest import ready, told, until

LINES = 4  # of 24


async def test_a_warning_about_data_leaves_the_view_to_be_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    rows = [f"{row * row % 9},{row * 13 % 47 / 3},{row * row % 9 + row % 7 / 1000}" for row in range(120)]
    path.write_text("\n".join(["price,size,paid", *rows]) + "\n")
    app = DeepnetApp(Experiment.default(str(path), "paid"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app.screen.query(Toast), "the message")
        (message,) = told(app)
        assert message.startswith("'price' is left out: ")
        assert "--" not in message
        assert "data screen" in message
        await until(pilot, lambda: app.screen.query_one(Toast).size.height, "its place")
        assert app.screen.query_one(Toast).outer_size.height <= LINES
        app.main.say("Undone")
        app.main.warn("what can't be done " * 20, replace=False)
        await until(pilot, lambda: len(told(app)) == 2, "both messages")
        assert [notification.timeout for notification in app._notifications] == [LEAST, MOST]

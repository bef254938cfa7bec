"""The views under test in the whole app, with a home of its own."""

from tests.deepnet_tui.app.conftest import home, keys_take_effect

__all__ = ["home", "keys_take_effect"]

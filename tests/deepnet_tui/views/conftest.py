"""The views under test in the whole app, with a home of its own."""

from tests.deepnet_tui.app.conftest import home

__all__ = ["home"]

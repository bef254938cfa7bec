"""The app's own home, here too."""

from tests.deepnet_tui.app.conftest import home

__all__ = ["home"]

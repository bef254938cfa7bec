"""The app's own home and its helpers, here too."""

from tests.deepnet_tui.app.conftest import home, keys_take_effect

__all__ = ["home", "keys_take_effect"]

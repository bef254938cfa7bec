"""Imports in the background: all of them, none after a stop, and no fuss about one that fails."""

from __future__ import annotations

import sys

from deepnet_tui.common.imports_ahead import ImportsAhead


def test_modules_are_there_after_waiting() -> None:
    sys.modules.pop("this_is_no_module", None)
    sys.modules.pop("colorsys", None)
    ahead = ImportsAhead(("this_is_no_module", "colorsys"))
    ahead.start()
    ahead.start()
    ahead.wait()
    assert "colorsys" in sys.modules


def test_nothing_is_imported_once_it_is_stopped() -> None:
    sys.modules.pop("colorsys", None)
    ahead = ImportsAhead(("colorsys",))
    ahead.stop()
    ahead.start()
    ahead.wait()
    assert "colorsys" not in sys.modules

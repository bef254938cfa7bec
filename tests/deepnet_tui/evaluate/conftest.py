"""A workbench without a screen, here too."""

from tests.deepnet_tui.training.conftest import bench

__all__ = ["bench"]

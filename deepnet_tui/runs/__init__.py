"""The run store: what was tried, its costs, its parameters. It survives crashes and never stops training."""

from deepnet_tui.runs.run import Run
from deepnet_tui.runs.store import Record, Store

__all__ = ["Record", "Run", "Store"]

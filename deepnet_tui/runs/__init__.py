"""The run store: what was tried, its costs, its parameters. It survives crashes and never stops training."""

from deepnet_tui.runs.run import RunWriter
from deepnet_tui.runs.store import Store, StoredRun

__all__ = ["RunWriter", "Store", "StoredRun"]

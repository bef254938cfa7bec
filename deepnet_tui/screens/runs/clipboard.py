"""The runs as text, with tabs between the columns, to be copied."""

from __future__ import annotations

from deepnet_tui.runs.store import StoredRun
from deepnet_tui.screens.runs.chart_view import COSTS
from deepnet_tui.screens.runs.columns import COLUMNS, run_name
from deepnet_tui.screens.runs.state import RunsState


def copied(state: RunsState, chosen: StoredRun | None) -> str:
    """The runs that are listed, then the exact values of those that are drawn, at the cursor or their last."""
    head = ["run", "id", *(column.sort for column in COLUMNS), "tags"]
    rows = [
        [run_name(record), record.id, *(column.text(record) for column in COLUMNS), " ".join(record.labels.tags)]
        for record in state.listed
    ]
    view = state.view
    values = [["run", view.axis, COSTS[view.cost]]]
    for run in state.drawn(chosen):
        reading = view.reading(run.curve)
        if reading is not None:
            values.append([run_name(run.record), f"{reading.x!r}", f"{reading.value!r}"])
    return "\n".join("\t".join(row) for row in [head, *rows, [], *values])

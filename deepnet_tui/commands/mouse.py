"""What the mouse does: for the help and the manual."""

from __future__ import annotations

GESTURES = (
    ("click", "Focus a pane, choose a row, a tab or a unit; run a command of the last line"),
    ("click again", "On a chosen row: edit it, open it"),
    ("double click", "On a border that was dragged: put it back"),
    ("wheel", "Over the chart of the cost, and that of Runs: zoom around the pointer. Elsewhere: scroll"),
    ("shift-wheel", "Over these charts: move along the axis"),
    ("drag", "A border between panes: give one of them more room"),
    ("click outside", "Close a dialog"),
)

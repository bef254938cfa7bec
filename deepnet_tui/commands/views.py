"""The views beneath the cost chart: one line a view. The number of the line is the key that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.widgets.base.view import View


@dataclass(frozen=True)
class ViewEntry:
    """`where` is "module:class", a `View` made with the keyword `id`; it is imported when it is first shown.

    `short` is the title where there is little room.
    """

    id: str
    title: str
    help: str
    where: str
    short: str = ""

    def make(self) -> View:
        """The widget."""
        module, name = self.where.split(":")
        view: View = getattr(import_module(module), name)(id=f"view-{self.id}")
        return view


VIEWS: tuple[ViewEntry, ...] = (
    ViewEntry(
        "parameters",
        "Parameters",
        "Every layer's numbers",
        "deepnet_tui.widgets.views.parameters:ParametersView",
        "Params",
    ),
    ViewEntry(
        "explain",
        "Explain",
        "One iteration, operation by operation",
        "deepnet_tui.widgets.views.explain.view:ExplainView",
    ),
    ViewEntry(
        "boundary",
        "Boundary",
        "What the network answers over a plane",
        "deepnet_tui.widgets.views.boundary.view:BoundaryView",
    ),
    ViewEntry(
        "health", "Health", "What the doctor finds, and the remedy", "deepnet_tui.widgets.views.health.view:HealthView"
    ),
    ViewEntry(
        "evaluate",
        "Evaluate",
        "How good it is, beside a baseline, and its mistakes",
        "deepnet_tui.widgets.views.evaluate.view:EvaluateView",
        "Eval",
    ),
    ViewEntry("runs", "Runs", "What was trained before", "deepnet_tui.widgets.views.runs.view:RunsView"),
    ViewEntry(
        "picture",
        "Picture",
        "Units and weights, to be looked into and changed",
        "deepnet_tui.widgets.views.picture.view:PictureView",
    ),
)

"""The views beneath the cost chart: one entry a view. The number of the entry is the key that shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ViewEntry:
    """`where` is "module:class", a `View` made with the keyword `id`; it is imported when it is first shown.

    `short` is the title where there is little room. `of_one_network` says whether it shows a single one of several
    networks that are trained at once.
    """

    id: str
    title: str
    help: str
    where: str
    short: str = ""
    of_one_network: bool = True


_FOLDER = "deepnet_tui.widgets.views"

VIEWS: tuple[ViewEntry, ...] = (
    ViewEntry(
        "parameters",
        "Parameters",
        "Weights and biases of every layer",
        f"{_FOLDER}.parameters:ParametersView",
        "Params",
    ),
    ViewEntry("explain", "Explain", "One iteration, operation by operation", f"{_FOLDER}.explain.view:ExplainView"),
    ViewEntry("boundary", "Boundary", "The network's output over a plane", f"{_FOLDER}.boundary.view:BoundaryView"),
    ViewEntry("health", "Health", "The doctor's findings and their remedies", f"{_FOLDER}.health.view:HealthView"),
    ViewEntry(
        "evaluate",
        "Evaluate",
        "Metrics against baselines, and the worst mistakes",
        f"{_FOLDER}.evaluate.view:EvaluateView",
        "Eval",
        of_one_network=False,
    ),
    ViewEntry("runs", "Runs", "Earlier training runs", f"{_FOLDER}.runs.view:RunsView", of_one_network=False),
    ViewEntry("picture", "Picture", "Units and weights, to inspect and edit", f"{_FOLDER}.picture.view:PictureView"),
)

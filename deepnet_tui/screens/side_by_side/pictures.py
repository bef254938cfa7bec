"""The pictures of the networks side by side: their boundaries, or histograms of their layers over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size

from deepnet_tui.evaluate.diagnosis import evenly
from deepnet_tui.evaluate.plane import Plane, axes, components, features
from deepnet_tui.training.distributions import MOST_TIMES, Distributions, LayerDistributions
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext
from deepnet_tui.widgets.views.boundary.map import ExampleMarks, MapStyle, framed
from deepnet_tui.widgets.views.health.strips import ranges_of, strips
from engine.diagnostics.distributions import KINDS

if TYPE_CHECKING:
    from deepnet_tui.race.in_step import InStepSession
    from deepnet_tui.training.run import TrainingRun

BOUNDARY = "boundary"
FLAT = 2  # features up to which the boundary tells everything, and is what is shown first
SegmentRows = list[list[Segment]]


class Pictures:
    """Draws the networks of `session`; `kind` is boundary, weights, activations or gradients.

    Histograms are computed by `compute`, in a thread, when they are `wanting`, and handed to `take`.
    """

    def __init__(self, session: InStepSession, kind: str = "") -> None:
        self._session = session
        dataset = session.runs[0].dataset
        inputs = len(axes(dataset))
        self.kind = kind or (BOUNDARY if inputs <= FLAT else KINDS[0])
        self._plane: Plane | None = None
        self._marks = [ExampleMarks(run.dataset) for run in session.runs]
        self._distributions = [Distributions() for _ in session.runs]
        self._found: list[LayerDistributions] = []
        self._asked: object = None  # the snapshots of which histograms were last asked for

    def of(self, session: InStepSession) -> Pictures:
        """The same kind of pictures of other networks."""
        return Pictures(session, self.kind)

    def turn(self) -> None:
        """The next kind."""
        kinds = (BOUNDARY, *KINDS)
        self.kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]

    # Histograms

    @property
    def _newest(self) -> object:
        return tuple(id(run.latest) for run in self._session.runs)

    @property
    def wanting(self) -> bool:
        """Whether there are newer snapshots than those the histograms are of; says so once."""
        if (
            self.kind == BOUNDARY
            or self._asked == self._newest
            or any(run.latest is None for run in self._session.runs)
        ):
            return False
        self._asked = self._newest
        return True

    def compute(self) -> list[LayerDistributions]:
        """The distributions of all networks."""
        return [_distributions(run, own) for run, own in zip(self._session.runs, self._distributions, strict=True)]

    def take(self, found: list[LayerDistributions]) -> None:
        """Draw these from now on."""
        self._found = found

    # Drawing

    def draw(self, number: int, size: Size, *, dark: bool, plain: bool, base: Style) -> SegmentRows:
        """The picture of a network in so many cells; empty before there is one."""
        width, height = size
        run = self._session.runs[number]
        if run.latest is None or run.trainer is None or width < 8 or height < 2:
            return []
        if self.kind == BOUNDARY:
            network, training = run.trainer.network, run.experiment.training
            context = SnapshotContext(run.id, run.dataset, network, run.latest, training)
            return self._boundary(context, number, width, height, MapStyle(dark, plain, False, base))
        if number >= len(self._found):
            return []
        ranges = ranges_of(self._found, self.kind)
        return strips(self._found[number], self.kind, (width, height), dark=dark, plain=plain, base=base, ranges=ranges)

    def _boundary(self, context: SnapshotContext, number: int, width: int, height: int, style: MapStyle) -> SegmentRows:
        dataset = context.dataset
        if self._plane is None:
            count = len(axes(dataset))
            self._plane = features(dataset, 0, min(1, count - 1)) if count <= FLAT else components(dataset)
        return framed(context, self._plane, self._marks[number], style, width, height)


def _distributions(run: TrainingRun, own: Distributions) -> LayerDistributions:
    trainer, items = run.prepare(), list(run.snapshots.items)
    latest = run.latest
    if latest is not None and (not items or items[-1].iteration < latest.iteration):
        items.append(latest)
    snapshots = [snapshot.member(0) for snapshot in evenly(items, MOST_TIMES)]
    return own.of(run.id, trainer.network.member, run.experiment.training, run.dataset, snapshots)

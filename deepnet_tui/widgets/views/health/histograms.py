"""The histograms of Health: weights, activations or gradients of every layer over the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.evaluate.diagnosis import DiagnosisInput
from deepnet_tui.training.distributions import MOST_TIMES, Distributions, LayerDistributions
from deepnet_tui.widgets.views.health.strips import fitting, strips
from engine.diagnostics.distributions import KINDS, Spreads

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

PACE = 0.3  # seconds between the starts of two computations, at least


class Histograms:
    """What the page shows: `kind` is one of KINDS, "" while the page is closed; `first` the layer on top, from 0."""

    def __init__(self, call: Callable[..., Any], changed: Callable[[], object]) -> None:
        self.kind = ""
        self.first = 0
        self._changed = changed
        self._distributions = Distributions()
        self._jobs: LatestJob[LayerDistributions] = LatestJob("histograms", call, PACE)
        self._key: object = None
        self._found: LayerDistributions | None = None
        self._error = ""

    def turn(self, *, closing: bool = True) -> None:
        """The next kind; after the last one the page is closed, or the first one comes again."""
        kinds = [*KINDS, ""] if closing else list(KINDS)
        here = kinds.index(self.kind) if self.kind in kinds else len(kinds) - 1
        self.kind = kinds[(here + 1) % len(kinds)]

    def follow(self, workbench: Workbench) -> None:
        """Have the snapshots up to the one that is shown looked at in a thread."""
        if not workbench.ready or workbench.snapshot is None:
            self._found, self._key = None, None
            return
        case = DiagnosisInput(workbench, MOST_TIMES)
        if case.key != self._key:
            self._key = case.key
            self._jobs.start(partial(self._work, case), self._take_in)

    def _work(self, case: DiagnosisInput, _: Job[LayerDistributions]) -> LayerDistributions:
        key = (case.run, case.member, case.network, id(case.dataset))
        return self._distributions.of(key, case.network, case.training, case.dataset, case.snapshots)

    def _take_in(self, answer: LayerDistributions | Exception) -> None:
        if isinstance(answer, Exception):
            self._found, self._error = None, f"There are no histograms of this network: {answer or 'no memory'}"
        else:
            self._found, self._error = answer, ""
        self._changed()

    def scroll(self, step: int, height: int) -> None:
        """Other layers on top, where not all have room."""
        layers = len(self._found.network.layers) if self._found else 1
        self.first = max(0, min(self.first + step, layers - fitting(height, layers)))

    def title(self, height: int) -> str:
        """What is shown: the kind, the layers, the iterations."""
        if self._found is None:
            return self.kind
        layers = len(self._found.network.layers)
        seen = fitting(height, layers)
        some = f"  layers {self.first + 1} to {self.first + seen} of {layers}" if seen < layers else ""
        return f"{self.kind} to iteration {whole(self._found.end)}{some}"

    def render(self, size: tuple[int, int], *, dark: bool, plain: bool, base: Style) -> Text:
        """The strips as text."""
        if self._found is None or not self._found.times:
            return Text(self._error or "One moment: the layers are being looked at …", style=Style(dim=True))
        rows = strips(self._found, self.kind, size, dark=dark, plain=plain, base=base, first=self.first)
        lines = [Text.assemble(*((text, style or "") for text, style, _ in row), no_wrap=True) for row in rows]
        return Text("\n").join(lines) if lines else Text("There is no room for histograms")

    def as_text(self) -> str:
        """Least value, quartiles and largest value of every layer at every iteration, with tabs."""
        lines = ["kind\titeration\tlayer\tleast\tquartile\tmedian\tquartile\tlargest"]
        for iteration, spreads in self._found.times if self._found else ():
            lines += [f"{self.kind}\t{iteration}\t{row}" for row in _quartiles(spreads, self.kind)]
        return "\n".join(lines)


def _quartiles(spreads: Spreads, kind: str) -> list[str]:
    rows = []
    for layer, spread in enumerate(spreads[kind], start=1):
        places = [round(share * (spread.size - 1) / 4) for share in range(5)] if spread.size else []
        rows.append("\t".join([str(layer), *(f"{spread[place]:.6g}" for place in places)]))
    return rows

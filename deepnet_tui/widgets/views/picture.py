"""The network as a picture: units in columns, weights as lines; a unit can be looked into and a weight be changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from deepnet_tui.drawing.numbers import cost, short, whole
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext, snapshot_context
from deepnet_tui.widgets.base.view import View, bindings
from deepnet_tui.widgets.views.network_diagram import Diagram
from engine.diagnostics.statistics import Sample
from engine.network import forward

if TYPE_CHECKING:
    from deepnet_tui.training.workbench import Workbench
    from engine.spec import NetworkSpec

EXAMPLES = 128
WORK = 2e7  # floating-point operations that looking into a unit may take


@dataclass(frozen=True)
class Change:
    """A value that was changed by hand: what it was, and the cost before."""

    text: str
    before: float
    old_run: str


class Picture(View, can_focus=True):
    """Arrows choose a unit, n and N one of its weights or its bias, Enter changes that."""

    FOLLOWS_PARAMETERS = True
    FRAMES = 6
    BINDINGS: ClassVar[list[BindingType]] = bindings("picture")
    DEFAULT_CSS = """
    Picture #diagram { height: 1fr; }
    Picture .facts { height: 1; color: $text-muted; }
    Picture .chosen { height: 1; }
    Picture .editor-line { height: 1; display: none; }
    Picture .editor-line Static { width: auto; }
    Picture .editor-line Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
    Picture .editor-line Input:focus { border: none; }
    Picture.-editing .editor-line { display: block; }
    Picture.-editing .chosen { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.chosen = (1, 0)  # layer (0: the inputs) and unit
        self.weight = 0  # 0: the bias, then the weights in order
        self._scene: SnapshotContext | None = None
        self._sample: tuple[object, Sample] | None = None
        self._change: Change | None = None
        self._error = ""

    def compose(self) -> ComposeResult:
        """The diagram, what the unit is like, the chosen value, and a field to change it."""
        yield Diagram(id="diagram")
        yield Static("", classes="facts")
        yield Static("", classes="chosen")
        with Horizontal(classes="editor-line"):
            yield Static("")
            yield ValueInput(compact=True, select_on_focus=True)

    def show(self, workbench: Workbench) -> None:
        """Draw the parameters that are shown."""
        context = snapshot_context(workbench)
        if context is not None:
            self._scene = context
            self._draw()

    # Keys

    def action_unit_right(self) -> None:
        """The next layer."""
        self._go(1, 0)

    def action_unit_left(self) -> None:
        """The layer before."""
        self._go(-1, 0)

    def action_unit_down(self) -> None:
        """The next unit."""
        self._go(0, 1)

    def action_unit_up(self) -> None:
        """The unit before."""
        self._go(0, -1)

    def action_weight_next(self) -> None:
        """The next value of the unit."""
        self._turn(1)

    def action_weight_previous(self) -> None:
        """The value before."""
        self._turn(-1)

    def action_weight_change(self) -> None:
        """Open the field."""
        context = self._scene
        if context is None or self.chosen[0] == 0:
            return
        name, place = self._place()
        self._error = ""
        self.query_one(".editor-line Static", Static).update(f"{entry(name, place)} = ")
        field = self.query_one(ValueInput)
        field.value = repr(float(context.snapshot.parameters[name][place]))
        self.add_class("-editing")
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the number."""
        event.stop()
        try:
            value = float(event.value)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._refuse(f"{event.value or 'nothing'} is not a finite number")
            return
        context = self._scene
        if context is None:
            return
        name, place = self._place()
        parameters = {key: np.array(values) for key, values in context.snapshot.parameters.items()}
        old = float(parameters[name][place])
        parameters[name][place] = value
        text = f"{entry(name, place)} {short(old)} → {short(value)}"

        def work(workbench: Workbench) -> str:
            workbench.put(parameters)
            self._change = Change(text, context.snapshot.cost, context.run)
            self.close_editor()
            return ""

        self.post_message(self.EditRequest(work, self._refuse))

    def _refuse(self, message: str) -> None:
        self._error = message
        self.query_one(".facts", Static).update(Content.styled(message, "$text-error"))

    def close_editor(self) -> None:
        """Back to the diagram."""
        self.remove_class("-editing")
        self._error = ""
        self.focus()
        self._draw()

    def _go(self, layers: int, units: int) -> None:
        if self._scene is None:
            return
        dims = self._scene.network.dims
        layer = max(0, min(self.chosen[0] + layers, len(dims) - 1))
        unit = self.chosen[1] + units
        if layers and layer != self.chosen[0]:
            unit = round((unit + 0.5) / dims[self.chosen[0]] * dims[layer] - 0.5)
        self.choose(layer, unit)

    def on_diagram_chosen(self, event: Diagram.Chosen) -> None:
        """A unit was clicked."""
        self.focus()
        self.choose(event.layer, event.unit)

    def choose(self, layer: int, unit: int) -> None:
        """Look into this unit."""
        if self._scene is not None:
            self.chosen = (layer, max(0, min(unit, self._scene.network.dims[layer] - 1)))
            self.weight, self._change = 0, None
            self._draw()

    def _turn(self, step: int) -> None:
        if self._scene is not None and self.chosen[0]:
            self.weight = (self.weight + step) % (self._scene.network.dims[self.chosen[0] - 1] + 1)
            self._change = None
            self._draw()

    def _place(self) -> tuple[str, tuple[int, int]]:
        """The chosen parameter and the entry of it."""
        layer, unit = self.chosen
        return (f"W{layer}", (unit, self.weight - 1)) if self.weight else (f"b{layer}", (unit, 0))

    # Drawing

    def _draw(self) -> None:
        context = self._scene
        if context is None or not self.is_mounted:
            return
        dims = context.network.dims
        layer = min(self.chosen[0], len(dims) - 1)
        self.chosen = (layer, min(self.chosen[1], dims[layer] - 1))
        self.weight = min(self.weight, dims[layer - 1] if layer else 0)
        self.query_one(Diagram).draw(context, self.chosen, self.weight)
        self.border_title = (
            f"Picture  iteration {whole(context.snapshot.iteration)}  cost {cost(context.snapshot.cost)}"
        )
        self.border_subtitle = f"← → ↑ ↓ unit  {self.key('weight_next')} weight  Enter change"
        if not self._error:
            self.query_one(".facts", Static).update(self._facts(context))
        self.query_one(".chosen", Static).update(self._value(context))

    def _facts(self, context: SnapshotContext) -> Content:
        layer, unit = self.chosen
        where = f"{layer_name(context.network, layer)}, unit {unit} of {context.network.dims[layer]:,}"
        values = self._activations(context, layer)
        if values is None:
            return Content(where)
        seen = values[unit]
        text = f"mean {short(float(seen.mean()))}  std {short(float(seen.std()))}"
        if layer and layer < len(context.network.layers):
            text += f"  above 0 for {float((seen > 0).mean()):.0%}"
        name = (
            f" ({context.dataset.inputs[unit]})" if layer == 0 else f"  {context.network.layers[layer - 1].activation}"
        )
        return Content(f"{where}{name.replace('_', ' ') if layer else name}  {text}")

    def _activations(self, context: SnapshotContext, layer: int) -> Any:
        """A of the layer (units, examples), None where computing it would take too long."""
        network = context.network
        if 2 * network.size * EXAMPLES > WORK:
            return None
        key = (id(context.dataset), network.dims)
        if self._sample is None or self._sample[0] != key:
            train = context.dataset.train
            some = slice(0, None, max(1, train.m // EXAMPLES))
            self._sample = (key, Sample(train.X[:, some], train.Y[:, some]))
        with np.errstate(all="ignore"):
            return forward(network, dict(context.snapshot.parameters), self._sample[1].X)[f"A{layer}"]

    def _value(self, context: SnapshotContext) -> Content:
        change = self._change
        if change is not None and context.run != change.old_run:
            now = context.snapshot.cost
            better = "$text-success" if now < change.before else "$text-warning"
            costs = Content.styled(f"cost {cost(change.before)} → {cost(now)}", better)
            return Content.assemble(f"{change.text}   ", costs, f"   {self.key('undo')} takes it back")
        layer, _ = self.chosen
        if layer == 0:
            return Content("an input: it has no parameters")
        name, place = self._place()
        value = float(context.snapshot.parameters[name][place])
        source = "its bias" if not self.weight else f"from {layer_name(context.network, layer - 1)}, unit {place[1]}"
        if layer == 1 and self.weight:
            source = f"from {context.dataset.inputs[place[1]]}"
        number = f"{self.weight} of {context.network.dims[layer - 1]:,}" if self.weight else ""
        return Content.assemble(
            "▸ ", Content.styled(f"{entry(name, place)} = {short(value)}", "bold"), f"  {source}  ", number
        )

    def as_text(self) -> str:
        """The chosen unit's bias and weights, with tabs."""
        context, (layer, unit) = self._scene, self.chosen
        if context is None or layer == 0:
            return ""
        parameters = context.snapshot.parameters
        lines = [f"{entry(f'b{layer}', (unit, 0))}\t{float(parameters[f'b{layer}'][unit, 0])!r}"]
        weights = parameters[f"W{layer}"][unit].tolist()
        lines += [f"{entry(f'W{layer}', (unit, place))}\t{weight!r}" for place, weight in enumerate(weights)]
        return "\n".join(lines)


class ValueInput(Input):
    """A field for one number."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def action_leave(self) -> None:
        """Change nothing."""
        self._picture().close_editor()

    def on_blur(self) -> None:
        """Leaving the field ends it."""
        if self._picture().has_class("-editing"):
            self._picture().close_editor()

    def _picture(self) -> Picture:
        return next(node for node in self.ancestors if isinstance(node, Picture))


def layer_name(network: NetworkSpec, layer: int) -> str:
    """input, hidden 2, output."""
    return "input" if layer == 0 else "output" if layer == len(network.layers) else f"hidden {layer}"


def entry(name: str, place: tuple[int, int]) -> str:
    """W2[3, 0], b2[3]: as NumPy counts, from 0."""
    return f"{name}[{place[0]}, {place[1]}]" if name[0] == "W" else f"{name}[{place[0]}]"

"""The network as a diagram: units in columns, weights as lines. A unit can be chosen, and one of its values changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from deepnet_tui.drawing.numbers import cost, short, whole
from deepnet_tui.widgets.base.keys import bindings
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext, snapshot_context
from deepnet_tui.widgets.base.view import View
from deepnet_tui.widgets.views.picture.diagram import Diagram
from deepnet_tui.widgets.views.picture.unit import (
    UnitActivations,
    WeightChange,
    change_facts,
    entry_name,
    parameter_facts,
    unit_facts,
)

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench


class ValueInput(Input):
    """A field for one number."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """The field was left without a number."""

    def action_leave(self) -> None:
        """Change nothing."""
        self.post_message(self.Left())

    def on_blur(self) -> None:
        """Leaving the field ends the change."""
        self.post_message(self.Left())


class PictureView(View, can_focus=True):
    """Arrows choose a unit, n and N one of its weights or its bias, Enter changes that."""

    FOLLOWS_PARAMETERS = True
    FRAMES = 6
    BINDINGS: ClassVar[list[BindingType]] = bindings("picture")
    DEFAULT_CSS = """
    PictureView #diagram { height: 1fr; }
    PictureView .facts { height: 1; color: $text-muted; }
    PictureView .chosen { height: 1; }
    PictureView .editor-line { height: 1; display: none; }
    PictureView .editor-line Static { width: auto; }
    PictureView .editor-line Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $panel; }
    PictureView .editor-line Input:focus { border: none; }
    PictureView.-editing .editor-line { display: block; }
    PictureView.-editing .chosen { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="view")
        self.chosen = (1, 0)  # layer (0: the inputs) and unit
        self.weight = 0  # 0: the bias, then the weights in order
        self._shown: SnapshotContext | None = None
        self._activations = UnitActivations()
        self._change: WeightChange | None = None
        self._error = ""

    def compose(self) -> ComposeResult:
        """The diagram, facts about the unit, the chosen value, and a field to change it."""
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
            before, self._shown = self._shown, context
            if before is not None and before.member != context.member:
                self._change = None  # it was made in another network
            if before is not None and before.run != context.run and self.has_class("-editing"):
                self.close_editor()  # what is typed was meant for another run
            else:
                self._draw()

    # Keys

    def action_unit_right(self) -> None:
        """Choose a unit of the next layer."""
        self._go(1, 0)

    def action_unit_left(self) -> None:
        """Choose a unit of the previous layer."""
        self._go(-1, 0)

    def action_unit_down(self) -> None:
        """Choose the next unit of the layer."""
        self._go(0, 1)

    def action_unit_up(self) -> None:
        """Choose the previous unit of the layer."""
        self._go(0, -1)

    def action_weight_next(self) -> None:
        """Choose the next weight of the unit; before the first is the bias."""
        self._turn(1)

    def action_weight_previous(self) -> None:
        """Choose the previous weight or the bias."""
        self._turn(-1)

    def action_weight_change(self) -> None:
        """Open the field in which the value is changed."""
        context = self._shown
        if context is None or self.chosen[0] == 0:
            return
        name, place = self._place()
        self._error = ""
        self.query_one(".editor-line Static", Static).update(f"{entry_name(name, place)} = ")
        field = self.query_one(ValueInput)
        field.value = repr(float(context.snapshot.parameters[name][place]))
        self.add_class("-editing")
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Set the parameter to the number that was typed."""
        event.stop()
        try:
            value = float(event.value)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._refuse(f"{event.value or 'nothing'} is not a finite number")
            return
        context = self._shown
        if context is None:
            return
        name, place = self._place()
        parameters = {key: np.array(values) for key, values in context.snapshot.parameters.items()}
        old = float(parameters[name][place])
        parameters[name][place] = value
        text = f"{entry_name(name, place)} {short(old)} → {short(value)}"

        def work(workbench: Workbench) -> str:
            workbench.set_parameters(parameters)
            self._change = WeightChange(text, context.snapshot.cost, context.run)
            self.close_editor()
            return ""

        self.post_message(self.EditRequest(work, self._refuse))

    def on_value_input_left(self, event: ValueInput.Left) -> None:
        """Close the field."""
        event.stop()
        if self.has_class("-editing"):
            self.close_editor()

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
        if self._shown is None:
            return
        dims = self._shown.network.dims
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
        """Choose this unit and its bias."""
        if self._shown is not None:
            self.chosen = (layer, max(0, min(unit, self._shown.network.dims[layer] - 1)))
            self.weight, self._change = 0, None
            self._draw()

    def _turn(self, step: int) -> None:
        if self._shown is not None and self.chosen[0]:
            self.weight = (self.weight + step) % (self._shown.network.dims[self.chosen[0] - 1] + 1)
            self._change = None
            self._draw()

    def _place(self) -> tuple[str, tuple[int, int]]:
        """The chosen parameter and the entry of it."""
        layer, unit = self.chosen
        return (f"W{layer}", (unit, self.weight - 1)) if self.weight else (f"b{layer}", (unit, 0))

    # Drawing

    def _draw(self) -> None:
        context = self._shown
        if context is None or not self.is_mounted:
            return
        dims = context.network.dims
        layer = min(self.chosen[0], len(dims) - 1)
        self.chosen = (layer, min(self.chosen[1], dims[layer] - 1))
        self.weight = min(self.weight, dims[layer - 1] if layer else 0)
        self.query_one(Diagram).draw(context, self.chosen, self.weight)
        at = f"iteration {whole(context.snapshot.iteration)}  cost {cost(context.snapshot.cost)}"
        self.border_title = f"{context.heading('Picture')}  {at}"
        self.border_subtitle = f"← → ↑ ↓ unit  {self.key('weight_next')} weight  Enter change"
        if not self._error:
            self.query_one(".facts", Static).update(self._facts(context))
        self.query_one(".chosen", Static).update(self._value(context))

    def _facts(self, context: SnapshotContext) -> Content:
        layer, unit = self.chosen
        return unit_facts(context, layer, unit, self._activations.of_layer(context, layer))

    def _value(self, context: SnapshotContext) -> Content:
        change = self._change
        if change is not None and context.run != change.old_run:
            return change_facts(change, context.snapshot.cost, self.key("undo"))
        if self.chosen[0] == 0:
            return Content("an input: it has no parameters")
        return parameter_facts(context, *self._place())

    def as_text(self) -> str:
        """The chosen unit's bias and weights, with tabs."""
        context, (layer, unit) = self._shown, self.chosen
        if context is None or layer == 0:
            return ""
        parameters = context.snapshot.parameters
        lines = [f"{entry_name(f'b{layer}', (unit, 0))}\t{float(parameters[f'b{layer}'][unit, 0])!r}"]
        weights = parameters[f"W{layer}"][unit].tolist()
        lines += [f"{entry_name(f'W{layer}', (unit, place))}\t{weight!r}" for place, weight in enumerate(weights)]
        return "\n".join(lines)

"""The data pane: what the network is trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from deepnet_tui.drawing.numbers import whole
from deepnet_tui.widgets.base.view import View

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.workbench.workbench import Workbench

LABELS = {"binary": "two classes", "numbers": "a number"}


class DataPane(View, can_focus=True):
    """Name, sizes and task. Enter or a click chooses other data."""

    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.data", "choose data", show=False)]

    def __init__(self) -> None:
        super().__init__(id="data", classes="pane")
        self.border_title = "Data"
        self._dataset: Dataset | None = None

    def version(self, workbench: Workbench) -> object:
        """The dataset."""
        return id(workbench.dataset) if workbench.ready else None

    def show(self, workbench: Workbench) -> None:
        """Draw the data's description."""
        dataset = workbench.dataset if workbench.ready else None
        if dataset is not self._dataset:
            self._dataset = dataset
            self.refresh()

    async def on_click(self) -> None:
        """Choose other data."""
        await self.run_action("screen.data")

    def render(self) -> Content:
        """Three short lines."""
        return Content("\n").join(self._lines())

    def _lines(self) -> list[Content]:
        dataset = self._dataset
        if dataset is None:
            return [Content.styled("loading …", "dim")]
        held = dataset.validation.m if dataset.validation else 0
        kind = f"{dataset.outputs} classes" if dataset.labels == "one-hot" else LABELS[dataset.labels]
        kind = "numbers" if dataset.further_targets else kind
        m = dataset.train.m + held
        lines = [
            Content.assemble(Content.styled(dataset.name, "bold"), f"  {whole(m)} × {whole(len(dataset.inputs))}"),
            Content(f"{whole(dataset.train.m)} train  {whole(held)} validation"),
            Content.styled(f"{', '.join(dataset.targets)}: {kind}", "dim"),
        ]
        lines += [Content.styled(note, "$text-warning") for note in dataset.notes]
        return lines

    def as_text(self) -> str:
        """The lines."""
        return "\n".join(line.plain for line in self._lines())

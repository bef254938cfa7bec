"""The data pane: what the network learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from deepnet_tui.widgets.numbers import whole
from deepnet_tui.widgets.view import View

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Problem
    from deepnet_tui.workbench import Workbench

TASKS = {"binary": "two classes", "multiclass": "classes", "regression": "a number"}


class DataPane(View, can_focus=True):
    """Name, sizes and task. Enter or a click chooses other data."""

    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.data", "choose data", show=False)]

    def __init__(self) -> None:
        super().__init__(id="data", classes="pane")
        self.border_title = "Data"
        self._problem: Problem | None = None

    def stamp(self, workbench: Workbench) -> object:
        """The data."""
        return id(workbench.problem) if workbench.ready else None

    def show(self, workbench: Workbench) -> None:
        """Draw the data's description."""
        problem = workbench.problem if workbench.ready else None
        if problem is not self._problem:
            self._problem = problem
            self.refresh()

    async def on_click(self) -> None:
        """The same as Enter."""
        await self.run_action("screen.data")

    def render(self) -> Content:
        """Three short lines."""
        return Content("\n").join(self._lines())

    def _lines(self) -> list[Content]:
        problem = self._problem
        if problem is None:
            return [Content.styled("one moment …", "dim")]
        held = problem.held_out.m if problem.held_out else 0
        kind = f"{problem.outputs} classes" if problem.task == "multiclass" else TASKS[problem.task]
        m = problem.train.m + held
        lines = [
            Content.assemble(Content.styled(problem.name, "bold"), f"  {whole(m)} × {whole(len(problem.inputs))}"),
            Content(f"{whole(problem.train.m)} train  {whole(held)} held out"),
            Content.styled(f"{problem.target}: {kind}", "dim"),
        ]
        lines += [Content.styled(note, "$text-warning") for note in problem.notes]
        return lines

    def as_text(self) -> str:
        """The lines."""
        return "\n".join(line.plain for line in self._lines())

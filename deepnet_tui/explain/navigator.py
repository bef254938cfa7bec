"""The position in a trace: the operation, the entry, and the entries that were followed to get there."""

from __future__ import annotations

from dataclasses import dataclass

from deepnet_tui.explain.arithmetic import format_number
from deepnet_tui.explain.operation import Operation, Part
from deepnet_tui.explain.trace import Trace

GOOD_GUESS = 0.02  # relative error that mental arithmetic may have


@dataclass(frozen=True)
class Position:
    """An entry of the result of an operation."""

    index: int
    row: int = 0
    column: int = 0


class Navigator:
    """Moves through a trace. `visited` collects the kinds and the names of the operations that were shown."""

    def __init__(self) -> None:
        self.trace: Trace | None = None
        self.position = Position(0)
        self.trail: list[Position] = []
        self.choices: tuple[Part, ...] = ()
        self.chosen = 0
        self.guessing = False
        self.verdict = ""
        self.visited: set[str] = set()
        self._revealed: set[Position] = set()

    def load(self, trace: Trace) -> None:
        """Take another trace, and stay at the same operation and entry if it has them."""
        name = self.operation.out.name if self.trace is not None else ""
        names = [operation.out.name for operation in trace.operations]
        unchanged = self.trace is not None and names == [operation.out.name for operation in self.trace.operations]
        self.trace = trace
        if not unchanged:
            self.trail, self.choices = [], ()
        self._revealed.clear()
        self.verdict = ""
        self._go_to(Position(names.index(name) if name in names else 0, self.position.row, self.position.column))

    @property
    def operation(self) -> Operation:
        """The operation in focus. Raises ValueError before a trace is loaded."""
        if self.trace is None:
            raise ValueError("there is no trace yet")
        return self.trace[self.position.index]

    @property
    def followed(self) -> Part | None:
        """The origin that Enter would go to, while one is being chosen."""
        return self.choices[self.chosen] if self.choices else None

    @property
    def hidden(self) -> bool:
        """Whether the entry in focus is still to be guessed."""
        return self.hides(self.position.row, self.position.column)

    def hides(self, row: int, column: int) -> bool:
        """Whether this entry of the result is still to be guessed."""
        return self.guessing and Position(self.position.index, row, column) not in self._revealed

    def step(self, steps: int) -> None:
        """Go to a later operation, or with negative steps to an earlier one."""
        self.trail = []
        self._go_to(Position(self.position.index + steps, self.position.row, self.position.column))

    def layer(self, direction: int) -> None:
        """Go to the first operation of the next layer in the order of the trace, or of the previous one."""
        if self.trace is None:
            return
        groups = [(operation.phase, operation.layer) for operation in self.trace.operations]
        here = self.position.index
        firsts = [index for index, group in enumerate(groups) if index == 0 or groups[index - 1] != group]
        if direction > 0:
            target = next((index for index in firsts if index > here), len(groups) - 1)
        else:
            target = next((index for index in reversed(firsts) if index < here), 0)
        self.step(target - here)

    def move(self, rows: int, columns: int) -> None:
        """Go to another entry of the same matrix."""
        self._go_to(Position(self.position.index, self.position.row + rows, self.position.column + columns))

    def point(self, row: int, column: int) -> None:
        """Go to this entry of the same matrix."""
        self._go_to(Position(self.position.index, row, column))

    def follow(self) -> str:
        """Go back to where the entry came from, or begin to choose if there are several origins.

        Returns why it can't, else "".
        """
        if self.choices:
            self.go(self.choices[self.chosen])
            return ""
        parts = self.operation.parts(self.position.row, self.position.column)
        computed = [part for part in parts if part.made_by is not None]
        if not computed:
            return "The chain begins here: all of this was given"
        if len(computed) == 1:
            self.go(computed[0])
        else:
            self.choices, self.chosen = tuple(computed), 0
        return ""

    def choose(self, steps: int) -> None:
        """Choose a later origin, or with negative steps an earlier one."""
        self.chosen = max(0, min(self.chosen + steps, len(self.choices) - 1))

    def go(self, part: Part) -> None:
        """Go to the operation that computed this part."""
        if part.made_by is not None:
            self.trail.append(self.position)
            self._go_to(Position(part.made_by, part.row, part.column))

    def back(self) -> None:
        """Stop choosing, or return to the entry that was followed."""
        if self.choices:
            self.choices = ()
        elif self.trail:
            self._go_to(self.trail.pop())

    def guess(self) -> None:
        """Start or stop hiding the results until they are guessed."""
        self.guessing = not self.guessing
        self.verdict = ""
        self._revealed.clear()

    def reveal(self, text: str = "") -> None:
        """Show the result, and judge the guess in `text`, if any. Raises ValueError if it is not a number."""
        value = self.operation.value(self.position.row, self.position.column)
        if text.strip():
            try:
                guess = float(text.strip().replace(",", "."))
            except ValueError:
                raise ValueError(f"{text.strip()!r} is not a number") from None
            near = guess == value or abs(guess - value) <= GOOD_GUESS * self._size()
            result = self.operation.result(self.position.row, self.position.column)
            self.verdict = f"You said {format_number(guess)}: {'right' if near else f'it is {result}'}."
            if not near and guess * value < 0:
                self.verdict += " The sign is the other one."
        self._revealed.add(self.position)
        self.visited.add("guess")

    def _size(self) -> float:
        """What the error of a guess is relative to: the value, or if that is 0 its largest operand."""
        row, column = self.position.row, self.position.column
        value = abs(self.operation.value(row, column))
        return value or max((abs(part.value) for part in self.operation.parts(row, column)), default=0.0)

    def _go_to(self, position: Position) -> None:
        if self.trace is None:
            return
        index = max(0, min(position.index, len(self.trace) - 1))
        rows, columns = self.trace[index].out.shape
        row, column = max(0, min(position.row, rows - 1)), max(0, min(position.column, columns - 1))
        if (here := Position(index, row, column)) != self.position:
            self.verdict = ""
        self.position, self.choices = here, ()
        self.visited |= {self.operation.kind, self.operation.out.name}

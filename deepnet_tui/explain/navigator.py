"""Where somebody stands in a trace: the operation, the entry, and the way they came."""

from __future__ import annotations

from dataclasses import dataclass

from deepnet_tui.explain.arithmetic import shown
from deepnet_tui.explain.operation import Operation, Part
from deepnet_tui.explain.trace import Trace

GOOD_GUESS = 0.02  # relative: as near as one gets in one's head


@dataclass(frozen=True)
class Place:
    """An entry of what an operation makes."""

    index: int
    row: int = 0
    column: int = 0


class Navigator:
    """Goes through a trace. `visited` collects the kinds and the names of what was looked at."""

    def __init__(self) -> None:
        self.trace: Trace | None = None
        self.place = Place(0)
        self.trail: list[Place] = []
        self.choices: tuple[Part, ...] = ()
        self.chosen = 0
        self.guessing = False
        self.verdict = ""
        self.visited: set[str] = set()
        self._revealed: set[Place] = set()

    def load(self, trace: Trace) -> None:
        """Read another trace, at the same operation and entry if it has them."""
        name = self.operation.out.name if self.trace is not None else ""
        same = [operation.out.name for operation in trace.operations]
        alike = self.trace is not None and same == [operation.out.name for operation in self.trace.operations]
        self.trace = trace
        if not alike:
            self.trail, self.choices = [], ()
        self._revealed.clear()
        self.verdict = ""
        self._stand(Place(same.index(name) if name in same else 0, self.place.row, self.place.column))

    @property
    def operation(self) -> Operation:
        """The one in focus."""
        if self.trace is None:
            raise ValueError("there is nothing to read yet")
        return self.trace[self.place.index]

    @property
    def followed(self) -> Part | None:
        """The part that Enter would go to, while one is being chosen."""
        return self.choices[self.chosen] if self.choices else None

    @property
    def hidden(self) -> bool:
        """Whether the entry in focus is still to be guessed."""
        return self.hides(self.place.row, self.place.column)

    def hides(self, row: int, column: int) -> bool:
        """Whether this entry of the result is still to be guessed."""
        return self.guessing and Place(self.place.index, row, column) not in self._revealed

    def step(self, steps: int) -> None:
        """To a later operation, or with negative steps to an earlier one."""
        self.trail = []
        self._stand(Place(self.place.index + steps, self.place.row, self.place.column))

    def layer(self, direction: int) -> None:
        """To the first operation of the next layer, in reading order, or of the one before."""
        if self.trace is None:
            return
        groups = [(operation.phase, operation.layer) for operation in self.trace.operations]
        here = self.place.index
        firsts = [index for index, group in enumerate(groups) if index == 0 or groups[index - 1] != group]
        if direction > 0:
            goal = next((index for index in firsts if index > here), len(groups) - 1)
        else:
            goal = next((index for index in reversed(firsts) if index < here), 0)
        self.step(goal - here)

    def move(self, rows: int, columns: int) -> None:
        """To another entry of the same matrix."""
        self._stand(Place(self.place.index, self.place.row + rows, self.place.column + columns))

    def point(self, row: int, column: int) -> None:
        """To this entry of the same matrix."""
        self._stand(Place(self.place.index, row, column))

    def follow(self) -> str:
        """Go back to where the entry came from; where there are several origins, begin to choose. Says what is odd."""
        if self.choices:
            part = self.choices[self.chosen]
            self.go(part)
            return ""
        made = [part for part in self.operation.parts(self.place.row, self.place.column) if part.made_by is not None]
        if not made:
            return "The chain begins here: all of this was given"
        if len(made) == 1:
            self.go(made[0])
        else:
            self.choices, self.chosen = tuple(made), 0
        return ""

    def choose(self, steps: int) -> None:
        """Another of the origins."""
        self.chosen = max(0, min(self.chosen + steps, len(self.choices) - 1))

    def go(self, part: Part) -> None:
        """To the operation that made this part."""
        if part.made_by is not None:
            self.trail.append(self.place)
            self._stand(Place(part.made_by, part.row, part.column))

    def back(self) -> None:
        """Stop choosing, or return to the entry that was followed."""
        if self.choices:
            self.choices = ()
        elif self.trail:
            self._stand(self.trail.pop())

    def guess(self) -> None:
        """Begin or end to predict before the results are shown."""
        self.guessing = not self.guessing
        self.verdict = ""
        self._revealed.clear()

    def reveal(self, text: str = "") -> None:
        """Show the result, and say how near the guess came. Raises ValueError for a guess that is no number."""
        value = self.operation.value(self.place.row, self.place.column)
        if text.strip():
            try:
                said = float(text.strip().replace(",", "."))
            except ValueError:
                raise ValueError(f"{text.strip()!r} is not a number") from None
            near = said == value or abs(said - value) <= GOOD_GUESS * self._size()
            result = self.operation.result(self.place.row, self.place.column)
            self.verdict = f"You said {shown(said)}: {'right' if near else f'it is {result}'}."
            if not near and said * value < 0:
                self.verdict += " The sign is the other one."
        self._revealed.add(self.place)
        self.visited.add("guess")

    def _size(self) -> float:
        """What a guess is measured by: the value, or, where that is 0, the largest number that it came from."""
        row, column = self.place.row, self.place.column
        value = abs(self.operation.value(row, column))
        return value or max((abs(part.value) for part in self.operation.parts(row, column)), default=0.0)

    def _stand(self, place: Place) -> None:
        if self.trace is None:
            return
        index = max(0, min(place.index, len(self.trace) - 1))
        rows, columns = self.trace[index].out.shape
        row, column = max(0, min(place.row, rows - 1)), max(0, min(place.column, columns - 1))
        if (here := Place(index, row, column)) != self.place:
            self.verdict = ""
        self.place, self.choices = here, ()
        self.visited |= {self.operation.kind, self.operation.out.name}

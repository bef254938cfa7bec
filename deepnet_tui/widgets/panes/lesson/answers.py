"""The answers to a question of a lesson."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region
from textual.widgets.option_list import Option

from deepnet_tui.widgets.base.choices import Choices


class Answers(Choices):
    """The answers in full; the selected one has a mark that needs no colour."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self.styles.height = "auto"
        self._texts: tuple[str, ...] = ()
        self._width = 0

    def ask(self, texts: Sequence[str], width: int) -> None:
        """Offer these, wrapped to this width; the selected one stays selected."""
        if (tuple(texts), width) == (self._texts, self._width):
            return
        selected = self.highlighted if tuple(texts) == self._texts else 0
        self._texts, self._width = tuple(texts), width
        self.set_options([Option(self._prompt(number, selected)) for number in range(len(texts))])
        self.highlighted = selected
        self.refresh(layout=True)

    def mark(self) -> None:
        """Mark the selected one."""
        for number in range(len(self._texts)):
            self.replace_option_prompt_at_index(number, self._prompt(number, self.highlighted))

    def selected(self) -> Region:
        """Where the selected one stands in what holds the list."""
        heights, number = self._tall(), self.highlighted or 0
        x, y, width, _ = self.virtual_region
        return Region(x, y + sum(heights[:number]), width, heights[number]) if heights else self.virtual_region

    def _tall(self) -> list[int]:
        return [marked(text, " ", self._width).plain.count("\n") + 1 for text in self._texts]

    def _prompt(self, number: int, selected: int | None) -> Content:
        return marked(self._texts[number], "▸" if number == selected else " ", self._width)


def marked(text: str, mark: str, width: int) -> Content:
    """An answer behind its mark; further lines stand beneath its first letter."""
    lines = [line.plain.rstrip() for line in Content(text).wrap(width - 2)] if width > 2 else [text]
    return Content(f"{mark} " + "\n  ".join(lines))

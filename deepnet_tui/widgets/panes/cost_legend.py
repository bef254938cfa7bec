"""The title of the cost pane: a name, a value and a colour for every line of the chart, shorter where room is short."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual.content import Content

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.drawing.theme import LINE_SIGNS, PLAIN_MARKS, ChartColors, css_color


@dataclass(frozen=True)
class CostsShown:
    """The costs at one iteration, nan where there is none; `train` is the mean of so many `members`."""

    train: float
    validation: float = math.nan
    lowest: float = math.nan
    highest: float = math.nan
    internal: float = math.nan
    members: int = 1
    penalised: bool = False

    @property
    def usual(self) -> bool:
        """Whether there is one network, and no internal part."""
        return self.members == 1 and math.isnan(self.internal)


@dataclass(frozen=True)
class Form:
    """How much of the legend is written: values, words, the gap before each line's name, the title, the penalty."""

    spread: bool = True
    words: bool = True
    gap: str = "  "
    title: str = "Cost"
    penalty: bool = True


FORMS = (
    Form(),
    Form(spread=False),
    Form(spread=False, words=False),
    Form(spread=False, words=False, gap=" "),
    Form(spread=False, words=False, gap=" ", title=""),
    Form(spread=False, words=False, gap=" ", title="", penalty=False),
)
SHORT = {"internal": "int.", "validation": "val."}


def legend(costs: CostsShown, colors: ChartColors, *, plain: bool, more: Content, room: int) -> Content:
    """The title in at most `room` characters, as far as that is possible, with `more` at its end.

    `plain` is without colour, where marks tell the lines apart.
    """
    content = Content()
    for form in FORMS[:1] if costs.usual else FORMS:
        content = Content.assemble(form.title, *_entries(costs, colors, plain, form), more)
        if content.cell_length <= room:
            break
    return content


def _entries(costs: CostsShown, colors: ChartColors, plain: bool, form: Form) -> list[Content]:
    several = costs.members > 1
    name = f"mean of {costs.members}" if several else "train"
    if costs.penalised and form.penalty:
        name += " with penalty" if form.words else " + penalty"
    first = form.gap if form.title else ""
    entries = [Content.styled(f"{first}━ {name} {cost(costs.train)}", css_color(colors.train))]
    if several:
        lowest, highest = (f" {cost(value)}" if form.spread else "" for value in (costs.lowest, costs.highest))
        mark = (PLAIN_MARKS if plain else LINE_SIGNS)["spread"]
        entries.append(Content.styled(f"{form.gap}{mark} lowest{lowest} highest{highest}", css_color(colors.spread)))
    for what, value, color in (
        ("internal", costs.internal, colors.internal),
        ("validation", costs.validation, colors.validation),
    ):
        if not math.isnan(value):
            mark, word = (PLAIN_MARKS if plain else LINE_SIGNS)[what], what if form.words else SHORT[what]
            entries.append(Content.styled(f"{form.gap}{mark} {word} {cost(value)}", css_color(color)))
    return entries

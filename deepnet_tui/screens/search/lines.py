"""The texts around the table of trials: how far the search is, what is searched, what came of it."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.content import Content

from deepnet_tui.common.text import counted
from deepnet_tui.common.times import short_time_left
from deepnet_tui.drawing.numbers import whole
from deepnet_tui.search.background import BackgroundSearch, Stage
from deepnet_tui.search.verdict import verdict

DOTS = {
    Stage.READY: ("○", "dim"),
    Stage.SEARCHING: ("●", "$text-success"),
    Stage.PAUSING: ("‖", "$text-warning"),
    Stage.PAUSED: ("‖", "$text-warning"),
    Stage.FINISHED: ("✓", "$text-success"),
    Stage.FAILED: ("✗", "$text-error"),
}


def head(search: BackgroundSearch) -> tuple[Content, Content, Content]:
    """What is searched and the best score, for the right end how far it is, and the first in short."""
    progress, stage = search.progress, search.stage
    left = [Content.styled("search", "bold $text-primary"), Content.styled(f"  {search.case.dataset.name}", "bold")]
    best, defaults = progress.best, progress.defaults
    if best is not None:
        left.append(Content(f"  best {best.score:.4g}"))
    if defaults is not None and defaults.score is not None:
        left.append(Content.styled(f"  defaults {defaults.score:.4g}", "dim"))
    dot, color = DOTS[stage]
    right = [Content.styled(f"{dot} {stage}", color), Content(f"  {progress.finished}/{search.wanted} trials")]
    if stage is Stage.SEARCHING and progress.left is not None:
        right.append(Content.styled(f"  {short_time_left(progress.left)}", "dim"))
    shorter = Content("").join([Content.styled(search.case.dataset.name, "bold"), *left[2:3]])
    return Content("").join(left), Content("").join(right), shorter


def ranges(search: BackgroundSearch, width: int, bar: Style, muted: Style) -> list[Text]:
    """Each setting with its importance, the largest first, or with its range as long as nobody knows it."""
    importance = search.progress.importance
    order = sorted(search.ranges, key=lambda entry: -importance.get(entry.name, 0.0))
    wide = max(len(entry.setting.label) for entry in order)
    lines = []
    for entry in order:
        line = Text(f"{entry.setting.label:<{wide}}  ", no_wrap=True, overflow="ellipsis")
        if importance:
            share = importance.get(entry.name, 0.0)
            room = max(4, width - wide - 7)
            line.append("█" * round(room * share / max(importance.values())), style=bar)
            line.append(f" {share:.0%}", style=muted)
        else:
            line.append(entry.text, style=muted)
        lines.append(line)
    return lines


def chart_hint(search: BackgroundSearch, start: str) -> Content:
    """What stands in place of the chart until there is a score; `start` is the key that starts."""
    if search.stage is Stage.READY:
        words = "The best score so far will be drawn here.\n"
        return Content.assemble(words, Content.styled(start, "bold"), " starts the search.")
    return Content("The first score is yet to come.")


def said(search: BackgroundSearch, start: str) -> Content:
    """What there is to know now; `start` is the key that starts and resumes."""
    progress, rows = search.progress, whole(search.case.dataset.train.m)
    match search.stage:
        case Stage.READY:
            held = search.case.dataset.validation
            apart = "" if held is None else f"; the {whole(held.m)} validation rows have no part in it"
            text = f"{start} starts. Scored by the {search.metric} of {rows} training rows{apart}."
        case Stage.FAILED:
            return Content.styled(search.error, "$text-error")
        case Stage.PAUSED:
            kept = f"{counted(progress.finished, 'trial')} kept"
            text = f"Paused, {kept}; {start} goes on. Elsewhere:\ndeepnet-tui search --resume {search.name}"
        case Stage.FINISHED:
            return Content(verdict(progress, search.metric, search.fresh))
        case _:
            fresh = progress.finished >= search.wanted
            text = (
                "Comparing the best with the defaults on parts drawn anew …" if fresh else "".join(progress.notes[-1:])
            )
    return Content.styled(text, "dim")

"""Borders that are dragged: how wide the design is, how high the chart and the training settings are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events
    from textual.screen import Screen

LEAST_DESIGN, LEAST_WATCH = 24, 40  # columns
TWICE = 0.5  # seconds between two presses that belong together
LEAST_SHARE, MOST_SHARE = 15, 85  # per cent


@dataclass(frozen=True)
class Splits:
    """Where the borders are: `design` in columns, `cost` and `training` in per cent of a height; 0 as they begin.

    `cost` is the share of the chart in what it has together with the view, `training` that of its pane in the design.
    """

    design: int = 0
    cost: int = 0
    training: int = 0


class Borders:
    """The borders of the main screen, with the split that they make."""

    def __init__(self, screen: Screen[None], splits: Splits | None = None) -> None:
        self.splits = splits or Splits()
        self._screen = screen
        self._dragged = ""
        self._pressed, self._pressed_at = "", 0.0

    @property
    def dragging(self) -> bool:
        """Whether a border is being dragged."""
        return bool(self._dragged)

    def _find(self, name: str) -> Widget:
        return self._screen.query_one(f"#{name}")

    def at(self, x: int, y: int, *, wide: bool) -> str:
        """The border at a place of the screen, by its name in `Splits`; "" for none."""
        if self._screen.maximized is not None:
            return ""
        watch, design = self._find("watch"), self._find("design")
        if wide and design.display and watch.display and y in design.region.line_range:
            if x in (design.region.right - 1, watch.region.x):
                return "design"
            above, below = self._find("data-and-layers"), self._find("training")
            inside = x in design.region.column_range and above.display and below.display
            if inside and y in (below.region.y - 1, below.region.y):
                return "training"
        cost, views = self._find("cost"), self._find("views")
        both = watch.display and cost.display and views.display and x in watch.region.column_range
        return "cost" if both and y in (cost.region.bottom - 1, views.region.y) else ""

    def press(self, event: events.MouseDown, *, wide: bool) -> bool:
        """Begin to drag, if a border was pressed; pressed twice, it goes back to where it began."""
        self._dragged = self.at(int(event.screen_x), int(event.screen_y), wide=wide)
        if self._dragged:
            self._screen.capture_mouse()
            self._screen.clear_selection()  # Textual has just begun to select text
            self._screen.app._mouse_down_widget = None  # private: no click follows, which would choose something
            twice = self._pressed == self._dragged and event.time - self._pressed_at < TWICE
            self._pressed, self._pressed_at = self._dragged, event.time
            if twice:
                self.splits = replace(self.splits, **{self._dragged: 0})
                self.apply(wide=wide)
                self.release()
        return self.dragging

    def drag(self, event: events.MouseMove) -> None:
        """Move the border to the pointer."""
        x, y = int(event.screen_x), int(event.screen_y)
        if self._dragged == "design":
            left = self._find("design").region.x
            self.splits = replace(self.splits, design=self._width(x - left + 1))
        elif self._dragged == "cost":
            cost, views = self._find("cost").region, self._find("views").region
            self.splits = replace(self.splits, cost=_share(y - cost.y + 1, cost.height + views.height))
        elif self._dragged == "training":
            design = self._find("design").region
            self.splits = replace(self.splits, training=_share(design.bottom - y, design.height))
        self.apply(wide=True)

    def release(self) -> None:
        """The border stays where it is."""
        if self._dragged:
            self._dragged = ""
            self._screen.release_mouse()

    def apply(self, *, wide: bool) -> None:
        """Give the panes their room; a screen that is not `wide` has no border between its sides."""
        splits = self.splits
        self._find("design").styles.width = self._width(splits.design) if wide and splits.design else None
        self._heights("cost", "views", splits.cost)
        self._heights("training", "data-and-layers", splits.training if wide else 0)

    def _width(self, wanted: int) -> int:
        most = max(LEAST_DESIGN, self._screen.size.width - LEAST_WATCH)
        return max(LEAST_DESIGN, min(wanted, most))

    def _heights(self, one: str, other: str, share: int) -> None:
        share = _share(share, 100) if share else 0
        self._find(one).styles.height = f"{share}fr" if share else None
        self._find(other).styles.height = f"{100 - share}fr" if share else None


def _share(part: int, whole: int) -> int:
    return max(LEAST_SHARE, min(MOST_SHARE, round(100 * part / max(1, whole))))

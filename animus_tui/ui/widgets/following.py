"""Scrolling that keeps still: at the end the view follows what is added, elsewhere what is being read stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.reactive import var
from textual.scrollbar import ScrollBar
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.geometry import Region, Size
    from textual.layout import DockArrangeResult


class FollowingScroll(VerticalScroll):
    """A column whose scroll position belongs to its content.

    The position is set while the children are laid out, so the frame that shows a change already shows it in
    place: nothing jumps, whatever grows, shrinks, comes or goes above the first visible row.
    """

    following: var[bool] = var(True, init=False)
    """The end is in view and stays so when more is added."""

    def __init__(self) -> None:
        super().__init__()
        self._placed: dict[Widget, Region] = {}
        self._held: tuple[Widget, float] | None = None

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Lay out the children and scroll to where the reader is."""
        arrangement = super().arrange(size, optimal)
        if not optimal:
            flowing = [placement for placement in arrangement.placements if not placement.fixed]
            self._placed = {placement.widget: placement.region for placement in flowing}
            bottom = max((each.region.bottom + each.margin.bottom for each in flowing), default=0)
            self._settle(max(0, bottom - size.height))
        return arrangement

    def _settle(self, end: float) -> None:
        y = min(self.scroll_y, end)
        if self.following:
            y = end
        elif self._held is not None and self._held[0] in self._placed:
            widget, below = self._held
            y = min(max(0, self._placed[widget].y - below), end)
        if y != self.scroll_y:
            self.set_reactive(Widget.scroll_y, y)
            self.set_reactive(Widget.scroll_target_y, y)
            self.vertical_scrollbar.set_reactive(ScrollBar.position, y)
        self.following = y >= end

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader scrolled: follow when that led to the end, else hold what is now at the top."""
        super().watch_scroll_y(old_value, new_value)
        self.following = new_value >= self.max_scroll_y
        self._hold(new_value)

    def hold(self) -> None:
        """Keep what is on the screen in place, also when something grows at the end."""
        self._hold(self.scroll_y)
        self.following = False

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._held = None
        self.refresh(layout=True)

    def _hold(self, y: float) -> None:
        first = next((widget for widget, region in self._placed.items() if region.bottom > y), None)
        self._held = (first, self._placed[first].y - y) if first is not None else None

    # Motion is for what is being waited for: scrolling is immediate.

    def action_scroll_up(self) -> None:
        """One row up."""
        self.scroll_up(animate=False)

    def action_scroll_down(self) -> None:
        """One row down."""
        self.scroll_down(animate=False)

    def action_page_up(self) -> None:
        """One page up."""
        self.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """One page down."""
        self.scroll_page_down(animate=False)

    def action_scroll_home(self) -> None:
        """To the first message that is loaded."""
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """To the end, and stay there."""
        self.follow()

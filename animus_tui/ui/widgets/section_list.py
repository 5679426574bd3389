"""The list of a box that is filtered as one types: lines under the titles of sections, and the field above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus, runs_binding
from animus_tui.ui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual import events

T = TypeVar("T")
LEAST_ROWS = 3


class FilterInput(KeyOrder, LineInput):
    """Filters a list by words. The keys of the list come here, so that they follow the letters typed before them."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys`: key → action of the screen. One that is a character is typed where something stands already."""
        super().__init__(placeholder="Filter", compact=True, id="filter")
        self._keys = keys

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key of the list does, or what one that is no character does in a line."""
        if follows_focus(self, event):
            action = ""
        elif (action := self._keys.get(event.key, "")) == "" or (event.is_printable and self.value):
            if event.is_printable or not await runs_binding(self, event.key):
                return
            action = ""
        event.stop()
        event.prevent_default()
        if action:
            await self.screen.run_action(action)


class SectionList(OptionList, Generic[T], can_focus=False):
    """Titles cannot be selected. The field of the filter has the focus, and the screen has the keys of the list."""

    def __init__(self) -> None:
        super().__init__(compact=True, markup=False)
        self._listed: Sequence[T | None] = ()
        """What stands in each line; None for a title."""

    @property
    def selected(self) -> T | None:
        """What stands in the selected line."""
        at = self.highlighted
        return self._listed[at] if at is not None and at < len(self._listed) else None

    @property
    def listed(self) -> list[T]:
        """What stands in the lines, without the titles."""
        return [line for line in self._listed if line is not None]

    def show(self, listed: Iterable[tuple[str, T]], draw: Callable[[T], Content], selected: T | None) -> None:
        """Show lines, each with the title of its section, which is blank where it has none.

        `draw` makes the words of a line, which are cut to the width. Where `selected` is not listed, the first line is
        selected.
        """
        lines: list[T | None] = []
        options: list[Option] = []
        title, width = "", max(1, self.scrollable_content_region.width)
        for section, line in listed:
            if section != title:
                title = section
                lines.append(None)
                options.append(Option(Content.styled(title, "$primary bold").truncate(width), disabled=True))
            lines.append(line)
            options.append(Option(draw(line).truncate(width, ellipsis=True)))
        self._listed = lines
        self.set_options(options)
        known = self._selectable
        wanted = (at for at in known if selected is not None and lines[at] == selected)
        self.highlighted = next(wanted, known[0] if known else None)
        if self.highlighted in known[:1]:
            self.call_after_refresh(self._show_first_title)

    @property
    def _selectable(self) -> list[int]:
        return [at for at, line in enumerate(self._listed) if line is not None]

    def _show_first_title(self) -> None:
        """Scroll to the title above the first line, which cannot be selected and would stay out of view."""
        self.scroll_home(animate=False)

    def move(self, step: int) -> None:
        """Select the line so many below, or above; by single steps from the last one to the first."""
        known = self._selectable
        if not known:
            return
        at = known.index(self.highlighted) if self.highlighted in known else 0
        to = (at + step) % len(known) if abs(step) == 1 else min(max(at + step, 0), len(known) - 1)
        self.highlighted = known[to]
        if to == 0:
            self._show_first_title()

    def fit(self, around: int, most: int) -> None:
        """Be as high as there is room on the screen beside `around` rows, at most `most` rows."""
        self.styles.max_height = min(most, max(LEAST_ROWS, self.app.size.height - around))

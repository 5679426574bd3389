"""The cursor: it moves from message to message, and from picture to picture where several are to be chosen from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.picture import PictureEntry

if TYPE_CHECKING:
    from textual.widget import Widget

    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.viewport import Viewport
    from animus_tui.ui.images.grid import Reach

MARGIN = 1
"""Rows around the chosen entry."""


class EntryCursor:
    """Knows the entry that the keys are for."""

    def __init__(self, host: Widget, viewport: Viewport) -> None:
        """`host` has the keyboard focus while the keys work, and is refreshed when another entry is chosen."""
        self._host = host
        self._viewport = viewport
        self._entries = viewport.entries
        self.chosen: Entry | None = None
        """The entry that the keys are for as soon as the conversation has the focus."""
        self._taken: dict[str, int] = {}

    @property
    def entry(self) -> Entry | None:
        """The entry that the keys are for now; None while the conversation has no focus."""
        return self.chosen if self._host.has_focus else None

    @property
    def picture(self) -> PictureEntry | None:
        """The entry that the keys are for, when it is an image."""
        entry = self.entry
        return entry if isinstance(entry, PictureEntry) else None

    def _chosen_index(self) -> int | None:
        return self._entries.index(self.chosen) if self.chosen else None

    def next_of(self, kind: str, count: int) -> int:
        """The index of the next of `count` things of the chosen entry: one after the other, then from the first."""
        taken = self._taken.get(kind, 0)
        self._taken[kind] = taken + 1
        return taken % count

    # Choosing

    def choose(self, index: int, *, step: int = 0) -> None:
        """Choose an entry; `step` is the direction of the move: the end that is reached first comes into view."""
        self.chosen = self._entries[index]
        self._taken.clear()
        if step:
            for row in (0, len(self._entries.layout(index)) - 1)[::-step]:
                self._viewport.go_to(index, row, margin=MARGIN)
        self._host.refresh()
        self._host.refresh_bindings()
        self.show_picture_keys()

    def choose_in_view(self) -> None:
        """Choose the last entry in view, unless the chosen one is in view."""
        index = self._chosen_index()
        if index is None or index not in self._viewport.in_view:
            self.choose_newest()

    def choose_newest(self) -> None:
        """Choose the last picture in view, or else the last entry in view."""
        in_view = [index for index in self._viewport.in_view if self._entries[index].is_choosable]
        pictures = [index for index in in_view if isinstance(self._entries[index], PictureEntry)]
        if in_view:
            self.choose((pictures or in_view)[-1])

    def come_to(self, entry: Entry) -> None:
        """Choose an entry wherever it is; what was chosen and is in view stays where it is."""
        index, in_view = self._entries.index(entry), self._viewport.in_view
        if index is not None and (entry is not self.chosen or index not in in_view):
            self.choose(index, step=-1 if index < in_view.start else 1)

    def move(self, step: int) -> None:
        """Choose the message above (-1) or below (1); one that is longer than the screen is scrolled through first.

        Among several pictures to choose from, mark the one above or below.
        """
        if self.mark(0, step):
            return
        entries, viewport = self._entries, self._viewport
        index, in_view = self._chosen_index(), viewport.in_view
        if index is None or index not in in_view:  # the user has scrolled away from it
            self._step(in_view.start - 1 if step > 0 else in_view.stop, step)
            return
        top, bottom = entries.top(index), entries.top(index) + entries.height(index)
        hidden = viewport.y - top if step < 0 else bottom - viewport.y - viewport.height
        if hidden > 0 and entries.height(index) > viewport.height:
            viewport.scroll(step * min(hidden, max(1, viewport.page // 2)))
        else:
            self._step(index, step)

    def move_to_picture(self, step: int) -> None:
        """Choose the picture above (-1) or below (1); among several to choose from, mark the one beside."""
        if self.mark(step, 0):
            return
        index = self._chosen_index()
        if index is None:
            in_view = self._viewport.in_view
            index = in_view.stop if step < 0 else in_view.start - 1
        self._step(index, step, pictures=True)

    def _step(self, index: int, step: int, *, pictures: bool = False) -> None:
        index += step
        while self._viewport.has_room and 0 <= index < len(self._entries):
            entry = self._entries[index]
            fits = entry.is_choosable and (not pictures or isinstance(entry, PictureEntry))
            if fits and len(self._entries.layout(index)):
                self.choose(index, step=step)
                return
            index += step
        if not pictures:
            self._viewport.scroll(step)  # to what is not chosen, such as the mark of typing

    # Several pictures of one entry

    def mark(self, across: int, down: int) -> bool:
        """Move the mark of the chosen pictures by so many; False when there is none in that direction."""
        picture = self.picture
        if picture is None or not picture.mark(across, down):
            return False
        self._viewport.entry_changed(picture)
        return True

    def show_picture_keys(self) -> None:
        """Have the captions of pictures to choose from say which keys choose one now."""
        has_focus = self._host.screen.focused is self._host
        for entry in self._entries.existing():
            if isinstance(entry, PictureEntry) and entry.is_undecided:
                reach: Reach = "away" if not has_focus else "here" if entry is self.chosen else "there"
                if entry.tell_keys(reach):
                    self._viewport.entry_changed(entry)

"""The cursor over messages and pictures: everything in the conversation is reachable by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message

from animus_tui.ui.flow.notices import SuggestionEntry
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.flow.reply import TOGGLE, ReplyEntry
from animus_tui.ui.flow.selection import text_of
from animus_tui.ui.widgets.pointing import Pointing

if TYPE_CHECKING:
    from textual import events

    from animus_tui.ui.flow.entry import Entry, Layout

MARGIN = 1
"""Rows around the chosen entry."""


class MessageCursor(Pointing, can_focus=True):
    """Moves from message to message; what its keys do depends on the chosen one."""

    FOCUS_ON_CLICK = False
    BINDINGS = [
        Binding("up,k", "choose(-1)", "Message above", show=False),
        Binding("down,j", "choose(1)", "Message below", show=False),
        Binding("left", "choose_picture(-1)", "Picture above", show=False),
        Binding("right", "choose_picture(1)", "Picture below", show=False),
        Binding("enter,r", "act", "Try again", show=False),
        Binding("space", "toggle_chosen", "Reasoning", show=False),
        Binding("y", "copy_message", "Copy", show=False),
        Binding("c", "copy_code", "Copy code", show=False),
        Binding("o", "open_link", "Open link", show=False),
        Binding("left_square_bracket", "variant(-1)", "Variant before", show=False),
        Binding("right_square_bracket", "variant(1)", "Next variant", show=False),
    ]

    class SuggestionChosen(Message):
        """Say this."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class RetryRequested(Message):
        """Try again what failed: an answer, a picture, or a promise that was not kept."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class VariantRequested(Message):
        """Show another variant of a picture."""

        def __init__(self, message_id: str, index: int) -> None:
            super().__init__()
            self.message_id = message_id
            self.index = index

    class LinkOpened(Message):
        """A web or mail address was clicked or chosen."""

        def __init__(self, href: str) -> None:
            super().__init__()
            self.href = href

    class CopyRequested(Message):
        """Put a text on the clipboard; `what` names it."""

        def __init__(self, text: str, what: str = "") -> None:
            super().__init__()
            self.text = text
            self.what = what

    class Typed(Message):
        """A letter that means nothing here: the user wants to write."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self) -> None:
        super().__init__()
        self._turn_of_code = 0
        self._turn_of_link = 0

    # Choosing

    @property
    def chosen_entry(self) -> Entry | None:
        """What the keys are for, while the conversation has the focus."""
        return self.chosen if self.has_focus else None

    def on_focus(self) -> None:
        """Choose the last thing in view, unless something is chosen."""
        if self.chosen is None or self.flow.index(self.chosen) is None:
            self.choose_newest()
        self.refresh()

    def on_blur(self) -> None:
        """The bar goes."""
        self.refresh()

    def choose_newest(self) -> None:
        """The last picture that is in view, or else the last thing that is."""
        in_view = [index for index in self._in_view() if self.flow[index].is_choosable]
        pictures = [index for index in in_view if self.flow[index].is_picture]
        if in_view:
            self._choose((pictures or in_view)[-1], move=False)

    def _in_view(self) -> list[int]:
        if not len(self.flow):
            return []
        first = self.flow.at(self._y).entry
        last = self.flow.at(self._y + self.view.height - 1).entry
        return list(range(first, last + 1))

    def _choose(self, index: int, *, move: bool = True) -> None:
        self.chosen = self.flow[index]
        self._turn_of_code = self._turn_of_link = 0
        if move:
            self.go_to(index, len(self.flow.layout(index)) - 1, margin=MARGIN)
            self.go_to(index, 0, margin=MARGIN)
        self.refresh()
        self.refresh_bindings()

    def action_choose(self, step: int) -> None:
        """The message above (-1) or below (1); one that is longer than the screen is read through first."""
        index = self.flow.index(self.chosen) if self.chosen else None
        if index is None:
            self.choose_newest()
            return
        top, height = self.flow.top(index), self.flow.height(index)
        hidden = top < self._y if step < 0 else top + height > self._y + self.view.height
        if hidden and height > self.view.height:
            self.scroll_rows(step * self._page() // 2)
            return
        self._step(index, step, pictures=False)

    def action_choose_picture(self, step: int) -> None:
        """The picture above (-1) or below (1)."""
        index = self.flow.index(self.chosen) if self.chosen else None
        self._step(len(self.flow) if index is None else index, step, pictures=True)

    def _step(self, index: int, step: int, *, pictures: bool) -> None:
        index += step
        while 0 <= index < len(self.flow):
            entry = self.flow[index]
            fits = entry.is_choosable and (entry.is_picture or not pictures)
            if fits and len(self.flow.layout(index)):
                self._choose(index)
                return
            index += step

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now."""
        entry = self.chosen_entry
        match action:
            case "act":
                return entry is not None and (entry.can_retry or isinstance(entry, SuggestionEntry))
            case "toggle_chosen":
                return isinstance(entry, ReplyEntry) and bool(entry.reasoning)
            case "variant":
                return isinstance(entry, PictureEntry) and bool(entry.message and entry.message.variants)
            case "copy_message":
                return bool(self.selection) or (entry is not None and bool(entry.source()))
            case "copy_code":
                return entry is not None and bool(self._layout_of(entry).code)
            case "open_link":
                return entry is not None and bool(self._layout_of(entry).links)
            case _:
                return True

    def _layout_of(self, entry: Entry) -> Layout:
        index = self.flow.index(entry)
        assert index is not None  # noqa: S101 (the chosen entry is in the flow)
        return self.flow.layout(index)

    def action_act(self) -> None:
        """What the chosen entry offers."""
        if (entry := self.chosen_entry) is not None:
            self._act(entry)

    def _act(self, entry: Entry) -> None:
        if isinstance(entry, SuggestionEntry):
            self.post_message(self.SuggestionChosen(entry.text))
        elif entry.can_retry:
            self.post_message(self.RetryRequested(entry))

    def action_toggle_chosen(self) -> None:
        """Open or fold the reasoning of the chosen reply."""
        if isinstance(self.chosen_entry, ReplyEntry):
            self.toggle(self.chosen_entry)

    def toggle(self, reply: ReplyEntry) -> None:
        """Open or fold the reasoning; its line stays where it is."""
        self.hold()
        reply.toggle()
        self.entry_changed(reply)

    def action_variant(self, step: int) -> None:
        """Ask for the variant before or after the one shown."""
        entry = self.chosen_entry
        if isinstance(entry, PictureEntry) and entry.message is not None:
            index = entry.variant(step)
            if index is not None:
                self.post_message(self.VariantRequested(entry.message.id, index))

    async def action_copy_message(self) -> None:
        """Copy what is marked, or else the chosen message as it was written."""
        if self.selection:
            await self.copy_selection()
        elif self.chosen_entry is not None and self.chosen_entry.source():
            self.post_message(self.CopyRequested(self.chosen_entry.source()))

    async def copy_selection(self) -> None:
        """Copy what is marked."""
        if self.selection:
            self.post_message(self.CopyRequested(await text_of(self.flow, self.selection)))

    def action_copy_code(self) -> None:
        """Copy the blocks of code of the chosen message one by one."""
        if (entry := self.chosen_entry) is not None and (code := self._layout_of(entry).code):
            number = self._turn_of_code % len(code)
            self._turn_of_code += 1
            what = f"block {number + 1} of {len(code)}" if len(code) > 1 else "the code"
            self.post_message(self.CopyRequested(code[number], what))

    def action_open_link(self) -> None:
        """Open the links of the chosen message, one with each press."""
        if (entry := self.chosen_entry) is not None and (links := self._layout_of(entry).links):
            number = self._turn_of_link % len(links)
            self._turn_of_link += 1
            self.post_message(self.LinkOpened(links[number].href))

    def on_key(self, event: events.Key) -> None:
        """A letter that is no key here is the beginning of a message."""
        if event.is_printable and event.character and event.key not in self._bindings.key_to_bindings:
            event.stop()
            self.post_message(self.Typed(event.character))

    def on_pointing_clicked(self, event: Pointing.Clicked) -> None:
        """Do what was clicked."""
        event.stop()
        if event.action == TOGGLE and isinstance(event.entry, ReplyEntry):
            self.toggle(event.entry)
        elif isinstance(event.entry, SuggestionEntry) or event.action == "retry":
            self._act(event.entry)
        else:
            self.post_message(self.LinkOpened(event.action))

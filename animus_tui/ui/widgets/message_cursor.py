"""The cursor over messages and pictures: everything in the conversation is reachable by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.binding import Binding
from textual.message import Message

from animus_tui.printable import printable
from animus_tui.ui.flow.notices import SuggestionEntry
from animus_tui.ui.flow.picture import VIEW, PictureEntry
from animus_tui.ui.flow.reply import RETRY, TOGGLE, ReplyEntry
from animus_tui.ui.flow.selection import text_of
from animus_tui.ui.textual_compat import forwarded
from animus_tui.ui.widgets.cursor_keys import keys_of, nothing_to_do
from animus_tui.ui.widgets.key_order import moves_focus, runs_binding
from animus_tui.ui.widgets.pointing import Pointing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.widget import Widget

    from animus_tui.ui.flow.entry import Entry, Layout

PictureWish = Literal["view", "facts", "copy", "open"]
"""See it large, read what is known of it, have the path of its file, or hand it to the viewer of the system."""
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
        Binding("enter,v", "picture('view')", "View", show=False),
        Binding("i", "picture('facts')", "Facts", show=False),
        Binding("space", "toggle_chosen", "Reasoning", show=False),
        Binding("y", "copy_message", "Copy", show=False),
        Binding("y", "picture('copy')", "Copy path", show=False),
        Binding("c", "copy_code", "Copy code", show=False),
        Binding("o", "open_link", "Open link", show=False),
        Binding("o", "picture('open')", "Open", show=False),
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

    class PictureRequested(Message):
        """Do something with a picture that is there."""

        def __init__(self, message_id: str, wish: PictureWish) -> None:
            super().__init__()
            self.message_id = message_id
            self.wish = wish

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
        """A letter that means nothing here, or a pasted text: the user wants to write."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self._turn_of_code = 0
        self._turn_of_link = 0
        self._pressed: list[events.Key] = []
        """Keys that came together, in order."""
        self.prompt: Widget | None = None
        """Where one writes: what is typed here and means nothing here goes there."""

    # Choosing

    @property
    def chosen_entry(self) -> Entry | None:
        """What the keys are for, while the conversation has the focus."""
        return self.chosen if self.has_focus else None

    def on_focus(self) -> None:
        """Choose the last thing in view, unless something in view is chosen."""
        index = self.flow.index(self.chosen) if self.chosen else None
        if index is None or index not in self._in_view():
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
            self._choose((pictures or in_view)[-1])

    def _in_view(self) -> range:
        """The entries of which something is in view."""
        if not self._can_settle:
            return range(0)
        return range(self.flow.at(self._y).entry, self.flow.at(self._y + self.view.height - 1).entry + 1)

    def _choose(self, index: int, *, step: int = 0) -> None:
        """Choose an entry; `step` says from where one came to it: what is nearest to there comes into view."""
        self.chosen = self.flow[index]
        self._turn_of_code = self._turn_of_link = 0
        if step:
            for row in (0, len(self.flow.layout(index)) - 1)[::-step]:
                self.go_to(index, row, margin=MARGIN)
        self.refresh()
        self.refresh_bindings()

    def action_choose(self, step: int) -> None:
        """The message above (-1) or below (1); one that is longer than the screen is read through first."""
        index = self.flow.index(self.chosen) if self.chosen else None
        in_view = self._in_view()
        if index is None or index not in in_view:  # one has scrolled away from it
            self._step(in_view.start - 1 if step > 0 else in_view.stop, step)
            return
        top, bottom = self.flow.top(index), self.flow.top(index) + self.flow.height(index)
        hidden = self._y - top if step < 0 else bottom - self._y - self.view.height
        if hidden > 0 and self.flow.height(index) > self.view.height:
            self.scroll_rows(step * min(hidden, max(1, self._page() // 2)))
        else:
            self._step(index, step)

    def action_choose_picture(self, step: int) -> None:
        """The picture above (-1) or below (1)."""
        index = self.flow.index(self.chosen) if self.chosen else None
        if index is None:
            index = self._in_view().stop if step < 0 else self._in_view().start - 1
        self._step(index, step, pictures=True)

    def _step(self, index: int, step: int, *, pictures: bool = False) -> None:
        index += step
        while self._can_settle and 0 <= index < len(self.flow):
            entry = self.flow[index]
            fits = entry.is_choosable and (entry.is_picture or not pictures)
            if fits and len(self.flow.layout(index)):
                self._choose(index, step=step)
                return
            index += step
        if not pictures:
            self.scroll_rows(step)  # what is not chosen, such as the mark of typing, can be seen all the same

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
            case "picture":
                is_free = parameters != ("copy",) or not self.selection
                return is_free and isinstance(entry, PictureEntry) and entry.message is not None
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
        """Open or fold the reasoning; its line stays where it is, or comes into view."""
        index = self.flow.index(reply)
        if index is None:
            return
        self.hold()
        if self.selection and self.selection.start.entry <= index:
            self.drop_marks(index)  # its lines are about to be others
        reply.toggle()
        self.entry_changed(reply)
        rows = [target.row for target in self.flow.layout(index).targets if target.action == TOGGLE]
        self.go_to(index, rows[0] if rows else 0)
        self.follow_at_end()

    def action_picture(self, wish: PictureWish) -> None:
        """Ask for something that can be done with the chosen picture."""
        entry = self.chosen_entry
        if isinstance(entry, PictureEntry) and entry.message is not None:
            self.post_message(self.PictureRequested(entry.message.id, wish))

    def picture_clicked(self, entry: PictureEntry, action: str) -> None:
        """Do what a click on a picture means."""
        if action == VIEW and entry.message is not None:
            self.post_message(self.PictureRequested(entry.message.id, "view"))

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

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is meant for the prompt."""
        event.stop()
        self.post_message(self.Typed(printable(event.text)))

    async def on_key(self, event: events.Key) -> None:
        """Take the letters that come together at once, so that what is written is told from keys.

        Left to Textual, a key is done after those behind it, and these would be taken for keys, too.
        """
        if self.screen.focused is not self:  # it was pressed before the focus moved
            self._pass_on([event])
        elif self._pressed or event.key == "enter" or (event.is_printable and event.character):
            self._pressed.append(event)
            if len(self._pressed) == 1:
                self.call_later(self._take_pressed)  # comes behind the keys that are there already
        elif not await moves_focus(self, event.key):
            return
        event.stop()
        event.prevent_default()

    async def _take_pressed(self) -> None:
        """Do what the keys do; a letter that is none of them means that all of them are the beginning of a message."""
        pressed, self._pressed = self._pressed, []
        keys = keys_of(self.chosen_entry)
        if any(event.is_printable and event.character and event.key not in keys for event in pressed):
            self._pass_on(pressed)
            return
        for at, event in enumerate(pressed):
            if self.screen.focused is not self or self.app.screen is not self.screen:
                self._pass_on(pressed[at:])
                return
            await self._do_key(event.key)

    async def _do_key(self, key: str) -> None:
        if await runs_binding(self, key) or await moves_focus(self, key):
            return
        if sentence := nothing_to_do(self.chosen_entry, key):
            self.app.notify(sentence, markup=False)

    def _pass_on(self, pressed: Sequence[events.Key]) -> None:
        """These keys are for who has the focus by now, or for the prompt: at once, so that their order stays."""
        target: Widget | None = self.app.focused or self.app.screen
        if target is self or target is self.screen:
            target = self.prompt
            if target is None:
                self.post_message(self.Typed("".join(event.character or "" for event in pressed)))
                return
            self.screen.set_focus(target)
        for event in pressed:
            if target is not None:
                target.post_message(forwarded(event))

    def on_pointing_clicked(self, event: Pointing.Clicked) -> None:
        """Do what was clicked."""
        event.stop()
        if event.action == TOGGLE and isinstance(event.entry, ReplyEntry):
            self.toggle(event.entry)
        elif isinstance(event.entry, PictureEntry) and event.action != RETRY:
            self.picture_clicked(event.entry, event.action)
        elif isinstance(event.entry, SuggestionEntry) or event.action == RETRY:
            self._act(event.entry)
        else:
            self.post_message(self.LinkOpened(event.action))

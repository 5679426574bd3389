"""Keys in the conversation: those of the chosen entry, and those that are the beginning of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.conversation.actions import Typed
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.textual_compat import forwarded
from animus_tui.ui.widgets.key_order import moves_focus, runs_binding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.widget import Widget

    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.entry import Entry

NOTHING_FAILED = "Nothing failed here that could be tried again."
NO_VERSION = "There is no other version of this message."
_MOVING = {"j", "k"}
_ARROWS = {"up", "down", "left", "right"}
_ANY_MESSAGE = {"f", "h", "d", "left_square_bracket", "right_square_bracket"}
_PICTURE = {
    *_MOVING,
    *_ANY_MESSAGE,
    "v",
    "i",
    "y",
    "o",
    "p",
    "s",
    "r",
    "space",
}
_MESSAGE = {*_MOVING, *_ANY_MESSAGE, "y", "c", "o", "r", "e", "g", "q", "space"}
_ATTACHED = {"v", "i"}
_PROMISE = {"p", "x"}
_OTHER = {*_MOVING, "r"}


def keys_of(entry: Entry | None) -> set[str]:
    """The keys with a letter or a sign that belong to an entry; any other is the beginning of a message."""
    if isinstance(entry, PictureEntry):
        return _PICTURE | {str(number) for number in range(1, entry.choices + 1)}
    if isinstance(entry, UserEntry) and entry.slots:
        return {*_MESSAGE, *_ATTACHED}
    if isinstance(entry, ReplyEntry) and entry.can_answer:
        return {*_MESSAGE, *_PROMISE}
    if isinstance(entry, ReplyEntry | UserEntry):
        return _MESSAGE
    return _OTHER


def nothing_to_do(entry: Entry | None, key: str) -> str:
    """Why a key of an entry does nothing now, in one sentence; empty where that explains itself."""
    if isinstance(entry, PictureEntry):
        return _nothing_at_picture(entry, key)
    return {
        "r": NOTHING_FAILED,
        "enter": NOTHING_FAILED,
        "c": "There is no code in this message.",
        "o": "There is no link in this message.",
        "y": "There is nothing to copy here.",
        "space": "There is no reasoning to show here.",
        "left_square_bracket": NO_VERSION,
        "right_square_bracket": NO_VERSION,
        "g": "This reply was not cut short, so there is nothing to continue.",
        "e": "There is no text to edit here.",
        "q": "There is no text to quote here.",
    }.get(key, "")


def _nothing_at_picture(picture: PictureEntry, key: str) -> str:
    if key in _MOVING or key == "space":
        return ""
    if key == "r":
        return NOTHING_FAILED
    if picture.message is None:
        return "The picture is not there yet." if picture.is_waiting else "There is no picture here."
    if key.endswith("square_bracket"):
        return "There is no other variant of this picture."
    return f"Choose one of the {picture.choices} pictures first." if picture.is_undecided else ""


class KeyQueue:
    """Collects the keys that arrive together, to tell keys for an entry from the beginning of a message.

    Textual runs the action of a key after it has dispatched the keys behind it, which would be taken for keys too.
    """

    def __init__(self, host: Widget, cursor: EntryCursor) -> None:
        """`host` gets the keys and runs their actions."""
        self._host = host
        self._cursor = cursor
        self._pressed: list[events.Key] = []
        """Keys that came together, in order."""
        self.prompt: Widget | None = None
        """Where one writes: what is typed in the conversation and means nothing there goes to this widget."""

    async def take(self, event: events.Key) -> None:
        """A key was pressed; it is left to Textual only when it means nothing here."""
        host = self._host
        if host.screen.focused is not host:  # it was pressed before the focus moved
            self._pass_on([event])
        elif (
            self._pressed
            or event.key == "enter"
            or event.key in _ARROWS
            or (event.is_printable and event.character)
        ):
            self._pressed.append(event)
            if len(self._pressed) == 1:
                host.call_later(self._take_pressed)  # comes behind the keys that are there already
        elif not await moves_focus(host, event.key):
            return
        event.stop()
        event.prevent_default()

    async def _take_pressed(self) -> None:
        """Do what the keys do; a letter that is none of them means that all of them are the beginning of a message."""
        host = self._host
        pressed, self._pressed = self._pressed, []
        while pressed and pressed[0].key in _ARROWS:  # what follows is for the entry that they come to
            await self._do(pressed.pop(0).key)
        keys = keys_of(self._cursor.entry)
        if host.check_action("restore", ()):
            keys = keys | {"u"}
        if any(event.is_printable and event.character and event.key not in keys for event in pressed):
            self._pass_on(pressed)
            return
        for at, event in enumerate(pressed):
            if host.screen.focused is not host or host.app.screen is not host.screen:
                self._pass_on(pressed[at:])
                return
            await self._do(event.key)

    async def _do(self, key: str) -> None:
        host = self._host
        if await runs_binding(host, key) or await moves_focus(host, key):
            return
        if sentence := nothing_to_do(self._cursor.entry, key):
            host.app.notify(sentence, markup=False)

    def _pass_on(self, pressed: Sequence[events.Key]) -> None:
        """Hand keys to the widget that has the focus by now, or to the prompt, at once, so that their order stays."""
        host = self._host
        target: Widget | None = host.app.focused or host.app.screen
        if target is host or target is host.screen:
            target = self.prompt
            if target is None:
                host.post_message(Typed("".join(event.character or "" for event in pressed)))
                return
            host.screen.set_focus(target)
        for event in pressed:
            if target is not None:
                target.post_message(forwarded(event))

"""The letter keys of what is focused in the conversation, and what is said when one has nothing to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.flow.reply import ReplyEntry
from animus_tui.ui.flow.said import UserEntry

if TYPE_CHECKING:
    from animus_tui.ui.flow.entry import Entry

NOTHING_FAILED = "Nothing failed here that could be tried again."
_MOVING = {"j", "k"}
_PICTURE = {
    *_MOVING,
    "v",
    "i",
    "y",
    "o",
    "p",
    "s",
    "r",
    "space",
    "left_square_bracket",
    "right_square_bracket",
}
_MESSAGE = {*_MOVING, "y", "c", "o", "r", "space"}
_OTHER = {*_MOVING, "r"}


def keys_of(entry: Entry | None) -> set[str]:
    """The keys with a letter or a sign that belong to an entry; any other is the beginning of a message."""
    if isinstance(entry, PictureEntry):
        return _PICTURE | {str(number) for number in range(1, entry.choices + 1)}
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

"""`conversation.json`: what is known of a conversation without reading its messages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.atomic import read_regular, write_atomically
from animus_tui.chat.messages import Conversation

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

DESCRIPTION = "conversation.json"


def read_description(folder: Path) -> Conversation:
    """The description in a conversation's folder, whose name is the id; OSError, ValueError when it is damaged."""
    fields = msgspec.json.decode(read_regular(folder / DESCRIPTION), type=dict[str, Any])
    fields["id"] = folder.name
    try:
        return msgspec.convert(fields, Conversation)
    except msgspec.ValidationError:
        # What is remembered for pictures is worth less than the title.
        return msgspec.convert(fields | {"pictures": {}}, Conversation)


def write_description(folder: Path, conversation: Conversation) -> None:
    """Write the description whole; OSError."""
    write_atomically(folder / DESCRIPTION, msgspec.json.format(msgspec.json.encode(conversation)) + b"\n")


def read_or_renew(folder: Path, *, writable: bool) -> Conversation:
    """The description; an empty one when it is missing or cannot be read, and then it is kept beside the new one.

    A description that can neither be read nor written is only logged: the messages are worth more. OSError: no folder.
    """
    path = folder / DESCRIPTION
    try:
        return read_description(folder)
    except FileNotFoundError:
        folder.stat()
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, error)
        if writable:
            try:
                path.replace(path.with_name(f"{DESCRIPTION}.damaged-{path.lstat().st_mtime_ns}"))
            except OSError as refused:
                log.warning("%s cannot be kept: %s", path, refused)
                return Conversation(id=folder.name)
    conversation = Conversation(id=folder.name)
    if writable:
        try:
            write_description(folder, conversation)
        except OSError as error:
            log.warning("%s cannot be written: %s", path, error)
    return conversation

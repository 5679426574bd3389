"""The description of a conversation, `conversation.json`: what is known of it beside its messages.

Several processes may change it, also one that does not write the conversation itself: a change reads the file, replaces
only the fields that were changed, and writes it whole, under a lock of its own that is held for as long as that takes.
Keys of other versions stay.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.atomic import read_regular, write_atomically
from animus_tui.chat.conversation_settings import ConversationSettings
from animus_tui.chat.messages import Conversation
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

DESCRIPTION = "conversation.json"
CHARACTER = "character"
"""The key of the conversation's own settings, of which another version may know more."""
KNOWN_OF_CHARACTER = frozenset(ConversationSettings.__struct_fields__)
LONGEST_WAIT = 1.0
"""Seconds to wait for another process that writes the description; one that was stopped meanwhile never ends."""

_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode


def read_description(folder: Path) -> Conversation:
    """The description in a conversation's folder, whose name is the id; OSError, ValueError when it is damaged."""
    return conversation_of(read_regular(folder / DESCRIPTION), folder.name)


def conversation_of(data: bytes, conversation_id: str) -> Conversation:
    """The description that these bytes are; ValueError when they are none."""
    return _converted(_decode_fields(data), conversation_id)


def _converted(fields: dict[str, Any], conversation_id: str) -> Conversation:
    fields = {**fields, "id": conversation_id}
    try:
        return msgspec.convert(fields, Conversation)
    except msgspec.ValidationError:
        # What is remembered for pictures and for the list is worth less than the title.
        character, _ = tolerant(fields.get("character"), ConversationSettings)
        less: dict[str, Any] = {"pictures": {}, "summary": None, "pinned": False, "archived": False}
        less["character"] = None if character is None else msgspec.to_builtins(character)
        return msgspec.convert(fields | less, Conversation)


def write_description(folder: Path, conversation: Conversation) -> None:
    """Write the description of a new conversation whole; OSError."""
    _write(folder, _fields_of(conversation))


def update_description(folder: Path, conversation: Conversation, known: Conversation) -> Conversation:
    """Write the fields of `conversation` that are others than in `known`, and return what the file has then.

    `known` is what this process read or wrote last; fields that another process has changed since are taken over.
    OSError.
    """
    new, old = _fields_of(conversation), _fields_of(known)
    changed = {key for key in new.keys() | old.keys() if new.get(key) != old.get(key)}
    with _locked(folder):
        try:
            found = _decode_fields(read_regular(folder / DESCRIPTION))
            current = _converted(found, folder.name)
        except (OSError, ValueError):
            if not folder.is_dir():
                raise
            _write(folder, new)
            return conversation
        kept = {key: value for key, value in found.items() if key not in changed}
        fields = kept | {key: new[key] for key in new if key in changed}
        if CHARACTER in changed and CHARACTER in fields:
            fields[CHARACTER] = _merged(found.get(CHARACTER), new[CHARACTER])
        if fields == found:
            return current
        _write(folder, fields)
    return _converted(fields, folder.name)


def _merged(found: object, new: dict[str, Any]) -> dict[str, Any]:
    """The new fields, and those of the file that this version does not know."""
    others = found if isinstance(found, dict) else {}
    return {key: value for key, value in others.items() if key not in KNOWN_OF_CHARACTER} | new


def _fields_of(conversation: Conversation) -> dict[str, Any]:
    return _decode_fields(msgspec.json.encode(conversation))


def _write(folder: Path, fields: dict[str, Any]) -> None:
    write_atomically(folder / DESCRIPTION, msgspec.json.format(msgspec.json.encode(fields)) + b"\n")


def change_description(folder: Path, change: Callable[[Conversation], Conversation]) -> Conversation:
    """Change the description of a conversation that this process does not write; returns the new one. OSError."""
    known = read_or_renew(folder, writable=True)
    return update_description(folder, change(known), known)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder itself, which is not the one of the conversation's writer. OSError: no folder.

    Where that is impossible, or another process does not let go of it, it is done without.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + LONGEST_WAIT
        with suppress(OSError):
            while not _try_lock(fd) and time.monotonic() < end:
                time.sleep(0.005)
        yield
    finally:
        os.close(fd)


def _try_lock(fd: int) -> bool:
    """Whether the lock was free. OSError where the file system knows none."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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

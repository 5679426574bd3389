"""A conversation in a file that is to be imported, and the helpers that all formats share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Struct

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import check_picture
from animus_tui.chat.messages import ImageRecord, image_message
from animus_tui.chat.storage.staged import StagedConversation

if TYPE_CHECKING:
    from collections import Counter

    from animus_tui.chat.messages import Conversation

OTHER_BRANCHES = "other branch"
TOOL_MESSAGES = "message of tools"
MISSING_PICTURES = "picture that is not in the file"
ODD_LINES = "entry that could not be read"
BROKEN_PARTS = "broken part of the file"
PLURALS = {
    OTHER_BRANCHES: "other branches",
    TOOL_MESSAGES: "messages of tools",
    MISSING_PICTURES: "pictures that are not in the file",
    ODD_LINES: "entries that could not be read",
    BROKEN_PARTS: "broken parts of the file",
}
"""What may be left out of a conversation: one, and several of the kind."""


class Built(NamedTuple):
    """A conversation as it is to be stored."""

    conversation: Conversation
    lines: list[bytes]
    """The entries of its history; none: there is nothing to import."""
    left_out: Counter[str]
    """Kinds of parts that are not imported, and how many of each."""
    used: float | None = None
    """When it was used last, in seconds since 1970."""


class Candidate(Struct, frozen=True):
    """One conversation of a file."""

    id: str
    """The same each time the same conversation is imported."""
    build: Callable[[StagedConversation], Built]
    """Reads it, and keeps its pictures in the folder that is given. ValueError when it is none."""


def iso(seconds: object) -> str | None:
    """Seconds since 1970 as ISO 8601 UTC with milliseconds; None for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encoded(entry: dict[str, Any]) -> bytes:
    """The line of an entry; half surrogate pairs become `?`."""
    try:
        return msgspec.json.encode(entry)
    except UnicodeEncodeError:
        return json.dumps(entry, ensure_ascii=False).encode(errors="replace")


def picture_entry(
    staged: StagedConversation,
    data: bytes | None,
    *,
    message_id: str,
    role: str,
    prompt: str,
    timestamp: str | None,
    seed: object = None,
) -> dict[str, Any] | None:
    """The entry of a picture that is kept in the folder; None when there is none that can be shown. StoreError."""
    if data is None:
        return None
    try:
        picture = check_picture(data)
    except PictureError:
        return None
    suffix = "jpg" if picture.kind == "jpeg" else picture.kind
    is_seed = isinstance(seed, int) and not isinstance(seed, bool)
    record = ImageRecord(
        prompt=prompt,
        file=staged.write_image(data, suffix),
        settings={"seed": seed} if is_seed else {},
        width=picture.width,
        height=picture.height,
        **({"created": timestamp} if timestamp else {}),  # type: ignore[arg-type]  # one field of a known type
    )
    entry: dict[str, Any] = msgspec.to_builtins(image_message(record, message_id=message_id)) | {"role": role}
    if timestamp:
        entry["timestamp"] = timestamp
    return entry

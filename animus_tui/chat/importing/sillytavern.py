"""SillyTavern's chats: a JSON object a line, what is known of the chat first, then each message.

The format is that of `saveChat` and `getChat` in SillyTavern (public/script.js, src/endpoints/chats.js) and described
at https://docs.sillytavern.app/usage/core-concepts/chatfilemanagement/:

    {"user_name": "You", "character_name": "Aria", "create_date": "2024-07-12@01h31m37s", "chat_metadata": {}}
    {"name": "Aria", "is_user": false, "is_system": false, "send_date": "July 12, 2024 1:31am", "mes": "Hello",
     "swipes": ["Hi", "Hello"], "swipe_id": 1, "extra": {"reasoning": "…", "image": "user/images/Aria/1.png"}}

`mes` is the swipe that is shown. `is_system` marks what was hidden from the model with /hide.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import PICTURE, data_url_bytes, is_data_url
from animus_tui.chat.importing.candidate import (
    MISSING_PICTURES,
    ODD_LINES,
    Built,
    Candidate,
    encoded,
    iso,
    picture_entry,
)
from animus_tui.chat.messages import Conversation, now, seconds_of, title_of

if TYPE_CHECKING:
    from animus_tui.chat.importing.files import Pictures
    from animus_tui.chat.storage.staged import StagedConversation

HEAD = ("user_name", "character_name", "chat_metadata")
"""Keys of the first line; a chat of old has messages only."""
_COMPACT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})\s?@\s?(\d{1,2})h\s?(\d{1,2})m\s?(\d{1,2})s(?:\s?(\d{1,3})ms)?"
)
_SPOKEN_DATE = "%B %d, %Y %I:%M%p"
LARGEST_SECONDS = 10**11
"""A number above is one of milliseconds."""


def is_chat(fields: object) -> bool:
    """Whether the first line of a file is that of a chat."""
    return isinstance(fields, dict) and ("mes" in fields or any(key in fields for key in HEAD))


def sillytavern_candidate(data: bytes, pictures: Pictures) -> Candidate:
    """The chat of a file."""
    conversation_id = hashlib.sha256(data).hexdigest()[:32]
    return Candidate(conversation_id, partial(_build, data, pictures, conversation_id))


def _build(data: bytes, pictures: Pictures, conversation_id: str, staged: StagedConversation) -> Built:
    left_out: Counter[str] = Counter()
    entries: list[dict[str, Any]] = []
    head: dict[str, Any] = {}
    for number, line in enumerate(data.split(b"\n")):
        if not line.strip():
            continue
        try:
            fields = msgspec.json.decode(line, type=dict[str, Any])
        except (ValueError, RecursionError):
            left_out[ODD_LINES] += 1
            continue
        if "mes" in fields:
            entries += _entries(fields, f"{conversation_id[:16]}-{number}", pictures, staged, left_out)
        elif not head:
            head = fields
    character = _text(head.get("character_name")) or next(
        (_text(entry.get("name")) for entry in entries if entry["role"] == "assistant"), ""
    )
    others = [each for entry in entries for branch in entry.get("branches", ()) for each in branch or ()]
    for entry in (*entries, *others):
        if entry.get("name") == character or entry["role"] == "user":
            entry.pop("name", None)
    times = [entry["timestamp"] for entry in entries if "timestamp" in entry]
    said = next((entry["content"] for entry in entries if entry["role"] == "user"), "")
    conversation = Conversation(
        id=conversation_id,
        title=title_of(said) or title_of(f"Conversation with {character}" if character else ""),
        created=_time(head.get("create_date")) or next(iter(times), now()),
        name=character,
    )
    return Built(
        conversation, list(map(encoded, entries)), left_out, seconds_of(times[-1]) if times else None
    )


def _entries(
    fields: dict[str, Any],
    message_id: str,
    pictures: Pictures,
    staged: StagedConversation,
    left_out: Counter[str],
) -> list[dict[str, Any]]:
    """The entries of one line: its words, and its picture."""
    named = fields.get("extra")
    extra: dict[str, Any] = named if isinstance(named, dict) else {}
    role = "user" if fields.get("is_user") is True else "assistant"
    timestamp = _time(fields.get("send_date"))
    shared: dict[str, Any] = {"timestamp": timestamp} if timestamp else {}
    if fields.get("is_system") is True:
        shared["hidden"] = True
    found: list[dict[str, Any]] = []
    if words := _text(fields.get("mes")):
        entry = {"id": message_id, "role": role, "content": words, "name": _text(fields.get("name"))} | shared
        if role == "assistant" and (reasoning := _text(extra.get("reasoning"))):
            entry["reasoning"] = reasoning
        if branches := _branches(fields, entry, shared):
            entry["branches"] = branches
        found.append(entry)
    if image := _text(extra.get("image")):
        picture = picture_entry(
            staged,
            _bytes(image, pictures),
            message_id=f"{message_id}-picture",
            role=role,
            prompt=_text(extra.get("title")),
            timestamp=timestamp,
        )
        if picture is None:
            left_out[MISSING_PICTURES] += 1
        else:
            found.append(picture | shared)
    return found


def _branches(
    fields: dict[str, Any], entry: dict[str, Any], shared: dict[str, Any]
) -> list[list[dict[str, Any]] | None]:
    """The other swipes as branches, None in the place of the one that is shown; empty when there is no other."""
    swipes, shown = fields.get("swipes"), fields.get("swipe_id")
    if not isinstance(swipes, list) or len(swipes) < 2:
        return []
    if not isinstance(shown, int) or not 0 <= shown < len(swipes):
        shown = swipes.index(entry["content"]) if entry["content"] in swipes else len(swipes)
    said = {key: entry[key] for key in ("role", "name")} | shared
    branches = [
        None if number == shown else [{"id": f"{entry['id']}-{number}", "content": swipe} | said]
        for number, swipe in enumerate([*swipes, None])
        if number == shown or _text(swipe)
    ]
    return branches if len(branches) > 1 else []


def _bytes(image: str, pictures: Pictures) -> bytes | None:
    """A picture that stands in the file itself, or beside it."""
    if not is_data_url(image):
        return pictures.at(image.lstrip("/")) or pictures.at(image.rpartition("/")[2])
    try:
        return data_url_bytes(image, PICTURE)
    except PictureError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.strip() else ""


def _time(value: object) -> str | None:
    """A time as any version wrote it, in ISO 8601 UTC; None when it is none. What has no zone is local time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return iso(value / 1000 if value > LARGEST_SECONDS else value)
    if not isinstance(value, str):
        return None
    if value.isdecimal() and len(value) <= len(str(LARGEST_SECONDS * 1000)):
        return _time(int(value))
    at = _read_date(value.strip())
    try:
        return iso(at.timestamp()) if at is not None else None
    except (ValueError, OverflowError, OSError):
        return None


def _read_date(text: str) -> datetime | None:
    try:
        if compact := _COMPACT.fullmatch(text):
            year, month, day, hour, minute, second, thousandths = (
                int(each or 0) for each in compact.groups()
            )
            return datetime(year, month, day, hour, minute, second, thousandths * 1000)  # noqa: DTZ001
        if not text[:1].isalpha():
            return datetime.fromisoformat(text)
        return datetime.strptime(text.replace(" am", "am").replace(" pm", "pm"), _SPOKEN_DATE)  # noqa: DTZ007
    except ValueError:
        return None

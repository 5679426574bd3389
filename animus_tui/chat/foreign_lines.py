"""Entries of a history as others write them: content in parts, several entries of one reply, keys of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.chat.messages import ChatMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

GROUP = b'"groupId"'
"""Stands in every line that may be one of several turns; in a text the quotation marks would be escaped."""
NAMES = frozenset({"id", "timestamp"})
KNOWN = frozenset(ChatMessage.__struct_fields__) - NAMES
UNKNOWN = object()
"""Stands for the value of a key that a message does not have."""

Extras = dict[str, tuple[object, object]]
"""Key → the value in the line, and the value that it was read as (UNKNOWN for a key of somebody else)."""


def words_of(content: object) -> str | None:
    """The text of an entry's content: a text, or the texts among its parts, a line each; None when it has none."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    words = [text for text in texts if isinstance(text, str)]
    return "\n".join(words) if words else None


def extras_of(fields: Mapping[str, object], message: ChatMessage) -> Extras:
    """What a line holds and its message does not: unknown keys, and values that were read as something else."""
    found: Extras = {}
    for key, raw in fields.items():
        if key in KNOWN:
            value = getattr(message, key)
            if raw is not None and msgspec.to_builtins(value) != raw:
                found[key] = raw, value
        elif key not in NAMES:
            found[key] = raw, UNKNOWN
    return found


def with_extras(message: ChatMessage, kept: Extras) -> dict[str, Any]:
    """The fields of a changed message for its line; extras that the change did not touch stay."""
    fields: dict[str, Any] = msgspec.to_builtins(message)
    for key, (raw, value) in kept.items():
        if value is UNKNOWN or getattr(message, key) == value:
            fields[key] = raw
    return fields


def merged_turns(lines: Iterable[bytes]) -> list[bytes]:
    """The entries, of which neighbours that are turns of one reply have become one entry.

    The JavaScript SDK stores each turn as an entry of its own and gives all of a reply the same `groupId`.
    """
    merged: list[bytes] = []
    for group, members in _groups(lines):
        merged += members if group is None or len(members) == 1 else [_one_reply(members)]
    return merged


def _groups(lines: Iterable[bytes]) -> Iterator[tuple[str | None, list[bytes]]]:
    group: str | None = None
    members: list[bytes] = []
    for line in lines:
        own = _group(line)
        if members and (own is None or own != group):
            yield group, members
            members = []
        group = own
        members.append(line)
    if members:
        yield group, members


def _group(line: bytes) -> str | None:
    """What the turns of one reply share; None for an entry that is no turn."""
    if GROUP not in line:
        return None
    try:
        entry = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("role") != "assistant" or entry.get("image") is not None:
        return None
    group = entry.get("groupId")
    return group if isinstance(group, str) and group and words_of(entry.get("content")) is not None else None


def _one_reply(members: Sequence[bytes]) -> bytes:
    """One entry with all the turns. A key that the first turn lacks is taken from the next one that has it."""
    entries: list[dict[str, Any]] = [msgspec.json.decode(line) for line in members]
    reply: dict[str, Any] = {}
    for entry in entries:
        reply |= {key: value for key, value in entry.items() if reply.get(key) is None}
    turns = [words for entry in entries if (words := words_of(entry["content"]) or "").strip()]
    calls = [
        call for entry in entries if isinstance(entry.get("tool_calls"), list) for call in entry["tool_calls"]
    ]
    return msgspec.json.encode(
        reply | {"content": "\n".join(turns), "turns": turns} | ({"tool_calls": calls} if calls else {})
    )

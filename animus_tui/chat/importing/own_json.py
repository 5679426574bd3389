"""Our own JSON and the history of the JavaScript SDK: an array of messages.

What `animus-chat export` writes has a folder beside it: title and character are in its `conversation.json`, and the
pictures in its `images`. The array of another program has none, and needs none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.chat.export.json_array import FILES_FOLDER, files_in
from animus_tui.chat.importing.candidate import (
    BROKEN_PARTS,
    MISSING_PICTURES,
    Built,
    Candidate,
)
from animus_tui.chat.messages import Conversation, now, seconds_of, title_of
from animus_tui.chat.storage.description import DESCRIPTION
from animus_tui.chat.storage.history import History
from animus_tui.chat.storage.history_format import merged_turns, parse
from animus_tui.chat.storage.history_lines import Lines
from animus_tui.chat.storage.store import ID
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from animus_tui.chat.importing.files import Pictures
    from animus_tui.chat.storage.staged import StagedConversation


def own_candidate(data: bytes, pictures: Pictures, stem: str) -> Candidate:
    """The conversation of an array of messages; `stem` is the name of the file without its suffix."""
    folder = FILES_FOLDER.format(stem=stem)
    described = _description(pictures.at(f"{folder}/{DESCRIPTION}"))
    conversation_id = described.id if described is not None else hashlib.sha256(data).hexdigest()[:32]
    return Candidate(conversation_id, partial(_build, data, pictures, folder, described, conversation_id))


def _build(
    data: bytes,
    pictures: Pictures,
    folder: str,
    described: Conversation | None,
    conversation_id: str,
    staged: StagedConversation,
) -> Built:
    parsed = parse(data)
    left_out: Counter[str] = Counter()
    conversation = described or Conversation(id=conversation_id, created=_first_time(parsed.lines) or now())
    lines = merged_turns(parsed.lines)
    history = History(Lines(lines), [lines], conversation.created)
    if not history and (history.others or parsed.is_damaged):
        raise ValueError("no entry is a message")
    if parsed.is_damaged:
        left_out[BROKEN_PARTS] = 1
    for line in lines:
        for relative in files_in(line):
            found = pictures.at(f"{folder}/{relative}")
            if found is None or not staged.write_file(relative, found):
                left_out[MISSING_PICTURES] += 1
    if described is None:
        said = next((each.content for each in history.each() if each.role == "user"), "")
        conversation = msgspec.structs.replace(conversation, title=title_of(said))
    last = history.message(len(history) - 1).timestamp if history else conversation.created
    return Built(conversation, lines, left_out, seconds_of(last))


def _first_time(lines: list[bytes]) -> str | None:
    """The time of the first message that has one."""
    for line in lines[:1]:
        try:
            timestamp = msgspec.json.decode(line, type=dict[str, Any]).get("timestamp")
        except (ValueError, RecursionError):
            continue
        if isinstance(timestamp, str) and seconds_of(timestamp) is not None:
            return timestamp
    return None


def _description(data: bytes | None) -> Conversation | None:
    """What an export says of its conversation; None when there is no such file, or when it is none."""
    if data is None:
        return None
    try:
        described, _ = tolerant(msgspec.json.decode(data), Conversation)
    except (ValueError, RecursionError):
        return None
    return described if described is not None and ID.fullmatch(described.id) else None

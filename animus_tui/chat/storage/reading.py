"""Reading a conversation without opening it: nothing is locked, repaired or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.atomic import read_regular
from animus_tui.chat.storage.conversation_folder import HISTORY
from animus_tui.chat.storage.history import History
from animus_tui.chat.storage.history_format import parse
from animus_tui.chat.storage.history_lines import Lines

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage, Conversation


def read_messages(data: bytes, started: str = "") -> list[ChatMessage]:
    """The messages of a history file, oldest first, with the ids that they have when the conversation is open.

    `started`: the time of a first message without one. What cannot be read is left out.
    """
    lines = parse(data).lines
    try:
        return list(History(Lines(lines), [lines], started).each())
    except ValueError:
        return []


def read_conversation(folder: Path, conversation: Conversation) -> list[ChatMessage]:
    """The messages in a conversation's folder, oldest first; none when the history cannot be read."""
    try:
        return read_messages(read_regular(folder / HISTORY), conversation.created)
    except OSError:
        return []

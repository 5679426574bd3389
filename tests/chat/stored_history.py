"""What the tests of the history on disk say, look at and take away."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore


def say(text: str, name: str | None = None) -> ChatMessage:
    return (
        ChatMessage(role="user", content=text)
        if name is None
        else ChatMessage(id=name, role="user", content=text)
    )


def history(stored: StoredConversation) -> Path:
    return stored.folder / "history.json"


def on_disk(stored: StoredConversation) -> list[dict[str, Any]]:
    entries = json.loads(history(stored).read_bytes())
    assert isinstance(entries, list)
    return entries


def contents(stored: StoredConversation) -> list[str | None]:
    return [message.content for message in stored.messages]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def write_conversation(store: ConversationStore, name: str, data: bytes) -> Path:
    """A conversation whose history was written by somebody else."""
    stored = store.create(Conversation(id=name))
    stored.close()
    history(stored).write_bytes(data)
    return history(stored)


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """The kernel refuses, in the middle of a write, whatever would make a file longer than `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with no_bytecode():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def no_bytecode() -> Iterator[None]:
    """No module is compiled to a file: Python would keep one that the limit cut, and fail with it from then on."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before

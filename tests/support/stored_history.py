"""What the tests of the history on disk say, look at and take away."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.description import read_description
from animus_tui.chat.storage.history_format import layout, merged_turns, parse
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


def descriptions(store: ConversationStore) -> list[Conversation]:
    """The descriptions of all conversations that can be read, the one used last first."""
    found: list[Conversation] = []
    for folder in sorted(filter(store.used, store.named_folders()), key=store.used, reverse=True):
        with suppress(OSError, ValueError):
            found.append(read_description(folder))
    return found


def contents(stored: StoredConversation) -> list[str | None]:
    return [message.content for message in stored.messages]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def import_history(store: ConversationStore, data: bytes, conversation: Conversation) -> StoredConversation:
    """A conversation of a JSON array of messages, such as the JavaScript SDK keeps."""
    with store.staged(conversation.id) as staged:
        staged.finish(conversation, layout(merged_turns(parse(data).lines)))
    return store.open(conversation.id)


def write_conversation(store: ConversationStore, name: str, data: bytes) -> Path:
    """A conversation whose history was written by somebody else."""
    stored = store.create(Conversation(id=name))
    stored.close()
    history(stored).write_bytes(data)
    return history(stored)


def write_messages(store: ConversationStore, messages: Sequence[ChatMessage]) -> str:
    """Write a conversation as this program lays it out; returns its id."""
    stored = import_history(store, msgspec.json.encode(messages), Conversation(id="long"))
    stored.put(stored.messages[-1])  # what was imported is laid out anew by the first write
    stored.close()
    return "long"


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


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: what a full disk does to a write, for every user and file system."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with no_bytecode():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)


TEXT = "Some words\nthat somebody might say. " * 12


def long_conversation(store: ConversationStore, size: int, text: str = TEXT) -> str:
    entries = [ChatMessage(id=f"{number:032}", role="user", content=text) for number in range(size)]
    import_history(store, msgspec.json.encode(entries), Conversation(id=f"c{size}")).close()
    return f"c{size}"

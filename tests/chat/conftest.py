"""A store, and sessions that are open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from animus_tui.chat.events import EventBus
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.chat.storage.store import ConversationStore
from tests.support.talk import STREAMED, StartTalk, Talk


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "data")


@pytest.fixture
def stored(store: ConversationStore) -> Iterator[StoredConversation]:
    stored = store.create(Conversation(id="one", title="First"))
    yield stored
    stored.close()


@pytest.fixture
async def talk(start_talk: StartTalk) -> AsyncIterator[Talk]:
    """Auto-turn without pauses."""
    async with start_talk() as running:
        yield running


@pytest.fixture
async def streamed(start_talk: StartTalk) -> AsyncIterator[Talk]:
    """Answers that are shown while they are written."""
    async with start_talk(auto_turn=STREAMED) as running:
        yield running


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def writer(long: StoredConversation, bus: EventBus) -> ConversationWriter:
    """The writer of the conversation `long`, which the module of the test makes."""
    return ConversationWriter(long, bus)

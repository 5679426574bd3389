"""The conversations that are open: the one that is talked in, and those that still wait for a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.events import ConversationOpened
from animus_tui.chat.messages import Conversation, new_id
from animus_tui.chat.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

    from animus_tui.chat.events import EventBus
    from animus_tui.chat.store import ConversationStore
    from animus_tui.chat.stored_conversation import StoredConversation
    from animus_tui.config import ChatConfig


class Desk:
    """What lies open. A conversation is locked on disk for as long as it does."""

    def __init__(self, store: ConversationStore, bus: EventBus, chat: ChatConfig) -> None:
        self._store = store
        self._bus = bus
        self._chat = chat
        self._open: dict[str, Transcript] = {}
        self._current: Transcript | None = None

    @property
    def current(self) -> Transcript:
        """The one that is talked in: the one used last, or a new one, when none was chosen yet."""
        if self._current is None:
            latest = self._store.latest()
            if latest is None:
                self._current = self._create()
            else:
                self._current = self._open.get(latest) or self._adopt(self._store.open(latest, glancing=True))
        return self._current

    @property
    def writable(self) -> Transcript:
        """The one that is talked in. ValueError when it can only be read."""
        if self.current.stored.read_only:
            raise ValueError(
                "This conversation is open elsewhere and can only be read here. Start a new one."
            )
        return self.current

    def conversations(self) -> list[Conversation]:
        """All conversations on disk, the one used last first."""
        return self._store.conversations()

    async def turn_to(self, conversation_id: str) -> None:
        """Talk in this one. ValueError when there is none of that id, StoreError when the disk refuses."""
        transcript = self._open.get(conversation_id)
        self._enter(transcript or self._adopt(await self._opened(conversation_id)))

    async def reach(self, conversation_id: str) -> Transcript | None:
        """Open this one without talking in it; None when another program writes it. ValueError, StoreError."""
        transcript = self._open.get(conversation_id)
        if transcript is not None:
            return None if transcript.stored.read_only else transcript
        stored = await self._opened(conversation_id)
        if stored.read_only:
            stored.close()
            return None
        return self._adopt(stored)

    def turn_to_new(self) -> None:
        """Talk in a new one; one in which nothing was said yet is as good as new."""
        unused = not self.current.messages and not self.current.stored.read_only
        self._enter(self.current if unused else self._create())

    def clear(self, needed: Iterable[Transcript]) -> None:
        """Close all but the current one and those that are needed."""
        kept = {self._current, *needed}
        for transcript in [each for each in self._open.values() if each not in kept]:
            transcript.stored.close()
            del self._open[transcript.id]

    def close(self) -> None:
        """Close all."""
        self._current = None
        self.clear(())

    async def _opened(self, conversation_id: str) -> StoredConversation:
        """Read in a thread: a history of hundreds of megabytes takes a second."""
        opening = asyncio.create_task(asyncio.to_thread(self._store.open, conversation_id))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise

    def _create(self) -> Transcript:
        chat = self._chat
        conversation = Conversation(
            id=new_id(), model=chat.model, name=chat.name, system_message=chat.system_message
        )
        return self._adopt(self._store.create(conversation))

    def _adopt(self, stored: StoredConversation) -> Transcript:
        transcript = Transcript(stored, self._bus)
        self._open[transcript.id] = transcript
        return transcript

    def _enter(self, transcript: Transcript) -> None:
        self._current = transcript
        transcript.publish(ConversationOpened(conversation_id=transcript.id))


def _close(opening: asyncio.Task[StoredConversation]) -> None:
    """Nobody wants it any more, so others may write it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()

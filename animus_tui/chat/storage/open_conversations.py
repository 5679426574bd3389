"""The conversations that are open: the one that is talked in, and those that still wait for a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.events import ConversationOpened, HistorySaved, HistoryUnsaved
from animus_tui.chat.messages import Conversation, new_id
from animus_tui.chat.storage.conversation import StoreError
from animus_tui.disk_features import new_notices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from animus_tui.chat.events import EventBus, SessionEvent
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.history import StoredMessages
    from animus_tui.chat.storage.store import ConversationStore
    from animus_tui.config import ChatConfig


TITLE_LENGTH = 60
"""Characters of the first message that name a conversation."""


class Transcript:
    """One open conversation. A disk that refuses is told on the bus and never stops the conversation."""

    def __init__(self, stored: StoredConversation, bus: EventBus) -> None:
        self.stored = stored
        self._bus = bus

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.stored.conversation.id

    @property
    def messages(self) -> StoredMessages:
        """All messages, oldest first."""
        return self.stored.messages

    def publish(self, event: SessionEvent) -> None:
        """Tell all subscribers."""
        self._bus.publish(event)

    async def get_ready(self) -> None:
        """Wait, without holding up anything else, for what the next long message of a long history needs."""
        stored = self.stored
        ahead = stored.copy_ahead()
        if ahead is not None:
            making = asyncio.ensure_future(asyncio.to_thread(ahead.make))
            making.add_done_callback(lambda _: stored.take_ahead(ahead))
            await asyncio.shield(making)

    def put(self, message: ChatMessage) -> None:
        """Append the message, or replace the one with its id; what could not be saved before is tried again."""
        waiting = self.stored.unsaved
        refused = ""
        try:
            self.stored.put(message)
        except StoreError as error:
            refused = error.sentence
        unsaved = self.stored.unsaved
        if saved := [message_id for message_id in waiting if message_id not in unsaved]:
            self.publish(HistorySaved(conversation_id=self.id, message_ids=saved))
        if refused:
            self.publish(HistoryUnsaved(conversation_id=self.id, message_ids=unsaved, error=refused))

    def name_after(self, text: str) -> None:
        """Give the conversation its title, the first words that were said, unless it has one."""
        conversation = self.stored.conversation
        if conversation.title:
            return
        words = " ".join(text.split())
        title = words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"
        self.describe(replace(conversation, title=title))

    def describe(self, conversation: Conversation) -> None:
        """Replace what is known of the conversation beside its messages."""
        try:
            self.stored.describe(conversation)
        except StoreError as error:
            self.publish(HistoryUnsaved(conversation_id=self.id, message_ids=[], error=error.sentence))


class Desk:
    """What lies open. A conversation is locked on disk for as long as it does."""

    def __init__(
        self, store: ConversationStore, bus: EventBus, chat: ChatConfig, *, headless: bool = False
    ) -> None:
        self._store = store
        self._bus = bus
        self._chat = chat
        self._headless = headless
        """Whether what is opened here does not count as used in the application."""
        self._notices: list[str] = []
        self.lost = 0
        """Messages of conversations that were closed while the disk refused them."""
        self._open: dict[str, Transcript] = {}
        self._current: Transcript | None = None

    @property
    def current(self) -> Transcript:
        """The one that is talked in: the one used last, or a new one, when none was chosen yet."""
        if self._current is None:
            self._current = self._used_last() or self._create()
            self.note_use(self._current)
        return self._current

    @property
    def writable(self) -> Transcript:
        """The one that is talked in. ValueError when it can only be read."""
        if self.current.stored.refusal is not None:
            raise ValueError(self.current.stored.refusal)
        return self.current

    def notices(self) -> list[str]:
        """What is to be told and was not yet: what could not be opened, what the disk lacks. A sentence each."""
        notices = [*self._notices, *new_notices()]
        self._notices.clear()
        return notices

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
        current = self._current or self._unused_last()
        is_unused = current is not None and not current.stored.newest and not current.stored.read_only
        self._enter(current if current is not None and is_unused else self._create())

    async def follow(self) -> bool:
        """Read anew what is open elsewhere and was changed there, or write it once it is not; whether that was so."""
        transcript = self._current
        if transcript is None or not transcript.stored.is_open_elsewhere:
            return False
        if not await asyncio.to_thread(transcript.stored.is_outdated):
            return False
        stored = await self._opened(transcript.id, glancing=True)
        transcript.stored.close()
        transcript.stored = stored
        transcript.publish(ConversationOpened(conversation_id=transcript.id))
        return True

    def note_use(self, transcript: Transcript) -> None:
        """Remember that the application uses this one, for its next start."""
        if self._headless:
            return
        self._store.note_last(transcript.id)
        conversation = transcript.stored.conversation
        if conversation.headless and not transcript.stored.read_only:
            transcript.describe(replace(conversation, headless=False))

    def clear(self, needed: Iterable[Transcript]) -> None:
        """Close all but the current one and those that are needed."""
        kept = {self._current, *needed}
        for transcript in [each for each in self._open.values() if each not in kept]:
            transcript.stored.close()
            self.lost += len(transcript.stored.unsaved)
            del self._open[transcript.id]

    def close(self) -> None:
        """Close all."""
        self._current = None
        self.clear(())

    def _used_last(self) -> Transcript | None:
        latest = self._store.latest()
        if latest is None:
            return None
        try:
            return self._open.get(latest) or self._adopt(self._store.open(latest, glancing=True))
        except (StoreError, ValueError) as error:  # one that cannot be opened keeps nobody from talking
            self._notices.append(f"{error} A new conversation was begun.")
            return None

    def _unused_last(self) -> Transcript | None:
        latest = None if self._headless else self._store.latest()
        return self._used_last() if latest is not None and self._store.is_unused(latest) else None

    async def _opened(self, conversation_id: str, *, glancing: bool = False) -> StoredConversation:
        """Read in a thread: a history of hundreds of megabytes takes a second."""
        opening = asyncio.create_task(asyncio.to_thread(self._store.open, conversation_id, glancing=glancing))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise

    def _create(self) -> Transcript:
        chat = self._chat
        conversation = Conversation(
            id=new_id(),
            model=chat.model,
            name=chat.name,
            system_message=chat.system_message,
            headless=self._headless,
        )
        return self._adopt(self._store.create(conversation))

    def _adopt(self, stored: StoredConversation) -> Transcript:
        transcript = Transcript(stored, self._bus)
        self._open[transcript.id] = transcript
        return transcript

    def _enter(self, transcript: Transcript) -> None:
        self._current = transcript
        self.note_use(transcript)
        transcript.publish(ConversationOpened(conversation_id=transcript.id))


def _close(opening: asyncio.Task[StoredConversation]) -> None:
    """Nobody wants it any more, so others may write it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()

"""The registry of open conversations: the current one, and those in which a picture is still being made."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.atomic import new_notices
from animus_tui.chat.conversation_settings import completed, configured_settings, with_setting
from animus_tui.chat.effective_settings import kept_settings, with_settings
from animus_tui.chat.events import (
    CharacterChanged,
    ConversationOpened,
    HistoryChanged,
)
from animus_tui.chat.greeting import change_greeting, greet, refresh_greeting
from animus_tui.chat.messages import Conversation, is_unused, new_id, with_former
from animus_tui.chat.storage.conversation_folder import has_requests
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from animus_tui.chat.conversation_settings import ConversationSettings, Place
    from animus_tui.chat.events import EventBus
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.store import ConversationStore
    from animus_tui.chat.storage.temporary import TemporaryStore
    from animus_tui.config.schema import Config

log = logging.getLogger(__name__)


class OpenConversations:
    """All conversations that are open, by id; each is locked on disk for as long as it is open."""

    def __init__(
        self, store: ConversationStore, bus: EventBus, config: Config, *, headless: bool = False
    ) -> None:
        self._store = store
        self._bus = bus
        self.configured = config
        """The configuration of new conversations, and of what a conversation does not set."""
        self._headless = headless
        """Whether opening a conversation leaves the one that the application opens next as it is."""
        self._notices: list[str] = []
        self.lost = 0
        """Messages of conversations that were closed while the disk refused them."""
        self._open: dict[str, ConversationWriter] = {}
        self._current: ConversationWriter | None = None
        self._temporary: TemporaryStore | None = None
        """None until somebody wants a temporary conversation."""

    def configure(self, config: Config) -> None:
        """Use another configuration for new conversations; existing ones keep their settings."""
        self.configured = config
        if self._current is not None and self._complete_settings(self._current):
            self._current.publish(HistoryChanged(message_id=None))

    # What holds in a conversation

    @property
    def config(self) -> Config:
        """The configuration that holds in the current conversation; before there is one, the configured one."""
        return self.configured if self._current is None else self.config_of(self._current)

    def config_of(self, writer: ConversationWriter) -> Config:
        """The configuration that holds in an open conversation."""
        return writer.config(self.configured)

    @property
    def settings(self) -> ConversationSettings:
        """The character of the current conversation, and the settings that it keeps."""
        return completed(kept_settings(self.current.stored.conversation), self.configured)

    def change_settings(self, settings: ConversationSettings, *, is_another: bool = False) -> None:
        """Replace the settings of the current conversation, and publish that. UserError when it is read-only.

        `is_another`: another character answers from now on; former replies keep the name of theirs.
        """
        writer = self.writable
        former = self.settings
        conversation = writer.stored.conversation
        if is_another and former.name != settings.name and not is_unused(writer.stored.newest):
            conversation = with_former(conversation, former)
        writer.describe(with_settings(conversation, settings))
        writer.publish(CharacterChanged(name=self.config_of(writer).chat.name))
        if change_greeting(writer, self.config_of(writer), former):
            writer.publish(HistoryChanged(message_id=None))

    def change_setting(self, place: Place, value: object) -> None:
        """Change one setting of the current conversation, to its default with None.

        ConfigError when it is not allowed; UserError when the conversation can only be read.
        """
        changed = with_setting(self.settings, self.config, place, value)
        if changed != self.settings:
            self.change_settings(changed)

    def _complete_settings(self, writer: ConversationWriter) -> bool:
        """Write the settings that a conversation lacks; an unused one takes all of them from the configuration.

        Returns whether its greeting has changed with them.
        """
        stored = writer.stored
        if stored.read_only:
            return False
        settings = kept_settings(stored.conversation)
        is_new = not stored.newest and not settings.is_chosen
        settled = completed(settings, self.configured)
        if is_new:  # what the user has said of it all the same is kept
            settled = replace(configured_settings(self.configured), note=settings.note)
        if settled != stored.conversation.character:
            writer.describe(with_settings(stored.conversation, settled))
        return refresh_greeting(writer, self.config_of(writer))

    @property
    def current(self) -> ConversationWriter:
        """The current conversation; the one used last, or a new one, when none was chosen yet."""
        if self._current is None:
            self._current = self._used_last() or self._create()
            self.note_use(self._current)
        return self._current

    @property
    def writable(self) -> ConversationWriter:
        """The current conversation. UserError when it can only be read."""
        if self.current.stored.refusal is not None:
            raise UserError(self.current.stored.refusal)
        return self.current

    def tell(self, notice: str) -> None:
        """Have a sentence told to the user with the next conversation that is shown."""
        self._notices.append(notice)

    def notices(self) -> list[str]:
        """Sentences for the user, each returned once: what could not be opened, what the disk lacks."""
        notices = [*self._notices, *new_notices()]
        self._notices.clear()
        return notices

    def opened(self, conversation_id: str) -> ConversationWriter | None:
        """The conversation of this id, if it is open here."""
        return self._open.get(conversation_id)

    def described(self) -> list[Conversation]:
        """The descriptions of the conversations that are written here; temporary ones are left out."""
        return [
            each.stored.described
            for each in self._open.values()
            if not each.stored.read_only and not self._is_temporary(each)
        ]

    async def switch_to(self, conversation_id: str) -> None:
        """Make this one the current one. UsageError when there is none of that id, StoreError when the disk refuses."""
        writer = self._open.get(conversation_id)
        self._switch(writer or self._adopt(await self._opened(conversation_id)))

    async def switch_from_current(self, conversation_id: str | None) -> None:
        """Leave the current conversation, which will be deleted, for another one or a new one. UserError."""
        former = self.current
        if conversation_id is not None:
            try:
                await self.switch_to(conversation_id)
            except UserError as error:  # it was deleted meanwhile, or cannot be read
                log.warning("conversation %s is not opened: %s", conversation_id, error)
        if self.current is former:
            self.switch_to_new()
        if self.current is former:
            raise UserError("Nothing was said in this conversation yet, so there is nothing to delete.")

    async def open_beside(self, conversation_id: str) -> ConversationWriter | None:
        """Open one beside the current one; None when another program writes it. UsageError, StoreError."""
        writer = self._open.get(conversation_id)
        if writer is not None:
            return None if writer.stored.read_only else writer
        stored = await self._opened(conversation_id)
        if stored.read_only:
            stored.close()
            return None
        return self._adopt(stored)

    @property
    def is_temporary(self) -> bool:
        """Whether the current conversation is kept nowhere."""
        return self._current is not None and self._is_temporary(self._current)

    def _is_temporary(self, writer: ConversationWriter) -> bool:
        return self._temporary is not None and self._temporary.holds(writer.stored)

    def switch_to_temporary(self, character: ConversationSettings | None = None) -> None:
        """Make a new temporary conversation the current one, which leaves nothing on the disk. StoreError."""
        if self._temporary is None:
            from animus_tui.chat.storage.temporary import TemporaryStore  # few conversations need it

            self._temporary = TemporaryStore()
        writer = self._begun(self._temporary.create(self._new_description(character)))
        if notice := self._temporary.notice():
            self.tell(notice)
        self._switch(writer)

    def switch_to_new(self, character: ConversationSettings | None = None) -> None:
        """Make a new conversation the current one, or an unused one that is not temporary.

        `character`: its settings, in place of the configured ones.
        """
        current = (None if self.is_temporary else self._current) or self._unused_last()
        if current is None or current.stored.read_only or not _is_unused(current.stored):
            self._switch(self._create(character))
            return
        current.describe(with_settings(current.stored.conversation, self._settings_of_new(character)))
        greet(current, self.config_of(current))
        self._switch(current)

    async def follow(self) -> bool:
        """Reload the current one if another program changed it, or writes it no longer; whether that was so."""
        writer = self._current
        if writer is None or not writer.stored.is_open_elsewhere:
            return False
        if not await asyncio.to_thread(writer.stored.is_outdated):
            return False
        stored = await self._opened(writer.id, tail_first=True)
        writer.stored.close()
        writer.stored = stored
        self._complete_settings(writer)
        writer.publish(ConversationOpened())
        return True

    def note_use(self, writer: ConversationWriter) -> None:
        """Remember that the application uses this one, for its next start."""
        if self._headless or self._is_temporary(writer):
            return
        self._store.note_last(writer.id)
        conversation = writer.stored.conversation
        if conversation.headless and not writer.stored.read_only:
            writer.describe(replace(conversation, headless=False))

    def clear(self, needed: Iterable[ConversationWriter]) -> None:
        """Close all but the current one and those that are needed."""
        kept = {self._current, *needed}
        for writer in [each for each in self._open.values() if each not in kept]:
            writer.stored.close()
            self.lost += len(writer.stored.unsaved)
            del self._open[writer.id]
            if self._temporary is not None and self._temporary.holds(writer.stored):
                self._temporary.remove(writer.stored)

    def close(self) -> None:
        """Close all."""
        self._current = None
        self.clear(())
        if self._temporary is not None:
            self._temporary.close()

    def _used_last(self) -> ConversationWriter | None:
        latest = self._store.latest()
        if latest is None:
            return None
        try:
            return self._open.get(latest) or self._adopt(self._store.open(latest, tail_first=True))
        except UserError as error:  # one that cannot be opened keeps nobody from talking
            self.tell(f"{error} A new conversation was begun.")
            return None

    def _unused_last(self) -> ConversationWriter | None:
        latest = None if self._headless else self._store.latest()
        return self._used_last() if latest is not None and self._store.is_unused(latest) else None

    async def _opened(self, conversation_id: str, *, tail_first: bool = False) -> StoredConversation:
        """Read in a thread: a history of hundreds of megabytes takes a second."""
        opening = asyncio.create_task(
            asyncio.to_thread(self._store.open, conversation_id, tail_first=tail_first)
        )
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise

    def _create(self, character: ConversationSettings | None = None) -> ConversationWriter:
        return self._begun(self._store.create(self._new_description(character)))

    def _begun(self, stored: StoredConversation) -> ConversationWriter:
        writer = self._adopt(stored)
        greet(writer, self.config_of(writer))
        return writer

    def _new_description(self, character: ConversationSettings | None) -> Conversation:
        new = Conversation(id=new_id(), headless=self._headless)
        return with_settings(new, self._settings_of_new(character))

    def _settings_of_new(self, character: ConversationSettings | None) -> ConversationSettings:
        if character is None:
            return configured_settings(self.configured)
        return completed(replace(character, is_chosen=True), self.configured)

    def _adopt(self, stored: StoredConversation) -> ConversationWriter:
        writer = ConversationWriter(stored, self._bus)
        self._open[writer.id] = writer
        self._complete_settings(writer)
        return writer

    def _switch(self, writer: ConversationWriter) -> None:
        self._current = writer
        self.note_use(writer)
        writer.publish(ConversationOpened())


def _is_unused(stored: StoredConversation) -> bool:
    """Whether nothing but a greeting is in a conversation, and no picture was asked for."""
    return is_unused(stored.newest) and not has_requests(stored.folder)


def _close(opening: asyncio.Task[StoredConversation]) -> None:
    """Close a conversation whose opening was cancelled, which unlocks it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()

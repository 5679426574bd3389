"""Writes one open conversation, and publishes how that went."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.effective_settings import effective
from animus_tui.chat.events import (
    HistorySaved,
    HistoryUnsaved,
    RetryScheduled,
)
from animus_tui.chat.messages import title_of
from animus_tui.errors import StoreError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from animus_tui.backends.base.protocols import RetryNotice
    from animus_tui.chat.events import EventBus, SessionEvent
    from animus_tui.chat.messages import ChatMessage, Conversation
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.history import Messages
    from animus_tui.chat.storage.replacement import Change
    from animus_tui.config.schema import Config

log = logging.getLogger(__name__)

ATTEMPTS = 4
"""How often entries are made in another thread, at most, before nothing else is let in between."""


async def run_to_end(doing: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, also when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if error := task.exception():
            log.warning("what nobody waits for any more failed: %s", error)
        raise


class ConversationWriter:
    """Writes one open conversation and publishes how that went. A disk that refuses never stops the conversation."""

    def __init__(self, stored: StoredConversation, bus: EventBus) -> None:
        self.stored = stored
        self._bus = bus
        self._holds: tuple[Config, Conversation, Config] | None = None
        """Configuration, description, and the effective configuration of both."""
        self._staging = asyncio.Lock()
        """Held while a history with messages that were changed far up is written."""

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.stored.conversation.id

    @property
    def messages(self) -> Messages:
        """All messages, oldest first."""
        return self.stored.messages

    def config(self, configured: Config) -> Config:
        """The configuration that holds in this conversation; cached until settings or configuration change."""
        described = self.stored.conversation
        if self._holds is None or self._holds[0] is not configured or self._holds[1] is not described:
            self._holds = configured, described, effective(configured, described)
        return self._holds[2]

    def refuse_in_use(self, *, is_making: bool, is_answering: bool) -> None:
        """Raise UserError while it cannot be deleted: a picture is made in it, it is open elsewhere or answered."""
        if is_making:
            raise UserError("A picture is being made in this conversation. Cancel it first.")
        if self.stored.is_open_elsewhere:
            raise UserError("This conversation is open in another window. Close it there first.")
        if is_answering:
            raise UserError("An answer is under way in this conversation. Cancel it first.")

    def publish(self, event: SessionEvent) -> None:
        """Publish an event of this conversation."""
        self._bus.publish(replace(event, conversation_id=self.id))

    def publish_retry(self, notice: RetryNotice, *, image_id: str | None = None) -> None:
        """Publish that a request is sent again later, for the answer or for an image."""
        self.publish(
            RetryScheduled(
                delay=round(notice.delay * 1000),
                attempt=notice.attempt,
                title=notice.error.title,
                image_id=image_id,
            )
        )

    async def get_ready(self) -> None:
        """Prepare a long history for its next long message, in a thread."""
        ahead = self.stored.copy_ahead()
        if ahead is not None:
            making = asyncio.ensure_future(asyncio.to_thread(ahead.make))
            making.add_done_callback(lambda _: ahead.use())
            await asyncio.shield(making)

    def put(self, message: ChatMessage) -> None:
        """Append the message, or replace the one with its id; what could not be saved before is tried again."""
        self._write(partial(self.stored.put, message))

    async def replace_from(self, message_id: str, change: Change) -> None:
        """Replace a message and all that follow it, without blocking the event loop.

        It is on the disk afterwards, also when the caller is cancelled. KeyError; UserError as of the change.
        """
        await run_to_end(self._replace(partial(self._place_of, message_id), change))

    async def replace_behind(self, message_id: str | None, change: Change) -> None:
        """Replace all that follows a message, or with None the whole conversation, as `replace_from` does."""
        await run_to_end(
            self._replace(lambda: 0 if message_id is None else self._place_of(message_id) + 1, change)
        )

    async def _replace(self, place: Callable[[], int], change: Change) -> None:
        async with self._staging:
            for attempt in range(ATTEMPTS):
                await self._write_what_is_staged()
                made = self.stored.replacement(place(), change)
                if attempt < ATTEMPTS - 1:
                    await asyncio.to_thread(made.make)
                else:
                    made.make()  # then nobody can change anything meanwhile
                self._write(partial(self.stored.use, made))
                if made.is_used:
                    break
            try:
                await asyncio.to_thread(self.stored.settle, made)
            except StoreError as error:
                self.publish(HistoryUnsaved(message_ids=self.stored.unsaved, error=error.sentence))

    def _place_of(self, message_id: str) -> int:
        place = self.messages.place(message_id)
        if place is None:
            raise KeyError(message_id)
        return place

    async def put_anywhere(self, message: ChatMessage) -> None:
        """Do as `put` does, without blocking the event loop where the message is far up in a long history.

        The message is replaced when this is called, and on the disk afterwards, also when the caller is cancelled.
        """
        if not self.stored.stage(message):
            self.put(message)
            return
        await run_to_end(self._write_staged())

    async def _write_staged(self) -> None:
        async with self._staging:
            await self._write_what_is_staged()

    async def _write_what_is_staged(self) -> None:
        copy = self.stored.copy_with_staged()
        if copy is not None:
            await asyncio.to_thread(copy.make)
        self._write(partial(self.stored.finish_staged, copy))
        if copy is not None:
            await asyncio.to_thread(copy.close)

    def _write(self, write: Callable[[], object]) -> None:
        """Call `write`, and publish which messages were saved or could not be."""
        waiting, was_saved = self.stored.unsaved, self.stored.is_saved
        refused = ""
        try:
            write()
        except StoreError as error:
            refused = error.sentence
        unsaved = self.stored.unsaved
        saved = [message_id for message_id in waiting if message_id not in unsaved]
        if saved or (self.stored.is_saved and not was_saved):
            self.publish(HistorySaved(message_ids=saved, is_all=self.stored.is_saved))
        if refused:
            self.publish(HistoryUnsaved(message_ids=unsaved, error=refused))

    def name_after(self, text: str) -> None:
        """Make the first words of a text the title of the conversation, unless it has one."""
        conversation = self.stored.conversation
        if conversation.title:
            return
        self.describe(replace(conversation, title=title_of(text)))

    def describe(self, conversation: Conversation) -> None:
        """Replace the description of the conversation."""
        self._write(partial(self.stored.describe, conversation))

    def summarise(self) -> None:
        """Write the summary for the list of conversations; a failure is ignored, as it can be made again."""
        with suppress(StoreError):
            self.stored.summarise()

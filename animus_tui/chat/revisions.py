"""Changes of messages: regenerated, continued and corrected replies, deletion, forks.

The session runs these one at a time. What is replaced is kept in the history as a branch (`storage.branches`).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from msgspec import json as codec
from msgspec.structs import replace

from animus_tui.chat.events import HistoryChanged, MessageSent
from animus_tui.chat.messages import ChatMessage, cut_reason, now
from animus_tui.chat.reply_branch import ReplyBranch, Revision
from animus_tui.chat.storage.branches import (
    BRANCHES,
    Removed,
    removed_first,
    with_corrected,
    with_first,
    with_new,
    with_shown,
    without_first,
)
from animus_tui.chat.storage.history_format import encode, raw_fields
from animus_tui.errors import BlankError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.exchange_runner import ExchangeRunner
    from animus_tui.chat.images.job import ImageJob
    from animus_tui.chat.images.service import ImageService
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.history import Messages
    from animus_tui.chat.storage.open_conversations import OpenConversations
    from animus_tui.chat.storage.store import ConversationStore

NO_REPLY = "There is no reply to regenerate yet."
ANSWERING = "An answer is being written. Wait for it or cancel it first."
NO_PLACE = "The conversation has changed since, so the deleted message has no place in it any more."
MOST_DELETED = 50
"""Deleted messages that can be put back, at most."""
PICTURING = "A picture that belongs here is being made. Wait for it or cancel it first."


class Answered(NamedTuple):
    """The message that a regenerated reply answers, and the reply that it replaces."""

    message: ChatMessage
    """The user's."""
    reply: ChatMessage | None
    """The first reply to it; None when there is none yet."""


def answered(messages: Messages, message_id: str | None = None) -> Answered:
    """The user's message before a reply, by default the last one, and the first reply to it. UserError: none."""
    place = len(messages) - 1 if message_id is None else messages.place(message_id)
    if place is None:
        raise UserError("This reply is not there any more.")
    reply = None
    while place >= 0:
        message = messages[place]
        if message.role == "user":
            if message.hidden:
                raise UserError("The message before this reply is hidden from the model. Show it first.")
            return Answered(message, reply)
        if message.role == "assistant" and message.image is None:
            reply = message
        place -= 1
    if reply is None:
        raise UserError(NO_REPLY)
    raise UserError("There is no message of yours before this reply, so it cannot be regenerated.")


def cut_reply(newest: Sequence[ChatMessage]) -> ChatMessage:
    """The last reply, which was cut short. UserError when it is whole, or the user has spoken since."""
    said = next((m for m in reversed(newest) if m.image is None and m.role in ("user", "assistant")), None)
    if said is None or said.role != "assistant":
        raise UserError("There is no reply to continue: the last message was not answered.")
    if said.outcome is None and cut_reason(said.finish_reason) is None:
        raise UserError("The last reply is whole, so there is nothing to continue.")
    if not (said.content or "").strip():
        raise UserError("Nothing of the last reply has arrived. Regenerate it instead.")
    return said


def corrected(lines: Sequence[bytes], message: ChatMessage, text: str) -> list[bytes]:
    """The entries from a reply on, with another text of it; the former text is kept as a branch.

    BlankError; UserError when it is no text of the character.
    """
    if not text.strip():
        raise BlankError("There is nothing to keep: the text is blank. Delete the reply instead.")
    if message.role != "assistant" or message.image is not None:
        raise UserError("Only replies can be corrected.")
    told = raw_fields(encode(replace(message, content=text.strip(), edited=now())).line)
    fields = raw_fields(lines[0])
    for key in (BRANCHES, "turns", "outcome", "finish_reason"):
        fields.pop(key, None)
    return with_corrected(lines, codec.encode(fields | {key: told[key] for key in ("content", "edited")}))


class Deleted(NamedTuple):
    """A message that was deleted, and where."""

    stored: StoredConversation
    above: str | None
    """Id of the message before it; None when it was the first one."""
    removed: Removed


class Revisions:
    """Changes messages of the open conversation. What cannot be done is a UserError; later failures are events."""

    def __init__(
        self,
        store: ConversationStore,
        conversations: OpenConversations,
        images: ImageService,
        turn: asyncio.Lock,
        exchanges: ExchangeRunner,
    ) -> None:
        """`turn` is held during each change: it is the session's, which does one thing at a time."""
        self._store = store
        self._conversations = conversations
        self._images = images
        self._turn = turn
        self._exchanges = exchanges
        self._deleted: list[Deleted] = []
        """Messages that can be put back, the one deleted last behind the others."""

    async def regenerate(self, wish: str | None = None, message_id: str | None = None) -> None:
        """Ask for another reply, by default to the last message; the former one is kept as a branch.

        `wish` is what it is to be, such as `shorter`; `message_id` is that of the reply. UserError: there is none.
        """
        async with self._turn:
            writer = await self._to_begin()
            message, reply = answered(writer.messages, message_id)
            wish = (wish or "").strip() or None
            if reply is None:
                if message.outcome is not None:
                    message = replace(message, outcome=None)
                    await writer.put_anywhere(message)
                await self._exchanges.begin(message, Revision(wish=wish))
                return
            for job in self._pictures_from(writer, reply.id):
                await self._images.cancel(job.image_id)
            await writer.get_ready()
            await self._exchanges.begin(message, Revision(branch=ReplyBranch(writer, reply.id), wish=wish))

    async def edit_and_resend(self, message_id: str, text: str) -> ChatMessage:
        """Replace a message of the user and send it; the former one and what followed are kept as a branch.

        Returns when it is on disk; the answer follows as events. BlankError; UserError: it is not the user's.
        """
        if not text.strip():
            raise BlankError("There is nothing to send: the message is blank.")
        async with self._turn:
            writer = await self._to_begin()
            former = self._get(writer, message_id)
            if former.role != "user":
                raise UserError("Only your own messages can be sent again.")
            for job in self._pictures_from(writer, message_id):
                await self._images.cancel(job.image_id)
            await writer.get_ready()
            message = ChatMessage(role="user", content=text.strip(), attached=former.attached)
            new = [encode(message).line]
            await writer.replace_from(message_id, lambda lines: with_new(lines, new))
            writer.publish(HistoryChanged(message_id=message.id))
            writer.publish(MessageSent(message=message))
            await self._exchanges.begin(writer.stored.get(message.id))
        return message

    async def continue_reply(self) -> None:
        """Ask for the rest of the last reply, which was cut short. UserError when it is whole."""
        async with self._turn:
            writer = await self._to_begin()
            reply = cut_reply(writer.stored.newest)
            await writer.get_ready()
            await self._exchanges.begin(None, Revision(continued=reply))

    async def correct(self, message_id: str, text: str) -> None:
        """Change the text of a reply by hand; the former text is kept as a branch. BlankError, UserError."""
        async with self._turn:
            writer = await self._to_change()
            message = self._get(writer, message_id)
            await writer.replace_from(message_id, lambda lines: corrected(lines, message, text))
            writer.publish(HistoryChanged(message_id=message_id))

    async def show_branch(self, message_id: str, index: int) -> str:
        """Show another continuation of the conversation from a message on; `index` counts from 0, oldest first.

        Returns the id of the message that stands in its place then. UserError when there is none.
        """
        async with self._turn:
            writer = await self._to_change()
            message = self._get(writer, message_id)
            if not 0 <= index < message.branch_count:
                raise UserError("There is no further version here.")
            if self._pictures_from(writer, message_id):
                raise UserError(PICTURING)
            place = writer.messages.place(message_id) or 0
            await writer.replace_from(message_id, partial(with_shown, index=index))
            shown = writer.messages[place].id
            writer.publish(HistoryChanged(message_id=shown))
            return shown

    async def set_hidden(self, message_id: str, hidden: bool) -> None:
        """Exclude a message from requests, or include it again. UserError."""
        async with self._turn:
            writer = await self._to_change()
            await writer.put_anywhere(replace(self._get(writer, message_id), hidden=hidden))
            writer.publish(HistoryChanged(message_id=message_id))

    async def delete(self, message_id: str) -> None:
        """Delete a message. Other versions of it stay, and so does what followed. UserError.

        `restore_deleted` undoes it until another conversation is shown or this program ends.
        """
        removed: list[Removed] = []

        def change(lines: Sequence[bytes]) -> list[bytes]:
            removed[:] = [removed_first(lines)]
            return without_first(lines)

        async with self._turn:
            writer = await self._to_change()
            self._get(writer, message_id)
            place = writer.messages.place(message_id) or 0
            above = writer.messages[place - 1].id if place else None
            await writer.replace_from(message_id, change)
            self._deleted = [each for each in self._deleted if each.stored is writer.stored][
                1 - MOST_DELETED :
            ]
            self._deleted.append(Deleted(writer.stored, above, removed[0]))
            left = writer.messages
            writer.publish(HistoryChanged(message_id=left[place].id if place < len(left) else None))

    @property
    def can_restore(self) -> bool:
        """Whether a message of the open conversation was deleted that can be put back."""
        return bool(self._deleted) and self._deleted[-1].stored is self._conversations.current.stored

    async def restore_deleted(self) -> None:
        """Put back the message that was deleted last in the open conversation. UserError when there is none."""
        async with self._turn:
            writer = await self._to_change()
            if not self.can_restore:
                raise UserError("There is no deleted message to restore.")
            deleted = self._deleted.pop()
            above = None if deleted.above is None else writer.messages.place(deleted.above)
            if deleted.above is not None and above is None:
                raise UserError(NO_PLACE)
            try:
                await writer.replace_behind(deleted.above, partial(with_first, removed=deleted.removed))
            except ValueError as error:
                raise UserError(NO_PLACE) from error
            writer.publish(HistoryChanged(message_id=writer.messages[0 if above is None else above + 1].id))

    async def fork(self, message_id: str) -> None:
        """Open a new conversation with copies of all messages up to this one. UserError."""
        async with self._turn:
            if self._conversations.is_temporary:
                raise UserError(
                    "A temporary conversation is kept nowhere, so it cannot be forked; export it first."
                )
            writer = self._conversations.current
            self._get(writer, message_id)
            read = writer.stored.reader_to(message_id)
            await self._exchanges.leave()
            forked = await asyncio.to_thread(lambda: self._store.fork(writer.stored, read()))
            await self._conversations.switch_to(forked)
            self._conversations.clear(self._images.needed)

    async def _to_begin(self) -> ConversationWriter:
        """End the exchange; the open conversation, to ask for a reply in it. UserError: it can only be read."""
        await self._conversations.follow()
        writer = self._conversations.writable
        await self._exchanges.end()
        return writer

    async def _to_change(self) -> ConversationWriter:
        """The open conversation, to change it. UserError: it can only be read, or an answer is being written."""
        await self._conversations.follow()
        writer = self._conversations.writable
        if self._exchanges.is_answering:
            raise UserError(ANSWERING)
        self._exchanges.forget_failure()  # it may be gone afterwards
        return writer

    def _pictures_from(self, writer: ConversationWriter, message_id: str) -> list[ImageJob]:
        """The pictures that are being made and belong to a message or to one that follows it."""
        messages = writer.messages
        first = messages.place(message_id) or 0
        jobs = [job for job in self._images.under_way if job.writer is writer]
        owners = [(job, name) for job in jobs for name in (job.reply_to, job.message_id) if name is not None]
        places = [(job, messages.place(name)) for job, name in owners]
        return [job for job, place in places if place is not None and place >= first]

    @staticmethod
    def _get(writer: ConversationWriter, message_id: str) -> ChatMessage:
        try:
            return writer.stored.get(message_id)
        except KeyError:
            raise UserError("This message is not there any more.") from None

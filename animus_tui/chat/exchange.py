"""One exchange, as one coroutine: request, presentation, picture or follow-ups.

Cancelling the coroutine is how an exchange is cancelled; what was delivered by then is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from itertools import chain, count, takewhile
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.backends.base.chat_values import whole_reply
from animus_tui.backends.base.errors import AnswerError, BackendError, OutOfCredits
from animus_tui.chat.attachments import addresses_of, refusal_sentence
from animus_tui.chat.events import (
    ExchangeComplete,
    ExchangeOutcome,
    FollowUpScheduled,
    HistoryChanged,
    MessageComplete,
    MessageError,
    MessageStart,
    MessageType,
    TurnsCanceled,
)
from animus_tui.chat.history_window import chat_request
from animus_tui.chat.instructions import instructions_for
from animus_tui.chat.messages import ChatMessage, Outcome, cut_reason, new_id
from animus_tui.chat.promises.finder import promising
from animus_tui.chat.reply_text import (
    split_reasoning,
    split_reasoning_of_turns,
    split_turns,
    typing_delay,
)
from animus_tui.chat.storage.conversation_writer import run_to_end
from animus_tui.chat.streamed_reply import SAVE_INTERVAL, StreamedReply

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, ChatRequest, Usage
    from animus_tui.backends.base.protocols import ChatBackend, OnPiece
    from animus_tui.chat.promises.finder import PromiseCheck, PromiseFinder
    from animus_tui.chat.reply_branch import Revision
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.token_meter import TokenMeter
    from animus_tui.config.schema import Config

AT_ONCE, PAUSE = 50, 0.004
"""Pieces of a reply taken one after the other, some 4 ms of work where they have come together, and seconds for
which others then have their turn: a key takes several turns to its echo."""
StartImage = Callable[[str, str], "asyncio.Task[None] | None"]
"""Starts the image of a prompt, promised by the message with that id, or asks whether to; None: neither is wanted.

The task ends with the image, or once the user is asked.
"""
KeepImages = Callable[[list[str], str, str | None], "asyncio.Task[None]"]
"""Keeps the images at these addresses, with a prompt and the id of the reply that they came with."""


class Exchange:
    """One exchange: from a message of the user to its `ExchangeComplete`."""

    def __init__(
        self,
        writer: ConversationWriter,
        chat: ChatBackend,
        config: Config,
        rng: random.Random,
        start_image: StartImage,
        promises: PromiseFinder,
        keep_images: KeepImages,
        meter: TokenMeter,
    ) -> None:
        """`meter` knows how the service counts tokens, and learns from each reply."""
        self._writer = writer
        self._chat = chat
        self._config = config
        self._rng = rng
        self._start_image = start_image
        self._promises = promises
        self._keep_images = keep_images
        self._meter = meter
        self._received: list[str] = []
        """Addresses of the pictures that the model sent within its reply."""
        self._shows_pictures = False
        """Whether the last request had pictures of the user."""
        self._revision: Revision | None = None
        """How the coming reply differs from a plain answer."""
        self._check: PromiseCheck | None = None
        """The check whether the coming reply promises a picture."""

    async def run(self, new: ChatMessage | None, revision: Revision | None = None) -> ExchangeOutcome:
        """Answer the user's message `new`, which is on disk, or go on unasked when it is None.

        `revision`: how the first reply differs from a plain answer.
        """
        self._revision = revision
        continued = revision.continued if revision is not None else None
        known_promise = continued.image_prompt if continued is not None else None
        outcome: ExchangeOutcome = "failed"
        message_type: MessageType = "regular"
        most = self._config.auto_turn.max_sequential_follow_ups
        try:
            for follow_up in count(0 if new or continued else self._replies_in_a_row()):
                message_type = "followup" if follow_up else "regular"
                reply = await self._answer(None if follow_up else new, message_type)
                self._revision = None
                if await self._show_received(new, reply):
                    break
                if reply.image_prompt and reply.image_prompt != known_promise:
                    # Waiting does not own the picture: a cancelled exchange leaves it running.
                    if (started := self._start_image(reply.image_prompt, reply.id)) is not None:
                        await asyncio.wait({started})
                    break
                goes_on = reply.next and self._chat.chat_capabilities.follow_up
                if not goes_on or follow_up >= most:
                    break
                delay = self._config.auto_turn.follow_up_delay
                self._writer.publish(FollowUpScheduled(delay=delay))
                await asyncio.sleep(delay / 1000)
            outcome = "complete"
        except BackendError as error:
            if not self._restore_former() and new is not None and not self._has_answer(new):
                self._writer.put(replace(new, outcome="failed"))
            self._report(error, message_type)
        except asyncio.CancelledError:
            outcome = "cancelled"
            self._restore_former()
            raise
        finally:
            self._writer.publish(ExchangeComplete(outcome=outcome))
        return outcome

    async def _show_received(self, new: ChatMessage | None, reply: ChatMessage) -> bool:
        """Store the images that came within the reply, described by the user's message; whether any came."""
        images, self._received = list(dict.fromkeys(self._received)), []
        if images:
            prompt = (new and new.content) or reply.content or "A picture"
            reply_to = None if reply.is_empty else reply.id
            await asyncio.wait({self._keep_images(images, prompt, reply_to)})
        return bool(images)

    async def _put(self, message: ChatMessage) -> None:
        """Store the reply as it is now."""
        revision = self._revision
        if revision is None:
            self._writer.put(message)
            return
        revision.is_begun = True
        if revision.wish is not None:
            message = replace(message, wish=revision.wish)
        if revision.branch is not None:
            await revision.branch.put(message)
        else:
            self._writer.put(message)

    def _restore_former(self) -> bool:
        """Publish that the former reply stays, when nothing of the new one arrived; whether that is so."""
        revision = self._revision
        if revision is None or revision.branch is None or revision.is_begun:
            return False
        self._writer.publish(HistoryChanged(message_id=revision.branch.message_id))
        return True

    async def _answer(self, new: ChatMessage | None, message_type: MessageType) -> ChatMessage:
        """Ask, present and store one reply, and find out whether it promises a picture."""
        try:
            reply = await self._reply(new, message_type)
            check = self._check or self._check_promise(reply)
            if check is None or reply.image_prompt:
                return reply
            await check.wait()
            return await check.keep()
        except asyncio.CancelledError:
            if self._check is not None:
                await self._check.keep()
            raise
        finally:
            ended, self._check = self._check, None
            if ended is not None:
                await ended.aclose()

    def _check_promise(self, reply: ChatMessage) -> PromiseCheck | None:
        """Start the check whether a reply promises a picture, unless that is known or not wanted."""
        if not (reply.image_prompt or reply.outcome or self._received):
            self._check = self._promises.check(self._writer, reply)
        return self._check

    async def _reply(self, new: ChatMessage | None, message_type: MessageType) -> ChatMessage:
        """Ask, present and store one reply."""
        revision = self._revision
        if revision is not None and revision.continued is not None:
            return await self._go_on(revision.continued, message_type)
        request = await self._request(new)
        if request.stream:
            return await self._stream(request, message_type)
        return await self._collect(request, message_type)

    async def _go_on(self, continued: ChatMessage, message_type: MessageType) -> ChatMessage:
        """Request the rest of a reply that was cut, and append it to the reply."""
        request = await self._request(None, continued)
        reply = StreamedReply(
            self._writer, message_type, self._put, self._promises.reader(), continued=continued
        )
        async with reply.kept():
            if request.stream:
                await self._receive(request, reply)
            else:
                said = await self._complete(request, reply.add)
                self._received += said.images
        message = reply.message
        if not reply.has_arrived and not self._received:
            raise AnswerError("Empty reply", "The service sent an empty reply. Try again.", retryable=True)
        turns = message.turns or [message.content or ""]
        self._publish_complete(message, turns[-1], message_type, index=len(turns) - 1, total=len(turns))
        return message

    async def _request(self, new: ChatMessage | None, continued: ChatMessage | None = None) -> ChatRequest:
        """The request for an answer to `new`, for the rest of a reply that was cut, or else for a follow-up."""
        about = new or continued
        # When a failed exchange is tried again, what came after the message is no part of its past.
        before = None if about is None else about.id
        stored, messages = self._writer.stored, self._writer.messages
        chat, note = instructions_for(self._config, stored.conversation, messages, about, before=before)
        addresses = await addresses_of(stored, self._chat, self._config.chat, new, before=before)
        self._shows_pictures = bool(addresses)
        if chat.history_tokens is not None:
            texts = (each.content for each in reversed(messages))
            newest_first = chain((chat.system_message,), texts)
            await self._meter.ask(self._chat, chat.model, newest_first, most=chat.history_tokens)
        request = chat_request(
            chat,
            messages,
            new,
            capabilities=self._chat.chat_capabilities,
            auto_turn=self._config.auto_turn.enabled and continued is None,
            before=before,
            wish=None if self._revision is None else self._revision.wish,
            continued=continued,
            addresses=addresses,
            meter=self._meter,
            note=note,
        )
        return self._promises.prepared(request)

    def _learn(self, request: ChatRequest, usage: Usage | None) -> None:
        if self._config.chat.history_tokens is not None:
            self._meter.learn(request, usage)

    async def _collect(self, request: ChatRequest, message_type: MessageType) -> ChatMessage:
        """Ask for a whole reply and present it, or what a service that streams had sent before it was cut short."""
        pieces: list[ChatDelta] = []
        reply_id = new_id()
        saving = asyncio.create_task(self._save_so_far(pieces, reply_id))
        try:
            try:
                reply = await self._complete(request, pieces.append)
            finally:
                saving.cancel()
                await asyncio.wait({saving})
                if not saving.cancelled():
                    saving.result()  # what failed there fails here
        except BackendError as error:
            if error.said is not None:
                await self._present(error.said, message_type, reply_id, outcome="failed")
            raise
        except asyncio.CancelledError:
            await run_to_end(self._keep_cancelled(pieces, reply_id, message_type))
            raise
        self._received += reply.images
        return await self._present(reply, message_type, reply_id)

    async def _save_so_far(self, pieces: Sequence[ChatDelta], reply_id: str) -> None:
        """Store what has come once a second, marked as cut short, so that a crash leaves the truth behind."""
        saved = 0
        while True:
            await asyncio.sleep(SAVE_INTERVAL)
            if saved < len(pieces):
                saved = len(pieces)
                whole, _ = self._read(whole_reply(pieces), reply_id, "cancelled")
                if not whole.is_empty:
                    await run_to_end(self._put(whole))

    async def _keep_cancelled(
        self, pieces: Sequence[ChatDelta], reply_id: str, message_type: MessageType
    ) -> None:
        """Store and publish at once what has come of a reply that nobody waits for any more."""
        whole, turns = self._read(whole_reply(pieces), reply_id, "cancelled")
        if whole.is_empty:
            return
        await self._put(whole)
        total, message_type = len(turns), _type_of(turns, message_type)
        for index, text in enumerate(turns or [""]):
            self._writer.publish(
                MessageStart(
                    message_id=reply_id, message_type=message_type, turn_index=index, total_turns=total
                )
            )
            self._publish_complete(whole, text, message_type, index=index, total=total)

    async def _complete(self, request: ChatRequest, on_piece: OnPiece) -> ChatReply:
        try:
            reply = await self._chat.complete(request, on_retry=self._writer.publish_retry, on_piece=on_piece)
        except BackendError as error:
            if error.said is not None or (plain := self._promises.without_tool(request, error)) is None:
                raise
            reply = await self._chat.complete(plain, on_retry=self._writer.publish_retry, on_piece=on_piece)
        self._learn(request, reply.usage)
        return reply

    async def _receive(self, request: ChatRequest, reply: StreamedReply) -> None:
        try:
            async with aclosing(
                self._chat.stream_chat(request, on_retry=self._writer.publish_retry)
            ) as deltas:
                taken = 0
                async for delta in deltas:
                    self._received += delta.images
                    reply.add(delta)
                    self._learn(request, delta.usage)
                    taken += 1
                    if taken % AT_ONCE == 0:
                        await asyncio.sleep(PAUSE)
        except BackendError as error:
            if reply.has_arrived or (plain := self._promises.without_tool(request, error)) is None:
                raise
            await self._receive(plain, reply)

    async def _stream(self, request: ChatRequest, message_type: MessageType) -> ChatMessage:
        reply = StreamedReply(self._writer, message_type, self._put, self._promises.reader())
        async with reply.kept():
            await self._receive(request, reply)
        message = reply.message
        if message.is_empty and self._received:
            return message
        _refuse_empty(message)
        text = message.content or ""
        self._publish_complete(message, text, message_type, index=0, total=1 if text else 0)
        return message

    async def _present(
        self, reply: ChatReply, message_type: MessageType, reply_id: str, *, outcome: Outcome | None = None
    ) -> ChatMessage:
        """Deliver a whole reply as turns, each stored before it is published; `outcome`: how it was cut short."""
        whole, turns = self._read(reply, reply_id, outcome)
        message_type = _type_of(turns, message_type)
        if whole.is_empty and self._received:
            return whole
        if outcome is None:
            _refuse_empty(whole)
        if turns:
            return await self._deliver(whole, turns, message_type)
        await self._put(whole)
        self._publish_complete(whole, "", message_type, index=0, total=0)
        return whole

    def _read(
        self, reply: ChatReply, reply_id: str, outcome: Outcome | None
    ) -> tuple[ChatMessage, list[str]]:
        """The message that a reply makes, and its turns; `outcome`: how it was cut short."""
        content, inline_reasoning = split_reasoning(reply.content)
        offered, reasoning_of_turns = split_reasoning_of_turns(reply.turns)
        reader = self._promises.reader()
        content = reader.whole(content)
        offered = [reader.whole(turn) for turn in offered]
        tool_calls = reader.other_calls(reply.tool_calls)
        settings = self._config.auto_turn
        most = settings.max_turns if settings.enabled else 1
        if settings.enabled or not content:
            turns = split_turns(
                content,
                offered,
                max_turns=most,
                has_next=reply.next,
                cuts_sentences=settings.enabled and not self._chat.chat_capabilities.turns,
            )
        else:
            turns = [content]
        whole = ChatMessage(
            id=reply_id,
            role="assistant",
            content=content or " ".join(turns),
            reasoning=(reply.reasoning or "").strip() or inline_reasoning or reasoning_of_turns,
            tool_calls=tool_calls or None,
            turns=turns if len(turns) > 1 else None,
            next=reply.next and outcome is None,
            compliance_violations=reply.compliance_violations or None,
            finish_reason=cut_reason(reply.finish_reason),
            usage=reply.usage,
            outcome=outcome,
        )
        return promising(whole, reader.promise(reply.image_prompt)), turns

    async def _deliver(self, whole: ChatMessage, turns: list[str], message_type: MessageType) -> ChatMessage:
        """Publish the turns one after the other, and meanwhile check whether a picture is promised."""
        total = len(turns)
        delivered = 0
        try:
            for index, text in enumerate(turns):
                self._writer.publish(
                    MessageStart(
                        message_id=whole.id, message_type=message_type, turn_index=index, total_turns=total
                    )
                )
                if index:
                    await asyncio.sleep(typing_delay(text, self._config.auto_turn, self._rng) / 1000)
                if self._check is not None:
                    whole = promising(whole, self._check.promise)
                await self._put(whole if index == total - 1 else _delivered_so_far(whole, turns[: index + 1]))
                delivered += 1
                self._publish_complete(whole, text, message_type, index=index, total=total)
                if not index:
                    self._check_promise(whole)
        except asyncio.CancelledError:
            self._writer.publish(TurnsCanceled(count=total - delivered))
            raise
        return whole

    def _publish_complete(
        self, whole: ChatMessage, text: str, message_type: MessageType, *, index: int, total: int
    ) -> None:
        first, last = index == 0, index >= total - 1
        self._writer.publish(
            MessageComplete(
                message_id=whole.id,
                message_type=message_type,
                content=text,
                reasoning=whole.reasoning if first else None,
                tool_calls=whole.tool_calls if first else None,
                compliance_violations=whole.compliance_violations if first else None,
                image_prompt=whole.image_prompt if last else None,
                finish_reason=whole.finish_reason if last else None,
                turn_index=index,
                total_turns=total,
                total_messages=total if last else None,
            )
        )

    def _has_answer(self, new: ChatMessage) -> bool:
        """Whether any part of an answer to the message was delivered; reasoning alone does not count."""
        since = takewhile(lambda message: message.id != new.id, reversed(self._writer.messages))
        return any(
            message.role == "assistant" and message.image is None and (message.content or message.tool_calls)
            for message in since
        )

    def _replies_in_a_row(self) -> int:
        """How many whole replies came since the user's last message: the number of the follow-up that is due."""
        since = takewhile(lambda message: message.role != "user", reversed(self._writer.messages))
        return sum(
            message.role == "assistant" and message.image is None and not message.outcome for message in since
        )

    def _report(self, error: BackendError, message_type: MessageType) -> None:
        self._writer.publish(
            MessageError(
                message_type=message_type,
                title=error.title,
                error=refusal_sentence(error, with_pictures=self._shows_pictures),
                retryable=error.retryable,
                required=error.required if isinstance(error, OutOfCredits) else None,
                available=error.available if isinstance(error, OutOfCredits) else None,
            )
        )


def _type_of(turns: Sequence[str], message_type: MessageType) -> MessageType:
    """The type of a reply that is shown in these turns."""
    return "auto" if len(turns) > 1 and message_type == "regular" else message_type


def _refuse_empty(reply: ChatMessage) -> None:
    """AnswerError when nothing is left of a reply once an empty block of reasoning is taken out."""
    if reply.is_empty:
        raise AnswerError("Empty reply", "The service sent an empty reply. Try again.", retryable=True)


def _delivered_so_far(whole: ChatMessage, turns: list[str]) -> ChatMessage:
    """The reply with its first turns, marked as cut short: what is true after a crash at this moment."""
    return replace(
        whole,
        content="\n".join(turns),
        turns=turns,
        next=False,
        finish_reason=None,
        outcome=whole.outcome or "cancelled",
    )

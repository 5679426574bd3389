"""One exchange, as one coroutine: request, presentation, picture or follow-ups.

Cancelling the coroutine is how an exchange is cancelled; what was delivered by then is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from itertools import count, takewhile
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.backends.base.errors import AnswerError, BackendError, OutOfCredits
from animus_tui.chat.events import (
    ExchangeComplete,
    ExchangeOutcome,
    FollowUpScheduled,
    MessageComplete,
    MessageError,
    MessageStart,
    MessageType,
    RetryScheduled,
    TurnsCanceled,
)
from animus_tui.chat.history_window import chat_request
from animus_tui.chat.messages import ChatMessage, cut_reason
from animus_tui.chat.reasoning import split_reasoning, split_reasoning_of_turns
from animus_tui.chat.streaming import StreamedReply
from animus_tui.chat.turns import split_turns, typing_delay

if TYPE_CHECKING:
    import random

    from animus_tui.backends.base.chat_values import ChatReply, ChatRequest
    from animus_tui.backends.base.protocols import ChatBackend, RetryNotice
    from animus_tui.chat.messages import Outcome
    from animus_tui.chat.storage.open_conversations import ConversationWriter
    from animus_tui.config import Config

Paint = Callable[[str, str], "asyncio.Task[None]"]
"""Starts the picture of a prompt, promised by the message with that id; the task ends with the picture."""


class Exchange:
    """Everything that follows from one message of the user, up to its `ExchangeComplete`."""

    def __init__(
        self,
        transcript: ConversationWriter,
        chat: ChatBackend,
        config: Config,
        rng: random.Random,
        paint: Paint,
    ) -> None:
        self._transcript = transcript
        self._chat = chat
        self._config = config
        self._rng = rng
        self._paint = paint

    async def run(self, new: ChatMessage | None) -> ExchangeOutcome:
        """Answer the user's message `new`, which is on disk, or go on unasked when it is None."""
        outcome: ExchangeOutcome = "failed"
        message_type: MessageType = "regular"
        most = self._config.auto_turn.max_sequential_follow_ups
        try:
            for follow_up in count(0 if new else self._replies_in_a_row()):
                message_type = "followup" if follow_up else "regular"
                reply = await self._answer(None if follow_up else new, message_type)
                if reply.image_prompt:
                    # Waiting does not own the picture: a cancelled exchange leaves it running.
                    await asyncio.wait({self._paint(reply.image_prompt, reply.id)})
                    break
                goes_on = reply.next and self._chat.chat_capabilities.follow_up
                if not goes_on or follow_up >= most:
                    break
                delay = self._config.auto_turn.follow_up_delay
                self._transcript.publish(FollowUpScheduled(conversation_id=self._transcript.id, delay=delay))
                await asyncio.sleep(delay / 1000)
            outcome = "complete"
        except BackendError as error:
            if new is not None and not self._answered(new):
                self._transcript.put(replace(new, outcome="failed"))
            self._report(error, message_type)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._transcript.publish(ExchangeComplete(conversation_id=self._transcript.id, outcome=outcome))
        return outcome

    async def _answer(self, new: ChatMessage | None, message_type: MessageType) -> ChatMessage:
        """Ask, present and store one reply."""
        # When a failed exchange is tried again, what came after the message is no part of its past.
        request = chat_request(
            self._config.chat,
            self._transcript.messages,
            new,
            capabilities=self._chat.chat_capabilities,
            auto_turn=self._config.auto_turn.enabled,
            before=None if new is None else new.id,
        )
        if request.stream:
            return await self._stream(request, message_type)
        try:
            reply = await self._chat.complete(request, on_retry=self._announce_retry)
        except BackendError as error:
            if error.said is not None:
                await self._present(error.said, message_type, outcome="failed")
            raise
        return await self._present(reply, message_type)

    async def _stream(self, request: ChatRequest, message_type: MessageType) -> ChatMessage:
        reply = StreamedReply(self._transcript, message_type)
        with reply.kept():
            async with aclosing(self._chat.stream_chat(request, on_retry=self._announce_retry)) as deltas:
                async for delta in deltas:
                    reply.add(delta)
        _refuse_empty(reply.message)
        return reply.complete()

    async def _present(
        self, reply: ChatReply, message_type: MessageType, *, outcome: Outcome | None = None
    ) -> ChatMessage:
        """Deliver a whole reply as turns, each on disk before it is told; `outcome` says how it was cut short."""
        content, inline_reasoning = split_reasoning(reply.content)
        offered, reasoning_of_turns = split_reasoning_of_turns(reply.turns)
        settings = self._config.auto_turn
        most = settings.max_turns if settings.enabled else 1
        if settings.enabled or not content:
            turns = split_turns(content, offered, max_turns=most, has_next=reply.next)
        else:
            turns = [content]
        if len(turns) > 1 and message_type == "regular":
            message_type = "auto"
        whole = ChatMessage(
            role="assistant",
            content=content or " ".join(turns),
            reasoning=(reply.reasoning or "").strip() or inline_reasoning or reasoning_of_turns,
            tool_calls=reply.tool_calls or None,
            turns=turns if len(turns) > 1 else None,
            next=reply.next and outcome is None,
            image_prompt=reply.image_prompt,
            compliance_violations=reply.compliance_violations or None,
            finish_reason=cut_reason(reply.finish_reason),
            outcome=outcome,
        )
        if outcome is None:
            _refuse_empty(whole)
        if turns:
            await self._deliver(whole, turns, message_type)
        else:
            self._transcript.put(whole)
            self._told(whole, "", message_type, index=0, total=0)
        return whole

    async def _deliver(self, whole: ChatMessage, turns: list[str], message_type: MessageType) -> None:
        total = len(turns)
        delivered = 0
        try:
            for index, text in enumerate(turns):
                self._transcript.publish(
                    MessageStart(
                        conversation_id=self._transcript.id,
                        message_id=whole.id,
                        message_type=message_type,
                        turn_index=index,
                        total_turns=total,
                    )
                )
                if index:
                    await asyncio.sleep(typing_delay(text, self._config.auto_turn, self._rng) / 1000)
                self._transcript.put(
                    whole if index == total - 1 else _delivered_so_far(whole, turns[: index + 1])
                )
                delivered += 1
                self._told(whole, text, message_type, index=index, total=total)
        except asyncio.CancelledError:
            self._transcript.publish(
                TurnsCanceled(conversation_id=self._transcript.id, count=total - delivered)
            )
            raise

    def _told(
        self, whole: ChatMessage, text: str, message_type: MessageType, *, index: int, total: int
    ) -> None:
        first, last = index == 0, index >= total - 1
        self._transcript.publish(
            MessageComplete(
                conversation_id=self._transcript.id,
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

    def _answered(self, new: ChatMessage) -> bool:
        """Whether any part of an answer to the message was delivered; thoughts alone are none."""
        since = takewhile(lambda message: message.id != new.id, reversed(self._transcript.messages))
        return any(
            message.role == "assistant" and message.image is None and (message.content or message.tool_calls)
            for message in since
        )

    def _replies_in_a_row(self) -> int:
        """How many whole replies came since the user's last message: the number of the follow-up that is due."""
        since = takewhile(lambda message: message.role != "user", reversed(self._transcript.messages))
        return sum(
            message.role == "assistant" and message.image is None and not message.outcome for message in since
        )

    def _announce_retry(self, notice: RetryNotice) -> None:
        self._transcript.publish(
            RetryScheduled(
                conversation_id=self._transcript.id,
                delay=round(notice.delay * 1000),
                attempt=notice.attempt,
                title=notice.error.title,
            )
        )

    def _report(self, error: BackendError, message_type: MessageType) -> None:
        self._transcript.publish(
            MessageError(
                conversation_id=self._transcript.id,
                message_type=message_type,
                title=error.title,
                error=error.sentence,
                retryable=error.retryable,
                required=error.required if isinstance(error, OutOfCredits) else None,
                available=error.available if isinstance(error, OutOfCredits) else None,
            )
        )


def _refuse_empty(reply: ChatMessage) -> None:
    """AnswerError when nothing is left of a reply once an empty block of reasoning is taken out."""
    if reply.is_empty:
        raise AnswerError("Empty reply", "The service sent an empty reply. Try again.", retryable=True)


def _delivered_so_far(whole: ChatMessage, turns: list[str]) -> ChatMessage:
    """What is true if nothing more is delivered: also after a crash the entry holds what was seen, as cut short."""
    return replace(
        whole,
        content="\n".join(turns),
        turns=turns,
        next=False,
        finish_reason=None,
        outcome=whole.outcome or "cancelled",
    )

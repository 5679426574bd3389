"""A streamed reply: its deltas are joined, published and stored while they arrive."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from animus_tui.backends.base.chat_values import merge_tool_calls
from animus_tui.chat.events import (
    MessageRestart,
    MessageStart,
    MessageTokens,
    MessageType,
    ReasoningTokens,
)
from animus_tui.chat.messages import ChatMessage, Outcome, cut_reason, new_id, now
from animus_tui.chat.promises.finder import promising
from animus_tui.chat.reply_text import ReasoningSplitter, split_reasoning_of_turns
from animus_tui.chat.storage.conversation_writer import run_to_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from animus_tui.backends.base.chat_values import ChatDelta, Usage
    from animus_tui.chat.promises.finder import ReplyReader
    from animus_tui.chat.storage.conversation_writer import ConversationWriter

SAVE_INTERVAL = 1.0
"""Seconds after which streamed text is on disk."""


def _joint(before: str, after: str) -> str:
    """A space where one is missing between a cut text and its continuation: models seldom stop within a word."""
    is_word = before[-1:].isalnum() or before[-1:] in ",.;:!?"
    return " " if is_word and after[:1].isalnum() else ""


class StreamedReply:
    """Joins the deltas of one streamed reply, publishes their text and stores the reply."""

    def __init__(
        self,
        writer: ConversationWriter,
        message_type: MessageType,
        put: Callable[[ChatMessage], Awaitable[None]],
        reader: ReplyReader,
        *,
        continued: ChatMessage | None = None,
    ) -> None:
        """`put` stores the reply as it is; `reader` reads its text and calls.

        `continued` is a reply that was cut, of which this is the rest.
        """
        self._writer = writer
        self._message_type = message_type
        self._put = put
        self._reader = reader
        self._continued = continued
        self._id = new_id() if continued is None else continued.id
        self._timestamp = now()
        self._splitter = ReasoningSplitter()
        self._content: list[str] = []
        self._inline_reasoning: list[str] = []
        self._reasoning: list[str] = []
        self._tool_calls: list[dict[str, Any]] = []
        self._turns: list[str] = []
        self._violations: list[str] = []
        self._image_prompt: str | None = None
        self._finish_reason: str | None = None
        self._usage: Usage | None = None
        self._next = False
        self._started = False
        self._save: asyncio.TimerHandle | None = None
        self._saving: asyncio.Task[None] | None = None

    def add(self, delta: ChatDelta) -> None:
        """Take the next piece."""
        was_recalled = self._splitter.is_recalled
        visible, inline = self._splitter.feed(delta.content)
        if self._splitter.is_recalled and not was_recalled:
            self._restart()
        self._tool_calls += delta.tool_calls
        self._violations += [v for v in delta.compliance_violations if v not in self._violations]
        self._image_prompt = delta.image_prompt or self._image_prompt
        self._next = self._next if delta.next is None else delta.next
        self._turns = delta.turns or self._turns
        self._finish_reason = cut_reason(delta.finish_reason) or self._finish_reason
        self._usage = delta.usage or self._usage
        self._tell(self._reader.feed(visible), inline, delta.reasoning)
        if self._save is None:
            self._save = asyncio.get_running_loop().call_later(SAVE_INTERVAL, self._save_so_far)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """A context for receiving: however it ends, what arrived is stored, marked as cut short if it is."""
        outcome: Outcome | None = "failed"
        try:
            yield
            self._finish()
            outcome = None
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            if self._save is not None:
                self._save.cancel()
            await run_to_end(self._end(outcome))

    @property
    def message(self) -> ChatMessage:
        """The reply as it will be in the history, if nothing more comes."""
        return self._message(None)

    @property
    def has_arrived(self) -> bool:
        """Whether anything of the reply has arrived."""
        return not self._as_new(None).is_empty

    def _restart(self) -> None:
        """Take back the text that was published: it was reasoning."""
        self._reader.restart()
        if self._content:
            self._content.clear()
            self._writer.publish(MessageRestart(message_id=self._id))
            if self._continued is not None:
                self._writer.publish(
                    MessageTokens(message_id=self._id, content=self._continued.content or "")
                )

    def _finish(self) -> None:
        """Publish what was held back, and the turns when they hold all the text that there is."""
        visible, inline = self._splitter.finish()
        self._tell(self._reader.whole(visible), inline, "")
        if not self._content:
            turns, of_turns = split_reasoning_of_turns(self._turns)
            thought = "" if self._inline_reasoning else of_turns or ""
            self._tell(
                self._reader.whole(" ".join(turn.strip() for turn in turns if turn.strip())), thought, ""
            )

    def _tell(self, visible: str, inline: str, reasoning: str) -> None:
        if self._continued is not None and visible and not self._content:
            visible = _joint(self._continued.content or "", visible) + visible
        self._content += [visible] if visible else []
        self._inline_reasoning += [inline] if inline else []
        self._reasoning += [reasoning] if reasoning else []
        # Reasoning that the API names itself wins over a block in the text.
        thought = reasoning or ("" if self._reasoning else inline)
        if (visible or thought) and not self._started:
            self._started = True
            turns = len((self._continued and self._continued.turns) or ("",))
            self._writer.publish(
                MessageStart(
                    message_id=self._id,
                    message_type=self._message_type,
                    turn_index=turns - 1,
                    total_turns=turns,
                )
            )
        if thought:
            self._writer.publish(ReasoningTokens(message_id=self._id, content=thought))
        if visible:
            self._writer.publish(MessageTokens(message_id=self._id, content=visible))

    def _save_so_far(self) -> None:
        self._save = None
        if self._saving is None or self._saving.done():
            # Marked as cut short until it is whole, so that a crash leaves the truth behind.
            self._saving = asyncio.get_running_loop().create_task(self._keep("cancelled"))

    async def _end(self, outcome: Outcome | None) -> None:
        """Store what arrived, once an earlier write has ended."""
        if self._saving is not None:
            await asyncio.wait({self._saving})
        await self._keep(outcome)
        if self._saving is not None:
            self._saving.result()  # what failed there fails here

    async def _keep(self, outcome: Outcome | None) -> None:
        if self.has_arrived:
            await self._put(self._message(outcome))

    def _message(self, outcome: Outcome | None) -> ChatMessage:
        new, old = self._as_new(outcome), self._continued
        if old is None:
            return new
        turns = old.turns and [*old.turns[:-1], old.turns[-1] + (new.content or "")]
        reasoning = "\n\n".join(filter(None, (old.reasoning, new.reasoning)))
        return replace(
            old,
            content=(old.content or "") + (new.content or ""),
            turns=turns,
            reasoning=reasoning or None,
            tool_calls=[*(old.tool_calls or []), *(new.tool_calls or [])] or None,
            next=new.next,
            image_prompt=new.image_prompt or old.image_prompt,
            shows_character=new.shows_character if new.image_prompt else old.shows_character,
            compliance_violations=[*(old.compliance_violations or []), *self._violations] or None,
            finish_reason=new.finish_reason,
            usage=new.usage or old.usage,
            outcome=new.outcome,
        )

    def _as_new(self, outcome: Outcome | None) -> ChatMessage:
        """What has arrived, as a message."""
        reasoning = "".join(self._reasoning).strip() or "".join(self._inline_reasoning)
        said = ChatMessage(
            id=self._id,
            role="assistant",
            content="".join(self._content),
            timestamp=self._timestamp,
            reasoning=reasoning or None,
            tool_calls=self._reader.other_calls(merge_tool_calls(self._tool_calls)) or None,
            next=self._next and outcome is None,
            compliance_violations=self._violations or None,
            finish_reason=self._finish_reason if outcome is None else None,
            usage=self._usage,
            outcome=outcome,
        )
        return promising(said, self._reader.promise(self._image_prompt))

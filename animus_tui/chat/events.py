"""The events of a session, frozen values on one bus.

Delivery: `publish` never waits; each subscriber has a queue of its own without a bound and gets every event that was
published after it subscribed, in order. A subscriber that fails or sleeps delays nobody but itself. Events of one
exchange end with its `ExchangeComplete`; those of a picture (`ImageGeneration…`) belong to the picture and may come
later.

As JSON each event is an object with its name under `event` and its fields in camelCase. A picture's job is told by
`imageGenerationStart`, `imageGenerationProgress` and then either `imageGenerationComplete` or `imageGenerationError`;
`creditsTold` comes as soon as the service has said what the job costs or what is left. Several pictures of one prompt
are one job and one entry; several prompts are a job each.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from animus_tui.chat.messages import ChatMessage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

MessageType = Literal["regular", "auto", "followup"]
ExchangeOutcome = Literal["complete", "cancelled", "failed"]


def _event_name(class_name: str) -> str:
    return class_name[0].lower() + class_name[1:]


class Event(Struct, frozen=True, kw_only=True, tag_field="event", tag=_event_name, rename="camel"):
    """Something that happened in a conversation."""

    conversation_id: str = ""
    """Filled in when the event is published."""


class MessageSent(Event, frozen=True, kw_only=True):
    """The user's message is on disk."""

    message: ChatMessage


class MessageStart(Event, frozen=True, kw_only=True):
    """An assistant's bubble begins: the character is typing."""

    message_id: str
    message_type: MessageType
    turn_index: int
    """From 0."""
    total_turns: int


class MessageTokens(Event, frozen=True, kw_only=True):
    """Visible text arrived in a streamed answer."""

    message_id: str
    content: str


class ReasoningTokens(Event, frozen=True, kw_only=True):
    """Reasoning arrived in a streamed answer."""

    message_id: str
    content: str


class MessageRestart(Event, frozen=True, kw_only=True):
    """The text published so far of a streamed answer was reasoning: its visible text begins with what follows.

    That reasoning follows as `ReasoningTokens`. It happens when a model closes a `<think>` block that it never opened.
    """

    message_id: str


class MessageComplete(Event, frozen=True, kw_only=True):
    """A bubble is complete and on disk. Bubbles of one reply share `message_id`.

    The first of a reply carries its reasoning, tool calls and compliance marks, the last its `image_prompt` and
    `total_messages`. A reply without text is one event with blank `content` and `total_turns` 0: no bubble.
    """

    message_id: str
    message_type: MessageType
    content: str
    reasoning: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    image_prompt: str | None = None
    compliance_violations: list[str] | None = None
    finish_reason: str | None = None
    """`length` or `content_filter` when the service cut the reply off for that reason; with its last bubble."""
    turn_index: int = 0
    total_turns: int = 1
    total_messages: int | None = None


class MessageError(Event, frozen=True, kw_only=True):
    """The request failed; once per failure."""

    message_type: MessageType
    title: str
    error: str
    """One sentence that a person can act on."""
    retryable: bool
    required: float | None = None
    """Credits that it takes, when there are too few and the service said so."""
    available: float | None = None
    """Credits that are left, when the service said so."""


class TurnsCanceled(Event, frozen=True, kw_only=True):
    """Undelivered turns were dropped, the one being typed included."""

    count: int


class FollowUpScheduled(Event, frozen=True, kw_only=True):
    """The character goes on unasked after `delay` milliseconds."""

    delay: int


class PromiseCheckStart(Event, frozen=True, kw_only=True):
    """A reply is complete, and the exchange waits for the check whether it promises a picture."""

    message_id: str
    """The reply."""


class PromiseCheckComplete(Event, frozen=True, kw_only=True):
    """The check whether a reply promises a picture has ended; once per `PromiseCheckStart`."""

    message_id: str
    image_prompt: str | None
    """Of the picture that it promises; None when it does not, or when that was not found out."""


class ImagePromised(Event, frozen=True, kw_only=True):
    """A picture was promised, and the user is asked whether it is to be made; again when its prompt was changed.

    The exchange does not wait for the answer. It is kept with the reply, so another run of the program can ask, too.
    """

    message_id: str
    """The reply."""
    prompt: str


class PromiseDeclined(Event, frozen=True, kw_only=True):
    """The user declined the picture that a reply promised. The character does not get to know that."""

    message_id: str
    """The reply."""


class RetryScheduled(Event, frozen=True, kw_only=True):
    """The request is sent again after `delay` milliseconds: the service was busy or out of reach."""

    delay: int
    attempt: int
    """Number of the coming attempt; the first try was 1."""
    title: str
    """What went wrong, in a word or two."""
    image_id: str | None = None
    """The picture that waits; None for the answer."""


class ImageGenerationStart(Event, frozen=True, kw_only=True):
    """An image job begins; once per job."""

    image_id: str
    prompt: str
    message_id: str | None = None
    """The history entry that gets a further variant; None for a new picture, whose entry will be `image_id`."""
    reply_to: str | None = None
    """The message that promised it, if one did."""
    count: int = 1
    """How many pictures of the prompt are made."""
    is_video: bool = False
    """Whether a picture becomes a clip."""
    is_resumed: bool = False
    """Whether the job was begun before the application was started."""


class ImageGenerationProgress(Event, frozen=True, kw_only=True):
    """How far an image job is."""

    image_id: str
    percent: float | None
    """0 to 100, or None when the service does not tell."""
    elapsed: float
    """Seconds since the start."""
    estimated: float | None = None
    """Seconds from the start to the end, as the service guesses; None when it does not tell."""
    preview: str | None = None
    """Absolute path of a file of what it looks like so far; it goes when later ones have come."""
    preview_size: tuple[int, int] = (0, 0)
    """Its width and height in pixels."""


class ImageGenerationComplete(Event, frozen=True, kw_only=True):
    """The picture, or all that came of several, is on disk and in the history."""

    image_id: str
    prompt: str
    image_url: str | None
    path: str
    """Absolute path of the file; of several pictures, of the first one."""
    message_id: str
    """The history entry that shows it."""
    paths: list[str] = []
    """Absolute paths of all pictures of this job."""
    video: str | None = None
    """Absolute path of the clip, when it is one; `path` is then the picture that it began as."""
    missing: int = 0
    """How many more were asked for and did not come."""
    error: str | None = None
    """Why, in one sentence, when some are missing."""


class ImageGenerationError(Event, frozen=True, kw_only=True):
    """An image job failed; exactly once per failed job."""

    image_id: str
    prompt: str
    title: str
    error: str
    """One sentence that a person can act on."""
    retryable: bool
    message_id: str | None = None
    """The history entry that would have got a variant; it keeps the picture it has."""
    reply_to: str | None = None
    required: float | None = None
    """Credits that it takes, when there are too few and the service said so."""
    available: float | None = None
    """Credits that are left, when the service said so."""


class CreditsTold(Event, frozen=True, kw_only=True):
    """The service reported what a job cost or how many credits are left."""

    cost: float | None
    """Credits that were taken; None when nothing was, or when it was not told."""
    balance: float | None
    """Credits that are left; None when it was not told."""
    image_id: str | None = None
    """The picture that they were taken for."""


class HistoryUnsaved(Event, frozen=True, kw_only=True):
    """The disk refused: these messages are shown but not saved. They are tried again on the next write.

    Without messages it is the title, or another change, that is not saved.
    """

    message_ids: list[str]
    error: str
    """One sentence that a person can act on."""


class HistorySaved(Event, frozen=True, kw_only=True):
    """Messages, or the title alone, that could not be saved before are on disk now."""

    message_ids: list[str]
    is_all: bool
    """Whether nothing is unsaved any more."""


class RegenerationStart(Event, frozen=True, kw_only=True):
    """Another reply is asked for in place of one that is in the history.

    The former one, and what follows it, stays until the new one begins; should none come, `historyChanged` follows.
    """

    message_id: str
    """The former reply."""


class HistoryChanged(Event, frozen=True, kw_only=True):
    """The history has other messages than before: from one on, in place of one, or without one."""

    message_id: str | None = None
    """The first message that differs, as it is now; None when it is gone."""


class ConversationOpened(Event, frozen=True, kw_only=True):
    """The session turned to this conversation."""


class CharacterChanged(Event, frozen=True, kw_only=True):
    """The conversation has another character, or other settings of its own, from now on."""

    name: str
    """The character's name."""


class ExchangeComplete(Event, frozen=True, kw_only=True):
    """An exchange is over; the last of its events."""

    outcome: ExchangeOutcome


SessionEvent = (
    MessageSent
    | MessageStart
    | MessageTokens
    | ReasoningTokens
    | MessageRestart
    | MessageComplete
    | MessageError
    | TurnsCanceled
    | FollowUpScheduled
    | PromiseCheckStart
    | PromiseCheckComplete
    | ImagePromised
    | PromiseDeclined
    | RetryScheduled
    | ImageGenerationStart
    | ImageGenerationProgress
    | ImageGenerationComplete
    | ImageGenerationError
    | CreditsTold
    | HistoryUnsaved
    | HistorySaved
    | RegenerationStart
    | HistoryChanged
    | ConversationOpened
    | CharacterChanged
    | ExchangeComplete
)


def event_json(event: SessionEvent) -> str:
    """The event as one line of JSON: `{"event":"messageSent",…}`, keys in camelCase."""
    return msgspec.json.encode(event).decode()


class Subscription:
    """One subscriber's queue: iterate it, or take what is there with `pending`."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[SessionEvent] = asyncio.Queue()

    def put(self, event: SessionEvent) -> None:
        """Add an event without waiting."""
        self._queue.put_nowait(event)

    async def next(self) -> SessionEvent:
        """The next event, waiting for it."""
        return await self._queue.get()

    def pending(self) -> list[SessionEvent]:
        """The events that wait now, oldest first; they are taken out."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def __aiter__(self) -> AsyncIterator[SessionEvent]:
        while True:
            yield await self._queue.get()


class EventBus:
    """Hands each event to every subscriber's queue."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def publish(self, event: SessionEvent) -> None:
        """Queue the event for every subscriber; never waits, never fails."""
        for subscription in self._subscriptions:
            subscription.put(event)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A queue that gets every event published from now until the end of the `with` block."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

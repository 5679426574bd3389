"""Which messages of a conversation a service gets, and the request for its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import (
    ChatRequest,
    MoreSampling,
    ReplyFeatures,
    RequestMessage,
    Sampling,
)
from animus_tui.chat.messages import ChatMessage, image_description
from animus_tui.chat.token_meter import TokenMeter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from animus_tui.backends.base.protocols import ChatCapabilities
    from animus_tui.config.schema import ChatConfig

FOLLOW_UP_MAX_TOKENS = 150
"""A follow-up is short: `max_tokens` is this or what the user set, whichever is smaller (reference SDK)."""

NO_ADDRESSES: Mapping[str, str] = {}
NOTE = "\n\n[Note: {}]"
"""Is put behind the user's last message: many models take a system message nowhere but at the beginning."""
WISH = "\n\n(Please answer like this: {})"
"""Is put behind the user's message when its reply is to be another one."""
CONTINUE = "(Please go on exactly where your last message stopped, without repeating anything of it.)"
"""Is said to a model whose reply was cut."""


def request_message(message: ChatMessage, addresses: Mapping[str, str] = NO_ADDRESSES) -> RequestMessage:
    """The entry as a service may see it: no reasoning, no keys of our own.

    `addresses`: of pictures that the user attached, by their files. Of those that have none it is told what they were.
    """
    attached = message.attached or ()
    unseen = [image_description(record.prompt) for record in attached if record.file not in addresses]
    return RequestMessage(
        role=message.role,
        content="\n".join(filter(None, (message.content, *unseen))) if unseen else message.content,
        name=message.name,
        tool_calls=message.tool_calls,
        tool_call_id=message.tool_call_id,
        images=[addresses[record.file] for record in attached if record.file in addresses],
    )


class TokenRoom(Struct, frozen=True):
    """How many tokens the messages of the past may take."""

    tokens: float
    cost: Callable[[ChatMessage], float]
    """What a message takes of them."""
    keeps_newest: bool = False
    """Whether the newest message is sent even if it has no room: a request without any asks for nothing."""


class HistoryWindow(NamedTuple):
    """The messages that a request contains, oldest first."""

    messages: list[ChatMessage]
    left_out: ChatMessage | None
    """The newest message that it should know and does not, because of a limit; None when there is none."""


def history_window(
    messages: Sequence[ChatMessage], size: int, *, before: str | None = None, room: TokenRoom | None = None
) -> list[ChatMessage]:
    """The last `size` messages for a request, oldest first; only those before the one with the id `before`.

    Left out: what is hidden, a user's message that was never answered, an answer that broke off and was given anew,
    entries that say nothing, a tool's result without its call. A picture counts with the reply that promised it. The
    window never begins inside a tool call and its result. With `room` they are fewer where they would take more.
    """
    return limited_window(messages, size, before=before, room=room).messages


def limited_window(
    messages: Sequence[ChatMessage], size: int, *, before: str | None = None, room: TokenRoom | None = None
) -> HistoryWindow:
    """As `history_window`, with what a limit leaves out. Older messages are not read."""
    told: list[ChatMessage] = []
    left_out: ChatMessage | None = None
    counted = 0
    tokens = 0.0
    following: ChatMessage | None = None
    newest_first = reversed(messages)
    if before is not None:
        next(message for message in newest_first if message.id == before)
    for message in newest_first:
        if _belongs(message, following):
            promised_the_next = bool(told) and told[-1].reply_to == message.id
            if not promised_the_next and counted == size:
                left_out = message
                break
            if room is not None:
                tokens += room.cost(message)
                if tokens > room.tokens and not (room.keeps_newest and _is_newest(told, message)):
                    left_out = told.pop() if promised_the_next else message
                    break
            counted += not promised_the_next
            told.append(message)
        following = message
    return HistoryWindow(_with_known_calls(told[::-1]), left_out)


def _is_newest(told: Sequence[ChatMessage], message: ChatMessage) -> bool:
    """Whether a message is the newest one, or one that has to be sent with it; `told` are the later ones."""
    if all(each.role == "tool" for each in told):
        return True
    return len(told) == 1 and told[0].reply_to == message.id


def _with_known_calls(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages, oldest first, but for results of tools whose call is not among those before them."""
    kept: list[ChatMessage] = []
    called: set[object] = set()
    for message in messages:
        called.update(call["id"] for call in message.tool_calls or () if isinstance(call.get("id"), str))
        if message.role != "tool" or message.tool_call_id in called:
            kept.append(message)
    return kept


def _belongs(message: ChatMessage, following: ChatMessage | None) -> bool:
    if message.role == "system" or message.hidden:
        return False
    if message.role == "user":
        return message.outcome != "failed" and bool((message.content or "").strip() or message.attached)
    if message.role == "tool":
        return bool(message.tool_call_id)
    given_anew = (
        message.outcome is not None
        and following is not None
        and following.role == "assistant"
        and following.image is None
    )
    return not given_anew and bool((message.content or "").strip() or message.tool_calls)


def chat_request(
    config: ChatConfig,
    past: Sequence[ChatMessage],
    new: ChatMessage | None,
    *,
    capabilities: ChatCapabilities,
    auto_turn: bool,
    before: str | None = None,
    wish: str | None = None,
    continued: ChatMessage | None = None,
    addresses: Mapping[str, str] = NO_ADDRESSES,
    meter: TokenMeter | None = None,
    note: str = "",
) -> ChatRequest:
    """The request for an answer to `new`, or for a follow-up when there is no new message.

    The past ends before the message with the id `before`. Nothing is asked for that the service cannot do. `wish` is
    what the answer is to be; `continued` is a reply that was cut and is to go on. `addresses`: of the pictures that the
    user attached, by their files. `meter` knows how the service counts tokens. `note` is what the model is reminded of.
    """
    about = new or continued
    room = token_room(config, meter or TokenMeter(), about, addresses, note=note)
    window = history_window(past, config.history_size, before=before, room=room)
    messages = [
        RequestMessage(role="system", content=config.system_message),
        *(request_message(message, addresses) for message in window),
    ]
    sampling = msgspec.convert(config, Sampling, from_attributes=True)
    if continued is not None:
        messages += [request_message(continued), RequestMessage(role="user", content=CONTINUE)]
    elif new is None:
        most = min(config.max_tokens or FOLLOW_UP_MAX_TOKENS, FOLLOW_UP_MAX_TOKENS)
        sampling = replace(sampling, max_tokens=most)
    else:
        messages.append(request_message(new, addresses))
    if note:
        _remind(messages, note)
    if new is not None and wish:
        messages[-1] = _with(messages[-1], WISH.format(wish))
    is_answer = new is not None or continued is not None
    return ChatRequest(
        model=config.model,
        messages=messages if (messages[0].content or "").strip() else messages[1:],
        stream=config.stream and capabilities.streaming and not auto_turn and is_answer,
        reasoning=config.reasoning or None,
        sampling=sampling,
        more_sampling=msgspec.convert(config, MoreSampling, from_attributes=True),
        features=ReplyFeatures(
            auto_turn=auto_turn if capabilities.turns else None,
            image_prompts=config.check_image_generation if capabilities.image_prompts else None,
            compliance=config.compliance if capabilities.compliance else None,
        ),
    )


def _with(message: RequestMessage, more: str) -> RequestMessage:
    """The message with a text appended."""
    return replace(message, content=f"{message.content or ''}{more}")


def _remind(messages: list[RequestMessage], note: str) -> None:
    """Append the author's note to the user's last message, or to the instructions where there is none."""
    place = max((at for at, message in enumerate(messages) if message.role == "user"), default=0)
    messages[place] = _with(messages[place], NOTE.format(note))


def token_room(
    config: ChatConfig,
    meter: TokenMeter,
    about: ChatMessage | None,
    addresses: Mapping[str, str] = NO_ADDRESSES,
    *,
    note: str = "",
) -> TokenRoom | None:
    """What `history_tokens` leaves to earlier messages, beside system message, note and the message itself."""
    if config.history_tokens is None:
        return None
    beside = [RequestMessage(role="system", content=config.system_message)]
    if note:
        beside.append(RequestMessage(role="user", content=NOTE.format(note)))
    if about is not None:
        beside.append(request_message(about, addresses))
    return TokenRoom(
        tokens=config.history_tokens - meter.tokens(config.model, beside),
        cost=lambda message: meter.tokens(config.model, [request_message(message, addresses)]),
        keeps_newest=about is None,
    )


def has_reply(newest: Sequence[ChatMessage]) -> bool:
    """Whether there is a reply, beside a greeting, among the newest messages."""
    spoken = (message for message in newest if message.role == "assistant" and message.image is None)
    return any(not message.greeting for message in spoken)


def unanswered_message(messages: Sequence[ChatMessage], *, failed: bool) -> ChatMessage | None:
    """The message to retry: the user's without a whole answer, or the answer after which a follow-up failed."""
    told = (m for m in reversed(messages) if m.image is None and m.role in ("user", "assistant"))
    last = next(told, None)
    cut_short = False
    while last is not None and last.role == "assistant" and last.outcome is not None:
        cut_short = True
        last = next(told, None)
    if last is None or last.role == "user":
        return last
    return last if cut_short or (last.next and failed) else None

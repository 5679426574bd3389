"""What a chat service is asked and what it answers. Neutral: names on the wire belong to each service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct, field

V = TypeVar("V")
MessageRole = Literal["user", "assistant", "system", "tool"]


class RequestMessage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One message of a request. Its JSON is an entry of `messages` as OpenAI-compatible services take it."""

    role: MessageRole
    content: str | None
    name: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    images: list[str] = field(default_factory=list)
    """Addresses of images to look at, `http(s)` or `data:`. Only with `ChatCapabilities.image_input`."""


def content_parts(message: RequestMessage) -> list[dict[str, Any]]:
    """The words of a message and its images as the parts that OpenAI-compatible services take in place of a text."""
    words = [{"type": "text", "text": message.content}] if message.content else []
    return [*words, *({"type": "image_url", "image_url": {"url": url}} for url in message.images)]


class Sampling(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Sampling settings that are part of OpenAI's API. None: the service decides."""

    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    """How many answers are made; the first is read."""
    max_tokens: int | None = None
    stop: list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class MoreSampling(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Sampling settings that only some services know, and that others refuse. None: the service decides."""

    best_of: int | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    min_p: float | None = None
    length_penalty: float | None = None


class ReplyFeatures(Struct, frozen=True, kw_only=True):
    """What a service may do beside the answer itself. None: not said. `ChatCapabilities` tells what it can do."""

    auto_turn: bool | None = None
    """Whether the answer may come as several `turns`, and ask for a follow-up with `next`."""
    image_prompts: bool | None = None
    """Whether the answer is looked through for the promise of a picture, told by `image_prompt`."""
    compliance: bool | None = None
    """Whether the answer is checked against content rules, told by `compliance_violations`."""


class ChatRequest(Struct, frozen=True, kw_only=True):
    """A request for the next message of a conversation. What is None is left to the service."""

    model: str
    messages: list[RequestMessage]
    stream: bool | None = None
    """Whether the answer is shown while it is written; `ChatBackend.stream_chat` streams in any case."""
    reasoning: bool | None = None
    """Whether the model shall think first, and its thoughts shall come as `reasoning`."""
    sampling: Sampling = Sampling()
    more_sampling: MoreSampling = MoreSampling()
    features: ReplyFeatures = ReplyFeatures()
    tools: list[dict[str, Any]] | None = None
    """Functions that the model can call, as OpenAI describes them."""
    tool_choice: Any = None
    answer_schema: dict[str, Any] | None = None
    """JSON Schema that the answer's text follows. Only with `ChatCapabilities.schemas`."""


class Usage(Struct, frozen=True, kw_only=True):
    """What an answer took, as the service counted it, in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class ChatReply(Struct, frozen=True, kw_only=True):
    """A parsed answer: the first choice, without the envelope. The text still holds an inline `<think>`."""

    content: str = ""
    reasoning: str | None = None
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    next: bool = False
    image_prompt: str | None = None
    compliance_violations: list[str] = field(default_factory=list)
    finish_reason: str | None = None
    images: list[str] = field(default_factory=list)
    """Addresses of pictures that the model made itself, `http(s)` or `data:`."""
    usage: Usage | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all: no text, reasoning, tool call, turn or picture."""
        return _is_empty(self)


class ChatDelta(Struct, frozen=True, kw_only=True):
    """One piece of a streamed answer. Text is appended, other fields replace what came before."""

    content: str = ""
    reasoning: str = ""
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    """Pieces with `index`; `merge_tool_calls` puts them together."""
    turns: list[str] | None = None
    next: bool | None = None
    image_prompt: str | None = None
    compliance_violations: list[str] = field(default_factory=list)
    finish_reason: str | None = None
    images: list[str] = field(default_factory=list)
    usage: Usage | None = None

    @property
    def is_blank(self) -> bool:
        """Whether no field is set."""
        return self == _NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether it adds nothing to a reply that `ChatReply.is_empty` would see."""
        return _is_empty(self)


_NOTHING = ChatDelta()


def _is_empty(said: ChatReply | ChatDelta) -> bool:
    return not (
        said.content.strip()
        or said.reasoning
        or said.tool_calls
        or any(turn.strip() for turn in said.turns or [])
        or said.image_prompt
        or said.images
    )


def whole_reply(pieces: Sequence[ChatDelta]) -> ChatReply:
    """A streamed reply as a whole one."""
    nexts = [piece.next for piece in pieces if piece.next is not None]
    marks = (mark for piece in pieces for mark in piece.compliance_violations)
    return ChatReply(
        content="".join(piece.content for piece in pieces),
        reasoning="".join(piece.reasoning for piece in pieces) or None,
        tool_calls=merge_tool_calls(call for piece in pieces for call in piece.tool_calls),
        turns=_last(piece.turns for piece in pieces) or [],
        next=bool(nexts and nexts[-1]),
        image_prompt=_last(piece.image_prompt for piece in pieces),
        compliance_violations=list(dict.fromkeys(marks)),
        finish_reason=_last(piece.finish_reason for piece in pieces),
        images=list(dict.fromkeys(image for piece in pieces for image in piece.images)),
        usage=_last(piece.usage for piece in pieces),
    )


def as_delta(reply: ChatReply) -> ChatDelta:
    """A whole reply as the only piece of a stream."""
    return ChatDelta(
        content=reply.content,
        reasoning=reply.reasoning or "",
        tool_calls=[{**call, "index": index} for index, call in enumerate(reply.tool_calls)],
        turns=reply.turns or None,
        next=reply.next or None,
        image_prompt=reply.image_prompt,
        compliance_violations=reply.compliance_violations,
        finish_reason=reply.finish_reason,
        images=reply.images,
        usage=reply.usage,
    )


def _last(values: Iterable[V | None]) -> V | None:
    """The last value that says something."""
    told = [value for value in values if value]
    return told[-1] if told else None


def merge_tool_calls(pieces: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tool calls out of streamed pieces: merged by `index` (then dropped), `function.arguments` concatenated.

    A piece without an index goes on with the call of its `id`, or with the last one when it has no `id`.
    """
    calls: dict[int, dict[str, Any]] = {}
    for piece in pieces:
        call = calls.setdefault(_slot(piece, calls), {})
        known, told = call.get("function"), piece.get("function")
        call.update(_news(call, piece))
        if isinstance(known, Mapping) or isinstance(told, Mapping):
            call["function"] = _merged_function(known, told)
    return [calls[index] for index in sorted(calls)]


def _slot(piece: Mapping[str, Any], calls: Mapping[int, Mapping[str, Any]]) -> int:
    match piece.get("index"):
        case int(index):
            return index
        case str(index) if index.isdecimal() and len(index) < 9:
            return int(index)
    identity = piece.get("id")
    if not identity:
        return max(calls, default=0)
    known = (index for index, call in calls.items() if call.get("id") == identity)
    return next(known, max(calls, default=-1) + 1)


def _news(known: Mapping[str, Any], piece: Mapping[str, Any]) -> dict[str, Any]:
    """What the piece says; what it leaves empty stays as it is known."""
    return {
        key: value
        for key, value in piece.items()
        if key != "index" and value is not None and (value or key not in known)
    }


def _merged_function(known: object, told: object) -> dict[str, Any]:
    known, told = (half if isinstance(half, Mapping) else {} for half in (known, told))
    merged = {**known, **_news(known, told)}
    before, added = known.get("arguments"), told.get("arguments")
    if isinstance(before, str) and isinstance(added, str):
        merged["arguments"] = before + added
    return merged

"""What goes over the wire. Unknown fields of answers are ignored; absent and null mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

_ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})
_ENDED_BADLY = frozenset({"failed", "error", "cancelled", "canceled"})

V = TypeVar("V")
WireRole = Literal["user", "assistant", "system", "tool"]


class WireMessage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One entry of `messages` in a request: these keys and no other."""

    role: WireRole
    content: str | None
    name: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None


class ChatRequest(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Body of `POST /chat/completions`. What is None is not sent."""

    model: str
    messages: list[WireMessage]
    stream: bool | None = None
    auto_turn: bool | None = field(default=None, name="autoTurn")
    compliance: bool | None = None
    check_image_generation: bool | None = None
    reasoning: bool | None = None
    show_reasoning: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    best_of: int | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    min_p: float | None = None
    length_penalty: float | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None


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
    odd: tuple[str, ...] = ()
    """Paths of what was left out because it has another type than promised, such as `choices[0].finish_reason`."""

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
    odd: tuple[str, ...] = ()
    """As in a whole reply."""

    @property
    def is_blank(self) -> bool:
        """Whether no field is set; what was left out counts for nothing."""
        return self == _NOTHING or (bool(self.odd) and replace(self, odd=()) == _NOTHING)

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
    )


class PictureResult(Struct, frozen=True, kw_only=True):
    """A picture's address and what the service told about it."""

    url: str
    seed: int | None = None
    job: GenerationJob | None = None
    """The job that made it, with what it cost; None for a picture of `generate/image`."""


Ended = Literal["well", "badly"]


def _ending(status: str) -> Ended | None:
    word = status.strip().lower()
    if word in _ENDED_WELL:
        return "well"
    return "badly" if word in _ENDED_BADLY else None


class GenerationJob(Struct, frozen=True, kw_only=True):
    """State of a job of `/generation/*`. Each answer tells a part of it; what it leaves out is None or empty."""

    generation_id: str
    status: str = ""
    progress: float | None = None
    """0 to 100."""
    result_urls: list[str] = field(default_factory=list)
    error: str | None = None
    group_id: str | None = None
    generation_type: str | None = None
    message: str | None = None
    estimated_time: float | None = None
    """Seconds from its creation to its end, as the service guesses."""
    credits_deducted: float | None = None
    remaining_balance: float | None = None
    """Credits of the account after this job."""
    prompt: str | None = None
    created_at: str | None = None
    """ISO 8601, as it came."""
    service: str | None = None
    seed: int | None = None
    """The seed that was used, told by the answer or by its `performance_metadata`."""
    seeds: list[int] = field(default_factory=list)
    """One for each of several results, told as `seed` is; empty unless all are."""
    performance_metadata: dict[str, Any] = field(default_factory=dict)
    """As it came: no names are promised."""

    @property
    def ended(self) -> Ended | None:
        """How the job ended; None while it runs. The service's words are read without case."""
        return _ending(self.status)


class BatchPrompt(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One picture of a batch. What is None is not sent."""

    prompt: str
    face_swap: bool | None = None
    use_face_lora: bool | None = None
    use_body_lora: bool | None = None
    source_image_url: str | None = None


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of one prompt of a batch: a job, or the reason why there is none."""

    prompt_index: int
    """Counts from 0, in the order in which the prompts were sent."""
    generation_id: str | None = None
    status: str = ""
    error: str | None = None

    @property
    def is_submitted(self) -> bool:
        """Whether there is a job to ask after."""
        return self.generation_id is not None and _ending(self.status) != "badly"


class BatchReceipt(Struct, frozen=True, kw_only=True):
    """Answer to a batch. Numbers that the service leaves out are counted from `results`."""

    batch_id: str = ""
    group_id: str | None = None
    status: str = ""
    message: str | None = None
    total_requested: int = 0
    successful_submissions: int = 0
    failed_submissions: int = 0
    estimated_time: float | None = None
    """Seconds until the whole batch ends, as the service guesses."""
    credits_deducted: float | None = None
    remaining_balance: float | None = None
    results: list[BatchResult] = field(default_factory=list)
    """In the order of the prompts."""


class MediaGroup(Struct, frozen=True, kw_only=True):
    """A folder of pictures in the account. Times are ISO 8601, as they came."""

    group_id: str
    title: str = ""
    description: str = ""
    group_type: str | None = None
    generation_count: int | None = None
    preview_image_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    status: str = ""
    character_id: str | None = None


class MediaGeneration(Struct, frozen=True, kw_only=True):
    """One entry of a group: a job and its results. The time is ISO 8601, as it came."""

    generation_id: str
    prompt: str = ""
    status: str = ""
    result_urls: list[str] = field(default_factory=list)
    created_at: str | None = None
    performance_metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> Ended | None:
        """As `GenerationJob.ended`."""
        return _ending(self.status)


class GroupDetail(Struct, frozen=True, kw_only=True):
    """A group with the first page of its generations."""

    group: MediaGroup
    generations: list[MediaGeneration] = field(default_factory=list)
    has_more: bool = False


class Character(Struct, frozen=True, kw_only=True):
    """A character of the account and how far its training is. The words of its states are not a closed list."""

    character_id: str
    name: str = ""
    description: str = ""
    status: str = ""
    current_step: str | None = None
    face_images_count: int | None = None
    body_images_count: int | None = None
    dataset_status: str | None = None
    face_lora_status: str | None = None
    body_lora_status: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


Capabilities = Mapping[str, Any]
"""What the service can do, as it came: no names are promised."""


class Video(Struct, frozen=True, kw_only=True):
    """Fetched and checked bytes of a clip."""

    data: bytes
    kind: Literal["mp4"]


class Picture(Struct, frozen=True, kw_only=True):
    """Fetched and checked bytes of a picture."""

    data: bytes
    kind: Literal["png", "jpeg", "webp"]
    width: int
    height: int


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
        odd=tuple(path for piece in pieces for path in piece.odd),
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

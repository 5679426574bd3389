"""Bodies of answers → values. Pure. Absent and null mean the same, unknown fields are ignored, and a number
or a truth value may be written as text.

A field of another type than the protocol promises counts as absent: one odd field must not cost the words beside it.
Its path is told in `odd`, for the log. A body that holds an error object in place of an answer, or beside the part
of an answer that was written before the error, decodes to `ReportedError`.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.base.models import ChatDelta, ChatReply, PictureResult
from animus_tui.backends.http.failures import HTML_CAME, looks_like_html
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from collections.abc import Iterable

S = TypeVar("S", bound=Struct)

DONE = b"[DONE]"
_FAILED = "error"  # as a finish_reason
_WORDLESS = (
    "index",
    "finish_reason",
    "compliance_violations",
)  # a choice's fields that hold no part of an answer
_LONGEST_WHOLE = 25  # digits of a whole number that are read
_NO_NUMBER = "a number that is none"


class ReportedError(Struct, frozen=True):
    """The service's own error object, as it came."""

    what: Any
    said: ChatReply | ChatDelta | None = None
    """The part of the answer that came with it."""


class MalformedChunkError(ValueError):
    """One event of a stream that is not what the protocol promises."""


class Body(Struct, frozen=True, kw_only=True):
    """What every answer may hold in place of its own fields."""

    error: Any = None
    message: Any = None
    detail: Any = None

    def complaint(self) -> ReportedError | None:
        """What the service says instead; None when it says nothing."""
        if isinstance(self.error, dict) and self.error:
            return ReportedError(self.error)
        told = {"message": self.message, "detail": self.detail, "error": self.error}
        return ReportedError(told) if any(told.values()) else None


class _Message(Struct, frozen=True):
    content: str | list[str | dict[str, Any] | None] | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    """What some servers call the reasoning."""
    tool_calls: list[dict[str, Any] | None] | None = None
    image_prompt: str | None = None
    turns: list[str | None] | None = None
    next: bool | None = None

    def text(self) -> str:
        """The content; of a list of parts, the text parts."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "".join(_part_text(part) for part in self.content)

    def thought(self) -> str:
        """The reasoning, under either name."""
        return self.reasoning or self.reasoning_content or ""

    def calls(self) -> list[dict[str, Any]]:
        """The tool calls that can be stored and sent again."""
        return [call for call in self.tool_calls or [] if call and _can_be_written(call)]


class _Choice(Struct, frozen=True):
    index: int | None = None
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None
    compliance_violations: list[str | None] | None = None
    error: Any = None

    def failure(self, complaint: ReportedError | None) -> ReportedError | None:
        """Why the service broke the choice off, told in it or by `complaint`; None when it did not."""
        if self.error and isinstance(self.error, dict | str):
            return ReportedError(self.error)
        has_failed = (self.finish_reason or "").strip().lower() == _FAILED
        return (complaint or ReportedError(None)) if has_failed else None


class _Completion(Body, frozen=True, kw_only=True):
    choices: list[_Choice | None] | None = None
    compliance_violations: list[str | None] | None = None

    def first(self) -> _Choice:
        """The choice with index 0, or an empty one."""
        present = (choice for choice in self.choices or [] if choice is not None)
        return next((choice for choice in present if not choice.index), _Choice())


class _PictureAnswer(Body, frozen=True, kw_only=True):
    output: Any = None
    outputs: Any = None
    seed: Any = None


class _Animus(Struct, frozen=True):
    token: str | None = None


class _TokenAnswer(Struct, frozen=True):
    animus: _Animus | None = None
    access_token: str | None = msgspec.field(default=None, name="accessToken")


def decode_reply(body: bytes) -> ChatReply | ReportedError:
    """A whole chat answer; an empty body is an empty reply. Raises AnswerError."""
    if not body.strip():
        return ChatReply()
    read = _read(_without_done(body), _Completion)
    answer = read.value
    complaint = answer.complaint()
    if not answer.choices and complaint:
        return complaint
    choice = answer.first()
    message = choice.message or choice.delta or _Message()
    reply = ChatReply(
        content=message.text(),
        reasoning=message.thought() or None,
        tool_calls=message.calls(),
        turns=_turns(message.turns, read.odd) or [],
        next=bool(message.next),
        image_prompt=_filled(message.image_prompt),
        compliance_violations=_marks(answer, choice),
        finish_reason=choice.finish_reason,
        odd=read.odd,
    )
    if failure := choice.failure(complaint):
        said = None if reply.is_empty else msgspec.structs.replace(reply, finish_reason=None)
        return msgspec.structs.replace(failure, said=said)
    if reply.is_empty and read.error and _has_lost_words(read.odd):
        raise read.error
    return reply


def decode_chunk(data: str, *, begun: bool = False) -> ChatDelta | ReportedError:
    """One event of a stream. Raises MalformedChunkError.

    A service may send a whole `message` in place of a `delta`; when the answer has `begun`, that repeats it.
    """
    try:
        read = _read(data.encode("utf-8", "replace"), _Completion)
    except AnswerError as error:
        raise MalformedChunkError(error.sentence) from None
    chunk = read.value
    choice = chunk.first()
    delta = choice.delta or (None if begun else choice.message) or _Message()
    piece = ChatDelta(
        content=delta.text(),
        reasoning=delta.thought(),
        tool_calls=delta.calls(),
        turns=_turns(delta.turns, read.odd),
        next=delta.next,
        image_prompt=_filled(delta.image_prompt),
        compliance_violations=_marks(chunk, choice),
        finish_reason=choice.finish_reason,
        odd=read.odd,
    )
    complaint = chunk.complaint()
    failure = complaint if complaint and (chunk.error or not chunk.choices) else choice.failure(complaint)
    if failure:
        piece = msgspec.structs.replace(piece, finish_reason=None)
        return msgspec.structs.replace(failure, said=None if piece.is_blank else piece)
    if piece.is_blank and read.error and _has_lost_words(read.odd):
        raise MalformedChunkError(read.error.sentence)
    return piece


def reply_as_delta(reply: ChatReply) -> ChatDelta:
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
        odd=reply.odd,
    )


def decode_picture(body: bytes) -> PictureResult | ReportedError:
    """Answer of `generate/image`, all three shapes. Raises AnswerError, also when it names no picture."""
    answer = _read(body, _PictureAnswer).value
    urls = [*listed(answer.output), *listed(answer.outputs)]
    if not urls:
        sentence = "The service's answer names no picture. Try again, or with other words."
        return answer.complaint() or refused(sentence)
    seed = answer.seed if isinstance(answer.seed, int) and not isinstance(answer.seed, bool) else None
    return PictureResult(url=urls[0], seed=seed)


def decode_token(body: bytes) -> str | None:
    """The token in a token provider's answer, of either shape, or None. Raises AnswerError."""
    answer = _read(body, _TokenAnswer).value
    return _filled(answer.animus.token if answer.animus else None) or _filled(answer.access_token)


class _Read(NamedTuple, Generic[S]):
    """What a body holds."""

    value: S
    odd: tuple[str, ...] = ()
    """Paths of what was left out."""
    error: AnswerError | None = None
    """What to say when too much was left out."""


_decoders: dict[type[Struct], msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[S]) -> msgspec.json.Decoder[S]:
    """Made with the first answer: it takes a while, and no start needs it."""
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return _decoders[kind]


def _read(body: bytes, kind: type[S]) -> _Read[S]:
    """The body as that type, whatever has another type left out. Raises AnswerError: no JSON, or no object."""
    try:
        return _Read(_decoder(kind).decode(body))
    except msgspec.ValidationError as error:
        misshapen = _misshapen(error)
    except (ValueError, RecursionError):
        misshapen = None
    raw, numbers = _json(body)
    value, odd = tolerant(raw, kind, strict=False)
    if value is None:
        raise misshapen or _misshapen(msgspec.ValidationError("Expected `object`"))
    if odd and misshapen is None:
        misshapen = _misshapen(msgspec.ValidationError(f"Expected another type - at `$.{odd[0]}`"))
    return _Read(value, (*odd, *numbers), misshapen)


def json_object(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """The JSON object in a body, and what of it could not be read. Raises AnswerError: no JSON, or no object."""
    raw, odd = _json(body)
    if not isinstance(raw, dict):
        raise _misshapen(msgspec.ValidationError("Expected `object`"))
    return raw, odd


def _json(body: bytes) -> tuple[Any, list[str]]:
    """The JSON value in a body, and an entry for each number that is null in it because it is none, such as NaN.

    Byte order marks, broken UTF-8 and lone surrogates, all of which services send, are taken out. Raises AnswerError.
    """
    try:
        return msgspec.json.decode(body), []
    except (ValueError, RecursionError):
        pass

    odd: list[str] = []

    def number(text: str) -> float | int | None:
        if len(text) <= _LONGEST_WHOLE and text.lstrip("-").isdecimal():
            return int(text)
        value = float(text)
        if math.isfinite(value):
            return value
        odd.append(_NO_NUMBER)
        return None

    try:
        text = body.decode("utf-8-sig", "replace")
        value = json.loads(text, parse_constant=number, parse_float=number, parse_int=number)
        without_surrogates = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(without_surrogates), odd
    except (ValueError, RecursionError):
        raise not_json(body) from None


def _without_done(body: bytes) -> bytes:
    """A body without the `[DONE]` of a stream, which some servers also send behind a whole answer."""
    stripped = body.rstrip()
    if not stripped.endswith(DONE):
        return body
    return stripped.removesuffix(DONE).rstrip().removesuffix(b"data:")


def not_json(body: bytes, size: int | None = None) -> AnswerError:
    """Something else than JSON came: what, as far as it can be told; `size` is in bytes, of all that came."""
    came = f"{size or len(body)} bytes came that are not JSON" if body.strip() else "nothing came"
    came = HTML_CAME if looks_like_html(body) else came
    sentence = f"The answer cannot be read: {came}. Check the address of the service, then try again."
    return AnswerError("Answer not understood", sentence, retryable=True)


def _misshapen(error: msgspec.ValidationError) -> AnswerError:
    expected, _, path = str(error).partition(" - at ")
    where = path.strip("`").removeprefix("$").lstrip(".") or "its top"
    wrong = expected.replace("`", "").replace("Expected", "expected", 1)
    sentence = f"The answer does not follow the protocol: {wrong} at {where}. Try again."
    return AnswerError("Answer not understood", sentence, retryable=True)


def refused(sentence: str) -> NoReturn:
    """Raises AnswerError: what was asked for is not in the answer."""
    raise AnswerError("No picture", sentence, retryable=True)


def _part_text(part: str | dict[str, Any] | None) -> str:
    match part:
        case str(text) | {"text": str(text)}:
            return text
    return ""


def _can_be_written(value: object) -> bool:
    """Whether a value of an answer can be written as JSON again: not with a number of more than 64 bits."""
    try:
        msgspec.json.encode(value)
    except (ValueError, OverflowError, RecursionError):
        return False
    return True


def _turns(turns: list[str | None] | None, odd: Iterable[str]) -> list[str] | None:
    """The turns; none when one of them cannot be read, as the others alone would be another answer."""
    if turns is None or any(".turns[" in path for path in odd):
        return None
    return [turn for turn in turns if turn is not None]


def _has_lost_words(odd: Iterable[str]) -> bool:
    """Whether what was left out may have been the answer itself."""
    return any(
        path != _NO_NUMBER and not path.rpartition(".")[2].partition("[")[0].startswith(_WORDLESS)
        for path in odd
    )


def _marks(answer: _Completion, choice: _Choice) -> list[str]:
    found: Iterable[str | None] = [
        *(answer.compliance_violations or []),
        *(choice.compliance_violations or []),
    ]
    return list(dict.fromkeys(mark for mark in found if mark))


def listed(value: object) -> list[str]:
    """One text or a list of them, trimmed, blank ones and whatever is no text left out."""
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]


def _filled(text: str | None) -> str | None:
    return text.strip() or None if text else None

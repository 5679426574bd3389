"""Bodies of answers → values. Pure. Absent and null mean the same, unknown fields are ignored, and a number
or a truth value may be written as text.

A body that holds an error object in place of an answer decodes to `ReportedError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from animus_tui.api.errors import AnswerError
from animus_tui.api.failures import HTML_CAME, looks_like_html
from animus_tui.api.models import ChatDelta, ChatReply, PictureResult

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


class ReportedError(Struct, frozen=True):
    """The service's own error object, as it came."""

    what: Any


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
    tool_calls: list[dict[str, Any] | None] | None = None
    image_prompt: str | None = None
    turns: list[str | None] | None = None
    next: bool | None = None

    def text(self) -> str:
        """The content; of a list of parts, the text parts."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "".join(_part_text(part) for part in self.content)


class _Choice(Struct, frozen=True):
    index: int | None = None
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None
    compliance_violations: list[str | None] | None = None


class _Completion(Body, frozen=True, kw_only=True):
    choices: list[_Choice | None] | None = None
    compliance_violations: list[str | None] | None = None

    def first(self) -> _Choice:
        """The choice with index 0, or an empty one."""
        present = (choice for choice in self.choices or [] if choice is not None)
        return next((choice for choice in present if not choice.index), _Choice())


class _PictureAnswer(Body, frozen=True, kw_only=True):
    output: str | list[str | None] | None = None
    outputs: str | list[str | None] | None = None
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
    answer = decoded(body, _Completion)
    complaint = answer.complaint()
    if not answer.choices and complaint:
        return complaint
    choice = answer.first()
    message = choice.message or _Message()
    return ChatReply(
        content=message.text(),
        reasoning=message.reasoning or None,
        tool_calls=[call for call in message.tool_calls or [] if call],
        turns=[turn for turn in message.turns or [] if turn is not None],
        next=bool(message.next),
        image_prompt=_filled(message.image_prompt),
        compliance_violations=_marks(answer, choice),
        finish_reason=choice.finish_reason,
    )


def decode_chunk(data: str) -> ChatDelta | ReportedError:
    """One event of a stream. Raises MalformedChunkError."""
    try:
        chunk = decoded(data.encode("utf-8", "replace"), _Completion)
    except AnswerError as error:
        raise MalformedChunkError(error.sentence) from None
    complaint = chunk.complaint()
    if complaint and (chunk.error or not chunk.choices):
        return complaint
    choice = chunk.first()
    delta = choice.delta or _Message()
    return ChatDelta(
        content=delta.text(),
        reasoning=delta.reasoning or "",
        tool_calls=[call for call in delta.tool_calls or [] if call],
        turns=None if delta.turns is None else [turn for turn in delta.turns if turn is not None],
        next=delta.next,
        image_prompt=_filled(delta.image_prompt),
        compliance_violations=_marks(chunk, choice),
        finish_reason=choice.finish_reason,
    )


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
    )


def decode_picture(body: bytes) -> PictureResult | ReportedError:
    """Answer of `generate/image`, all three shapes. Raises AnswerError, also when it names no picture."""
    answer = decoded(body, _PictureAnswer)
    urls = [*listed(answer.output), *listed(answer.outputs)]
    if not urls:
        sentence = "The service's answer names no picture. Try again, or with other words."
        return answer.complaint() or refused(sentence)
    seed = answer.seed if isinstance(answer.seed, int) and not isinstance(answer.seed, bool) else None
    return PictureResult(url=urls[0], seed=seed)


def decode_token(body: bytes) -> str | None:
    """The token in a token provider's answer, of either shape, or None. Raises AnswerError."""
    answer = decoded(body, _TokenAnswer)
    return _filled(answer.animus.token if answer.animus else None) or _filled(answer.access_token)


_decoders: dict[object, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Made with the first answer: it takes a while, and no start needs it."""
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return _decoders[kind]


def decoded(body: bytes, kind: type[T]) -> T:
    """The body as that type. Raises AnswerError: no JSON, or of another shape."""
    decoder = _decoder(kind)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misshapen(error) from None
    except (ValueError, RecursionError):
        repaired = _repaired(body)
    try:
        return decoder.decode(repaired)
    except msgspec.ValidationError as error:
        raise _misshapen(error) from None
    except (ValueError, RecursionError):
        raise not_json(body) from None


def _repaired(body: bytes) -> bytes:
    """JSON without a byte order mark, broken UTF-8 and lone surrogates, all of which services send."""
    import json  # no start needs it

    try:
        value = json.loads(body.decode("utf-8-sig", "replace"))
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return b""


def not_json(body: bytes) -> AnswerError:
    """Something else than JSON came: what, as far as it can be told."""
    came = f"{len(body)} bytes came that are not JSON" if body.strip() else "nothing came"
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

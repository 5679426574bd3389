"""Bodies of chat answers as OpenAI-compatible services send them, with what only some of them have → values. Pure.

Absent and null mean the same, unknown fields are ignored, and a number or a truth value may be written as text.
A field of another type than the protocol promises counts as absent: one odd field must not cost the words beside it.
A body that holds an error object in place of an answer, or beside the part of an answer that was written before the
error, decodes to `ReportedError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from animus_tui.backends.base.chat_values import ChatDelta, Usage
from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.http.json_bodies import (
    DONE,
    NO_NUMBER,
    Decoded,
    ErrorFields,
    MalformedEventError,
    ReportedError,
    decoded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FAILED = "error"  # as a finish_reason
_WORDLESS = (
    "index",
    "finish_reason",
    "compliance_violations",
    "prompt_tokens",
    "completion_tokens",
    "usage",
)  # a choice's fields that hold no part of an answer


class _Message(Struct, frozen=True):
    content: str | list[str | dict[str, Any] | None] | None = None
    """A text, or parts: texts, thoughts and pictures."""
    reasoning: str | None = None
    reasoning_content: str | None = None
    """What some servers call the reasoning."""
    tool_calls: list[dict[str, Any] | None] | None = None
    image_prompt: str | None = None
    turns: list[str | None] | None = None
    next: bool | None = None
    images: list[dict[str, Any] | None] | None = None
    """Pictures beside the content."""

    def text(self) -> str:
        """The content; of a list of parts, the text parts."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "".join(_part_text(part) for part in self.content)

    def thought(self) -> str:
        """The reasoning, under either name, or the parts of the content that are thoughts."""
        parts = self.content if isinstance(self.content, list) else []
        return self.reasoning or self.reasoning_content or "".join(map(_part_thought, parts))

    def pictures(self) -> list[str]:
        """The addresses of the pictures, beside the content and among its parts."""
        parts = self.content if isinstance(self.content, list) else []
        return [url for part in [*(self.images or []), *parts] if (url := _part_picture(part))]

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

    def failure(self, reported: ReportedError | None) -> ReportedError | None:
        """Why the service broke the choice off, told in it or by `reported`; None when it did not."""
        if self.error and isinstance(self.error, dict | str):
            return ReportedError(self.error)
        has_failed = (self.finish_reason or "").strip().lower() == _FAILED
        return (reported or ReportedError(None)) if has_failed else None


class _Usage(Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(ErrorFields, frozen=True, kw_only=True):
    choices: list[_Choice | None] | None = None
    usage: _Usage | None = None
    compliance_violations: list[str | None] | None = None

    def tokens(self) -> Usage | None:
        """What the answer took, when that is told."""
        told = self.usage
        if told is None or (told.prompt_tokens is None and told.completion_tokens is None):
            return None
        return Usage(prompt_tokens=told.prompt_tokens or 0, completion_tokens=told.completion_tokens or 0)

    def first(self) -> _Choice:
        """The choice with index 0, or an empty one."""
        present = (choice for choice in self.choices or [] if choice is not None)
        return next((choice for choice in present if not choice.index), _Choice())


def decode_reply(body: bytes, odd: list[str] | None = None) -> ChatDelta | ReportedError:
    """A whole chat answer, as the only piece of one; an empty body is a blank one. Raises AnswerError.

    The paths of what was left out are appended to `odd`.
    """
    if not body.strip():
        return ChatDelta()
    read = decoded(_without_done(body), _Completion)
    reported, choice = read.value.reported(), read.value.first()
    if not read.value.choices and reported:
        return reported
    piece = _piece(read, choice, choice.message or choice.delta)
    calls = [{**call, "index": index} for index, call in enumerate(piece.tool_calls)]
    piece = msgspec.structs.replace(piece, tool_calls=calls)
    return _outcome(read, piece, choice.failure(reported), odd, nothing=lambda said: said.is_empty)


def decode_chunk(data: str, odd: list[str] | None = None, begun: bool = False) -> ChatDelta | ReportedError:
    """One event of a stream. Raises MalformedEventError.

    A service may send a whole `message` in place of a `delta`; when the answer has `begun`, that repeats it. The paths
    of what was left out are appended to `odd`.
    """
    try:
        read = decoded(data.encode("utf-8", "replace"), _Completion)
        reported, choice = read.value.reported(), read.value.first()
        piece = _piece(read, choice, choice.delta or (None if begun else choice.message))
        is_broken = reported and (read.value.error or not read.value.choices)
        failure = reported if is_broken else choice.failure(reported)
        return _outcome(read, piece, failure, odd, nothing=lambda said: said.is_blank)
    except AnswerError as error:
        raise MalformedEventError(error.sentence) from None


def _piece(read: Decoded[_Completion], choice: _Choice, message: _Message | None) -> ChatDelta:
    message = message or _Message()
    return ChatDelta(
        content=message.text(),
        reasoning=message.thought(),
        tool_calls=message.calls(),
        turns=_turns(message.turns, read.odd),
        next=message.next,
        image_prompt=_filled(message.image_prompt),
        compliance_violations=_marks(read.value, choice),
        images=message.pictures(),
        usage=read.value.tokens(),
        finish_reason=choice.finish_reason,
    )


def _outcome(
    read: Decoded[_Completion],
    piece: ChatDelta,
    failure: ReportedError | None,
    odd: list[str] | None,
    *,
    nothing: Callable[[ChatDelta], bool],
) -> ChatDelta | ReportedError:
    """The piece, or the failure with what was said before it. Raises AnswerError when the words were left out."""
    if failure is None and nothing(piece) and read.error and _has_lost_words(read.odd):
        raise read.error
    if odd is not None:
        odd.extend(read.odd)
    if failure is None:
        return piece
    said = msgspec.structs.replace(piece, finish_reason=None)
    return msgspec.structs.replace(failure, said=None if nothing(said) else said)


def _without_done(body: bytes) -> bytes:
    """A body without the `[DONE]` of a stream, which some servers also send behind a whole answer."""
    stripped = body.rstrip()
    if not stripped.endswith(DONE):
        return body
    return stripped.removesuffix(DONE).rstrip().removesuffix(b"data:")


def _part_text(part: str | dict[str, Any] | None) -> str:
    match part:
        case str(text) | {"text": str(text)}:
            return text
    return ""


def _part_thought(part: object) -> str:
    """The words of a part that is a thought: `{"type": "thinking", "thinking": […]}`."""
    match part:
        case {"thinking": str(text)}:
            return text
        case {"thinking": [*thoughts]}:
            return "".join(text for thought in thoughts for text in [_part_text(thought)])
    return ""


def _part_picture(part: object) -> str:
    """The address in `{"type": "image_url", "image_url": {"url": …}}`."""
    match part:
        case {"image_url": {"url": str(url)}} | {"image_url": str(url)}:
            return url.strip()
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
        path != NO_NUMBER and not path.rpartition(".")[2].partition("[")[0].startswith(_WORDLESS)
        for path in odd
    )


def _marks(answer: _Completion, choice: _Choice) -> list[str]:
    found: Iterable[str | None] = [
        *(answer.compliance_violations or []),
        *(choice.compliance_violations or []),
    ]
    return list(dict.fromkeys(mark for mark in found if mark))


def _filled(text: str | None) -> str | None:
    return text.strip() or None if text else None

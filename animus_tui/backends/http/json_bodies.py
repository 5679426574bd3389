"""JSON bodies of requests and answers: encoding, and decoding that tolerates what services get wrong. Pure."""

from __future__ import annotations

import logging
import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from animus_tui.backends.base.chat_values import ChatDelta
from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.http.answer_errors import HTML_CAME, looks_like_html
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger("animus_tui.backends")

S = TypeVar("S", bound=Struct)

NO_NUMBER = "a number that is none"
"""Stands among the paths of odd values for a number that JSON does not know, such as NaN."""
DONE = b"[DONE]"
"""The data of the event that ends a stream of JSON."""
_LONGEST_WHOLE = 25  # digits of a whole number that are read


class ReportedError(Struct, frozen=True):
    """An error object that a service sent in place of an answer, or behind the first part of one, as it came."""

    what: Any
    said: ChatDelta | None = None
    """The part of a chat answer that came with it."""


class MalformedEventError(ValueError):
    """One event of a stream that is not what the protocol promises."""


class ErrorFields(Struct, frozen=True, kw_only=True):
    """The fields in which an answer can hold an error in place of its own fields."""

    error: Any = None
    message: Any = None
    detail: Any = None

    def reported(self) -> ReportedError | None:
        """The error that these fields tell; None when they are empty."""
        if isinstance(self.error, dict) and self.error:
            return ReportedError(self.error)
        told = {"message": self.message, "detail": self.detail, "error": self.error}
        return ReportedError(told) if any(told.values()) else None


class Decoded(NamedTuple, Generic[S]):
    """A decoded body, and what of it was left out."""

    value: S
    odd: tuple[str, ...] = ()
    """Paths of the values that have another type than promised, such as `choices[0].finish_reason`."""
    error: AnswerError | None = None
    """What to raise when too much was left out."""


def encoded(body: object) -> bytes:
    """A request's body as JSON. Lone surrogates, which UTF-8 cannot carry, become `?`."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        import json  # 2 ms, for a text that hardly anybody can type

        return json.dumps(msgspec.to_builtins(body), ensure_ascii=False).encode(errors="replace")


def decoded(body: bytes, kind: type[S]) -> Decoded[S]:
    """The body as that type, without the values that have another type than promised.

    Raises AnswerError: no JSON, or no object.
    """
    try:
        return Decoded(_decoder(kind).decode(body))
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
    return Decoded(value, (*odd, *numbers), misshapen)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; a number that is none is null in it. Raises AnswerError: no JSON, or no object."""
    raw, _ = _json(body)
    if not isinstance(raw, dict):
        raise _misshapen(msgspec.ValidationError("Expected `object`"))
    return raw


def texts_in(value: object) -> list[str]:
    """One text or a list of them, trimmed, blank ones and whatever is no text left out."""
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]


def log_left_out(paths: Iterable[str]) -> None:
    """Log how many values of an answer were left out, by the names of their fields: what came in them is not told."""
    if counted := ", ".join(f"{path} ({count})" for path, count in Counter(paths).items()):
        log.warning("Left out of the answer, as it is not what was promised: %s", counted)


def not_json(body: bytes, size: int | None = None) -> AnswerError:
    """The error for an answer that is no JSON; `size` is in bytes, of all that came."""
    came = f"{size or len(body)} bytes came that are not JSON" if body.strip() else "nothing came"
    came = HTML_CAME if looks_like_html(body) else came
    sentence = f"The answer cannot be read: {came}. Check the address of the service, then try again."
    return AnswerError("Answer not understood", sentence, retryable=True)


def refuse_answer(sentence: str) -> NoReturn:
    """Raises AnswerError: the picture or the job that was asked for is not in the answer."""
    raise AnswerError("No picture", sentence, retryable=True)


_decoders: dict[type[Struct], msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[S]) -> msgspec.json.Decoder[S]:
    """Made with the first answer: it takes a while, and no start needs it."""
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind, strict=False)
    return _decoders[kind]


def _json(body: bytes) -> tuple[Any, list[str]]:
    """The JSON value in a body, and an entry for each number that is null in it because it is none, such as NaN.

    Byte order marks, broken UTF-8 and lone surrogates, all of which services send, are taken out. Raises AnswerError.
    """
    import json  # 2 ms, for an answer that is no plain JSON

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
        odd.append(NO_NUMBER)
        return None

    try:
        text = body.decode("utf-8-sig", "replace")
        value = json.loads(text, parse_constant=number, parse_float=number, parse_int=number)
        without_surrogates = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(without_surrogates), odd
    except (ValueError, RecursionError):
        raise not_json(body) from None


def _misshapen(error: msgspec.ValidationError) -> AnswerError:
    expected, _, path = str(error).partition(" - at ")
    where = path.strip("`").removeprefix("$").lstrip(".") or "its top"
    wrong = expected.replace("`", "").replace("Expected", "expected", 1)
    sentence = f"The answer does not follow the protocol: {wrong} at {where}. Try again."
    return AnswerError("Answer not understood", sentence, retryable=True)

"""Errors from what a service answers in place of what was asked for, as sentences without secrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    OutOfCredits,
    ServiceBusy,
    ServiceError,
    SignedOut,
)
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


BUSY = frozenset({429, 502, 503, 504})
NO_SUCH_PATH = frozenset({404, 405, 501})
"""How services answer that do not have what a path stands for, such as a list of models."""
LONGEST_SENTENCE = 300  # characters of a foreign sentence that are shown
DEEPEST = 8  # objects and lists within each other in which a sentence is looked for
_FOREVER = 999_999_999.0  # seconds, more than anybody waits
HTML_CAME = "an HTML page came instead of JSON"

_NEEDED = ("required", "required_credits", "credits_required", "requiredCredits", "needed", "cost")
_OWNED = (
    "available",
    "available_credits",
    "credits_available",
    "availableCredits",
    "balance",
    "remaining_balance",
)
_NUMBER = late_pattern(r"(?<![\w.])-?\d{1,12}(?:\.\d{1,6})?(?!\.?\d|[^\W\d_])")
_SENTENCE_END = late_pattern(r"(?<=[.!?])\s+")
_ERROR_STATUS = late_pattern("[45][0-9][0-9]")
_NO_FIGURE = frozenset({"status", "statusCode", "status_code", "code"})
_FIELD_REFUSED = frozenset({400, 404, 422})
_NOT_KNOWN = late_pattern(
    r"(?i)unknown|unrecogni[sz]ed|unexpected|unsupported|not supported?|not support|not permitted|not allowed"
    r"|does not match pattern|extra_forbidden|extra (?:inputs|fields)|no endpoints found that support"
)
_NAME = late_pattern(r"[A-Za-z]\w+")
_TURNS = late_pattern(
    r"(?i)\b(?:roles?|user|assistant|messages?)\b.{0,80}\b(?:alternat(?:e|ing)|interleave)\b"
    r"|\balternate between user\b|roles in a row|unexpected role\b|invalid_request_message_order"
    r"|\b(?:successive|consecutive) (?:user|assistant|messages)\b"
)
"""How templates of models (llama.cpp, vLLM, LM Studio), Mistral, DeepSeek, Perplexity and others say it."""
_STARTS = late_pattern(r"(?i)\bloading\b|\bwarming up\b|\bstarting\b")
_TOO_LONG = frozenset({"exceed_context_size_error", "context_length_exceeded"})
"""How llama.cpp and OpenAI call a conversation that is longer than the model can read."""
_TOO_LONG_WORDS = late_pattern(
    r"(?i)\bcontext (?:size|length|window)\b.*exceed|exceed.*\bcontext (?:size|length|window)\b"
)
_CANNOT = late_pattern(r"(?i)\bnot supported\b|\bunsupported\b|\bnot implemented\b")
"""What a server says, even with a 500, of something that it will not do the next time either."""
SHORTEN = "Set a smaller history_size, or begin a new conversation."
_ADVICE = {
    400: "Check the settings that are sent.",
    403: "The account may not do this.",
    404: "Check the address of the service and the name of the model.",
    413: "Send less text, or set a smaller history_size.",
    422: "Check the settings that are sent.",
}


def message_in(value: object, *, depth: int = DEEPEST) -> str:
    """The sentence in `message`, `detail` (text or list) or `error` (text or object); else empty."""
    if not depth:
        return ""
    match value:
        case str():
            return value.strip()
        case list():
            return "; ".join(filter(None, (message_in(item, depth=depth - 1) for item in value)))
        case {"msg": str(message), "loc": [*_, field]}:
            return f"{field}: {message}"
        case {"error": str(kind), "detail": "" | None, "errors": str(told)} if told.strip():
            return f"{kind}: {told.strip()}"
        case dict():
            spoken = (
                message_in(value.get(key), depth=depth - 1)
                for key in ("message", "detail", "error", "msg", "error_description")
            )
            return next(filter(None, spoken), "")
    return ""


class ErrorContext(Struct, frozen=True):
    """What the sentence of an error needs to know beside the answer."""

    subject: str
    """What was asked for, such as `answer` or `picture`."""
    redact: Callable[[str], str]
    """Takes secrets out of the service's own words."""
    sign_in: str = ""
    """Advice about a refused sign-in."""
    message_in: Callable[[object], str] = message_in
    """Finds the service's own sentence in the decoded body of a refusal."""


def service_error(
    status: int, headers: Mapping[str, str], body: bytes, context: ErrorContext
) -> ServiceError:
    """The error that an HTTP status outside 200–299 stands for; `headers` in lower case."""
    words, answer = own_words(body, context.redact, context.message_in), _decoded(body)
    error = _error_of(status, headers, words, answer, context)
    error.refused_names = refused_names(answer) if status in _FIELD_REFUSED else frozenset()
    error.is_starting = _is_starting(status, words)
    # In the whole body: a router has the sentence of the service behind it in a field of its own.
    error.wants_turns = _TURNS.search(body.decode("utf-8", "replace")) is not None
    return error


def refused_names(answer: object) -> frozenset[str]:
    """The names in a refusal that says of a field that it is not known or not supported; empty when it says neither.

    OpenAI names it in `param`, pydantic in `loc`, others only in their sentence.
    """
    objects = list(_objects(answer))
    sentences = [
        text
        for each in objects
        for key in ("message", "msg", "detail", "error", "type", "code")
        if isinstance(text := each.get(key), str)
    ]
    if not any(_NOT_KNOWN.search(text) for text in sentences):
        return frozenset()
    named = [each["param"] for each in objects if isinstance(each.get("param"), str)]
    for each in objects:
        if isinstance(where := each.get("loc"), list):
            named += [part for part in where if isinstance(part, str)]
    if not named:
        named = [word for text in sentences for word in _NAME.findall(text)]
    return frozenset(part for name in named for part in _NAME.findall(name))


def _objects(value: object, *, depth: int = DEEPEST) -> Iterator[dict[str, Any]]:
    """The value and all objects in it."""
    match value:
        case dict() if depth:
            yield value
            for inner in value.values():
                yield from _objects(inner, depth=depth - 1)
        case list() if depth:
            for inner in value:
                yield from _objects(inner, depth=depth - 1)


def reported_error(what: object, context: ErrorContext) -> BackendError:
    """The error that an `error` object in an otherwise good answer stands for, by its status if given."""
    words = clean(message_in(what), context.redact)
    status = _status_in(what)
    is_too_long = _is_too_long(words, what)
    advice = SHORTEN if is_too_long else "Try again."
    sentence = f"The service broke off the {context.subject}: {words or 'it gave no reason.'} {advice}"
    error: BackendError = AnswerError("Service error", sentence, retryable=not is_too_long)
    if status is not None:
        error = _error_of(status, {}, words, what, context)
    error.wants_turns = _TURNS.search(message_in(what)) is not None
    error.accepted = True
    return error


def _status_in(what: object) -> int | None:
    if not isinstance(what, dict):
        return None
    named = (str(what.get(key)) for key in ("code", "status"))
    return next((int(status) for status in named if _ERROR_STATUS.fullmatch(status)), None)


def _error_of(
    status: int, headers: Mapping[str, str], words: str, answer: object, context: ErrorContext
) -> ServiceError:
    if status == HTTPStatus.UNAUTHORIZED:
        return SignedOut("Signed out", f"{_reason(status, words)} {context.sign_in}".rstrip(), status=status)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return _out_of_credits(answer, words, context)
    if status in BUSY:
        wait = retry_after(headers)
        when = f"It asks to wait {_span(wait)}." if wait else "Try again in a moment."
        title = "Too many requests" if status == HTTPStatus.TOO_MANY_REQUESTS else "Service unavailable"
        title = "Not ready yet" if _is_starting(status, words) else title
        return ServiceBusy(title, f"{_reason(status, words)} {when}", status=status, retry_after=wait)
    if status < HTTPStatus.BAD_REQUEST:
        sentence = f"The service answered {status}, which points elsewhere. Check the address of the service."
        return ServiceError("Wrong address", sentence, status=status)
    is_too_long = _is_too_long(words, answer)
    lasts = is_too_long or _CANNOT.search(words) is not None
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR and not lasts
    advice = SHORTEN if is_too_long else "Try again in a moment." if broken else _ADVICE.get(status, "")
    title = "Service error" if broken else "Request refused"
    return ServiceError(title, f"{_reason(status, words)} {advice}".rstrip(), status=status, retryable=broken)


def _is_starting(status: int, words: str) -> bool:
    """Whether the service says that it is still loading its model."""
    return status == HTTPStatus.SERVICE_UNAVAILABLE and _STARTS.search(words) is not None


def _is_too_long(words: str, answer: object) -> bool:
    """Whether the conversation is longer than the model can read."""
    kinds = {
        each.get(key)
        for each in _objects(answer)
        for key in ("type", "code")
        if isinstance(each.get(key), str)
    }
    return bool(kinds & _TOO_LONG) or _TOO_LONG_WORDS.search(words) is not None


def own_words(body: bytes, redact: Callable[[str], str], find: Callable[[object], str] = message_in) -> str:
    """The service's own sentence in the body of an error, made fit for the screen; empty when it has none."""
    if looks_like_html(body):
        return f"{HTML_CAME}."
    return clean(find(_decoded(body)), redact)


def clean(text: str, redact: Callable[[str], str]) -> str:
    """A foreign sentence for the screen: one line, no controls, no secret, at most 300 characters, closed."""
    line = " ".join(redact(printable(text)).split())
    if len(line) > LONGEST_SENTENCE:
        return line[:LONGEST_SENTENCE].rstrip() + "…"
    return line if not line or line[-1] in ".!?…" else f"{line}."


def looks_like_html(body: bytes) -> bool:
    """Whether markup came where JSON was promised."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _reason(status: int, words: str) -> str:
    if words:
        return f"The service answered {status}: {words}"
    try:
        return f"The service answered {status} ({HTTPStatus(status).phrase})."
    except ValueError:
        return f"The service answered {status}."


def _out_of_credits(answer: object, words: str, context: ErrorContext) -> OutOfCredits:
    figures = _figures(answer)
    needed = next((figures[name] for name in _NEEDED if name in figures), None)
    owned = next((figures[name] for name in _OWNED if name in figures), None)
    told = {figure for figure in (needed, owned) if figure is not None}
    if needed is not None and owned is not None:
        sums = f"The {context.subject} needs {_number(needed)}, the account has {_number(owned)}."
    elif needed is not None:
        sums = f"The {context.subject} needs {_number(needed)}."
    elif owned is not None:
        sums = f"The account has {_number(owned)}."
    else:
        told = set(figures.values())
        others = ", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in figures.items())
        sums = f"The service names these figures: {clean(others, context.redact)}" if others else ""
    in_words = _numbers_in(words)
    if told and told < in_words:
        sums = ""  # the service's own words say more
    elif told:
        words = " ".join(sentence for sentence in _SENTENCE_END.split(words) if not _repeats(sentence, told))
    parts = (
        sums,
        words or ("" if sums else "The account has no plan or no credits."),
        "Add credits to the account and try again.",
    )
    sentence = " ".join(filter(None, parts))
    status = HTTPStatus.PAYMENT_REQUIRED
    return OutOfCredits("Out of credits", sentence, status=status, required=needed, available=owned)


def _repeats(sentence: str, told: set[float]) -> bool:
    """Whether a sentence has figures, and none but those that are told anyway."""
    figures = _numbers_in(sentence)
    return bool(figures) and figures <= told


def _numbers_in(text: str) -> set[float]:
    return {float(number) for number in _NUMBER.findall(text)}


def _decoded(body: bytes) -> object:
    """What an error's body holds; the text itself when it is not JSON."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _figures(answer: object, *, depth: int = DEEPEST) -> dict[str, float]:
    """The numbers in an answer, by name, at whatever depth; those further out win."""
    match answer:
        case dict() if depth:
            inner = [_figures(value, depth=depth - 1) for value in answer.values()]
            own = {str(name): _figure(value) for name, value in answer.items() if name not in _NO_FIGURE}
        case list() if depth:
            inner, own = [_figures(item, depth=depth - 1) for item in answer], {}
        case _:
            return {}
    found = {name: value for level in inner for name, value in level.items()}
    return found | {name: value for name, value in own.items() if value is not None}


def _figure(value: object) -> float | None:
    """A number, also one that is written as text; 0 to 12 digits before the point."""
    match value:
        case bool():
            return None
        case int() | float():
            return float(value) if abs(value) < 1e12 else None
        case str() if re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", value.strip()):
            return float(value)
    return None


def _number(number: float) -> str:
    return str(int(number)) if number.is_integer() else f"{number:.6f}".rstrip("0")


def _span(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for, also parts of them, or an HTTP date; None when absent or unreadable.

    A date is measured against the answer's own `Date`, so that a wrong clock on our side does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]*\.?[0-9]+|[0-9]+\.", value):
        return min(float(value), _FOREVER)
    until = _http_date(value)
    if until is None:
        return None
    at = _http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - at).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        import email.utils  # 4 ms, for a service that names a date

        parsed = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed

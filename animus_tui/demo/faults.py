"""Failures on request, so that a client can be tried against them.

A fault is asked for by the last user message, by a picture's prompt (`!fault NAME ARGS`), or by the header
`X-Demo-Fault: NAME ARGS`. Words after the arguments are ignored.

    STATUS [SHAPE] [SECONDS]  status 400 to 599 with a body of that shape: message (default), detail,
                              detail-list, error, error-object, credits (default of 402), text, html, empty;
                              the seconds are sent as Retry-After
    html [STATUS]             an HTML error page, 502 by default
    slow SECONDS              that long before the headers, then the usual answer
    stall [N]                 the answer stops after N bytes (default: half), the connection stays open
    cut [N]                   the connection breaks after N bytes of the body (default: half)
    malformed                 a broken chunk in the middle of the stream, beside the good ones; a JSON answer
                              that breaks off
    nodone                    the stream ends cleanly, without [DONE]
    error-in-stream           the stream sends an error object in the middle and ends; a JSON answer is
                              nothing but the error object
    json                      a JSON answer where a stream was asked for
    204                       no content
    empty                     an answer without any text
    once NAME ARGS            fails like that the first time that this very text is sent, then works
    image NAME ARGS           the answer is good and promises a picture; making the picture fails like that
    badimage KIND             the picture's bytes are garbage, truncated, html, gif, bomb, empty or mpo; jpeg
                              and webp are good ones under a .png name; gone, cut and stall fail the download
    image-shape KIND          the address comes as output-string, outputs, data-url or none
    job WORD [MESSAGE]        a generation job ends with the status WORD, for example failed or Succeeded
    poll NAME ARGS            the job is good; the first question how far it is fails like that
    help                      lists these, as `!faults` does
"""

import asyncio
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from animus_tui.demo.http_messages import Delivery, as_json, demo_of, refusal

StreamFault = Literal["malformed", "nodone", "error-in-stream", "json"]
IMAGE_SHAPES = frozenset({"output-string", "outputs", "data-url", "none"})
STREAM_ERROR = {"error": {"message": "The model stopped unexpectedly.", "type": "server_error"}}
MOST_WORDS = 50
"""Of a fault's arguments."""
LARGEST_NUMBER = 1e9
"""Of seconds or bytes."""
MIDDLE = -1
"""As a limit: half of the body."""
ERROR_PAGE = """<!DOCTYPE html>
<html><head><title>{status} Bad Gateway</title></head>
<body><center><h1>{status} Bad Gateway</h1></center><hr><center>nginx</center></body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a fault changes in one answer. The defaults change nothing."""

    answer: Response | None = None
    """Sent in place of the real answer."""
    says: str | None = None
    """Text of the reply."""
    delay: float = 0
    """Seconds before the headers."""
    limit: int | None = None
    """Bytes of the body after which the connection breaks; `MIDDLE` is half of them."""
    hang: bool = False
    """At the limit the connection goes silent instead of breaking."""
    stream: StreamFault | None = None
    image_prompt: str | None = None
    """The reply promises an image with this prompt."""
    image: str | None = None
    """Kind of bad image."""
    image_shape: str = "output"
    job_ends: str | None = None
    """Status word at a job's end."""
    job_error: str = "The generation stopped."
    poll: tuple[str, ...] = ()
    """Words of the fault that the first status request after the job meets."""

    def limit_of(self, size: int) -> int | None:
        """Bytes of a body of `size` bytes that are sent before the connection breaks; None sends all."""
        return size // 2 if self.limit == MIDDLE else self.limit


Arguments = Sequence[str]
"""The words of a fault, its name first."""


def error_answer(status: int, shape: str, headers: Mapping[str, str]) -> Response:
    """An error answer in one of the shapes that services use."""
    sentence = f"The demo was asked to fail with status {status}."
    match shape:
        case "html":
            return HTMLResponse(ERROR_PAGE.format(status=status), status, headers)
        case "text":
            return PlainTextResponse(sentence, status, headers)
        case "empty":
            return Response(status_code=status, headers=headers)
        case _:
            return as_json(_error_bodies(status, sentence)[shape], status, headers)


def _error_bodies(status: int, sentence: str) -> dict[str, dict[str, Any]]:
    return {
        "message": {"message": sentence},
        "detail": {"detail": sentence},
        "detail-list": {"detail": [{"loc": ["body", "messages"], "msg": sentence, "type": "value_error"}]},
        "error": {"error": sentence},
        "error-object": {"error": {"message": sentence, "type": "demo_error", "code": status}},
        "credits": {
            "error": "insufficient_credits",
            "message": "There are not enough credits for this.",
            "required": 2,
            "available": 0.5,
        },
    }


ERROR_SHAPES = frozenset({*_error_bodies(0, ""), "text", "html", "empty"})


def _status(args: Arguments) -> Effect:
    status = int(args[0])
    seconds = next((arg for arg in args[1:3] if arg.isdecimal()), None)
    shape = next((arg for arg in args[1:3] if not arg.isdecimal()), "")
    if shape not in ERROR_SHAPES:
        shape = "credits" if status == 402 else "message"
    return Effect(answer=error_answer(status, shape, {"Retry-After": seconds} if seconds else {}))


def _is_failure(word: str) -> bool:
    """Whether a word is a status from 400 to 599."""
    return word.isdecimal() and 400 <= int(word[:4]) <= 599


def _html(args: Arguments) -> Effect:
    status = int(args[1]) if len(args) > 1 and _is_failure(args[1]) else 502
    return Effect(answer=error_answer(status, "html", {}))


def _number(args: Arguments, default: float) -> float:
    try:
        number = float(args[1])
    except (IndexError, ValueError):
        return default
    return min(max(0.0, number), LARGEST_NUMBER) if math.isfinite(number) else default


def _image_shape(args: Arguments) -> Effect:
    if len(args) > 1 and args[1] in IMAGE_SHAPES:
        return Effect(image_shape=args[1])
    return Effect(answer=refusal(400, f"image-shape takes one of {', '.join(sorted(IMAGE_SHAPES))}."))


def _job(args: Arguments) -> Effect:
    effect = Effect(job_ends=args[1] if len(args) > 1 else "failed")
    return replace(effect, job_error=" ".join(args[2:])) if len(args) > 2 else effect


def _help(_args: Arguments) -> Effect:
    rows = "\n".join(f"- `!fault {usage}` {what}" for usage, what in documented())
    return Effect(says=f"These can be made to fail, also by the header `X-Demo-Fault: NAME ARGS`:\n\n{rows}")


def documented() -> Iterator[tuple[str, str]]:
    """Each fault's usage and what it does, as this module's documentation says."""
    for row in re.split(r"\n    (?=\S)", __doc__ or "")[1:]:
        usage, _, what = row.partition("  ")
        yield usage, " ".join(what.split())


FAULTS: Mapping[str, Callable[[Arguments], Effect]] = {
    "html": _html,
    "slow": lambda args: Effect(delay=_number(args, 1)),
    "stall": lambda args: Effect(limit=int(_number(args, MIDDLE)), hang=True),
    "cut": lambda args: Effect(limit=int(_number(args, MIDDLE))),
    "malformed": lambda _: Effect(stream="malformed"),
    "nodone": lambda _: Effect(stream="nodone"),
    "error-in-stream": lambda _: Effect(stream="error-in-stream"),
    "json": lambda _: Effect(stream="json"),
    "204": lambda _: Effect(answer=Response(status_code=204)),
    "empty": lambda _: Effect(says=""),
    "once": lambda args: effect_of(args[1:]),
    "image": lambda args: Effect(image_prompt=f"!fault {' '.join(args[1:]) or '500'}"),
    "badimage": lambda args: Effect(image=args[1] if len(args) > 1 else "garbage"),
    "image-shape": _image_shape,
    "job": _job,
    "poll": lambda args: Effect(poll=tuple(args[1:]) or ("503",)),
    "help": _help,
}
"""By name, beside the statuses 400 to 599."""


def asked_fault(text: str) -> str | None:
    """The first line of a text that asks for a fault, without `!fault`; None for any other text."""
    head, _, rest = text.strip().split("\n", 1)[0].partition(" ")
    match head.lower():
        case "!fault":
            return rest.strip()
        case "!faults":
            return "help"
        case _:
            return None


def effect_of(args: Arguments) -> Effect:
    """The effect that a fault's words ask for; an unknown name is a 400 that says how to list them."""
    name = args[0].lower() if args else "help"
    if _is_failure(name):
        return _status(args)
    if name not in FAULTS:
        return Effect(answer=refusal(400, f"There is no fault {name!r}; !fault help lists them."))
    return FAULTS[name](args)


class AnswerInstead(Exception):  # noqa: N818 - no error: a fault's answer in place of the real one
    """Raised by `asked_effect` to send the answer of a fault."""

    def __init__(self, answer: Response) -> None:
        super().__init__("a fault's answer")
        self.answer = answer


async def answer_instead(_request: Request, error: Exception) -> Response:
    """The answer that an `AnswerInstead` carries."""
    assert isinstance(error, AnswerInstead)  # noqa: S101 - registered for this class alone
    return error.answer


async def asked_effect(request: Request, text: str | None = None, *, wait: float = 0) -> Effect:
    """The effect on one request, after its delay: that of the header's words, else of the text's.

    A fault that is an answer by itself is raised as `AnswerInstead`. `wait`: seconds before any answer.
    """
    header, spent = request.headers.get("x-demo-fault"), demo_of(request).spent_faults
    asked = header.removeprefix("!fault ") if header else asked_fault(text or "")
    args = (asked or "").split()[:MOST_WORDS]
    if args and args[0].lower() == "once":
        key = f"{asked} {text or ''}"
        asked = None if key in spent else asked
        spent.add(key)
    effect = effect_of(args) if asked is not None else Effect()
    await asyncio.sleep(wait + effect.delay)
    if effect.answer is not None:
        raise AnswerInstead(effect.answer)
    return effect


def json_answer(value: object, effect: Effect) -> Response:
    """A JSON answer with what a fault does to its bytes."""
    body = msgspec.json.encode(STREAM_ERROR if effect.stream == "error-in-stream" else value)
    if effect.stream == "malformed":
        body = body[: len(body) // 2]
    if effect.limit is None:
        return Response(body, media_type="application/json")
    limit = effect.limit_of(len(body))
    headers = {"Content-Length": str(len(body))}
    return Delivery([body], media_type="application/json", headers=headers, limit=limit, hang=effect.hang)

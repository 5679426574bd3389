"""Things that go wrong on request, so that a client can be tried against them.

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

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from animus_tui.demo.wire import Delivery, as_json, refusal

StreamTrouble = Literal["malformed", "nodone", "error-in-stream", "json"]
ImageShape = Literal["output", "output-string", "outputs", "data-url", "none"]
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
    stream: StreamTrouble | None = None
    image_prompt: str | None = None
    """The reply promises a picture with this prompt."""
    image: str | None = None
    """Kind of bad picture."""
    image_shape: ImageShape = "output"
    job_ends: str | None = None
    """Status word at a job's end."""
    job_error: str = "The generation stopped."
    poll: tuple[str, ...] = ()
    """Words of the fault that the first question after the job meets."""

    def limit_of(self, size: int) -> int | None:
        """Bytes of a body of `size` bytes that are sent before the connection breaks; None sends all."""
        return size // 2 if self.limit == MIDDLE else self.limit


NO_EFFECT = Effect()
Maker = Callable[[Sequence[str]], Effect]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table."""

    usage: str
    make: Maker


def shaped(status: int, shape: str, headers: Mapping[str, str]) -> Response:
    """An error answer in one of the shapes that services use; an unknown shape is a 400 that names them."""
    sentence = f"The demo was asked to fail with status {status}."
    bodies: dict[str, Any] = {
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
    if shape in bodies:
        return as_json(bodies[shape], status, headers)
    if shape == "html":
        return HTMLResponse(ERROR_PAGE.format(status=status), status, headers)
    if shape == "text":
        return PlainTextResponse(sentence, status, headers)
    if shape == "empty":
        return Response(status_code=status, headers=headers)
    return refusal(
        400, f"There is no error shape {shape!r}; there are {', '.join(bodies)}, text, html, empty."
    )


def _status(args: Sequence[str]) -> Effect:
    status = int(args[0])
    if status == 204:
        return Effect(answer=Response(status_code=204))
    seconds = next((arg for arg in args[1:3] if arg.isdecimal()), None)
    shapes = [arg for arg in args[1:3] if not arg.isdecimal()]
    shape = shapes[0] if shapes and shapes[0] in SHAPES else ("credits" if status == 402 else "message")
    return Effect(answer=shaped(status, shape, {"Retry-After": seconds} if seconds else {}))


SHAPES = frozenset(
    {"message", "detail", "detail-list", "error", "error-object", "credits", "text", "html", "empty"}
)


def _is_failure(word: str) -> bool:
    """Whether a word is a status from 400 to 599."""
    return word.isdecimal() and 400 <= int(word[:4]) <= 599


def _html(args: Sequence[str]) -> Effect:
    status = int(args[1]) if len(args) > 1 and _is_failure(args[1]) else 502
    return Effect(answer=shaped(status, "html", {}))


def _number(args: Sequence[str], default: float) -> float:
    try:
        number = float(args[1])
    except (IndexError, ValueError):
        return default
    return min(max(0.0, number), LARGEST_NUMBER) if math.isfinite(number) else default


def _limit(args: Sequence[str]) -> int:
    return int(_number(args, MIDDLE))


def _stream(trouble: StreamTrouble) -> Maker:
    return lambda _args: Effect(stream=trouble)


def _image(args: Sequence[str]) -> Effect:
    return Effect(image_prompt=f"!fault {' '.join(args[1:]) or '500'}")


def _bad_image(args: Sequence[str]) -> Effect:
    return Effect(image=args[1] if len(args) > 1 else "garbage")


def _image_shape(args: Sequence[str]) -> Effect:
    shape = args[1] if len(args) > 1 else ""
    match shape:
        case "output-string" | "outputs" | "data-url" | "none":
            return Effect(image_shape=shape)
        case _:
            return Effect(answer=refusal(400, "image-shape takes output-string, outputs, data-url or none."))


def _job(args: Sequence[str]) -> Effect:
    effect = Effect(job_ends=args[1] if len(args) > 1 else "failed")
    return replace(effect, job_error=" ".join(args[2:])) if len(args) > 2 else effect


def _poll(args: Sequence[str]) -> Effect:
    return Effect(poll=tuple(args[1:]) or ("503",))


def _help(_args: Sequence[str]) -> Effect:
    rows = "\n".join(f"- `!fault {usage}` {what}" for usage, what in _documented())
    return Effect(says=f"These can be made to fail, also by the header `X-Demo-Fault: NAME ARGS`:\n\n{rows}")


def _documented() -> Iterator[tuple[str, str]]:
    """Each fault's usage and what it does, as this module's documentation says."""
    for row in re.split(r"\n    (?=\S)", __doc__ or "")[1:]:
        usage, _, what = row.partition("  ")
        yield usage, " ".join(what.split())


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


FAULTS: Mapping[str, Fault] = {
    "STATUS": Fault("STATUS [SHAPE] [SECONDS]", _status),
    "html": Fault("html [STATUS]", _html),
    "slow": Fault("slow SECONDS", lambda args: Effect(delay=_number(args, 1))),
    "stall": Fault("stall [N]", lambda args: Effect(limit=_limit(args), hang=True)),
    "cut": Fault("cut [N]", lambda args: Effect(limit=_limit(args))),
    "malformed": Fault("malformed", _stream("malformed")),
    "nodone": Fault("nodone", _stream("nodone")),
    "error-in-stream": Fault("error-in-stream", _stream("error-in-stream")),
    "json": Fault("json", _stream("json")),
    "204": Fault("204", _status),
    "empty": Fault("empty", lambda _args: Effect(says="")),
    "once": Fault("once NAME ARGS", lambda args: effect_of(args[1:])),
    "image": Fault("image NAME ARGS", _image),
    "badimage": Fault("badimage KIND", _bad_image),
    "image-shape": Fault("image-shape KIND", _image_shape),
    "job": Fault("job WORD [MESSAGE]", _job),
    "poll": Fault("poll NAME ARGS", _poll),
    "help": Fault("help", _help),
}


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


def effect_of(args: Sequence[str]) -> Effect:
    """The effect that a fault's words ask for; an unknown name is a 400 that says how to list them."""
    name = args[0].lower() if args else "help"
    if _is_failure(name):
        return FAULTS["STATUS"].make(args)
    fault = FAULTS.get(name)
    if fault is None:
        return Effect(answer=refusal(400, f"There is no fault {name!r}; !fault help lists them."))
    return fault.make(args)


def choose_effect(texts: Sequence[str | None], header: str | None, spent: set[str]) -> Effect:
    """The effect on one request: the header's words, else those of the first text that asks for one.

    `spent` remembers the texts of `once` faults, which fail a single time.
    """
    asked = (
        header.removeprefix("!fault ")
        if header
        else next(filter(None, (asked_fault(t) for t in texts if t)), None)
    )
    if asked is None:
        return NO_EFFECT
    args = asked.split()[:MOST_WORDS]
    if args and args[0].lower() == "once":
        key = " ".join([asked, *(text for text in texts if text)])
        if key in spent:
            return NO_EFFECT
        spent.add(key)
    return effect_of(args)

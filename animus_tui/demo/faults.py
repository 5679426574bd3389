"""Failures on request, so that a client can be tried against them.

A fault is asked for by the last user message, by a picture's prompt (`!fault NAME ARGS`), or by the header
`X-Demo-Fault: NAME ARGS`. Words after the arguments are ignored. `FAULTS` is the table of them.
"""

import asyncio
import io
import math
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from animus_tui.demo.data import data_file
from animus_tui.demo.http_messages import AnswerInstead, Delivery, refusal
from animus_tui.demo.pictures import Picture
from animus_tui.demo.state import demo_of

STREAM_ERROR = {"error": {"message": "The model stopped unexpectedly.", "type": "server_error"}}
MOST_WORDS = 50
"""Of a fault's arguments."""
LARGEST_NUMBER = 1e9
"""Of seconds or bytes."""
MIDDLE = -1
"""As a limit: half of the body."""
IMAGE_SHAPES = ("data-url", "none", "output-string", "outputs")
Arguments = Sequence[str]
"""The words of a fault, its name first."""


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
    stream: Literal["malformed", "nodone", "error-in-stream", "json"] | None = None
    image_prompt: str | None = None
    """The reply promises an image with this prompt."""
    image: str | None = None
    """Kind of bad image."""
    image_shape: str = "output"
    job_ends: str | None = None
    """Status word at a job's end."""
    job_error: str = "The generation stopped."
    poll: str | None = None
    """The fault that the first status request after the job meets."""

    def limit_of(self, size: int) -> int | None:
        """Bytes of a body of `size` bytes that are sent before the connection breaks; None sends all."""
        return size // 2 if self.limit == MIDDLE else self.limit


def _error(status: int, shape: str, headers: Mapping[str, str]) -> Response:
    """An error answer in one of the shapes that services use."""
    sentence = f"The demo was asked to fail with status {status}."
    body: object
    match shape:
        case "html":
            return HTMLResponse(data_file("texts")["error_page"].format(status=status), status, headers)
        case "text":
            return PlainTextResponse(sentence, status, headers)
        case "empty":
            return Response(None, status, headers)
        case "detail-list":
            body = {"detail": [{"loc": ["body", "messages"], "msg": sentence, "type": "value_error"}]}
        case "error-object":
            body = {"error": {"message": sentence, "type": "demo_error", "code": status}}
        case "credits":
            sentence = "There are not enough credits for this."
            body = {"error": "insufficient_credits", "message": sentence, "required": 2, "available": 0.5}
        case _:
            body = {shape: sentence}
    return JSONResponse(body, status, headers)


ERROR_SHAPES = frozenset(
    ["message", "detail", "detail-list", "error", "error-object", "credits", "text", "html", "empty"]
)


def _is_failure(word: str) -> bool:
    """Whether a word is a status from 400 to 599."""
    return word.isdecimal() and 400 <= int(word[:4]) <= 599


def _status(args: Arguments) -> Effect:
    status = int(args[0])
    seconds = next((arg for arg in args[1:3] if arg.isdecimal()), None)
    shape = next((arg for arg in args[1:3] if arg in ERROR_SHAPES), "credits" if status == 402 else "message")
    return Effect(answer=_error(status, shape, {"Retry-After": seconds} if seconds else {}))


def _html(args: Arguments) -> Effect:
    status = int(args[1]) if len(args) > 1 and _is_failure(args[1]) else 502
    return Effect(answer=_error(status, "html", {}))


def _number(args: Arguments, default: float) -> float:
    try:
        number = float(args[1])
    except (IndexError, ValueError):
        return default
    return min(max(0.0, number), LARGEST_NUMBER) if math.isfinite(number) else default


def _image_shape(args: Arguments) -> Effect:
    if len(args) > 1 and args[1] in IMAGE_SHAPES:
        return Effect(image_shape=args[1])
    return Effect(answer=refusal(400, f"image-shape takes one of {', '.join(IMAGE_SHAPES)}."))


def _job(args: Arguments) -> Effect:
    effect = Effect(job_ends=args[1] if len(args) > 1 else "failed")
    return replace(effect, job_error=" ".join(args[2:])) if len(args) > 2 else effect


def _help(_args: Arguments) -> Effect:
    rows = "\n".join(f"- `!fault {usage}` {what}" for usage, what in data_file("texts")["faults"].items())
    return Effect(says=f"These can be made to fail, also by the header `X-Demo-Fault: NAME ARGS`:\n\n{rows}")


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
    "poll": lambda args: Effect(poll=f"!fault {' '.join(args[1:]) or '503'}"),
    "help": _help,
}
"""By name, beside the statuses 400 to 599. `texts.toml` says what each of them does."""


def asked_fault(text: str) -> str | None:
    """The first line of a text that asks for a fault, without `!fault`; None for any other text."""
    head, _, rest = text.strip().split("\n", 1)[0].partition(" ")
    return {"!fault": rest.strip(), "!faults": "help"}.get(head.lower())


def effect_of(args: Arguments) -> Effect:
    """The effect that a fault's words ask for; an unknown name is a 400 that says how to list them."""
    name = args[0].lower() if args else "help"
    if _is_failure(name):
        return _status(args)
    if name not in FAULTS:
        return Effect(answer=refusal(400, f"There is no fault {name!r}; !fault help lists them."))
    return FAULTS[name](args)


def effect_of_text(text: str) -> Effect:
    """The effect that a text asks for; none for any text but a fault."""
    asked = asked_fault(text)
    return Effect() if asked is None else effect_of(asked.split()[:MOST_WORDS])


async def asked_effect(request: Request, text: str | None = None, *, wait: float = 0) -> Effect:
    """The effect on one request, after its delay: that of the header's words, else of the text's.

    A fault that is an answer by itself is raised as `AnswerInstead`. `wait`: seconds before any answer.
    """
    header, spent = request.headers.get("x-demo-fault"), demo_of(request).spent_faults
    wanted = f"!fault {header.removeprefix('!fault ')}" if header else text or ""
    if (asked_fault(wanted) or "").lower().startswith("once "):
        key = f"{asked_fault(wanted)} {text or ''}"
        if key in spent:
            wanted = ""
        spent.add(key)
    effect = effect_of_text(wanted)
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
    headers, limit = {"Content-Length": str(len(body))}, effect.limit_of(len(body))
    return Delivery([body], "application/json", 200, headers, limit=limit, hang=effect.hang)


def _png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG whose header claims `width` × `height` pixels and which holds `rows` rows of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress((b"\0" + b"\x80" * width) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _saved(kind: str) -> bytes:
    from PIL import Image  # takes 60 ms to load, and hardly anybody asks for this

    file, pages = io.BytesIO(), [Image.new("RGB", (64, 48), (red, 90, 160)) for red in (40, 100)]
    pages[0].save(file, kind, **({"save_all": True, "append_images": pages[1:]} if kind == "MPO" else {}))
    return file.getvalue()


GREY = _png(320, 240, 240)
GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")
BAD_IMAGES: Mapping[str, Callable[[], Picture]] = {
    "garbage": lambda: Picture(data=b"This is not an image. " * 40),
    "truncated": lambda: Picture(data=GREY[: len(GREY) // 2]),
    "html": lambda: Picture(data=b"<!DOCTYPE html><p>Please sign in.", media_type="text/html"),
    "gif": lambda: Picture(data=GIF, media_type="image/gif"),
    "bomb": lambda: Picture(data=_png(30_000, 30_000, 4)),
    "empty": lambda: Picture(data=b""),
    "mpo": lambda: Picture(data=_saved("MPO"), media_type="image/jpeg"),
    "jpeg": lambda: Picture(data=_saved("JPEG")),
    "webp": lambda: Picture(data=_saved("WEBP")),
    "gone": lambda: Picture(data=b"This address has expired.", media_type="text/plain", status=410),
    "cut": lambda: Picture(data=GREY, limit=100),
    "stall": lambda: Picture(data=GREY, limit=100, hang=True),
}
"""Images that are none, or not what their name says."""


def bad_image(kind: str) -> Picture:
    """An image of this kind; 400 when there is no such kind."""
    if kind not in BAD_IMAGES:
        raise HTTPException(400, f"badimage takes {', '.join(BAD_IMAGES)}.")
    return BAD_IMAGES[kind]()

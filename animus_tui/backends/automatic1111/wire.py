"""Bodies of `/sdapi/v1/*`: what is sent and what comes back. Pure."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from animus_tui.backends.base.files import base64_url
from animus_tui.backends.base.image_values import ImageOutput, ImageResult
from animus_tui.backends.http.json_bodies import (
    ErrorFields,
    ReportedError,
    decoded,
    encoded,
    not_json,
    refuse_answer,
)
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from animus_tui.backends.base.image_values import ImageRequest

STUCK = 0.01
"""Progress that says nothing: the server starts with it, and some versions of Forge never go beyond it."""
DEFAULT_STRENGTH = 0.75
"""`denoising_strength` of the WebUI's own page."""


def picture_body(request: ImageRequest, *, seed: int, task: str, source: bytes | None) -> bytes:
    """The body of `txt2img`, or with the bytes of a picture to change that of `img2img`."""
    body: dict[str, Any] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative or "",
        "seed": seed,
        "batch_size": request.count or 1,
        "send_images": True,
        "force_task_id": task,
    }
    optional = {
        "width": request.width,
        "height": request.height,
        "steps": request.steps,
        "cfg_scale": request.guidance,
        "sampler_name": request.sampler,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    if request.model is not None:
        # Of this picture alone: what is posted to `options` changes the model for everybody.
        body["override_settings"] = {"sd_model_checkpoint": request.model}
    if source is not None:
        strength = DEFAULT_STRENGTH if request.strength is None else request.strength
        body |= {"init_images": [base64.b64encode(source).decode()], "denoising_strength": strength}
    return encoded(body)


class _Pictures(ErrorFields, frozen=True, kw_only=True):
    images: list[str | None] | None = None
    info: Any = None


class _Info(Struct, frozen=True):
    """What `info` tells, JSON within a text. All of it may be missing."""

    seed: int | None = None
    all_seeds: list[int] | None = None
    index_of_first_image: int | None = None
    sd_model_name: str | None = None


def decode_pictures(body: bytes, *, count: int, seed: int) -> ImageResult | ReportedError:
    """The pictures in an answer, with the seed of each.

    `count` and `seed` are what was asked for: behind the pictures others may follow, such as the maps of an extension,
    and `info` may be empty. AnswerError when there is no picture.
    """
    answer = decoded(body, _Pictures).value
    info = _read_info(answer.info)
    first = info.index_of_first_image or 0  # before it stands one picture of all of them
    images = [image for image in (answer.images or [])[first : first + count] if image]
    if not images:
        if (reported := answer.reported()) is not None:
            return reported
        refuse_answer("The answer holds no picture. Try again.")
    seeds = (info.all_seeds or [])[: len(images)]
    if len(seeds) < len(images):
        start = seed if info.seed is None else info.seed
        seeds = [start + index for index in range(len(images))]  # as the WebUI counts within a batch
    outputs = [ImageOutput(base64_url(image), seed=each) for image, each in zip(images, seeds, strict=True)]
    return ImageResult(images=outputs, model=info.sd_model_name or None)


def _read_info(info: object) -> _Info:
    """What can be read of `info`: mostly JSON within a text, from some servers an object, or nothing."""
    raw = info
    if isinstance(info, str):
        try:
            raw = msgspec.json.decode(info)
        except (ValueError, RecursionError):
            return _Info()
    value, _ = tolerant(raw, _Info, strict=False)
    return value or _Info()


class _State(Struct, frozen=True):
    job: str | None = None
    job_count: int | None = None
    job_timestamp: str | None = None


class _ProgressAnswer(ErrorFields, frozen=True, kw_only=True):
    progress: float | None = None
    state: _State | None = None
    current_image: str | None = None
    current_task: str | None = None


class ServerProgress(Struct, frozen=True):
    """How far the server is with what it makes now, whoever asked for that."""

    percent: float | None = None
    """0 to 100; None where it tells nothing, or nothing that can be believed."""
    is_running: bool = False
    """Whether the server makes anything at the moment."""
    stamp: str = ""
    """When it began with it, as it writes that; one for each picture."""
    task: str = ""
    """The name that the request gave to it; empty where the server does not tell."""
    image: str = ""
    """How it looks so far, in base64; empty where there is nothing yet."""


def decode_progress(body: bytes) -> ServerProgress:
    """The answer of `progress`. AnswerError."""
    answer = decoded(body, _ProgressAnswer).value
    state, done = answer.state or _State(), answer.progress or 0.0
    is_running = done > 0 or bool(state.job_count) or bool(answer.current_task)
    return ServerProgress(
        percent=min(done, 1.0) * 100 if done > STUCK else None,
        is_running=is_running,
        stamp=state.job_timestamp or "",
        task=answer.current_task or "",
        image=answer.current_image or "",
    )


class _Named(Struct, frozen=True):
    title: str | None = None
    name: str | None = None
    model_name: str | None = None


def decode_names(body: bytes) -> list[str]:
    """The names in the answer of `sd-models` or `samplers`, each once. AnswerError."""
    if not body.lstrip().startswith(b"["):
        raise not_json(body)
    raw = decoded(b'{"names":' + body + b"}", _Names).value.names or []
    names = (entry and (entry.model_name or entry.name or entry.title) for entry in raw)
    return list(dict.fromkeys(name for name in names if name))


class _Names(Struct, frozen=True):
    names: list[_Named | None] | None = None

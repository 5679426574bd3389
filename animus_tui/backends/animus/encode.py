"""Neutral requests → what the Animus API takes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from animus_tui.backends.base.chat_values import content_parts
from animus_tui.backends.http.json_bodies import encoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.backends.base.chat_values import ChatRequest
    from animus_tui.backends.base.image_values import ImageRequest

_IMAGE_SETTINGS = {
    "width": "width",
    "height": "height",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "seed": "seed",
    "count": "num_images",
    "negative": "negative_prompt",
    "model": "model",
    "strength": "strength",
    "group": "group_title",
}
_BATCHED = frozenset({"prompt", "character", "group"})
"""What one request for several prompts can carry."""


def chat_body(request: ChatRequest) -> bytes:
    """The request as JSON; with tools the model chooses whether to use them, unless the request says otherwise."""
    tool_choice = request.tool_choice
    if request.tools and tool_choice is None:
        tool_choice = "auto"
    return _body(
        request,
        model=request.model,
        messages=request.messages,
        stream=request.stream,
        autoTurn=request.features.auto_turn,
        reasoning=request.reasoning,
        show_reasoning=request.reasoning,
        tools=request.tools,
        tool_choice=tool_choice,
    )


def media_body(request: ChatRequest, model: str) -> bytes:
    """A request with images as JSON, for `POST /media/completions`: words and images, for a model that sees."""
    messages = [
        {"role": message.role, "content": parts}
        for message in request.messages
        if message.role != "tool" and (parts := content_parts(message))
    ]
    return _body(request, model=model, messages=messages, stream=False)


def _body(request: ChatRequest, **fields: object) -> bytes:
    """These fields and those that all chat requests have; what is None is not sent."""
    fields |= asdict(request.sampling) | asdict(request.more_sampling)
    fields |= {
        "compliance": request.features.compliance,
        "check_image_generation": request.features.image_prompts,
    }
    return encoded({name: value for name, value in fields.items() if value is not None})


def image_body(request: ImageRequest) -> dict[str, Any]:
    """The fields of `POST /generate/image`."""
    return _settings(request, source="input_image")


def job_body(request: ImageRequest) -> dict[str, Any]:
    """The fields of `POST /generation/create`."""
    return _settings(request, source="source_image_url")


def batch_body(requests: Sequence[ImageRequest]) -> dict[str, Any]:
    """The fields of `POST /generation/batch`, for requests that `can_batch` and are alike but for their prompts."""
    body: dict[str, Any] = {"prompts": [{"prompt": one.prompt, **_faces(one)} for one in requests]}
    if (character := requests[0].character) is not None:
        body["character_id"] = character.id
    if (group := requests[0].group) is not None:
        body["group_title"] = group
    return body


def _settings(request: ImageRequest, *, source: str) -> dict[str, Any]:
    """What is asked for, by the names of the API; `source` is that of the picture to change."""
    asked = asdict(request)
    settings = {wire: asked[name] for name, wire in _IMAGE_SETTINGS.items() if asked[name] is not None}
    if request.character is not None:
        settings |= {"character_id": request.character.id, **_faces(request)}
    if request.source_url is not None:
        settings[source] = request.source_url
    if request.video:
        settings["convert_to_video"] = True
    return settings | {"prompt": request.prompt}


def can_batch(request: ImageRequest) -> bool:
    """Whether one request for several prompts can carry everything that this one asks for."""
    asked = {name for name, value in asdict(request).items() if value is not None and value is not False}
    return asked <= _BATCHED


def _faces(request: ImageRequest) -> dict[str, bool]:
    """How the character's face is used, by the names of the API."""
    character = request.character
    if character is None:
        return {}
    told = {
        "use_face_lora": character.face_lora,
        "use_body_lora": character.body_lora,
        "face_swap": character.face_swap,
    }
    return {name: value for name, value in told.items() if value is not None}

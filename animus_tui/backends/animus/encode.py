"""Neutral requests → what the Animus API takes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict

from animus_tui.backends.animus.media_values import BatchPrompt
from animus_tui.backends.base.chat_values import RequestMessage, content_parts
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


class _ChatBody(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Body of `POST /chat/completions`. What is None is not sent."""

    model: str
    messages: list[RequestMessage]
    stream: bool | None = None
    auto_turn: bool | None = field(default=None, name="autoTurn")
    compliance: bool | None = None
    check_image_generation: bool | None = None
    reasoning: bool | None = None
    show_reasoning: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    best_of: int | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    min_p: float | None = None
    length_penalty: float | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None


def chat_body(request: ChatRequest) -> bytes:
    """The request as JSON; with tools the model chooses whether to use them, unless the request says otherwise."""
    tool_choice = request.tool_choice
    if request.tools and tool_choice is None:
        tool_choice = "auto"
    body = _ChatBody(
        model=request.model,
        messages=request.messages,
        stream=request.stream,
        auto_turn=request.features.auto_turn,
        compliance=request.features.compliance,
        check_image_generation=request.features.image_prompts,
        reasoning=request.reasoning,
        show_reasoning=request.reasoning,
        tools=request.tools,
        tool_choice=tool_choice,
        **asdict(request.sampling),
        **asdict(request.more_sampling),
    )
    return encoded(body)


def media_body(request: ChatRequest, model: str) -> bytes:
    """A request with images as JSON, for `POST /media/completions`: words and images, for a model that sees."""
    asked = asdict(request.sampling) | asdict(request.more_sampling)
    asked |= {
        "compliance": request.features.compliance,
        "check_image_generation": request.features.image_prompts,
    }
    messages = [
        {"role": message.role, "content": parts}
        for message in request.messages
        if message.role != "tool" and (parts := content_parts(message))
    ]
    fields = {name: value for name, value in asked.items() if value is not None}
    return encoded({**fields, "model": model, "messages": messages, "stream": False})


def image_settings(request: ImageRequest) -> dict[str, Any]:
    """What is asked for beside the prompt and the source, by the names of the API."""
    asked = asdict(request)
    settings = {wire: asked[name] for name, wire in _IMAGE_SETTINGS.items() if asked[name] is not None}
    if request.character is not None:
        settings |= {"character_id": request.character.id, **_faces(request)}
    return settings | ({"convert_to_video": True} if request.video else {})


def can_batch(request: ImageRequest) -> bool:
    """Whether one request for several prompts can carry everything that this one asks for."""
    asked = {name for name, value in asdict(request).items() if value is not None and value is not False}
    return asked <= _BATCHED


def batch_prompts(requests: Sequence[ImageRequest]) -> list[BatchPrompt]:
    """The prompts of a batch, each with how the character's face is used."""
    return [msgspec.convert({"prompt": one.prompt, **_faces(one)}, BatchPrompt) for one in requests]


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

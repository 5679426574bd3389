"""The options of an image as one value, and how several of these are merged.

Precedence, the lowest first: the configuration, what is remembered for the conversation, what is given with a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from animus_tui.backends.base.image_values import CharacterOptions, ImageRequest
from animus_tui.config.schema import LARGEST, Fraction, ImageConfig, PictureSide, Words, allowed
from animus_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_STEPS = 150
"""More cost time and change nothing that can be seen; the front ends of Stable Diffusion end there, too."""
MOST_PICTURES = 8
"""Images of one job at most: each of them costs credits."""

Steps = Annotated[int, Meta(ge=1, le=MOST_STEPS)]
Guidance = Annotated[float, Meta(ge=0, le=100)]
Seed = Annotated[int, Meta(ge=0, le=LARGEST)]
Count = Annotated[int, Meta(ge=1, le=MOST_PICTURES)]


class PictureOptions(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The options of an image; None: not given. The types have the bounds, which `convert` and the parser check."""

    width: PictureSide | None = None
    """Pixels."""
    height: PictureSide | None = None
    """Pixels."""
    steps: Steps | None = None
    """More is finer and slower."""
    guidance: Guidance | None = None
    """How closely the picture follows the prompt."""
    seed: Seed | None = None
    """The same seed, prompt and settings give the same picture."""
    count: Count | None = None
    """Number of pictures of the same prompt, each with a seed of its own."""
    negative: str | None = None
    """What must not be in the picture; blank takes back what is remembered."""
    model: Words | None = None
    """Name of the picture model; jobs leave it to the service."""
    sampler: Words | None = None
    """Name of the sampler: how noise becomes a picture."""
    strength: Fraction | None = None
    """Of an edit: how much of the new picture is seen, from 0 to 1; the rest is the old one."""
    character: str | None = None
    """Id of the character whose face the picture gets; blank takes back what is remembered."""
    face_lora: bool | None = None
    """With a character: use the LoRA of its face."""
    body_lora: bool | None = None
    """With a character: use the LoRA of its body."""
    face_swap: bool | None = None
    """With a character: replace the generated face by its own."""
    group: str | None = None
    """Title of the group in the account that the picture is filed under; blank takes back what is remembered."""


NO_OPTIONS = PictureOptions()
WIRE_NAMES = {
    "width": "width",
    "height": "height",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "seed": "seed",
    "count": "num_images",
    "negative": "negative_prompt",
    "model": "model",
    "sampler": "sampler",
    "strength": "strength",
    "character": "character_id",
    "face_lora": "use_face_lora",
    "body_lora": "use_body_lora",
    "face_swap": "face_swap",
    "group": "group_title",
}
"""What each option is called in the settings of a picture's record and of the library: the names of the Animus API."""
OF_CHARACTERS = ("face_lora", "body_lora", "face_swap")


def merged(*layers: PictureOptions) -> PictureOptions:
    """One value of several; an option of a later one takes precedence."""
    given: dict[str, Any] = {}
    for layer in layers:
        given |= {name: value for name, value in asdict(layer).items() if value is not None}
    return PictureOptions(**given)


def configured(config: ImageConfig) -> PictureOptions:
    """The options of the configuration, its defaults included."""
    return PictureOptions(
        width=config.width,
        height=config.height,
        steps=config.num_inference_steps,
        guidance=config.guidance_scale,
        seed=config.seed,
        model=config.model,
    )


def given_options(options: PictureOptions) -> dict[str, Any]:
    """The options that are given, by name, without blank ones and without a count of one."""
    given = {name: value for name, value in asdict(options).items() if value not in (None, "")}
    return {name: value for name, value in given.items() if (name, value) != ("count", 1)}


def as_settings(options: PictureOptions) -> dict[str, Any]:
    """The options that are given, by their names on the wire."""
    return {WIRE_NAMES[name]: value for name, value in given_options(options).items()}


def image_request(
    prompt: str, options: PictureOptions, *, source_url: str | None = None, is_video: bool = False
) -> ImageRequest:
    """The request to an image service, with the options that are given."""
    given = given_options(options)
    character = {name: given.pop(name) for name in OF_CHARACTERS if name in given}
    identity = given.pop("character", None)
    return ImageRequest(
        prompt=prompt,
        source_url=source_url,
        video=is_video,
        character=CharacterOptions(id=identity, **character) if identity else None,
        **given,
    )


def from_settings(settings: Mapping[str, Any]) -> PictureOptions:
    """The options in settings by their names on the wire; unknown names are left out.

    UsageError when a value is out of its bounds.
    """
    wire = {WIRE_NAMES[field.name]: field for field in msgspec.structs.fields(PictureOptions)}
    options: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in wire or value is None:
            continue
        try:
            options[wire[name].name] = msgspec.convert(value, wire[name].type)
        except msgspec.ValidationError:
            raise UsageError(f"{name}: it must be {allowed(wire[name].type)}.") from None
    return PictureOptions(**options)


def from_record(settings: Mapping[str, Any]) -> PictureOptions:
    """The options that a picture was made with, without the count; what cannot be asked for again is left out."""
    layers = [NO_OPTIONS]
    for wire, value in settings.items():
        try:
            layers.append(from_settings({wire: value}))
        except UsageError:
            continue
    return replace(merged(*layers), count=None)

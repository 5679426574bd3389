"""What may be said about a picture beside its words, as one value, and how several sayings become one.

From the weakest to the strongest: the configuration, what is remembered for the conversation, what is said now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from animus_tui.backends.base.image_values import CharacterOptions, ImageRequest
from animus_tui.config import Fraction, ImageConfig, PictureSide, Words
from animus_tui.settings import LARGEST, allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_STEPS = 150
"""More cost time and change nothing that can be seen; painters' own front ends end there."""
MOST_PICTURES = 8
"""At once: each of them costs."""

Steps = Annotated[int, Meta(ge=1, le=MOST_STEPS)]
Guidance = Annotated[float, Meta(ge=0, le=100)]
Seed = Annotated[int, Meta(ge=0, le=LARGEST)]
Count = Annotated[int, Meta(ge=1, le=MOST_PICTURES)]


class PictureOptions(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """None: not said. `convert` and the parser of words keep the bounds that stand in the types."""

    width: PictureSide | None = None
    """Pixels."""
    height: PictureSide | None = None
    """Pixels."""
    steps: Steps | None = None
    """More is finer and slower."""
    guidance: Guidance | None = None
    """How closely the picture follows the words."""
    seed: Seed | None = None
    """The same seed, words and settings give the same picture."""
    count: Count | None = None
    """Pictures of the same words, each with a seed of its own."""
    negative: str | None = None
    """What must not be in the picture; blank takes back what is remembered."""
    model: Words | None = None
    """Name of the picture model; jobs leave it to the service."""
    strength: Fraction | None = None
    """Of an edit: how much of the new picture is seen, from 0 to 1; the rest is the old one."""
    character: str | None = None
    """Id of the character whose face the picture gets; blank takes back what is remembered."""
    face_lora: bool | None = None
    """With a character: use what was learned of its face."""
    body_lora: bool | None = None
    """With a character: use what was learned of its body."""
    face_swap: bool | None = None
    """With a character: put its face in place of the painted one."""
    group: str | None = None
    """Title of the group in the account that the picture is filed under; blank takes back what is remembered."""


NOTHING_SAID = PictureOptions()
WIRE_NAMES = {
    "width": "width",
    "height": "height",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "seed": "seed",
    "count": "num_images",
    "negative": "negative_prompt",
    "model": "model",
    "strength": "strength",
    "character": "character_id",
    "face_lora": "use_face_lora",
    "body_lora": "use_body_lora",
    "face_swap": "face_swap",
    "group": "group_title",
}
"""What each option is called in the settings of a picture's record and of the library: the names of the Animus API."""
ONLY_IN_JOBS = ("negative", "strength", "character", "group")
OF_CHARACTERS = ("face_lora", "body_lora", "face_swap")


def layered(*layers: PictureOptions) -> PictureOptions:
    """One value of several; what is said in a later one goes before what is said in an earlier one."""
    said: dict[str, Any] = {}
    for layer in layers:
        said |= {name: value for name, value in asdict(layer).items() if value is not None}
    return PictureOptions(**said)


def configured(config: ImageConfig) -> PictureOptions:
    """What the configuration says, its defaults included."""
    return PictureOptions(
        width=config.width,
        height=config.height,
        steps=config.num_inference_steps,
        guidance=config.guidance_scale,
        seed=config.seed,
        model=config.model,
    )


def to_send(
    config: ImageConfig,
    remembered: PictureOptions,
    said: PictureOptions = NOTHING_SAID,
    *,
    is_edit: bool = False,
) -> PictureOptions:
    """What the service has to be told: what was said or remembered, and what the configuration changes.

    `is_edit`: the picture starts from another one. What is remembered and cannot be had is left out; ValueError when
    it is said now.
    """
    own, default = asdict(configured(config)), asdict(configured(ImageConfig()))
    changed = PictureOptions(**{name: value for name, value in own.items() if value != default[name]})
    options = layered(changed, remembered, said)
    if not is_edit:
        if said.strength is not None:
            raise ValueError("--strength goes with an edit: it says how much of the picture is changed.")
        options = replace(options, strength=None)
    if not options.character:
        if any(getattr(said, name) is not None for name in OF_CHARACTERS):
            raise ValueError("These settings of a face need a character: --character ID.")
        options = replace(options, **dict.fromkeys(OF_CHARACTERS))
    if reasons := _reasons(options):
        if said.model is not None:
            words = " and ".join(f"--{name}" for name in reasons)
            raise ValueError(f"--model does not go with {words}: there the service chooses the model.")
        options = replace(options, model=None)
    elif config.endpoint == "generation/create":
        options = replace(options, model=None)
    return options


def needs_job(options: PictureOptions) -> bool:
    """Whether only `generation/create` can do what is asked."""
    return bool(_reasons(options))


def _reasons(options: PictureOptions) -> list[str]:
    reasons = [name for name in ONLY_IN_JOBS if getattr(options, name) not in (None, "")]
    return reasons + (["count"] if (options.count or 1) > 1 else [])


def as_settings(options: PictureOptions) -> dict[str, Any]:
    """The options by their names on the wire; what is not said or blank is left out, as is a count of one."""
    said = {WIRE_NAMES[name]: value for name, value in asdict(options).items() if value not in (None, "")}
    if said.get("num_images") == 1:
        del said["num_images"]
    return said


def image_request(
    prompt: str, options: PictureOptions, *, source_url: str | None = None, is_video: bool = False
) -> ImageRequest:
    """The request to an image service; what is blank is left out, as is a count of one."""
    said = {name: value for name, value in asdict(options).items() if value not in (None, "")}
    if said.get("count") == 1:
        del said["count"]
    character = {name: said.pop(name) for name in OF_CHARACTERS if name in said}
    identity = said.pop("character", None)
    return ImageRequest(
        prompt=prompt,
        source_url=source_url,
        video=is_video,
        character=CharacterOptions(id=identity, **character) if identity else None,
        **said,
    )


def from_settings(settings: Mapping[str, Any]) -> PictureOptions:
    """The options in settings by their names on the wire; unknown names are left out.

    ValueError with one sentence when a value is out of its bounds.
    """
    wire = {WIRE_NAMES[field.name]: field for field in msgspec.structs.fields(PictureOptions)}
    options: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in wire or value is None:
            continue
        try:
            options[wire[name].name] = msgspec.convert(value, wire[name].type)
        except msgspec.ValidationError:
            raise ValueError(f"{name}: it must be {allowed(wire[name].type)}.") from None
    return PictureOptions(**options)


def from_record(settings: Mapping[str, Any]) -> PictureOptions:
    """The options that a picture was made with, without the count; what cannot be asked for again is left out."""
    layers = [NOTHING_SAID]
    for wire, value in settings.items():
        try:
            layers.append(from_settings({wire: value}))
        except ValueError:
            continue
    return replace(layered(*layers), count=None)

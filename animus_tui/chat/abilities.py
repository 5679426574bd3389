"""What the services of a session can do, by the names in which actions, options and settings need it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.backends.base.protocols import IMAGE_OPTIONS
from animus_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.backends.base.protocols import ChatCapabilities, ImageCapabilities
    from animus_tui.chat.images.options import PictureOptions

Abilities = frozenset[str]
"""`images`, `edits`, `videos`, `characters`, `groups`, `jobs` (where images can be made without one, too), `models`,
`compliance`, `image_prompts`, `follow_up`, `sight` (pictures that the user shows are seen); and of the options of a
picture the names of those that the service takes, such as `seed`."""

LACKS = {
    "sight": "The service that answers cannot see pictures; /connect connects another one.",
    "images": "No service makes pictures; /connect connects one.",
    "edits": "This image service cannot change a picture.",
    "videos": "This image service makes no clips.",
    "characters": "This image service keeps no characters and no groups of pictures.",
}
"""Ability → the sentence for the user where it is missing."""
OPTION_NEEDS = {
    "face-lora": "characters",
    "body-lora": "characters",
    "face-swap": "characters",
    "character": "characters",
}
"""Option of a picture → the ability it needs, where that has another name."""
OPTION_OF = {
    "width": "size",
    "height": "size",
    "face_lora": "face-lora",
    "body_lora": "body-lora",
    "face_swap": "face-swap",
}
"""Field of a picture's options → how the option is typed, where that has another name."""
SETTING_NEEDS = {
    ("chat", "check_image_generation"): "image_prompts",
    ("chat", "compliance"): "compliance",
    ("chat", "promises"): "images",
    ("chat", "appearance"): "images",
    ("auto_turn", "follow_up_delay"): "follow_up",
    ("auto_turn", "max_sequential_follow_ups"): "follow_up",
    ("image", "endpoint"): "jobs",
    ("image", "when"): "images",
    ("image", "model"): "model",
    ("image", "width"): "size",
    ("image", "height"): "size",
    ("image", "guidance_scale"): "guidance",
    ("image", "num_inference_steps"): "steps",
    ("image", "seed"): "seed",
}
"""Table and key of a setting → the ability without which it means nothing."""


_OF_CHAT: dict[str, Callable[[ChatCapabilities], bool]] = {
    "models": lambda chat: chat.models,
    "compliance": lambda chat: chat.compliance,
    "image_prompts": lambda chat: chat.image_prompts,
    "follow_up": lambda chat: chat.follow_up,
    "sight": lambda chat: chat.image_input,
}
_OF_IMAGES: dict[str, Callable[[ImageCapabilities], bool]] = {
    "images": lambda _: True,
    "edits": lambda images: images.edits or images.edits_bytes,
    "jobs": lambda images: images.jobs and not images.only_jobs,
    "videos": lambda images: images.videos,
    "characters": lambda images: images.characters,
    "groups": lambda images: images.groups,
}
EVERYTHING: Abilities = frozenset((*_OF_CHAT, *_OF_IMAGES, *IMAGE_OPTIONS))
"""The names of all abilities."""


def abilities_of(chat: ChatCapabilities, images: ImageCapabilities) -> Abilities:
    """The names of all that two services can do together."""
    return image_abilities(images) | {name for name, can in _OF_CHAT.items() if can(chat)}


def image_abilities(images: ImageCapabilities, *, is_edit: bool = False) -> Abilities:
    """The names of all that an image service can do; `is_edit`: where it changes an image."""
    if not images.generates:
        return frozenset()
    known = images.options | {name for name, can in _OF_IMAGES.items() if can(images)}
    return known - images.edit_lacks if is_edit else known


def refuse_unknown(said: PictureOptions, abilities: Abilities, *, is_edit: bool = False) -> None:
    """Raises UsageError for an option that is set and not supported by these abilities.

    `is_edit`: the abilities are those for edits, which may be fewer.
    """
    for field in said.__struct_fields__:
        if getattr(said, field) is not None and not takes(abilities, field):
            option = f"--{OPTION_OF.get(field, field)}"
            if is_edit:
                raise UsageError(f"This image service takes no {option} for an edit; leave it out.")
            raise UsageError(f"This image service does not know {option}; leave it out.")


def takes(abilities: Abilities, field: str) -> bool:
    """Whether an image service with these abilities takes the option of that field."""
    option = OPTION_OF.get(field, field)
    return OPTION_NEEDS.get(option, option) in abilities

"""What a form of a picture shows and gives back: which fields, what is in them, and where that comes from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from animus_tui.chat.abilities import EVERYTHING
from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT, Addition, PromptAdditions
from animus_tui.chat.images.option_parser import read_option
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions, configured, from_record, merged
from animus_tui.chat.images.service_options import defaults_for
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UserError
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from animus_tui.chat.abilities import Abilities
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.session import ChatSession

Purpose = Literal["new", "again"]
"""A new picture, or one that is there once more."""


class Field(NamedTuple):
    """One line of the form. Its name is that of the option."""

    name: str
    label: str
    unset: str
    """What holds when nothing says anything."""
    help: str


FIELDS = (
    Field("size", "Size", "1024x1024", "pixels"),
    Field("steps", "Steps", "service default", "more is finer and slower"),
    Field("guidance", "Guidance scale", "service default", "how closely to follow the prompt"),
    Field("seed", "Seed", "random", "same seed, same picture"),
    Field("count", "Images", "1", "number of images"),
    Field("negative", "Negative prompt", "none", "what to leave out"),
    Field("model", "Model", "service default", "where it can be chosen"),
    Field("sampler", "Sampler", "service default", "of the image model"),
    Field("strength", "Strength", "service default", "0 to 1: how much to change"),
    Field("group", "Group", "none", "in the account"),
)


class Filled(NamedTuple):
    """What the user asks for."""

    prompt: str
    options: PictureOptions
    """What stands in the fields; a blank field says nothing."""
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What is not joined to the prompt."""


class Draft(NamedTuple):
    """What stands in a form that was left without making a picture."""

    began_with: str
    """The words that the form was opened with."""
    prompt: str
    values: Mapping[str, str]
    """By the name of the option, as typed."""
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What is not joined to the words."""


class FormPlan(NamedTuple):
    """A form before anything is typed."""

    purpose: Purpose
    prompt: str
    own: PictureOptions
    """What stands in the fields."""
    below: PictureOptions
    """What holds where a field is blank."""
    config: ImageConfig
    start: Callable[[Filled], object]
    """Have it made. UserError when that cannot be."""
    is_edit: bool = False
    abilities: Abilities = EVERYTHING
    """What the service can do: a field that means nothing to it is left out."""
    default: PictureOptions = configured(ImageConfig())
    """What holds where nothing is configured either."""
    additions: PromptAdditions = PromptAdditions()
    """What is joined to the prompt; what goes with its style goes before `below`."""
    left_out: frozenset[Addition] = NONE_LEFT_OUT
    """What of it is left out to begin with."""
    own_settings: frozenset[str] = frozenset()
    """Names of the fields for which the conversation has a value of its own, in place of what is configured."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The lines, from the top."""
        known = (field for field in FIELDS if field.name in self.abilities)
        return tuple(field for field in known if self.is_edit or field.name != "strength")

    def held(self, name: str, left_out: frozenset[Addition] = NONE_LEFT_OUT) -> str:
        """What holds where a field is blank, as it is typed; empty where nothing does."""
        return text_of(name, self.additions.without(left_out).options) or text_of(name, self.below)

    def source(self, name: str, text: str, left_out: frozenset[Addition] = NONE_LEFT_OUT) -> str:
        """Where the value of a field comes from, `text` being what stands in it."""
        if text:
            if text != text_of(name, self.own):
                return "now"
            return "this picture" if self.purpose == "again" else "this conversation"
        if text_of(name, self.additions.without(left_out).options):
            return f"style {short_line(self.additions.style)}"
        if name in self.own_settings:
            return "character"
        if text_of(name, self.below) != text_of(name, self.default):
            return "this picture" if self.purpose == "again" else "configuration"
        return "default"


def text_of(name: str, options: PictureOptions) -> str:
    """An option as it is typed; empty when it is not said."""
    if name == "size":
        sides = options.width, options.height
        return "x".join(map(str, sides)) if None not in sides else ""
    value = getattr(options, name.replace("-", "_"))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def read_fields(texts: Mapping[str, str]) -> PictureOptions:
    """The options of what stands in the fields. UsageError: a value that is not allowed."""
    return merged(*(read_option(name, text.strip()) for name, text in texts.items() if text.strip()))


def plan_painting(
    session: ChatSession,
    prompt: str = "",
    said: PictureOptions = NO_OPTIONS,
    left_out: frozenset[Addition] = NONE_LEFT_OUT,
) -> FormPlan:
    """The form of a new picture, with what is remembered for the conversation; what is painted is remembered.

    `said` and `left_out` are what the user has said of it already.
    """
    images, config = session.images, session.config.image

    def start(filled: Filled) -> str:
        before = images.remembered
        # A seed belongs to one picture: with a remembered one all would be alike.
        images.remember(replace(filled.options, seed=None))
        try:
            return images.start(filled.prompt, options=filled.options, left_out=filled.left_out)
        except UserError:
            images.remember(before)
            raise

    default, abilities = defaults_for(ImageConfig(), images.capabilities), session.abilities
    return FormPlan(
        "new",
        prompt,
        merged(images.remembered, said),
        images.defaults,
        config,
        start,
        abilities=abilities,
        default=default,
        additions=images.additions,
        left_out=left_out,
        own_settings=_own_settings(session),
    )


def _own_settings(session: ChatSession) -> frozenset[str]:
    """Names of the fields for which the conversation has another value than the one that is configured."""
    own, usual = configured(session.config.image), configured(session.configured.image)
    return frozenset(field.name for field in FIELDS if text_of(field.name, own) != text_of(field.name, usual))


def plan_change(session: ChatSession, message_id: str, record: ImageRecord) -> FormPlan:
    """The form of a further variant of a picture, filled with what that one was made with.

    Its prompt is the one that was sent, whatever was joined to it, and what stands there then is sent as it is.
    """
    made_with = from_record(record.settings)
    own = replace(made_with, character=None, face_lora=None, body_lora=None, face_swap=None)
    default = defaults_for(ImageConfig(), session.images.capabilities)
    below = merged(default, replace(own, seed=None))

    def start(filled: Filled) -> str:
        said = _changes(own, filled.options)
        is_same = filled.prompt == record.real_prompt and replace(said, seed=None) == NO_OPTIONS
        if is_same and said.seed is not None and said.seed == record.seed:
            raise UserError(
                "Nothing is changed, so the picture would be the same; clear the seed for a new one."
            )
        return session.images.start_variant(message_id, prompt=filled.prompt, options=said, is_whole=True)

    config, abilities = session.config.image, session.abilities
    if record.is_edit:
        abilities -= session.images.capabilities.edit_lacks
    return FormPlan(
        "again", record.real_prompt, own, below, config, start, record.is_edit, abilities, default
    )


def _changes(own: PictureOptions, filled: PictureOptions) -> PictureOptions:
    """What is said otherwise, and the seed whenever it is said: without one, another is taken."""
    said = {
        name: value
        for name in PictureOptions.__struct_fields__
        if (value := getattr(filled, name)) is not None and (name == "seed" or value != getattr(own, name))
    }
    return PictureOptions(**said)

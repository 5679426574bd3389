"""The options of an image as one value, how several of these are merged, and how they are parsed from text.

Precedence, the lowest first: the configuration, what is remembered for the conversation, what is given with a prompt.

As text they stand behind the prompt: `a fox in snow --size 1024x768 --seed 42 --negative "blurry, text"`. The prompt is
taken byte for byte, without the white space between the two. An option is `--name value` or `--name=value`; a value of
several words stands in quotation marks. A word that only looks like an option, in the middle of a prompt, is part of
the prompt, unless it is the name of one: that is refused, because it was hardly meant for the image model. A text that
ends with a lone `--` is a prompt in all that comes before; options may follow behind that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from animus_tui import addresses, paths
from animus_tui.backends.base.image_values import CharacterOptions, ImageRequest
from animus_tui.config.schema import LARGEST, Fraction, ImageConfig, PictureSide, Words, allowed
from animus_tui.errors import UsageError
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

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


# Options as text

SHOWN_LENGTH = 40
"""Characters of a refused word that a sentence shows."""
OPTION = late_pattern(
    r"--(?P<name>[A-Za-z][\w-]*)(?:=|\s+(?!--(?:[A-Za-z]|\s|$))|(?=\s|$))"
    r'(?P<value>"(?:[^"\\]|\\.)*"(?!\S)|“[^”]*”(?!\S)|\'[^\']*\'(?!\S)|\S*)\s*',
    re.DOTALL,
)
"""One option and the white space behind it. The value is empty when none follows."""
CANDIDATE = late_pattern(r"(?<!\S)--(?=[A-Za-z])")
"""Where an option may begin."""
SEPARATOR = late_pattern(r"(?<!\S)--(?=\s*$|\s+--[A-Za-z])")
"""What ends a prompt whatever stands in it."""
SIZE = late_pattern(r"(\d{1,6})\s*[x×X*]\s*(\d{1,6})")
QUOTES = {'"': '"', "“": "”", "'": "'"}
SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
NOTHING = "none"
"""Takes back what is remembered for the conversation."""


class Option(Struct, frozen=True):
    """One option as text: its name, its value and its purpose."""

    name: str
    takes: str
    """`WxH`, `N`, `TEXT` …"""
    help: str
    """A few words, without a full stop."""
    read: Callable[[str], dict[str, Any]]
    """The fields of `PictureOptions` that a value stands for. ValueError with what it must be."""

    @property
    def word(self) -> str:
        """The option as it is typed, `--size`."""
        return f"--{self.name}"


class ParsedPrompt(NamedTuple):
    """A prompt with the options that stood behind it."""

    prompt: str
    options: PictureOptions
    source: str | Path | None = None
    """Address or file of the picture to change."""
    is_plain: bool = False
    """Whether neither appearance nor style is to be joined to the prompt."""


def _field(name: str) -> Callable[[str], dict[str, Any]]:
    """A value of the type that the field has, within its bounds."""

    def read(text: str) -> dict[str, Any]:
        kind = next(field.type for field in msgspec.structs.fields(PictureOptions) if field.name == name)
        try:
            value = msgspec.convert(text, kind, strict=False)
        except msgspec.ValidationError:
            raise ValueError(allowed(kind)) from None
        if value is None or value != value:  # msgspec reads "null", and "nan" as a number
            raise ValueError(allowed(kind))
        return {name: value}

    return read


def _size(text: str) -> dict[str, Any]:
    match = SIZE.fullmatch(text)
    side = allowed(msgspec.structs.fields(PictureOptions)[0].type)
    words = f"width and height as 1024x768, each {side}"
    if match is None:
        raise ValueError(words)
    try:
        return {**_field("width")(match[1]), **_field("height")(match[2])}
    except ValueError:
        raise ValueError(words) from None


def _words(name: str) -> Callable[[str], dict[str, Any]]:
    """A text; `none` takes back what is remembered."""

    def read(text: str) -> dict[str, Any]:
        if not text.strip():
            raise ValueError(f"a text that is not blank, or {NOTHING}")
        return {name: "" if text.strip().lower() == NOTHING else text}

    return read


def _switch(name: str) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        if text.lower() not in SWITCH:
            raise ValueError("on or off")
        return {name: SWITCH[text.lower()]}

    return read


OPTIONS = (
    Option("size", "WxH", "width and height in pixels", _size),
    Option("steps", "N", "more is finer and slower", _field("steps")),
    Option("guidance", "X", "guidance scale: how closely to follow the prompt", _field("guidance")),
    Option("seed", "N", "the same seed and prompt give the same picture", _field("seed")),
    Option("count", "N", "number of images", _field("count")),
    Option("negative", "TEXT", "negative prompt: what to leave out", _words("negative")),
    Option("model", "NAME", "the image model", _field("model")),
    Option("sampler", "NAME", "the sampler of the image model", _field("sampler")),
    Option("strength", "X", "of an edit, from 0 to 1: how much to change", _field("strength")),
    Option("character", "ID", "the character in the picture", _words("character")),
    Option("face-lora", "on|off", "use the LoRA of the character's face", _switch("face_lora")),
    Option("body-lora", "on|off", "use the LoRA of the character's body", _switch("body_lora")),
    Option("face-swap", "on|off", "swap the character's face in", _switch("face_swap")),
    Option("group", "TITLE", "the group in the account to put it into", _words("group")),
)
SOURCE = "source"
PLAIN = "plain"
"""Leaves out what is joined to the prompt: appearance and style."""
_BY_NAME = {option.name: option for option in OPTIONS}


def read_option(name: str, text: str) -> PictureOptions:
    """The option of that name with this value. UsageError: an unknown name, or a value that is not allowed."""
    option = _BY_NAME.get(name)
    if option is None:
        raise UsageError(_unknown(name, source=False))
    try:
        return PictureOptions(**option.read(text))
    except ValueError as error:
        shown = f"“{_shown(text)}” is not allowed" if text else "it has no value"
        raise UsageError(f"{option.word}: {shown}; it takes {error}.") from None


def parse_prompt(text: str, *, takes_source: bool = False) -> ParsedPrompt:
    """Prompt and options of a text; `takes_source`: of an edit, where `--source ADDRESS` or a file may stand.

    UsageError: an option that is unknown, said twice, not allowed, or in the middle of the prompt.
    """
    prompt, given = _split(text, takes_source=takes_source)
    fields: dict[str, Any] = {}
    source: str | Path | None = None
    is_plain = False
    seen: set[str] = set()
    for name, value in given:
        if name in seen:
            raise UsageError(f"--{name} is said twice.")
        seen.add(name)
        if takes_source and name == SOURCE:
            source = source_of(value)
        elif not takes_source and name == PLAIN:
            is_plain = _is_plain(value)
        elif name in _BY_NAME:
            options = msgspec.structs.asdict(read_option(name, value))
            fields |= {key: value for key, value in options.items() if value is not None}
        else:
            raise UsageError(_unknown(name, source=takes_source))
    return ParsedPrompt(prompt, PictureOptions(**fields) if fields else NO_OPTIONS, source, is_plain)


def _is_plain(text: str) -> bool:
    if text and text.lower() not in SWITCH:
        raise UsageError(f"--{PLAIN}: it takes nothing, and stands behind the prompt.")
    return not text or SWITCH[text.lower()]


def source_of(text: str) -> str | Path:
    """The picture to change: an address as it is, or the absolute path of a file. UsageError when it is neither."""
    if addresses.is_service(text):
        return text
    if text[:5].lower() == "data:":
        raise UsageError(
            "The picture to change is named by an address, https://…, or a file; not by its bytes (data:)."
        )
    if not text.strip():
        raise UsageError(f"--{SOURCE} has no value; it takes an address, https://…, or a file.")
    try:
        path = paths.expanded(text).absolute()
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        raise UsageError(
            f"There is no picture “{_shown(text)}”: name an address, https://…, or a file that is there."
        )
    return path


def _split(text: str, *, takes_source: bool) -> tuple[str, list[tuple[str, str]]]:
    """The prompt, and names and values of the options behind it."""
    separators = list(SEPARATOR.finditer(text))
    if separators and (end := separators[-1]):
        behind = text[end.end() :].lstrip()
        options = list(_options(behind, 0)) if _tail(behind) == 0 else None
        if not behind or options is not None:
            return text[: end.start()].rstrip(), options or []
    start = _tail(text)
    prompt = text[:start]
    known = _BY_NAME.keys() | {SOURCE if takes_source else PLAIN}
    for match in CANDIDATE.finditer(prompt):
        found = OPTION.match(prompt, match.start())
        if found is not None and found["name"] in known:
            raise UsageError(
                f"--{found['name']} stands before other words. Options come last, a value of several words in "
                "quotation marks; end the text with a lone -- to send it as it is."
            )
    return (prompt.rstrip() if start < len(text) else text), list(_options(text, start))


def _tail(text: str) -> int:
    """Where the options begin that go to the end of the text; its length when there are none."""
    tail = len(text)
    whole = {tail}
    for match in reversed(list(CANDIDATE.finditer(text))):
        found = OPTION.match(text, match.start())
        if found is not None and found.end() in whole:
            tail = match.start()
            whole.add(tail)
    return tail


def _options(text: str, start: int) -> Iterator[tuple[str, str]]:
    while start < len(text):
        found = OPTION.match(text, start)
        if found is None:
            raise RuntimeError("options are read from where they begin")
        yield found["name"], _unquoted(found["name"], found["value"])
        start = found.end()


def _unquoted(name: str, value: str) -> str:
    closing = QUOTES.get(value[:1])
    if closing is None:
        return value
    if len(value) < 2 or value[-1] != closing:
        raise UsageError(f"The quotation mark behind --{name} is not closed.")
    inside = value[1:-1]
    return re.sub(r"\\([\"\\])", r"\1", inside) if closing == '"' else inside


def _unknown(name: str, *, source: bool) -> str:
    known = [option.name for option in OPTIONS] + [SOURCE if source else PLAIN]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean --{near[0]}?" if near else ""
    words = ", ".join(f"--{each}" for each in known)
    return f"There is no option --{_shown(name)}.{hint} The options are {words}."


def _shown(text: str) -> str:
    words = printable(text, newlines=False)
    return words if len(words) <= SHOWN_LENGTH else words[: SHOWN_LENGTH - 1] + "…"

"""Parses the options of an image from the text of a prompt.

Options stand behind the prompt: `a fox in snow --size 1024x768 --seed 42 --negative "blurry, text"`. The prompt is
taken byte for byte, without the white space between the two. An option is `--name value` or `--name=value`; a value of
several words stands in quotation marks. A word that only looks like an option, in the middle of a prompt, is part of
the prompt, unless it is the name of one: that is refused, because it was hardly meant for the image model. A text that
ends with a lone `--` is a prompt in all that comes before; options may follow behind that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Struct

from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions
from animus_tui.chat.images.service_options import source_of
from animus_tui.config.schema import allowed
from animus_tui.errors import UsageError
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        shown = f"“{short_line(text, SHOWN_LENGTH)}” is not allowed" if text else "it has no value"
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


def parse_words(text: str, *, command: str) -> str:
    """The words of a command that takes no options. UsageError: options stand in the text, unless it ends with `--`."""
    separators = list(SEPARATOR.finditer(text))
    if separators and not text[separators[-1].end() :].strip():
        return text[: separators[-1].start()].rstrip()
    tail, known = _tail(text), {*_BY_NAME, SOURCE, PLAIN}
    for candidate in CANDIDATE.finditer(text):
        found = OPTION.match(text, candidate.start())
        if found is not None and (candidate.start() >= tail or found["name"] in known):
            raise UsageError(
                f"{command} takes words, no options: --{short_line(found['name'], SHOWN_LENGTH)}."
            )
    return text


def _is_plain(text: str) -> bool:
    if text and text.lower() not in SWITCH:
        raise UsageError(f"--{PLAIN}: it takes nothing, and stands behind the prompt.")
    return not text or SWITCH[text.lower()]


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
    return f"There is no option --{short_line(name, SHOWN_LENGTH)}.{hint} The options are {words}."

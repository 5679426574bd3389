"""The options of a picture as words: `a fox in snow --size 1024x768 --seed 42 --negative "blurry, text"`.

The prompt comes first and the options behind it, to the end of the text; the prompt is taken byte for byte, without
the white space between the two. An option is `--name value` or `--name=value`; a value of several words stands in
quotation marks. A word that only looks like an option, in the middle of a prompt, is part of the prompt, unless it is
the name of one: that is refused, because it was hardly meant for the painter. A text that ends with a lone `--` is a
prompt in all that comes before; options may follow behind that.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from animus_tui import addresses
from animus_tui.chat.images.options import NOTHING_SAID, PictureOptions
from animus_tui.printable import printable
from animus_tui.settings import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHOWN_LENGTH = 40
"""Characters of a refused word that a sentence shows."""
OPTION = re.compile(
    r"--(?P<name>[A-Za-z][\w-]*)(?:=|\s+(?!--(?:[A-Za-z]|\s|$))|(?=\s|$))"
    r'(?P<value>"(?:[^"\\]|\\.)*"(?!\S)|“[^”]*”(?!\S)|\'[^\']*\'(?!\S)|\S*)\s*',
    re.DOTALL,
)
"""One option and the white space behind it. The value is empty when none follows."""
CANDIDATE = re.compile(r"(?<!\S)--(?=[A-Za-z])")
"""Where one may begin."""
SEPARATOR = re.compile(r"(?<!\S)--(?=\s*$|\s+--[A-Za-z])")
"""What ends a prompt whatever stands in it."""
SIZE = re.compile(r"(\d{1,6})\s*[x×X*]\s*(\d{1,6})")
QUOTES = {'"': '"', "“": "”", "'": "'"}
SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}
NOTHING = "none"
"""Takes back what is remembered for the conversation."""


class Option(NamedTuple):
    """One option: how it is said, what it takes and what it is for."""

    name: str
    takes: str
    """`WxH`, `N`, `TEXT` …"""
    help: str
    """A few words, without a full stop."""
    read: Callable[[str], dict[str, Any]]
    """The fields of `PictureOptions` that a value stands for. ValueError with what it must be."""

    @property
    def word(self) -> str:
        """As it is typed."""
        return f"--{self.name}"


class Said(NamedTuple):
    """What a text asks for."""

    prompt: str
    options: PictureOptions
    source: str | None = None
    """Address of the picture to change."""


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
    Option("guidance", "X", "how closely the picture follows the words", _field("guidance")),
    Option("seed", "N", "the same seed and words give the same picture", _field("seed")),
    Option("count", "N", "so many pictures, to choose from", _field("count")),
    Option("negative", "TEXT", "what must not be in the picture", _words("negative")),
    Option("model", "NAME", "the picture model", _field("model")),
    Option("strength", "X", "of an edit, from 0 to 1: how much is changed", _field("strength")),
    Option("character", "ID", "whose face the picture gets", _words("character")),
    Option("face-lora", "on|off", "use what was learned of the character's face", _switch("face_lora")),
    Option("body-lora", "on|off", "use what was learned of the character's body", _switch("body_lora")),
    Option(
        "face-swap", "on|off", "put the character's face in place of the painted one", _switch("face_swap")
    ),
    Option("group", "TITLE", "the group in the account to file it under", _words("group")),
)
SOURCE = "source"
_BY_NAME = {option.name: option for option in OPTIONS}


def read_option(name: str, text: str) -> PictureOptions:
    """The option of that name with this value. ValueError: an unknown name, or a value that is not allowed."""
    option = _BY_NAME.get(name)
    if option is None:
        raise ValueError(_unknown(name, source=False))
    try:
        return PictureOptions(**option.read(text))
    except ValueError as error:
        shown = f"“{_shown(text)}” is not allowed" if text else "it has no value"
        raise ValueError(f"{option.word}: {shown}; it takes {error}.") from None


def read_words(text: str, *, takes_source: bool = False) -> Said:
    """Prompt and options of a text; `takes_source`: of an edit, where `--source ADDRESS` may stand.

    ValueError with one sentence: an option that is unknown, said twice, not allowed, or in the middle of the prompt.
    """
    prompt, said = _split(text, takes_source=takes_source)
    fields: dict[str, Any] = {}
    source: str | None = None
    seen: set[str] = set()
    for name, value in said:
        if name in seen:
            raise ValueError(f"--{name} is said twice.")
        seen.add(name)
        if takes_source and name == SOURCE:
            source = source_address(value)
        elif name in _BY_NAME:
            options = msgspec.structs.asdict(read_option(name, value))
            fields |= {key: value for key, value in options.items() if value is not None}
        else:
            raise ValueError(_unknown(name, source=takes_source))
    return Said(prompt, PictureOptions(**fields) if fields else NOTHING_SAID, source)


def source_address(text: str) -> str:
    """The address of a picture to change, as it is. ValueError when the service cannot fetch it."""
    if addresses.is_service(text):
        return text
    if text[:5].lower() == "data:":
        words = "a picture inside its own address (data:) cannot be fetched."
    else:
        words = f"“{_shown(text)}” is on this machine, and nothing can be uploaded there."
    raise ValueError(f"The service fetches the picture to change from a public address, https://…; {words}")


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
    known = _BY_NAME.keys() | ({SOURCE} if takes_source else set())
    for match in CANDIDATE.finditer(prompt):
        found = OPTION.match(prompt, match.start())
        if found is not None and found["name"] in known:
            raise ValueError(
                f"--{found['name']} stands before other words. Options come last, a value of several words in "
                "quotation marks; end the text with a lone -- to have it painted as it is."
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
        raise ValueError(f"The quotation mark behind --{name} is not closed.")
    inside = value[1:-1]
    return re.sub(r"\\([\"\\])", r"\1", inside) if closing == '"' else inside


def _unknown(name: str, *, source: bool) -> str:
    known = [option.word for option in OPTIONS] + ([f"--{SOURCE}"] if source else [])
    near = difflib.get_close_matches(f"--{name}", known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no option --{_shown(name)}.{hint} The options are {', '.join(known)}."


def _shown(text: str) -> str:
    words = printable(text, newlines=False)
    return words if len(words) <= SHOWN_LENGTH else words[: SHOWN_LENGTH - 1] + "…"

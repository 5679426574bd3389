"""What is asked of a terminal, and what its answers mean: bytes in, values out, no input and no output.

The questions go out in one piece. The last one is for the primary device attributes, which every terminal answers,
and terminals answer in order: when that answer is there, no other one is still to come.
Sources: xterm's "Control Sequences" (DA1, XTVERSION, DECRQSS, window operations, OSC 11); Kitty's "Terminal graphics
protocol" for its query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.graphics.protocol import Rgb

if TYPE_CHECKING:
    from collections.abc import Mapping


DEVICE_ATTRIBUTES = b"\x1b[c"
VERSION = b"\x1b[>q"
CELL_SIZE = b"\x1b[16t"
BACKGROUND = b"\x1b]11;?\x1b\\"
GRAPHICS = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
"""May a picture of one pixel be sent? Nothing is kept of it."""
DIRECT_COLOUR = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
"""Take a 24-bit colour, tell what was taken, put it down again."""

_SILENT = re.compile(r"linux|ansi|dumb|unknown|vt\d|cons\d|eterm|cygwin|screen|$", re.IGNORECASE)
"""By TERM: those that print what they do not understand, GNU screen, which hands it on to the terminal around it, and
those that are none."""
_HAS_GRAPHICS = re.compile(r"xterm-(kitty|ghostty)|wezterm", re.IGNORECASE)
_GRAPHICS_VARIABLES = ("KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "WEZTERM_PANE", "KONSOLE_VERSION")

_STRING_END = rb"(?:\x1b\\|\x07|\x9c)"
_ANSWER = re.compile(
    rb"""
    \x1b\[ (?: \? (?P<attributes>[\d;]*) c | 6;(?P<height>\d{1,5});(?P<width>\d{1,5}) t )
    | \x1bP (?: >\| (?P<version>[^\x1b\x07\x9c]{0,200}) | (?P<taken>[01]\$r[\d;:]{0,100}) m? ) END
    | \x1b_G [^\x1b;]{0,100} ; (?P<graphics>[^\x1b]{0,300}) END
    | \x1b\]11; (?P<background>[^\x1b\x07\x9c]{0,100}) END
    """.replace(b"END", _STRING_END),
    re.VERBOSE,
)
_COLOUR = re.compile(rb"rgba?:([\da-f]+)/([\da-f]+)/([\da-f]+)", re.IGNORECASE)
_NAME = re.compile(r"([^\s(]+)[\s(]*([^\s()]*)")
_BELIEVABLE_CELL = range(2, 200)
"""Pixels of a cell's side."""


class Answers(Struct, frozen=True):
    """What the terminal said. Replaced whole, never changed."""

    complete: bool = False
    """Whether the last question was answered, so that nothing is still to come."""
    name: str = ""
    """As the terminal calls itself, in lower case; empty where it does not."""
    version: str = ""
    has_graphics: bool | None = None
    """Whether it takes Kitty's graphics commands; None where that was not asked or nothing was answered."""
    cell_size: tuple[int, int] | None = None
    """Width and height in pixels."""
    background: Rgb | None = None
    takes_direct_colour: bool = False
    """Whether a 24-bit colour was taken as it is."""


def questions(env: Mapping[str, str], *, pixels_known: bool, colours_known: bool) -> bytes:
    """All that is worth asking the terminal that `env` speaks of; empty when nothing is.

    `pixels_known`: the kernel tells the window's size in pixels. `colours_known`: the environment tells of 24 bits.
    """
    term = env.get("TERM", "").strip()
    within_tmux = bool(env.get("TMUX"))
    if env.get("STY") or env.get("INSIDE_EMACS") or env.get("TERM_PROGRAM") == "Apple_Terminal":
        return b""
    if _SILENT.match(term) and not (within_tmux and term.startswith("screen")):
        return b""
    asked = [VERSION, BACKGROUND]
    # tmux takes the graphics query for a title, and so does iTerm2: it is for those that are known to answer.
    if not within_tmux and (_HAS_GRAPHICS.match(term) or any(env.get(name) for name in _GRAPHICS_VARIABLES)):
        asked.append(GRAPHICS)
    if not pixels_known:
        asked.append(CELL_SIZE)
    if not colours_known:
        asked.append(DIRECT_COLOUR)
    return b"".join([*asked, DEVICE_ATTRIBUTES])


def read_answers(data: bytes, *, asked: bytes) -> tuple[Answers, bytes]:
    """The answers among what came from the terminal, and the rest in its order: keys, or an answer not yet whole."""
    found: dict[str, bytes] = {}
    for match in _ANSWER.finditer(data):
        found |= {kind: text for kind, text in match.groupdict().items() if text is not None}
    name, version = named(found.get("version", b""))
    complete = "attributes" in found
    graphics = found.get("graphics")
    was_refused = complete and GRAPHICS in asked
    answers = Answers(
        complete=complete,
        name=name,
        version=version,
        has_graphics=graphics == b"OK" if graphics is not None else (False if was_refused else None),
        cell_size=_cell(found.get("width", b""), found.get("height", b"")),
        background=_colour(found.get("background", b"")),
        takes_direct_colour=_is_direct(found.get("taken", b"")),
    )
    return answers, _ANSWER.sub(b"", data)


def is_complete(data: bytes) -> bool:
    """Whether the answer to the last question is there."""
    return any(match["attributes"] is not None for match in _ANSWER.finditer(data))


def named(text: bytes) -> tuple[str, str]:
    """Name and version in what XTVERSION gives: `kitty(0.41.1)`, `WezTerm 20240203-110809-5046fc22`."""
    words = "".join(chr(byte) for byte in text if 0x20 <= byte < 0x7F)
    match = _NAME.match(words)
    return (match[1].lower(), match[2]) if match else ("", "")


def _cell(width: bytes, height: bytes) -> tuple[int, int] | None:
    size = int(width or b"0"), int(height or b"0")
    return size if all(side in _BELIEVABLE_CELL for side in size) else None


def _colour(text: bytes) -> Rgb | None:
    """`rgb:rrrr/gggg/bbbb` with one to four hexadecimal digits each, as X11 writes colours."""
    if (match := _COLOUR.match(text)) is None:
        return None
    red, green, blue = (round(int(part, 16) * 255 / (16 ** len(part) - 1)) for part in match.groups())
    return red, green, blue


def _is_direct(taken: bytes) -> bool:
    """Whether the colour that was set is told as it was: `1$r0;48:2::1:2:3`, with semicolons in older terminals."""
    valid, _, parameters = taken.partition(b"$r")
    return valid == b"1" and re.search(rb"(?:^|[;:])48[;:]2[;:]+1[;:]2[;:]3$", parameters) is not None

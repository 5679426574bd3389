"""What this terminal can do, asked once before the application starts.

Only the environment and the kernel are asked. No escape sequence is sent, so nothing can hang, and no
answer can end up among the keys that are typed.
"""

from __future__ import annotations

import fcntl
import struct
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.graphics.protocol import Colours, Glyphs, Rgb

Setting = Literal["auto", "kitty", "mosaic", "block", "none"]
"""How the user wants pictures drawn."""
Style = Literal["kitty", "mosaic", "block", "none"]
"""How pictures are drawn: as pixels that stand in cells, as a mosaic of glyphs, as half blocks, or as a text card."""
Viewer = Literal["kitty", "iterm2", "block"]
"""How a picture is shown in full quality while the application steps aside."""

USUAL_RATIO = 0.5
"""Width of a cell divided by its height where the terminal does not tell; most fonts are near it."""
_BELIEVABLE = (0.25, 1.0)
"""Some terminals report pixel sizes that are swapped or not of the text area."""
_USUAL_SIZE = (80, 24)
_DEEP_COLOURS = ("truecolor", "24bit")
_COLOURS_OF_TERM: dict[str, Colours] = {"256color": "256", "kitty": "256"}
"""By what follows the last hyphen of TERM: the rule by which Rich, and with it Textual, reduces colours."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What is known of the terminal. Replaced whole, never changed."""

    is_tty: bool
    dumb: bool
    """TERM says that it can neither place the cursor nor show colours."""
    columns: int
    rows: int
    colours: Colours
    """The most that arrives on the screen; "none" when NO_COLOR is set."""
    cell_ratio: float
    """Width of a cell divided by its height."""
    style: Style
    """How pictures are drawn."""
    reason: str
    """Why they are drawn so, in a few words."""
    glyphs: Glyphs = "quadrants"
    """What a mosaic may be made of: what this terminal draws itself, or what every font has."""
    cell_size: tuple[int, int] | None = None
    """Width and height of a cell in pixels; None where the terminal does not tell."""
    background: Rgb | None = None
    """The terminal's own background; None where it does not tell."""
    inside_tmux: bool = False
    """Whether what is meant for the terminal has to be wrapped to pass through tmux."""
    viewer: Viewer = "block"
    """The best of term-image's styles for this terminal."""


def probe(env: Mapping[str, str], stream: TextIO | None, *, setting: Setting = "auto") -> Terminal:
    """What the terminal behind `stream` (the one that is drawn on) can do. Never writes, never waits, never fails.

    `setting` overrides what "auto" finds; "kitty" and "mosaic" are drawn as half blocks for now.
    """
    descriptor = _descriptor(stream)
    dumb = env.get("TERM", "").strip().lower() in ("dumb", "unknown")
    columns, rows, ratio = _window(descriptor)
    colours = _colours(env, drawable=descriptor is not None and not dumb)
    style, reason = _style(setting, is_tty=descriptor is not None, dumb=dumb, colours=colours)
    return Terminal(
        is_tty=descriptor is not None,
        dumb=dumb,
        columns=columns,
        rows=rows,
        colours=colours,
        cell_ratio=ratio,
        style=style,
        reason=reason,
    )


def _descriptor(stream: TextIO | None) -> int | None:
    """The file descriptor of a terminal; None when the stream is something else, or closed."""
    try:
        return stream.fileno() if stream is not None and stream.isatty() else None
    except (OSError, ValueError):
        return None


def _window(descriptor: int | None) -> tuple[int, int, float]:
    """Columns, rows and cell ratio, from the kernel's record of the window (TIOCGWINSZ)."""
    if descriptor is None:
        return *_USUAL_SIZE, USUAL_RATIO
    try:
        record = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return *_USUAL_SIZE, USUAL_RATIO
    rows, columns, width_px, height_px = struct.unpack("HHHH", record)
    if not (columns and rows):
        return *_USUAL_SIZE, USUAL_RATIO
    if not (width_px and height_px):
        return columns, rows, USUAL_RATIO
    ratio = (width_px / columns) / (height_px / rows)
    return columns, rows, ratio if _BELIEVABLE[0] <= ratio <= _BELIEVABLE[1] else USUAL_RATIO


def _colours(env: Mapping[str, str], *, drawable: bool) -> Colours:
    if not drawable or "NO_COLOR" in env:
        return "none"
    if env.get("COLORTERM", "").strip().lower() in _DEEP_COLOURS:
        return "truecolor"
    return _COLOURS_OF_TERM.get(env.get("TERM", "").strip().lower().rpartition("-")[2], "16")


def _style(setting: Setting, *, is_tty: bool, dumb: bool, colours: Colours) -> tuple[Style, str]:
    if setting == "none":
        return "none", "switched off in the settings"
    if not is_tty:
        return "none", "not a terminal"
    if setting != "auto":
        return "block", f'set to "{setting}"' + (
            ", drawn as half blocks for now" if setting != "block" else ""
        )
    if dumb:
        return "none", "TERM says that the terminal is dumb"
    if colours == "none":
        return "none", "NO_COLOR is set"
    return "block", {"truecolor": "24-bit colours", "256": "256 colours", "16": "16 colours"}[colours]

"""What this terminal can do: put together once, before the application starts, and never asked again.

The environment and the kernel are asked here; what the terminal itself answered, and tmux, is given in.
"""

from __future__ import annotations

import fcntl
import struct
import termios
from collections.abc import Mapping
from typing import Literal, TextIO

from msgspec import Struct

from animus_tui.graphics.decoding.protocol import Colours, Glyphs, Rgb
from animus_tui.graphics.probe.known_terminals import (
    KNOWN,
    Notification,
    Viewer,
    draws_inline,
    draws_sixel,
    draws_wedges,
    has_placeholders,
    name_of_environment,
    name_of_term,
    notification_of,
    viewer_of,
    widest_sixel,
)
from animus_tui.graphics.probe.terminal_probe import Answers
from animus_tui.graphics.probe.tmux import TmuxEnvironment

Setting = Literal["auto", "kitty", "iterm2", "sixel", "mosaic", "block", "none"]
"""How the user wants pictures drawn."""
Style = Literal["kitty", "iterm2", "sixel", "mosaic", "block", "none"]
"""How pictures are drawn: as pixels that stand in cells (by Kitty's placeholders, or a row of cells at a time by
iTerm2's protocol or as sixels), as a mosaic of glyphs, as half blocks, or as a text card."""
GlyphSetting = Literal["auto", "quadrants", "wedges"]
"""What the user wants a mosaic made of."""

USUAL_RATIO = 0.5
"""Width of a cell divided by its height where the terminal does not tell; most fonts are near it."""
USUAL_CELL = 10, 20
"""Width and height of a cell in pixels where the terminal does not tell; a picture is scaled to the real ones."""
MOST_SIXEL_COLOURS = 256
"""Colours of a sixel picture where the terminal does not say that it has fewer."""
_BELIEVABLE = (0.25, 1.0)
"""Some terminals report pixel sizes that are swapped or not of the text area."""
_FEWEST_SIXEL_COLOURS = 64
"""Of fewer colours a picture looks worse than a mosaic, whose cells have two of all colours each."""
_SWITCH_ON = "set -g allow-passthrough on"
_BELIEVABLE_PIXELS = range(2, 200)
"""Width or height of a cell that is taken for real."""
_USUAL_SIZE = (80, 24)
_SIZE_DIGITS = 5
DEEP_COLOURS = ("truecolor", "24bit")
"""Values of COLORTERM that promise 24-bit colours."""
_COLOURS_OF_TERM: dict[str, Colours] = {"256color": "256", "kitty": "256", "mlterm": "truecolor"}
"""By what follows the last hyphen of TERM: the rule by which Rich, and with it Textual, reduces colours. mlterm shows
24-bit colours nearly as they are, and says so nowhere."""


class Terminal(Struct, frozen=True):
    """What is known of the terminal; immutable."""

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
    sixel_colours: int = MOST_SIXEL_COLOURS
    """Colours that one sixel picture may have: the terminal's palette registers, at most MOST_SIXEL_COLOURS."""
    sixel_width: int | None = None
    """Pixels that a sixel picture may be wide; None where it may be as wide as the window."""
    background: Rgb | None = None
    """The terminal's own background; None where it does not tell."""
    is_light: bool | None = None
    """Whether the background is light, by the terminal's answer or by COLORFGBG; None where neither tells."""
    inside_tmux: bool = False
    """Whether what is meant for the terminal has to be wrapped to pass through tmux."""
    viewer: Viewer | None = None
    """The protocol by which it shows a picture in full quality; None where cells are the best that it shows."""
    notification: Notification | None = None
    """How it notifies on the desktop; None where it does not, or that is not known, or tmux holds it back."""
    name: str = ""
    """Name and version as the terminal tells them; empty where it does not."""

    @property
    def pixels_of_cell(self) -> tuple[int, int] | None:
        """Width and height of a cell, where pictures are drawn as pixels; None where they are drawn as glyphs.

        Kitty's pixels need 24-bit colours: the number of a picture is a colour, and any other would be another
        picture. Sixels need the cell's real size, for the terminal draws them as they are; by the other protocols it
        scales a picture to its cells.
        """
        if self.style == "sixel":
            return self.cell_size
        if self.style == "iterm2" or (self.style == "kitty" and self.colours == "truecolor"):
            return self.cell_size or USUAL_CELL
        return None

    @property
    def most_columns(self) -> int | None:
        """Columns that a picture may have at most, as the terminal draws no wider one; None where there is no limit."""
        cell = self.pixels_of_cell
        if self.style != "sixel" or cell is None or self.sixel_width is None:
            return None
        return max(self.sixel_width // cell[0], 1)


NO_ANSWERS = Answers()


_LIGHT_COLOURS = (7, *range(9, 16))
"""Numbers among the 16 ANSI colours of white, grey and the bright ones."""


def is_light(background: Rgb) -> bool:
    """Whether dark text is read better on this colour than light text: by its luma (ITU-R BT.601)."""
    red, green, blue = background
    return 0.299 * red + 0.587 * green + 0.114 * blue > 127.5


def _is_light_by_environment(env: Mapping[str, str]) -> bool | None:
    """By the last number of COLORFGBG, as in `0;15` and `0;default;15`; None where it says nothing."""
    colour = env.get("COLORFGBG", "").rpartition(";")[2].strip()
    return int(colour) in _LIGHT_COLOURS if colour in map(str, range(16)) else None


def is_served(env: Mapping[str, str]) -> bool:
    """Whether Textual is told to draw for a browser, through a server that it talks to on its standard streams."""
    return env.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def is_dumb(env: Mapping[str, str]) -> bool:
    """Whether TERM says that the terminal can only print lines: `dumb` and its kin, such as `dumb-emacs-ansi`.

    One that is not set says nothing: every terminal of the last decades places its cursor as an xterm does.
    """
    term = env.get("TERM", "").strip().lower()
    return term == "unknown" or term.partition("-")[0] == "dumb"


def tells_deep_colours(env: Mapping[str, str]) -> bool:
    """Whether the environment promises 24-bit colours."""
    return env.get("COLORTERM", "").strip().lower() in DEEP_COLOURS


def detect_terminal(
    env: Mapping[str, str],
    stream: TextIO | None,
    *,
    setting: Setting = "auto",
    glyphs: GlyphSetting = "auto",
    answers: Answers = NO_ANSWERS,
    outer: TmuxEnvironment | None = None,
) -> Terminal:
    """What the terminal behind `stream` (the one that is drawn on) can do. Never writes, never waits, never fails.

    `setting` and `glyphs` override what "auto" finds. `answers` is what the terminal said, `outer` what is around tmux
    where the stream is a pane of it.
    """
    if is_served(env):
        return _served(env, setting)
    descriptor = _descriptor(stream)
    dumb = is_dumb(env)
    window = _window(descriptor, _cell_size(answers, outer))
    colours = _colours(env, answers, outer, drawable=descriptor is not None and not dumb)
    seen = _Seen(env, answers, outer, is_tty=descriptor is not None, dumb=dumb, colours=colours)
    style, reason = _style(setting, seen, window)
    return Terminal(
        is_tty=seen.is_tty,
        dumb=dumb,
        columns=window.columns,
        rows=window.rows,
        # A placeholder's colour is the picture's number: it must arrive as it is.
        colours="truecolor" if style == "kitty" else colours,
        cell_ratio=window.ratio,
        style=style,
        reason=reason,
        glyphs=_glyphs(env, answers, outer) if glyphs == "auto" else glyphs,
        cell_size=window.cell_size,
        sixel_colours=min(answers.sixel_colours or MOST_SIXEL_COLOURS, MOST_SIXEL_COLOURS),
        sixel_width=widest_sixel(answers.name, answers.sixel_width, window.width),
        background=answers.background,
        is_light=is_light(answers.background) if answers.background else _is_light_by_environment(env),
        inside_tmux=outer is not None,
        viewer=_viewer(seen),
        notification=_notification(seen),
        name=f"{answers.name} {answers.version}".strip(),
    )


class _Seen(Struct, frozen=True):
    """Everything that decides how pictures are drawn."""

    env: Mapping[str, str]
    answers: Answers
    outer: TmuxEnvironment | None
    is_tty: bool
    dumb: bool
    colours: Colours

    @property
    def name(self) -> str:
        """The terminal's own name, or that of the one that the environment speaks of; empty where neither is known."""
        return self.answers.name or name_of_environment(self.env)

    @property
    def is_multiplexed(self) -> bool:
        """Whether another program draws what reaches the terminal."""
        term = self.env.get("TERM", "").strip().lower()
        return (
            self.outer is not None
            or self.answers.name in ("tmux", "zellij")
            or bool(self.env.get("STY"))
            or term.startswith(("tmux", "screen"))
        )


class _Window(Struct, frozen=True):
    columns: int
    rows: int
    cell_size: tuple[int, int] | None

    @property
    def width(self) -> int:
        """Width in pixels; 0 where it is not known."""
        return self.columns * self.cell_size[0] if self.cell_size is not None else 0

    @property
    def ratio(self) -> float:
        """Width of a cell divided by its height; USUAL_RATIO where the reported size cannot be true."""
        if self.cell_size is None:
            return USUAL_RATIO
        ratio = self.cell_size[0] / self.cell_size[1]
        return ratio if _BELIEVABLE[0] <= ratio <= _BELIEVABLE[1] else USUAL_RATIO


def _served(env: Mapping[str, str], setting: Setting) -> Terminal:
    """The terminal of a browser: 24-bit colours, glyphs of any font, nothing that could be asked."""
    colours: Colours = "none" if "NO_COLOR" in env else "truecolor"
    style: Style = setting if setting in ("none", "block") else "mosaic"
    columns, rows = (
        int(size) if (size := env.get(name, "")).isdecimal() and 0 < len(size) < _SIZE_DIGITS else usual
        for name, usual in zip(("COLUMNS", "ROWS"), _USUAL_SIZE, strict=True)
    )
    return Terminal(
        is_tty=False,
        dumb=False,
        columns=columns,
        rows=rows,
        colours=colours,
        cell_ratio=USUAL_RATIO,
        style="none" if colours == "none" else style,
        reason="NO_COLOR is set" if colours == "none" else "served to a browser",
    )


def _descriptor(stream: TextIO | None) -> int | None:
    """The file descriptor of a terminal; None when the stream is something else, or closed."""
    try:
        return stream.fileno() if stream is not None and stream.isatty() else None
    except (OSError, ValueError):
        return None


def cell_size(descriptor: int) -> tuple[int, int] | None:
    """Width and height of a cell in pixels, by the kernel's record of the window: no question is asked.

    None where there is no terminal, or it does not tell. It changes with the size of the letters.
    """
    rows, columns, width, height = _window_record(descriptor)
    if not (rows and columns):
        return None
    cell = (
        width // columns,
        height // rows,
    )  # some count a border, and a picture must not reach beyond its cells
    return cell if all(side in _BELIEVABLE_PIXELS for side in cell) else None


def _window_record(descriptor: int | None) -> tuple[int, int, int, int]:
    """Rows, columns, width and height in pixels as the kernel has them (TIOCGWINSZ); 0 for what it does not know."""
    try:
        record = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8)) if descriptor is not None else bytes(8)
    except OSError:
        record = bytes(8)
    rows, columns, width, height = struct.unpack("HHHH", record)
    return rows, columns, width, height


def _window(descriptor: int | None, told: tuple[int, int] | None) -> _Window:
    """The window's size by the kernel; the cell's size as the terminal told it, or else by the kernel."""
    rows, columns, width, height = _window_record(descriptor)
    if not (columns and rows):
        return _Window(*_USUAL_SIZE, told)
    cell = (width // columns, height // rows)
    is_believable = all(cell) and _BELIEVABLE[0] <= cell[0] / cell[1] <= _BELIEVABLE[1]
    return _Window(columns, rows, told or (cell if is_believable else None))


def _cell_size(answers: Answers, outer: TmuxEnvironment | None) -> tuple[int, int] | None:
    if answers.cell_size is not None or outer is None:
        return answers.cell_size
    return next((client.cell_size for client in outer.clients), None)


def _colours(
    env: Mapping[str, str], answers: Answers, outer: TmuxEnvironment | None, *, drawable: bool
) -> Colours:
    if not drawable or "NO_COLOR" in env:
        return "none"
    through_tmux = outer is not None and outer.clients and all(c.has_direct_colour for c in outer.clients)
    if tells_deep_colours(env) or answers.takes_direct_colour or answers.name in KNOWN or through_tmux:
        return "truecolor"
    return _COLOURS_OF_TERM.get(env.get("TERM", "").strip().lower().rpartition("-")[2], "16")


def _glyphs(env: Mapping[str, str], answers: Answers, outer: TmuxEnvironment | None) -> Glyphs:
    """Wedges where the terminal that draws is known to draw them itself."""
    if outer is not None:
        drawn = bool(outer.clients) and all(draws_wedges(c.name, c.version) for c in outer.clients)
    else:
        drawn = draws_wedges(answers.name or name_of_term(env.get("TERM", "")), answers.version)
    return "wedges" if drawn else "quadrants"


def _viewer(seen: _Seen) -> Viewer | None:
    if seen.is_multiplexed or not seen.is_tty:
        return None
    return viewer_of(seen.name, has_graphics=seen.answers.has_graphics)


def _notification(seen: _Seen) -> Notification | None:
    if seen.outer is not None:
        kinds = {notification_of(client.name) for client in seen.outer.clients}
        return kinds.pop() if len(kinds) == 1 and seen.outer.lets_through else None
    if seen.is_multiplexed or not seen.is_tty:
        return None
    return notification_of(seen.name)


def _style(setting: Setting, seen: _Seen, window: _Window) -> tuple[Style, str]:
    if setting == "none":
        return "none", "switched off in the settings"
    if not seen.is_tty:
        return "none", "not a terminal"
    if setting == "block":
        return "block", 'set to "block"'
    if setting == "auto" and seen.dumb:
        return "none", "TERM says that the terminal is dumb"
    if "NO_COLOR" in seen.env and setting != "mosaic":
        return "none", "NO_COLOR is set"
    if setting == "iterm2" or (setting == "sixel" and window.cell_size is not None):
        return setting, f'set to "{setting}"'
    held_back = _held_back(seen)
    if setting == "kitty" and not held_back:
        return "kitty", 'set to "kitty"'
    if setting == "auto":
        style, reason = _found(seen, window, held_back)
        if style != "mosaic":
            return style, reason
        held_back = reason
    elif setting == "sixel":
        held_back = "the terminal does not tell the size of its cells"
    return _glyph_style(setting, seen.colours, held_back)


def _glyph_style(setting: Setting, colours: Colours, held_back: str) -> tuple[Style, str]:
    """How pictures are drawn where it is not as pixels, and why; `held_back` says why not as pixels, or is empty."""
    words = "24-bit colours"
    if colours != "truecolor":
        words = {"256": "256 colours", "16": "16 colours", "none": "no colours"}[colours]
        words = f'set to "mosaic", but there are only {words}' if setting == "mosaic" else words
    elif setting == "mosaic":
        words = 'set to "mosaic"'
    if held_back and setting != "mosaic":
        words = f"{words}; {held_back}" if setting == "auto" else f'set to "{setting}", but {held_back}'
    return "mosaic" if colours == "truecolor" else "block", words


def _found(seen: _Seen, window: _Window, held_back: str) -> tuple[Style, str]:
    """The best that the terminal is known to draw rightly, and why; "mosaic" with the reason why it is no pixels.

    Placeholders go first, for the terminal keeps the picture; then iTerm2's protocol, which has all colours; then
    sixels. The last two stand only where text erases them.
    """
    if held_back:
        return "mosaic", held_back
    if placeholders := _trusted(seen):
        return "kitty", placeholders
    name, version = seen.name, seen.answers.version
    named = name or "the terminal"
    if seen.is_multiplexed:
        is_tmux = seen.outer is not None or seen.env.get("TERM", "").strip().lower().startswith("tmux")
        between = seen.answers.name or ("tmux" if is_tmux else "screen")
        return "mosaic", f"{between} does not keep pictures that are drawn row by row"
    if not seen.answers.has_sixel:
        return "mosaic", ""
    if draws_inline(name, version):
        return "iterm2", f"{name} draws pictures by iTerm2's protocol"
    if not draws_sixel(name, version):
        return "mosaic", f"{named} does not keep sixels and text apart"
    if window.cell_size is None:
        return "mosaic", f"{named} draws sixels, but does not tell the size of its cells"
    colours = seen.answers.sixel_colours
    if colours is not None and colours < _FEWEST_SIXEL_COLOURS:
        return "mosaic", f"{named} draws sixels, but of only {colours} colours"
    return "sixel", f"{named} says that it draws them (DA1)"


def _trusted(seen: _Seen) -> str:
    """The reason for which pictures are drawn as pixels in cells; empty where they are not."""
    if seen.outer is not None:
        name = seen.outer.clients[0].name if seen.outer.has_placeholders else ""
        return f"{name} around tmux draws pixels in cells" if name else ""
    answers = seen.answers
    if answers.has_graphics is False or seen.is_multiplexed:
        return ""
    return f"{answers.name} draws pixels in cells" if has_placeholders(answers.name, answers.version) else ""


def _held_back(seen: _Seen) -> str:
    """What keeps pixels from reaching a terminal outside tmux that could draw them; empty where nothing does."""
    if seen.outer is None or seen.outer.lets_through or not seen.outer.has_placeholders:
        return ""
    return f"tmux holds back pixels: {_SWITCH_ON} in tmux.conf lets them through"

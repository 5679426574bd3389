"""Terminals by name: what is known of them and cannot be asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

Viewer = Literal["kitty", "iterm2"]
"""The protocol by which a picture is shown in full quality while the application steps aside."""
Notification = Literal["osc9", "osc99", "osc777"]
"""The control sequence by which a terminal shows a notification on the desktop."""

_NEVER = (1 << 31,)
_ALWAYS = (0,)


class Traits(Struct, frozen=True):
    """What a terminal can do, by version where a newer one can do more. Every one of them has 24-bit colours."""

    placeholders: tuple[int, ...] = _NEVER
    """First version with Kitty's Unicode placeholders (U=1 in its graphics protocol)."""
    wedges: tuple[int, ...] = _NEVER
    """First version that draws all of U+1FB00–1FB6F itself, whatever the font has."""
    inline: tuple[int, ...] = _NEVER
    """First version that draws pictures by iTerm2's protocol in cells, one row of them at a time, and in which text
    erases what it is written to. It counts where the terminal says that it draws sixels: each of them then does both.
    """
    sixel: tuple[int, ...] = _ALWAYS
    """First version in which the same is true of sixels, where the terminal says that it draws them."""
    viewer: Viewer | None = None
    """The protocol by which it takes pixels; None where it takes none, or by neither protocol."""
    notification: Notification | None = None
    """How it notifies on the desktop; None where it does not, or that is not known for sure."""


# Notifications: kitty's own protocol ("Desktop notifications" in its documentation); OSC 9 in the documentation of
# iTerm2 and of Ghostty; OSC 777 in WezTerm's and foot's. VTE has it where a distribution added it and drops it
# elsewhere. xterm.js, Windows Terminal and ConEmu take OSC 9 for other purposes (progress, folders).
KNOWN = {
    # Placeholders: kitty's changelog for 0.28. Sextants and the smooth mosaic: for 0.19.
    "kitty": Traits(placeholders=(0, 28), wedges=(0, 19), viewer="kitty", notification="osc99"),
    # Both from its first public release on: its pull request 2015 and its sprite font.
    "ghostty": Traits(placeholders=_ALWAYS, wedges=_ALWAYS, viewer="kitty", notification="osc9"),
    # `custom_block_glyphs` in its documentation. It takes graphics commands and prints placeholders as text.
    # "imgcat" in its documentation, with doNotMoveCursor; its sixels stand wrong (its issues 217 and 6110).
    "wezterm": Traits(
        wedges=(20210814,), inline=(20220319,), sixel=_NEVER, viewer="iterm2", notification="osc777"
    ),
    # Changelog for 1.9: U+1FB3C–1FB6F; sextants came before. Sixels: for 1.2; text cuts them (its `sixel.c`).
    "foot": Traits(wedges=(1, 9), notification="osc777"),
    # `src/minifont.cc`; it numbers 0.70 as 7000. Its sixels, which are off unless a distribution switched them on,
    # stay behind the text that is written to them.
    "vte": Traits(wedges=(7000,), sixel=_NEVER, notification="osc777"),
    # Konsole says yes to the graphics query and prints placeholders as text. By iTerm2's protocol a picture is covered
    # by text with a background, which all of ours has, from 22.08 on, and erased by any text from 26.08 on. It erases
    # the cell right of it as well (`Screen::eraseBlock`), which is written once more. Sixels would be the same in fewer
    # colours.
    "konsole": Traits(inline=(22, 8), sixel=_NEVER, viewer="kitty", notification="osc777"),
    # "Inline Images Protocol" in its documentation.
    "iterm2": Traits(inline=_ALWAYS, viewer="iterm2", notification="osc9"),
    # Sextants only (their issues 7422, 441 and 974), or the font's, with seams between the rows.
    "alacritty": Traits(),
    # Text erases the cells of sixels: `setCharacter` in its `CompactCell.h`.
    "contour": Traits(),
    # Its pull request 1729, released with 0.4.12: text cuts pictures; before, they stayed or were not drawn at all.
    "rio": Traits(inline=(0, 4, 12), sixel=_NEVER),
    # `winimgs_paint`: cells that are overwritten are left out. doNotMoveCursor in its release notes for 3.6.5.
    "mintty": Traits(inline=(3, 6, 5)),
    # `@xterm/addon-image`: its documentation for both protocols. VS Code has it, and Tabby and Hyper.
    "xterm.js": Traits(inline=_ALWAYS),
}
_XTERM_WIDTH = 1000
"""Pixels that a sixel picture may be wide in xterm unless its `maxGraphicSize` is set; no wider one is drawn."""
_BY_PROGRAM = {
    "iterm.app": "iterm2",
    # xterm.js tells its name from 6.0 on.
    "vscode": "xterm.js",
    "tabby": "xterm.js",
    "hyper": "xterm.js",
}
"""What these programs set TERM_PROGRAM to."""
_BY_TERM = {
    "xterm-kitty": "kitty",
    "xterm-ghostty": "ghostty",
    "wezterm": "wezterm",
    "foot": "foot",
    "mlterm": "mlterm",
}
"""Entries of terminfo that a terminal brings with it, for one that did not say its name."""


def name_of_term(term: str) -> str:
    """The terminal that a value of TERM belongs to; empty where many use it."""
    return _BY_TERM.get(term.strip().lower().removesuffix("-direct").removesuffix("-extra"), "")


def name_of_environment(env: Mapping[str, str]) -> str:
    """The terminal that `env` speaks of; empty where that is not known. A program started in it may say otherwise."""
    return name_of_term(env.get("TERM", "")) or _BY_PROGRAM.get(env.get("TERM_PROGRAM", "").lower(), "")


def has_placeholders(name: str, version: str) -> bool:
    """Whether it draws pictures in place of Kitty's placeholder characters."""
    return _numbers(version) >= KNOWN.get(name, Traits()).placeholders


def draws_inline(name: str, version: str) -> bool:
    """Whether pictures by iTerm2's protocol stand in cells there, and text erases them, if it draws sixels at all."""
    return _numbers(version) >= KNOWN.get(name, Traits()).inline


def draws_sixel(name: str, version: str) -> bool:
    """Whether text erases sixels there; True for one that is not known."""
    return _numbers(version) >= KNOWN.get(name, Traits()).sixel


def widest_sixel(name: str, told: int | None, window: int) -> int | None:
    """Pixels that a sixel picture may be wide; None where no picture of a window could be wider.

    `told` is what the terminal answered, which is no more than the width of its window now, `window`.
    """
    if name == "xterm":
        return max(told or 0, _XTERM_WIDTH)
    return told if told is not None and told < window else None


def draws_wedges(name: str, version: str) -> bool:
    """Whether it draws sextants and wedges itself; without a version a current one is meant."""
    since = KNOWN.get(name, Traits()).wedges
    return since != _NEVER and (not version or _numbers(version) >= since)


def viewer_of(name: str, *, has_graphics: bool | None) -> Viewer | None:
    """The protocol for full quality there; `has_graphics` is the answer to Kitty's query, None where not asked."""
    viewer = KNOWN.get(name, Traits()).viewer
    return None if viewer == "kitty" and has_graphics is False else viewer


def notification_of(name: str) -> Notification | None:
    """How this terminal notifies on the desktop; None where that is not known."""
    return KNOWN.get(name, Traits()).notification


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits[:9]) for digits in re.findall(r"\d+", version)) or (0,)

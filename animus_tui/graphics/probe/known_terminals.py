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
    "wezterm": Traits(wedges=(20210814,), viewer="iterm2", notification="osc777"),
    # Changelog for 1.9: U+1FB3C–1FB6F; sextants came before.
    "foot": Traits(wedges=(1, 9), notification="osc777"),
    # `src/minifont.cc`; it numbers 0.70 as 7000.
    "vte": Traits(wedges=(7000,), notification="osc777"),
    # Konsole says yes to the graphics query and prints placeholders as text.
    "konsole": Traits(viewer="kitty", notification="osc777"),
    "iterm2": Traits(viewer="iterm2", notification="osc9"),
    # Sextants only (their issues 7422, 441 and 974), or the font's, with seams between the rows.
    "alacritty": Traits(),
    "contour": Traits(),
    "rio": Traits(),
    "mintty": Traits(),
    "xterm.js": Traits(),
}
_BY_TERM = {"xterm-kitty": "kitty", "xterm-ghostty": "ghostty", "wezterm": "wezterm", "foot": "foot"}
"""Entries of terminfo that a terminal brings with it, for one that did not say its name."""


def name_of_term(term: str) -> str:
    """The terminal that a value of TERM belongs to; empty where many use it."""
    return _BY_TERM.get(term.strip().lower().removesuffix("-direct").removesuffix("-extra"), "")


def name_of_environment(env: Mapping[str, str]) -> str:
    """The terminal that `env` speaks of; empty where that is not known. A program started in it may say otherwise."""
    program = env.get("TERM_PROGRAM", "").lower()
    return name_of_term(env.get("TERM", "")) or {"iterm.app": "iterm2"}.get(program, "")


def has_placeholders(name: str, version: str) -> bool:
    """Whether it draws pictures in place of Kitty's placeholder characters."""
    return _numbers(version) >= KNOWN.get(name, Traits()).placeholders


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

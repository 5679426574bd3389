"""How a terminal without Kitty's keyboard protocol is asked to tell keys with modifiers from those without.

Sources: xterm's "Control Sequences" (XTMODKEYS, DECSET 1036 and 1039, XTSAVE and XTRESTORE); tmux(1), `extended-keys`.
"""

from __future__ import annotations

from msgspec import Struct


class KeyModes(Struct, frozen=True):
    """Commands that set how keys are sent, and those that give back what was set before."""

    take: str
    give_back: str


_MODIFY, _USUAL = "\x1b[>4;1m", "\x1b[>4m"
"""modifyOtherKeys 1: Enter and others with Shift or Ctrl are sent as sequences, what has a code of old is sent as it
was. Without a number the terminal's own setting counts again."""
_OF_TERMINAL = {
    # Alt sends ESC before the character (metaSendsEscape, altSendsEscape); stock xterm sets the eighth bit of it. What
    # the user has set is saved and restored.
    "xterm": KeyModes(
        take=f"\x1b[?1036;1039s\x1b[?1036;1039h{_MODIFY}", give_back=f"{_USUAL}\x1b[?1036;1039r"
    ),
    # It obeys with `extended-keys on`, else it ignores that.
    "tmux": KeyModes(take=_MODIFY, give_back=_USUAL),
}
_NONE = KeyModes(take="", give_back="")


def key_modes(terminal: str) -> KeyModes:
    """What to write to the terminal of that name (XTVERSION, in lower case); empty for those that may not know it.

    Some of them take the commands for colours.
    """
    return _OF_TERMINAL.get(terminal, _NONE)

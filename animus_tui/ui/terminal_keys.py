"""Keys that terminals send and Textual does not tell apart."""

from __future__ import annotations

from enum import Enum
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _MoreKeys(Enum):
    ALT_ENTER = "alt+enter"


def learn_alt_enter() -> None:
    """Make ESC CR the key `alt+enter`; Textual would drop the ESC, and Enter sends.

    A terminal without the Kitty keyboard protocol sends it so, and nothing else for an Enter that breaks a line.
    """
    cast("dict[str, tuple[Enum, ...]]", ANSI_SEQUENCES_KEYS)["\x1b\r"] = (_MoreKeys.ALT_ENTER,)


def key_name(key: str) -> str:
    """The name of a key that Textual read: xterm's `modifyOtherKeys` form of Shift+Enter arrives as `shift+\\r`."""
    return key.replace("\r", "enter")

"""Keys that terminals send and Textual does not tell apart."""

from __future__ import annotations

from enum import Enum
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

_AltKeys = Enum("_AltKeys", {key: f"alt+{key}" for key in ("enter", *"0123456789")})  # type: ignore[misc]  # made from data
_SEQUENCES = {"enter": "\x1b\r", **{digit: f"\x1b{digit}" for digit in "0123456789"}}


def learn_alt_keys() -> None:
    """Make ESC CR the key `alt+enter` and ESC with a digit `alt+2` and so on.

    A terminal without the Kitty keyboard protocol sends them so. Textual would drop the ESC before Enter, which sends,
    and read the digits as what one terminal on macOS means by them: `™` for 2.
    """
    sequences = cast("dict[str, tuple[Enum, ...]]", ANSI_SEQUENCES_KEYS)
    for key, sequence in _SEQUENCES.items():
        sequences[sequence] = (_AltKeys[key],)


def key_name(key: str) -> str:
    """The name of a key that Textual read: xterm's `modifyOtherKeys` form of Shift+Enter arrives as `shift+\\r`."""
    return key.replace("\r", "enter")

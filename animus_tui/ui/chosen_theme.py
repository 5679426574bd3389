"""The theme that was chosen in the application, kept beside the conversations for the next start.

It counts for as long as the configuration names the theme that it named when the choice was made: whichever of the
two was changed last is used. The configuration file itself is never written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui.atomic import ensure_folder, read_regular, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

FOLLOW = "auto"
"""In place of a theme's name: the light or the dark one, as the terminal's background is."""


class Choice(Struct, frozen=True, kw_only=True):
    """What the file holds."""

    theme: str
    """The chosen theme, or FOLLOW."""
    configured: str
    """What the configuration named then."""


class ChosenTheme:
    """Reads and writes the choice. A file that cannot be read or written is the same as none."""

    def __init__(self, file: Path, configured: str) -> None:
        """`configured` is what `[ui] theme` says now."""
        self._file = file
        self._configured = configured

    def name(self) -> str:
        """The theme to start with, or FOLLOW."""
        try:
            choice = msgspec.json.decode(read_regular(self._file), type=Choice)
        except (OSError, ValueError):  # none was chosen, or the file is damaged
            return self._configured
        return choice.theme if choice.configured == self._configured else self._configured

    def keep(self, theme: str) -> None:
        """Write a theme, or FOLLOW, as the choice. OSError."""
        ensure_folder(self._file.parent)
        write_atomically(self._file, msgspec.json.encode(Choice(theme=theme, configured=self._configured)))

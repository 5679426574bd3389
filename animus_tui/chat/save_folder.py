"""The folder that pictures are saved to: the configured one, until another is chosen where one saves.

A choice is kept in the data directory, `save-folder.json`. It holds for as long as the configuration says what it said
when it was made; a folder that is configured later goes before it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui.atomic import make_folder, write_atomically
from animus_tui.chat.storage.conversation import SaveError
from animus_tui.paths import expanded, obstacle, pictures_dir

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.storage.conversation import StoredConversation

log = logging.getLogger(__name__)

NAME = "save-folder.json"
MOST_BYTES = 1 << 16
"""A longer file is not ours."""


class _Choice(Struct, frozen=True):
    folder: str
    """Absolute path."""
    in_place_of: str | None
    """What the configuration said when it was chosen."""


class SaveFolder:
    """Which folder is in force. Reading and changing ask the disk: some microseconds, and no more."""

    def __init__(self, data: Path, configured: str | None) -> None:
        """`data`: the data directory; `configured`: `save_dir` of `[image]`."""
        self._file = data / NAME
        self._configured = configured

    @classmethod
    def beside(cls, stored: StoredConversation, configured: str | None) -> SaveFolder:
        """That of the data directory which a conversation is kept in."""
        return cls(stored.folder.parents[1], configured)

    @property
    def current(self) -> Path:
        """The folder in force, which may be yet to be made. NoHomeError."""
        choice = self._read()
        if choice is not None and choice.in_place_of == self._configured:
            return expanded(choice.folder)
        return pictures_dir(self._configured)

    def change(self, text: str) -> Path:
        """Save there from now on, also after the next start; returns the folder.

        SaveError: nothing can be written there, or the choice cannot be kept.
        """
        if not text.strip() or "\0" in text:
            raise SaveError("The name of a folder is missing.")
        folder = expanded(text.strip())
        if (trouble := obstacle(folder)) is not None:
            raise SaveError(f"Pictures cannot be saved there: {trouble}.")
        choice = _Choice(folder=str(folder), in_place_of=self._configured)
        try:
            if not self._file.parent.is_dir():
                make_folder(self._file.parent)
            write_atomically(self._file, msgspec.json.encode(choice))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name is not UTF-8"
            raise SaveError(f"The choice of {folder} cannot be kept: {reason}.") from error
        return folder

    def _read(self) -> _Choice | None:
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MOST_BYTES), type=_Choice)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s does not count: %s", self._file, error)
            return None

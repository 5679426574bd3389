"""CharX files: a zip archive with a card and the files that belong to it.

Neither its sizes nor its names are trusted.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from animus_tui.characters.cards.json_text import MOST_BYTES
from animus_tui.errors import CardError

BEGINNING = b"PK\x03\x04"
MOST_NAMES = 10_000
"""Files in an archive."""
MOST_DIRECTORY_BYTES = 4 << 20
"""Bytes of the list of these files, all of which is read at once."""
MOST_FILE_BYTES = 32 << 20
_END = b"PK\x05\x06"


class Archive:
    """The files of an archive that is in memory."""

    def __init__(self, data: bytes) -> None:
        """CardError: it is none that could be read."""
        self._archive = _opened(data)

    @property
    def names(self) -> list[str]:
        """Paths of all files in it."""
        return self._archive.namelist()

    def card(self) -> bytes:
        """The JSON of the card. CardError."""
        if "card.json" not in self.names:
            raise CardError("it is an archive without a card.json, so it is no character card.")
        data = self.file("card.json", MOST_BYTES)
        if data is None:
            raise CardError(f"the card in it is broken, or has more than {MOST_BYTES >> 20} MiB.")
        return data

    def file(self, name: str, most: int = MOST_FILE_BYTES) -> bytes | None:
        """A file in it; None when there is none, or it is broken or larger than the most."""
        try:
            with self._archive.open(name) as file:
                data = file.read(most + 1)
        except (KeyError, zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError):
            return None
        return data if len(data) <= most else None


def _opened(data: bytes) -> zipfile.ZipFile:
    end = data.rfind(_END, max(len(data) - 66_000, 0))
    directory = int.from_bytes(data[end + 12 : end + 16], "little")
    names = int.from_bytes(data[end + 10 : end + 12], "little")
    if end < 0 or directory > MOST_DIRECTORY_BYTES or names > MOST_NAMES:
        raise CardError("it is an archive that cannot be read.")
    try:
        return zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise CardError("it is an archive that cannot be read.") from None

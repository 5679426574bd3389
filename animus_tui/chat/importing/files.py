"""Reading a file that is to be imported, and the pictures that stand beside it or in the same zip archive.

Whatever a file holds, what is read of it is bounded: an archive is trusted neither in its sizes nor in its names.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from animus_tui.atomic import read_regular
from animus_tui.backends.base.files import MOST_PICTURE_BYTES, MOST_VIDEO_BYTES
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 1 << 30
"""Bytes of a file, or of one that an archive holds."""
MOST_NAMES = 200_000
"""Files in an archive."""
ARCHIVE = b"PK\x03\x04"
CONVERSATIONS = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")
"""The files of ChatGPT's archive that hold conversations; a large export has several."""


class Pictures(ABC):
    """The pictures that come with a file."""

    @abstractmethod
    def named(self, beginning: str) -> bytes | None:
        """The picture in the first file whose name begins so; None when there is none."""

    def at(self, relative: str) -> bytes | None:
        """The file at a path beside the one that is imported; None when there is none."""
        return None


class PicturesBeside(Pictures):
    """The files in a folder and in the folders within."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, Path] | None = None

    def named(self, beginning: str) -> bytes | None:
        """The picture in the first file whose name begins so; None when there is none."""
        if self._names is None:
            self._names = dict(_names_in(self._folder))
        found = next((path for name, path in self._names.items() if name.startswith(beginning)), None)
        return _bounded(found, MOST_PICTURE_BYTES) if found is not None else None

    def at(self, relative: str) -> bytes | None:
        """The file at a path below the folder; None when there is none, or when it or a link in it leads out."""
        first, slash, _ = relative.partition("/")
        if ".." in relative.split("/"):
            return None
        try:
            inside = (self._folder / first if slash else self._folder).resolve()
            path = (self._folder / relative).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return _bounded(path, MOST_VIDEO_BYTES) if inside in path.parents else None


class PicturesInArchive(Pictures):
    """The files in a zip archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {info.filename.rpartition("/")[2]: info for info in archive.infolist()}

    def named(self, beginning: str) -> bytes | None:
        """The picture in the first file whose name begins so; None when there is none."""
        found = next((info for name, info in self._names.items() if name.startswith(beginning)), None)
        return _unpacked(self._archive, found, MOST_PICTURE_BYTES) if found is not None else None


def contents(path: Path) -> Iterator[tuple[bytes, Pictures]]:
    """The file, or the conversations of an archive, each with the pictures that come with it. UserError."""
    try:
        with path.open("rb") as file:
            is_archive = file.read(len(ARCHIVE)) == ARCHIVE
        if not is_archive:
            if path.stat().st_size > MOST_BYTES:
                raise UserError(_too_large(path))
            yield read_regular(path), PicturesBeside(path.parent)
            return
    except IsADirectoryError:
        raise UserError(f"{path} is a folder: name the file in it that is to be imported.") from None
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    yield from _archived(path)


def _archived(path: Path) -> Iterator[tuple[bytes, Pictures]]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_NAMES:
                raise UserError(_too_large(path))
            wanted = sorted(
                (info for info in infos if CONVERSATIONS.fullmatch(info.filename)),
                key=lambda info: info.filename,
            )
            if not wanted:
                raise UserError(f"{path} is a zip archive without a conversations.json.")
            pictures = PicturesInArchive(archive)
            for info in wanted:
                data = _unpacked(archive, info, MOST_BYTES)
                if data is None:
                    raise UserError(
                        f"{info.filename} in {path} is broken, or more than {MOST_BYTES >> 20} MiB large."
                    )
                yield data, pictures
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UserError(f"{path} is a zip archive that cannot be read; download it again.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | None:
    """The bytes of a file in an archive; None when it is broken or has more than `most`, whatever it says."""
    if info.file_size > most:
        return None
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return None
    return data if len(data) <= most else None


def _bounded(path: Path, most: int) -> bytes | None:
    try:
        data = read_regular(path, most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None


def _names_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files in a folder and in the folders of it, a bounded number of them."""
    number = 0
    try:
        for path in (*folder.glob("*"), *folder.glob("*/*")):
            number += 1
            if number > MOST_NAMES:
                return
            if not path.is_symlink() and path.is_file():
                yield path.name, path
    except OSError:
        return


def _too_large(path: Path) -> str:
    return f"{path} is too large: at most {MOST_BYTES >> 20} MiB and {MOST_NAMES:,} files can be imported."

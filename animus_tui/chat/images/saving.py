"""Saving pictures where the user wants them, with their metadata inside and never over an existing file.

The folder is the configured one, until the user chooses another, which is kept in the data directory as
`save-folder.json`. That choice holds for as long as the configuration says what it said when it was made; a folder that
is configured later goes before it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui.atomic import ensure_folder, read_regular, write_atomically
from animus_tui.chat.images.metadata import metadata_of, with_metadata
from animus_tui.errors import UserError
from animus_tui.paths import expanded, obstacle, pictures_dir
from animus_tui.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation

log = logging.getLogger(__name__)

FOLDER_FILE = "save-folder.json"
MOST_BYTES = 1 << 16
"""Bytes of the file that are read; a longer file is not ours."""
NAME_LENGTH = 60
"""Most characters of the prompt in a file name."""
NAME_BYTES = 200
"""Most bytes of them: file systems allow 255 for a whole name."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""The beginning of a time that becomes a part of a name; a history from elsewhere may have any text there."""

JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
PICTURES = JPEG | {".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".svg"}
"""Suffixes that name a kind of picture."""
FILMS = frozenset({".mp4", ".m4v", ".mov", ".webm"})


class Saved(Struct, frozen=True):
    """What became of several pictures."""

    folder: Path
    paths: tuple[Path, ...]
    """The files, in order."""
    failures: tuple[str, ...]
    """A sentence for each picture that was not saved."""

    @property
    def sentence(self) -> str:
        """How many there are and where; and of those that failed how many, and why the first one did."""
        done, failed = len(self.paths), len(self.failures)
        saved = f"Saved {counted(done, 'picture')} to {self.folder}." if done else "No picture was saved."
        return (
            f"{saved} {counted(failed, 'picture')} could not be saved: {self.failures[0]}"
            if failed
            else saved
        )


def file_name(record: ImageRecord, suffix: str) -> str:
    """A name from date and prompt: `2026-01-31-a-golden-sunset.png`."""
    return dated_name(record.prompt, record.created, suffix, otherwise="picture")


def dated_name(text: str, created: str, suffix: str, *, otherwise: str) -> str:
    """A name from a date and the first words of a text; `otherwise` stands for a text without words."""
    prompt = unicodedata.normalize("NFC", text.lower())
    # What marks a letter belongs to it: vowels are written so in many scripts.
    kept = (c if c.isalnum() or c == "_" or unicodedata.category(c)[0] == "M" else " " for c in prompt)
    words = "-".join("".join(kept).split()).strip("-_")
    if len(words) > NAME_LENGTH or len(words.encode()) > NAME_BYTES:
        cut = words[: NAME_LENGTH + 1].encode()[:NAME_BYTES].decode(errors="ignore")
        words = cut.rpartition("-")[0] or cut[:NAME_LENGTH]
    date = created[:10] if DATE.match(created) else "undated"
    return f"{date}-{words or otherwise}{suffix}"


def main_file(record: ImageRecord) -> str:
    """The path below the conversation's folder of what is worth saving: the clip, or else the picture."""
    return record.video or record.file


def save_picture(source: Path, record: ImageRecord, target: Path, *, numbered: bool = False) -> Path:
    """Copy the picture's file to `target`, a PNG with the facts of `record` inside, and return where it is.

    A folder (one that exists, or a path without a suffix) gets a name from date and prompt, with a
    number behind it when that is taken. A file that exists is left alone: UserError, as when the disk refuses.
    A name that promises another kind of picture gets the suffix of this one, and a number when that is taken, as
    every name does when `numbered`.
    """
    try:
        if target.is_dir() or not target.suffix:
            target.mkdir(parents=True, exist_ok=True)
            return _copy_to_free_name(source, record, target / file_name(record, source.suffix))[0]
        target.parent.mkdir(parents=True, exist_ok=True)
        honest = _with_true_suffix(target, source.suffix)
        if honest == target and not numbered:
            return _copy(source, record, target)
        return _copy_to_free_name(source, record, honest)[0]
    except FileExistsError as error:
        raise UserError(f"{target} exists already. Choose another name.") from error
    except OSError as error:
        raise _refused(source, target, error) from error


async def save_all(stored: StoredConversation, folder: Path) -> Saved:
    """Save every picture of a conversation, its variants too, as `save_several`. UserError: there is none."""
    records = await asyncio.to_thread(_records, iter(stored.messages))
    if not records:
        raise UserError("There is no picture in this conversation yet.")
    return await save_several(records, lambda record: stored.path_of(main_file(record)), folder)


async def save_several(
    records: Sequence[ImageRecord], path_of: Callable[[ImageRecord], Path], folder: Path
) -> Saved:
    """Save pictures, whose files `path_of` finds, into a folder, and go on past those that fail.

    Each gets a free name, as `save_picture` gives it. Cancelling stops after the picture that is being written.
    UserError: there is no such folder.
    """
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(None, folder, error) from error
    paths: list[Path] = []
    failures: list[str] = []
    numbers: dict[str, int] = {}
    for record in records:
        try:
            paths.append(await asyncio.to_thread(_save_next, record, path_of, folder, numbers))
        except UserError as error:
            failures.append(str(error))
    return Saved(folder, tuple(paths), tuple(failures))


def _save_next(
    record: ImageRecord, path_of: Callable[[ImageRecord], Path], folder: Path, numbers: dict[str, int]
) -> Path:
    """Save one of many. `numbers`: name → the last number that it got, where the search for the next one begins."""
    source = path_of(record)
    name = file_name(record, source.suffix)
    try:
        path, numbers[name] = _copy_to_free_name(source, record, folder / name, numbers.get(name, 0) + 1)
    except OSError as error:
        raise _refused(source, folder, error) from error
    return path


def _refused(source: Path | None, target: Path, error: OSError) -> UserError:
    reason = error.strerror or error
    if source is not None and error.filename == str(source):
        return UserError(f"The picture was not saved: its own file {source} cannot be read: {reason}.")
    return UserError(f"The picture was not saved to {target}: {reason}. Choose another folder.")


def _with_true_suffix(target: Path, true: str) -> Path:
    """`fox.jpg` of a PNG is `fox.png`; a suffix that belongs to no picture is part of the name."""
    own = target.suffix.lower()
    if own == true or (own in JPEG and true in JPEG):
        return target
    return target.with_suffix(true) if own in PICTURES | FILMS else target.with_name(target.name + true)


def _copy_to_free_name(source: Path, record: ImageRecord, target: Path, first: int = 1) -> tuple[Path, int]:
    """Where it is, and its number: the first from `first` on that was free; 1 stands for no number."""
    number = first
    while True:
        candidate = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        try:
            return _copy(source, record, candidate), number
        except FileExistsError:
            number += 1


def _copy(source: Path, record: ImageRecord, target: Path) -> Path:
    """A new file, whole or not there at all, whatever goes wrong."""
    with source.open("rb") as data:
        out = target.open("xb")
        try:
            with out:  # a full disk may refuse no sooner than when it is closed
                if source.suffix == ".png":
                    out.writelines(with_metadata(data.read(), metadata_of(record)))
                else:
                    shutil.copyfileobj(data, out)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return target


def _records(messages: Iterable[ChatMessage]) -> list[ImageRecord]:
    """All pictures, each variant too, in the order of the conversation."""
    return [record for message in messages if message.image for record in message.variants or [message.image]]


class _Choice(Struct, frozen=True):
    folder: str
    """Absolute path."""
    in_place_of: str | None
    """What the configuration said when it was chosen."""


class SaveFolder:
    """The folder in which pictures are saved. Reads and changes wait for the disk, for some microseconds."""

    def __init__(self, data: Path, configured: str | None) -> None:
        """`data`: the data directory; `configured`: `save_dir` of `[image]`."""
        self._file = data / FOLDER_FILE
        self._configured = configured

    @property
    def current(self) -> Path:
        """The folder that applies, which need not exist. NoHomeError."""
        choice = self._read()
        if choice is not None and choice.in_place_of == self._configured:
            return expanded(choice.folder)
        return pictures_dir(self._configured)

    def change(self, text: str) -> Path:
        """Save there from now on, also after the next start; returns the folder.

        UserError: nothing can be written there, or the choice cannot be kept.
        """
        if not text.strip() or "\0" in text:
            raise UserError("The name of a folder is missing.")
        folder = expanded(text.strip())
        if (trouble := obstacle(folder)) is not None:
            raise UserError(f"Pictures cannot be saved there: {trouble}.")
        choice = _Choice(folder=str(folder), in_place_of=self._configured)
        try:
            ensure_folder(self._file.parent)
            write_atomically(self._file, msgspec.json.encode(choice))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name is not UTF-8"
            raise UserError(f"The choice of {folder} cannot be kept: {reason}.") from error
        return folder

    def _read(self) -> _Choice | None:
        try:
            return msgspec.json.decode(read_regular(self._file, MOST_BYTES), type=_Choice)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s does not count: %s", self._file, error)
            return None

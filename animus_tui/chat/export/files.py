"""Exporting a conversation to a new file, and to the folder beside it that Markdown and JSON need for pictures.

Nothing that is there is ever overwritten, and a file has its name only once it is whole.
"""

from __future__ import annotations

import itertools
import os
import shutil
from typing import TYPE_CHECKING, Literal, get_args

from animus_tui.atomic import give_name
from animus_tui.chat.export.html_page import html_pieces
from animus_tui.chat.export.json_array import FILES_FOLDER, files_in, json_pieces
from animus_tui.chat.export.markdown_text import markdown_pieces
from animus_tui.chat.export.plain_text import text_pieces
from animus_tui.chat.export.transcript import Transcript
from animus_tui.chat.images.saving import dated_name, file_name
from animus_tui.chat.storage.description import DESCRIPTION
from animus_tui.errors import UsageError, UserError
from animus_tui.locked_folders import LockedFolder, remove_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation

Format = Literal["md", "html", "json", "txt"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".txt": "txt",
}
IMAGES_FOLDER = "{stem}-images"
"""The folder beside a Markdown file."""

STAGING = ".animus-chat-export-"
"""Begins the name of the folder beside the target in which everything is made; one that a kill left goes at the next
export into the same folder."""


def format_of(target: Path) -> Format:
    """The format that the suffix of a file names. UsageError."""
    found = SUFFIXES.get(target.suffix.lower())
    if found is None:
        raise UsageError(
            f"{target.name} does not say in which format: use the suffix .html, .md, .json or .txt."
        )
    return found


class Export:
    """A conversation as it was when this was made; everything else may be done in another thread."""

    def __init__(self, stored: StoredConversation, *, name: str = "") -> None:
        """`name`: of the character, where the conversation does not say it."""
        self._folder = stored.folder
        self._transcript = Transcript(stored, name=name)
        self.progress = self._transcript.progress

    def pieces(self, form: Format) -> Iterator[bytes]:
        """The whole export, for a stream that has no folder beside it: pictures are named by their own paths."""
        yield from self._pieces(form, lambda _, relative: self._own_path(relative))

    def default_name(self, form: Format) -> str:
        """A name of a file, from date and title."""
        conversation = self._transcript.conversation
        return dated_name(conversation.title, conversation.created, f".{form}", otherwise="conversation")

    def write(self, target: Path, form: Format) -> None:
        """Write a new file, and the folder beside it where there are pictures. UserError: nothing is written."""
        check_target(target)
        has_folder = form in ("md", "json")
        beside = target.with_name(
            (FILES_FOLDER if form == "json" else IMAGES_FOLDER).format(stem=target.stem)
        )
        if has_folder and os.path.lexists(beside):
            raise UserError(f"{beside}, where the pictures would be, exists already. Choose another name.")
        remove_abandoned(target.parent, STAGING)
        try:
            with LockedFolder(target.parent, STAGING) as staging:
                self._write(staging.path, target, form, beside if has_folder else None)
        except FileExistsError as error:
            raise UserError(f"{target} exists already. Choose another name.") from error
        except (OSError, ValueError) as error:  # a null character in a name
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"The conversation was not exported to {target}: {reason}.") from error

    def _write(self, staging: Path, target: Path, form: Format, beside: Path | None) -> None:
        """Make everything in a folder beside the target, and then give it its names. OSError, UserError."""
        whole, folder = staging / "whole", staging / "files"
        folder.mkdir()
        names = _Names(folder, beside.name if beside else "", self._transcript)
        if form == "json":
            self._copy_files(folder)
        _write(whole, self._pieces(form, names.address))
        is_beside = beside is not None and any(folder.iterdir())
        if beside is not None and is_beside:
            folder.rename(beside)
        try:
            give_name(whole, target)
        except OSError:
            if beside is not None and is_beside:
                beside.rename(folder)
            raise

    def _pieces(self, form: Format, address: Callable[[ImageRecord, str], str | None]) -> Iterator[bytes]:
        match form:
            case "json":
                yield from json_pieces(self.progress.counted(self._transcript.snapshot.lines()))
            case "html":
                yield from _encoded(html_pieces(self._transcript))
            case "txt":
                yield from _encoded(text_pieces(self._transcript))
            case _:
                yield from _encoded(markdown_pieces(self._transcript, address))

    def _own_path(self, relative: str) -> str | None:
        path = self._transcript.file(relative)
        return str(path) if path is not None else None

    def _copy_files(self, folder: Path) -> None:
        """The description, and every file that an entry names, as they are in the conversation's folder."""
        shutil.copyfile(self._folder / DESCRIPTION, folder / DESCRIPTION)
        for line in self._transcript.snapshot.lines():
            self.progress.check()
            for relative in files_in(line):
                source, target = self._transcript.file(relative), folder / relative
                if source is None or target.exists() or folder not in target.resolve().parents:
                    continue
                target.parent.mkdir(exist_ok=True, parents=True)
                shutil.copyfile(source, target)


def check_target(target: Path) -> None:
    """UserError when a new file cannot be made there."""
    # os.path answers also for a name that no file can have, such as one that is too long; Path.is_dir raises there.
    if os.path.isdir(target):  # noqa: PTH112
        raise UserError(f"{target} is a folder: name a file in it, such as {target / 'conversation.html'}.")
    if os.path.lexists(target):
        raise UserError(f"{target} exists already. Choose another name.")
    if not os.path.isdir(target.parent):  # noqa: PTH112
        raise UserError(f"There is no folder {target.parent}. Create it first, or choose another one.")


def free_name(folder: Path, name: str) -> Path:
    """A path in a folder that is free, the file's and that of the folders beside it: `name-2.html` and so on."""
    for numbered in _numbered(name):
        stem = numbered.rpartition(".")[0]
        names = (numbered, IMAGES_FOLDER.format(stem=stem), FILES_FOLDER.format(stem=stem))
        if not any(os.path.lexists(folder / each) for each in names):
            break
    return folder / numbered


def _numbered(name: str) -> Iterator[str]:
    """`name.md`, `name-2.md` and so on."""
    yield name
    stem, _, suffix = name.rpartition(".")
    yield from (f"{stem}-{number}.{suffix}" for number in itertools.count(2))


class _Names:
    """Copies pictures into the folder beside a Markdown file, under names that tell what they show."""

    def __init__(self, folder: Path, shown: str, transcript: Transcript) -> None:
        """`folder` is where the copies go, `shown` the name that it will have."""
        self._folder = folder
        self._shown = shown
        self._transcript = transcript
        self._known: dict[str, str] = {}
        self._taken: set[str] = set()

    def address(self, record: ImageRecord, relative: str) -> str | None:
        """Where the copy of a file is, from the Markdown file; None when there is nothing to copy."""
        if relative not in self._known:
            source = self._transcript.file(relative)
            if source is None:
                return None
            name = next(
                each for each in _numbered(file_name(record, source.suffix)) if each not in self._taken
            )
            self._taken.add(name)
            shutil.copyfile(source, self._folder / name)
            self._known[relative] = f"{self._shown}/{name}"
        return self._known[relative]


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    return (piece.encode("utf-8", "replace") for piece in pieces)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())

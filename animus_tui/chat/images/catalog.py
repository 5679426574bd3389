"""Every picture of every conversation, found in the histories without opening any conversation.

The pictures found are kept in an index file of the cache, so that the next run need not read all histories again. The
file may be deleted at any time. It has times and sizes of each conversation's files: where they have changed, the
history is read again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

from animus_tui.atomic import ensure_folder, read_regular, write_atomically
from animus_tui.backends.base.files import check_picture
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.conversation_folder import HISTORY
from animus_tui.chat.storage.description import read_description
from animus_tui.chat.storage.history import History
from animus_tui.chat.storage.history_file import HistoryFile
from animus_tui.chat.storage.history_format import OWN_PICTURE, OWN_START, decode_written
from animus_tui.chat.storage.store import FilesState, files_state
from animus_tui.errors import StoreError, UserError
from animus_tui.paths import path_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from animus_tui.chat.account import Account, AccountPicture
    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)

YIELD_EVERY = 0.1
"""Seconds between two collections of the pictures found so far."""
INDEX_VERSION = 4
"""Of the layout of the index file; another one is not read."""
MOST_KEPT = 40
"""Pictures of the account that are kept as files; the oldest go first."""


class FoundPicture(Struct, frozen=True, array_like=True):
    """One picture, its place and its metadata. Each variant is a picture of its own."""

    conversation_id: str
    title: str
    """Of the conversation."""
    folder: Path
    """Of the conversation."""
    message_id: str
    record: ImageRecord
    variant: int
    """Its index among the variants of its message, from 0, oldest first."""
    variants: int
    """How many there are; 1 without variants."""

    @property
    def key(self) -> tuple[str, str, int]:
        """Identifies the picture."""
        return self.conversation_id, self.message_id, self.variant

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.record.width, self.record.height

    def path(self) -> Path:
        """Its file. UserError when the record names none of the conversation; asks the disk."""
        return path_inside(self.folder, self.record.file)


class Collection(NamedTuple):
    """The pictures found so far."""

    pictures: tuple[FoundPicture, ...] = ()
    """The newest one first."""
    is_complete: bool = False
    """Whether all conversations have been looked at."""
    troubles: tuple[str, ...] = ()
    """Conversations that cannot be read in full, a sentence each."""


class _Found(Struct, frozen=True, array_like=True):
    """The pictures found in one conversation."""

    state: FilesState
    pictures: tuple[FoundPicture, ...]
    """Newest first."""
    trouble: str
    """Why it cannot be read in full, as a sentence; empty when it can."""


class _ForeignError(Exception):
    """The history has entries that were not written here."""


class _IndexFile(Struct, frozen=True, array_like=True):
    version: int
    root: str
    found: dict[str, _Found]
    """By the name of the folder."""


class PicturesIndex:
    """The index file of one data directory. All methods wait for the disk; errors are only logged."""

    def __init__(self, folder: Path, root: Path) -> None:
        """`folder` of the cache need not exist; `root` is the data directory."""
        self._root = str(root)
        self._path = folder / f"{hashlib.sha256(self._root.encode(errors='replace')).hexdigest()[:16]}.index"

    def load(self) -> dict[str, _Found]:
        """The pictures found, by the names of the folders; empty where no file can be read."""
        path_of = lru_cache(maxsize=1)(Path)  # the pictures of one conversation follow each other
        decoder = msgspec.msgpack.Decoder(_IndexFile, dec_hook=lambda _, text: path_of(text))
        try:
            index = decoder.decode(read_regular(self._path))
        except (OSError, ValueError, RecursionError):
            return {}
        return index.found if (index.version, index.root) == (INDEX_VERSION, self._root) else {}

    def save(self, found: dict[str, _Found]) -> None:
        """Write the whole index file."""
        try:
            ensure_folder(self._path.parent)
            data = msgspec.msgpack.encode(_IndexFile(INDEX_VERSION, self._root, found), enc_hook=str)
            write_atomically(self._path, data)
        except (OSError, ValueError) as error:
            log.warning("%s cannot be written: %s", self._path, error)


class AllPictures:
    """Finds all pictures, and remembers them: reading again reads only histories that have changed."""

    def __init__(self, store: ConversationStore, cache: Path | None = None) -> None:
        """`cache`: a folder for the index file, in which the next run of the program finds what was found."""
        self._store = store
        self._index = None if cache is None else PicturesIndex(cache, store.root)
        self._is_loaded = False
        self._found: dict[str, _Found] = {}

    @property
    def known(self) -> Collection:
        """The pictures found when they were read last."""
        return self._collected(is_complete=False)

    def read(self) -> Iterator[Collection]:
        """Read all conversations, the one used last first, and yield now and then the pictures found so far.

        The last collection is complete. To be iterated in a thread: each step reads files.
        """
        try:
            named = self._store.named_folders()
        except StoreError as error:
            yield Collection(self.known.pictures, is_complete=True, troubles=(error.sentence,))
            return
        states = ((files_state(str(folder)), folder) for folder in named)
        used = ((max(state.described, state.changed), folder, state) for state, folder in states)
        folders = sorted((each for each in used if each[0]), reverse=True)
        if self._index is not None and not self._is_loaded:
            self._is_loaded = True
            names = {folder.name for _, folder, _ in folders}
            self._found = {name: found for name, found in self._index.load().items() if name in names}
            if self._found:
                yield self._collected(is_complete=False)
        gone = self._found.keys() - {folder.name for _, folder, _ in folders}
        for name in gone:
            self._found.pop(name, None)
        told, is_changed = 0.0, bool(gone)
        for _, folder, state in folders:
            before = self._found.get(folder.name)
            if before is not None and before.state == state:
                continue
            is_changed = True
            found = self._found[folder.name] = _read(folder, state)
            if found.pictures and time.monotonic() - told > YIELD_EVERY:
                yield self._collected(is_complete=False)
                told = time.monotonic()
        yield self._collected(is_complete=True)
        if is_changed and self._index is not None:
            self._index.save({name: found for name, found in self._found.items() if not found.trouble})

    def _collected(self, *, is_complete: bool) -> Collection:
        all_found = list(self._found.values())
        pictures = [picture for found in all_found for picture in found.pictures]
        pictures.sort(key=lambda picture: picture.record.created, reverse=True)
        troubles = tuple(found.trouble for found in all_found if found.trouble)
        return Collection(tuple(pictures), is_complete, troubles)


def _read(folder: Path, state: FilesState) -> _Found:
    try:
        conversation = read_description(folder)
    except (OSError, ValueError) as error:
        log.warning("%s has no readable description: %s", folder, error)
        conversation = Conversation(id=folder.name)
    name = f"“{conversation.title or folder.name}”"
    try:
        messages, is_damaged = _picture_messages(folder, conversation)
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: no pictures can be found: %s", folder, error)
        reason = error.strerror if isinstance(error, OSError) else "its history is damaged"
        return _Found(state, (), f"The conversation {name} cannot be read: {reason}.")
    pictures = tuple(
        picture for message in reversed(messages) for picture in _pictures(folder, conversation, message)
    )
    trouble = f"The history of {name} is damaged: what can be read of it is here." if is_damaged else ""
    return _Found(state, pictures, trouble)


def _pictures(folder: Path, conversation: Conversation, message: ChatMessage) -> Iterator[FoundPicture]:
    """The variants of one message, newest first."""
    if message.image is None:
        return
    variants = message.variants or [message.image]
    for number in range(len(variants) - 1, -1, -1):
        yield FoundPicture(
            conversation_id=conversation.id,
            title=conversation.title,
            folder=folder,
            message_id=message.id,
            record=variants[number],
            variant=number,
            variants=len(variants),
        )


def _picture_messages(folder: Path, conversation: Conversation) -> tuple[Sequence[ChatMessage], bool]:
    """The messages with pictures, oldest first, and whether the history is damaged. OSError, ValueError."""
    file = HistoryFile(folder / HISTORY)
    try:
        messages: Sequence[ChatMessage] = file.load(_of_own_lines, writable=False)
    except (_ForeignError, ValueError, RecursionError):
        messages = _of_any_lines(file, conversation)
    return messages, file.is_damaged


def _of_own_lines(runs: Iterable[Sequence[bytes]]) -> list[ChatMessage]:
    """Only lines with pictures are decoded. _ForeignError, ValueError."""
    found: list[ChatMessage] = []
    for run in runs:
        for line in run:
            if not line.startswith(OWN_START):
                raise _ForeignError
            if OWN_PICTURE in line:
                found.append(decode_written(line))
    return found


def _of_any_lines(file: HistoryFile, conversation: Conversation) -> list[ChatMessage]:
    """All lines are looked at, as they are when the conversation is opened: their names depend on each other."""
    entries = file.load(lambda runs: History(file.contents, runs, conversation.created), writable=False)
    return [entries.message(place) for place in sorted(entries.message_index.pictures)]


async def fetched(account: Account, picture: AccountPicture, folder: Path) -> FoundPicture:
    """The picture as a file in `folder`, which is made if need be. UserError, also when the disk refuses."""
    data = await account.fetch(picture.url)
    try:
        checked = check_picture(data)
        name = f"{hashlib.sha256(data).hexdigest()[:40]}.{checked.kind}"
        await asyncio.to_thread(_keep, folder, name, data)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written to: {error.strerror or error}.", title="Not kept"
        ) from error
    record = ImageRecord(
        prompt=picture.prompt,
        file=name,
        created=picture.created,
        width=checked.width,
        height=checked.height,
        settings={} if picture.seed is None else {"seed": picture.seed},
    )
    return FoundPicture("account", "", folder, picture.generation_id, record, 0, 1)


def _keep(folder: Path, name: str, data: bytes) -> None:
    ensure_folder(folder)
    write_atomically(folder / name, data)
    kept = sorted(
        (file for file in folder.iterdir() if file.is_file()), key=lambda file: file.stat().st_mtime
    )
    for oldest in kept[:-MOST_KEPT]:
        oldest.unlink(missing_ok=True)

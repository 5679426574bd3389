"""Every picture of every conversation, found in the histories without opening any conversation."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.pictures_index import IndexedConversation, IndexedPicture, PicturesIndex
from animus_tui.chat.storage.conversation import HISTORY, StoreError
from animus_tui.chat.storage.folder import DESCRIPTION, read_description
from animus_tui.chat.storage.history import History
from animus_tui.chat.storage.history_file import HistoryFile
from animus_tui.chat.storage.history_format import OWN_PICTURE, OWN_START, decode_written
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.paths import path_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from animus_tui.chat.storage.conversation import StoredConversation

log = logging.getLogger(__name__)

TELL_EVERY = 0.1
"""Seconds between two looks at what has been found so far."""


class FoundPicture(Struct, frozen=True):
    """One picture, where it stands, and what it was made from. Each variant is a picture of its own."""

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
    is_shown: bool
    """Whether the conversation shows this variant."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What no other picture has."""
        return self.conversation_id, self.message_id, self.variant

    def path(self) -> Path:
        """Its file. ValueError when the record names none of the conversation; asks the disk."""
        return path_inside(self.folder, self.record.file)


class Collection(NamedTuple):
    """What has been found up to a moment."""

    pictures: tuple[FoundPicture, ...] = ()
    """The newest one first."""
    is_complete: bool = False
    """Whether all conversations have been looked at."""
    troubles: tuple[str, ...] = ()
    """Conversations that cannot be read in full, a sentence each."""


class _State(NamedTuple):
    """As long as these are the same, so is what was found."""

    history: tuple[int, int, int]
    """Nanoseconds of the last change, bytes, inode."""
    described: int
    """Nanoseconds of the last change of the description."""


_NO_STATE = _State((0, 0, 0), 0)


class _Album(NamedTuple):
    """The pictures of one conversation, newest first."""

    state: _State
    pictures: tuple[FoundPicture, ...]
    trouble: str


class _ForeignError(Exception):
    """The history has entries that were not written here."""


class AllPictures:
    """Remembers what was found: a second reading looks only into histories that have changed."""

    def __init__(self, store: ConversationStore, index: PicturesIndex | None = None) -> None:
        """`index` remembers what was found for the next run of the program."""
        self._store = store
        self._index = index
        self._is_loaded = index is None
        self._albums: dict[str, _Album] = {}

    @classmethod
    def beside(cls, stored: StoredConversation, *, cache: Path | None = None) -> AllPictures:
        """All pictures of the data directory that a conversation is kept in; `cache`: a folder for the index."""
        root = stored.folder.parents[1]
        return cls(ConversationStore(root), None if cache is None else PicturesIndex(cache, root))

    @property
    def known(self) -> Collection:
        """What was found when they were read last."""
        return self._collected(is_complete=False)

    def read(self) -> Iterator[Collection]:
        """Look at all conversations, the one used last first, and tell now and then what there is so far.

        The last one told is complete. To be used up in a thread: each step reads files.
        """
        try:
            named = self._store.named_folders()
        except StoreError as error:
            yield Collection(self.known.pictures, is_complete=True, troubles=(error.sentence,))
            return
        looked = ((*_looked_at(folder), folder) for folder in named)
        folders = sorted(((used, folder, state) for used, state, folder in looked if used), reverse=True)
        if not self._is_loaded and self._index is not None:
            self._is_loaded = True
            self._albums = _indexed(self._index, [folder for _, folder, _ in folders])
            if self._albums:
                yield self._collected(is_complete=False)
        gone = self._albums.keys() - {folder.name for _, folder, _ in folders}
        for name in gone:
            self._albums.pop(name, None)
        told, is_changed = 0.0, bool(gone)
        for _, folder, state in folders:
            before = self._albums.get(folder.name)
            if before is not None and before.state == state:
                continue
            is_changed = True
            album = self._albums[folder.name] = _album(folder, state)
            if album.pictures and time.monotonic() - told > TELL_EVERY:
                yield self._collected(is_complete=False)
                told = time.monotonic()
        yield self._collected(is_complete=True)
        if is_changed and self._index is not None:
            self._index.save(
                {name: _entry(album) for name, album in self._albums.items() if not album.trouble}
            )

    def _collected(self, *, is_complete: bool) -> Collection:
        albums = list(self._albums.values())
        pictures = [picture for album in albums for picture in album.pictures]
        pictures.sort(key=lambda picture: picture.record.created, reverse=True)
        troubles = tuple(album.trouble for album in albums if album.trouble)
        return Collection(tuple(pictures), is_complete, troubles)


def _indexed(index: PicturesIndex, folders: Sequence[Path]) -> dict[str, _Album]:
    """What the index tells of the conversations that are there."""
    known = index.load()
    albums = {}
    for folder in folders:
        if (entry := known.get(folder.name)) is not None:
            pictures = tuple(
                FoundPicture(
                    conversation_id=entry.conversation_id,
                    title=entry.title,
                    folder=folder,
                    message_id=each.message_id,
                    record=each.record,
                    variant=each.variant,
                    variants=each.variants,
                    is_shown=each.is_shown,
                )
                for each in entry.pictures
            )
            albums[folder.name] = _Album(_State(entry.state[:3], entry.state[3]), pictures, "")
    return albums


def _entry(album: _Album) -> IndexedConversation:
    first = album.pictures[0] if album.pictures else None
    return IndexedConversation(
        (*album.state.history, album.state.described),
        first.conversation_id if first else "",
        first.title if first else "",
        [
            IndexedPicture(each.message_id, each.record, each.variant, each.variants, each.is_shown)
            for each in album.pictures
        ],
    )


def _looked_at(folder: Path) -> tuple[int, _State]:
    """When a conversation was used last, in nanoseconds since 1970 (0: it is none), and the state of its files.

    There may be thousands, so this asks the disk for no more than it needs, and makes no paths.
    """
    name = str(folder)
    try:
        if S_ISLNK(os.lstat(name).st_mode):
            return 0, _NO_STATE
        described = _changed(os.stat(f"{name}/{DESCRIPTION}"))  # noqa: PTH116 (a path takes longer than the look)
    except OSError:
        described = 0
    try:
        found = os.stat(f"{name}/{HISTORY}")  # noqa: PTH116
    except OSError:
        return described, _State((0, 0, 0), described)
    state = _State((found.st_mtime_ns, found.st_size, found.st_ino), described)
    return max(described, _changed(found)), state


def _changed(found: os.stat_result) -> int:
    return found.st_mtime_ns if S_ISREG(found.st_mode) else 0


def _album(folder: Path, state: _State) -> _Album:
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
        return _Album(state, (), f"The conversation {name} cannot be read: {reason}.")
    pictures = tuple(
        picture for message in reversed(messages) for picture in _pictures(folder, conversation, message)
    )
    trouble = f"The history of {name} is damaged: what can be read of it is here." if is_damaged else ""
    return _Album(state, pictures, trouble)


def _pictures(folder: Path, conversation: Conversation, message: ChatMessage) -> Iterator[FoundPicture]:
    """The variants of one message, newest first."""
    shown = message.image
    if shown is None:
        return
    variants = message.variants or [shown]
    at = variants.index(shown) if shown in variants else None
    for number in range(len(variants) - 1, -1, -1):
        yield FoundPicture(
            conversation_id=conversation.id,
            title=conversation.title,
            folder=folder,
            message_id=message.id,
            record=variants[number],
            variant=number,
            variants=len(variants),
            is_shown=number == at,
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

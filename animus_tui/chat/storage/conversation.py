"""One conversation on disk: its description, its history and its pictures.

Everything is written synchronously and is on the disk when a call returns. Only one process writes a conversation;
whoever comes second reads.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.atomic import ensure_folder, remove_leftovers, write_atomically
from animus_tui.chat.storage.branches import without_first
from animus_tui.chat.storage.conversation_folder import (
    HISTORY,
    IMAGES,
    ReadOnlyError,
    disk_error,
    is_unlocked,
    lock_folder,
    may_not_be_written,
    picture_name,
)
from animus_tui.chat.storage.description import read_or_renew, update_description
from animus_tui.chat.storage.history import History, Messages
from animus_tui.chat.storage.history_file import HistoryFile, may_write, state_of
from animus_tui.chat.storage.history_format import encode, merged_turns
from animus_tui.chat.storage.history_tail import HistoryTail, read_tail
from animus_tui.chat.storage.replacement import Replacement
from animus_tui.chat.storage.summary import summary_of
from animus_tui.errors import StoreError
from animus_tui.paths import path_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage, Conversation
    from animus_tui.chat.storage.replacement import Change
    from animus_tui.chat.storage.second_copy import BackgroundCopy

log = logging.getLogger(__name__)


class StoredConversation:
    """One open conversation. Messages are read from the disk when needed; unsaved ones are in memory."""

    def __init__(self, folder: Path, *, tail_first: bool = False) -> None:
        """Take the lock and read; a damaged file is repaired, unless another process holds the lock. StoreError.

        `tail_first`: read only the end of a long history. What needs more than `newest` reads all, or StoreError.
        """
        self.folder = folder
        self.recovered: str | None = None
        """What was repaired when the conversation was read, in one sentence."""
        self.tail: HistoryTail | None = None
        """The end of a long history of which the rest has not been read."""
        self._unsaved: dict[str, None] = {}
        self._staged: dict[str, ChatMessage] = {}
        """By id, changed messages far up in the file, which are written with a copy of it."""
        self._in_copy: dict[str, ChatMessage] = {}
        """The staged messages that the copy contains that is being made."""
        self._is_cut = False
        """Whether the file has messages at its end that were removed here."""
        self._is_description_unsaved = False
        self._described: Conversation
        """The description as it was read or written last."""
        self._is_changed = False
        """Whether the messages are others than when the conversation was opened or summarised last."""
        self._version = 0
        """Counts the changes of the messages, to tell whether a replacement made in a thread is up to date."""
        self._file = HistoryFile(folder / HISTORY)
        self._lock: int | None = None
        self.refusal: str | None = None
        """Why nothing can be written, in one sentence."""
        self.is_open_elsewhere = False
        """Whether it can only be read because another process writes it, which may end."""
        self._seen = state_of(folder / HISTORY)
        try:
            self._take_lock()
            self.conversation = self._described = read_or_renew(folder, writable=not self.read_only)
            self.tail = read_tail(folder / HISTORY, lambda: self._history) if tail_first else None
        except OSError as error:
            self._release()
            raise disk_error("The conversation could not be opened", folder, error) from error
        if self.tail is None:
            self._history  # noqa: B018 (read now)

    @property
    def data_folder(self) -> Path:
        """The data directory, in which the conversations are."""
        return self.folder.parents[1]

    def _take_lock(self) -> None:
        """Lock the conversation for writing, or note why that fails. OSError when the folder is gone."""
        try:
            self._lock = lock_folder(self.folder)
            if not may_write(self.folder / HISTORY):
                raise may_not_be_written(self.folder)
        except ReadOnlyError as error:
            self._release()
            self.refusal, self.is_open_elsewhere = str(error), error.is_elsewhere
            return
        try:
            remove_leftovers(self.folder, self.folder / IMAGES)
        except OSError as error:
            log.warning("%s: what a crash left cannot be deleted: %s", self.folder, error)

    @property
    def messages(self) -> Messages:
        """All messages, oldest first."""
        return self._history

    @property
    def newest(self) -> Sequence[ChatMessage]:
        """The last messages, more than a screen shows, or all."""
        return self.messages if self.tail is None else self.tail.newest

    @property
    def has_picture(self) -> bool:
        """Whether any message shows a picture."""
        return bool(self.messages.message_index.pictures) if self.tail is None else self.tail.has_picture

    @cached_property
    def _history(self) -> History:
        """All that the history has, read when it is asked for first."""
        try:
            history = self._load()
        except OSError as error:
            self._release()
            raise disk_error("The conversation could not be opened", self.folder, error) from error
        if self.tail is not None:
            self.tail.complete(history)
            self.tail = None
        if history.odd:
            log.warning("%s: %d odd values are left out", self.folder / HISTORY, history.odd)
        if history.others:
            log.warning(
                "%s: %d entries are no messages and are not shown", self.folder / HISTORY, history.others
            )
        if self._file.is_damaged and not self.read_only:
            self._repair()
        return history

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written: another process writes this conversation, or it is closed."""
        return self.refusal is not None

    def is_outdated(self) -> bool:
        """Whether another process changed it or let go of it, so that it is to be opened again."""
        return self.is_open_elsewhere and (
            state_of(self.folder / HISTORY) != self._seen or is_unlocked(self.folder)
        )

    @property
    def unsettled(self) -> frozenset[str]:
        """Ids of the messages since the user's last one, while another process may still be at work on them.

        A reply that is being written is marked as cut short on the disk; none once that process has ended.
        """
        if not self.is_open_elsewhere:
            return frozenset()
        return frozenset(
            message.id for message in takewhile(lambda each: each.role != "user", reversed(self.newest))
        )

    @property
    def unsaved(self) -> list[str]:
        """Ids of the messages that are here but not on the disk, in order."""
        return sorted(self._unsaved, key=self._history.position) if self._unsaved else []

    @property
    def is_saved(self) -> bool:
        """Whether messages and title are on the disk, as far as they were changed here."""
        return not (self._unsaved or self._is_description_unsaved)

    def get(self, message_id: str) -> ChatMessage:
        """The message with this id; KeyError."""
        return self._history.get(message_id)

    def put(self, message: ChatMessage) -> None:
        """Replace the message with this id, or append it; it is on the disk afterwards.

        StoreError when the disk refuses: the message is here all the same, `unsaved` names it, and the next call
        writes it too. StoreError without any effect when the conversation is read-only.
        """
        self._check_writable()
        storable = encode(message).message
        self._history.put(storable)
        self._note_change()
        self._unsaved[storable.id] = None
        self._save()

    def copy_ahead(self) -> BackgroundCopy | None:
        """A copy of the file for its next long message, to be made in another thread; None: not needed.

        Once it is made, call its `use` here. The conversation may be changed and closed meanwhile.
        """
        return None if self.read_only or self.unsaved else self._file.copy_ahead()

    def stage(self, message: ChatMessage) -> bool:
        """Replace a message far up in a long history, in memory only; `finish_staged` writes it.

        False, without any effect, when `put` does not take long.
        """
        if self.read_only or self._unsaved or not self._file.is_long:
            return False
        place = self._history.place(message.id)
        if place is None or place >= len(self._history) - 1:
            return False
        storable = encode(message).message
        self._history.put(storable)
        self._note_change()
        self._staged[storable.id] = storable
        return True

    def copy_with_staged(self) -> BackgroundCopy | None:
        """A copy of the file with the staged messages, to be made in another thread; None: nothing is staged.

        Once it is made it goes to `finish_staged`. The conversation may be changed and closed meanwhile.
        """
        self._in_copy = self._staged.copy()
        if not self._staged:
            return None
        lines = {self._history.position(name): self._history.line(name) for name in self._staged}
        with suppress(OSError):
            return self._file.replace_ahead(lines)
        return None

    def finish_staged(self, copy: BackgroundCopy | None) -> None:
        """Write the staged messages, with the copy or else by a rewrite. StoreError as of `put`."""
        self._version += 1
        try:
            if copy is not None and copy.use():
                self._staged = {
                    name: message
                    for name, message in self._staged.items()
                    if self._in_copy.get(name) is not message
                }
            elif self._staged:
                self._unstage()
                self._save()
        except OSError as error:
            self._unstage()
            raise disk_error("The message could not be saved", self.folder, error) from error

    def remove(self, message_id: str) -> None:
        """Delete a message; other versions of it stay. KeyError; StoreError when the disk refuses."""
        self.replace_from(message_id, without_first(self.lines_from(message_id)))

    def entries_from(self, message_id: str) -> int:
        """How many entries there are from a message on. KeyError."""
        return self._history.position_of(len(self._history)) - self._history.position(message_id)

    def lines_from(self, message_id: str) -> list[bytes]:
        """The entries from a message on, as they stand in the file. KeyError; StoreError when it cannot be read."""
        return self._reader(self._history.place_of(message_id), len(self._history))()

    def reader_to(self, message_id: str) -> Callable[[], list[bytes]]:
        """What reads the entries up to a message, that one included, in any thread. KeyError; it raises StoreError."""
        return self._reader(0, self._history.place_of(message_id) + 1)

    def _reader(self, place: int, past: int) -> Callable[[], list[bytes]]:
        """Reads the entries of this moment between two messages, in any thread."""
        history, is_on_disk = self._history.snapshot(), self._is_on_disk

        def read() -> list[bytes]:
            try:
                return history.named_lines(place, past, is_on_disk=is_on_disk)
            except OSError as error:
                raise disk_error("The conversation could not be read", self.folder, error) from error

        return read

    @property
    def _is_on_disk(self) -> bool:
        """Whether the file has all entries as they are here."""
        is_pending = bool(self._unsaved or self._staged or self._is_cut)
        return not (is_pending or self._file.needs_rewrite or self._file.changed_elsewhere())

    def replacement(self, place: int, change: Change) -> Replacement:
        """A replacement of the entries from the message at a place on, which may be behind the last one.

        It is to be made in another thread, and then used here. StoreError when the conversation is read-only.
        """
        self._check_writable()
        read = self._reader(place, len(self._history))
        file = self._file if self._is_on_disk else None
        return Replacement(self._history.snapshot(), place, read, change, file, version=self._version)

    def use(self, made: Replacement) -> bool:
        """Apply a replacement as one change of the file; False, without any effect, when anything was changed since.

        StoreError as of `put`: the messages are here all the same, and the next write brings them to the disk.
        StoreError without any effect when the conversation is read-only.
        """
        if self.read_only or made.version != self._version:
            made.discard()
            self._check_writable()
            return False
        made.is_used = True
        self._note_change()
        self._unstage()
        failure = None
        try:
            if made.use_file():
                self._history.become(made.history)
                self._note_rewritten()
                return True
            self._file.rewrite([*self._all_lines()[: made.position], *made.lines])
        except OSError as error:
            failure = error
        history, place = self._history, made.place
        kept = [name for name in self._unsaved if history.place_of(name) < place]
        history.replace_from(place, made.lines, is_written=failure is None)
        if failure is None:
            self._note_rewritten()
            return True
        self._is_cut = True
        self._unsaved = dict.fromkeys([*kept, *(message.id for message in history.each(place))])
        raise disk_error("The change could not be saved", self.folder, failure) from failure

    def settle(self, made: Replacement) -> None:
        """Flush the folder and close the former file, in any thread. StoreError."""
        made.close()
        try:
            self._file.make_name_durable()
        except OSError as error:
            raise disk_error("The change could not be saved", self.folder, error) from error

    def replace_from(self, message_id: str, lines: Sequence[bytes]) -> None:
        """Replace a message and all that follow it by these entries. KeyError; StoreError."""
        made = self.replacement(self._history.place_of(message_id), lambda _: lines)
        made.make()
        self.use(made)
        self.settle(made)

    def describe(self, conversation: Conversation) -> None:
        """Replace the description, and write what is unsaved too. StoreError: the next `put` tries again."""
        self._check_writable()
        self.conversation = conversation
        self._is_description_unsaved = True
        self._save()

    def summarise(self) -> None:
        """Write the summary into the description, if it has changed and all messages were read. StoreError."""
        if self.read_only or self.tail is not None or self.unsaved:
            return
        summary, size = self.conversation.summary, self._file.size
        if self._is_changed or summary is None or summary.history_size != size:
            self._is_changed = False
            self.describe(replace(self.conversation, summary=summary_of(self._history, size)))

    @property
    def described(self) -> Conversation:
        """The description with a summary of the messages as they are now, as far as they have been read."""
        if self.tail is not None or not self._is_changed:
            return self.conversation
        return replace(self.conversation, summary=summary_of(self._history, self._file.size))

    def write_image(self, data: bytes, suffix: str) -> str:
        """Keep the bytes of a picture, the same bytes once; returns the path below the folder.

        `suffix` is `.png` or `png` and so on; ValueError when it is none. StoreError.
        """
        self._check_writable()
        images = self.folder / IMAGES
        path = images / picture_name(data, suffix)
        try:
            ensure_folder(images)
            if not path.is_file() or path.stat().st_size != len(data):
                write_atomically(path, data)
        except OSError as error:
            raise disk_error("The picture could not be saved", images, error) from error
        return f"{IMAGES}/{path.name}"

    def path_of(self, relative: str) -> Path:
        """Where a file of the conversation is. UserError when that is not inside its folder."""
        return path_inside(self.folder, relative)

    def close(self) -> None:
        """Write what is unsaved, if the disk takes it by now, and unlock. Calling it again does nothing."""
        self.is_open_elsewhere = False
        if not self.read_only:
            with suppress(StoreError):  # it can be made again at any time
                self.summarise()
            self.refusal = "The conversation is closed. Open it again to change it."
            self._unstage()
            try:
                if not self.is_saved:
                    self._save()
            except StoreError as error:
                log.warning("%s: %d messages are lost: %s", self.folder, len(self._unsaved), error)
        self._release()

    def _check_writable(self) -> None:
        if self.refusal is not None:
            raise StoreError(self.refusal)

    def _release(self) -> None:
        self._file.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _load(self) -> History:
        file, started = self._file, self.conversation.created

        def read(runs: Iterable[Sequence[bytes]]) -> History:
            history = History(file.contents, runs, started)
            if file.has_turns:
                lines = file.lines()
                merged = merged_turns(lines)
                if len(merged) < len(lines):
                    file.hold(merged)
                    return History(file.contents, (merged,), started)
            return history

        history = file.load(read, writable=not self.read_only)
        if self.read_only and file.is_damaged:
            self.recovered = f"The history is damaged: {len(file)} messages of it can be read."
        return history

    def _repair(self) -> None:
        kept = f"The history was damaged, as by a crash: {len(self._file)} messages of it could be read"
        try:
            self._file.rewrite(self._file.lines())
        except OSError as error:
            log.warning("%s could not be repaired yet: %s", self.folder / HISTORY, error)
        copy = self._file.copy
        self.recovered = f"{kept}, and the damaged file was kept as {copy.name}." if copy else f"{kept}."

    def _save(self) -> None:
        """Write what is unsaved. StoreError, which tells of the messages or, where those are saved, of the title."""
        if self._unsaved or self._is_cut:  # else the history need not be read
            try:
                self._save_messages()
            except OSError as error:
                raise disk_error("The message could not be saved", self.folder, error) from error
        if self._is_description_unsaved:
            self._save_description()

    def _save_messages(self) -> None:
        """Write the unsaved messages: the end in place, the whole file if anything further up has changed."""
        file, history = self._file, self._history
        if not (self._is_cut or file.needs_rewrite or file.changed_elsewhere()):
            last = len(file) - 1
            first = min((at for at in map(history.position, self._unsaved) if at >= last), default=None)
            if first is not None:
                file.write_tail(first, history.lines(first))
                self._unsaved = {name: None for name in self._unsaved if history.position(name) < first}
        if self._unsaved or self._is_cut:
            file.rewrite(self._all_lines())
            self._note_rewritten()

    def _all_lines(self) -> list[bytes]:
        """The whole history, written out; entries that did not change stay as they are on the disk."""
        if self._is_cut or self._file.changed_elsewhere():
            return self._history.lines()
        lines = self._file.lines()
        for message_id in sorted({**self._unsaved, **self._staged}, key=self._history.position):
            position = self._history.position(message_id)
            lines[position : position + 1] = [self._history.line(message_id)]
        return lines

    def _unstage(self) -> None:
        """Treat the staged messages as unsaved ones, which the next write saves."""
        self._unsaved |= dict.fromkeys(self._staged)
        self._staged.clear()

    def _note_change(self) -> None:
        self._is_changed = True
        self._version += 1

    def _note_rewritten(self) -> None:
        self._unsaved.clear()
        self._staged.clear()
        self._is_cut = False

    def _save_description(self) -> None:
        try:
            self._described = update_description(self.folder, self.conversation, self._described)
        except OSError as error:
            raise disk_error("The title could not be saved", self.folder, error) from error
        self.conversation = self._described
        self._is_description_unsaved = False

"""The messages of a conversation as entries: what each looks like depends on what stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.storage.history import CODES, MessageIndex, Messages
from animus_tui.chat.storage.history_tail import HistoryTail
from animus_tui.graphics.cells import fit
from animus_tui.ui.conversation.entries.dates import day_of
from animus_tui.ui.conversation.entries.entry import Entry, Layout
from animus_tui.ui.conversation.entries.picture import PictureEntry, most_picture_rows
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.entries.said import WIDEST, Before, UserEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage, Role
    from animus_tui.ui.conversation.entries.canvas import Canvas, Looks
    from animus_tui.ui.conversation.virtual_list import VirtualList

SPOKEN = ("user", "assistant")
"""Roles that are shown."""


class HiddenEntry(Entry):
    """A message that is part of the history and not of what is shown."""

    is_choosable = False

    def set(self, canvas: Canvas) -> Layout:
        """Nothing."""
        return Layout(canvas.width)


class History:
    """Makes the entry of any message, and knows what a new one would stand below."""

    def __init__(self, messages: Sequence[ChatMessage], looks: Looks) -> None:
        self._messages = messages
        self._index = messages.message_index if isinstance(messages, Messages) else MessageIndex(messages)
        self._size = len(messages)
        """How many there were at first: what comes later is told, and must not be counted twice."""
        self._looks = looks
        self._kept: set[str | None] = set(self._index.replies.values())
        """The messages whose promised picture was made or is being made."""
        self._last = self._before(self._size)

    def know(self, messages: Messages) -> None:
        """All messages have been read by now, and are those that are shown."""
        self._messages, self._index = messages, messages.message_index
        self._kept.update(self._index.replies.values())

    def entry(self, index: int) -> Entry:
        """The entry of a message."""
        message = self._messages[index]
        if isinstance(self._messages, HistoryTail) and (read := self._messages.all) is not None:
            self.know(read)
        before = self._before(index)
        if message.image is not None:
            size = message.image.width, message.image.height
            prompt = message.image.prompt
            return PictureEntry(message.id, prompt, message.timestamp, before, size=size, message=message)
        if message.role == "user":
            return UserEntry(message, before)
        if message.role == "assistant":
            owes = self.owes(message)
            return ReplyEntry(message.id, message.timestamp, before, message, owes_picture=owes)
        return HiddenEntry(message.id)

    def index(self, message_id: str) -> int | None:
        """Where a message stands among those that were there at first."""
        if isinstance(self._messages, Messages):
            place = self._messages.place(message_id)
            return place if place is not None and place < self._size else None
        known = (index for index in range(self._size - 1, -1, -1) if self._messages[index].id == message_id)
        return next(known, None)

    def before_next(self, timestamp: str, speaker: str) -> Before:
        """What a message that comes now stands below; it is the last one from here on."""
        before = self._last
        self._last = Before(speaker, day_of(timestamp) or before.day)
        return before

    def owes(self, message: ChatMessage) -> bool:
        """Whether a message promised a picture that nobody has begun to make."""
        return bool(message.image_prompt) and message.id not in self._kept

    def keep_promise(self, message_id: str | None) -> None:
        """The picture that a message promised is being made."""
        self._kept.add(message_id)

    def _before(self, index: int) -> Before:
        speaker, day = "", None
        for at in range(index - 1, -1, -1):
            role = self._role(at)
            if role in SPOKEN:
                speaker = speaker or role
                day = day_of(self._messages[at].timestamp)
                if day is not None:
                    break
        return Before(speaker, day)

    def _role(self, index: int) -> Role:
        """Whose message it is; of one that nobody has read the index only guesses."""
        is_guess = isinstance(self._messages, HistoryTail)
        return self._messages[index].role if is_guess else self._index.role(index)

    def heights(self, column: int, screen_rows: int, entries: VirtualList | None = None) -> list[int]:
        """Rows that the entries will take in a column, roughly: of all messages, or of what is in a list."""
        estimates = self._texts(column)
        for place, size in self._index.pictures.items():
            if place < self._size:
                estimates[place] = self._picture(*size, column, screen_rows)
        if entries is not None:
            estimates += [entries.height(index) for index in range(len(estimates), len(entries))]
        return estimates

    def _texts(self, column: int) -> list[int]:
        """Rows of the messages, as if none showed a picture."""
        widths, around = [1] * len(CODES), [0] * len(CODES)
        bubble, page = CODES["user"], CODES["assistant"]
        widths[bubble], around[bubble] = max(1, int((column - 2) * WIDEST)), 2
        widths[page], around[page] = max(1, column - 2), 3
        index = self._index
        texts = zip(index.roles[: self._size], index.breaks, index.lengths, strict=False)
        return [
            around[role] and around[role] + breaks + length // widths[role] for role, breaks, length in texts
        ]

    def _picture(self, width: int, height: int, column: int, screen_rows: int) -> int:
        most = most_picture_rows(self._looks.ui.image_rows, screen_rows)
        ratio = self._looks.terminal.cell_ratio
        return fit(width, height, max_columns=column - 2, max_rows=most, cell_ratio=ratio)[1] + 2

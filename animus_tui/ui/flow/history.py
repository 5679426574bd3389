"""The messages of a conversation as entries: what each looks like depends on what stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.graphics.cells import fit
from animus_tui.ui.flow.dates import day_of
from animus_tui.ui.flow.entry import Entry, Layout, estimated_rows
from animus_tui.ui.flow.picture import ROWS_AROUND, PictureEntry
from animus_tui.ui.flow.reply import ReplyEntry
from animus_tui.ui.flow.said import WIDEST, Before, UserEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.flow.canvas import Canvas, Looks
    from animus_tui.ui.flow.flow import Flow

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
        self._messages = list(messages)  # what comes later is told, and must not be counted twice
        self._looks = looks
        self._kept: set[str | None] = {message.reply_to for message in messages}
        """The messages whose promised picture was made or is being made."""
        self._last = self._before(len(self._messages))

    def entry(self, index: int) -> Entry:
        """The entry of a message."""
        message = self._messages[index]
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
        for index in range(len(self._messages) - 1, -1, -1):
            if self._messages[index].id == message_id:
                return index
        return None

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
            message = self._messages[at]
            if message.role in SPOKEN:
                speaker = speaker or message.role
                day = day_of(message.timestamp)
                if day is not None:
                    break
        return Before(speaker, day)

    def heights(self, column: int, screen_rows: int, flow: Flow | None = None) -> list[int]:
        """Rows that the entries will take in a column, roughly: of all messages, or of what is in a flow."""
        estimates = [self._estimate(message, column, screen_rows) for message in self._messages]
        if flow is not None:
            estimates += [flow.height(index) for index in range(len(estimates), len(flow))]
        return estimates

    def _estimate(self, message: ChatMessage, column: int, screen_rows: int) -> int:
        if message.image is not None:
            most = max(4, min(self._looks.ui.image_rows, screen_rows - ROWS_AROUND))
            size, ratio = (message.image.width, message.image.height), self._looks.terminal.cell_ratio
            return fit(*size, max_columns=column - 2, max_rows=most, cell_ratio=ratio)[1] + 2
        text = message.content or ""
        if message.role == "user":
            return estimated_rows(text, int((column - 2) * WIDEST)) + 1
        return estimated_rows(text, column - 2) + 2 if message.role == "assistant" else 0

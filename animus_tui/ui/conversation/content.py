"""The entries of the open conversation: those of its history, made when they are asked for, and those added since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.storage.history import Messages
from animus_tui.chat.storage.history_tail import HistoryTail
from animus_tui.chat.storage.message_index import CODES, MessageIndex
from animus_tui.graphics.rendering.cells import fit
from animus_tui.ui.conversation.entries.entry import Entry, Predecessor, day_of
from animus_tui.ui.conversation.entries.layout import Layout
from animus_tui.ui.conversation.entries.notices import GreetingEntry, SuggestionEntry, TypingEntry
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.entries.user import WIDEST, UserEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from animus_tui.chat.messages import ChatMessage, Role
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.promise import Offer, PromiseState
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.conversation.selection import MouseSelection
    from animus_tui.ui.conversation.viewport import ReadingPosition, Viewport


SPOKEN = ("user", "assistant")
"""Roles that are shown."""


class HiddenEntry(Entry):
    """A message that is part of the history and not of what is shown."""

    is_choosable = False

    def layout(self, context: RenderContext) -> Layout:
        """A layout without rows."""
        return Layout(context.width)


class History:
    """Makes the entries of stored messages, and knows what is above a new one."""

    def __init__(
        self,
        messages: Sequence[ChatMessage],
        size: int | None = None,
        offer: Callable[[], Offer | None] = lambda: None,
        unsettled: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """`size`: how many of the messages are shown, by default all; `offer` is what promised pictures say.

        `unsettled` returns the ids of messages that another program may still be at work on.
        """
        self._offer = offer
        self._unsettled = unsettled
        self._messages = messages
        self._index = messages.message_index if isinstance(messages, Messages) else MessageIndex(messages)
        self._size = len(messages) if size is None else size
        """How many there were at first: what comes later is told, and must not be counted twice."""
        self._fulfilled: set[str | None] = set(self._index.replies.values())
        """The messages whose promised picture was made or is being made."""
        self._last = self._before(self._size)

    def set_full_history(self, messages: Messages) -> None:
        """Use the whole history, whose end was shown so far."""
        self._messages, self._index = messages, messages.message_index
        self._fulfilled.update(self._index.replies.values())

    def entry(self, index: int) -> Entry:
        """The entry of a message; one without rows for a message that was deleted, until the list is told."""
        if index >= len(self._messages):
            return HiddenEntry("")
        message = self._messages[index]
        if isinstance(self._messages, HistoryTail) and (read := self._messages.all) is not None:
            self.set_full_history(read)
        before = self._before(index)
        if message.image is not None:
            size = message.image.width, message.image.height
            prompt = message.image.prompt
            return PictureEntry(message.id, prompt, message.timestamp, before, size=size, message=message)
        if message.role == "user":
            return UserEntry(message, before)
        if message.role == "assistant":
            promise = self.promise_of(message)
            offer = self._offer() if promise == "asked" else None  # which looks at the last picture
            return ReplyEntry(
                message.id,
                message.timestamp,
                before,
                message,
                is_over=message.outcome is None or message.id not in self._unsettled(),
                promise=promise,
                offer=offer,
            )
        return HiddenEntry(message.id)

    def index(self, message_id: str) -> int | None:
        """The index of a message among those that were there at first."""
        if isinstance(self._messages, Messages):
            place = self._messages.place(message_id)
            return place if place is not None and place < self._size else None
        known = (index for index in range(self._size - 1, -1, -1) if self._messages[index].id == message_id)
        return next(known, None)

    def before_next(self, timestamp: str, speaker: str) -> Predecessor:
        """What is above a message that is added now; that message is the last one from here on."""
        before = self._last
        self._last = Predecessor(speaker, day_of(timestamp) or before.day)
        return before

    def promise_of(self, message: ChatMessage) -> PromiseState:
        """The state of the picture that a message promised; empty once it is being made, or may be elsewhere."""
        if not message.image_prompt or message.id in self._fulfilled:
            return ""
        return message.promise or ("" if message.id in self._unsettled() else "owed")

    def show_promise(self, reply: ReplyEntry, message: ChatMessage) -> None:
        """Have a reply say what became of the picture that it promised."""
        reply.show_promise(self.promise_of(message), message.image_prompt or "", self._offer())

    def keep_promise(self, message_id: str | None) -> None:
        """Note that the picture that a message promised is being made."""
        self._fulfilled.add(message_id)

    def _before(self, index: int) -> Predecessor:
        speaker, day = "", None
        for at in range(index - 1, -1, -1):
            role = self._role(at)
            if role in SPOKEN:
                speaker = speaker or role
                day = day_of(self._messages[at].timestamp)
                if day is not None:
                    break
        return Predecessor(speaker, day)

    def _role(self, index: int) -> Role:
        """The role of a message; in the index it is only a guess until all messages are read."""
        is_guess = isinstance(self._messages, HistoryTail)
        return self._messages[index].role if is_guess else self._index.role(index)

    def heights(self, context: RenderContext) -> list[int]:
        """Estimated heights of the entries of all messages, in rows."""
        estimates = self._text_heights(context)
        columns, most = (
            context.text_width,
            context.picture_rows,
        )  # properties: there may be thousands of pictures
        ratio = context.options.terminal.cell_ratio
        for place, size in self._index.pictures.items():
            if place < self._size:
                estimates[place] = fit(*size, max_columns=columns, max_rows=most, cell_ratio=ratio)[1] + 2
        return estimates

    def _text_heights(self, context: RenderContext) -> list[int]:
        """Estimated heights of the messages, as if none of them showed a picture."""
        widths, around = [1] * len(CODES), [0] * len(CODES)
        bubble, page = CODES["user"], CODES["assistant"]
        blank, name = not context.is_compact, context.options.ui.layout == "plain"
        widths[bubble], around[bubble] = max(1, int((context.column - 2) * WIDEST)), 1 + blank + name
        widths[page], around[page] = context.text_width, 2 + blank
        index = self._index
        texts = zip(index.roles[: self._size], index.breaks, index.lengths, strict=False)
        return [
            around[role] and around[role] + breaks + length // widths[role] for role, breaks, length in texts
        ]


class Content:
    """Adds entries to the list and removes them, with the choice and the selection of those that are removed."""

    def __init__(
        self,
        viewport: Viewport,
        cursor: EntryCursor,
        selection: MouseSelection,
    ) -> None:
        self.entries = viewport.entries
        self._viewport = viewport
        self._cursor = cursor
        self._selection = selection
        self.history = History(())
        self.offer: Callable[[], Offer | None] = lambda: None
        """What the card of a promised picture says beside the prompt; None where it cannot be answered."""
        self.unsettled: Callable[[], frozenset[str]] = frozenset
        """Returns the ids of messages that another program may still be at work on."""

    # A whole conversation

    def open(
        self,
        messages: Sequence[ChatMessage],
        *,
        greeting: str,
        suggestions: Sequence[str],
        size: int | None = None,
    ) -> None:
        """Hold these messages and nothing else; an empty conversation has a greeting and suggestions.

        `size`: how many of the messages are shown, by default all.
        """
        self.history = History(messages, size, lambda: self.offer(), lambda: self.unsettled())
        self._cursor.chosen = None
        self._selection.drop()
        # Without a render context the width is not known: heights are estimated when there is one.
        context = self.entries.context
        count = len(messages) if size is None else size
        heights = self.history.heights(context) if context is not None else [1] * count
        self.entries.open(heights, self.history.entry)
        if not messages:
            self.entries.insert(0, GreetingEntry(greeting))
            for number, text in enumerate(suggestions, 1):
                self.entries.insert(number, SuggestionEntry(number, text))
        self._viewport.following = True

    def set_full_history(self, messages: Messages) -> None:
        """Use the whole history, of which only the end was read before; the scrollbar shows it with the next step."""
        self.history.set_full_history(messages)
        if (context := self.entries.context) is not None:
            self.entries.update_estimates(self.heights(context))

    def heights(self, context: RenderContext) -> list[int]:
        """Heights of all entries in rows: estimated for the history, known for those that were added since."""
        estimates = self.history.heights(context)
        return estimates + [self.entries.height(index) for index in range(len(estimates), len(self.entries))]

    # Entries

    def find(self, entry_id: str) -> Entry | None:
        """The entry with this id."""
        known = self._find_existing(entry_id)
        if known is None and (index := self.history.index(entry_id)) is not None:
            return self.entries[index]
        return known

    def index_of(self, entry_id: str) -> int | None:
        """The place of the entry with this id in the list."""
        entry = self.find(entry_id)
        return self.entries.index(entry) if entry is not None else None

    def _find_existing(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries.existing() if entry.id == entry_id), None)

    def append(self, entry: Entry) -> None:
        """Put an entry at the end, before the mark of typing."""
        size = len(self.entries)
        is_typing = size > 0 and isinstance(self.entries.existing_at(size - 1), TypingEntry)
        self.entries.insert(size - is_typing, entry)
        self._viewport.entries_changed()
        self._viewport.entry_arrived()

    def remove(self, *kinds: type[Entry]) -> None:
        """Remove all entries of these kinds, which are among the last ones."""
        for index in range(len(self.entries) - 1, -1, -1):
            entry = self.entries.existing_at(index)
            if entry is None:
                break
            if isinstance(entry, kinds):
                if entry is self._cursor.chosen:
                    self._cursor.chosen = None
                self._selection.drop(index)
                self.entries.remove(index)

    # What is there

    def failed(self) -> list[Entry]:
        """The pictures and promises that can be tried again, oldest first."""
        tried = [entry for entry in self.entries.existing() if isinstance(entry, PictureEntry | ReplyEntry)]
        return [entry for entry in reversed(tried) if entry.can_retry]

    def asking(self) -> list[ReplyEntry]:
        """The replies whose promised picture the user is asked about and can answer, oldest first."""
        replies = [entry for entry in self.entries.existing() if isinstance(entry, ReplyEntry)]
        return [reply for reply in reversed(replies) if reply.can_answer]

    @property
    def last_reasoned(self) -> ReplyEntry | None:
        """The newest reply with reasoning."""
        replies = (entry for entry in self.entries.existing() if isinstance(entry, ReplyEntry))
        return next((reply for reply in replies if reply.reasoning), None)

    def suggestion(self, text: str) -> SuggestionEntry | None:
        """The suggestion with these words, if it is offered."""
        offered = (entry for entry in self.entries.existing() if isinstance(entry, SuggestionEntry))
        return next((entry for entry in offered if entry.text == text), None)

    def id_at(self, reading: ReadingPosition | None) -> str:
        """The id of the entry with which a view begins, the present one by default; "" in an empty conversation."""
        place = (reading or self._viewport.reading).place
        return self.entries[place.entry].id if place.entry < len(self.entries) else ""

    def text_of_reply(self, message_id: str) -> str | None:
        """The Markdown of a reply as far as it is shown; None when there is no such reply on the screen."""
        entry = self._find_existing(message_id)
        return entry.source() if isinstance(entry, ReplyEntry) else None

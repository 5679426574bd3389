"""The conversation: everything that was said and shown, following its end unless the reader has scrolled up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from animus_tui.printable import printable
from animus_tui.ui.flow.canvas import COLUMN
from animus_tui.ui.flow.history import History
from animus_tui.ui.flow.notices import ErrorEntry, GreetingEntry, SuggestionEntry, TypingEntry
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.flow.reply import ReplyEntry
from animus_tui.ui.flow.said import MessageEntry, UserEntry
from animus_tui.ui.widgets.live_flow import LiveFlow
from animus_tui.ui.widgets.painted_flow import Hit
from animus_tui.ui.widgets.pane_styles import CLASSES, CSS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from textual.notifications import SeverityLevel

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.history import Messages
    from animus_tui.ui.flow.canvas import Looks
    from animus_tui.ui.flow.entry import Entry
    from animus_tui.ui.flow.flow import Flow
    from animus_tui.ui.widgets.flow_scroll import Reading


class ConversationPane(LiveFlow):
    """One widget for all messages, whatever their number: only what is in view is set and painted."""

    COMPONENT_CLASSES = CLASSES
    DEFAULT_CSS = f"""
    ConversationPane {{
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        &:focus {{ background-tint: $foreground 0%; }}
        {CSS}
    }}
    """

    def __init__(self, looks: Looks) -> None:
        super().__init__(looks)
        self._history = History((), looks)
        self._errors = 0
        self.growing: list[ReplyEntry] = []
        """The replies of the exchange that is under way."""

    # A whole conversation

    def show(
        self,
        messages: Sequence[ChatMessage],
        *,
        path_of: Callable[[str], Path],
        greeting: str,
        suggestions: Sequence[str],
    ) -> None:
        """Replace what is shown; `path_of` finds a picture's file."""
        self.forget_pictures()
        self.path_of = path_of
        self._history = History(messages, self._looks)
        self.nothing_moves()
        self.long_texts.clear()
        self.growing.clear()
        self._unseen = 0
        self.chosen = None
        self.drop_marks()
        # Without a canvas nothing is known of the width: the heights are guessed when there is one.
        heights = self.estimates(None) if self.canvas else [1] * len(messages)
        self.flow.open(heights, self._history.entry)
        if not messages:
            self.flow.insert(0, GreetingEntry(greeting))
            for number, text in enumerate(suggestions, 1):
                self.flow.insert(number, SuggestionEntry(number, text))
        self.following = True
        self.draw_anew()

    def know(self, messages: Messages) -> None:
        """All messages of a long history have been read, and are those that are shown: nothing is painted for that.

        The scrollbar learns with the next step how long everything really is.
        """
        self._history.know(messages)
        if self.canvas is not None:
            self.flow.guess(self.estimates(self.flow))

    def estimates(self, flow: Flow | None) -> list[int]:
        """Rows of the messages at this width, roughly, or of all that is in a flow."""
        column = self.canvas.column if self.canvas else COLUMN
        return self._history.heights(column, self.app.size.height, flow)

    # What is said

    def add_user(self, message: ChatMessage) -> None:
        """The user's message; whatever was to be tried again or suggested is gone."""
        self._remove(ErrorEntry, SuggestionEntry, GreetingEntry)
        self.chosen = None
        self._append(UserEntry(message, self._history.before_next(message.timestamp, "user")))
        self.follow()

    def start_typing(self) -> None:
        """The character is about to say something."""
        if self._typing is None:
            self._typing = TypingEntry(self._looks.name)
            self.flow.insert(len(self.flow), self._typing)
            self.flow_changed()
            self._spin()

    def stop_typing(self) -> None:
        """It is not."""
        self._countdowns.stop(None)
        if self._typing is not None:
            self._typing = None
            self._remove(TypingEntry)
            self.flow_changed()

    def stream(self, message_id: str, timestamp: str, text: str) -> None:
        """More text of a reply arrived; it is painted with the next frame."""
        reply = self._reply(message_id, timestamp)
        reply.stream(text)
        self._paint_soon(reply)

    def think(self, message_id: str, timestamp: str, text: str) -> None:
        """More reasoning of a reply arrived."""
        reply = self._reply(message_id, timestamp)
        reply.think(text)
        self._paint_soon(reply)

    def restart(self, message_id: str) -> None:
        """What arrived as text of a reply was reasoning, which follows."""
        reply = self._find(message_id)
        if isinstance(reply, ReplyEntry):
            reply.restart()
            self._paint_soon(reply)

    def finish_turn(self, message_id: str, timestamp: str, index: int, text: str) -> None:
        """A turn of a reply is complete."""
        reply = self._reply(message_id, timestamp)
        reply.finish(index, text)
        self.entry_changed(reply)

    def end_replies(self) -> None:
        """The exchange is over: nothing more of its replies arrives."""
        for reply in self.growing:
            reply.rest()
        self.growing.clear()

    def describe(self, message: ChatMessage, *, is_over: bool = True) -> None:
        """What there is to say about a stored reply; once it `is_over`, also whether it was cut short."""
        reply = self._find(message.id)
        if isinstance(reply, ReplyEntry):
            reply.describe(message, is_over=is_over)
            if is_over:
                reply.owe(self._history.owes(message))
            self.entry_changed(reply)

    def show_error(self, title: str, sentence: str) -> None:
        """No answer; a card says why and offers to ask again."""
        self.stop_typing()
        self._errors += 1
        self._append(ErrorEntry(self._errors, title, sentence))

    def clear_error(self) -> None:
        """It is being tried again."""
        self._remove(ErrorEntry)
        self.flow_changed()

    def mark_unsaved(self, message_ids: Iterable[str], unsaved: bool) -> None:
        """Say which messages are not on disk."""
        for message_id in message_ids:
            entry = self._find(message_id)
            if isinstance(entry, MessageEntry):
                entry.mark_unsaved(unsaved)
                self.entry_changed(entry)

    def mark_failed(self, message: ChatMessage) -> None:
        """Say whether the user's message was answered."""
        entry = self._find(message.id)
        if isinstance(entry, UserEntry):
            entry.mark_failed(message.outcome == "failed")
            self.entry_changed(entry)

    # Pictures

    def choose_suggestion(self, text: str) -> None:
        """Say one of the suggestions, if it is offered."""
        for entry in self.flow.made():
            if isinstance(entry, SuggestionEntry) and entry.text == text:
                self.post_message(self.SuggestionChosen(text))

    def failed_entries(self) -> list[Entry]:
        """The pictures and promises that can be tried again, oldest first."""
        tried = [entry for entry in self.flow.made() if isinstance(entry, PictureEntry | ReplyEntry)]
        return [entry for entry in reversed(tried) if entry.can_retry]

    @property
    def has_reasoning(self) -> bool:
        """Whether there is reasoning to open."""
        return self._last_reasoned() is not None

    def toggle_reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        if reply := self._last_reasoned():
            self.toggle(reply)

    def _last_reasoned(self) -> ReplyEntry | None:
        replies = (entry for entry in self.flow.made() if isinstance(entry, ReplyEntry))
        return next((reply for reply in replies if reply.reasoning), None)

    def begin_image(
        self,
        image_id: str,
        prompt: str,
        *,
        message_id: str | None,
        reply_to: str | None,
        timestamp: str = "",
        began: float | None = None,
        count: int = 1,
        is_video: bool = False,
    ) -> None:
        """A picture is being made, or several: in the place of what they are to replace, or in a new one."""
        known = self._find(message_id) if message_id else self._jobs.get(image_id)
        self._history.keep_promise(reply_to)
        if reply_to and isinstance(promise := self._find(reply_to), ReplyEntry):
            promise.owe(False)
            self.entry_changed(promise)
        if isinstance(known, PictureEntry):
            card = known
        else:
            before = self._history.before_next(timestamp, "assistant")
            card = PictureEntry(image_id, prompt, timestamp, before, size=self._looks.image_size)
        self._jobs[image_id] = card
        card.wait(image_id, prompt, began=began, pictures=count, is_video=is_video)
        if card is known:
            self.entry_changed(card)
        else:
            self._remove(SuggestionEntry, GreetingEntry)
            self._append(card)
        self._spin()

    def image_progress(
        self, image_id: str, percent: float | None, elapsed: float, estimated: float | None = None
    ) -> None:
        """How far a picture has come: percent, and seconds since the start and from the start to the end."""
        if card := self._jobs.get(image_id):
            card.progress(percent, elapsed, estimated, image_id)
            self.entry_changed(card)

    def finish_image(self, image_id: str, message: ChatMessage) -> None:
        """The picture is there."""
        self._countdowns.stop(image_id)
        if card := self._jobs.pop(image_id, None):
            card.finish(message, image_id)
            self.entry_changed(card)
            self._arrived()

    def fail_image(self, image_id: str, title: str, sentence: str) -> None:
        """There is no picture."""
        self._countdowns.stop(image_id)
        if card := self._jobs.get(image_id):
            card.fail(title, sentence, image_id)
            self.entry_changed(card)

    def show_picture(self, message: ChatMessage) -> None:
        """Another variant was chosen."""
        entry = self._find(message.id)
        if isinstance(entry, PictureEntry):
            entry.show(message)
            self.entry_changed(entry)

    # Entries

    def _reply(self, message_id: str, timestamp: str) -> ReplyEntry:
        """The reply with this id, made when it begins."""
        known = self._find(message_id)
        if isinstance(known, ReplyEntry):
            return known
        reply = ReplyEntry(message_id, timestamp, self._history.before_next(timestamp, "assistant"))
        self.growing.append(reply)
        self._append(reply)
        return reply

    def _find(self, entry_id: str) -> Entry | None:
        """The entry with this id."""
        known = next((entry for entry in self.flow.made() if entry.id == entry_id), None)
        if known is None and (index := self._history.index(entry_id)) is not None:
            return self.flow[index]
        return known

    def _append(self, entry: Entry) -> None:
        """Put an entry at the end, before the mark of typing."""
        self.flow.insert(len(self.flow) - (self._typing is not None), entry)
        self.flow_changed()
        self._arrived()

    def _remove(self, *kinds: type[Entry]) -> None:
        """Take all entries of these kinds out: they stand among the last ones."""
        for index in range(len(self.flow) - 1, -1, -1):
            entry = self.flow.made_at(index)
            if entry is None:
                break
            if isinstance(entry, kinds):
                if entry is self.chosen:
                    self.chosen = None
                self.drop_marks(index)
                self.flow.remove(index)

    def _arrived(self) -> None:
        self._unseen = 0 if self.following else self._unseen + 1
        self.refresh(Region(0, self.view.height - 1, self.view.width, 1))

    def watch_following(self, following: bool) -> None:
        """At the end nothing is unseen."""
        if following and self._unseen:
            self._unseen = 0
            self.refresh(Region(0, self.view.height - 1, self.view.width, 1))

    def note(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Say one quiet sentence that goes by itself."""
        self.app.notify(printable(text), severity=severity, markup=False)

    # Choosing and finding

    @property
    def looks(self) -> Looks:
        """How the conversation is drawn now."""
        return self._looks

    def choose_entry(self, entry_id: str) -> None:
        """Choose the entry with this id; what was chosen and is in view stays where it is."""
        entry = self._find(entry_id)
        index = self.flow.index(entry) if entry is not None else None
        if index is None:
            return
        in_view = self._in_view()
        if entry is not self.chosen or index not in in_view:
            self._choose(index, step=-1 if index < in_view.start else 1)

    def id_in_view(self, reading: Reading | None) -> str:
        """The entry with which a view begins; nothing in an empty conversation."""
        place = self.reading.place if reading is None else reading.place
        return self.flow[place.entry].id if place.entry < len(self.flow) else ""

    def text_of_reply(self, message_id: str) -> str | None:
        """The Markdown of a reply as far as it is shown; None when there is no such reply on the screen."""
        entry = next((entry for entry in self.flow.made() if entry.id == message_id), None)
        return entry.source() if isinstance(entry, ReplyEntry) else None

    async def look_through(self, needle: str, entry_id: str) -> None:
        """Look for something in an entry, however long, so that `show_hit` need not."""
        if (entry := self._find(entry_id)) is not None:
            await self.seek(entry, needle)

    def show_hit(self, needle: str, entry_id: str, number: int) -> None:
        """Mark what is looked for, and go to one of the hits in an entry."""
        entry = self._find(entry_id)
        index = self.flow.index(entry) if entry is not None else None
        if entry is None or index is None:
            self.mark_hits(needle)
            return
        self.mark_hits(needle, Hit(entry, number))
        self.chosen = entry
        self.go_to(index, self.row_of_hit(index, number), margin=2)

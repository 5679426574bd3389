"""What happens in the conversation, as changes of its entries: words, pictures, errors; also for a screen reader."""

from __future__ import annotations

import asyncio
import sys
import time
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.notices import (
    ErrorEntry,
    GreetingEntry,
    NoticeEntry,
    SuggestionEntry,
    TypingEntry,
)
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.entries.user import UserEntry

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.animation import StreamPainter, WaitingAnimation
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.image_progress import Preview
    from animus_tui.ui.conversation.rendering import Rendering
    from animus_tui.ui.conversation.viewport import Viewport


PARSER = "animus_tui.ui.markdown.incremental_blocks"
CHECKING = "Checking for a picture"


class Updates:
    """Shows each event of the session by a change of the entries."""

    def __init__(
        self,
        host: Widget,
        content: Content,
        viewport: Viewport,
        cursor: EntryCursor,
        streaming: StreamPainter,
        animation: WaitingAnimation,
        rendering: Rendering,
    ) -> None:
        """`host` runs timers and shows notices; `rendering` has the options of the conversation."""
        self._host = host
        self._content = content
        self._viewport = viewport
        self._cursor = cursor
        self._streaming = streaming
        self._animation = animation
        self._rendering = rendering
        self._errors = 0
        self.growing: list[ReplyEntry] = []
        """The replies of the exchange that is under way."""

    def clear(self) -> None:
        """Forget what is awaited and what streams in, as when another conversation is opened."""
        self.growing.clear()
        self._animation.clear()
        self._streaming.clear()

    def count_down(self, title: str, seconds: float, image_id: str | None) -> None:
        """Count down to when a busy service is asked again: for an image, or without an id for the answer."""
        self._animation.count_down(title, seconds, image_id)

    # What is said

    def add_user(self, message: ChatMessage) -> None:
        """Add the user's message, and remove what was to be tried again or suggested."""
        self._content.remove(ErrorEntry, SuggestionEntry, GreetingEntry)
        self._cursor.chosen = None
        self._content.append(UserEntry(message, self._content.history.before_next(message.timestamp, "user")))
        self._viewport.follow()
        if PARSER not in sys.modules:  # an answer comes: the parser takes 25 ms
            self._host.run_worker(asyncio.to_thread(import_module, PARSER))

    def start_typing(self) -> None:
        """Show the mark of typing: an answer is awaited."""
        self._wait(f"{self._rendering.options.name} is typing")

    def start_checking(self) -> None:
        """Show in place of the mark of typing that the model is asked whether its reply promises a picture."""
        self._wait(CHECKING)

    def _wait(self, doing: str) -> None:
        if self._animation.typing is None:
            self._animation.typing = TypingEntry(doing)
            self._content.entries.insert(len(self._content.entries), self._animation.typing)
            self._viewport.entries_changed()
            self._animation.spin()

    def stop_typing(self) -> None:
        """Remove the mark of typing, or what is shown in its place."""
        self._animation.stop_countdown(None)
        if self._animation.typing is not None:
            self._animation.typing = None
            self._content.remove(TypingEntry)
            self._viewport.entries_changed()

    def stream(self, message_id: str, timestamp: str, text: str) -> None:
        """Add text of a reply that streams in; it is painted with the next frame."""
        reply = self._reply(message_id, timestamp)
        reply.stream(text)
        self._streaming.paint_soon(reply)

    def think(self, message_id: str, timestamp: str, text: str) -> None:
        """Add reasoning of a reply that streams in."""
        reply = self._reply(message_id, timestamp)
        reply.think(text)
        self._streaming.paint_soon(reply)

    def restart(self, message_id: str) -> None:
        """Remove the text of a reply that streamed in: it was reasoning, which is sent next."""
        reply = self._content.find(message_id)
        if isinstance(reply, ReplyEntry):
            reply.restart()
            self._streaming.paint_soon(reply)

    def finish_turn(self, message_id: str, timestamp: str, index: int, text: str) -> None:
        """Show the whole text of a turn of a reply."""
        reply = self._reply(message_id, timestamp)
        reply.finish(index, text)
        self._viewport.entry_changed(reply)

    def end_replies(self) -> None:
        """End the streaming of replies: the exchange is over."""
        for reply in self.growing:
            reply.end_stream()
        self.growing.clear()

    def describe(self, message: ChatMessage, *, is_over: bool = True) -> None:
        """Show the notes of a stored reply; once it `is_over`, also whether it was cut short."""
        reply = self._content.find(message.id)
        if isinstance(reply, ReplyEntry):
            reply.describe(message, is_over=is_over)
            if is_over:
                self._content.history.show_promise(reply, message)
            self._viewport.entry_changed(reply)

    def ask_about(self, message: ChatMessage) -> None:
        """Ask whether the picture that a reply promised is to be made."""
        self._reply(message.id, message.timestamp)  # it may have no words
        self.stop_typing()
        self.describe(message)
        self._viewport.entry_arrived()

    def show_error(self, title: str, sentence: str) -> None:
        """Show a card that says why there is no answer, and offers to try again."""
        self.stop_typing()
        self._errors += 1
        self._content.append(ErrorEntry(self._errors, title, sentence))

    def clear_error(self) -> None:
        """Remove the error card: the request is tried again."""
        self._content.remove(ErrorEntry)
        self._viewport.entries_changed()

    def note(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show a sentence that disappears by itself."""
        self._host.app.notify(printable(text), severity=severity, markup=False)

    # Pictures

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
        """Show that one or several pictures are being made: in the entry that they replace, or in a new one."""
        known = self._content.find(message_id) if message_id else self._animation.jobs.get(image_id)
        self._content.history.keep_promise(reply_to)
        if reply_to and isinstance(promise := self._content.find(reply_to), ReplyEntry):
            promise.show_promise("")
            self._viewport.entry_changed(promise)
        if isinstance(known, PictureEntry):
            card = known
        else:
            before = self._content.history.before_next(timestamp, "assistant")
            card = PictureEntry(image_id, prompt, timestamp, before, size=self._rendering.options.image_size)
        self._animation.jobs[image_id] = card
        card.wait(image_id, prompt, began=began, pictures=count, is_video=is_video)
        if card is known:
            self._viewport.entry_changed(card)
        else:
            self._content.remove(SuggestionEntry, GreetingEntry)
            self._content.append(card)
        self._animation.spin()

    def image_progress(
        self,
        image_id: str,
        percent: float | None,
        elapsed: float,
        estimated: float | None = None,
        preview: Preview | None = None,
    ) -> None:
        """Show how far a picture has come: percent, seconds so far, and seconds in all as estimated.

        `preview` is what the picture looks like so far.
        """
        if card := self._animation.jobs.get(image_id):
            card.progress(image_id, percent, elapsed, estimated, preview)
            self._viewport.entry_changed(card)

    def finish_image(self, image_id: str, message: ChatMessage) -> None:
        """Show the image in place of its progress."""
        self._animation.stop_countdown(image_id)
        if card := self._animation.jobs.pop(image_id, None):
            card.finish(image_id, message)
            self._viewport.entry_changed(card)
            self._viewport.entry_arrived()

    def fail_image(self, image_id: str, title: str, sentence: str) -> None:
        """Show why an image job failed."""
        self._animation.stop_countdown(image_id)
        if card := self._animation.jobs.get(image_id):
            card.fail(image_id, title, sentence)
            self._viewport.entry_changed(card)

    def show_picture(self, message: ChatMessage) -> None:
        """Show another variant of an image."""
        entry = self._content.find(message.id)
        if isinstance(entry, PictureEntry):
            entry.show(message)
            self._viewport.entry_changed(entry)

    def _reply(self, message_id: str, timestamp: str) -> ReplyEntry:
        """The reply with this id, made when it begins."""
        known = self._content.find(message_id)
        if isinstance(known, ReplyEntry):
            if known not in self.growing:  # it goes on
                self.growing.append(known)
            return known
        reply = ReplyEntry(message_id, timestamp, self._content.history.before_next(timestamp, "assistant"))
        self.growing.append(reply)
        self._content.append(reply)
        return reply


LONG = 30.0
"""Seconds between two lines that say for how long an answer has been awaited."""
PARAGRAPH = "\n\n"
FENCES = ("```", "~~~")


class PlainUpdates(Updates):
    """For a screen reader: lines are added at the end, and nothing else changes.

    There is a line for what is otherwise shown by motion, marks and cards that change.
    """

    def __init__(
        self,
        host: Widget,
        content: Content,
        viewport: Viewport,
        cursor: EntryCursor,
        streaming: StreamPainter,
        animation: WaitingAnimation,
        rendering: Rendering,
    ) -> None:
        super().__init__(host, content, viewport, cursor, streaming, animation, rendering)
        self._telling: Timer | None = None
        self._unread: dict[str, str] = {}
        """By message id: text that arrived and is not shown yet."""

    def note(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Add a line with a sentence."""
        self._content.append(NoticeEntry(f"Warning: {text}" if severity == "warning" else text))

    def start_typing(self) -> None:
        """Show nothing at once; while the answer takes long, add a line now and then that says how long."""
        self._wait(f"{self._rendering.options.name} is still typing")

    def start_checking(self) -> None:
        """Add such lines while the model is asked whether its reply promises a picture."""
        self._wait(f"Still {CHECKING[0].lower()}{CHECKING[1:]}")

    def _wait(self, doing: str) -> None:
        if self._telling is None:
            began = time.monotonic()
            self._telling = self._host.set_interval(
                LONG, lambda: self.note(f"{doing}: {time.monotonic() - began:.0f} s.")
            )

    def stop_typing(self) -> None:
        """End the lines that say how long an answer takes."""
        super().stop_typing()
        self._stop_telling()

    def clear(self) -> None:
        """Forget what has not been shown, as when another conversation is opened."""
        super().clear()
        self._unread.clear()
        self._stop_telling()

    def _stop_telling(self) -> None:
        if self._telling is not None:
            self._telling.stop()
            self._telling = None

    def stream(self, message_id: str, timestamp: str, text: str) -> None:
        """Show the paragraphs that are complete; the last one is shown with the whole turn."""
        so_far = self._unread.get(message_id, "") + text
        end = complete(so_far)
        self._unread[message_id] = so_far[end:]
        if end:
            super().stream(message_id, timestamp, so_far[:end])

    def think(self, message_id: str, timestamp: str, text: str) -> None:
        """Ignore reasoning that streams in: all of it is shown with the turn."""

    def restart(self, message_id: str) -> None:
        """Drop the text of a reply that streamed in: it was reasoning."""
        self._unread.pop(message_id, None)
        super().restart(message_id)

    def finish_turn(self, message_id: str, timestamp: str, index: int, text: str) -> None:
        """Show the whole text of a turn of a reply."""
        self._unread.pop(message_id, None)
        super().finish_turn(message_id, timestamp, index, text)

    def count_down(self, title: str, seconds: float, image_id: str | None) -> None:
        """Say when a busy service is asked again."""
        self.note(f"{title}: trying again in {ceil(seconds)} s.")

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
        """Say that one or several pictures are being made."""
        self._content.history.keep_promise(reply_to)
        before = self._content.history.before_next(timestamp, "assistant")
        card = PictureEntry(image_id, prompt, timestamp, before, size=self._rendering.options.image_size)
        card.wait(image_id, prompt, began=began, pictures=count, is_video=is_video)
        self._animation.jobs[image_id] = card
        what = (
            "Generating video" if is_video else "Generating" if count == 1 else f"Generating {count} images"
        )
        self.note(f"{what}: {prompt}. Esc Cancel")

    def image_progress(
        self,
        image_id: str,
        percent: float | None,
        elapsed: float,
        estimated: float | None = None,
        preview: Preview | None = None,
    ) -> None:
        """Ignore the progress: the image is shown when it is there."""

    def finish_image(self, image_id: str, message: ChatMessage) -> None:
        """Append the image."""
        if card := self._animation.jobs.pop(image_id, None):
            card.finish(image_id, message)
            self._content.append(card)

    def fail_image(self, image_id: str, title: str, sentence: str) -> None:
        """Append why there is no image."""
        if card := self._animation.jobs.get(image_id):
            card.fail(image_id, title, sentence)
            self._content.append(card)


def complete(text: str) -> int:
    """The characters of Markdown that end with a complete paragraph, outside of any block of code; 0 for none."""
    end = text.rfind(PARAGRAPH)
    while end >= 0:
        lines = text[:end].splitlines()
        if sum(line.lstrip().startswith(FENCES) for line in lines) % 2 == 0:
            return end + len(PARAGRAPH)
        end = text.rfind(PARAGRAPH, 0, end)
    return 0

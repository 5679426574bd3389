"""Updates of the conversation for a screen reader: lines are added at the end, and nothing else changes."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.notices import NoticeEntry
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.updates import CHECKING, Updates

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.animation import WaitingAnimation
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.image_progress import Preview
    from animus_tui.ui.conversation.rendering import Rendering
    from animus_tui.ui.conversation.streaming import StreamPainter
    from animus_tui.ui.conversation.viewport import Viewport

LONG = 30.0
"""Seconds between two lines that say for how long an answer has been awaited."""
PARAGRAPH = "\n\n"
FENCES = ("```", "~~~")


class PlainUpdates(Updates):
    """Adds a line for what is otherwise shown by motion, marks and cards that change."""

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

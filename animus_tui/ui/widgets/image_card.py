"""A picture with its caption: while it is made, when it is there, and when it failed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from animus_tui.graphics.card import text_card
from animus_tui.printable import printable
from animus_tui.ui.widgets.caption import Caption
from animus_tui.ui.widgets.picture import PictureView

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.graphics.terminal import Terminal

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
USUAL_SIZE = (1024, 1024)
"""Pixels of a picture whose size is not known yet."""


class ImageCard(Vertical, can_focus=True):
    """One picture of the conversation. Focus it for its variants; Enter does what it offers."""

    DEFAULT_CSS = """
    ImageCard {
        height: auto; padding: 0 1 0 0; margin: 0 0 1 0; border-left: blank;
        .words { height: auto; }
        .error { height: auto; color: $text-muted; }
        &:focus { border-left: outer $accent; }
        &.-waiting { border-left: outer $accent; }
        &.-failed { border-left: outer $error; }
        &.-failed PictureView { display: none; }
    }
    """
    BINDINGS = [
        Binding("left_square_bracket", "variant(-1)", "Variant before", show=False),
        Binding("right_square_bracket", "variant(1)", "Next variant", show=False),
        Binding("enter,r", "act", "Try again", show=False),
    ]

    class VariantRequested(Message):
        """Show another variant of the picture."""

        def __init__(self, message_id: str, index: int) -> None:
            super().__init__()
            self.message_id = message_id
            self.index = index

    class PaintRequested(Message):
        """Make the picture that failed, or that was promised and never made."""

        def __init__(self, card: ImageCard) -> None:
            super().__init__()
            self.card = card

    def __init__(
        self,
        prompt: str,
        *,
        decoder: PictureDecoder | None,
        terminal: Terminal,
        most_rows: int,
        path_of: Callable[[str], Path],
        retry_key: str,
    ) -> None:
        """Without a decoder the picture is a card of words; `retry_key` as the user sees it."""
        super().__init__()
        self.prompt = prompt
        self.message: ChatMessage | None = None
        self.image_id: str | None = None
        """The job that failed or is under way."""
        self.promised_by: str | None = None
        """The message whose promise was not kept."""
        self.is_waiting = False
        """Whether a picture is being made."""
        self._path_of = path_of
        self._retry_key = retry_key
        self._view = PictureView(decoder, terminal, most_rows=most_rows) if decoder else None
        self._words = Static(classes="words")
        self._caption = Caption()
        self._sentence = Static(classes="error")
        self._began = 0.0
        self._percent: float | None = None
        self._error = Content()
        self._note = ""
        self._is_unsaved = False
        self._frame = 0

    def compose(self) -> ComposeResult:
        """The picture, or words in its place; its caption; what went wrong."""
        yield self._view or self._words
        yield self._caption
        yield self._sentence

    def on_mount(self) -> None:
        """Say what there is to say."""
        self._describe()

    def on_resize(self) -> None:
        """Words are cut to the width."""
        self._describe()

    @property
    def message_id(self) -> str | None:
        """The message that shows the picture, or will when the job is done."""
        return self.message.id if self.message is not None else self.image_id

    @property
    def has_failed(self) -> bool:
        """Whether there is something to try again."""
        return bool(self._error) and not self.is_waiting

    def wait(self, image_id: str, *, began: float | None = None, size: tuple[int, int] = USUAL_SIZE) -> None:
        """A job began, at `began` (`time.monotonic()`, now by default); `size` in pixels keeps the place."""
        self.image_id, self._began, self._percent = image_id, began or time.monotonic(), None
        self.is_waiting, self.promised_by = True, None
        self._error, self._note = Content(), ""
        if self._view is not None and self.message is None:
            self._view.reserve(*size)
        self._describe()

    def progress(self, percent: float | None, elapsed: float) -> None:
        """How far the job has come: 0 to 100 or None, and the seconds since its start."""
        self._percent, self._began = percent, time.monotonic() - elapsed
        self._describe()

    def note(self, text: str) -> None:
        """Why it takes longer, such as a busy service."""
        self._note = text
        self._describe()

    def tick(self, frame: int) -> None:
        """Turn the spinner."""
        self._frame = frame
        self._describe()

    def finish(self, message: ChatMessage) -> None:
        """The job is done: this is its picture."""
        self.is_waiting, self.image_id, self._error = False, None, Content()
        self.show(message)

    def show(self, message: ChatMessage) -> None:
        """The picture of this message, or another variant of it; a job that is under way goes on."""
        self.message, self.promised_by = message, None
        record = message.image
        if record is not None:
            self.prompt = record.prompt
            if self._view is not None:
                self._view.show(self._path_of(record.file), record.width, record.height)
        self._describe()

    def fail(self, title: str, sentence: str) -> None:
        """No picture; one that was there before stays."""
        self.is_waiting = False
        self._error = Content.assemble(
            (printable(title, newlines=False), "bold $error"),
            " — ",
            printable(sentence, newlines=False),
            f"  {self._retry_key} tries again",
        )
        self._describe()

    def promise(self, message_id: str) -> None:
        """A picture was promised and never made."""
        self.promised_by = message_id
        self._error = Content.assemble(
            ("Promised, not painted", "bold $warning"), f"  {self._retry_key} paints it"
        )
        self._describe()

    def mark_unsaved(self, unsaved: bool) -> None:
        """Say whether the picture's entry is on disk."""
        self._is_unsaved = unsaved
        self._describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of its keys work now."""
        match action:
            case "act":
                return self.has_failed
            case "variant":
                return bool(self.message is not None and self.message.variants)
            case _:
                return True

    def action_variant(self, step: int) -> None:
        """Ask for the variant before or after the one shown."""
        variants = (self.message.variants if self.message else None) or []
        if self.message is not None and self.message.image in variants:
            index = variants.index(self.message.image) + step
            if 0 <= index < len(variants):
                self.post_message(self.VariantRequested(self.message.id, index))

    def action_act(self) -> None:
        """Ask for another try, where there is something to try."""
        if self.has_failed:
            self.post_message(self.PaintRequested(self))

    def on_click(self) -> None:
        """A click on a failed card tries again."""
        self.action_act()

    def _describe(self) -> None:
        record = self.message.image if self.message is not None else None
        self.set_class(self.is_waiting, "-waiting")
        self.set_class(self.has_failed and record is None, "-failed")
        words = self.prompt
        if self._view is None:
            self._words.update(Content("\n".join(text_card(self.prompt, max(self.content_size.width, 20)))))
            words = ""
        if self.is_waiting:
            seconds = f"{int(time.monotonic() - self._began)} s"
            percent = "" if self._percent is None else f"{self._percent:.0f} %"
            told = " · ".join(text for text in (self._note, percent, seconds) if text)
            spinner = SPINNER[self._frame % len(SPINNER)]
            self._caption.show(words, state=f"{spinner} painting", hints=f"{told}   Esc cancels")
        else:
            facts, hints = _facts(self.message, record)
            unsaved = ["not saved"] if self._is_unsaved else []
            self._caption.show(words, facts=" · ".join([facts, *unsaved]), hints=hints)
        self._sentence.update(self._error)
        self._sentence.display = bool(self._error)


def _facts(message: ChatMessage | None, record: ImageRecord | None) -> tuple[str, str]:
    """What is known of a picture, and what its keys do."""
    if message is None or record is None:
        return "", ""
    size = f"{record.width}×{record.height}" if record.width else ""
    if not message.variants:
        return size, ""
    place = f"{message.variants.index(record) + 1} of {len(message.variants)}"
    return " · ".join(text for text in (size, place) if text), "[ ] variants"

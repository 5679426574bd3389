"""One turn of a reply: plain text as it is, anything else as Markdown, whole or while it streams in."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from animus_tui.printable import printable
from animus_tui.ui.widgets.plain_text import is_plain, tidy

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer
    from textual.widgets import Markdown

    from animus_tui.ui.widgets.markdown_text import MarkdownText

FRAME = 1 / 30
"""Seconds between two paintings of streamed text; more when one takes longer, so that keys come through."""


class Bubble(Vertical):
    """The text of one turn. What it shows is never obeyed: not by the terminal, and not as markup."""

    DEFAULT_CSS = """
    Bubble { height: auto; width: 1fr; }
    """

    class LinkClicked(Message):
        """A web or mail address was clicked."""

        def __init__(self, href: str) -> None:
            super().__init__()
            self.href = href

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._pieces = [text]
        self._shown = printable(text)
        self._body = _body(self._shown)
        self._painting = asyncio.Lock()
        self._timer: Timer | None = None
        self._cost = 0.0

    def compose(self) -> ComposeResult:
        """The text, there with the first frame."""
        yield self._body

    @property
    def text(self) -> str:
        """What is shown, as Markdown."""
        return self._shown

    def stream(self, text: str) -> None:
        """More text arrived; it is painted with the next frame."""
        self._pieces.append(text)
        if self._timer is None:
            self._timer = self.set_timer(max(FRAME, self._cost), self._paint_next)

    async def finish(self, text: str) -> None:
        """The whole text, in place of what was streamed."""
        self._pieces = [text]
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        await self._paint(anew=True)

    async def _paint_next(self) -> None:
        self._timer = None
        began = time.monotonic()
        await self._paint()
        self._cost = time.monotonic() - began

    async def _paint(self, *, anew: bool = False) -> None:
        async with self._painting:
            # An escape sequence may be cut across pieces, so it is the whole that is made printable.
            text = printable("".join(self._pieces))
            added = text[len(self._shown) :] if text.startswith(self._shown) else None
            if added == "" and not (anew and self._has_grown):
                return
            self._shown = text
            body = self._body
            if is_plain(text) and isinstance(body, Static):
                _show_plain(body, text)
            elif added is None or anew or isinstance(body, Static):
                await self._replace(_body(text))
            else:
                self._has_grown = True
                await body.append(added)

    _has_grown = False
    """Grown piece by piece, Markdown can differ from the same text read at once."""

    async def _replace(self, body: Static | MarkdownText) -> None:
        old, self._body = self._body, body
        self._has_grown = False
        with self.app.batch_update():
            await self.mount(body, before=old)
            await old.remove()

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """A link of the text: tell it as the bubble's own."""
        event.stop()
        self.post_message(self.LinkClicked(event.href))


def _body(text: str) -> Static | MarkdownText:
    if is_plain(text):
        plain = Static()
        _show_plain(plain, text)
        return plain
    # Markdown takes 60 ms to import: most conversations begin without.
    from animus_tui.ui.widgets.markdown_text import MarkdownText

    return MarkdownText(text)


def _show_plain(plain: Static, text: str) -> None:
    plain.update(Content(tidy(text)))
    plain.display = bool(text.strip())

"""A chat with one Markdown widget a message: `python -m tests.bench.pane.markdown_app SIZE [WINDOW]`.

It shows the last WINDOW of SIZE messages, or all. F2 lets a reply stream in, at 1,000 tokens a second, by Textual's own
means for that, `Markdown.get_stream`.
"""

from __future__ import annotations

import asyncio
import sys
import time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Footer, Header, Markdown, TextArea

from tests.bench.pane.messages import Spoken, conversation, reply_tokens

TOKENS, RATE = 5_000, 1_000


class MarkdownChat(App[None]):
    """What a straightforward chat looks like."""

    CSS = "TextArea { height: 5; } VerticalScroll { height: 1fr; }"
    BINDINGS = [("f2", "reply", "Reply")]

    def __init__(self, messages: list[Spoken]) -> None:
        super().__init__()
        self._messages = messages

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Header()
        with VerticalScroll(can_focus=False):
            for message in self._messages:
                yield Markdown(message.text)
        yield TextArea()
        yield Footer()

    def on_mount(self) -> None:
        """Write at once, and stay at the end."""
        area = self.query_one(TextArea)
        area.cursor_blink = False
        area.focus()
        self.query_one(VerticalScroll).anchor()

    async def action_reply(self) -> None:
        """Begin the reply."""
        self.run_worker(self._reply())

    async def _reply(self) -> None:
        widget = Markdown()
        await self.query_one(VerticalScroll).mount(widget)
        stream = Markdown.get_stream(widget)
        start = time.monotonic()
        for number, token in enumerate(reply_tokens(TOKENS, last_word="Replymark")):
            while time.monotonic() < start + number / RATE:
                await asyncio.sleep(0.001)
            await stream.write(token)
        await stream.stop()


def main() -> None:
    """Run it."""
    size, *window = map(int, sys.argv[1:])
    messages = conversation(size)
    MarkdownChat(messages[-window[0] :] if window else messages).run()


if __name__ == "__main__":
    main()

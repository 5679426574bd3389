"""The application with a conversation of pictures, each of one colour, in a terminal of the test's own choice."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.picture_view import DetailsView, PictureView
from tests.support.chat_app import Chat
from tests.support.listening_app import ListeningApp
from tests.support.pane_app import TERMINAL, until
from tests.support.picture_samples import file_of, plain
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from rich.segment import Segment

    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.conversation.view import ConversationPane
    from tests.support.talk import Talk

COLOURS = [(220, 30, 30), (30, 160, 30), (30, 30, 220), (200, 160, 20)]
"""Red, green, blue, yellow: of the pictures, in this order again and again."""
SIZE = 160, 80


class Viewing(Chat):
    """What the viewer shows."""

    @property
    def pane(self) -> ConversationPane:
        return self.chat.pane

    @property
    def chat(self) -> ChatScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, ChatScreen)
        return screen

    @property
    def viewer(self) -> ViewerScreen:
        assert isinstance(self.app.screen, ViewerScreen)
        return self.app.screen

    @property
    def view(self) -> PictureView:
        return self.viewer.query_one(PictureView)

    def details(self) -> str:
        """The text of the details, blanks and breaks as one blank each."""
        details = self.viewer.query_one(DetailsView)
        assert details.display
        return " ".join(self.text().split())

    def line(self) -> str:
        """What is said of the picture."""
        return self.text().splitlines()[-2]

    def cells_of(self, colour: tuple[int, int, int]) -> int:
        """How many cells of the screen are of this colour all over."""
        return sum(len(segment.text) for _, segment in self._segments_of(colour))

    def rows_of(self, colour: tuple[int, int, int]) -> list[int]:
        """The rows in which there are any."""
        return sorted({row for row, _ in self._segments_of(colour)})

    def _segments_of(self, colour: tuple[int, int, int]) -> Iterator[tuple[int, Segment]]:
        for row, strip in enumerate(strips_of(self.app)):
            for segment in strip:
                style = segment.style
                if style is None or style.color is None or style.bgcolor is None:
                    continue
                if style.bgcolor.triplet == style.color.triplet == colour:
                    yield row, segment

    async def until_shown(self, colour: tuple[int, int, int], cells: int) -> None:
        """Until the screen shows a picture in so many cells."""
        await until(lambda: self.cells_of(colour) == cells)

    async def open(self, *keys: str) -> None:
        """Choose the newest picture and press keys."""
        self.pane.focus()
        await self.pilot.pause()
        self.pane.cursor.choose_newest()
        await self.pilot.press(*(keys or ("enter",)))
        await until(lambda: isinstance(self.app.screen, ViewerScreen))


def picture(talk: Talk, number: int, *, variants: int = 1, prompt: str = "") -> ChatMessage:
    """Store picture `number`, its variants of the colours that follow; the first variant is chosen."""
    stored = talk.session.conversation
    records = [
        ImageRecord(
            prompt=prompt or f"picture {number}",
            file=stored.write_image(
                file_of(plain(COLOURS[(number + variant) % len(COLOURS)], SIZE), "PNG"), ".png"
            ),
            width=SIZE[0],
            height=SIZE[1],
            settings={"seed": 100 * number + variant, "model": "fast"},
            created="2026-01-02T10:00:00.000Z",
        )
        for variant in range(variants)
    ]
    message = ChatMessage(
        id=f"p{number}",
        role="assistant",
        content="",
        timestamp="2026-01-02T10:00:00.000Z",
        image=records[0],
        variants=records if variants > 1 else None,
    )
    stored.put(message)
    return message


def said(talk: Talk, number: int, text: str = "") -> None:
    """Store a message of the user."""
    talk.session.conversation.put(
        ChatMessage(id=f"u{number}", role="user", content=text or f"words {number}")
    )


@asynccontextmanager
async def open_album(
    talking: AbstractAsyncContextManager[Talk],
    *,
    variants: Sequence[int] = (1, 1, 1),
    words_between: int = 0,
    size: tuple[int, int] = (100, 40),
    terminal: Terminal = TERMINAL,
) -> AsyncIterator[Viewing]:
    """The application over a conversation of as many pictures as `variants` has numbers."""
    async with talking as talk, aclosing(PictureDecoder()) as decoder:
        for number, count in enumerate(variants):
            picture(talk, number, variants=count)
            for word in range(words_between):
                said(talk, number * words_between + word)
        pictures = None if terminal.style == "none" else decoder
        app = ListeningApp(talk.session, terminal=terminal, decoder=pictures, service="a test")
        async with app.run_test(size=size) as pilot:
            viewing = Viewing(pilot, talk)
            await viewing.settle()
            yield viewing


async def back(on: Viewing, key: str = "escape") -> None:
    await on.pilot.press(key)
    await until(lambda: isinstance(on.app.screen, ChatScreen))
    await on.settle()


def chosen(on: Viewing) -> str:
    return on.pane.cursor.chosen.id if on.pane.cursor.chosen is not None else ""


def path_of(on: Viewing, message_id: str) -> Path:
    image = on.talk.session.conversation.get(message_id).image
    assert image is not None
    return on.talk.session.conversation.path_of(image.file)

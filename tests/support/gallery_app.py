"""The application with conversations full of pictures, each picture of one colour, and its gallery."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from rich.segment import Segment
from textual.widgets import Input

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.history_format import encode, layout
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.graphics.probe.capabilities import Terminal
from animus_tui.ui.images.thumbnail_loader import Tile
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.gallery import GalleryScreen
from animus_tui.ui.widgets.picture_choice import PictureChoice
from animus_tui.ui.widgets.picture_grid import PictureGrid
from tests.support.album_app import COLOURS, SIZE, Viewing, open_album
from tests.support.drawn_cells import near
from tests.support.pane_app import TERMINAL, until
from tests.support.picture_samples import file_of, plain
from tests.support.screen import strips_of
from tests.support.talk import Talk

WORDS = ("A red fox in the snow", "Été à la mer", "A green frog", "A blue SNOWMAN")


class Browsing(Viewing):
    """What the gallery shows."""

    @property
    def gallery(self) -> GalleryScreen:
        assert isinstance(self.app.screen, GalleryScreen)
        return self.app.screen

    @property
    def choice(self) -> PictureChoice:
        return self.gallery.choice

    @property
    def field(self) -> Input:
        return self.gallery.query_one(Input)

    def prompts(self) -> list[str]:
        """What is shown, in order."""
        return [picture.record.prompt for picture in self.choice.pictures]

    def chosen(self) -> str:
        """The prompt of the chosen picture."""
        return self.choice.chosen.record.prompt if self.choice.chosen is not None else ""

    def sentences(self) -> str:
        """What stands in the place of pictures."""
        return " ".join(tile.sentence for tile in self.tiles())

    def tiles(self) -> list[Tile]:
        """Those that were drawn."""
        assert isinstance(self.choice, PictureGrid)
        found = map(self.choice.thumbnails.get, self.choice.pictures)
        return [tile for tile in found if tile is not None]

    def _segments_of(self, colour: tuple[int, int, int]) -> Iterator[tuple[int, Segment]]:
        """A thumbnail's colours are nearly those of the picture."""
        for row, strip in enumerate(strips_of(self.app)):
            for segment in strip:
                ground = segment.style.bgcolor.triplet if segment.style and segment.style.bgcolor else None
                if ground is not None and near(tuple(ground), colour, 6):
                    yield row, segment

    def bar(self) -> str:
        return self.text().splitlines()[0]

    async def enter(self, key: str = "f4") -> None:
        """Open the gallery and wait until all is there."""
        await self.pilot.press(key)
        await until(lambda: isinstance(self.app.screen, GalleryScreen))
        await self.until_drawn()

    async def until_drawn(self) -> None:
        """Until every conversation was read and every picture in view, and the next page, was drawn."""
        still = 0
        while still < 3:
            await self.pilot.pause(0.005)
            choice = self.choice
            is_drawn = not isinstance(choice, PictureGrid) or choice.is_complete
            filtering = any(worker.group in ("reading", "filtering") for worker in self.app.workers)
            still = still + 1 if is_drawn and self.gallery.is_complete and not filtering else 0

    async def back(self) -> None:
        """Until the conversation is on the screen and still."""
        await until(lambda: isinstance(self.app.screen, ChatScreen))
        await self.settle()


def conversation(
    root: Path,
    name: str,
    count: int,
    *,
    first: int = 0,
    words_between: int = 0,
    variants: int = 1,
) -> None:
    """Store a conversation of pictures; picture `number` has its own colour and the prompt of WORDS, numbered.

    It counts as used in 1970, and so is not the one that is open when the application starts.
    """
    stored = ConversationStore(root).create(Conversation(id=name, title=f"About {name}"))
    messages: list[ChatMessage] = []
    for number in range(first, first + count):
        records = [record(stored.write_image, number, variant) for variant in range(variants)]
        messages += [
            ChatMessage(id=f"{name}-{number}-{word}", role="user", content=f"words {number} {word}")
            for word in range(words_between)
        ]
        messages.append(
            ChatMessage(
                id=f"{name}-p{number}",
                role="assistant",
                content="",
                image=records[0],
                variants=records if variants > 1 else None,
            )
        )
    for message in messages[-1:] if words_between else messages:
        stored.put(message)
    stored.close()
    if words_between:  # all at once: each message by itself waits for the disk
        (stored.folder / "history.json").write_bytes(layout(encoded(messages)))
    for file in (stored.folder / "history.json", stored.folder / "conversation.json"):
        os.utime(file, (1, 1))


def encoded(messages: Iterable[ChatMessage]) -> list[bytes]:
    """The lines of a history."""
    return [encode(message).line for message in messages]


def record(write: object, number: int, variant: int) -> ImageRecord:
    assert callable(write)
    colour = COLOURS[(number + variant) % len(COLOURS)]
    at = 10 * number + variant
    return ImageRecord(
        prompt=f"{WORDS[number % len(WORDS)]} {number}" + (f" variant {variant}" if variant else ""),
        file=write(file_of(plain(colour, SIZE), "PNG"), ".png"),
        width=SIZE[0],
        height=SIZE[1],
        settings={"seed": at},
        created=f"2026-01-02T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000Z",
    )


@asynccontextmanager
async def open_gallery(
    talking: AbstractAsyncContextManager[Talk],
    *,
    size: tuple[int, int] = (100, 40),
    terminal: Terminal = TERMINAL,
    key: str = "f4",
) -> AsyncIterator[Browsing]:
    """The application over a new conversation, with the gallery open."""
    async with open_album(talking, variants=[], size=size, terminal=terminal) as viewing:
        on = Browsing(viewing.pilot, viewing.talk)
        await on.enter(key)
        yield on

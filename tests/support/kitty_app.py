"""A pane in a terminal that holds pictures, and what that terminal makes of what is written to it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.rendering.kitty import PLACEHOLDER, marks
from animus_tui.ui.conversation.entries.picture import PictureEntry
from tests.support.kitty_reader import KittyReader
from tests.support.pane_app import TERMINAL, Stage, painted, stage
from tests.support.picture_samples import file_of
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.graphics.decoding.protocol import Pixels
    from animus_tui.graphics.rendering.cells import Cells

RED, BLUE = (220, 30, 30), (30, 30, 220)
KITTY = replace(TERMINAL, style="kitty", cell_size=(10, 20))
MOSAIC = replace(TERMINAL, style="mosaic")
SQUARE = (512, 512)
SMALL = 128
"""Pixels of a side of the pictures of an album: fewer than they take on the screen, so that all are sent."""
HELD = SMALL * SMALL * 4
"""Bytes that one of them takes in the terminal."""


class CountingDecoder(PictureDecoder):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def render(self, path: Path, **options: Any) -> Cells:
        self.asked.append(f"cells of {path.name}")
        return await super().render(path, **options)

    async def pixels(self, path: Path, **options: Any) -> Pixels:
        self.asked.append(f"pixels of {path.name}")
        return await super().pixels(path, **options)


def fill(folder: Path) -> Path:
    """Put the pictures there, and return it."""
    for name, data in _files().items():
        (folder / name).write_bytes(data)
    return folder


@cache
def _files() -> dict[str, bytes]:
    """By name what is in the files, made once in each process."""
    made = {
        "red.png": Image.new("RGB", SQUARE, RED),
        "blue.png": Image.new("RGB", SQUARE, BLUE),
        "clear.png": Image.new("RGBA", SQUARE, (0, 0, 0, 0)),
        "noise.png": Image.effect_noise(SQUARE, 90).convert("RGB"),
    }
    made |= {f"{number}.png": Image.new("RGB", (SMALL, SMALL), (number * 10, 0, 0)) for number in range(24)}
    return {name: file_of(picture, "PNG") for name, picture in made.items()}


def album(count: int) -> list[ChatMessage]:
    return [painted(f"i{number}", f"{number}.png", size=SQUARE) for number in range(count)]


@asynccontextmanager
async def terminal_of(
    decoder: PictureDecoder, folder: Path, *messages: ChatMessage, tmux: bool = False, **options: Any
) -> AsyncIterator[tuple[Stage, Terminal]]:
    terminal = replace(KITTY, inside_tmux=tmux)
    async with stage(messages, decoder=decoder, folder=folder, terminal=terminal, **options) as on:
        yield on, Terminal(on, tmux)


class Terminal:
    """What a terminal makes of what is written to it."""

    def __init__(self, on: Stage, inside_tmux: bool) -> None:
        self._on, self._reader = on, KittyReader(inside_tmux)
        self._taken = 0

    @property
    def reader(self) -> KittyReader:
        written = self._on.app.recorder.written
        self._reader.feed("".join(written[self._taken :]).encode())
        self._taken = len(written)
        return self._reader

    def shown(self) -> dict[int, set[tuple[int, int]]]:
        """By image, the parts of it that stand on the screen."""
        found: dict[int, set[tuple[int, int]]] = {}
        number = {mark: at for at, mark in enumerate(marks())}
        for row in strips_of(self._on.app):
            for segment in row:
                if not segment.text.startswith(PLACEHOLDER):
                    continue
                assert segment.style is not None
                assert segment.style.color is not None
                assert segment.style.color.triplet is not None
                image = int.from_bytes(bytes(segment.style.color.triplet))
                cells = segment.text.split(PLACEHOLDER)[1:]
                assert all(len(cell) == 2 for cell in cells)
                parts = {(number[cell[0]], number[cell[1]]) for cell in cells}
                found.setdefault(image, set()).update(parts)
        return found

    def is_whole(self, columns: int = 30, rows: int = 15) -> bool:
        """Whether nothing but one whole picture of this size is shown, and the terminal has it."""
        cells = {(row, column) for row in range(rows) for column in range(columns)}
        shown = self.shown()
        return list(shown.values()) == [cells] and shown.keys() <= self.reader.images.keys()


def pictures(on: Stage) -> list[PictureEntry]:
    return [entry for entry in on.pane.entries.existing() if isinstance(entry, PictureEntry)]


def corners(on: Stage) -> dict[int, int]:
    """By image the row of the screen where its first row stands or would stand; all its cells must fit to that."""
    number = {mark: at for at, mark in enumerate(marks())}
    found: dict[int, set[tuple[int, int]]] = {}
    for y, line in enumerate(strips_of(on.app)):
        x = 0
        for segment in line:
            if segment.text.startswith(PLACEHOLDER):
                assert segment.style is not None
                assert segment.style.color is not None
                assert segment.style.color.triplet is not None
                image = int.from_bytes(bytes(segment.style.color.triplet))
                for at, cell in enumerate(segment.text.split(PLACEHOLDER)[1:]):
                    corner = y - number[cell[0]], x + at - number[cell[1]]
                    found.setdefault(image, set()).add(corner)
            x += segment.cell_length
    assert all(len(places) == 1 for places in found.values())
    return {image: next(iter(places))[0] for image, places in found.items()}

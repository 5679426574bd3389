"""Transmission of images to the terminal: without holding up a key, and each is deleted there whatever happens.

What is written are whole commands between two frames, a slice at a time, each when the terminal has taken the one
before: a key's echo waits for one slice at most.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from animus_tui.graphics.rendering import kitty
from animus_tui.ui.terminal.driver import TerminalDriver, write_commands
from animus_tui.ui.textual_compat import driver_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from textual.app import App
    from textual.driver import Driver
    from textual.message_pump import MessagePump

    from animus_tui.graphics.decoding.protocol import Pixels, Rgb
    from animus_tui.graphics.rendering.kitty import Placeholders

SLICE = 16 << 10
"""Characters that are written at once. A terminal on a line of 1 MB/s takes 16 ms for them, a local one less than 1."""
LARGEST_SLICE = 128 << 10
"""The same for a terminal that has taken each slice, twice as large as the one before, within PAUSE."""
ONCE_MORE = 0.1
"""Seconds until the last words are said again inside tmux, which passes nothing on while it draws its window anew."""
TMUX_PAUSE = 0.032
"""Seconds between two slices inside tmux, 500 kB/s. tmux takes all that is written at once; what then waits for the
terminal, more than 8 bytes for each cell of it, tmux throws away, the image included, and tells nobody (tty.c)."""
PAUSE = 0.001
"""Seconds between two looks at whether a slice has been taken; keys and frames come in between."""
LONGEST_PAUSE = 0.032
"""The same for a terminal that does not take it."""


class ImageTransmission:
    """The images of one application, one transmission at a time.

    An exit, an error, SIGTERM and a stop in the background free them all, as far as TerminalDriver drives the
    terminal; a process that is killed outright can free nothing, and the terminal keeps them until it needs the room.
    """

    def __init__(self, host: MessagePump, *, inside_tmux: bool) -> None:
        """`host` belongs to the application, whose driver writes; it need not be mounted yet."""
        self._host = host
        self._app: App[Any] | None = None
        """Known from the first transmission on, also when the host is gone."""
        self._inside_tmux = inside_tmux
        self._ids = kitty.image_ids(random.Random())  # noqa: S311 (so that two programs differ, nothing more)
        self._held: set[int] = set()
        self._turn = asyncio.Lock()
        self._coming: int | None = None
        """The image that is being transmitted."""
        self._is_open = False
        """Whether the terminal waits for more of it."""
        self._room = SLICE
        """Characters of the next slice."""
        self._pending_deletions: list[str] = []
        """Deletions that wait for the end of a transmission: no command may come between."""
        self._is_away = False
        """Whether the terminal was given back."""
        self._is_known = False
        """Whether the driver knows whom to tell before that."""

    async def send(self, pixels: Pixels, *, columns: int, rows: int, background: Rgb) -> Placeholders | None:
        """Give the terminal a picture; the cells that show it, once it has been written whole.

        None when the terminal was given back meanwhile. Who is cancelled leaves nothing behind.
        """
        async with self._turn:
            if self._is_away:
                return None
            self._app = self._host.app
            self._learn_of_the_end()
            cells = kitty.placeholders(next(self._ids), pixels, columns, rows, background)
            self._coming, self._room = cells.image_id, SLICE
            try:
                for part, has_more in self._slices(cells, pixels.payload):
                    self._is_open = has_more
                    self._write(part)
                    if not await self._is_taken():
                        return None
                self._held.add(cells.image_id)
            finally:
                self._end_transmission(is_whole=cells.image_id in self._held)
        return cells

    def free(self, cells: Placeholders) -> None:
        """Take a picture out of the terminal; nothing when it is not there."""
        if cells.image_id not in self._held:
            return
        self._held.remove(cells.image_id)
        deletion = self._passed_on(kitty.deletion(cells.image_id))
        if self._coming is None:
            self._write(deletion)
        else:
            self._pending_deletions.append(deletion)

    @property
    def _driver(self) -> Driver | None:
        return driver_of(self._app) if self._app is not None else None

    def give_back(self) -> None:
        """Free all images and send none until `come_back`: another program gets the terminal."""
        if self._is_away:
            return
        self._end_transmission(is_whole=False)
        held = sorted(self._held)
        deletions = "".join(self._passed_on(kitty.deletion(image_id)) for image_id in held)
        self._held.clear()
        if deletions:
            self._write(deletions)
            if self._inside_tmux and isinstance(self._driver, TerminalDriver):
                time.sleep(ONCE_MORE)  # nobody waits for a key any more
                self._write(deletions)
        self._is_away = True

    def come_back(self) -> None:
        """The application has the terminal again, which holds no images of it."""
        self._is_away = False

    @property
    def is_away(self) -> bool:
        """Whether the terminal was given back, so that no picture can be brought."""
        return self._is_away

    @property
    def held(self) -> int:
        """How many pictures the terminal holds."""
        return len(self._held)

    def _slices(self, cells: Placeholders, payload: bytes) -> Iterator[tuple[str, bool]]:
        """The commands of a transmission, as many at once as fit into a slice, each with whether more are to come."""
        part = ""
        for command in map(self._passed_on, kitty.transmission(cells, payload)):
            if part and len(part) + len(command) > self._room:
                yield part, True
                part = ""
            part += command
        yield part, False

    def _end_transmission(self, *, is_whole: bool) -> None:
        """End the transmission under way, properly also if it is cut short, and do the deletions that waited for it."""
        coming, self._coming = self._coming, None
        deletions, self._pending_deletions = "".join(self._pending_deletions), []
        if coming is not None and not is_whole:
            end = [kitty.abandonment()] if self._is_open else []
            abandoned = [*end, kitty.deletion(coming)]
            deletions = "".join(map(self._passed_on, abandoned)) + deletions
        if deletions:
            self._write(deletions)

    def _passed_on(self, command: str) -> str:
        return kitty.wrapped_for_tmux(command) if self._inside_tmux else command

    async def _is_taken(self) -> bool:
        """Wait until the terminal has taken what was written; False when it is given back instead."""
        await asyncio.sleep(TMUX_PAUSE if self._inside_tmux else PAUSE)  # others have their turn in any case
        driver = self._driver
        if isinstance(driver, TerminalDriver):
            is_quick = driver.is_taken and not self._inside_tmux
            self._room = min(2 * self._room, LARGEST_SLICE) if is_quick else SLICE
            pause = PAUSE
            while self._coming is not None and not driver.is_taken:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        return self._coming is not None

    def _write(self, data: str) -> None:
        if self._app is not None and not self._is_away:
            write_commands(self._app, data)

    def _learn_of_the_end(self) -> None:
        driver = self._driver
        if not self._is_known and isinstance(driver, TerminalDriver):
            driver.farewells.append(self.give_back)
            self._is_known = True

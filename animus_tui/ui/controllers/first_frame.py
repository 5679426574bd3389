"""Keeps the frame that the next start paints before it has loaded anything, and the mosaics of the pictures in it.

A frame is taken when the chat stands as a start shows it: at its end, nothing under way, the prompt ready behind its
draft, nothing above. That is once the application has come to rest, when the conversation has rested after a change,
so that it is there after a kill, and at the end. Nothing is written to the terminal for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct, msgpack
from textual.containers import Horizontal
from textual.scrollbar import ScrollBar
from textual.widgets import Static

from animus_tui import first_frame
from animus_tui.chat.events import HistoryChanged
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.description import read_description
from animus_tui.graphics.decoding.checking import picture_in
from animus_tui.graphics.decoding.protocol import CellsRequest, Colours, Drawn, Glyphs, Line, Rgb
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.images.cache import ImageKey
from animus_tui.ui.terminal.driver import TerminalDriver
from animus_tui.ui.textual_compat import driver_of, painted_rows, widgets_in_view
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import AttachedLine, PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from textual.timer import Timer

    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.session import ChatSession
    from animus_tui.first_frame import Start
    from animus_tui.ui.images.renderer import ImageRenderer
    from animus_tui.ui.screens.chat import ChatScreen


MOST_KEPT = 16
"""Pictures; hardly more are in view at once."""


class _Picture(Struct, frozen=True, array_like=True):
    path: bytes
    changed: int
    """When the file was changed, in nanoseconds since 1970."""
    size: int
    """Bytes of the file."""
    columns: int
    rows: int
    background: Rgb
    cell: tuple[int, int] | None
    lines: tuple[Line, ...]


class _Kept(Struct, frozen=True, array_like=True):
    """Mosaics that are kept with the frame, so that the application has them at once.

    What is read is trusted no further than what the decoding process answers: it is a mosaic of its size, of the same
    file, for the same colours and glyphs; and only a picture that is in view and wanted so is shown.
    """

    colours: Colours
    glyphs: Glyphs
    pictures: list[_Picture]


def encoded(
    pictures: Iterable[tuple[ImageKey, Cells]], *, colours: Colours, glyphs: Glyphs, most_bytes: int
) -> bytes:
    """Mosaics as bytes, as many as there is room for. Looks at their files."""
    kept: list[_Picture] = []
    for key, cells in list(pictures)[:MOST_KEPT]:
        most_bytes -= cells.size_in_bytes
        try:
            found = key.path.stat()
        except OSError:
            continue
        if most_bytes > 0:
            place = os.fsencode(key.path), found.st_mtime_ns, found.st_size
            kept.append(_Picture(*place, key.columns, key.rows, key.background, key.cell, cells.lines))
    return msgpack.encode(_Kept(colours, glyphs, kept))


def decoded(data: bytes, *, colours: Colours, glyphs: Glyphs) -> Mapping[ImageKey, Cells]:
    """The mosaics that are still those of their files; none where anything is wrong. Looks at the files."""
    try:
        kept = msgpack.decode(data, type=_Kept)
    except (DecodeError, RecursionError):
        return {}
    if (kept.colours, kept.glyphs) != (colours, glyphs):
        return {}
    found: dict[ImageKey, Cells] = {}
    for picture in kept.pictures[:MOST_KEPT]:
        place = picture.columns, picture.rows, picture.background
        cells = picture_in(Drawn(picture.lines), CellsRequest(picture.path, *place, colours, glyphs))
        if isinstance(cells, Cells) and _is_same(picture):
            key = ImageKey(Path(os.fsdecode(picture.path)), *place, picture.cell)
            found[key] = cells
    return found


def _is_same(picture: _Picture) -> bool:
    """Whether its file is as it was."""
    try:
        found = os.stat(picture.path)  # noqa: PTH116 (bytes)
    except (OSError, ValueError):
        return False
    return (found.st_mtime_ns, found.st_size) == (picture.changed, picture.size)


log = logging.getLogger(__name__)

REST = 2.0
"""Seconds without a change after which a frame is taken."""
LONGEST_REST = 60.0
"""Seconds after which that is not tried again until there is another change."""
AT_START = (
    StatusLine,
    ConversationPane,
    PromptBar,
    Horizontal,
    Static,
    Prompt,
    AttachedLine,
    KeyFooter,
    ScrollBar,
)
"""The widgets of a start; with any other one the screen is none that a start would show."""


class Snapshot(Struct, frozen=True):
    """What stood on the screen at one moment."""

    conversation: Conversation
    changes: int
    """What had happened by then."""
    size: tuple[int, int]
    rows: Sequence[str]
    pictures: Sequence[tuple[ImageKey, Cells]]


class FirstFrameKeeper:
    """Keeps the frame of the next start. A disk that refuses costs nothing but that frame."""

    def __init__(self, started: Start, session: ChatSession) -> None:
        self._started = started
        self._session = session
        self._screen: ChatScreen | None = None
        self._renderer: ImageRenderer | None = None
        self._resting: Timer | None = None
        self._is_due = False
        """Whether something has changed since a frame was taken."""
        self._last: Snapshot | None = None
        """The screen as it was when the terminal was given back."""
        self._changes = 0
        """How often the session has told of something."""
        self._writing = threading.Lock()

    def begin(self, screen: ChatScreen) -> None:
        """The chat is about to be shown: it gets the pictures that stand in the frame, and its own frame is kept."""
        self._screen = screen
        pane = screen.pane
        renderer = self._renderer = pane.images.renderer
        if pictures := self._started.pictures:
            colours, glyphs = renderer.terminal.colours, renderer.glyphs
            pane.images.kept.update(decoded(pictures, colours=colours, glyphs=glyphs))
            self._started.pictures = b""
        driver = driver_of(screen.app)
        if isinstance(driver, TerminalDriver):
            driver.farewells.insert(0, self._take_last)  # before the pictures go
            # What stands from the last time stays until the colours of code and long texts are there, too.
            screen.call_after_refresh(pane.background_layout.when_complete, driver.take_over)
            screen.watch(screen, "focused", self._focused, init=False)
            self._rest()

    def changed(self, events: Iterable[SessionEvent]) -> None:
        """Something happened in the session: once it rests there is another frame."""
        self._changes += 1
        if any(isinstance(event, HistoryChanged) for event in events):
            self._forget()  # something of what it shows may have been deleted
        self._rest()

    def finish(self) -> None:
        """Write the last frame: all is closed and on the disk. Waits for it."""
        if self._last is not None:
            self._write(self._last, self._key(self._last))

    # When

    def _focused(self) -> None:
        """The user may be back at the prompt, where a start begins."""
        if self._is_due:
            self._rest()

    def _rest(self, seconds: float = REST) -> None:
        self._is_due = True
        if self._screen is None:
            return
        if self._resting is not None:
            self._resting.stop()
        self._resting = self._screen.set_timer(seconds, partial(self._has_rested, seconds))

    def _has_rested(self, seconds: float) -> None:
        self._resting = None
        if self._screen is None:
            return
        if self._is_as_at_start(self._screen):
            self._is_due = False
            self._screen.run_worker(self._keep())
        elif seconds < LONGEST_REST:
            # Something is above, or the user reads further up: that may be over soon.
            self._rest(2 * seconds)

    async def _keep(self) -> None:
        """Take a frame, unless anything that it depends on changes meanwhile."""
        if self._screen is None:
            return
        size = self._screen.app.size
        before = await asyncio.to_thread(first_frame.key, self._started, (size.width, size.height))
        taken = self._take()
        if taken is not None and before is not None and before == await asyncio.to_thread(self._key, taken):
            await asyncio.to_thread(self._write, taken, before)

    def _take_last(self) -> None:
        self._last = self._take()

    # What

    def _take(self) -> Snapshot | None:
        """The screen now; None when a start would show another one."""
        screen = self._screen
        try:
            if screen is None or not self._is_as_at_start(screen):
                return None
            size, images = screen.app.size, screen.pane.images
            with images.as_mosaics(), self._as_told_at_start(screen):
                rows = painted_rows(screen)
            conversation = self._session.conversation.conversation
            return Snapshot(
                conversation, self._changes, (size.width, size.height), rows, images.mosaics_in_view()
            )
        except Exception:  # whatever it is, the terminal is given back and the application goes on
            log.exception("no frame was taken")
            return None

    @contextmanager
    def _as_told_at_start(self, screen: ChatScreen) -> Iterator[None]:
        """Within this block the status line says nothing that a start is not told."""
        if self._session.images.credits is None:
            yield
            return
        display = screen.controllers.display
        display.show_status(at_start=True)
        try:
            yield
        finally:
            display.show_status()

    def _is_as_at_start(self, screen: ChatScreen) -> bool:
        """Whether nothing is under way, and nothing shown, that a start would not show."""
        session, pane, stack = self._session, screen.pane, screen.app.screen_stack
        stored = session.conversation
        if [*stack] != [screen] or session.is_temporary or stored.read_only or stored.unsaved:
            return False
        if session.busy or screen.controllers.is_busy or session.images.under_way or not pane.is_complete:
            return False
        if not (pane.viewport.following and pane.rendering.is_of_today) or pane.selection.selected:
            return False
        prompt = screen.focused
        is_ready = isinstance(prompt, Prompt) and prompt.selection.is_empty and prompt.cursor_at_end_of_text
        return is_ready and all(
            widget is screen or (type(widget) in AT_START and widget.id != "prompt-note")
            for widget in widgets_in_view(screen)
        )

    # The file

    def _key(self, taken: Snapshot) -> bytes | None:
        """The key of a frame; None when another conversation will open, or somebody else gave it another title."""
        shown, data = taken.conversation, self._started.data
        if first_frame.last_conversation(data) != shown.id:
            return None
        try:
            described = read_description(Path(data, "conversations", shown.id))
        except (OSError, ValueError):
            return None
        if described.title != shown.title:
            return None
        return first_frame.key(self._started, taken.size)

    def _write(self, taken: Snapshot, key: bytes | None) -> None:
        """Write a frame, unless it is there already. Waits for the disk."""
        frame = "".join(f"\x1b[{y};1H{row}" for y, row in enumerate(taken.rows, 1)).encode("utf-8", "replace")
        renderer = self._renderer
        if key is None or renderer is None or not first_frame.is_harmless(frame):
            return
        pictures = encoded(
            taken.pictures,
            colours=renderer.terminal.colours,
            glyphs=renderer.glyphs,
            most_bytes=first_frame.MOST_BYTES - len(frame) - len(key) - 100,
        )
        kept = first_frame.joined(key, frame, pictures)
        with self._writing:
            # What was deleted meanwhile must not come back.
            if taken.changes != self._changes or first_frame.read(self._started.data) == kept:
                return
            try:
                first_frame.keep(self._started.data, kept)
            except OSError as error:
                log.warning("the frame of the next start cannot be kept: %s", error)

    def _forget(self) -> None:
        if self._screen is not None:
            self._screen.run_worker(self._remove, thread=True)

    def _remove(self) -> None:
        with self._writing:
            first_frame.forget(self._started.data)

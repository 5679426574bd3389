"""The terminal as the application drives it: what is read, what is written, and its way to somebody else and back."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import time
from codecs import getincrementaldecoder
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ClassVar

from textual.constants import ESCAPE_DELAY
from textual.events import Key, Paste
from textual.message import Message

from animus_tui.graphics.probe.capabilities import cell_size
from animus_tui.late_pattern import late_pattern
from animus_tui.taken_terminal import TERMINAL
from animus_tui.ui.terminal import job_control
from animus_tui.ui.terminal.input import Background, EscapedCharacter, EscapeKey, Keys, Pasted, TerminalInput
from animus_tui.ui.terminal.key_modes import key_modes
from animus_tui.ui.terminal.output import SLICE, TerminalWriter
from animus_tui.ui.terminal.system_opener import browse
from animus_tui.ui.textual_compat import KeyParser, LinuxDriver, driver_of, has_focus, repaint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from textual.app import App
    from textual.driver import Driver

    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.graphics.probe.terminal_probe import TerminalProbe
    from animus_tui.graphics.rendering.pixel_rows import PixelTable
    from animus_tui.ui.terminal.input import Item
    from animus_tui.ui.terminal.picture_rows import PictureRows

LONGEST_DELAY = 10.0
"""Seconds after which no answer is expected any more: longer than any line that one can type through."""
MODES_DELAY = 2.0
"""The same for what Textual asks, where nothing is known of the terminal."""
LONGEST_START = 5.0
"""Seconds after which keys are handed on whether anything has the focus or not."""
LONGEST_END = 3.0
"""Seconds that the terminal may take for what is still to be written at the end."""
MOST_PIXEL_BYTES = 200_000
"""Bytes of pixels in one frame where the terminal draws them at the cursor; of more, glyphs are shown first."""
LONGEST_FRAME = 0.016
"""Seconds that the terminal may take for them."""
PIXELS_AFTER = 0.1
"""Seconds after the last frame in which pictures moved and there were such, until the pixels are drawn."""
PAUSE = 0.001
"""Seconds between two slices of pixels where the terminal takes each within them; keys and frames come in between."""
ERASE = "\x1b[2J"
"""Erases the screen: not each terminal takes the pixels away when the alternate screen is left."""
OTHER_SCREEN = "\x1b[?1049h"
"""Goes to the terminal's other screen and clears it."""
LONGEST_HELD = 0.4
"""Seconds for which a frame of the last time stands at most, once the application has the terminal."""
_FRAME = late_pattern(r"\x1b\[\d+;\d+H")
"""How a frame begins, and nothing else that is written."""
WHOLE = "\x1b[1;1H"
"""How a frame of the whole screen begins."""
_LOOK = 0.005
"""Seconds between two looks at the focus."""
_TICK = 0.1
"""Seconds after which the reading thread looks whether it is to end."""


class BackgroundReported(Message):
    """The terminal told its background after the application had started."""

    def __init__(self, colour: Rgb) -> None:
        """`colour`: red, green and blue, 0 to 255."""
        super().__init__()
        self.colour = colour


class EscapedKey(Key):
    """Alt and a key, where that is bound; else the Escape key and then the key `behind` it.

    A terminal sends the same for both, unless a pause of a typist's length is between the two.
    """

    def __init__(self, behind: Key) -> None:
        name = f"shift+{behind.key.lower()}" if behind.key.isupper() else behind.key
        super().__init__(f"alt+{name}", None)
        self._behind = behind

    def keys(self, *, is_alt: bool) -> Sequence[Key]:
        """The keys that were pressed; `is_alt`: Alt with this one is bound."""
        if is_alt:
            return [Key(self.key, None)]
        return [Key("escape", "\x1b"), self._behind.copy()]


class TerminalDriver(LinuxDriver):
    """Drives a terminal that may be slow, may not read at all, may be taken away, and may answer late.

    The event loop never waits for it: while too much is unread, frames are left out, and the whole screen is written
    once it has caught up. A terminal that is gone ends the application properly.
    """

    probe: ClassVar[TerminalProbe | None] = None
    """What the terminal was asked before the start; its answers were read as far as they came."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        is_ignored = job_control.is_ignored()
        self.is_stoppable = job_control.has_shell() and not is_ignored
        """Whether Ctrl+Z can hand the terminal to a shell."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.app = app
        self._is_debugging = debug
        self._running_loop = asyncio.get_running_loop()
        self.farewells: list[Callable[[], None]] = []
        """What is to be done before the terminal is given back, each time it is."""
        self._writer: TerminalWriter | None = None
        self._pictures: PictureRows | None = None
        self._cell: tuple[int, int] | None = None
        """Width and height of a cell in pixels when pixels were last drawn."""
        self._owed: asyncio.TimerHandle | None = None
        """The next time at which pixels are drawn that were left out."""
        self._are_moving = False
        """Whether that is when the pictures have come to rest."""
        self._is_given_back = True
        self._is_setting_up = False
        """Whether what is written is no frame, and must not be left out."""
        self._is_stopping = False
        self.is_ending = False
        """Whether the application was told to end, so that it does not wait for the terminal any more."""
        self._frame_stands = False
        """Whether the other screen shows what the application painted last time, and is not painted over yet."""
        self._awaits_whole = False
        """Whether the whole screen is about to be written over it."""
        self._has_painted = False
        """Whether there was a frame of the application, whoever saw it."""
        self._sent_together: list[Message] | None = None
        self._expected_for = LONGEST_DELAY
        if self.probe is None:
            self._expected_for = MODES_DELAY
        elif not self.probe.outstanding:
            self._expected_for = 0.0
        self._key_modes = key_modes("" if self.probe is None else self.probe.name)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN if is_ignored else self._told_to_stop)
        signal.signal(signal.SIGCONT, self._continued)

    # Taking and giving back

    def start_application_mode(self) -> None:
        """Take the terminal: alternate screen, raw input, mouse."""
        if self._writer is None:
            self._writer = TerminalWriter(
                sys.__stdout__.fileno() if sys.__stdout__ is not None else self.fileno,
                on_gone=lambda: self._on_loop(self._end),
                on_caught_up=lambda: self._on_loop(self._caught_up),
            )
        self._is_given_back = False
        if self._pictures is not None:
            self._pictures.forget()
        self._frame_stands = TERMINAL.hand_over()
        if self._frame_stands:
            self._running_loop.call_later(LONGEST_HELD, self.take_over)
        with self._setting_up():
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's has no annotation
            self.write_surely(self._key_modes.take)
        before = TERMINAL.attributes_before or (self.probe and self.probe.attributes_before)
        if before:
            # What is given back at the end is the terminal as it was before the start, or before the question.
            self.attrs_before = before

    def stop_application_mode(self) -> None:
        """Say farewell, then restore the terminal.

        However the application ends, by quitting, an error or a signal, or for a while in the background, Textual
        leaves the alternate screen here before it tells any widget; and the images of a terminal belong to one of its
        two screens.
        """
        if self._is_given_back:  # and somebody else may have it
            return
        self._frame_stands = self._awaits_whole = False
        with self._setting_up():
            for farewell in self.farewells:
                farewell()
            if self._pictures is not None and self._pictures.has_drawn:
                self.write_surely(ERASE)
            self.write_surely(self._key_modes.give_back)
            super().stop_application_mode()
        self._is_given_back = True

    def disable_input(self) -> None:
        """Read no more, unless that is so already: somebody else may have the terminal."""
        if not self._is_given_back:
            super().disable_input()

    def close(self) -> None:
        """Wait until the terminal has taken what was written, but not for one that does not read."""
        if self._writer is not None:
            self._writer.drain(LONGEST_END)
        super().close()

    @contextmanager
    def _setting_up(self) -> Iterator[None]:
        self._is_setting_up = True
        try:
            yield
        finally:
            self._is_setting_up = False

    # Writing

    def write(self, data: str) -> None:
        """Write to the terminal, while it is ours; a frame is left out when too much waits already."""
        if self._is_setting_up:
            if not (self._frame_stands and data == OTHER_SCREEN):
                self.write_surely(data)
        elif self._writer is not None and not (self._is_given_back or self._is_held_back(data)):
            if self._pictures is None:
                self._writer.write(data.encode("utf-8", "replace"))
            else:
                self._write_with_pictures(data, self._pictures, self._writer)

    def show_pixels(self, table: PixelTable) -> None:
        """Draw the pictures of `table` where their characters stand, from now on."""
        if self._pictures is None:
            from animus_tui.ui.terminal.picture_rows import PictureRows

            self._pictures = PictureRows(table)
            self._cell = cell_size(self.fileno)

    def _write_with_pictures(self, data: str, pictures: PictureRows, writer: TerminalWriter) -> None:
        if self._has_other_cells():
            pictures.outdate()
            self._running_loop.call_soon(repaint, self.app)
        size = self.app.size
        most = int(min(MOST_PIXEL_BYTES, writer.most_in(LONGEST_FRAME)))
        # While they move, glyphs and pixels do not take turns.
        moving = most if self._owed is None else 0
        screen = size.width, size.height
        if not writer.write(pictures.translated(data, screen, most=most, most_moving=moving)):
            pictures.forget()
        if not pictures.has_deferred:
            return
        if pictures.has_moved:
            self._are_moving = True
            self._draw_in(PIXELS_AFTER, pictures, writer)
        elif self._owed is None:
            self._draw_in(PAUSE, pictures, writer)

    def _has_other_cells(self) -> bool:
        """Whether the letters have another size than before."""
        before, self._cell = self._cell, cell_size(self.fileno) or self._cell
        return before is not None and before != self._cell

    def glyphs_came(self) -> None:
        """Write once more what lacks glyphs that are there now."""
        if self._pictures is not None and self._pictures.lacks_glyphs:
            self._pictures.forget()
            repaint(self.app)

    @property
    def takes_pixels_soon(self) -> bool:
        """Whether pixels that come now are soon drawn: no pictures move, and the terminal is as quick as it can be."""
        writer = self._writer
        return not self._are_moving and (writer is None or writer.most_at_best_in(LONGEST_FRAME) >= SLICE)

    def _draw_in(
        self, seconds: float, pictures: PictureRows, writer: TerminalWriter, pause: float = PAUSE
    ) -> None:
        """Draw pixels that were left out after so many seconds, and not before."""
        if self._owed is not None:
            self._owed.cancel()
        self._owed = self._running_loop.call_later(seconds, self._draw_owed, pictures, writer, pause)

    def _draw_owed(self, pictures: PictureRows, writer: TerminalWriter, pause: float) -> None:
        """Draw pixels that were left out, a few rows at a time: keys and frames come in between.

        After `pause` seconds it is looked whether the terminal has taken them.
        """
        self._owed, self._are_moving = None, False
        if self._is_given_back or not pictures.is_owing:
            return
        if writer.is_idle:
            most = min(SLICE, writer.most_in(LONGEST_FRAME))
            writer.write(pictures.owed(int(most)))
            pause = PAUSE
        self._draw_in(pause, pictures, writer, min(2 * pause, LONGEST_FRAME))

    def _is_held_back(self, data: str) -> bool:
        if self._has_painted and not (self._frame_stands or self._awaits_whole):
            return False
        is_frame = _FRAME.match(data) is not None
        self._has_painted |= is_frame
        if is_frame and not self._frame_stands and data.startswith(WHOLE):
            self._awaits_whole = False
        return is_frame and (self._frame_stands or self._awaits_whole)

    def take_over(self) -> None:
        """Paint over the frame of the last time, if it still stands: the screen is as complete as that, or a key came.

        Until then the frames of a screen that is put together piece by piece are left out, which would only flicker.
        """
        if self._frame_stands:
            self._frame_stands, self._awaits_whole = False, True
            repaint(self.app)

    def write_surely(self, data: str) -> None:
        """Write a short command to the terminal, while it is ours, however much waits."""
        if self._writer is not None and not self._is_given_back:
            self._writer.write_surely(data.encode("utf-8", "replace"))

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Open an address in the user's browser, which gets no secret of ours with its environment."""
        browse(url)

    @property
    def is_taken(self) -> bool:
        """Whether the terminal has taken all that was written."""
        return self._writer is None or self._writer.is_idle

    def take_over_soon(self) -> None:
        """Do as `take_over` does; from any thread."""
        if self._frame_stands:
            self._on_loop(self.take_over)

    def _caught_up(self) -> None:
        if not self._is_given_back:
            repaint(self.app)

    # Reading

    def run_input_thread(self) -> None:
        """Turn bytes into messages until the end."""
        self._wait_for_focus()
        keyboard = _Keyboard(self, self._is_debugging, expected_for=self._expected_for)
        self._expected_for = min(self._expected_for, MODES_DELAY)
        if self.probe is not None:
            keyboard.take(self.probe.take_typed())
        while not self.exit_event.is_set():
            if not keyboard.wait():
                self._on_loop(self._end)
                return
        # What the terminal still says about the mouse must not be typed into the shell.
        keyboard.wait()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Post what is sent within this to the application at once; for the thread that reads the terminal.

        Posted one by one, the first keys of a burst would be done before the others are there, and the beginning of a
        message would be taken for keys.
        """
        sent = self._sent_together = []
        try:
            yield
        finally:
            self._sent_together = None
            if sent:
                self._on_loop(lambda: self._post(sent))

    def send_message(self, message: Message) -> None:
        """Post a message to the application, in its place among those that are sent together."""
        if self._sent_together is None:
            self._on_loop(lambda: self._post([message]))
        else:
            self._sent_together.append(message)

    def _post(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.app.post_message(message)

    def _wait_for_focus(self) -> None:
        """A key before anything has the focus, or its place on the screen, would go nowhere."""
        patience = time.monotonic() + LONGEST_START
        while not (has_focus(self.app) and self._has_painted) and time.monotonic() < patience:
            if self.exit_event.wait(_LOOK):
                return

    def _end(self) -> None:
        """The terminal is gone: nobody will ever press a key."""
        self.app.exit()

    def _on_loop(self, act: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: the application has ended
            self._running_loop.call_soon_threadsafe(act)

    # To the shell and back

    def suspend(self) -> None:
        """Stop with the whole process group, as Ctrl+Z does elsewhere; goes on when the shell says so."""
        if self.is_stoppable:
            self._stop(job_control.stop_group)

    def _told_to_stop(self, *_: object) -> None:
        # Not in the signal handler itself, which may interrupt anything.
        self._on_loop(lambda: self._stop(job_control.stop_alone))

    def _stop(self, stop: Callable[[], None]) -> None:
        is_ours = not self._is_given_back
        self._is_stopping = True
        try:
            if is_ours:
                self.app.app_suspend_signal.publish(self.app)
                self.suspend_application_mode()
            stop()
            job_control.wait_for_foreground(self.fileno, unless=lambda: self.is_ending)
            if is_ours and not self.is_ending:
                self._come_back()
        finally:
            self._is_stopping = False

    def _continued(self, *_: object) -> None:
        if not self._is_stopping:
            self._on_loop(self._take_again)

    def _take_again(self) -> None:
        """After a stop that could not be noticed (SIGSTOP): whoever had the terminal meanwhile has changed it."""
        if self._is_given_back or self._is_stopping:
            return
        job_control.wait_for_foreground(self.fileno, unless=lambda: self.is_ending)
        self.suspend_application_mode()
        self._come_back()

    def _come_back(self) -> None:
        self.resume_application_mode()
        self.app.app_resume_signal.publish(self.app)
        repaint(self.app)


class _Keyboard:
    """Bytes from the terminal on their way to messages."""

    def __init__(self, driver: TerminalDriver, debug: bool, *, expected_for: float) -> None:
        """Answers may come for `expected_for` seconds."""
        self._driver = driver
        self._parser = KeyParser(debug=debug)
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._input = TerminalInput(ESCAPE_DELAY)
        self._input.expect_answers(time.monotonic() + expected_for)

    def wait(self) -> bool:
        """Take what comes within a tick; False when the terminal is gone."""
        descriptor = self._driver.fileno
        deadline = self._input.deadline
        patience = _TICK if deadline is None else min(_TICK, max(0.0, deadline - time.monotonic()))
        try:
            data = os.read(descriptor, 4096) if select.select([descriptor], [], [], patience)[0] else None
        except (OSError, ValueError):
            return False
        if data:
            self.take(TERMINAL.early.as_typed(data))
        elif data is None:
            self._hand_on(self._input.expire(time.monotonic()))
        for message in self._parser.tick():
            self._driver.process_message(message)
        return data != b""

    def take(self, data: bytes) -> None:
        """Hand on what it is."""
        self._hand_on(self._input.feed(data, time.monotonic()))

    def _hand_on(self, items: Iterable[Item]) -> None:
        with self._driver.together():
            for item in items:
                if not isinstance(item, Background):
                    self._driver.take_over_soon()
                match item:
                    case Keys(data):
                        for message in self._parser.feed(self._decode(data)):
                            self._driver.process_message(message)
                    case EscapeKey():
                        self._driver.process_message(Key("escape", "\x1b"))
                    case EscapedCharacter(character):
                        for message in self._parser.feed(character):
                            self._driver.process_message(
                                EscapedKey(message) if isinstance(message, Key) else message
                            )
                    case Pasted(text):
                        self._driver.process_message(Paste(text))
                    case Background(colour):
                        self._driver.process_message(BackgroundReported(colour))


def driver_after(probe: TerminalProbe, base: type[Driver]) -> type[Driver]:
    """The driver to go on with after `probe`; another than the terminal's has nothing to do with it."""
    if not issubclass(base, TerminalDriver):
        return base
    return type("DriverAfterProbe", (base,), {"probe": probe})


def write_commands(app: App[Any], commands: str) -> None:
    """Write whole commands between two frames, while the terminal is ours. Only Textual writes without it."""
    driver = driver_of(app)
    if isinstance(driver, TerminalDriver):
        driver.write_surely(commands)  # the half of a command would take the next frame for its rest
    elif driver is not None:
        driver.write(commands)

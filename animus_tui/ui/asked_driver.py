"""Textual's driver after the terminal was asked something: keys typed meanwhile count, late answers do not."""

from __future__ import annotations

import os
import select
import time
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, ClassVar

from textual._xterm_parser import XTermParser
from textual.app import ScreenStackError
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver

from animus_tui.graphics.queries import LateAnswers

if TYPE_CHECKING:
    from textual.driver import Driver

    from animus_tui.graphics.inquiry import Inquiry

LONGEST_DELAY = 10
"""Seconds after which no answer is expected any more: longer than any connection that one can type through."""
REST_DELAY = 1
"""Seconds that the rest of an answer may take that has come in parts."""
LONGEST_START = 5
"""Seconds after which keys are handed on whether anything has the focus or not."""
_LOOK = 0.005
"""Seconds between two looks at the focus."""
_TICK = 0.1
"""Seconds without a key after which the parser takes an ESC for the Escape key."""


class AskedDriver(LinuxDriver):
    """Reads keys as Textual does. Its parser would take an answer of the terminal for keys: `[?62;c` in the prompt."""

    inquiry: ClassVar[Inquiry]
    """What was asked; its answers were read as far as they came."""

    def start_application_mode(self) -> None:
        """Begin. What is given back at the end is the terminal as it was before the question."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's has no annotation
        if self.inquiry.attributes_before is not None:
            self.attrs_before = self.inquiry.attributes_before

    def run_input_thread(self) -> None:
        """Turn bytes into messages until the end."""
        self._wait_for_focus()
        keys = _Keys(self)
        keys.take(self.inquiry.take_typed())
        while not self.exit_event.is_set():
            keys.wait()
        # What the terminal still says about the mouse must not be typed into the shell.
        keys.wait()

    def _wait_for_focus(self) -> None:
        """A key before anything has the focus would go nowhere."""
        patience = time.monotonic() + LONGEST_START
        while not self._is_focused() and time.monotonic() < patience:
            if self.exit_event.wait(_LOOK):
                return

    def _is_focused(self) -> bool:
        try:
            return self._app.focused is not None
        except ScreenStackError:  # there is no screen yet
            return False


class _Keys:
    """Bytes from the keyboard on their way to messages."""

    def __init__(self, driver: AskedDriver) -> None:
        self._driver = driver
        self._parser = XTermParser(driver._debug)  # noqa: SLF001 - as Textual's own driver does
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._late = LateAnswers()
        self._began = time.monotonic()
        self._last = self._began

    def wait(self) -> None:
        """Take what comes within a tick."""
        descriptor = self._driver.fileno
        if select.select([descriptor], [], [], _TICK)[0]:
            if data := os.read(descriptor, 4096):
                self.take(data)
            else:
                time.sleep(_TICK)  # the terminal is closed, which a signal tells as well
        for message in self._parser.tick():
            self._driver.process_message(message)
        self._release()

    def take(self, data: bytes) -> None:
        """Hand on what of it is keys."""
        self._last = time.monotonic()
        self._feed(self._late.keys(data))

    def _release(self) -> None:
        """What is held back for too long is no answer."""
        now = time.monotonic()
        is_over = not self._driver.inquiry.outstanding or now - self._began > LONGEST_DELAY
        patience = REST_DELAY if self._late.is_sure else ESCAPE_DELAY
        if now - self._last >= patience or is_over:
            self._feed(self._late.release(for_good=is_over))

    def _feed(self, data: bytes) -> None:
        if text := self._decode(data):
            for message in self._parser.feed(text):
                self._driver.process_message(message)


def driver_after(inquiry: Inquiry, base: type[Driver]) -> type[Driver]:
    """The driver to go on with after `inquiry`: `base`, which keeps what it does beside reading keys."""
    if not issubclass(base, LinuxDriver):
        return base
    return type("DriverAfterInquiry", (AskedDriver, base), {"inquiry": inquiry})

"""The one exchange with the terminal, before the application starts: what is asked, and what the answers mean.

The questions go out in one piece. The last one is for the primary device attributes, which every terminal answers,
and terminals answer in order: when that answer is there, no other one is still to come. Answers arrive where keys
arrive, so from the question on the terminal neither echoes nor collects lines, and what is not an answer is handed on
in its order.
Sources: xterm's "Control Sequences" (DA1, XTVERSION, DECRQSS, XTSMGRAPHICS, window operations, OSC 11); Kitty's
"Terminal graphics protocol" for its query; VT510 Programmer Information for what the numbers of DA1 mean.
"""

from __future__ import annotations

import os
import re
import select
import signal
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.late_pattern import late_pattern
from animus_tui.taken_terminal import TERMINAL, EarlyKeys, is_one_terminal, quiet_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType, TracebackType
    from typing import Any, Self

PATIENCE = 0.2
"""Seconds from the question for which the rest of an answer is waited for."""
SILENCE = 0.1
"""Seconds from the question for which the first byte of an answer is waited for."""
MOST_BYTES = 1 << 16
"""Most bytes that are read as answers; the rest stays in the terminal's input."""
_ENDING = (signal.SIGTERM, signal.SIGHUP)

DEVICE_ATTRIBUTES = b"\x1b[c"
VERSION = b"\x1b[>q"
CELL_SIZE = b"\x1b[16t"
BACKGROUND = b"\x1b]11;?\x1b\\"
GRAPHICS = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
"""Asks whether a picture of one pixel could be sent (`a=q`); the terminal keeps nothing of it."""
SIXEL_COLOURS = b"\x1b[?1;1;0S"
"""Asks for the number of colour registers (XTSMGRAPHICS)."""
SIXEL_SIZE = b"\x1b[?2;1;0S"
"""Asks for the size in pixels that a sixel picture may have (XTSMGRAPHICS)."""
DIRECT_COLOUR = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
"""Sets a 24-bit colour, asks for the colour that is set now (DECRQSS), and resets it."""

_SILENT = late_pattern(r"linux|ansi|dumb|unknown|vt\d|cons\d|eterm|cygwin|screen|$", re.IGNORECASE)
"""By TERM: those that print what they do not understand, GNU screen, which hands it on to the terminal around it, and
those that are none."""
_HAS_GRAPHICS = late_pattern(r"xterm-(kitty|ghostty)|wezterm", re.IGNORECASE)
_GRAPHICS_VARIABLES = ("KITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "WEZTERM_PANE", "KONSOLE_VERSION")

_SIXEL = b"4"
"""The number among the primary device attributes that stands for sixel graphics."""
_STRING_END = rb"(?:\x1b\\|\x07|\x9c)"
_ANSWER = late_pattern(
    rb"""
    \x1b\[ (?: \? (?P<attributes>[\d;]*) c | 6;(?P<height>\d{1,5});(?P<width>\d{1,5}) t )
    | \x1b\[\? (?: 1;0;(?P<registers>\d{1,9}) | 2;0;(?P<widest>\d{1,9});\d{1,9} | [12](?:;\d{0,9}){1,3} ) S
    | \x1bP (?: >\| (?P<version>[^\x1b\x07\x9c]{0,200}) | (?P<taken>[01]\$r[\d;:]{0,100}) m? ) END
    | \x1b_G [^\x1b;]{0,100} ; (?P<graphics>[^\x1b]{0,300}) END
    | \x1b\]11; (?P<background>[^\x1b\x07\x9c]{0,100}) END
    """.replace(b"END", _STRING_END),
    re.VERBOSE,
)
_COLOUR = late_pattern(rb"rgba?:([\da-f]+)/([\da-f]+)/([\da-f]+)", re.IGNORECASE)
_NAME = late_pattern(r"([^\s(]+)[\s(]*([^\s()]*)")
_BELIEVABLE_CELL = range(2, 200)
"""Pixels of a cell's side."""


class Answers(Struct, frozen=True):
    """What the terminal answered; immutable."""

    complete: bool = False
    """Whether the last question was answered, so that nothing is still to come."""
    name: str = ""
    """The terminal's own name in lower case; empty where it tells none."""
    version: str = ""
    has_graphics: bool | None = None
    """Whether it takes Kitty's graphics commands; None where that was not asked or nothing was answered."""
    has_sixel: bool = False
    """Whether it counts sixel graphics among its attributes."""
    sixel_colours: int | None = None
    """Colour registers of sixel graphics; None where the terminal does not tell."""
    sixel_width: int | None = None
    """Pixels that a sixel picture may be wide at most; None where the terminal does not tell."""
    cell_size: tuple[int, int] | None = None
    """Width and height of a cell in pixels; None where the terminal does not tell."""
    background: Rgb | None = None
    takes_direct_colour: bool = False
    """Whether the terminal kept a 24-bit colour unchanged."""


def questions(env: Mapping[str, str], *, colours_known: bool) -> bytes:
    """All that is worth asking the terminal that `env` speaks of; empty when nothing is.

    `colours_known`: the environment tells of 24 bits.
    """
    term = env.get("TERM", "").strip()
    within_tmux = bool(env.get("TMUX"))
    if env.get("STY") or env.get("INSIDE_EMACS") or env.get("TERM_PROGRAM") == "Apple_Terminal":
        return b""
    if _SILENT.match(term) and not (within_tmux and term.startswith("screen")):
        return b""
    # The size of a cell by the terminal goes before the kernel's: in Windows Terminal a sixel picture stands in cells
    # of 10×20 pixels whatever the font (its pull request 17504), and xterm counts its border into the kernel's.
    asked = [VERSION, BACKGROUND, CELL_SIZE]
    # tmux takes the graphics query for a title, and so does iTerm2: it is for those that are known to answer.
    if not within_tmux and (_HAS_GRAPHICS.match(term) or any(env.get(name) for name in _GRAPHICS_VARIABLES)):
        asked.append(GRAPHICS)
    # tmux answers for itself and shows no sixels of ours. JediTerm may take the letter S for scrolling.
    if not within_tmux and not env.get("TERMINAL_EMULATOR"):
        asked += SIXEL_COLOURS, SIXEL_SIZE
    if not colours_known:
        asked.append(DIRECT_COLOUR)
    return b"".join([*asked, DEVICE_ATTRIBUTES])


def read_answers(data: bytes, *, asked: bytes) -> tuple[Answers, bytes]:
    """The answers in the bytes from the terminal, and the other bytes in order: keys, or an incomplete answer."""
    found: dict[str, bytes] = {}
    for match in _ANSWER.finditer(data):
        found |= {kind: text for kind, text in match.groupdict().items() if text is not None}
    name, version = named(found.get("version", b""))
    complete = "attributes" in found
    graphics = found.get("graphics")
    was_refused = complete and GRAPHICS in asked
    answers = Answers(
        complete=complete,
        name=name,
        version=version,
        has_graphics=graphics == b"OK" if graphics is not None else (False if was_refused else None),
        has_sixel=_SIXEL in found.get("attributes", b"").split(b";"),
        sixel_colours=int(found.get("registers", b"0")) or None,
        sixel_width=int(found.get("widest", b"0")) or None,
        cell_size=_cell(found.get("width", b""), found.get("height", b"")),
        background=_colour(found.get("background", b"")),
        takes_direct_colour=_is_direct(found.get("taken", b"")),
    )
    return answers, _ANSWER.sub(b"", data)


def is_complete(data: bytes) -> bool:
    """Whether the answer to the last question is there."""
    return any(match["attributes"] is not None for match in _ANSWER.finditer(data))


def named(text: bytes) -> tuple[str, str]:
    """Name and version in what XTVERSION gives: `kitty(0.41.1)`, `WezTerm 20240203-110809-5046fc22`."""
    words = "".join(chr(byte) for byte in text if 0x20 <= byte < 0x7F)
    match = _NAME.match(words)
    return (match[1].lower(), match[2]) if match else ("", "")


def _cell(width: bytes, height: bytes) -> tuple[int, int] | None:
    size = int(width or b"0"), int(height or b"0")
    return size if all(side in _BELIEVABLE_CELL for side in size) else None


def _colour(text: bytes) -> Rgb | None:
    """The colour of `rgb:rrrr/gggg/bbbb`, one to four hexadecimal digits each (X11); None for anything else."""
    if (match := _COLOUR.match(text)) is None:
        return None
    red, green, blue = (round(int(part, 16) * 255 / (16 ** len(part) - 1)) for part in match.groups())
    return red, green, blue


def _is_direct(taken: bytes) -> bool:
    """Whether the colour that was set is told as it was: `1$r0;48:2::1:2:3`, with semicolons in older terminals."""
    valid, _, parameters = taken.partition(b"$r")
    return valid == b"1" and re.search(rb"(?:^|[;:])48[;:]2[;:]+1[;:]2[;:]3$", parameters) is not None


class TerminalProbe:
    """`with TerminalProbe(…) as probe:` and `probe.ask()`; on leaving the terminal is as it was, whatever happens.

    Answers that come after the bound are for whoever reads the keys then: `outstanding` says whether to expect them.
    """

    def __init__(self, keyboard: int, screen: int, asked: bytes) -> None:
        """File descriptors of one terminal, to read from and to write to, and what to ask; empty asks nothing."""
        self._keyboard = keyboard
        self._screen = screen
        self._asked = asked
        self._received = b""
        self._before: list[Any] | None = None
        self._handlers: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}
        self._asked_at = 0.0
        self._is_read = False
        self.outstanding = False
        """Whether answers may still come."""
        self.name = ""
        """The terminal's own name in lower case, as far as it came in time."""
        self._typed = b""
        self._early = TERMINAL.early

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._is_read:
                # Nobody is going to read the keys: what comes now would be typed into the shell.
                self._receive()
        finally:
            self.restore()
            for number, handler in self._handlers.items():
                if signal.getsignal(number) == self._end:
                    signal.signal(number, handler)

    def ask(self) -> None:
        """Write the questions if both ends are one terminal and this process is in its foreground; else do nothing."""
        # Not a part of `__enter__`: Ctrl+C in the middle of that would never come to `__exit__`.
        if self._asked and is_one_terminal(self._keyboard, self._screen):
            with suppress(OSError, termios.error):
                self._ask()

    @property
    def attributes_before(self) -> list[Any] | None:
        """What tcgetattr gave before the question; None when nothing was asked."""
        return self._before

    def answers(self) -> Answers:
        """The answers that came in time. Waits for the last one, at most PATIENCE seconds from the question."""
        self._receive()
        self._is_read = True
        answers, self._typed = read_answers(self._received, asked=self._asked)
        self.name = answers.name
        self.outstanding = self._before is not None and not answers.complete
        return answers

    def take_typed(self) -> bytes:
        """The bytes that are no answer, once: keys, and perhaps the beginning of a late answer."""
        typed, self._typed = self._typed, b""
        return typed

    def restore(self) -> None:
        """Give the terminal its former settings (echo, line mode), unless another job has it. Safe to call twice."""
        if self._before is not None and is_one_terminal(self._keyboard, self._screen):
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)

    def _ask(self) -> None:
        taken = TERMINAL.attributes_before
        before = taken or termios.tcgetattr(self._keyboard)
        for number in _ENDING:
            if signal.getsignal(number) == signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._end)
        self._before = before
        if taken is None:
            termios.tcsetattr(self._keyboard, termios.TCSANOW, quiet_attributes(before))
            self._early = EarlyKeys(self._keyboard)
        self._asked_at = time.monotonic()
        os.write(self._screen, self._asked)

    def _receive(self) -> None:
        if self._before is None:
            return
        while not is_complete(self._received) and len(self._received) < MOST_BYTES:
            bound = PATIENCE if self._received else SILENCE
            patience = max(0, self._asked_at + bound - time.monotonic())
            try:
                if not select.select([self._keyboard], [], [], patience)[0]:
                    return
                data = os.read(self._keyboard, 4096)
            except OSError:  # the terminal is gone
                return
            if not data:
                return
            self._received += self._early.as_typed(data)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Signal handler: restore the terminal, then let the signal end the process."""
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

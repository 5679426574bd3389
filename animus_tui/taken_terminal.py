"""The terminal from the first moment of a start until the application drives it.

Keys that are typed meanwhile are for the application: nothing echoes them, Enter arrives as what the key sends, and
Ctrl+Z and Ctrl+\\ are keys; Ctrl+C ends the process as long as nothing else can. Whatever ends the start gives the
terminal back as it was. This is loaded before anything else, so it imports as little as can be.
"""

import _signal  # type: ignore[import-not-found]  # part of the interpreter; `signal` takes 5 ms, for its enumerations
import os

TYPE_CHECKING = False  # as of typing, which takes longer to load than all that is done here
if TYPE_CHECKING:
    from types import FrameType

ENTER = b"\x1b[?1049h\x1b[m\x1b[?25l\x1b[?7l"
"""The other screen, without cursor and without wrapping at its right edge."""
LEAVE = b"\x1b[m\x1b[?7h\x1b[?1049l\x1b[?25h"
PIECE = 2 << 10
"""Bytes that are written at once."""
PATIENCE = 100
"""Milliseconds without progress after which a terminal is not waited for: the application paints all of it anyway."""
_IFLAG, _LFLAG, _CC = 0, 3, 6
"""Indexes into the list that tcgetattr returns (termios(3))."""


def quiet_attributes(before: list) -> list:  # type: ignore[type-arg]  # what tcgetattr gives has no better type
    """The attributes with which keys arrive one by one, unchanged and unseen; Ctrl+C still is a signal."""
    import termios

    quiet = [*before[:_CC], list(before[_CC])]
    quiet[_IFLAG] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.IXOFF)
    quiet[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    characters = quiet[_CC]
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    characters[termios.VQUIT] = characters[termios.VSUSP] = _nothing()
    return quiet


def _nothing() -> bytes:
    """What stands for no character at all among the control characters."""
    try:
        return bytes([os.pathconf("/dev/tty", "PC_VDISABLE") & 0xFF])
    except (OSError, ValueError):
        return b"\0"


class EarlyKeys:
    """What was typed before the terminal was taken: its Enter had become a line feed by then."""

    def __init__(self, keyboard: int | None = None) -> None:
        """`keyboard`: the terminal, which collects no lines any more and of which nothing was read yet."""
        self._left = 0 if keyboard is None else _waiting(keyboard)

    def as_typed(self, data: bytes) -> bytes:
        """The next bytes that were read, with Enter as the key sends it."""
        early, later = data[: self._left], data[self._left :]
        self._left -= len(early)
        return early.replace(b"\n", b"\r") + later


def _waiting(keyboard: int) -> int:
    """Bytes that can be read at once."""
    import termios
    from fcntl import ioctl

    try:
        return int.from_bytes(ioctl(keyboard, termios.FIONREAD, bytes(4)), "little")
    except OSError:
        return 0


def is_one_terminal(keyboard: int, screen: int) -> bool:
    """Whether both ends are the same terminal and this process is in its foreground."""
    try:
        return (
            os.isatty(keyboard)
            and os.fstat(keyboard).st_rdev == os.fstat(screen).st_rdev
            and os.tcgetpgrp(keyboard) == os.getpgrp()
        )
    except OSError:
        return False


class TakenTerminal:
    """The terminal on the standard streams, once a start without arguments has taken it."""

    def __init__(self) -> None:
        self.attributes_before: list | None = None  # type: ignore[type-arg]  # as above
        """What tcgetattr gave when it was taken; None while it is not."""
        self.early = EarlyKeys()
        self._has_frame = False
        self._is_handed_over = False

    def take(self) -> None:
        """Have the terminal collect keys for the application. OSError, termios.error."""
        import termios

        before = termios.tcgetattr(0)
        for number, usual in (
            (_signal.SIGINT, _signal.default_int_handler),
            (_signal.SIGTERM, _signal.SIG_DFL),
            (_signal.SIGHUP, _signal.SIG_DFL),
        ):
            if _signal.getsignal(number) == usual:
                _signal.signal(number, self.end)
        self.attributes_before = before
        termios.tcsetattr(0, termios.TCSANOW, quiet_attributes(before))
        self.early = EarlyKeys(0)

    def paint(self, frame: bytes) -> None:
        """Write a frame to the terminal's other screen, as far as it takes it at once. OSError."""
        from select import POLLOUT, poll

        ready = poll()
        ready.register(1, POLLOUT)
        self._has_frame = True
        rest = memoryview(ENTER + frame)
        while rest and ready.poll(PATIENCE):
            rest = rest[os.write(1, rest[:PIECE]) :]

    def hand_over(self) -> bool:
        """From now on somebody else gives the terminal back. Whether our frame stands on its other screen."""
        self._is_handed_over = True
        has_frame, self._has_frame = self._has_frame, False
        return has_frame

    def give_back(self) -> None:
        """Give the terminal back as it was, unless somebody else does; what is said then is said there."""
        if self.attributes_before is None or self._is_handed_over:
            return
        self._is_handed_over = True
        import termios

        try:
            if self._has_frame:
                self._has_frame = False
                os.write(1, LEAVE)
            if is_one_terminal(0, 1):  # else another job has it, and whoever sets it up then is stopped
                termios.tcsetattr(0, termios.TCSANOW, self.attributes_before)
        except (OSError, termios.error):  # it is gone
            return

    def end(self, number: int, _: "FrameType | None") -> None:
        """Signal handler: give the terminal back, then let the signal end the process."""
        self.give_back()
        _signal.signal(number, _signal.SIG_DFL)
        os.kill(os.getpid(), number)


def end_at_ctrl_c() -> None:
    """Let Ctrl+C end the process while it is loaded, unless it gives the terminal back then or is ignored.

    It tells nothing; Python would print where it was.
    """
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)


TERMINAL = TakenTerminal()
"""The one that there is."""

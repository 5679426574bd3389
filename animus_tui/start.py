"""Where the program starts: the last frame is painted, if it fits, before anything else is loaded."""

import sys

from animus_tui import __version__
from animus_tui.taken_terminal import TERMINAL, end_at_ctrl_c


def main() -> int:
    """Run the command line; the exit code. Whatever ends a start leaves the terminal as it was."""
    if sys.argv[1:] in (["--version"], ["-V"]) and _has_told_version():
        return 0
    try:
        if not sys.argv[1:]:
            from animus_tui import first_frame

            first_frame.begin()
        end_at_ctrl_c()
        from animus_tui.cli.main import main as run

        return run()
    finally:
        TERMINAL.give_back()


def _has_told_version() -> bool:
    """Write the version, for which nothing need be loaded; False where it cannot be written, which takes more words."""
    try:
        sys.stdout.write(f"animus-chat {__version__}\n")
        sys.stdout.flush()
    except (AttributeError, OSError):  # there is no standard output, or it takes nothing
        return False
    return True

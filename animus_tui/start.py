"""Where the program starts: the last frame is painted, if it fits, before anything else is loaded."""

import sys

from animus_tui.taken_terminal import TERMINAL, end_at_ctrl_c


def main() -> int:
    """Run the command line; the exit code. Whatever ends a start leaves the terminal as it was."""
    try:
        if not sys.argv[1:]:
            from animus_tui import first_frame

            first_frame.begin()
        end_at_ctrl_c()
        from animus_tui.cli.main import main as run

        return run()
    finally:
        TERMINAL.give_back()

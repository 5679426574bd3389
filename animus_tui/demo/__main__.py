"""The server as a process of its own: `python -m animus_tui.demo [--fd N --parent-pipe]`."""

import os
import sys

from animus_tui.demo.server import run
from animus_tui.demo.state import DemoOptions


def main(arguments: list[str]) -> int:
    """Exit code 2 for arguments that are not understood."""
    match arguments:
        case []:
            fd, parent_pipe = None, False
        case ["--fd", number, "--parent-pipe"] if number.isdecimal():
            fd, parent_pipe = int(number), True
        case _:
            sys.stderr.write("usage: python -m animus_tui.demo [--fd N --parent-pipe]\n")
            return 2
    # What is said to the demo inside the application stays in the application's own files.
    try:
        options = DemoOptions.from_env(os.environ, record_requests=not parent_pipe)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    key = os.environ.pop("ANIMUS_DEMO_KEY", None)
    return run(announce=_say, sock_fd=fd, parent_pipe=parent_pipe, api_key=key, options=options)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The program with an error of its own: it fails when the terminal tells that it has lost the focus."""

from __future__ import annotations

import sys

from animus_tui.cli.main import main
from animus_tui.ui.app import AnimusApp

ERROR = "an error that nobody expected"


def fail(self: AnimusApp) -> None:
    raise RuntimeError(ERROR)


if __name__ == "__main__":
    AnimusApp.on_app_blur = fail  # type: ignore[attr-defined]  # the application has no such method
    sys.exit(main(sys.argv[1:]))

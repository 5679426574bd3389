"""Commands to the terminal itself: the only way in which anything but Textual writes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.terminal.driver import TerminalDriver
from animus_tui.ui.textual_compat import driver_of

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App


def write_commands(app: App[Any], commands: str) -> None:
    """Write whole commands between two frames, however much waits; nothing while the terminal is somebody else's."""
    driver = driver_of(app)
    if isinstance(driver, TerminalDriver):
        driver.write_surely(commands)  # the half of a command would take the next frame for its rest
    elif driver is not None:
        driver.write(commands)

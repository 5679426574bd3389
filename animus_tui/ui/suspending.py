"""Ctrl+Z: whether the application can be handed to its shell, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.terminal_driver import TerminalDriver
from animus_tui.ui.textual_compat import driver_of

if TYPE_CHECKING:
    from textual.app import App


def can_suspend(app: App[None]) -> bool:
    """Whether there is a shell that brings it back: not in a browser, and not alone in a terminal."""
    driver = driver_of(app)
    return isinstance(driver, TerminalDriver) and driver.is_stoppable


def suspend(app: App[None]) -> None:
    """Give the terminal back and stop; goes on here when the shell says so."""
    driver = driver_of(app)
    if isinstance(driver, TerminalDriver):
        driver.suspend()

"""What is private or undocumented in Textual and used here, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser
from textual.app import ScreenStackError
from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App
    from textual.driver import Driver
    from textual.message import Message

__all__ = ["KeyParser", "driver_of", "forwarded", "has_focus", "repaint"]


class KeyParser:
    """Textual's own parser of keys and mouse reports, which it has for its drivers only.

    Without it the names of all keys in all terminals would have to be learned here once more.
    """

    def __init__(self, *, debug: bool) -> None:
        self._parser = XTermParser(debug)

    def feed(self, text: str) -> Iterable[Message]:
        """Messages for what came; the empty text, which would end the parser, is nothing."""
        return self._parser.feed(text) if text else ()

    def tick(self) -> Iterable[Message]:
        """Messages for an ESC that nothing came after."""
        return self._parser.tick()


def driver_of(app: App[None]) -> Driver | None:
    """The driver of a running application, which Textual gives no other access to."""
    return app._driver  # noqa: SLF001


def has_focus(app: App[object]) -> bool:
    """Whether some widget has the focus. There is no screen yet at the very beginning, which raises."""
    try:
        return app.focused is not None
    except ScreenStackError:
        return False


def forwarded(event: Key) -> Key:
    """The same key for another widget, marked so that the application does not take it for a new key press.

    `Widget._forward_event` marks it so, too, and there is no public way.
    """
    again = Key(event.key, event.character)
    again._set_forwarded()  # noqa: SLF001
    return again


def repaint(app: App[object]) -> None:
    """Have the whole screen written to the terminal once more, from what is known of it.

    Textual writes only what differs from the last frame; a refresh of the screen itself is all of it.
    """
    try:
        app.screen.refresh()
    except ScreenStackError:
        return

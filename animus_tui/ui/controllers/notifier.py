"""Tells the user that an answer or a picture is ready, or failed, while the terminal has no focus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImagePromised,
    MessageComplete,
    MessageError,
)
from animus_tui.markdown.visible_text import visible_text
from animus_tui.ui.controllers.controller import Controller
from animus_tui.ui.terminal.driver import TerminalDriver, write_commands
from animus_tui.ui.terminal.notification import (
    BELL,
    desktop_notification,
    marked_title,
    restored_title,
)
from animus_tui.ui.textual_compat import driver_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.events import SessionEvent
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.controllers.controller import ChatParts

LEAST_APART = 2.0
"""Seconds between two notifications; of several that come sooner the last one is shown."""
LONGEST_READ = 2_000
"""Characters of an answer that are looked at for its first words."""


class Notifier(Controller):
    """Rings, notifies on the desktop and marks the window's title, as `[ui] notify` says; made when first needed."""

    def __init__(self, parts: ChatParts, terminal: Terminal) -> None:
        super().__init__(parts)
        self._app = parts.screen.app
        self._terminal = terminal
        self._is_marked = False
        self._last = -LEAST_APART
        self._waiting: tuple[str, str] | None = None
        """Who tells what as soon as it may be."""
        driver = driver_of(self._app)
        if isinstance(driver, TerminalDriver):
            driver.farewells.append(self._unmark)
        parts.screen.watch(self._app, "app_focus", self._focus_changed, init=False)

    def take(self, events: Sequence[SessionEvent]) -> None:
        """Tell the last of what is ready, if the terminal has no focus."""
        told = [(self._who(event), text) for event in events if (text := self._told(event))]
        if not told or self._app.app_focus or self._session.config.ui.notify == "off":
            return
        is_first, self._waiting = self._waiting is None, told[-1]
        if is_first:
            pause = self._last + LEAST_APART - time.monotonic()
            if pause > 0:
                self._screen.set_timer(pause, self._tell)
            else:
                self._tell()

    def _who(self, event: SessionEvent) -> str:
        """The character of the open conversation; for another one, which has its own, the application."""
        is_open = event.conversation_id == self._session.conversation.conversation.id
        return self._session.config.chat.name if is_open else self._app.title

    def _told(self, event: SessionEvent) -> str:
        """What is said of an event; empty for one that is none of these."""
        match event:
            case MessageComplete() if event.total_messages is not None and event.content.strip():
                is_private = self._session.is_temporary  # systems keep what they have shown
                return (
                    "An answer is ready" if is_private else visible_text(self._answer(event)[:LONGEST_READ])
                )
            case MessageError():
                return f"No answer: {event.title}"
            case ImageGenerationComplete():
                told = f"{'A video' if event.video else 'A picture'} is ready"
                return told if self._session.is_temporary else f"{told}: {event.prompt}"
            case ImagePromised():
                return "A picture was promised: shall it be made?"
            case ImageGenerationError():
                return f"No picture: {event.title}"
            case _:
                return ""

    def _answer(self, event: MessageComplete) -> str:
        """The whole answer, of which the event has the last turn."""
        try:
            return self._session.conversation.get(event.message_id).content or event.content
        except KeyError:  # another conversation was opened meanwhile
            return event.content

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, None
        way, kind = self._session.config.ui.notify, self._terminal.notification
        if waiting is None or self._app.app_focus or way == "off":
            return
        self._last = time.monotonic()
        who, text = waiting
        commands = "" if self._is_marked else marked_title(who)
        self._is_marked = True
        if way != "desktop":
            commands += BELL
        if way != "bell" and kind is not None:
            commands += desktop_notification(kind, who, text, inside_tmux=self._terminal.inside_tmux)
        write_commands(self._app, commands)

    def _focus_changed(self, has_focus: bool) -> None:
        if has_focus:
            self._unmark()

    def _unmark(self) -> None:
        if self._is_marked:
            self._is_marked = False
            write_commands(self._app, restored_title(self._app.title))

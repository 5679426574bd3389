"""Carrying out what the user asked for, and saying in one sentence what came of it or why it cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.storage.conversation import SaveError, StoreError
from animus_tui.paths import NoHomeError
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from textual.notifications import SeverityLevel
    from textual.screen import Screen


class Reporter:
    """Runs coroutines as workers of a screen and reports their result or their error."""

    def __init__(
        self, screen: Screen[Any], *, show: Callable[[str, SeverityLevel], object] | None = None
    ) -> None:
        """`show` shows a sentence; by default it is the application's message line."""
        self._screen = screen
        self._show = show

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show one sentence; control characters are taken out."""
        if self._show is None:
            self._screen.notify(printable(text), severity=severity, markup=False)
        else:
            self._show(printable(text), severity)

    def run(self, doing: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine; a text that it returns is shown, and so is the sentence of an error that it raises.

        ValueError, SaveError and NoHomeError are shown as warnings, StoreError as an error; others are bugs.
        """
        self._screen.run_worker(self._report(doing))

    async def _report(self, doing: Coroutine[Any, Any, object]) -> None:
        try:
            answer = await doing
        except (ValueError, SaveError, NoHomeError) as error:
            self.say(str(error), severity="warning")
        except StoreError as error:
            self.say(error.sentence, severity="error")
        else:
            if isinstance(answer, str) and answer:
                self.say(answer)
        self._screen.refresh_bindings()

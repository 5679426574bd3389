"""What the controllers of the chat screen have in common: the session, the widgets, and what tells the user."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from animus_tui.errors import StoreError, UserError
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.widgets.prompt import Prompt


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

    def tell(self, error: UserError) -> None:
        """Show an error: as an error when the disk refused, as a warning otherwise."""
        self.say(str(error), severity="error" if isinstance(error, StoreError) else "warning")

    def run(self, doing: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine; a text that it returns is shown, and so is the sentence of an error that it raises.

        Of errors only UserError is shown; every other one is a fault of the program.
        """
        self._screen.run_worker(self._report(doing))

    async def _report(self, doing: Coroutine[Any, Any, object]) -> None:
        try:
            answer = await doing
        except UserError as error:
            self.tell(error)
        else:
            if isinstance(answer, str) and answer:
                self.say(answer)
        self._screen.refresh_bindings()


P = ParamSpec("P")
AnyController = TypeVar("AnyController", bound="Controller")


class ChatParts(NamedTuple):
    """The parts of the chat screen, for the controllers."""

    session: ChatSession
    screen: Screen[Any]
    pane: ConversationPane
    prompt: Prompt
    reporter: Reporter


class Controller:
    """Does what some of the keys and commands of the chat say."""

    def __init__(self, parts: ChatParts) -> None:
        self._session, self._screen, self._pane, self._prompt, self._reporter = parts


def reported(
    method: Callable[Concatenate[AnyController, P], Coroutine[Any, Any, object]],
) -> Callable[Concatenate[AnyController, P], None]:
    """Make a method of a coroutine one that begins it and returns at once; the reporter shows what comes of it."""

    def begin(self: AnyController, /, *args: P.args, **kwargs: P.kwargs) -> None:
        self._reporter.run(method(self, *args, **kwargs))

    update_wrapper(begin, method)
    return begin

"""What the controllers of the chat screen have in common: the session, the widgets, and what tells the user."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.screen import Screen

    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.widgets.prompt import Prompt

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

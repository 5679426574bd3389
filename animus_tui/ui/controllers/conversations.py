"""The list of all conversations, and renaming the open one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.screens.conversation_list import ConversationListScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts


class ConversationsController(Controller):
    """Opens the list and the conversation that is chosen there."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        begin_new: Callable[[Callable[[], object]], Awaitable[object]],
        show_status: Callable[[], object],
        search_everything: Callable[[str], Awaitable[object]],
    ) -> None:
        """`show_status` shows the status line with another title.

        `begin_new` has a character chosen for a new conversation, and calls back once that is begun.
        `search_everything` searches all conversations for words, when Tab is pressed in the list.
        """
        super().__init__(parts)
        self._begin_new = begin_new
        self._show_status = show_status
        self._search_everything = search_everything

    async def conversations(self) -> None:
        """Show all conversations. When this returns, keys that were typed behind are for the list."""
        screen = ConversationListScreen(
            self._session,
            self._pane.images.renderer,
            self._reporter,
            begin_new=self._begin_new,
            search_everything=self._search_everything,
        )
        await self._screen.app.push_screen(screen, self._left)

    def _left(self, conversation_id: str | None) -> None:
        self._show_status()  # it may have another title
        if conversation_id is not None and conversation_id != self._session.conversation.conversation.id:
            self._reporter.run(self._session.open(conversation_id))

    @reported
    async def rename(self, call: CommandCall) -> None:
        """Give the open conversation another title."""
        renamed = self._session.conversation.conversation.id
        await self._session.all_conversations.rename(renamed, call.argument)
        self._show_status()

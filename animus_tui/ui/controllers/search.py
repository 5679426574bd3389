"""Searching the conversation: the find bar and the search behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.finder import Finder
from animus_tui.ui.widgets.find_bar import FindBar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.widgets.prompt import Prompt


class SearchController:
    """Shows the find bar above the prompt and does what is typed into it."""

    def __init__(
        self,
        session: ChatSession,
        pane: ConversationPane,
        prompt: Prompt,
        *,
        mount: Callable[[FindBar], Awaitable[object]],
    ) -> None:
        """`mount` puts the find bar in its place on the screen."""
        self._pane = pane
        self._prompt = prompt
        self._mount = mount
        self._bar = FindBar()
        self._finder = Finder(session, pane, self._bar)

    async def find(self, call: CommandCall) -> None:
        """Open the bar with these words; when this returns, keys that were typed behind are for the bar."""
        if not self._bar.is_attached:
            await self._mount(self._bar)
        self._finder.open(call.argument)

    def look_for(self, needle: str) -> None:
        """Other words are looked for."""
        self._bar.run_worker(self._finder.look_for(needle))

    def step(self, step: int) -> None:
        """To the next hit (1) or the one before (-1)."""
        self._bar.run_worker(self._finder.step(step))

    def text_arrived(self, message_ids: Iterable[str]) -> None:
        """These messages are new or have other words."""
        self._finder.text_arrived(message_ids)

    def close(self, *, stay: bool) -> None:
        """End the search: `stay` at the hit, or go back to where the reader was."""
        self._finder.close(stay=stay)

    def leave(self, *, stay: bool) -> None:
        """End the search and put the focus on the hit, or into the prompt."""
        self.close(stay=stay)
        (self._pane if stay else self._prompt).focus()

    def leave_conversation(self) -> None:
        """Another conversation is about to be shown: end the search in this one."""
        if self._finder.is_open:
            self.close(stay=True)
            self._prompt.focus()

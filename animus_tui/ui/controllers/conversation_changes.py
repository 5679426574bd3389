"""What is done with a conversation of the list: rename, pin, archive, copy, delete and restore it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never

from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.conversation_list import ListedConversation
    from animus_tui.ui.controllers.controller import Reporter

Change = Literal["pin", "archive", "duplicate", "delete"]
"""What needs no more words: put above the others or back, archive or bring back, copy, move to the trash."""


class ConversationChanges:
    """Changes conversations, also when their list is left before that is done. Errors are told by the reporter."""

    def __init__(
        self, session: ChatSession, reporter: Reporter, read: Callable[[str | None], object]
    ) -> None:
        """`read` reads the list again after each change, and chooses the conversation with this id, if any."""
        self._session = session
        self._all = session.all_conversations
        self._reporter = reporter
        self._read = read
        self._deleted: list[ListedConversation] = []

    @property
    def last_deleted(self) -> ListedConversation | None:
        """What was deleted last and can be restored."""
        return self._deleted[-1] if self._deleted else None

    def rename(self, renamed: ListedConversation, title: str) -> None:
        """Give a conversation another title."""
        self._reporter.run(self._read_after(self._all.rename(renamed.id, title)))

    def change(self, what: Change, chosen: ListedConversation, following: str | None) -> None:
        """Change a conversation; `following` is the id of the one that is chosen when it leaves the list."""
        self._reporter.run(self._read_after(self._changed(what, chosen, following)))

    async def _read_after(self, changing: Awaitable[str | None]) -> None:
        """Wait for a change, which returns the id of the conversation to choose."""
        choose = None
        try:
            choose = await changing
        finally:
            self._read(choose)

    async def _changed(self, what: Change, chosen: ListedConversation, following: str | None) -> str | None:
        match what:
            case "pin":
                await self._all.pin(chosen.id, pinned=not chosen.pinned)
                return None
            case "archive":
                await self._all.archive(chosen.id, archived=not chosen.archived)
                return following
            case "duplicate":
                return await self._all.duplicate(chosen.id)
            case "delete":
                await self._session.delete_conversation(chosen.id, then=following)
                self._deleted.append(chosen)
                return following
            case _:
                assert_never(what)

    def restore(self, deleted: ListedConversation, *, in_trash: bool) -> None:
        """Move a conversation from the trash back to where it was; `in_trash`: the trash is shown."""
        self._deleted = [each for each in self._deleted if each.id != deleted.id]
        self._reporter.run(self._restore(deleted, in_trash=in_trash))

    async def _restore(self, deleted: ListedConversation, *, in_trash: bool) -> str:
        choose = deleted.id
        try:
            restored = await self._all.restore(deleted.id)
            choose = restored.id
        finally:
            self._read(None if in_trash else choose)
        if restored.id != deleted.id:
            title = short_line(restored.title)
            return f"Restored as “{title}”, because a conversation of the same id is here already."
        return f"Restored “{short_line(deleted.title)}”" if in_trash else ""

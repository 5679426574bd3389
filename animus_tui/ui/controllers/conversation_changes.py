"""Changing the conversation that is chosen in the list: rename, pin, archive, duplicate, delete and restore it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from animus_tui.errors import UserError
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.conversation_list import ListedConversation
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.conversation_rows import ConversationRows


class ReadList(Protocol):
    """Reads the list again, and has the conversation with this id chosen then."""

    def __call__(self, choose: str | None = None) -> object:
        """Without an id, what is chosen stays."""


class ConversationChanges:
    """Changes conversations for the list, which is read again after each change; an error is one sentence there."""

    def __init__(
        self,
        session: ChatSession,
        reporter: Reporter,
        *,
        rows: Callable[[], ConversationRows],
        read: ReadList,
        show_keys: Callable[[], object],
    ) -> None:
        """`rows` gives the rows of the list, one of which is chosen; `show_keys` shows which keys work now."""
        self._session = session
        self._all = session.all_conversations
        self._reporter = reporter
        self._rows = rows
        self._read = read
        self._show_keys = show_keys
        self._deleted: list[ListedConversation] = []
        """What was deleted here and can be restored, the last one last."""

    @property
    def last_deleted(self) -> ListedConversation | None:
        """The conversation that `undo` restores."""
        return self._deleted[-1] if self._deleted else None

    def rename(self, renamed: ListedConversation, title: str) -> None:
        """Give a conversation another title."""
        self._do(self._all.rename(renamed.id, title))

    def pin(self) -> None:
        """Put the chosen conversation above the others, or back among them."""
        if (chosen := self._rows().chosen) is not None:
            self._do(self._all.pin(chosen.id, pinned=not chosen.pinned))

    def archive(self) -> None:
        """Move the chosen conversation to the archived ones, or back from there."""
        if (chosen := self._rows().chosen) is not None:
            following = self._rows().following
            self._do(self._all.archive(chosen.id, archived=not chosen.archived), choose=following)

    def duplicate(self) -> None:
        """Copy the chosen conversation; the copy is chosen then."""
        if (chosen := self._rows().chosen) is not None:
            self._reporter.run(self._duplicate(chosen))

    async def _duplicate(self, chosen: ListedConversation) -> None:
        self._read(await self._all.duplicate(chosen.id))

    def delete(self) -> None:
        """Move the chosen conversation to the trash."""
        if (chosen := self._rows().chosen) is not None:
            self._reporter.run(self._delete(chosen, self._rows().following))

    async def _delete(self, chosen: ListedConversation, following: ListedConversation | None) -> None:
        try:
            await self._session.delete_conversation(
                chosen.id, then=following.id if following is not None else None
            )
        except UserError:
            self._read()
            raise
        self._deleted.append(chosen)
        self._read(following.id if following is not None else None)

    def undo(self, *, in_trash: bool) -> None:
        """Restore what was deleted last; `in_trash`: the trash is shown."""
        if (deleted := self.last_deleted) is not None:
            self.restore(deleted, in_trash=in_trash)

    def restore(self, deleted: ListedConversation, *, in_trash: bool) -> None:
        """Move a conversation from the trash back to where it was; `in_trash`: the trash is shown."""
        self._reporter.run(self._restore(deleted, in_trash=in_trash))

    async def _restore(self, deleted: ListedConversation, *, in_trash: bool) -> str:
        self._deleted = [each for each in self._deleted if each.id != deleted.id]
        self._show_keys()
        try:
            await self._all.restore(deleted.id)
        finally:
            self._read(None if in_trash else deleted.id)
        return f"Restored “{short_line(deleted.title)}”" if in_trash else ""

    def _do(self, doing: Coroutine[Any, Any, None], *, choose: ListedConversation | None = None) -> None:
        """Change a conversation and read the list again."""

        async def do() -> None:
            try:
                await doing
            finally:
                self._read(choose.id if choose is not None else None)

        self._reporter.run(do())

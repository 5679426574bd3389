"""The list of all conversations and what can be changed of them, whether they are open here, elsewhere or nowhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.storage.conversation_list import ConversationList
from animus_tui.chat.storage.summary import short_words
from animus_tui.chat.storage.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from animus_tui.chat.messages import Conversation
    from animus_tui.chat.storage.conversation_list import ListedConversation
    from animus_tui.chat.storage.open_conversations import OpenConversations
    from animus_tui.chat.storage.store import ConversationStore
    from animus_tui.chat.storage.trash import DeletedConversation

LONGEST_TITLE = 200
"""Characters of a title that somebody gives."""


class AllConversations:
    """Lists, renames, pins, archives, copies, deletes and restores. The disk is waited for in threads."""

    def __init__(self, opened: OpenConversations, store: ConversationStore) -> None:
        self._opened = opened
        self._list = ConversationList(store.root)
        self._store = store
        self._trash = Trash(store.root)
        self.folder = store.root / "conversations"
        """The folder of all conversations."""

    # The list

    async def read(self) -> list[ListedConversation]:
        """All conversations in the order of the list, archived ones too. StoreError."""
        current = self._opened.current.id
        return await asyncio.to_thread(self._list.read, self._opened.described(), current=current)

    async def remembered(self) -> list[ListedConversation]:
        """All conversations as they were last read, in the order of the list; empty before that."""
        current = self._opened.current.id
        return await asyncio.to_thread(self._list.remembered, self._opened.described(), current=current)

    async def has_changed(self, names: Collection[str]) -> bool:
        """Whether one of these conversations was changed by another program, or one has come or gone since."""
        return await asyncio.to_thread(self._list.has_changed, names)

    async def bring_up_to_date(self, outdated: Sequence[ListedConversation]) -> list[ListedConversation]:
        """Entries of the list with summaries of the histories as they are now; without those that are gone."""

        def read() -> list[ListedConversation]:
            return [
                renewed for each in outdated if (renewed := self._list.bring_up_to_date(each)) is not None
            ]

        return await asyncio.to_thread(read)

    # One conversation. UsageError when there is none of that id; StoreError.

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; a blank one lets the next message name it."""
        words = short_words(title, LONGEST_TITLE)
        await self._change(conversation_id, lambda found: replace(found, title=words))

    async def pin(self, conversation_id: str, *, pinned: bool) -> None:
        """Pin a conversation above the others in the list, or unpin it."""
        await self._change(conversation_id, lambda found: replace(found, pinned=pinned))

    async def archive(self, conversation_id: str, *, archived: bool) -> None:
        """Archive a conversation, which takes it out of the list, or bring it back."""
        await self._change(
            conversation_id,
            lambda found: replace(found, archived=archived, pinned=found.pinned and not archived),
        )

    async def _change(self, conversation_id: str, change: Callable[[Conversation], Conversation]) -> None:
        writer = self._opened.opened(conversation_id)
        if writer is not None and not writer.stored.read_only:
            writer.stored.describe(change(writer.stored.conversation))
            return
        changed = await asyncio.to_thread(self._store.change, conversation_id, change)
        if writer is not None:
            writer.stored.conversation = changed

    async def duplicate(self, conversation_id: str) -> str:
        """Copy a conversation with its pictures; returns the id of the copy."""
        return await asyncio.to_thread(self._store.duplicate, conversation_id)

    # The trash. UserError when a conversation is open somewhere or is not there any more; StoreError.

    async def delete(self, conversation_id: str) -> None:
        """Move a conversation that is not open here to the trash; see `ChatSession.delete_conversation`."""
        await asyncio.to_thread(self._trash.delete, conversation_id)

    async def restore(self, conversation_id: str) -> Conversation:
        """Move a deleted conversation back, under another id where its own is taken; its description."""
        return await asyncio.to_thread(self._trash.restore, conversation_id)

    async def remove(self, conversation_id: str) -> None:
        """Remove a deleted conversation for good."""
        await asyncio.to_thread(self._trash.remove, conversation_id)

    async def deleted(self) -> list[DeletedConversation]:
        """What is in the trash, the one deleted last first."""
        return await asyncio.to_thread(self._trash.deleted)

    async def empty_old(self) -> int:
        """Remove what was deleted 30 days ago or longer; returns how many."""
        return await asyncio.to_thread(self._trash.empty_old)

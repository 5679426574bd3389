"""How a reply differs from a plain answer: what it is asked to be, and the branch of the history that it begins."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.branches import with_new
from animus_tui.chat.storage.conversation_writer import run_to_end
from animus_tui.chat.storage.history_format import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.storage.conversation_writer import ConversationWriter


class ReplyBranch:
    """Stores a reply in the place of another one, which is kept as a branch with all that followed it.

    As long as no word of the new reply is there the history stays as it is, on the disk too.
    """

    def __init__(self, writer: ConversationWriter, message_id: str) -> None:
        """`message_id` is that of the former reply."""
        self._writer = writer
        self.message_id = message_id
        self._size = writer.stored.entries_from(message_id)
        """Entries from the former reply on; what comes later, such as a picture, belongs to the new one."""
        self._branches: list[list[dict[str, object]] | None] | None = None
        self._putting = asyncio.Lock()
        """Held while the new reply takes the place of the former one, so that what follows comes behind it."""

    async def put(self, message: ChatMessage) -> None:
        """Store the new reply as it is now, also when the caller is cancelled."""
        await run_to_end(self._put(message))

    async def _put(self, message: ChatMessage) -> None:
        async with self._putting:
            if self._branches is None:
                await self._writer.replace_from(self.message_id, partial(self._with_new, message))
                self._branches = self._writer.stored.get(message.id).branches
            else:
                self._writer.put(replace(message, branches=self._branches))

    def _with_new(self, message: ChatMessage, lines: Sequence[bytes]) -> list[bytes]:
        former, later = lines[: self._size], lines[self._size :]
        return [*with_new(former, [encode(message).line]), *later]


class Revision(Struct, eq=False, kw_only=True):
    """How an exchange differs from a plain answer to the user's last message."""

    branch: ReplyBranch | None = None
    """Stores the reply."""
    wish: str | None = None
    """How it should be."""
    continued: ChatMessage | None = None
    """The cut reply that it continues."""
    is_begun: bool = False
    """Whether anything was stored."""

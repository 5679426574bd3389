"""Going on with the pictures that were in the making when the application ended."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from animus_tui.chat.images.kept_jobs import conversations_with_jobs
from animus_tui.errors import StoreError, UserError

if TYPE_CHECKING:
    from animus_tui.chat.images.service import ImageService
    from animus_tui.chat.storage.open_conversations import OpenConversations
    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)


async def resume_pictures(
    store: ConversationStore,
    conversations: OpenConversations,
    images: ImageService,
    turn: asyncio.Lock,
) -> int:
    """Go on with the jobs of all conversations that are not open elsewhere; returns how many there are.

    `turn` is held while a conversation is opened.
    """
    try:
        found = await asyncio.to_thread(conversations_with_jobs, store)
    except StoreError as error:
        log.warning("pictures under way were not looked for: %s", error)
        return 0
    count = 0
    for conversation_id in found:
        async with turn:
            try:
                writer = await conversations.open_beside(conversation_id)
            except UserError as error:  # it is gone, or cannot be read
                log.warning("pictures under way were not found: %s", error)
                continue
            if writer is not None:
                count += await images.resume(writer)
                conversations.clear(images.needed)
    return count

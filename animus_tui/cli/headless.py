"""A session without the application: `send` and `image` run in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.backends import open_backends

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from animus_tui.chat.events import SessionEvent, Subscription
    from animus_tui.cli.compose import Service


async def converse(
    answering: Service,
    data: Path,
    act: Callable[[ChatSession], Awaitable[None]],
    see: Callable[[SessionEvent], None],
) -> None:
    """Run `act` in a session of its own, wait for all that it started, and hand each event to `see` as it comes.

    What `act` or `see` raises ends the session; its last events are seen before it is raised, in an exception group.
    """
    async with open_backends(answering.config) as (chat, images):
        session = ChatSession(
            chat,
            images,
            ConversationStore(data),
            answering.config,
            headless=True,
            outlives_program=not answering.is_demo,
        )
        with session.events.subscribe() as subscription:
            try:
                async with session:
                    await _watch(_act_and_wait(session, act), subscription, see)
            finally:
                for event in subscription.pending():
                    see(event)


async def _act_and_wait(session: ChatSession, act: Callable[[ChatSession], Awaitable[None]]) -> None:
    await act(session)
    await session.wait()


async def _watch(
    work: Coroutine[None, None, None], subscription: Subscription, see: Callable[[SessionEvent], None]
) -> None:
    working = asyncio.create_task(work)
    coming = asyncio.create_task(subscription.next())
    try:
        while not working.done():
            await asyncio.wait({working, coming}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                see(coming.result())
                coming = asyncio.create_task(subscription.next())
        await working
    finally:
        coming.cancel()
        working.cancel()
        await asyncio.wait({coming, working})

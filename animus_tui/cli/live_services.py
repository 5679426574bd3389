"""The services that a running session talks with, which can be exchanged while it runs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.cli.backends import open_backends
from animus_tui.cli.compose import service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.backends import Backends
    from animus_tui.cli.compose import Service
    from animus_tui.config.schema import Config


class LiveServices:
    """Opens what a session begins with and closes what it ends with."""

    def __init__(self, answering: Service) -> None:
        """`answering` is the service that the session begins with."""
        self._answering = answering
        self._open = AsyncExitStack()
        self.session: ChatSession | None = None
        """The session, once it is made."""

    @property
    def words(self) -> str:
        """Where the answers come from."""
        return self._answering.words

    @property
    def is_fallback(self) -> bool:
        """Whether the demo answers for want of anything else."""
        return self._answering.reason is not None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Backends]:
        """The services that the session begins with. Those that it ends with are closed with the `async with` block."""
        try:
            yield await self._open.enter_async_context(open_backends(self._answering.config))
        finally:
            await self._open.aclose()

    async def use(self, config: Config) -> None:
        """Have the session go on with the services that a configuration names. UserError: it goes on as before."""
        if self.session is None:
            raise RuntimeError("The session is to be set before it is connected")
        answering, stack = await _begun(config)
        try:
            backends = await stack.enter_async_context(open_backends(answering.config))
            now, named = self.session.configured, answering.config
            chat = replace(now.chat, model=named.chat.model)
            config = replace(now, api=named.api, chat=chat, image=named.image)
            await self.session.use_services(
                backends.chat, backends.images, config, outlives_program=not answering.is_demo
            )
        except BaseException:
            await stack.aclose()
            raise
        former, self._open = self._open, stack
        former_service, self._answering = self._answering, answering
        await former.aclose()
        await asyncio.to_thread(former_service.end)


async def _begun(config: Config) -> tuple[Service, AsyncExitStack]:
    """The service that answers; the demo is started and ended in a thread."""
    stack = AsyncExitStack()
    context = service(config, force_demo=False)
    answering = await asyncio.to_thread(context.__enter__)
    stack.push_async_callback(asyncio.to_thread, context.__exit__, None, None, None)
    return answering, stack

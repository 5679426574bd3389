"""A session against the scripted service, and what it tells."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.events import ExchangeComplete, SessionEvent, Subscription
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import (
    ApiConfig,
    AutoTurnConfig,
    ChatConfig,
    ChatService,
    Config,
    ImageConfig,
    UiConfig,
)
from tests.support.chat_service import KEY, Service

E = TypeVar("E")
FAST = AutoTurnConfig(min_delay=0, max_delay=0, follow_up_delay=0)
STREAMED = AutoTurnConfig(enabled=False, follow_up_delay=0)
SOON = Timeouts(poll_first=0.02, poll_most=0.05, settle=1.0)
"""Jobs are asked after much more often than a real service would like."""


@dataclass
class Talk:
    """A session against the scripted service, and everything that it tells."""

    session: ChatSession
    service: Service
    root: Path
    subscription: Subscription
    events: list[SessionEvent]

    def collect(self) -> list[SessionEvent]:
        """All events so far."""
        self.events += self.subscription.pending()
        return self.events

    async def until(self, kind: type[E], count: int = 1) -> E:
        """The `count`-th event of a kind since the beginning."""
        async with asyncio.timeout(60):
            while True:
                found = [event for event in self.collect() if isinstance(event, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self.events.append(await self.subscription.next())

    async def say(self, text: str) -> None:
        """Send and wait for the end of everything."""
        await self.session.send(text)
        async with asyncio.timeout(60):
            await self.session.wait()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.collect() if isinstance(event, kind)]

    def names(self) -> list[str]:
        """The kinds of all events so far."""
        return [type(event).__name__ for event in self.collect()]

    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.of(ExchangeComplete)]

    @property
    def messages(self) -> list[ChatMessage]:
        return list(self.session.conversation.messages)

    def on_disk(self) -> list[dict[str, Any]]:
        """The history file as any JSON reader sees it."""
        loaded: list[dict[str, Any]] = json.loads(
            (self.session.conversation.folder / "history.json").read_bytes()
        )
        return loaded


StartTalk = Callable[..., AbstractAsyncContextManager[Talk]]


@asynccontextmanager
async def open_talk(
    service: Service,
    folder: Path,
    *,
    auto_turn: AutoTurnConfig = FAST,
    chat: ChatConfig | None = None,
    image: ImageConfig | None = None,
    ui: UiConfig | None = None,
    keys: Mapping[str, str] | None = None,
    tries: int = 1,
    token_provider: str | None = None,
    unreachable: bool = False,
    backend: ChatService = "animus",
    makes_pictures: bool = True,
    outlives_program: bool = True,
    headless: bool = False,
) -> AsyncIterator[Talk]:
    """A session on the data of a folder, as starting the application opens it; `service` answers it.

    `backend`: how the client talks with it; `makes_pictures`: whether it is asked for pictures, as Animus is.
    `outlives_program`, `headless`: as of the session.
    """
    # Port 9 of the loopback address is never listened on here.
    url = "http://127.0.0.1:9" if unreachable else service.url
    api = ApiConfig(
        api_key=None if token_provider else KEY,
        token_provider_url=token_provider and url + token_provider,
        base_url=url + "/v3",
        generation_url=url + "/v2",
    )
    config = Config(
        api=api,
        chat=chat or ChatConfig(),
        auto_turn=auto_turn,
        image=image or ImageConfig(),
        ui=ui or UiConfig(),
        keys=keys or {},
    )
    store, retry = ConversationStore(folder), RetryPolicy(tries=tries, base=0.01)
    async with (
        AnimusClient(config.api, retry=retry, timeouts=SOON) as animus,
        OpenAIClient(config.api, retry=retry, timeouts=SOON) as other,
        ChatSession(
            animus if backend == "animus" else other,
            animus if makes_pictures else NoImages(),
            store,
            config,
            rng=random.Random(1),
            outlives_program=outlives_program,
            headless=headless,
        ) as session,
    ):
        with session.events.subscribe() as subscription:
            yield Talk(session, service, folder, subscription, [])

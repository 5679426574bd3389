"""The application in front of a real demo server, with pictures that are small and quickly made."""

from __future__ import annotations

import random
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, Config, ImageConfig, UiConfig
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.probe.capabilities import Terminal
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.listening_app import ListeningApp
from tests.support.pane_app import until
from tests.support.screen import is_at_work, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

    from animus_tui.chat.messages import ChatMessage

QUICK = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=0, side=64)
SLOW = replace(QUICK, paint_ms=600_000)
"""A picture takes longer than any test."""
SEEN = replace(QUICK, paint_ms=1_500)
"""A picture takes so long that it is seen to be in the making."""
TERMINAL = Terminal(
    is_tty=True,
    dumb=False,
    columns=110,
    rows=40,
    colours="truecolor",
    cell_ratio=0.5,
    style="block",
    reason="24-bit colours",
)


class Studio:
    """The application on its screen, the session behind it and the server behind that."""

    def __init__(self, pilot: Pilot[None], session: ChatSession, server: DemoServer) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.session = session
        self.server = server

    @property
    def pane(self) -> ConversationPane:
        return self.app.screen_stack[0].query_one(ConversationPane)

    @property
    def prompt(self) -> Prompt:
        return self.app.screen_stack[0].query_one(Prompt)

    @property
    def cards(self) -> list[PictureEntry]:
        """The pictures in the conversation, oldest first."""
        made = [entry for entry in self.pane.entries.existing() if isinstance(entry, PictureEntry)]
        return made[::-1]

    @property
    def pictures(self) -> list[ChatMessage]:
        """What is stored of them."""
        return [message for message in self.session.conversation.messages if message.image is not None]

    def asked(self, key: str) -> list[dict[str, Any]]:
        """The bodies of the requests that have a key."""
        return [body for body in self.server.stats.bodies if isinstance(body, dict) and key in body]

    async def type(self, text: str) -> None:
        """Write and send."""
        self.prompt.focus()
        self.prompt.load_text(text)
        await self.pilot.pause()
        self.prompt.commands.close()
        await self.pilot.press("enter")

    async def settle(self) -> None:
        """Until nothing is under way and the screen shows it."""
        still = 0
        while still < 3:
            await self.pilot.pause(0.005)
            still = 0 if is_at_work(self.app, self.session, self.pane) else still + 1

    async def make(self, command: str) -> None:
        """Type a command and wait for what it makes."""
        await self.type(command)
        await self.settle()

    async def wait_for(self, words: str) -> None:
        """Until this stands on the screen."""
        await until(lambda: words in self.text())

    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.app)

    def notes(self) -> list[str]:
        """The sentences that went by."""
        assert isinstance(self.app, ListeningApp)
        return self.app.said

    @property
    def status(self) -> str:
        """The line at the top."""
        return self.text().splitlines()[0]


@asynccontextmanager
async def open_studio(
    root: Path,
    server: DemoServer,
    *,
    size: tuple[int, int] = (110, 40),
    image: ImageConfig | None = None,
    ui: UiConfig | None = None,
) -> AsyncIterator[Studio]:
    """The application over the data in `root`, signed in to a server that runs."""
    api = ApiConfig(api_key=server.api_key, base_url=server.base_url, generation_url=server.generation_url)
    config = Config(api=api, image=image or ImageConfig(save_dir=str(root / "saved")), ui=ui or UiConfig())
    async with (
        AnimusClient(config.api) as client,
        ChatSession(client, client, ConversationStore(root), config, rng=random.Random(1)) as session,
        aclosing(PictureDecoder()) as decoder,
    ):
        app = ListeningApp(session, terminal=TERMINAL, decoder=decoder, service="a test")
        async with app.run_test(size=size) as pilot:
            yield Studio(pilot, session, server)

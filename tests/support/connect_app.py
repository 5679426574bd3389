"""The application with a connector, on the demo for want of anything else, and scripted services to connect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import msgspec
from textual.pilot import Pilot

from animus_tui.backends.discovery import Place
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.compose import configured, service, settings_file
from animus_tui.cli.connect import ServiceConnector
from animus_tui.cli.grammar import read
from animus_tui.cli.live_services import LiveServices
from animus_tui.ui.screens.connect import ConnectScreen
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import TERMINAL
from tests.support.listening_app import ListeningApp
from tests.support.pane_app import until
from tests.support.screen import text_of
from tests.support.scripted_server import Script, answer, chunk, error, events, stream_head


def lists_models(*names: str) -> Script:
    """The answer of a service that has these models."""
    models = [{"id": name, "object": "model", "owned_by": "llamacpp"} for name in names]
    return [answer(msgspec.json.encode({"object": "list", "data": models}))]


def says(text: str) -> Script:
    """A streamed answer."""
    return [stream_head(), events(chunk(text), "[DONE]")]


PATIENCE = 90
"""Seconds for what takes one; the machine may do much else, and pytest-timeout is hardly longer."""
REFUSES_KEY: Script = [error(401, {"error": {"message": "Incorrect API key provided."}})]


class Connecting:
    """The application on its screen, the session behind it, and the file."""

    def __init__(self, pilot: Pilot[None], session: ChatSession, path: Path) -> None:
        self.pilot = pilot
        self.session = session
        self.path = path

    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.pilot.app)

    async def shows(self, words: str) -> None:
        """Until these words stand on the screen."""
        end = time.monotonic() + PATIENCE
        while words not in self.text():
            assert time.monotonic() < end, f"not on the screen: {words!r}\n{self.text()}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def open(self) -> None:
        await self.pilot.press("f2")
        await until(lambda: isinstance(self.pilot.app.screen, ConnectScreen))
        await self.shows("Which service answers?")

    async def left(self) -> None:
        """Until the box is closed."""
        await until(lambda: not isinstance(self.pilot.app.screen, ConnectScreen))
        await self.pilot.pause()

    async def choose(self, *letters: str) -> None:
        """Filter by a word, and Enter."""
        await self.pilot.press(*"".join(letters), "enter")

    async def type(self, text: str) -> None:
        """A line, and Enter."""
        await self.pilot.press(*text, "enter")

    async def say(self, text: str) -> None:
        """Send a message and wait for its answer."""
        self.pilot.app.screen.query_one(Prompt).load_text(text)
        await self.pilot.press("enter")
        await until(lambda: not self.session.busy)
        await self.pilot.pause()


@asynccontextmanager
async def open_connecting(
    folder: Path,
    *,
    places: Sequence[Place] = (),
    config: str = "",
    size: tuple[int, int] = (100, 40),
    env: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Connecting]:
    """The application as it starts in a home of its own; `config` is what its file says."""
    path = folder / "config.toml"
    if config:
        path.write_text(config, encoding="utf-8")
    env = {"ANIMUS_CONFIG": str(path), "ANIMUS_DATA_DIR": str(folder / "data"), "HOME": str(folder), **env}
    arguments = read([])
    with service(configured(arguments, env), force_demo=False, at_once=False) as answering:
        live = LiveServices(answering)
        store = ConversationStore(folder / "data")
        async with (
            live.opened() as (chat, images),
            ChatSession(chat, images, store, answering.config, outlives_program=False) as session,
        ):
            live.session = session
            app = ListeningApp(
                session,
                terminal=TERMINAL,
                decoder=None,
                service=answering.words,
                notice=answering.reason,
                settings_file=settings_file(arguments, env),
                connector=lambda: ServiceConnector(live, arguments, env, places=places),
            )
            async with app.run_test(size=size) as pilot:
                yield Connecting(pilot, session, path)

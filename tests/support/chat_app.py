"""The application on its screen, and the session behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

from textual.pilot import Pilot

from animus_tui.config.settings_file import SettingsFile
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.probe.capabilities import Terminal
from animus_tui.ui.conversation.entries.entry import Entry
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.listening_app import ListeningApp
from tests.support.screen import is_at_work, text_of
from tests.support.talk import Talk

TERMINAL = Terminal(
    is_tty=True,
    dumb=False,
    columns=100,
    rows=40,
    colours="truecolor",
    cell_ratio=0.5,
    style="block",
    reason="24-bit colours",
)


class Chat:
    """The application on its screen, and the session behind it."""

    def __init__(self, pilot: Pilot[None], talk: Talk) -> None:
        self.pilot = pilot
        self.talk = talk
        self.app = pilot.app

    @property
    def pane(self) -> ConversationPane:
        return self.app.screen.query_one(ConversationPane)

    def entries(self, *kinds: type[Entry]) -> list[Entry]:
        """What is in the conversation of these kinds."""
        return [entry for entry in self.pane.entries.existing() if isinstance(entry, kinds)]

    def height(self, entry: Entry) -> int:
        """Rows that it takes."""
        index = self.pane.entries.index(entry)
        assert index is not None
        return len(self.pane.entries.layout(index))

    def waiting(self) -> list[Entry]:
        """The pictures that are being made."""
        return [entry for entry in self.entries(PictureEntry) if getattr(entry, "is_waiting", False)]

    async def type(self, text: str) -> None:
        """Write and send."""
        prompt = self.app.screen.query_one(Prompt)
        prompt.focus()
        prompt.load_text(text)
        await self.pilot.pause()
        await self.pilot.press("enter")

    async def settle(self) -> None:
        """Until nothing is under way and the screen shows it."""
        still = 0
        while still < 3:
            await self.pilot.pause(0.005)
            is_busy = is_at_work(self.app, self.talk.session, self.pane, ours=self.talk.subscription)
            still = 0 if is_busy else still + 1

    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.app)

    def notes(self) -> list[str]:
        """The sentences that went by."""
        assert isinstance(self.app, ListeningApp)
        return self.app.said

    def footer(self) -> str:
        return self.text().splitlines()[-1]


@asynccontextmanager
async def open_chat(
    talking: AbstractAsyncContextManager[Talk],
    *,
    size: tuple[int, int] = (100, 40),
    settings_file: SettingsFile | None = None,
    kept_theme: str | None = None,
    terminal: Terminal = TERMINAL,
) -> AsyncIterator[Chat]:
    """The application over a session, in a terminal of that many columns and rows."""
    async with talking as talk, aclosing(PictureDecoder()) as decoder:
        app = ListeningApp(
            talk.session,
            terminal=terminal,
            decoder=decoder,
            service="a test",
            settings_file=settings_file,
            kept_theme=kept_theme,
        )
        async with app.run_test(size=size) as pilot:
            chat = Chat(pilot, talk)
            await chat.settle()
            yield chat

"""A small application around the conversation pane that keeps every frame it paints."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import MouseDown, MouseMove, MouseUp

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.probe.capabilities import Terminal
from animus_tui.ui.conversation.actions import PaneRequest, PaneRequested
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.render_context import DisplayOptions
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.day_change import MIDNIGHT
from animus_tui.ui.themes import THEMES
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path
    from typing import Any

    from rich.console import RenderableType
    from textual.app import ComposeResult
    from textual.driver import Driver
    from textual.pilot import Pilot
    from textual.screen import Screen
    from textual.timer import Timer

    from animus_tui.graphics.decoding.decoder import PictureDecoder

TERMINAL = Terminal(
    is_tty=True,
    dumb=False,
    columns=80,
    rows=24,
    colours="truecolor",
    cell_ratio=0.5,
    style="block",
    reason="",
)
SUGGESTIONS = ("Show me a sunset", "Who are you?", "What can you do?")
GREETING = "Say hello, or try one of these:"


class RecordingDriver(HeadlessDriver):
    """Keeps what is written to the terminal beside the frames, which a headless application does not write."""

    def __init__(self, app: App[Any], *, size: tuple[int, int] | None) -> None:
        super().__init__(app, size=size)
        self.written: list[str] = []
        self.times: list[float] = []
        """When each was written, in seconds of the monotonic clock."""

    def write(self, data: str) -> None:
        self.written.append(data)
        self.times.append(time.monotonic())


class PaneApp(App[None]):
    """Shows nothing but the pane."""

    def __init__(self, options: DisplayOptions) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self._options = options
        self.frames: list[str] = []
        self.told: list[PaneRequest] = []

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        self._driver = self.recorder = RecordingDriver(self, size=size)
        return self.recorder

    def compose(self) -> ComposeResult:
        yield ConversationPane(self._options)

    def on_pane_requested(self, event: PaneRequested) -> None:
        self.told.append(event.request)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self.frames.append(self.text())

    def text(self) -> str:
        """What the screen shows, without its scrollbar."""
        rows = strips_of(self)
        return "\n".join("".join(segment.text for segment in row)[:-1].rstrip() for row in rows)


class Clock:
    """Stands in for the module `time` where something is counted down."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


async def until(holds: Callable[[], bool]) -> None:
    """Until something holds; pytest-timeout ends a wait in vain."""
    while not holds():
        await asyncio.sleep(0.01)


class Stage(NamedTuple):
    """A pane that is on the screen."""

    app: PaneApp
    pane: ConversationPane
    pilot: Pilot[None]

    async def settle(self) -> None:
        """Until nothing is left to be laid out or drawn; a spinner may turn on."""
        still = 0
        while still < 3:
            before = len(self.app.frames)
            await self.pilot.pause(0.005)
            is_still = self.pane.animation.is_moving or len(self.app.frames) == before
            still = still + 1 if is_still and self.pane.is_complete else 0

    async def settle_waiting(self) -> None:
        """Until a picture is told to be in the making and that is drawn."""
        await self.wait_for("Generating")
        await self.settle()

    async def wait_for(self, text: str) -> None:
        """Until the screen shows this."""
        await until(lambda: text in self.app.text())

    def timers(self) -> list[Timer]:
        """The timers of the pane, but for the one that waits for the next day."""
        of_all = [timer for widget in self.pane.walk_children(with_self=True) for timer in widget._timers]
        return [timer for timer in of_all if timer.name != MIDNIGHT]

    def row_of(self, text: str) -> int:
        """The row of the screen on which this stands."""
        return next(row for row, line in enumerate(self.app.text().split("\n")) if text in line)


@asynccontextmanager
async def stage(
    messages: Sequence[ChatMessage] = (),
    *,
    size: tuple[int, int] = (80, 24),
    ui: UiConfig | None = None,
    decoder: PictureDecoder | None = None,
    folder: Path | None = None,
    terminal: Terminal = TERMINAL,
) -> AsyncIterator[Stage]:
    """The pane with these messages; pictures are files in `folder`."""
    options = DisplayOptions(ui or UiConfig(), "Vivian", decoder, terminal, "^T")
    app = PaneApp(options)
    async with app.run_test(size=size) as pilot:
        shown = Stage(app, app.query_one(ConversationPane), pilot)
        show(shown, messages, folder)
        await shown.settle()
        yield shown


def show(on: Stage, messages: Sequence[ChatMessage], folder: Path | None = None) -> None:
    """Turn to a conversation."""

    def path_of(file: str) -> Path:
        assert folder is not None
        return folder / file

    on.pane.show(messages, path_of=path_of, greeting=GREETING, suggestions=SUGGESTIONS)


def said(number: int, *, lines: int = 1) -> ChatMessage:
    """Message `number` of a long talk, the even ones by the user, a minute each, from 10:00 UTC on."""
    text = "\n".join(f"message {number} line {line}" for line in range(lines))
    at = f"2026-01-{1 + number // 300:02}T{6 + number % 300 // 60:02}:{number % 60:02}:00.000Z"
    return ChatMessage(
        id=f"m{number}", role="user" if number % 2 == 0 else "assistant", content=text, timestamp=at
    )


def painted(
    message_id: str, file: str, *, size: tuple[int, int] = (64, 64), variants: int = 1
) -> ChatMessage:
    """The entry of a picture that exists, the last of its variants chosen."""
    records = [
        ImageRecord(
            prompt="A red square", file=file, width=size[0], height=size[1], settings={"seed": number}
        )
        for number in range(variants)
    ]
    return ChatMessage(
        id=message_id,
        role="assistant",
        content="",
        timestamp="2026-01-01T12:00:00.000Z",
        image=records[-1],
        variants=records if variants > 1 else None,
    )


async def drag(on: Stage, start: tuple[int, int], *way: tuple[int, int], release: bool = True) -> None:
    mouse(on, MouseDown, *start)
    await on.pilot.pause()  # from here on the pane has the mouse
    for at in way:
        mouse(on, MouseMove, *at)
    if release:
        mouse(on, MouseUp, *way[-1])
    await on.pilot.pause()


def mouse(on: Stage, kind: type[MouseDown | MouseMove | MouseUp], x: int, y: int, *, button: int = 1) -> None:
    """What the terminal says of the mouse, at a cell that may be beyond the pane."""
    on.app.screen._forward_event(kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y))


def cards(on: Stage) -> list[PictureEntry]:
    """The pictures of the conversation that were made so far."""
    return [entry for entry in on.pane.entries.existing() if isinstance(entry, PictureEntry)]


def card(on: Stage) -> PictureEntry:
    (card,) = cards(on)
    return card

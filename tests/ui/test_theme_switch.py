"""Another theme: the screen is, cell by cell, what a start in that theme paints."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from itertools import zip_longest
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.config.schema import UiConfig
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.pane_app import Clock, Stage, drag, until
from tests.support.snapshots import PAGE, look_of
from tests.support.talk import StartTalk, Talk

if TYPE_CHECKING:
    from tests.support.pane_app import PaneApp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DARK, LIGHT = "animus-dark", "animus-light"
AT = "2026-01-02T10:00:00.000Z"
PATIENCE = 30.0
"""Seconds for a picture to be drawn, on a machine that does much else."""
Step = Callable[[Chat], Awaitable[None]]


def translucent(colour: tuple[int, int, int]) -> bytes:
    """A picture through half of which the page shines."""
    picture = Image.new("RGBA", (64, 64), (*colour, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 32, 64))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def tell(talk: Talk) -> None:
    """A conversation of everything that has a look of its own."""
    stored = talk.session.conversation
    red, blue = (
        ImageRecord(
            prompt="A lamp", file=stored.write_image(translucent(colour), ".png"), width=64, height=64
        )
        for colour in ((200, 30, 30), (30, 30, 200))
    )
    messages = [
        ChatMessage(id="u1", role="user", content="The lamp of the harbour?", timestamp=AT),
        ChatMessage(id="r1", role="assistant", content=PAGE, reasoning="Wind and lamp.", timestamp=AT),
        ChatMessage(id="i1", role="assistant", image=red, timestamp=AT),
        ChatMessage(id="i2", role="assistant", image=red, variants=[red, blue], undecided=True, timestamp=AT),
        ChatMessage(id="u2", role="user", content="A lamp again", timestamp=AT, outcome="failed"),
        ChatMessage(
            id="r2",
            role="assistant",
            content="A lamp,\nand another lamp.",
            turns=["A lamp,", "and another lamp."],
            timestamp=AT,
            image_prompt="A lamp",
            compliance_violations=["lamps"],
            outcome="cancelled",
        ),
    ]
    for message in messages:
        stored.put(message)


@asynccontextmanager
async def opened(start_talk: StartTalk, theme: str) -> AsyncIterator[Chat]:
    @asynccontextmanager
    async def talking() -> AsyncIterator[Talk]:
        async with start_talk(ui=UiConfig(theme=theme, reduced_motion=True)) as talk:
            if not talk.messages:
                tell(talk)
            yield talk

    async with open_chat(talking(), size=(100, 60)) as chat:
        yield chat


async def shows(_: Chat) -> None:
    """The end of the conversation, and the prompt."""


async def reads_back(chat: Chat) -> None:
    chat.pane.action_scroll_home()


async def chooses(chat: Chat) -> None:
    await chat.pilot.press("tab", "up")


async def finds(chat: Chat) -> None:
    await chat.pilot.press("ctrl+f", *"lamp")
    await until(lambda: " of " in chat.text())  # else Enter brings the first one or the one after it


async def types_a_command(chat: Chat) -> None:
    await chat.pilot.press("/", "i")


async def fails(chat: Chat) -> None:
    chat.pane.updates.show_error("Out of credits", "The picture needs 2, the account has 0.5.")
    chat.pane.action_scroll_end()


async def waits(chat: Chat) -> None:
    chat.pane.updates.start_typing()


async def makes_a_picture(chat: Chat) -> None:
    chat.pane.updates.begin_image("job", "A lamp at night", message_id=None, reply_to=None, began=0.0)
    chat.pane.updates.image_progress("job", 40.0, 3.0)


async def is_told_of_more(chat: Chat) -> None:
    chat.pane.action_scroll_home()
    await chat.pilot.pause()
    chat.pane.updates.show_error("Out of credits", "The picture needs 2, the account has 0.5.")
    await until(lambda: "1 new" in chat.text())


async def marks(chat: Chat) -> None:
    chat.pane.action_scroll_home()
    await chat.pilot.pause()
    await drag(Stage(cast("PaneApp", chat.app), chat.pane, chat.pilot), (10, 8), (30, 14))
    assert chat.pane.selection.selected


async def says_something(chat: Chat) -> None:
    chat.app.notify("The disk is full.", severity="error")
    await until(lambda: "The disk is full." in chat.text())


async def views(chat: Chat) -> None:
    await chat.pilot.press("tab", "v")


async def browses(chat: Chat) -> None:
    await chat.pilot.press("f4")


async def reads_details(chat: Chat) -> None:
    await chat.pilot.press("tab", "i")


async def looks_at_the_account(chat: Chat) -> None:
    await chat.pilot.press("f4", "tab")


async def chooses_a_character(chat: Chat) -> None:
    await chat.type("/face")


async def fills_in(chat: Chat) -> None:
    await chat.pilot.press("ctrl+g")


async def reads_help(chat: Chat) -> None:
    await chat.pilot.press("f1")


async def leaves(chat: Chat) -> None:
    """Back to the conversation and an empty prompt."""
    while not isinstance(chat.app.screen, ChatScreen):
        await chat.pilot.press("escape")
    await chat.pilot.press("escape")
    prompt = chat.app.screen.query_one(Prompt)
    prompt.load_text("")
    prompt.focus()
    await chat.pilot.pause()


IN_THE_CONVERSATION = [
    shows,
    is_told_of_more,
    fails,
    waits,
    makes_a_picture,
    chooses,
    reads_back,
    marks,
    says_something,
]
"""One after the other: what a step has added is still there in the next."""
SCREENS = [
    views,
    reads_details,
    browses,
    looks_at_the_account,
    chooses_a_character,
    fills_in,
    reads_help,
    finds,
    types_a_command,
]
"""Each is left before the next is opened."""


COLUMNS = 99
"""Without the last one: where the bar of a long conversation stands is reckoned from the entries seen so far."""


async def still(chat: Chat) -> str:
    """The screen, as soon as nothing changes any more."""
    options: list[str] = []
    while len(options) < 4 or len(set(options[-4:])) > 1:
        await chat.pilot.pause(0.05)
        options.append(look_of(chat.app, columns=COLUMNS))
    return options[-1]


@pytest.mark.parametrize("steps", [IN_THE_CONVERSATION, SCREENS], ids=["conversation", "screens"])
async def test_another_theme_looks_like_a_start_in_it(
    start_talk: StartTalk, steps: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("picture", "image_progress", "notices"):  # no second passes between two looks
        monkeypatch.setattr(f"animus_tui.ui.conversation.entries.{module}.time", Clock())
    light: dict[str, str] = {}
    async with opened(start_talk, LIGHT) as chat:
        for step in steps:
            await step(chat)
            light[step.__name__] = await still(chat)
            if steps is SCREENS:
                await leaves(chat)
    async with opened(start_talk, DARK) as chat:
        for step in steps:
            await step(chat)
            dark = await still(chat)
            await becomes(chat, LIGHT, light[step.__name__])
            await becomes(chat, DARK, dark)
            if steps is SCREENS:
                await leaves(chat)


async def becomes(chat: Chat, theme: str, wanted: str) -> None:
    """Switch to a theme; pictures follow when they are drawn for it."""
    chat.app.theme = theme
    end = time.monotonic() + PATIENCE
    while differing(look_of(chat.app, columns=COLUMNS), wanted) and time.monotonic() < end:
        await chat.pilot.pause(0.02)
    assert differing(look_of(chat.app, columns=COLUMNS), wanted) == []


def differing(one: str, other: str) -> list[tuple[str | None, str | None]]:
    rows = zip_longest(one.splitlines(), other.splitlines())
    return [(mine, theirs) for mine, theirs in rows if mine != theirs]

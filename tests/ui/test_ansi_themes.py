"""The themes of the terminal's own 16 colours: text can be read, and pictures stand on its ground."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from msgspec.structs import replace
from PIL import Image
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.ui.contrast import READABLE
from animus_tui.ui.terminal.driver import BackgroundReported
from tests.support.chat_app import TERMINAL, Chat, open_chat
from tests.support.pane_app import until
from tests.support.screen import strips_of
from tests.support.talk import StartTalk, Talk

ANSI = ["ansi-dark", "ansi-light"]
CREAM, NIGHT = (250, 240, 220), (20, 30, 60)


def written(text: str, style: str) -> str:
    """What the terminal is sent for a text in a style."""
    (segment,) = READABLE.apply([Segment(text, Style.parse(style))], TextualColor(0, 0, 0))
    assert segment.style is not None
    return segment.style.render(segment.text)


def usual(text: str, style: str) -> str:
    return Style.parse(style).render(text)


@pytest.mark.parametrize("colour", ["default", "blue", "bright_blue"])
def test_text_that_would_not_be_seen_is_white_on_dark_and_black_on_light_colours(colour: str) -> None:
    assert written("Open", f"bold {colour} on blue") == usual("Open", "bold bright_white on blue")
    # Bold black is grey in many terminals.
    assert written("Open", "bold default on cyan") == usual("Open", "black on cyan")


@pytest.mark.parametrize(
    "style", ["green on blue", "default", "blue", "default on #0000ee", "reverse default on blue"]
)
def test_other_text_stays_as_it_is(style: str) -> None:
    assert written("Open", style) == usual("Open", style)


def test_pictures_stay_as_they_are() -> None:
    assert written("▀▄", "blue on bright_blue") == usual("▀▄", "blue on bright_blue")


@asynccontextmanager
async def opened(start_talk: StartTalk, theme: str, ground: Rgb | None = None) -> AsyncIterator[Chat]:
    """A conversation with a picture through all of which its ground shines."""
    clear = BytesIO()
    Image.new("RGBA", (64, 64)).save(clear, "PNG")

    @asynccontextmanager
    async def talking() -> AsyncIterator[Talk]:
        async with start_talk(ui=UiConfig(theme=theme)) as talk:
            stored = talk.session.conversation
            file = stored.write_image(clear.getvalue(), ".png")
            record = ImageRecord(prompt="Glass", file=file, width=64, height=64)
            stored.put(
                ChatMessage(id="i", role="assistant", image=record, timestamp="2026-01-02T10:00:00.000Z")
            )
            yield talk

    async with open_chat(talking(), terminal=replace(TERMINAL, background=ground)) as chat:
        yield chat


def grounds(chat: Chat) -> set[Rgb]:
    """The 24-bit colours behind what is on the screen."""
    styles = [
        segment.style for strip in strips_of(chat.app) for segment in strip if segment.style is not None
    ]
    colours = [style.bgcolor for style in styles if style.bgcolor is not None]
    triplets = (colour.triplet for colour in colours)
    return {(each.red, each.green, each.blue) for each in triplets if each is not None}


def colours_of_text(chat: Chat) -> list[tuple[int | None, int]]:
    """The numbers of the colours of text on one of the 16, and of that; None for the terminal's usual one."""
    found = []
    for segment in (segment for strip in strips_of(chat.app) for segment in strip if segment.text.strip()):
        style = segment.style
        if style and style.color and style.bgcolor and style.bgcolor.type is ColorType.STANDARD:
            found.append((style.color.number, style.bgcolor.number or 0))
    return found


@pytest.mark.parametrize("theme", ANSI)
async def test_what_is_chosen_in_a_list_can_be_read(start_talk: StartTalk, theme: str) -> None:
    async with opened(start_talk, theme) as chat:
        for keys, words in (
            (["/", "i", "m"], "/image"),
            (["escape", "ctrl+l"], "Conversations"),
            (["f6"], "Density"),
        ):
            await chat.pilot.press(*keys)
            await until(lambda words=words: words in chat.text())  # type: ignore[misc]
            await chat.pilot.pause()
            await chat.pilot.press("down")
            pairs = colours_of_text(chat)
            assert pairs, words
            assert all(text is not None and text % 8 != ground % 8 for text, ground in pairs)
            await chat.pilot.press("escape", "ctrl+u")


@pytest.mark.parametrize(
    ("theme", "told", "ground"),
    [
        ("ansi-light", CREAM, CREAM),
        ("ansi-light", NIGHT, NIGHT),
        ("ansi-dark", NIGHT, NIGHT),
        ("ansi-light", None, (255, 255, 255)),
        ("ansi-dark", None, (0, 0, 0)),
    ],
)
async def test_a_clear_picture_stands_on_the_ground_of_the_terminal(
    start_talk: StartTalk, theme: str, told: Rgb | None, ground: Rgb
) -> None:
    async with opened(start_talk, theme, told) as chat:
        assert grounds(chat) == {ground}


async def test_a_ground_that_is_told_late_is_used_from_then_on(start_talk: StartTalk) -> None:
    async with opened(start_talk, "ansi-light") as chat:
        chat.app.post_message(BackgroundReported(CREAM))
        await until(lambda: grounds(chat) == {CREAM})

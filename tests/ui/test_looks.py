"""What the conversation looks like, at three sizes and in each theme; UPDATE_LOOKS=1 keeps a change that is meant."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.config.schema import UiConfig
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.themes import THEMES
from tests.support.pane_app import Stage, stage
from tests.support.snapshots import PAGE, check_look

AT = datetime(2026, 1, 31, 12, tzinfo=UTC).isoformat()
MARKDOWN = PAGE + " 🌊\n\n---\n\nשלום to the crew, and cafe\u0301 au lait for all 👩‍🚀."


def talk() -> list[ChatMessage]:
    """Everything that a conversation can hold."""
    return [
        ChatMessage(
            id="u1",
            role="user",
            content="What does the harbour need tonight?\n\nAnd: 晩ご飯は?",
            timestamp=AT,
        ),
        ChatMessage(id="r1", role="assistant", content=MARKDOWN, timestamp=AT, reasoning="Wind, tide, crew."),
        ChatMessage(
            id="i1",
            role="assistant",
            timestamp=AT,
            image=ImageRecord(prompt="A red harbour at night", file="red.png", width=64, height=32),
        ),
        ChatMessage(id="u2", role="user", content="Thanks!", timestamp=AT, outcome="failed"),
        ChatMessage(
            id="r2",
            role="assistant",
            content="First.\nSecond.",
            turns=["First.", "Second."],
            timestamp=AT,
            image_prompt="A boat",
            compliance_violations=["sailors"],
            outcome="cancelled",
        ),
    ]


async def look(on: Stage, name: str) -> None:
    """Wait for the picture, then compare the whole conversation, screen by screen."""
    page = 0
    on.pane.action_scroll_home()
    while True:
        await on.settle()
        check_look(on.app, f"{name}-{page}")
        if on.pane.viewport.following:
            return
        on.pane.action_page_down()
        page += 1


@pytest.fixture(autouse=True)
def universal_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of the screen is the same wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (64, 32), (180, 40, 40)).save(tmp_path / "red.png")
    return tmp_path


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24), (40, 24)])
async def test_the_conversation_looks_as_it_should(folder: Path, columns: int, rows: int) -> None:
    async with (
        aclosing(PictureDecoder()) as decoder,
        stage(talk(), size=(columns, rows), decoder=decoder, folder=folder) as on,
    ):
        await look(on, f"conversation-{columns}x{rows}")


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_each_theme_looks_as_it_should(folder: Path, theme: str) -> None:
    async with stage(talk()[:2], size=(60, 50), folder=folder) as on:
        on.app.theme = theme
        await look(on, f"theme-{theme}")


async def test_plain_reading_looks_as_it_should(folder: Path) -> None:
    async with stage(talk(), size=(60, 70), folder=folder, ui=UiConfig(plain=True)) as on:
        await look(on, "plain")


async def test_plain_reading_has_no_box_no_block_and_no_braille(folder: Path) -> None:
    async with stage(talk(), size=(60, 70), folder=folder, ui=UiConfig(plain=True)) as on:
        on.pane.updates.begin_image("i", "A cat", message_id=None, reply_to=None)
        on.pane.updates.show_error("Out of credits", "None are left.")
        await on.settle()
        assert not [character for character in on.app.text() if "\u2500" <= character <= "\u259f"]
        assert not [character for character in on.app.text() if "\u2800" <= character <= "\u28ff"]

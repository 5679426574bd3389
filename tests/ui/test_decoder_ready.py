"""The decoding process starts when a picture is announced, and there is none for who only chats."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from animus_tui.config.schema import UiConfig
from animus_tui.ui.conversation.entries.picture import PictureEntry
from tests.support.chat_app import open_chat
from tests.support.chat_service import reply
from tests.support.pane_app import until
from tests.support.talk import StartTalk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def decoding() -> list[int]:
    """The decoding processes of this process."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    pids = {int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()}
    return [pid for pid in pids if b"decoding.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_the_process_is_there_while_the_picture_is_still_being_made(start_talk: StartTalk) -> None:
    gate = asyncio.Event()
    async with open_chat(start_talk()) as chat:
        chat.talk.service.say(reply("Only words."))
        await chat.type("hello")
        await chat.settle()
        assert decoding() == []
        chat.talk.service.show(gate=gate)
        await chat.type("/image a boat")
        await until(lambda: len(decoding()) == 1)
        assert "8×6" not in chat.text()
        before = decoding()
        gate.set()
        await chat.settle()
        assert "8×6" in chat.text()
        (picture,) = chat.entries(PictureEntry)
        assert isinstance(picture, PictureEntry)
        assert picture.slots[0].cells is not None
        assert decoding() == before
    assert decoding() == []


async def test_a_process_that_no_picture_came_for_ends_with_the_application(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        chat.talk.service.show(gate=asyncio.Event())
        await chat.type("/image a boat")
        await until(lambda: len(decoding()) == 1)
    assert decoding() == []


async def test_where_pictures_are_words_no_process_is_started(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(ui=UiConfig(plain=True))) as chat:
        gate = asyncio.Event()
        chat.talk.service.show(gate=gate)
        await chat.type("/image a boat")
        await until(lambda: bool(chat.talk.service.image_bodies))
        assert decoding() == []
        gate.set()
        await chat.settle()
        assert decoding() == []

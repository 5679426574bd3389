"""The end of a long history is on the screen before the rest is read, and nothing shows when that happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.controllers import display
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.stored_history import import_history

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.talk import StartTalk

pytestmark = pytest.mark.slow

SIZE = 700
FILLING = "and so on, as people do when they have time. " * 12


@pytest.fixture(autouse=True)
def _read_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the history is read when a test says so, and not after some time."""
    monkeypatch.setattr(display, "SETTLED", 3600)


async def fill(start_talk: StartTalk) -> Path:
    """Make a long conversation; its history."""
    async with start_talk() as talk:
        root = talk.root
    entries = [
        ChatMessage(
            id=f"{number:032}",
            role="assistant" if number % 2 else "user",
            content=f"Number {number}, {FILLING}",
            timestamp="2026-01-01T00:00:00.000Z",
        )
        for number in range(SIZE)
    ]
    stored = import_history(ConversationStore(root), msgspec.json.encode(entries), Conversation(id="long"))
    stored.close()
    return stored.folder / "history.json"


def is_read(chat: Chat) -> bool:
    return chat.talk.session.conversation.tail is None


async def read(chat: Chat) -> None:
    """What happens some time after the first frame."""
    screen = chat.app.screen
    assert isinstance(screen, ChatScreen)
    screen.controllers.display.read_all(chat.talk.session.conversation)
    await chat.settle()


async def test_the_end_is_shown_without_reading_and_nothing_changes_when_all_is_read(
    start_talk: StartTalk,
) -> None:
    await fill(start_talk)
    async with open_chat(start_talk()) as chat:
        before = chat.text()
        assert f"Number {SIZE - 1}," in before
        await chat.pilot.press("pageup")
        await chat.settle()
        above = chat.text()
        assert above != before
        assert not is_read(chat)
        await read(chat)
        assert is_read(chat)
        assert chat.text() == above
        await chat.pilot.press("end")
        await chat.settle()
        assert chat.text() == before
        assert len(chat.pane.entries) == SIZE
        prompt = chat.app.screen.query_one(Prompt)
        await chat.pilot.press("up")
        assert prompt.text.startswith(f"Number {SIZE - 2},")


async def test_who_goes_to_the_beginning_sees_it_although_nothing_was_read(start_talk: StartTalk) -> None:
    await fill(start_talk)
    async with open_chat(start_talk()) as chat:
        chat.pane.action_scroll_home()
        await chat.settle()
        assert "Number 0," in chat.text()
        assert is_read(chat)
        await read(chat)
        assert "Number 0," in chat.text()


async def test_a_message_that_is_sent_before_all_is_read_stands_there_once(start_talk: StartTalk) -> None:
    await fill(start_talk)
    async with open_chat(start_talk()) as chat:
        chat.talk.service.say(reply("An answer."))
        await chat.type("A question?")
        await chat.settle()
        once = [chat.text().count(words) for words in ("A question?", "An answer.")]
        assert once == [2, 1]  # it is the title, too
        await read(chat)
        assert [chat.text().count(words) for words in ("A question?", "An answer.")] == once
        assert len(chat.pane.entries) == SIZE + 2 == len(chat.talk.messages)


async def test_a_history_that_turns_out_to_be_damaged_is_shown_as_what_could_be_read(
    start_talk: StartTalk,
) -> None:
    history = await fill(start_talk)
    history.write_bytes(history.read_bytes().replace(b'"role"', b'"role', 1))
    async with open_chat(start_talk()) as chat:
        assert f"Number {SIZE - 1}," in chat.text()
        assert chat.notes() == []
        await read(chat)
        assert "The history was damaged" in " ".join(chat.notes())
        assert f"Number {SIZE - 1}," in chat.text()
        assert len(chat.pane.entries) == SIZE - 1
        chat.pane.action_scroll_home()
        await chat.settle()
        assert "Number 1," in chat.text()


async def test_entries_that_are_no_messages_leave_no_gap(start_talk: StartTalk) -> None:
    history = await fill(start_talk)
    history.write_bytes(history.read_bytes().replace(b"[\n", b'[\n{"note":"of another program"},\n', 1))
    async with open_chat(start_talk()) as chat:
        chat.pane.action_scroll_home()
        await chat.settle()
        await read(chat)
        assert len(chat.pane.entries) == SIZE == len(chat.talk.messages)
        assert f"Number {SIZE - 1}," in chat.text()

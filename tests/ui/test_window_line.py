"""The line where the messages begin that the character remembers: where it stands, and that nothing moves for it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from animus_tui.chat.history_window import history_window
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ChatConfig, UiConfig
from animus_tui.ui.screens.chat import ChatScreen
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import Answer, reply
from tests.support.pane_app import said, stage, until
from tests.support.stored_history import import_history
from tests.support.talk import StartTalk

pytestmark = pytest.mark.slow

LINE = "Vivian remembers from here"


def around_line(text: str) -> tuple[list[str], list[str]]:
    """The messages on the screen above the line and below it, each as its first word and number."""
    rows = text.splitlines()
    at = next(row for row, line in enumerate(rows) if LINE in line)
    above, below = "\n".join(rows[1:at]), "\n".join(rows[at + 1 :])
    words = [f"{kind}{number}" for number in range(1, 9) for kind in ("asked", "said")]
    return [word for word in words if word in above], [word for word in words if word in below]


async def talk_of(chat: Chat, first: int, last: int) -> None:
    for number in range(first, last + 1):
        chat.talk.service.say(reply(f"said{number}"))
        await chat.type(f"asked{number}")
        await chat.settle()


async def test_it_stands_above_the_messages_of_the_next_request_and_moves_on(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(chat=ChatConfig(history_size=3))) as chat:
        await talk_of(chat, 1, 1)
        assert LINE not in chat.text()
        await talk_of(chat, 2, 2)
        assert around_line(chat.text()) == (["asked1"], ["said1", "asked2", "said2"])
        await talk_of(chat, 3, 3)
        assert around_line(chat.text()) == (["asked1", "said1", "asked2"], ["said2", "asked3", "said3"])
        assert chat.text().count(LINE) == 1
        sent = chat.talk.service.chat_bodies[-1]["messages"]
        assert [each["content"] for each in sent[1:]] == ["said1", "asked2", "said2", "asked3"]


async def test_it_goes_by_tokens_and_by_what_is_set_now(start_talk: StartTalk) -> None:
    config = ChatConfig(system_message="Be kind.", history_size=100, history_tokens=10_000)
    async with open_chat(start_talk(chat=config)) as chat:
        await talk_of(chat, 1, 3)
        assert LINE not in chat.text()
        session = chat.talk.session
        for tokens, below in ((22, ["asked3", "said3"]), (1, ["said3"]), (None, None)):
            session.change_setting(("chat", "history_tokens"), tokens)
            await chat.settle()
            assert (LINE in chat.text()) == (below is not None)
            if below is not None:
                assert around_line(chat.text())[1] == below


async def test_hidden_deleted_and_former_versions_of_messages_do_not_count(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(chat=ChatConfig(history_size=2))) as chat:
        await talk_of(chat, 1, 3)
        assert around_line(chat.text())[1] == ["asked3", "said3"]
        session = chat.talk.session
        last = session.conversation.messages[-1].id
        await session.revisions.set_hidden(last, True)
        await chat.settle()
        assert around_line(chat.text())[1] == ["said2", "asked3", "said3"]
        await session.revisions.set_hidden(last, False)
        await chat.settle()
        assert around_line(chat.text())[1] == ["asked3", "said3"]
        chat.talk.service.say(reply("said7"))
        await session.revisions.regenerate()
        await chat.settle()
        assert around_line(chat.text())[1] == ["asked3", "said7"]
        await session.revisions.delete(session.conversation.messages[-2].id)
        await chat.settle()
        window = [each.content for each in history_window(session.conversation.messages, 2)]
        assert around_line(chat.text())[1] == window == ["said2", "said7"]


@pytest.mark.parametrize("following", [True, False])
async def test_nothing_moves_when_it_moves(*, following: bool) -> None:
    async with stage([said(number) for number in range(40)]) as on:
        if not following:
            on.pane.viewport.scroll(-30)
            await on.settle()
        in_view = [on.pane.entries[index].id for index in on.pane.viewport.in_view]
        without = on.app.text().split("\n")
        for message_id in (in_view[2], in_view[3], "m0", "m39", in_view[1], None):
            on.pane.marks.mark_window(message_id)
            await on.settle()
            rows = on.app.text().split("\n")
            assert [row for row in rows if LINE not in row] == [
                before for before, row in zip(without, rows, strict=True) if LINE not in row
            ]
            assert sum(LINE in row for row in rows) == (message_id in in_view)


@pytest.mark.parametrize("ui", [UiConfig(density="compact"), UiConfig(layout="plain")])
async def test_it_stands_between_the_messages_in_every_layout(ui: UiConfig) -> None:
    async with stage([said(number) for number in range(12)], ui=ui) as on:
        on.pane.marks.mark_window("m9")
        await on.settle()
        assert on.row_of("message 9") < on.row_of(LINE) < on.row_of("message 10")
        on.pane.marks.mark_window(None)
        await on.settle()
        assert LINE not in on.app.text()


async def test_a_screen_reader_is_not_told_since_it_would_move() -> None:
    async with stage([said(number) for number in range(12)], ui=UiConfig(plain=True)) as on:
        on.pane.marks.mark_window("m9")
        await on.settle()
        assert LINE not in on.app.text()


async def test_in_ten_thousand_messages_a_reader_stays_where_they_are(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        root = talk.root
    entries = [
        ChatMessage(id=f"{number:032}", role=("user", "assistant")[number % 2], content=f"Number {number}.")
        for number in range(10_000)
    ]
    import_history(ConversationStore(root), msgspec.json.encode(entries), Conversation(id="long")).close()
    async with open_chat(start_talk(chat=ChatConfig(history_size=30))) as chat:
        screen = chat.app.screen
        assert isinstance(screen, ChatScreen)
        screen.controllers.display.read_all(chat.talk.session.conversation)
        chat.pane.viewport.scroll(-50)
        await chat.settle()
        rows = [row.strip() for row in chat.text().splitlines()]
        line = next(at for at, row in enumerate(rows) if LINE in row)
        assert any("Number 9969." in row for row in rows[line - 2 : line])
        assert sum(1 for _ in chat.pane.entries.existing()) < 200
        gate = asyncio.Event()
        chat.talk.service.chat.append(Answer(reply("An answer."), gate=gate))
        await chat.talk.session.send("Something new")
        chat.pane.viewport.scroll(-50)
        await until(lambda: LINE in chat.text())
        before = chat.text().splitlines()
        gate.set()
        await chat.settle()
        after = chat.text().splitlines()
        assert [row for row in after if LINE in row]
        assert after.index(next(row for row in after if LINE in row)) > before.index(
            next(row for row in before if LINE in row)
        )
        for was, row in zip(before[1:-6], after[1:-6], strict=True):
            assert was == row or LINE in was + row

"""While the model is asked whether its reply promises a picture, the screen says so, and Esc ends it."""

from __future__ import annotations

import asyncio
import json

import pytest

from animus_tui.chat.events import ExchangeComplete, PromiseCheckStart
from animus_tui.config.schema import ChatConfig, ChatService
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import Answer, Service, reply
from tests.support.pane_app import until
from tests.support.talk import StartTalk

SIGN = "Checking for a picture"
ASK = ChatConfig(promises="ask")
YES = reply(json.dumps({"promises_picture": True, "description": "a lake at dawn", "shows_writer": False}))


@pytest.fixture
def backend() -> ChatService:
    return "openai"


async def ask(chat: Chat, service: Service, answer: Answer) -> None:
    """Until the screen says that the model is asked about its reply, which then waits for its answer."""
    service.chat += [Answer(reply("I'll send you a picture of the lake.")), answer]
    await chat.type("Show me the lake")
    await chat.talk.until(PromiseCheckStart)
    await until(lambda: SIGN in chat.text())
    rows = chat.text().splitlines()
    found = [next(row for row, line in enumerate(rows) if words in line) for words in ("I'll send", SIGN)]
    assert found[0] < found[1]
    assert "is typing" not in chat.text()
    assert "Esc" in chat.footer()


async def test_it_goes_with_the_answer_and_the_picture_stands_in_its_place(
    service: Service, start_talk: StartTalk
) -> None:
    gate = asyncio.Event()
    async with open_chat(start_talk(chat=ASK)) as chat:
        service.show(gate=asyncio.Event())
        await ask(chat, service, Answer(YES, gate=gate))
        gate.set()
        await until(lambda: "a lake at dawn" in chat.text())
        assert SIGN not in chat.text()


async def test_escape_ends_it(service: Service, start_talk: StartTalk) -> None:
    async with open_chat(start_talk(chat=ASK)) as chat:
        await ask(chat, service, Answer(YES, gate=asyncio.Event()))
        await chat.pilot.press("escape")
        await chat.talk.until(ExchangeComplete)
        await chat.settle()
        assert SIGN not in chat.text()
        assert chat.talk.outcomes() == ["cancelled"]
        assert "I'll send you a picture of the lake." in chat.text()


async def test_it_goes_when_the_question_fails(service: Service, start_talk: StartTalk) -> None:
    gate = asyncio.Event()
    async with open_chat(start_talk(chat=ASK)) as chat:
        await ask(chat, service, Answer({"message": "no"}, status=400, gate=gate))
        gate.set()
        await chat.talk.until(ExchangeComplete)
        await chat.settle()
        assert SIGN not in chat.text()
        assert chat.talk.outcomes() == ["complete"]

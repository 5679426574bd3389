"""The question whether a reply promises a picture: when it is asked, what is told of it, and how it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationStart,
    MessageComplete,
    MessageStart,
    PromiseCheckComplete,
    PromiseCheckStart,
    TurnsCanceled,
    event_json,
)
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import AutoTurnConfig, ChatConfig
from tests.support.chat_service import KEY, Answer, Service, chunk, reply
from tests.support.program import Program
from tests.support.stored_history import descriptions
from tests.support.talk import FAST, STREAMED, StartTalk, Talk

BACKENDS = ("animus", "openai")
LAKE = "a lake at dawn"
PROMISE = "I'll send you a picture of the lake."
ASK = ChatConfig(promises="ask")
YES = reply(json.dumps({"promises_picture": True, "description": LAKE, "shows_writer": False}))
NO = reply(json.dumps({"promises_picture": False, "description": "", "shows_writer": False}))
TOLD = ["PromiseCheckStart", "PromiseCheckComplete"]
SLOW = AutoTurnConfig(min_delay=60_000, max_delay=60_000)


async def ask_for_the_lake(talk: Talk, answer: Answer, *, streamed: bool = False) -> None:
    """A reply that may promise a picture, about which the model is asked; returns when it is."""
    words = Answer(pieces=[chunk(PROMISE)]) if streamed else Answer(reply(PROMISE))
    talk.service.chat += [words, answer]
    await talk.session.send("Show me the lake")
    await until_asked(talk, 2)


async def until_asked(talk: Talk, times: int) -> None:
    async with asyncio.timeout(60):
        while len(talk.service.chat_bodies) < times:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("streamed", [False, True])
async def test_it_is_told_while_it_is_waited_for_and_the_picture_starts_with_its_answer(
    start_talk: StartTalk, streamed: bool
) -> None:
    gate = asyncio.Event()
    async with start_talk(chat=ASK, auto_turn=STREAMED if streamed else FAST) as talk:
        talk.service.show()
        await ask_for_the_lake(talk, Answer(YES, gate=gate), streamed=streamed)
        start = await talk.until(PromiseCheckStart)
        assert talk.of(PromiseCheckComplete) == []
        gate.set()
        await talk.session.wait()
        names = talk.names()
        assert names[names.index("MessageComplete") + 1 :][:3] == [*TOLD, "ImageGenerationStart"]
        (complete,) = talk.of(PromiseCheckComplete)
        assert start.message_id == complete.message_id == talk.messages[1].id
        assert json.loads(event_json(complete)) == {
            "event": "promiseCheckComplete",
            "conversationId": talk.session.conversation.conversation.id,
            "messageId": talk.messages[1].id,
            "imagePrompt": LAKE,
        }
        assert talk.on_disk()[1]["image_prompt"] == LAKE


@pytest.mark.parametrize("answer", [Answer(NO), Answer({"message": "no"}, status=400), Answer(reply("Yes."))])
async def test_an_answer_that_promises_nothing_ends_it_too(start_talk: StartTalk, answer: Answer) -> None:
    async with start_talk(chat=ASK) as talk:
        answer.gate = asyncio.Event()
        await ask_for_the_lake(talk, answer)
        await talk.until(PromiseCheckStart)
        answer.gate.set()
        await talk.session.wait()
        assert talk.names()[-3:] == [*TOLD, "ExchangeComplete"]
        assert [event.image_prompt for event in talk.of(PromiseCheckComplete)] == [None]
        assert talk.outcomes() == ["complete"]


async def test_nothing_is_told_where_nothing_is_asked(start_talk: StartTalk) -> None:
    async with start_talk(chat=ASK) as talk:
        talk.service.say(reply("I'm sorry, I can't send pictures."))
        await talk.say("Show me the lake")
        assert not set(TOLD) & set(talk.names())


async def test_cancelling_ends_it_and_leaves_the_reply_whole(start_talk: StartTalk) -> None:
    async with start_talk(chat=ASK) as talk:
        await ask_for_the_lake(talk, Answer(YES, gate=asyncio.Event()))
        await talk.until(PromiseCheckStart)
        await talk.session.cancel()
        assert talk.names()[-3:] == [*TOLD, "ExchangeComplete"]
        assert (talk.messages[-1].outcome, talk.messages[-1].image_prompt) == (None, None)
        assert talk.outcomes() == ["cancelled"]
        talk.service.say(reply("Hello."))
        await talk.say("Hi")
        assert talk.outcomes() == ["cancelled", "complete"]
        assert talk.messages[-1].content == "Hello."


async def test_it_is_asked_while_the_turns_are_typed_and_the_picture_follows_the_last_one_at_once(
    start_talk: StartTalk,
) -> None:
    asked_before_the_end = []

    async def talk_with(pause: int) -> list[str]:
        """What was told, when each turn is typed for that many milliseconds."""
        paced = AutoTurnConfig(min_delay=pause, max_delay=pause)
        async with start_talk(chat=ASK, auto_turn=paced) as talk:
            await talk.session.new()
            talk.service.show()
            talk.service.chat.clear()
            talk.service.say(reply("Sure!\nI'll send you a picture of the lake."), YES)
            await talk.say("Show me the lake")
            turns = talk.of(MessageComplete)
            asked_before_the_end.append(turns[-1].image_prompt)
            assert [turn.image_prompt for turn in turns[:-1]] == [None]
            assert talk.on_disk()[1]["image_prompt"] == LAKE
            assert len(talk.of(ImageGenerationComplete)) == 1
            return talk.names()

    for pause in (500, 2000, 10_000, 40_000):  # a busy machine may need longer for an answer
        names = await talk_with(pause)
        if asked_before_the_end[-1] is not None:
            break
    assert asked_before_the_end[-1] == LAKE
    assert not set(TOLD) & set(names)
    last = len(names) - 1 - names[::-1].index("MessageComplete")
    assert names[last + 1] == "ImageGenerationStart"


async def test_cancelling_during_the_turns_ends_it_too(start_talk: StartTalk) -> None:
    async with start_talk(chat=ASK, auto_turn=SLOW) as talk:
        talk.service.say(reply("Sure!\nI'll send you a picture of the lake."))
        talk.service.chat.append(Answer(YES, gate=asyncio.Event()))
        await talk.session.send("Show me the lake")
        await talk.until(MessageStart, 2)
        await until_asked(talk, 2)
        await talk.session.cancel()
        assert [event.count for event in talk.of(TurnsCanceled)] == [1]
        assert not set(TOLD) & set(talk.names())
        assert (talk.messages[-1].content, talk.messages[-1].outcome) == ("Sure!", "cancelled")
        assert talk.messages[-1].image_prompt is None


async def test_what_was_promised_stays_on_a_message_whose_turns_were_cancelled(start_talk: StartTalk) -> None:
    async with start_talk(chat=ASK, auto_turn=SLOW) as talk:
        talk.service.say(reply("Sure!\nI'll send you a picture of the lake."), YES)
        await talk.session.send("Show me the lake")
        await talk.until(MessageStart, 2)
        async with asyncio.timeout(60):
            while talk.on_disk()[-1].get("image_prompt") is None:
                await asyncio.sleep(0.01)
        await talk.session.cancel()
        assert talk.of(ImageGenerationStart) == []
        assert (talk.messages[-1].content, talk.messages[-1].image_prompt) == ("Sure!", LAKE)
        talk.service.show()
        talk.session.images.start_promised(talk.messages[-1].id)
        await talk.session.wait()
        assert talk.messages[-1].reply_to == talk.messages[-2].id


async def test_a_reply_in_place_of_another_is_checked_too(start_talk: StartTalk) -> None:
    async with start_talk(chat=ASK) as talk:
        talk.service.say(reply("No."))
        await talk.say("Show me the lake")
        talk.service.show()
        talk.service.say(reply("Sure!\nI'll send you a picture of the lake."), YES)
        await talk.session.revisions.regenerate()
        await talk.session.wait()
        assert [event.prompt for event in talk.of(ImageGenerationStart)] == [LAKE]
        assert talk.messages[1].image_prompt == talk.on_disk()[1]["image_prompt"] == LAKE
        assert [message.role for message in talk.messages] == ["user", "assistant", "assistant"]


def configuration(service: Service, backend: str) -> str:
    return f"""
[api]
backend = "{backend}"
api_key = "{KEY}"
base_url = "{service.url}/v3"
[chat]
model = "m"
promises = "ask"
[image]
backend = "animus"
api_key = "{KEY}"
base_url = "{service.url}/v3"
"""


@pytest.mark.slow
async def test_a_promise_outlives_a_kill_before_its_picture(
    service: Service, start_talk: StartTalk, tmp_path: Path, backend: str
) -> None:
    pace = {"ANIMUS_AUTO_TURN_MIN_DELAY": "60000", "ANIMUS_AUTO_TURN_MAX_DELAY": "60000"}
    program = Program(tmp_path, {**pace, "ANIMUS_DATA_DIR": str(tmp_path)})
    program.configure(configuration(service, backend))
    service.say(reply("Sure!\nI'll send you a picture of the lake."), YES)
    with await asyncio.to_thread(program.start, "send", "Show me the lake") as process:
        async with asyncio.timeout(60):
            while not any(
                b'"image_prompt"' in history.read_bytes()
                for history in tmp_path.glob("conversations/*/history.json")
            ):
                assert process.poll() is None
                await asyncio.sleep(0.01)
        process.kill()
    async with start_talk(chat=ASK) as talk:
        (listed,) = descriptions(ConversationStore(talk.root))
        await talk.session.open(listed.id)
        promising = talk.messages[-1]
        assert (promising.content, promising.image_prompt) == ("Sure!", LAKE)
        service.show()
        talk.session.images.start_promised(promising.id)
        await talk.session.wait()
        assert (talk.messages[-1].reply_to, talk.outcomes()) == (promising.id, [])
        assert talk.messages[-1].image is not None

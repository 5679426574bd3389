"""Every moment of an exchange against every way to end it: one end, nothing after it, nothing lost or doubled."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    FollowUpScheduled,
    ImageGenerationComplete,
    ImageGenerationError,
    MessageSent,
    MessageStart,
    MessageTokens,
    PromiseCheckStart,
    RetryScheduled,
    TurnsCanceled,
)
from animus_tui.config.schema import AutoTurnConfig, ChatConfig, ImageConfig
from tests.support.chat_service import Answer, chunk, png, reply
from tests.support.talk import FAST, StartTalk, Talk

BACKENDS = ("animus", "openai")

SLOW = AutoTurnConfig(min_delay=60_000, max_delay=60_000, follow_up_delay=60_000)
STREAMED = AutoTurnConfig(enabled=False, follow_up_delay=60_000)
ASK = ChatConfig(promises="ask")
"""So that the model is asked about a reply whose words may promise a picture, whatever the service is."""

Reach = Callable[[Talk], Awaitable[None]]
"""Brings an exchange to a moment at which it stays until it is ended."""
Kept = list[tuple[str, str | None]]
"""What was said and how it ended."""


async def asked(talk: Talk, times: int) -> None:
    """Until the service got that many requests for an answer."""
    async with asyncio.timeout(60):
        while len(talk.service.chat_bodies) < times:
            await asyncio.sleep(0.005)


async def before_the_request(talk: Talk) -> None:
    await talk.session.send("first")


async def during_the_request(talk: Talk) -> None:
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await asked(talk, 1)


async def before_the_first_token(talk: Talk) -> None:
    talk.service.chat.append(Answer(pieces=[asyncio.Event()]))
    await talk.session.send("first")
    await asked(talk, 1)


async def during_the_wait_for_another_try(talk: Talk) -> None:
    talk.service.chat.append(Answer({"message": "Busy."}, status=429, headers={"Retry-After": "50"}))
    await talk.session.send("first")
    await talk.until(RetryScheduled)


async def during_streaming(talk: Talk) -> None:
    talk.service.chat.append(Answer(pieces=[chunk("So "), chunk("far"), asyncio.Event()]))
    await talk.session.send("first")
    await talk.until(MessageTokens, 2)


async def between_turns(talk: Talk) -> None:
    talk.service.say(reply("a\nb\nc"))
    await talk.session.send("first")
    await talk.until(MessageStart, 2)


async def during_the_wait_for_a_follow_up(talk: Talk) -> None:
    talk.service.say(reply("One", next=True))
    await talk.session.send("first")
    await talk.until(FollowUpScheduled)
    await asyncio.sleep(0.1)
    assert len(talk.service.chat_bodies) == 1


async def during_the_wait_for_a_follow_up_of_a_stream(talk: Talk) -> None:
    talk.service.chat.append(Answer(pieces=[chunk("One"), chunk(next=True)]))
    await talk.session.send("first")
    await talk.until(FollowUpScheduled)
    await asyncio.sleep(0.1)
    assert len(talk.service.chat_bodies) == 1


async def during_the_request_of_a_follow_up(talk: Talk) -> None:
    talk.service.say(reply("One", next=True))
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await asked(talk, 2)


async def during_the_question_about_a_promise(talk: Talk) -> None:
    talk.service.say(reply("I'll send you a picture."))
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await talk.until(PromiseCheckStart)
    await asked(talk, 2)


async def during_that_question_between_turns(talk: Talk) -> None:
    talk.service.say(reply("Sure!\nI'll send you a picture.\nLook"))
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await talk.until(MessageStart, 2)
    await asked(talk, 2)


UNANSWERED: Kept = [("first", None)]
ANSWERED: Kept = [("first", None), ("One", None)]
phases = pytest.mark.parametrize(
    ("reach", "pace", "kept"),
    [
        (before_the_request, FAST, UNANSWERED),
        (during_the_request, FAST, UNANSWERED),
        (before_the_first_token, STREAMED, UNANSWERED),
        (during_the_wait_for_another_try, FAST, UNANSWERED),
        (during_streaming, STREAMED, [("first", None), ("So far", "cancelled")]),
        (between_turns, SLOW, [("first", None), ("a", "cancelled")]),
        (during_the_question_about_a_promise, FAST, [("first", None), ("I'll send you a picture.", None)]),
        (during_that_question_between_turns, SLOW, [("first", None), ("Sure!", "cancelled")]),
        pytest.param(during_the_wait_for_a_follow_up, SLOW, ANSWERED, marks=pytest.mark.of_animus),
        pytest.param(
            during_the_wait_for_a_follow_up_of_a_stream, STREAMED, ANSWERED, marks=pytest.mark.of_animus
        ),
        pytest.param(during_the_request_of_a_follow_up, FAST, ANSWERED, marks=pytest.mark.of_animus),
    ],
)


def said(talk: Talk) -> Kept:
    return [(message.content or "", message.outcome) for message in talk.messages]


def said_on_disk(talk: Talk) -> Kept:
    return [(entry["content"], entry.get("outcome")) for entry in talk.on_disk()]


def dropped_turns(reach: Reach) -> list[int]:
    """Of the three turns one was delivered; the one being typed counts as dropped."""
    return [2] if reach in (between_turns, during_that_question_between_turns) else []


@phases
async def test_cancel_ends_the_exchange_once_and_nothing_of_it_comes_later(
    start_talk: StartTalk, reach: Reach, pace: AutoTurnConfig, kept: Kept
) -> None:
    async with start_talk(auto_turn=pace, tries=3, chat=ASK) as talk:
        await reach(talk)
        requests = len(talk.service.chat_bodies)
        assert await talk.session.cancel()
        assert not talk.session.busy
        assert talk.outcomes() == ["cancelled"]
        assert talk.names()[-1] == "ExchangeComplete"
        assert said(talk) == said_on_disk(talk) == kept
        assert [event.count for event in talk.of(TurnsCanceled)] == dropped_turns(reach)
        events = len(talk.collect())
        assert not await talk.session.cancel()
        await asyncio.sleep(0.05)
        assert len(talk.collect()) == events
        assert len(talk.service.chat_bodies) == requests


@phases
async def test_a_new_message_ends_the_exchange_once_and_its_own_is_whole(
    start_talk: StartTalk, reach: Reach, pace: AutoTurnConfig, kept: Kept
) -> None:
    async with start_talk(auto_turn=pace, tries=3, chat=ASK) as talk:
        await reach(talk)
        requests = len(talk.service.chat_bodies)
        talk.service.say(reply("Next answer"))
        await talk.say("next")
        names = talk.names()
        end = names.index("ExchangeComplete")
        assert names[end + 1] == "MessageSent"
        assert [name for name in names[end + 2 :] if name != "MessageTokens"] == [
            "MessageStart",
            "MessageComplete",
            "ExchangeComplete",
        ]
        assert talk.outcomes() == ["cancelled", "complete"]
        assert said(talk) == said_on_disk(talk) == [*kept, ("next", None), ("Next answer", None)]
        assert len(talk.service.chat_bodies) == requests + 1
        sent = [entry["content"] for entry in talk.service.chat_bodies[-1]["messages"]][1:]
        assert sent == [*(content for content, _ in kept), "next"]


@phases
async def test_a_new_conversation_ends_the_exchange_once_and_stays_empty(
    start_talk: StartTalk, reach: Reach, pace: AutoTurnConfig, kept: Kept
) -> None:
    async with start_talk(auto_turn=pace, tries=3, chat=ASK) as talk:
        await reach(talk)
        old = talk.session.conversation.conversation.id
        await talk.session.new()
        assert talk.outcomes() == ["cancelled"]
        assert talk.names()[-2:] == ["ExchangeComplete", "ConversationOpened"]
        assert talk.collect()[-2].conversation_id == old
        assert said(talk) == said_on_disk(talk) == []
        await talk.session.open(old)
        assert said(talk) == said_on_disk(talk) == kept


@phases
async def test_leaving_ends_the_exchange_once_and_what_was_delivered_is_there_after_a_restart(
    start_talk: StartTalk, reach: Reach, pace: AutoTurnConfig, kept: Kept
) -> None:
    with ExitStack() as left:
        async with start_talk(auto_turn=pace, tries=3, chat=ASK) as talk:
            told = left.enter_context(talk.session.events.subscribe())
            await reach(talk)
        events = told.pending()
    assert [event.outcome for event in events if isinstance(event, ExchangeComplete)] == ["cancelled"]
    assert isinstance(events[-1], ExchangeComplete)
    async with start_talk() as talk:
        assert said(talk) == said_on_disk(talk) == kept


async def test_cancelling_in_the_moment_of_sending_still_tells_the_end(talk: Talk) -> None:
    _, cancelled = await asyncio.gather(talk.session.send("first"), talk.session.cancel())
    assert cancelled
    assert talk.names() == ["MessageSent", "ExchangeComplete"]
    assert talk.outcomes() == ["cancelled"]
    assert talk.service.chat_bodies == []


async def test_cancelling_in_the_moment_of_trying_again_still_tells_the_end(talk: Talk) -> None:
    talk.service.chat.append(Answer({"message": "no"}, status=400))
    await talk.say("first")
    await asyncio.gather(talk.session.retry(), talk.session.cancel())
    assert talk.outcomes() == ["failed", "cancelled"]


async def test_leaving_in_the_moment_of_sending_still_tells_the_end(start_talk: StartTalk) -> None:
    with ExitStack() as left:
        async with start_talk() as talk:
            told = left.enter_context(talk.session.events.subscribe())
            sending = asyncio.create_task(talk.session.send("first"))
            await asyncio.sleep(0)
        await sending
        assert [type(event) for event in told.pending()] == [MessageSent, ExchangeComplete]


async def promise_a_picture(talk: Talk) -> asyncio.Event:
    """An answer whose picture is being made; the event that is returned lets it be finished."""
    gate = asyncio.Event()
    talk.service.show(gate=gate)
    talk.service.say(reply("Look", image_prompt="a boat"))
    await talk.session.send("first")
    async with asyncio.timeout(60):
        while not talk.service.image_bodies:
            await asyncio.sleep(0.005)
    return gate


async def test_the_picture_of_a_cancelled_exchange_tells_its_own_end_after_the_one_end_of_the_exchange(
    talk: Talk,
) -> None:
    gate = await promise_a_picture(talk)
    talk.service.say(reply("Next answer"))
    await talk.session.send("next")
    gate.set()
    await talk.session.wait()
    assert talk.outcomes() == ["cancelled", "complete"]
    first_end = talk.names().index("ExchangeComplete")
    assert talk.names().index("ImageGenerationComplete") > first_end
    assert len(talk.of(ImageGenerationComplete)) == 1
    assert talk.of(ImageGenerationComplete)[0].message_id in [entry["id"] for entry in talk.on_disk()]


async def test_cancel_stops_the_promised_picture_also_when_another_one_was_finished_meanwhile(
    talk: Talk,
) -> None:
    await promise_a_picture(talk)
    talk.service.show(shade=5)
    talk.session.start_image("a hill")
    await talk.until(ImageGenerationComplete)
    assert await talk.session.cancel()
    await talk.session.wait()
    assert talk.outcomes() == ["complete"]
    assert [error.prompt for error in talk.of(ImageGenerationError)] == ["a boat"]


async def test_cancel_ends_the_answer_and_not_the_picture_that_the_last_message_promised(
    start_talk: StartTalk,
) -> None:
    async with start_talk(auto_turn=SLOW) as talk:
        talk.service.say(reply("a\nb", image_prompt="a boat"))
        await talk.session.send("first")
        await talk.until(MessageStart, 2)
        await talk.session.cancel()
        gate = asyncio.Event()
        talk.service.show(gate=gate)
        talk.session.images.start_promised(talk.messages[-1].id)
        talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
        await talk.session.retry()
        await asked(talk, 2)
        assert await talk.session.cancel()
        assert not talk.session.busy
        gate.set()
        await talk.session.wait()
        assert talk.of(ImageGenerationError) == []
        assert talk.messages[-1].image is not None


async def test_a_picture_that_is_stopped_while_its_file_is_fetched_is_not_paid_for_twice(talk: Talk) -> None:
    talk.service.images.append(Answer({"output": [talk.service.url + "/file/x.png"]}))
    talk.service.files.append(Answer(png(), gate=asyncio.Event()))
    image_id = talk.session.start_image("a boat")
    async with asyncio.timeout(60):
        while talk.service.files:
            await asyncio.sleep(0.005)
    assert await talk.session.cancel()
    assert talk.names() == ["ImageGenerationStart", "ImageGenerationError"]
    talk.service.files.append(Answer(png()))
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(talk.service.image_bodies) == 1
    assert talk.names()[2:] == ["ImageGenerationStart", "ImageGenerationComplete"]


async def test_a_picture_job_that_is_stopped_while_it_is_polled_tells_one_error(
    start_talk: StartTalk,
) -> None:
    async with start_talk(image=ImageConfig(endpoint="generation/create")) as talk:
        talk.service.jobs.append(Answer({"generation_id": "g", "status": "queued"}))
        talk.service.jobs.append(Answer({"status": "processing"}, gate=asyncio.Event()))
        talk.session.start_image("a boat")
        async with asyncio.timeout(60):
            while talk.service.jobs:
                await asyncio.sleep(0.005)
        assert await talk.session.cancel()
        assert not await talk.session.cancel()
        (error,) = talk.of(ImageGenerationError)
        assert error.retryable
        assert talk.session.images.under_way == []

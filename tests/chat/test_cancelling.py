"""A new message at every moment of an exchange: nothing lost, nothing doubled, and the next exchange is whole."""

import asyncio

import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    FollowUpScheduled,
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationStart,
    MessageComplete,
    MessageStart,
    MessageTokens,
    SessionEvent,
    TurnsCanceled,
)
from animus_tui.config.schema import AutoTurnConfig
from tests.support.chat_service import Answer, chunk, reply
from tests.support.talk import FAST, STREAMED, StartTalk, Talk

PICTURE_EVENTS = (
    "ImageGenerationStart",
    "ImageGenerationProgress",
    "ImageGenerationComplete",
    "ImageGenerationError",
)

BACKENDS = ("animus", "openai")
SLOW = AutoTurnConfig(min_delay=60_000, max_delay=60_000)


def of_exchanges(events: list[SessionEvent]) -> list[list[str]]:
    """The kinds of events of each exchange; those of pictures go their own way."""
    exchanges: list[list[str]] = [[]]
    for event in events:
        name = type(event).__name__
        if name in PICTURE_EVENTS:
            continue
        if name == "MessageSent" and exchanges[-1]:
            exchanges.append([])
        exchanges[-1].append(name)
    return exchanges


async def say_next(talk: Talk) -> None:
    """A new message that cancels what is under way, and the check that its exchange is whole."""
    talk.service.say(reply("Next answer"))
    await talk.say("next")
    exchanges = of_exchanges(talk.collect())
    assert len(exchanges) == 2
    assert exchanges[0].count("ExchangeComplete") == 1
    assert exchanges[0][-1] == "ExchangeComplete"
    assert exchanges[1][0] == "MessageSent"
    assert exchanges[1][-2:] == ["MessageComplete", "ExchangeComplete"]
    assert talk.outcomes() == ["cancelled", "complete"]
    assert [m.content for m in talk.messages if m.role == "user"] == ["first", "next"]
    assert talk.messages[-1].content == "Next answer" or talk.messages[-1].image is not None
    assert [entry["id"] for entry in talk.on_disk()] == [m.id for m in talk.messages]
    assert len({m.id for m in talk.messages}) == len(talk.messages)


async def test_a_new_message_before_the_answer_aborts_the_request(talk: Talk) -> None:
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await talk.service.asked.wait()
    await say_next(talk)
    assert [m.content for m in talk.messages] == ["first", "next", "Next answer"]
    assert "TurnsCanceled" not in talk.names()


async def test_a_new_message_in_the_same_moment_aborts_the_request_before_it_is_sent(talk: Talk) -> None:
    await talk.session.send("first")
    await say_next(talk)
    assert len(talk.service.chat_bodies) == 1


async def test_a_new_message_in_the_middle_of_turns_drops_those_not_delivered(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=SLOW) as talk:
        talk.service.say(reply("a\nb\nc"))
        await talk.session.send("first")
        await talk.until(MessageStart, 2)
        talk.service.say(reply("Next answer"))
        await talk.say("next")
        assert talk.of(TurnsCanceled)[0].count == 2
        assert [m.content for m in talk.messages] == ["first", "a", "next", "Next answer"]
        assert talk.messages[1].outcome == "cancelled"
        assert talk.messages[1].turns == ["a"]
        assert talk.outcomes() == ["cancelled", "complete"]
        assert [m["content"] for m in talk.service.chat_bodies[-1]["messages"]][1:] == ["first", "a", "next"]


async def test_the_prompt_of_a_picture_that_was_not_started_stays_on_the_message(
    start_talk: StartTalk,
) -> None:
    async with start_talk(auto_turn=SLOW) as talk:
        talk.service.say(reply("a\nb", image_prompt="a boat"))
        await talk.session.send("first")
        await talk.until(MessageStart, 2)
        talk.service.say(reply("Next answer"))
        await talk.say("next")
        assert talk.messages[1].image_prompt == "a boat"
        assert talk.of(ImageGenerationStart) == []
        talk.service.show()
        talk.session.images.start_promised(talk.messages[1].id)
        await talk.session.wait()
        assert talk.messages[-1].reply_to == talk.messages[1].id


@pytest.mark.of_animus
async def test_a_new_message_after_the_turns_during_the_wait_for_a_follow_up_drops_it(
    start_talk: StartTalk,
) -> None:
    async with start_talk(auto_turn=AutoTurnConfig(min_delay=0, max_delay=0, follow_up_delay=60_000)) as talk:
        talk.service.say(reply("One", next=True))
        await talk.session.send("first")
        await talk.until(FollowUpScheduled)
        await say_next(talk)
        assert len(talk.service.chat_bodies) == 2
        assert [m.content for m in talk.messages] == ["first", "One", "next", "Next answer"]
        assert talk.messages[1].outcome is None


@pytest.mark.of_animus
async def test_a_new_message_during_the_request_of_a_follow_up_aborts_it(talk: Talk) -> None:
    talk.service.say(reply("One", next=True))
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await talk.session.send("first")
    await talk.until(FollowUpScheduled)
    async with asyncio.timeout(60):
        while len(talk.service.chat_bodies) < 2:
            await asyncio.sleep(0.005)
    await say_next(talk)
    assert [m.content for m in talk.messages] == ["first", "One", "next", "Next answer"]


async def test_another_conversation_ends_the_reply_and_says_so(talk: Talk) -> None:
    talk.service.chat.append(Answer(pieces=[chunk("So far"), asyncio.Event()]))
    await talk.session.send("first")
    await talk.service.asked.wait()
    left = talk.session.conversation.conversation.id
    await talk.session.new()
    assert talk.session.notices() == ["The reply in “first” was stopped, as another conversation was opened."]
    await talk.session.open(left)
    assert talk.session.notices() == []


async def test_a_new_message_during_streaming_keeps_and_stores_the_text_so_far(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("So "), chunk("far"), asyncio.Event()]))
    await streamed.session.send("first")
    await streamed.until(MessageTokens, 2)
    streamed.service.chat.append(Answer(pieces=[chunk("Next answer")]))
    await streamed.say("next")
    assert [(m.content, m.outcome) for m in streamed.messages] == [
        ("first", None),
        ("So far", "cancelled"),
        ("next", None),
        ("Next answer", None),
    ]
    assert [entry.get("outcome") for entry in streamed.on_disk()] == [None, "cancelled", None, None]
    assert streamed.outcomes() == ["cancelled", "complete"]


async def test_what_came_of_a_reply_that_is_to_be_presented_as_turns_is_on_the_disk_and_kept(
    talk: Talk,
) -> None:
    talk.service.chat.append(Answer(pieces=[chunk("So far\n"), chunk("and on"), asyncio.Event()]))
    await talk.session.send("first")
    async with asyncio.timeout(60):
        while len(talk.on_disk()) < 2 or talk.on_disk()[1]["content"] != "So far\nand on":
            await asyncio.sleep(0.01)
    assert talk.on_disk()[1]["outcome"] == "cancelled"
    assert talk.of(MessageComplete) == []
    talk.service.say(reply("Next answer"))
    await talk.say("next")
    assert [(m.content, m.outcome) for m in talk.messages] == [
        ("first", None),
        ("So far\nand on", "cancelled"),
        ("next", None),
        ("Next answer", None),
    ]
    assert talk.messages[1].turns == ["So far", "and on"]
    shown = [(event.content, event.message_type) for event in talk.of(MessageComplete)]
    assert shown == [("So far", "auto"), ("and on", "auto"), ("Next answer", "regular")]
    assert of_exchanges(talk.collect())[0][-1] == "ExchangeComplete"
    assert talk.outcomes() == ["cancelled", "complete"]


async def test_what_was_saved_of_a_reply_before_it_is_whole_is_the_message_that_it_becomes(
    talk: Talk,
) -> None:
    gate = asyncio.Event()
    talk.service.chat.append(Answer(pieces=[chunk("So far\n"), gate, chunk("and on")]))
    await talk.session.send("first")
    async with asyncio.timeout(60):
        while len(talk.on_disk()) < 2:
            await asyncio.sleep(0.01)
    gate.set()
    await talk.session.wait()
    assert [(m.content, m.outcome) for m in talk.messages] == [("first", None), ("So far\nand on", None)]
    assert [entry["id"] for entry in talk.on_disk()] == [m.id for m in talk.messages]


async def test_a_new_message_before_the_first_token_stores_no_empty_answer(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[asyncio.Event()]))
    await streamed.session.send("first")
    await streamed.service.asked.wait()
    streamed.service.chat.append(Answer(pieces=[chunk("Next answer")]))
    await streamed.say("next")
    assert [m.content for m in streamed.messages] == ["first", "next", "Next answer"]


async def test_a_new_message_during_a_picture_lets_the_picture_run_to_its_end(talk: Talk) -> None:
    gate = asyncio.Event()
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show(gate=gate)
    await talk.session.send("first")
    await talk.until(ImageGenerationStart)
    talk.service.say(reply("Next answer"))
    await talk.session.send("next")
    await talk.until(ExchangeComplete, 2)
    assert talk.of(ImageGenerationComplete) == []
    gate.set()
    await talk.until(ImageGenerationComplete)
    await talk.session.wait()
    assert talk.outcomes() == ["cancelled", "complete"]
    assert [m.content for m in talk.messages] == [
        "first",
        "Look",
        "next",
        "Next answer",
        '<image description="a boat" />',
    ]
    assert len(talk.service.image_bodies) == 1


async def test_many_messages_in_a_burst_leave_one_whole_exchange(talk: Talk) -> None:
    for n in range(20):
        await talk.session.send(str(n))
    talk.service.say(reply("Next answer"))
    await talk.say("last")
    assert [m.content for m in talk.messages] == [*map(str, range(20)), "last", "Next answer"]
    assert talk.outcomes() == ["cancelled"] * 20 + ["complete"]


async def test_messages_sent_at_the_same_time_are_taken_one_after_the_other(talk: Talk) -> None:
    talk.service.say(reply("Answer"))
    await asyncio.gather(*(talk.session.send(str(n)) for n in range(5)))
    await talk.session.wait()
    assert [m.content for m in talk.messages] == ["0", "1", "2", "3", "4", "Answer"]
    for exchange in of_exchanges(talk.collect()):
        assert exchange[0] == "MessageSent"
        assert exchange[-1] == "ExchangeComplete"


async def test_cancel_ends_the_exchange_and_keeps_what_was_delivered(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=SLOW) as talk:
        talk.service.say(reply("a\nb"))
        await talk.session.send("first")
        await talk.until(MessageStart, 2)
        assert await talk.session.cancel()
        assert not talk.session.busy
        assert talk.names()[-2:] == ["TurnsCanceled", "ExchangeComplete"]
        assert [m.content for m in talk.messages] == ["first", "a"]
        assert not await talk.session.cancel()


async def test_cancel_during_a_picture_stops_the_picture_and_tells_it_once(talk: Talk) -> None:
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show(gate=asyncio.Event())
    await talk.session.send("first")
    await talk.until(ImageGenerationStart)
    assert await talk.session.cancel()
    await talk.session.wait()
    assert len(talk.of(ImageGenerationError)) == 1
    assert talk.of(ImageGenerationError)[0].retryable
    assert talk.messages[-1].image_prompt == "a boat"
    assert talk.outcomes() == ["complete"]


@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_the_session_keeps_what_was_delivered_and_takes_less_than_a_second(
    start_talk: StartTalk, stream: bool
) -> None:
    took: list[float] = []
    while min(took, default=1) >= 1 and len(took) < 3:  # a busy machine may halt any program for a second
        async with start_talk(auto_turn=STREAMED if stream else SLOW) as talk:
            await talk.session.new()
            if stream:
                talk.service.chat.append(Answer(pieces=[chunk("So far"), asyncio.Event()]))
            else:
                talk.service.say(reply("So far\nand on"))
            await talk.session.send("first")
            await talk.until(MessageTokens if stream else MessageComplete)
            left = asyncio.get_running_loop().time()
        took.append(asyncio.get_running_loop().time() - left)
        async with start_talk(auto_turn=FAST) as talk:
            assert [(m.content, m.outcome) for m in talk.messages] == [
                ("first", None),
                ("So far", "cancelled"),
            ]
    assert min(took) < 1


async def test_turning_to_another_conversation_cancels_the_exchange_and_stores_the_picture_where_it_belongs(
    talk: Talk,
) -> None:
    gate = asyncio.Event()
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show(gate=gate)
    await talk.session.send("first")
    await talk.until(ImageGenerationStart)
    old = talk.session.conversation.conversation.id
    await talk.session.new()
    assert talk.session.conversation.conversation.id != old
    assert talk.outcomes() == ["cancelled"]
    gate.set()
    await talk.session.wait()
    assert talk.messages == []
    await talk.session.open(old)
    assert not talk.session.conversation.read_only
    assert talk.messages[-1].image is not None


async def test_going_back_while_the_picture_is_being_made_finds_the_same_open_conversation(
    talk: Talk,
) -> None:
    gate = asyncio.Event()
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show(gate=gate)
    await talk.session.send("first")
    await talk.until(ImageGenerationStart)
    old = talk.session.conversation.conversation.id
    await talk.session.new()
    await talk.session.open(old)
    assert not talk.session.conversation.read_only
    gate.set()
    await talk.session.wait()
    assert talk.messages[-1].image is not None


async def test_a_new_conversation_in_which_nothing_was_said_is_not_made_twice(talk: Talk) -> None:
    first = talk.session.conversation.conversation.id
    await talk.session.new()
    assert talk.session.conversation.conversation.id == first
    assert talk.names() == ["ConversationOpened"]

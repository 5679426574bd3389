"""One exchange: steps 1 to 8 of the contract, in order, and what is on disk at each."""

import asyncio

import msgspec
import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    FollowUpScheduled,
    MessageComplete,
    MessageError,
    MessageSent,
    MessageStart,
    MessageTokens,
    ReasoningTokens,
)
from animus_tui.config import AutoTurnConfig, ChatConfig
from tests.chat.conftest import STREAMED, StartTalk, Talk
from tests.chat.service import Answer, chunk, reply

SUNSET = "A golden sunset"


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
async def test_blank_text_is_refused_and_nothing_is_sent(talk: Talk, blank: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        await talk.session.send(blank)
    await asyncio.sleep(0.01)
    assert talk.names() == []
    assert talk.service.chat_bodies == []


async def test_the_user_message_is_on_disk_before_the_first_network_byte(talk: Talk) -> None:
    gate = asyncio.Event()
    talk.service.chat.append(Answer(reply("Hi"), gate=gate))
    await talk.session.send(" Hello ")
    assert talk.service.chat_bodies == []
    assert [entry["content"] for entry in talk.on_disk()] == ["Hello"]
    assert talk.names() == ["MessageSent"]
    gate.set()
    await talk.session.wait()


async def test_one_request_with_system_message_window_and_new_message(start_talk: StartTalk) -> None:
    async with start_talk(chat=ChatConfig(system_message="Be kind.", history_size=2)) as talk:
        talk.service.say(reply("One"), reply("Two"))
        await talk.say("first")
        await talk.say("second")
    assert [(m["role"], m["content"]) for m in talk.service.chat_bodies[-1]["messages"]] == [
        ("system", "Be kind."),
        ("user", "first"),
        ("assistant", "One"),
        ("user", "second"),
    ]


async def test_a_reply_comes_as_turns_each_on_disk_before_it_is_told(talk: Talk) -> None:
    talk.service.say(reply("a b c", turns=["a", "b", "c"]))
    await talk.session.send("hi")
    for count, turns in enumerate((["a"], ["a", "b"], ["a", "b", "c"]), 1):
        await talk.until(MessageComplete, count)
        stored = talk.on_disk()[-1]
        assert stored["turns"][: len(turns)] == turns
    await talk.session.wait()
    assert talk.on_disk()[-1]["content"] == "a b c"
    assert "outcome" not in talk.on_disk()[-1]
    assert talk.names() == [
        "MessageSent",
        "MessageStart",
        "MessageComplete",
        "MessageStart",
        "MessageComplete",
        "MessageStart",
        "MessageComplete",
        "ExchangeComplete",
    ]
    assert {start.message_type for start in talk.of(MessageStart)} == {"auto"}
    assert [done.total_messages for done in talk.of(MessageComplete)] == [None, None, 3]
    assert [(done.turn_index, done.total_turns) for done in talk.of(MessageComplete)] == [
        (0, 3),
        (1, 3),
        (2, 3),
    ]


async def test_the_whole_reply_is_one_stored_message(talk: Talk) -> None:
    talk.service.say(reply("One.\nTwo."))
    await talk.say("hi")
    assert len(talk.messages) == 2
    assert talk.messages[-1].content == "One.\nTwo."
    assert talk.messages[-1].turns == ["One.", "Two."]


async def test_a_turn_being_delivered_is_marked_as_cut_short_until_the_reply_is_whole(
    start_talk: StartTalk,
) -> None:
    slow = AutoTurnConfig(min_delay=3000, max_delay=3000)
    async with start_talk(auto_turn=slow) as talk:
        talk.service.say(reply("a\nb"))
        await talk.session.send("hi")
        await talk.until(MessageStart, 2)
        assert talk.on_disk()[-1]["content"] == "a"
        assert talk.on_disk()[-1]["outcome"] == "cancelled"


async def test_the_first_turn_comes_at_once_and_the_typing_indicator_stands_before_each_later_one(
    start_talk: StartTalk,
) -> None:
    async with start_talk(auto_turn=AutoTurnConfig(min_delay=60_000, max_delay=60_000)) as talk:
        talk.service.say(reply("a\nb\nc"))
        await talk.session.send("hi")
        await talk.until(MessageStart, 2)
        assert talk.names() == ["MessageSent", "MessageStart", "MessageComplete", "MessageStart"]
        await asyncio.sleep(0.05)
        assert len(talk.names()) == 4


async def test_the_delay_before_a_later_turn_is_waited_for(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=AutoTurnConfig(min_delay=120, max_delay=120)) as talk:
        talk.service.say(reply("a\nb\nc"))
        await talk.session.send("hi")
        loop = asyncio.get_running_loop()
        await talk.until(MessageStart, 2)
        began = loop.time()
        await talk.until(MessageComplete, 3)
        assert loop.time() - began >= 0.2


async def test_a_reply_with_nothing_but_a_picture_has_no_bubble(talk: Talk) -> None:
    talk.service.say(reply(None, image_prompt=SUNSET))
    talk.service.show()
    await talk.say("paint")
    assert talk.names() == [
        "MessageSent",
        "MessageComplete",
        "ImageGenerationStart",
        "ImageGenerationComplete",
        "ExchangeComplete",
    ]
    assert talk.of(MessageComplete)[0].total_turns == 0
    assert talk.of(MessageComplete)[0].image_prompt == SUNSET


async def test_a_reply_with_nothing_but_tool_calls_is_not_empty(talk: Talk) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    talk.service.say(reply(None, tool_calls=[call]))
    await talk.say("compute")
    assert talk.of(MessageComplete)[0].tool_calls == [call]
    assert talk.messages[-1].tool_calls == [call]


async def test_a_reply_with_nothing_but_reasoning_is_not_empty(talk: Talk) -> None:
    talk.service.say(reply("<think>Better say nothing.</think>"))
    await talk.say("well?")
    assert talk.of(MessageComplete)[0].reasoning == "Better say nothing."
    assert talk.outcomes() == ["complete"]


async def test_reasoning_never_becomes_a_turn(talk: Talk) -> None:
    talk.service.say(reply("<think>Hm.\nHm!</think>One.\nTwo.", turns=["<think>Hm.</think>", "One.", "Two."]))
    await talk.say("hi")
    assert talk.messages[-1].turns == ["One.", "Two."]
    assert talk.messages[-1].reasoning == "Hm.\nHm!"
    assert talk.messages[-1].content == "One.\nTwo."


async def test_reasoning_that_the_service_cut_into_turns_never_becomes_a_turn(talk: Talk) -> None:
    turns = ["<think>Hm.", "Hm!</think>", "One.", "Two."]
    talk.service.say(reply("<think>Hm. Hm!</think>One. Two.", turns=turns), reply(None, turns=turns))
    await talk.say("hi")
    await talk.say("hi again")
    assert [done.content for done in talk.of(MessageComplete)] == ["One.", "Two."] * 2
    assert [m.reasoning for m in talk.messages if m.role == "assistant"] == ["Hm. Hm!", "Hm.\nHm!"]


@pytest.mark.parametrize("content", ["<think></think>", "<think> \n </think> "])
async def test_a_reply_of_which_nothing_is_left_without_its_reasoning_is_an_empty_reply(
    talk: Talk, content: str
) -> None:
    talk.service.say(reply(content))
    await talk.say("hi")
    (error,) = talk.of(MessageError)
    assert "The service sent an empty reply" in error.error
    assert error.retryable
    assert [(m.role, m.outcome) for m in talk.messages] == [("user", "failed")]


async def test_reasoning_of_the_api_wins_over_a_block_in_the_text(talk: Talk) -> None:
    talk.service.say(reply("<think>inline</think>Hi", reasoning="from the API"))
    await talk.say("hi")
    assert talk.messages[-1].reasoning == "from the API"
    assert talk.messages[-1].content == "Hi"


async def test_the_picture_starts_at_once_after_the_last_turn(talk: Talk) -> None:
    talk.service.say(reply("a\nb", image_prompt=SUNSET))
    talk.service.show()
    await talk.say("paint")
    names = talk.names()
    assert names[names.index("ImageGenerationStart") - 1] == "MessageComplete"
    assert [done.image_prompt for done in talk.of(MessageComplete)] == [None, SUNSET]
    assert names[-1] == "ExchangeComplete"


async def test_a_picture_of_a_streamed_reply_is_painted_too(streamed: Talk) -> None:
    pieces = [chunk("Here "), chunk("it comes"), chunk(image_prompt=SUNSET)]
    streamed.service.chat.append(Answer(pieces=pieces))
    streamed.service.show()
    await streamed.say("paint")
    assert streamed.names()[-2:] == ["ImageGenerationComplete", "ExchangeComplete"]
    assert streamed.of(MessageComplete)[0].image_prompt == SUNSET


async def test_a_follow_up_has_the_same_parameters_no_new_message_and_is_short(talk: Talk) -> None:
    talk.service.say(reply("One", next=True), reply("Two"))
    await talk.say("hi")
    assert talk.names() == [
        "MessageSent",
        "MessageStart",
        "MessageComplete",
        "FollowUpScheduled",
        "MessageStart",
        "MessageComplete",
        "ExchangeComplete",
    ]
    first, second = talk.service.chat_bodies
    assert second["max_tokens"] == 150
    assert second["stream"] is False
    assert [m["content"] for m in second["messages"]][1:] == ["hi", "One"]
    assert {k: v for k, v in second.items() if k not in ("messages", "max_tokens")} == {
        k: v for k, v in first.items() if k != "messages"
    }
    assert talk.of(FollowUpScheduled)[0].delay == 0
    assert talk.of(MessageComplete)[-1].message_type == "followup"


async def test_a_follow_up_of_a_streamed_reply_is_asked_for_whole_and_not_as_turns(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("One"), chunk(next=True)]))
    streamed.service.say(reply("Two\nlines"))
    await streamed.say("hi")
    assert [body["stream"] for body in streamed.service.chat_bodies] == [True, False]
    assert [body["autoTurn"] for body in streamed.service.chat_bodies] == [False, False]
    assert [done.content for done in streamed.of(MessageComplete)] == ["One", "Two\nlines"]
    assert [done.message_type for done in streamed.of(MessageComplete)] == ["regular", "followup"]


async def test_a_follow_up_is_delivered_as_turns_and_may_bring_a_picture(talk: Talk) -> None:
    talk.service.say(reply("One", next=True), reply("Two\nThree", image_prompt=SUNSET))
    talk.service.show()
    await talk.say("hi")
    told = [(done.content, done.message_type, done.image_prompt) for done in talk.of(MessageComplete)]
    assert told == [("One", "regular", None), ("Two", "followup", None), ("Three", "followup", SUNSET)]
    assert talk.messages[-1].reply_to == talk.messages[-2].id
    assert talk.outcomes() == ["complete"]


async def test_a_reply_that_goes_on_has_one_turn_fewer(talk: Talk) -> None:
    talk.service.say(reply("a\nb\nc\nd\ne", next=True), reply("f\ng\nh\ni"))
    await talk.say("hi")
    assert [m.turns for m in talk.messages[1:]] == [["a\nb\nc", "d\ne"], ["f\ng", "h", "i"]]


async def test_follow_ups_end_after_the_configured_number_in_a_row(talk: Talk) -> None:
    talk.service.say(*(reply(str(n), next=True) for n in range(5)))
    await talk.say("hi")
    assert len(talk.service.chat_bodies) == 3
    assert talk.outcomes() == ["complete"]


async def test_a_picture_ends_the_chain_of_follow_ups(talk: Talk) -> None:
    talk.service.say(reply("One", next=True), reply("Two", next=True, image_prompt=SUNSET), reply("never"))
    talk.service.show()
    await talk.say("hi")
    assert len(talk.service.chat_bodies) == 2
    assert talk.messages[-1].image is not None


async def test_a_streamed_reply_is_presented_as_live_tokens_and_never_as_turns(streamed: Talk) -> None:
    streamed.service.chat.append(
        Answer(pieces=[chunk("One.\n"), chunk("Two."), chunk(turns=["One.", "Two."])])
    )
    await streamed.say("hi")
    assert streamed.names() == [
        "MessageSent",
        "MessageStart",
        "MessageTokens",
        "MessageTokens",
        "MessageComplete",
        "ExchangeComplete",
    ]
    assert "".join(tokens.content for tokens in streamed.of(MessageTokens)) == "One.\nTwo."
    assert streamed.of(MessageComplete)[0].content == "One.\nTwo."
    assert streamed.service.chat_bodies[0]["stream"] is True
    assert streamed.service.chat_bodies[0]["autoTurn"] is False


async def test_streamed_reasoning_never_flashes_up_as_text(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("<th"), chunk("ink>Hm.</thi"), chunk("nk>Hello")]))
    await streamed.say("hi")
    assert "".join(tokens.content for tokens in streamed.of(MessageTokens)) == "Hello"
    assert "".join(tokens.content for tokens in streamed.of(ReasoningTokens)) == "Hm."
    assert streamed.messages[-1].reasoning == "Hm."
    assert streamed.messages[-1].content == "Hello"


async def test_streamed_reasoning_of_the_api_is_kept_apart(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk(reasoning="Let me see. "), chunk("Yes.")]))
    await streamed.say("hi")
    assert streamed.messages[-1].reasoning == "Let me see."
    assert streamed.messages[-1].content == "Yes."


async def test_streamed_tool_calls_are_merged(streamed: Talk) -> None:
    pieces = [
        chunk(
            tool_calls=[
                {"index": 0, "id": "1", "type": "function", "function": {"name": "f", "arguments": "{"}}
            ]
        ),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": "}"}}]),
    ]
    streamed.service.chat.append(Answer(pieces=pieces))
    await streamed.say("hi")
    calls = streamed.messages[-1].tool_calls
    assert calls is not None
    assert calls[0]["function"] == {"name": "f", "arguments": "{}"}


async def test_streamed_text_is_on_disk_within_a_second_or_two(streamed: Talk) -> None:
    gate = asyncio.Event()
    streamed.service.chat.append(Answer(pieces=[chunk("So far"), gate, chunk(" so good")]))
    await streamed.session.send("hi")
    await streamed.until(MessageTokens)
    async with asyncio.timeout(5):
        while len(streamed.on_disk()) < 2:
            await asyncio.sleep(0.05)
    assert streamed.on_disk()[-1]["content"] == "So far"
    assert streamed.on_disk()[-1]["outcome"] == "cancelled"
    gate.set()
    await streamed.session.wait()
    assert streamed.on_disk()[-1]["content"] == "So far so good"
    assert "outcome" not in streamed.on_disk()[-1]


async def test_a_whole_reply_without_auto_turn_and_stream_is_one_bubble(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=STREAMED, chat=ChatConfig(stream=False)) as talk:
        talk.service.say(reply("One.\nTwo."))
        await talk.say("hi")
        assert [done.content for done in talk.of(MessageComplete)] == ["One.\nTwo."]
        assert talk.messages[-1].turns is None


async def test_compliance_marks_are_told_and_kept(talk: Talk) -> None:
    talk.service.say(reply("Careful.") | {"compliance_violations": ["drug_use"]})
    await talk.say("hi")
    assert talk.of(MessageComplete)[0].compliance_violations == ["drug_use"]
    assert talk.on_disk()[-1]["compliance_violations"] == ["drug_use"]


async def test_exchange_complete_is_published_exactly_once_and_last(talk: Talk) -> None:
    talk.service.say(reply("One"), reply("Two"))
    await talk.say("a")
    await talk.say("b")
    assert talk.names().count("ExchangeComplete") == 2
    assert talk.names()[-1] == "ExchangeComplete"


async def test_events_carry_the_conversation_and_are_frozen(talk: Talk) -> None:
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    conversation_id = talk.session.conversation.conversation.id
    assert {event.conversation_id for event in talk.collect()} == {conversation_id}
    with pytest.raises(AttributeError):
        talk.events[0].conversation_id = "other"  # type: ignore[misc]


async def test_the_first_words_become_the_title(talk: Talk) -> None:
    talk.service.say(reply("Hi"), reply("Ho"))
    await talk.say("Tell me about\nthe sea")
    await talk.say("And the hills")
    assert talk.session.conversations()[0].title == "Tell me about the sea"


async def test_after_a_restart_everything_is_there_and_the_conversation_goes_on(
    start_talk: StartTalk,
) -> None:
    async with start_talk() as talk:
        talk.service.say(reply("One.\nTwo.", image_prompt=SUNSET))
        talk.service.show()
        await talk.say("hi")
        before = talk.messages
    async with start_talk() as talk:
        assert talk.messages == before
        picture = talk.messages[-1].image
        assert picture is not None
        assert talk.session.conversation.path_of(picture.file).read_bytes().startswith(b"\x89PNG")
        talk.service.say(reply("Three."))
        await talk.say("again")
        sent = [m["content"] for m in talk.service.chat_bodies[-1]["messages"]][1:]
        assert sent == ["hi", "One.\nTwo.", f'<image description="{SUNSET}" />', "again"]


async def test_a_subscriber_that_sleeps_delays_nobody(talk: Talk) -> None:
    with talk.session.events.subscribe() as sleeper:
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        assert isinstance(talk.collect()[-1], ExchangeComplete)
        assert [type(event) for event in sleeper.pending()] == [type(event) for event in talk.events]


async def test_a_subscriber_that_fails_stops_neither_the_others_nor_the_exchange(talk: Talk) -> None:
    async def fail_at_the_first_event() -> None:
        with talk.session.events.subscribe() as subscription:
            async for event in subscription:
                raise LookupError(event)

    failing = asyncio.create_task(fail_at_the_first_event())
    await asyncio.sleep(0)
    talk.service.say(reply("One\nTwo"))
    await talk.say("hello")
    with pytest.raises(LookupError, match="MessageSent"):
        await failing
    assert talk.outcomes() == ["complete"]
    assert len(talk.of(MessageComplete)) == 2


async def test_a_subscriber_that_left_gets_nothing_more(talk: Talk) -> None:
    with talk.session.events.subscribe() as gone:
        pass
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    assert gone.pending() == []


async def test_message_sent_holds_the_stored_message(talk: Talk) -> None:
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    assert msgspec.to_builtins(talk.of(MessageSent)[0].message) == talk.on_disk()[0]


async def test_what_the_block_of_a_session_raises_comes_out_as_it_is(start_talk: StartTalk) -> None:
    async def fail_inside() -> None:
        async with start_talk() as talk:
            talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
            await talk.session.send("hello")
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await fail_inside()

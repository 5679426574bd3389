"""One exchange: steps 1 to 8 of the contract, in order, and what is on disk at each."""

import asyncio

import msgspec
import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    MessageComplete,
    MessageError,
    MessageSent,
    MessageStart,
)
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import AutoTurnConfig, ChatConfig
from tests.support.chat_service import Answer, chunk, reply
from tests.support.stored_history import descriptions
from tests.support.talk import FAST, STREAMED, StartTalk, Talk

BACKENDS = ("animus", "openai")

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


async def test_each_entry_of_the_history_is_sent_as_it_is_and_no_key_of_our_own(talk: Talk) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    past = [
        ChatMessage(role="user", content="one", name="Ada"),
        ChatMessage(role="user", content="two"),
        ChatMessage(role="assistant", content=None, tool_calls=[call]),
        ChatMessage(role="tool", content="7", tool_call_id="1"),
        ChatMessage(role="assistant", content="Three.", reasoning="Hm.", turns=["Three."], next=True),
        ChatMessage(role="assistant", content="Four."),
    ]
    for message in past:
        talk.session.conversation.put(message)
    talk.service.say(reply("Six."))
    await talk.say("five")
    assert talk.service.chat_bodies[0]["messages"][1:] == [
        {"role": "user", "content": "one", "name": "Ada"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "7", "tool_call_id": "1"},
        {"role": "assistant", "content": "Three."},
        {"role": "assistant", "content": "Four."},
        {"role": "user", "content": "five"},
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
    slow = AutoTurnConfig(min_delay=60_000, max_delay=60_000)
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
        loop = asyncio.get_running_loop()
        began = loop.time()
        await talk.session.send("hi")
        await talk.until(MessageComplete, 3)
        assert loop.time() - began >= 2 * 0.119


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
    assert descriptions(ConversationStore(talk.root))[0].title == "Tell me about the sea"


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
        sent = [m["content"] for m in talk.service.chat_bodies[1]["messages"]][1:]
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


async def test_a_whole_reply_that_its_service_broke_off_is_kept_and_told_as_failed(talk: Talk) -> None:
    body = reply("So far.\nAnd no further.", next=True)
    body["choices"][0] |= {"error": {"message": "Model fell over."}, "finish_reason": "error"}
    talk.service.chat.append(Answer(body))
    await talk.say("hi")
    assert [event.content for event in talk.of(MessageComplete)] == ["So far.", "And no further."]
    (error,) = talk.of(MessageError)
    assert "Model fell over." in error.error
    assert talk.outcomes() == ["failed"]
    said, answer = talk.on_disk()
    assert (answer["content"], answer["outcome"]) == ("So far.\nAnd no further.", "failed")
    assert "outcome" not in said
    assert len(talk.service.chat_bodies) == 1


async def test_a_whole_reply_whose_events_break_off_keeps_the_events_that_came(talk: Talk) -> None:
    talk.service.chat.append(Answer(pieces=[chunk("So "), chunk("far.")], cut=True))
    await talk.say("hi")
    assert talk.outcomes() == ["failed"]
    assert (talk.on_disk()[-1]["content"], talk.on_disk()[-1]["outcome"]) == ("So far.", "failed")
    assert len(talk.service.chat_bodies) == 1


@pytest.mark.parametrize("auto_turn", [FAST, STREAMED], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("length", "length"),
        ("CONTENT_FILTER", "content_filter"),
        ("stop", None),
        ("tool_calls", None),
        (7, None),
    ],
)
async def test_why_a_reply_was_cut_off_is_kept_with_it_and_told_with_its_last_bubble(
    start_talk: StartTalk, auto_turn: AutoTurnConfig, told: object, kept: str | None
) -> None:
    async with start_talk(auto_turn=auto_turn) as talk:
        body = reply("One.\nTwo.")
        body["choices"][0]["finish_reason"] = told
        talk.service.say(body)
        await talk.say("hi")
        assert talk.messages[-1].finish_reason == kept
        assert talk.on_disk()[-1].get("finish_reason") == kept
        assert [event.finish_reason for event in talk.of(MessageComplete)][-1] == kept
        assert not any(event.finish_reason for event in talk.of(MessageComplete)[:-1])
        assert (talk.outcomes(), talk.messages[-1].outcome) == (["complete"], None)
        talk.service.say(reply("Next."))
        await talk.say("again")
        assert all("finish_reason" not in message for message in talk.service.chat_bodies[-1]["messages"])


async def test_reasoning_that_is_closed_and_never_opened_is_no_turn(talk: Talk) -> None:
    talk.service.say(reply("Hm.\nSo.\n</think>\nOne.\nTwo.", turns=["Hm.", "So.</think>", "One.", "Two."]))
    await talk.say("hi")
    assert [event.content for event in talk.of(MessageComplete)] == ["One.", "Two."]
    assert talk.messages[-1].reasoning == "Hm.\nSo."
    assert talk.messages[-1].content == "One.\nTwo."

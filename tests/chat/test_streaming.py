"""A reply that is shown while it is written: what is told, what is kept, and when it is on disk."""

import asyncio

import pytest

from animus_tui.chat.events import (
    MessageComplete,
    MessageError,
    MessageRestart,
    MessageStart,
    MessageTokens,
    ReasoningTokens,
)
from animus_tui.chat.streamed_reply import SAVE_INTERVAL
from tests.support.chat_service import Answer, chunk, reply
from tests.support.talk import Talk

BACKENDS = ("animus", "openai")

SUNSET = "A golden sunset"


async def stored_text(talk: Talk, text: str) -> dict[str, object]:
    """The last entry on disk, once it has this text."""
    async with asyncio.timeout(60):
        while (entry := talk.on_disk()[-1])["content"] != text:
            await asyncio.sleep(0.02)
    return entry


async def test_a_streaming_reply_is_on_disk_again_and_again_while_it_is_written(streamed: Talk) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    pieces = [chunk("one"), gates[0], chunk(" two"), gates[1], chunk(" three"), gates[2], chunk(" four")]
    streamed.service.chat.append(Answer(pieces=pieces))
    await streamed.session.send("hi")
    for text, gate in zip(("one", "one two", "one two three"), gates, strict=True):
        assert (await stored_text(streamed, text))["outcome"] == "cancelled"
        assert streamed.session.busy
        gate.set()
    await streamed.session.wait()
    assert "outcome" not in await stored_text(streamed, "one two three four")
    assert len(streamed.on_disk()) == 2


async def test_a_reply_that_was_whole_within_a_second_stays_whole_on_disk(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("All of it.")]))
    await streamed.say("hi")
    events = len(streamed.collect())
    await asyncio.sleep(SAVE_INTERVAL + 0.2)
    assert "outcome" not in await stored_text(streamed, "All of it.")
    assert streamed.messages[-1].outcome is None
    assert len(streamed.collect()) == events


async def test_a_mark_that_comes_with_several_pieces_of_a_stream_is_told_once(streamed: Talk) -> None:
    marked = [chunk(text) | {"compliance_violations": ["drug_use"]} for text in ("a", "b")]
    streamed.service.chat.append(Answer(pieces=[*marked, chunk("c") | {"compliance_violations": ["gore"]}]))
    await streamed.say("hi")
    assert streamed.of(MessageComplete)[0].compliance_violations == ["drug_use", "gore"]
    assert streamed.on_disk()[-1]["compliance_violations"] == ["drug_use", "gore"]


def test_streamed_text_waits_at_most_a_second_for_the_disk() -> None:
    assert SAVE_INTERVAL <= 1


async def test_a_stream_that_breaks_off_anywhere_keeps_a_beginning_of_the_text_and_never_shows_its_reasoning(
    streamed: Talk,
) -> None:
    whole = "".join(
        f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'
        for text in ("<th", "ink>Hm", ".</thi", "nk>One", " two.")
    ).encode()
    shown: set[str] = set()
    for number, end in enumerate([*range(1, len(whole), 7), len(whole)], 1):
        streamed.service.chat.append(Answer(pieces=[whole[:end]], cut=True))
        await streamed.say(str(number))
        text = streamed.messages[-1].content or ""
        if streamed.messages[-1].role == "assistant":
            assert streamed.messages[-1].outcome == "failed"
            assert "One two.".startswith(text)
            assert "Hm.".startswith(streamed.messages[-1].reasoning or "")
            shown.add(text)
    assert streamed.outcomes() == ["failed"] * number
    assert len(streamed.of(MessageError)) == number
    assert {"", "One", "One two."} == shown
    assert {event.content for event in streamed.of(MessageTokens)} == {"One", " two."}
    stored = [(entry["role"], entry["content"], entry.get("outcome")) for entry in streamed.on_disk()]
    assert stored == [(m.role, m.content, m.outcome) for m in streamed.messages]


async def test_a_user_message_that_got_nothing_but_thoughts_is_not_sent_again(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk(reasoning="Let me see")], cut=True))
    streamed.service.say(reply("Hi"))
    await streamed.say("lost")
    assert [(m.role, m.outcome, m.reasoning) for m in streamed.messages] == [
        ("user", "failed", None),
        ("assistant", "failed", "Let me see"),
    ]
    await streamed.say("found")
    assert [m["content"] for m in streamed.service.chat_bodies[-1]["messages"]][1:] == ["found"]


async def test_reasoning_of_the_api_wins_over_a_block_in_the_stream(streamed: Talk) -> None:
    streamed.service.chat.append(
        Answer(pieces=[chunk(reasoning="From the API."), chunk("<think>x</think>Hi")])
    )
    await streamed.say("hi")
    assert streamed.messages[-1].reasoning == "From the API."
    assert streamed.messages[-1].content == "Hi"
    assert [event.content for event in streamed.of(ReasoningTokens)] == ["From the API."]


async def test_a_think_block_that_is_never_closed_stays_reasoning_in_a_stream(streamed: Talk) -> None:
    streamed.service.chat.append(
        Answer(pieces=[chunk("Well <thi"), chunk("nk>and on"), chunk(" and on </th")])
    )
    await streamed.say("hi")
    assert "".join(event.content for event in streamed.of(MessageTokens)) == "Well"
    assert streamed.messages[-1].content == "Well"
    assert streamed.messages[-1].reasoning == "and on and on </th"


@pytest.mark.parametrize("pieces", [["<think>", "</think>"], ["<think> \n</think>  "], [" ", "\n"]])
async def test_a_stream_of_which_nothing_is_left_without_its_reasoning_is_an_empty_reply(
    streamed: Talk, pieces: list[str]
) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk(piece) for piece in pieces]))
    await streamed.say("hi")
    (error,) = streamed.of(MessageError)
    assert "The service sent an empty reply" in error.error
    assert error.retryable
    assert streamed.of(MessageComplete) == []
    assert [(m.role, m.outcome) for m in streamed.messages] == [("user", "failed")]


async def test_text_that_stands_only_in_the_turns_of_a_stream_is_one_bubble(streamed: Talk) -> None:
    turns = ["<think>Hm.", "Hm!</think>One.", " ", "Two."]
    streamed.service.chat.append(Answer(pieces=[chunk(turns=turns)]))
    await streamed.say("hi")
    assert [done.content for done in streamed.of(MessageComplete)] == ["One. Two."]
    assert "".join(event.content for event in streamed.of(MessageTokens)) == "One. Two."
    assert streamed.messages[-1].content == "One. Two."
    assert streamed.messages[-1].reasoning == "Hm.\nHm!"
    assert len(streamed.of(MessageStart)) == 1


async def test_the_prompt_and_the_marks_of_a_stream_that_breaks_off_stay_on_the_message(
    streamed: Talk,
) -> None:
    marked = chunk("Look") | {"compliance_violations": ["drug_use"]}
    streamed.service.chat.append(Answer(pieces=[marked, chunk(image_prompt="a boat", next=True)], cut=True))
    await streamed.say("paint")
    entry = streamed.on_disk()[-1]
    assert (entry["image_prompt"], entry["compliance_violations"]) == ("a boat", ["drug_use"])
    assert "next" not in entry
    assert streamed.service.image_bodies == []
    streamed.service.show()
    streamed.session.images.start_promised(streamed.messages[-1].id)
    await streamed.session.wait()
    assert streamed.messages[-1].image is not None


async def test_a_picture_of_a_streamed_reply_is_painted_too(streamed: Talk) -> None:
    pieces = [chunk("Here "), chunk("it comes"), chunk(image_prompt=SUNSET)]
    streamed.service.chat.append(Answer(pieces=pieces))
    streamed.service.show()
    await streamed.say("paint")
    assert streamed.names()[-2:] == ["ImageGenerationComplete", "ExchangeComplete"]
    assert streamed.of(MessageComplete)[0].image_prompt == SUNSET


@pytest.mark.of_animus
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


async def test_text_before_a_block_that_was_never_opened_is_taken_back_as_reasoning(streamed: Talk) -> None:
    gate = asyncio.Event()
    pieces = [chunk("The user"), chunk(" says hi."), gate, chunk("</thi"), chunk("nk>\n\nHel"), chunk("lo")]
    streamed.service.chat.append(Answer(pieces=pieces))
    await streamed.session.send("hi")
    await streamed.until(MessageTokens, 2)
    gate.set()
    await streamed.session.wait()
    told = [
        event
        for event in streamed.collect()
        if isinstance(event, MessageTokens | ReasoningTokens | MessageRestart)
    ]
    assert [(type(event).__name__, getattr(event, "content", None)) for event in told] == [
        ("MessageTokens", "The user"),
        ("MessageTokens", " says hi."),
        ("MessageRestart", None),
        ("ReasoningTokens", "The user says hi."),
        ("MessageTokens", "Hel"),
        ("MessageTokens", "lo"),
    ]
    (complete,) = streamed.of(MessageComplete)
    assert (complete.content, complete.reasoning) == ("Hello", "The user says hi.")
    entry = streamed.on_disk()[-1]
    assert (entry["content"], entry["reasoning"]) == ("Hello", "The user says hi.")


async def test_a_stream_whose_choice_holds_an_error_keeps_its_text_as_failed(streamed: Talk) -> None:
    last = chunk(" far")
    last["choices"][0] |= {"error": {"message": "Model fell over."}, "finish_reason": "error"}
    streamed.service.chat.append(Answer(pieces=[chunk("So"), last, chunk(" never")]))
    await streamed.say("hi")
    assert "Model fell over." in streamed.of(MessageError)[0].error
    assert streamed.outcomes() == ["failed"]
    entry = streamed.on_disk()[-1]
    assert (entry["content"], entry["outcome"]) == ("So far", "failed")
    assert "finish_reason" not in entry


async def test_an_odd_field_of_a_piece_costs_none_of_its_words(streamed: Talk) -> None:
    pieces = [chunk("one "), chunk("two ", tool_calls={}, turns="two", next="later"), chunk("three")]
    streamed.service.chat.append(Answer(pieces=pieces))
    await streamed.say("hi")
    assert streamed.outcomes() == ["complete"]
    assert streamed.on_disk()[-1]["content"] == "one two three"

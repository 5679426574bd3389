"""The table "Events" of the contract, one test a row: fields and moment of each."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from animus_tui.chat.events import (
    CharacterChanged,
    CreditsTold,
    ExchangeComplete,
    FollowUpScheduled,
    HistoryChanged,
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
    ImagePromised,
    MessageComplete,
    MessageError,
    MessageSent,
    MessageStart,
    MessageTokens,
    PromiseCheckComplete,
    PromiseCheckStart,
    PromiseDeclined,
    ReasoningTokens,
    RegenerationStart,
    RetryScheduled,
    SessionEvent,
    TurnsCanceled,
    event_json,
)
from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import AutoTurnConfig, ImageConfig
from tests.support.chat_service import Answer, chunk, png, reply
from tests.support.talk import StartTalk, Talk

BACKENDS = ("animus", "openai")

ENVELOPE = {"conversation_id": "c"}
BUBBLE = {"message_id": "m", "message_type": "auto"}
MARKS = {"reasoning": "r", "tool_calls": [{"id": "1"}], "image_prompt": "p", "compliance_violations": ["x"]}
PICTURE = {"image_id": "i", "prompt": "p"}
COMPLETE = (
    "messageId messageType content reasoning toolCalls imagePrompt complianceViolations "
    "turnIndex totalTurns totalMessages"
)


def test_an_event_has_the_fields_of_its_row_and_is_one_line_of_json_with_its_name_and_keys_in_camel_case() -> (
    None
):
    rows: list[tuple[Callable[..., SessionEvent], dict[str, Any], str]] = [
        (MessageSent, {"message": ChatMessage(role="user", content="hi")}, "message"),
        (
            MessageStart,
            BUBBLE | {"turn_index": 0, "total_turns": 2},
            "messageId messageType turnIndex totalTurns",
        ),
        (MessageTokens, {"message_id": "m", "content": "t"}, "messageId content"),
        (ReasoningTokens, {"message_id": "m", "content": "t"}, "messageId content"),
        (
            MessageComplete,
            BUBBLE | MARKS | {"content": "t", "turn_index": 1, "total_turns": 2, "total_messages": 2},
            COMPLETE,
        ),
        (
            MessageError,
            {"message_type": "regular", "title": "t", "error": "e", "retryable": True},
            "messageType title error retryable required available",
        ),
        (TurnsCanceled, {"count": 2}, "count"),
        (FollowUpScheduled, {"delay": 2000}, "delay"),
        (PromiseCheckStart, {"message_id": "m"}, "messageId"),
        (PromiseCheckComplete, {"message_id": "m", "image_prompt": "p"}, "messageId imagePrompt"),
        (ImagePromised, {"message_id": "m", "prompt": "p"}, "messageId prompt"),
        (PromiseDeclined, {"message_id": "m"}, "messageId"),
        (ImageGenerationStart, PICTURE, "imageId prompt count isVideo isResumed"),
        (
            ImageGenerationProgress,
            {"image_id": "i", "percent": None, "elapsed": 1.0, "estimated": 9.0},
            "imageId percent elapsed estimated",
        ),
        (
            ImageGenerationComplete,
            PICTURE | {"image_url": None, "path": "/p", "message_id": "m"},
            "imageId prompt imageUrl path paths video missing error",
        ),
        (
            ImageGenerationError,
            PICTURE | {"title": "t", "error": "e", "retryable": False},
            "imageId prompt title error retryable required available",
        ),
        (CreditsTold, {"cost": 1.0, "balance": None, "image_id": "i"}, "cost balance imageId"),
        (RegenerationStart, {"message_id": "m"}, "messageId"),
        (HistoryChanged, {"message_id": "m"}, "messageId"),
        (CharacterChanged, {"name": "Ada"}, "name"),
        (ExchangeComplete, {"outcome": "complete"}, "outcome"),
    ]
    for kind, fields, camel in rows:
        line = event_json(kind(**ENVELOPE, **fields))
        assert "\n" not in line
        told = json.loads(line)
        name = kind.__name__
        assert told.pop("event") == name[0].lower() + name[1:]
        assert told.pop("conversationId") == "c"
        assert set(camel.split()) <= told.keys()
        assert all("_" not in key for key in told)


async def test_message_sent_when_the_users_message_is_stored(talk: Talk) -> None:
    talk.service.chat.append(Answer(reply("Hi"), gate=asyncio.Event()))
    await talk.session.send("hello")
    sent = talk.of(MessageSent)[0]
    assert sent.message.content == "hello"
    assert talk.on_disk()[0]["id"] == sent.message.id


@pytest.mark.of_animus
async def test_message_start_when_an_assistant_bubble_begins(talk: Talk) -> None:
    talk.service.say(reply("a\nb", next=True), reply("c"))
    await talk.say("hello")
    assert [(e.message_type, e.turn_index, e.total_turns) for e in talk.of(MessageStart)] == [
        ("auto", 0, 2),
        ("auto", 1, 2),
        ("followup", 0, 1),
    ]


async def test_message_tokens_when_visible_text_arrived(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("a"), chunk("b")]))
    await streamed.say("hello")
    assert [event.content for event in streamed.of(MessageTokens)] == ["a", "b"]


async def test_reasoning_tokens_when_reasoning_arrived(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk(reasoning="h"), chunk(reasoning="m"), chunk("Hi")]))
    await streamed.say("hello")
    assert [event.content for event in streamed.of(ReasoningTokens)] == ["h", "m"]


async def test_message_complete_when_a_bubble_is_complete_and_the_last_carries_total_messages(
    talk: Talk,
) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    body = reply("a\nb", reasoning="hm", tool_calls=[call], image_prompt="a boat")
    talk.service.say(body | {"compliance_violations": ["x"]})
    talk.service.show()
    await talk.say("hello")
    first, last = talk.of(MessageComplete)
    assert (first.content, first.reasoning, first.tool_calls, first.compliance_violations) == (
        "a",
        "hm",
        [call],
        ["x"],
    )
    assert (first.turn_index, first.total_turns, first.total_messages, first.image_prompt) == (
        0,
        2,
        None,
        None,
    )
    assert (last.content, last.turn_index, last.total_messages, last.image_prompt) == ("b", 1, 2, "a boat")
    assert first.message_id == last.message_id == talk.messages[1].id


async def test_message_error_once_per_failure(talk: Talk) -> None:
    talk.service.chat.append(Answer({"message": "Broken."}, status=500))
    await talk.say("hello")
    (error,) = talk.of(MessageError)
    assert error.message_type == "regular"
    assert error.title
    assert "Broken." in error.error


async def test_turns_canceled_when_undelivered_turns_were_dropped(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=AutoTurnConfig(min_delay=60_000, max_delay=60_000)) as talk:
        talk.service.say(reply("a\nb\nc"))
        await talk.session.send("hello")
        await talk.until(MessageStart, 2)
        await talk.session.cancel()
        assert [event.count for event in talk.of(TurnsCanceled)] == [2]


@pytest.mark.of_animus
async def test_follow_up_scheduled_with_its_delay(start_talk: StartTalk) -> None:
    async with start_talk(auto_turn=AutoTurnConfig(min_delay=0, follow_up_delay=7)) as talk:
        talk.service.say(reply("a", next=True), reply("b"))
        await talk.say("hello")
        assert [event.delay for event in talk.of(FollowUpScheduled)] == [7]


async def test_retry_scheduled_when_the_service_was_busy(start_talk: StartTalk) -> None:
    async with start_talk(tries=2) as talk:
        talk.service.chat.append(Answer({"message": "Busy."}, status=503))
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        (retry,) = talk.of(RetryScheduled)
        assert retry.attempt == 2
        assert retry.delay >= 0
        assert retry.image_id is None


async def test_image_generation_start_once_per_job(talk: Talk) -> None:
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show()
    await talk.say("paint")
    (start,) = talk.of(ImageGenerationStart)
    assert start.prompt == "a boat"
    assert start.reply_to == talk.messages[1].id
    assert start.message_id is None


async def test_image_generation_progress_with_the_percent_of_a_job(start_talk: StartTalk) -> None:
    async with start_talk(image=ImageConfig(endpoint="generation/create")) as talk:
        url = talk.service.url + "/file/x.png"
        talk.service.jobs.extend(
            [
                Answer({"generation_id": "g", "status": "queued", "estimated_time": 1}),
                Answer({"generation_id": "g", "status": "processing", "progress": 40}),
                Answer({"generation_id": "g", "status": "completed", "progress": 100, "result_urls": [url]}),
            ]
        )
        talk.service.files.append(Answer(png()))
        talk.session.start_image("a boat")
        await talk.session.wait()
        percents = [event.percent for event in talk.of(ImageGenerationProgress)]
        assert 40 in percents
        assert talk.of(ImageGenerationComplete)
        assert talk.service.job_bodies == [{"prompt": "a boat"}]


async def test_image_generation_complete_when_the_image_is_on_disk_and_in_the_history(talk: Talk) -> None:
    talk.service.show()
    talk.session.start_image("a boat")
    done = await talk.until(ImageGenerationComplete)
    assert done.prompt == "a boat"
    assert done.message_id == talk.on_disk()[-1]["id"]
    assert done.path == str(talk.session.conversation.folder / talk.on_disk()[-1]["image"]["file"])


async def test_image_generation_error_exactly_once_per_failed_job(talk: Talk) -> None:
    talk.service.images.append(Answer({"message": "No."}, status=400))
    talk.session.start_image("a boat")
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert error.prompt == "a boat"
    assert "No." in error.error
    assert talk.names()[-1] == "ImageGenerationError"


async def test_exchange_complete_last_of_each_exchange(talk: Talk) -> None:
    talk.service.say(reply("Hi"))
    talk.service.chat.append(Answer({"message": "No."}, status=400))
    await talk.say("one")
    await talk.say("two")
    await talk.session.send("three")
    await talk.session.cancel()
    assert [event.outcome for event in talk.of(ExchangeComplete)] == ["complete", "failed", "cancelled"]
    assert talk.names()[-1] == "ExchangeComplete"


async def test_regeneration_start_before_the_new_reply_and_history_changed_when_versions_are_switched(
    talk: Talk,
) -> None:
    talk.service.say(reply("one"), reply("two"))
    await talk.say("hello")
    former = talk.messages[-1].id
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    assert [event.message_id for event in talk.of(RegenerationStart)] == [former]
    assert talk.names()[-4:] == ["RegenerationStart", "MessageStart", "MessageComplete", "ExchangeComplete"]
    await talk.session.revisions.show_branch(talk.messages[-1].id, 0)
    assert [event.message_id for event in talk.of(HistoryChanged)] == [former]

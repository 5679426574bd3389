"""The table "Failures" as a session tells it, and trying again."""

import asyncio
import logging
import os

import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    HistorySaved,
    HistoryUnsaved,
    ImageGenerationError,
    MessageComplete,
    MessageError,
    MessageTokens,
    RetryScheduled,
    event_json,
)
from animus_tui.errors import UserError
from tests.support.chat_service import KEY, Answer, chunk, reply
from tests.support.stored_history import full_disk
from tests.support.talk import STREAMED, StartTalk, Talk

BACKENDS = ("animus", "openai")


async def fail(talk: Talk, answer: Answer) -> MessageError:
    talk.service.chat.append(answer)
    await talk.say("hello")
    errors = talk.of(MessageError)
    assert len(errors) == 1
    assert talk.names()[-2:] == ["MessageError", "ExchangeComplete"]
    assert talk.outcomes() == ["failed"]
    return errors[0]


async def test_no_connection_is_retried_and_then_told_as_retryable(start_talk: StartTalk) -> None:
    async with start_talk(tries=3, unreachable=True) as talk:
        await talk.say("hello")
        assert [notice.attempt for notice in talk.of(RetryScheduled)] == [2, 3]
        assert talk.names()[-2:] == ["MessageError", "ExchangeComplete"]
        assert talk.of(MessageError)[0].retryable
        assert talk.on_disk()[0]["content"] == "hello"


async def test_429_is_tried_again_after_the_time_that_the_service_names(start_talk: StartTalk) -> None:
    async with start_talk(tries=3) as talk:
        talk.service.chat.append(Answer({"message": "Slow down."}, status=429, headers={"Retry-After": "1"}))
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        assert [(notice.attempt, notice.delay) for notice in talk.of(RetryScheduled)] == [(2, 1000)]
        assert talk.outcomes() == ["complete"]
        assert [m.content for m in talk.messages] == ["hello", "Hi"]


async def test_503_is_given_up_after_three_tries_and_can_be_retried(start_talk: StartTalk) -> None:
    async with start_talk(tries=3) as talk:
        talk.service.chat.extend(Answer({"message": "Down."}, status=503) for _ in range(3))
        await talk.say("hello")
        assert len(talk.service.chat_bodies) == 3
        assert talk.of(MessageError)[0].retryable
        assert "Down." in talk.of(MessageError)[0].error


async def test_401_says_signed_out(talk: Talk) -> None:
    error = await fail(talk, Answer({"message": "Bad key."}, status=401))
    assert error.title == "Signed out"


@pytest.mark.of_animus
async def test_a_token_provider_that_fails_says_sign_in_failed_with_status_and_cause(
    start_talk: StartTalk,
) -> None:
    async with start_talk(token_provider="/token") as talk:
        talk.service.tokens.append(Answer({"message": "Database down."}, status=500))
        await talk.say("hello")
        (error,) = talk.of(MessageError)
        assert error.title == "Sign-in failed"
        assert "500" in error.error
        assert "Database down." in error.error
        assert talk.service.chat_bodies == []
        assert talk.on_disk()[0]["outcome"] == "failed"


@pytest.mark.of_animus
async def test_a_token_provider_that_answers_something_else_says_sign_in_failed_and_never_the_token(
    start_talk: StartTalk,
) -> None:
    async with start_talk(token_provider="/token") as talk:
        talk.service.tokens.append(Answer({"token": KEY}))
        await talk.say("hello")
        (error,) = talk.of(MessageError)
        assert error.title == "Sign-in failed"
        assert KEY not in "".join(event_json(event) for event in talk.collect())


async def test_other_5xx_says_the_status_and_the_sentence_of_the_service(talk: Talk) -> None:
    error = await fail(talk, Answer({"error": {"message": "Out of memory."}}, status=500))
    assert "500" in error.title + error.error
    assert "Out of memory." in error.error


async def test_402_says_out_of_credits_with_the_figures(talk: Talk) -> None:
    error = await fail(talk, Answer({"message": "Pay.", "required": 2, "available": 0.5}, status=402))
    assert error.title == "Out of credits"
    assert "0.5" in error.error


async def test_other_4xx_says_the_status_and_the_sentence_of_the_service(talk: Talk) -> None:
    error = await fail(talk, Answer({"detail": [{"msg": "model unknown"}]}, status=422))
    assert "422" in error.title + error.error
    assert "model unknown" in error.error
    assert not error.retryable


async def test_an_empty_reply(talk: Talk) -> None:
    error = await fail(talk, Answer(reply("  ")))
    assert "The service sent an empty reply" in error.error
    assert error.retryable


async def test_a_stream_that_breaks_off_keeps_the_text_so_far_as_failed(streamed: Talk) -> None:
    await fail(streamed, Answer(pieces=[chunk("So far")], cut=True))
    assert [(m.content, m.outcome) for m in streamed.messages] == [("hello", None), ("So far", "failed")]
    assert streamed.on_disk()[-1]["outcome"] == "failed"
    assert streamed.of(MessageComplete) == []


async def test_a_stream_that_sends_an_error_object_keeps_the_text_so_far_as_failed(streamed: Talk) -> None:
    error = await fail(streamed, Answer(pieces=[chunk("So far"), {"error": {"message": "Overloaded."}}]))
    assert "Overloaded." in error.error
    assert streamed.messages[-1].outcome == "failed"


async def test_a_stream_that_ends_cleanly_without_done_is_a_complete_reply(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("All "), chunk("of it.")], done=False))
    await streamed.say("hello")
    assert streamed.outcomes() == ["complete"]
    assert [done.content for done in streamed.of(MessageComplete)] == ["All of it."]
    assert "outcome" not in streamed.on_disk()[-1]


async def test_an_error_object_as_json_in_place_of_a_stream_is_one_failure(streamed: Talk) -> None:
    error = await fail(streamed, Answer({"error": {"message": "Overloaded."}}))
    assert "Overloaded." in error.error
    assert [(m.role, m.outcome) for m in streamed.messages] == [("user", "failed")]


async def test_a_stream_that_answers_json_is_a_reply(streamed: Talk) -> None:
    streamed.service.say(reply("Whole."))
    await streamed.say("hello")
    assert streamed.outcomes() == ["complete"]
    assert streamed.messages[-1].content == "Whole."


async def test_one_malformed_chunk_is_skipped_and_noted_in_the_log(
    streamed: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("a"), b"data: {broken\n\n", chunk("b")]))
    with caplog.at_level(logging.WARNING, "animus_tui"):
        await streamed.say("hello")
    assert streamed.messages[-1].content == "ab"
    assert streamed.outcomes() == ["complete"]
    assert len(caplog.records) == 1


async def test_a_failed_user_message_is_not_sent_again_unless_it_is_retried(talk: Talk) -> None:
    talk.service.chat.append(Answer({"message": "no"}, status=400))
    talk.service.say(reply("Hi"))
    await talk.say("lost")
    assert talk.on_disk()[0]["outcome"] == "failed"
    await talk.say("found")
    assert [m["content"] for m in talk.service.chat_bodies[-1]["messages"]][1:] == ["found"]


async def test_retrying_asks_again_without_a_second_user_message(talk: Talk) -> None:
    talk.service.chat.append(Answer({"message": "no"}, status=400))
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    await talk.session.retry()
    await talk.session.wait()
    assert [(m.content, m.outcome) for m in talk.messages] == [("hello", None), ("Hi", None)]
    assert "outcome" not in talk.on_disk()[0]
    assert talk.outcomes() == ["failed", "complete"]
    with pytest.raises(UserError, match="nothing to try again"):
        await talk.session.retry()


async def test_retrying_an_answer_that_broke_off_does_not_send_the_broken_one(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("I wa")], cut=True))
    streamed.service.chat.append(Answer(pieces=[chunk("I was.")]))
    streamed.service.chat.append(Answer(pieces=[chunk("Bye.")]))
    await streamed.say("hello")
    await streamed.session.retry()
    await streamed.session.wait()
    assert [m["content"] for m in streamed.service.chat_bodies[1]["messages"]][1:] == ["hello"]
    await streamed.say("bye")
    assert [m["content"] for m in streamed.service.chat_bodies[2]["messages"]][1:] == [
        "hello",
        "I was.",
        "bye",
    ]
    assert [m.content for m in streamed.messages] == ["hello", "I wa", "I was.", "bye", "Bye."]


@pytest.mark.of_animus
async def test_a_failure_in_one_conversation_offers_nothing_to_retry_in_another(talk: Talk) -> None:
    talk.service.say(*(reply(str(number), next=True) for number in range(3)))
    await talk.say("hello")
    offered = [talk.session.can_retry]
    whole = talk.session.conversation.conversation.id
    await talk.session.new()
    talk.service.chat.append(Answer({"message": "no"}, status=400))
    await talk.say("hello")
    offered.append(talk.session.can_retry)
    await talk.session.open(whole)
    offered.append(talk.session.can_retry)
    assert offered == [False, True, False]


async def test_an_unanswered_message_can_be_retried_after_a_restart(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
        await talk.session.send("hello")
        await talk.service.asked.wait()
    async with start_talk() as talk:
        talk.service.say(reply("Hi"))
        await talk.session.retry()
        await talk.session.wait()
        assert [m.content for m in talk.messages] == ["hello", "Hi"]


async def test_a_failing_disk_shows_the_message_with_a_mark_and_saves_it_on_the_next_write(
    talk: Talk,
) -> None:
    assert talk.session.conversation.messages == []
    talk.service.say(reply("Hi"), reply("Ho"))
    with full_disk():
        await talk.say("hello")
    assert talk.outcomes() == ["complete"]
    assert [m.content for m in talk.messages] == ["hello", "Hi"]
    unsaved = talk.of(HistoryUnsaved)
    assert set(unsaved[-1].message_ids) == {m.id for m in talk.messages}
    assert str(os.strerror(27)) in unsaved[-1].error or "disk" in unsaved[-1].error
    await talk.say("again")
    assert set(talk.of(HistorySaved)[0].message_ids) >= {m.id for m in talk.messages[:2]}
    assert [entry["content"] for entry in talk.on_disk()] == ["hello", "Hi", "again", "Ho"]


async def test_a_picture_that_the_disk_refuses_is_not_lost_nor_made_twice(talk: Talk) -> None:
    assert talk.messages == []
    talk.service.show()
    with full_disk():
        image_id = talk.session.start_image("a boat")
        await talk.session.wait()
    assert talk.of(ImageGenerationError)[0].title == "Picture not saved"
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(talk.service.image_bodies) == 1
    assert talk.messages[-1].image is not None


async def test_a_conversation_that_is_open_elsewhere_can_only_be_read(start_talk: StartTalk) -> None:
    async with start_talk() as first:
        first.service.say(reply("Hi"))
        await first.say("hello")
        async with start_talk() as second:
            assert second.session.conversation.read_only
            assert [m.content for m in second.messages] == ["hello", "Hi"]
            with pytest.raises(UserError, match="only be read"):
                await second.session.send("mine")
            await second.session.new()
            second.service.say(reply("Welcome"))
            await second.say("mine")
        assert [m.content for m in first.messages] == ["hello", "Hi"]


async def test_a_planted_key_stands_in_no_log_event_error_or_file(
    start_talk: StartTalk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with start_talk(auto_turn=STREAMED) as talk:
            echo = f"The key {KEY} is wrong."
            talk.service.chat.append(Answer({"message": echo}, status=401))
            talk.service.chat.append(Answer({"error": {"message": echo}}, status=500))
            talk.service.chat.append(Answer(pieces=[chunk("a"), {"error": echo}]))
            talk.service.images.append(Answer({"detail": echo}, status=400))
            for text in ("one", "two", "three"):
                await talk.say(text)
            talk.session.start_image("a boat")
            await talk.session.wait()
            told = "\n".join(event_json(event) for event in talk.collect())
            assert talk.of(ImageGenerationError)
            assert len(talk.of(MessageError)) == 3
            assert KEY not in repr(talk.session.config)
    assert KEY not in told
    assert KEY not in "\n".join(record.getMessage() for record in caplog.records)
    for path in talk.root.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes()


async def test_events_as_json_have_their_name_and_camel_case_keys(talk: Talk) -> None:
    talk.service.say(reply("Hi", next=False))
    await talk.say("hello")
    lines = [event_json(event) for event in talk.collect()]
    assert lines[-1].startswith('{"event":"exchangeComplete","conversationId":"')
    assert '"totalTurns":1' in lines[1]
    assert all("\n" not in line for line in lines)
    assert isinstance(talk.events[-1], ExchangeComplete)
    assert not talk.of(MessageTokens)

"""Follow-ups: step 7 of the exchange."""

from animus_tui.chat.events import (
    FollowUpScheduled,
    MessageComplete,
    MessageError,
)
from tests.support.chat_service import Answer, chunk, reply
from tests.support.talk import Talk

SUNSET = "A golden sunset"


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


async def test_retrying_a_failed_follow_up_goes_on_without_asking_again(talk: Talk) -> None:
    talk.service.say(reply("One", next=True))
    talk.service.chat.append(Answer({"message": "no"}, status=500))
    talk.service.say(reply("Two"))
    await talk.say("hello")
    assert talk.of(MessageError)[0].message_type == "followup"
    assert [m.outcome for m in talk.messages] == [None, None]
    await talk.session.retry()
    await talk.session.wait()
    assert [m.content for m in talk.messages] == ["hello", "One", "Two"]


async def test_a_failed_follow_up_that_is_retried_counts_among_the_follow_ups_in_a_row(talk: Talk) -> None:
    talk.service.say(reply("One", next=True), reply("Two", next=True))
    talk.service.chat.append(Answer({"message": "no"}, status=500))
    talk.service.say(*(reply(text, next=True) for text in ("Three", "Four", "Five")))
    await talk.say("hello")
    await talk.session.retry()
    await talk.session.wait()
    assert [m.content for m in talk.messages] == ["hello", "One", "Two", "Three"]
    kinds = [done.message_type for done in talk.of(MessageComplete)]
    assert kinds == ["regular", "followup", "followup"]
    assert talk.outcomes() == ["failed", "complete"]


async def test_a_follow_up_that_is_empty_is_one_failure_and_leaves_the_answer_whole(talk: Talk) -> None:
    talk.service.say(reply("One", next=True), reply(" "))
    await talk.say("hello")
    (error,) = talk.of(MessageError)
    assert error.message_type == "followup"
    assert [(m.content, m.outcome) for m in talk.messages] == [("hello", None), ("One", None)]

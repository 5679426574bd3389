"""Replies that are regenerated, corrected and continued, messages that are edited, hidden, deleted and forked."""

from __future__ import annotations

import asyncio

import pytest

from animus_tui.chat.events import (
    HistoryChanged,
    MessageComplete,
    MessageSent,
    MessageTokens,
    RegenerationStart,
)
from animus_tui.chat.history_window import CONTINUE
from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import BlankError, UserError
from tests.support.chat_service import Answer, chunk, png, reply
from tests.support.talk import StartTalk, Talk

BACKENDS = ("animus", "openai")


def said(talk: Talk) -> list[str | None]:
    return [message.content for message in talk.messages]


def asked(talk: Talk) -> list[tuple[str, str]]:
    """What the last request for a reply told, but for the system message."""
    requests = [body for body in talk.service.chat_bodies if "response_format" not in body]
    return [(each["role"], each["content"]) for each in requests[-1]["messages"]][1:]


async def begin(talk: Talk, *answers: str) -> None:
    """One question for each answer: `ask 0`, `ask 1`, …"""
    for number, text in enumerate(answers):
        talk.service.say(reply(text))
        await talk.say(f"ask {number}")


async def test_a_regenerated_reply_is_a_variant_and_the_chosen_one_is_what_the_model_is_told(
    talk: Talk,
) -> None:
    await begin(talk, "first")
    talk.service.say(reply("second"), reply("third"))
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    assert asked(talk) == [("user", "ask 0")]
    await talk.session.revisions.regenerate("  without the joke ")
    await talk.session.wait()
    assert asked(talk) == [("user", "ask 0\n\n(Please answer like this: without the joke)")]
    newest = talk.messages[-1]
    assert (said(talk), newest.branch, newest.branch_count) == (["ask 0", "third"], 2, 3)
    assert (newest.wish, talk.messages[0].content) == ("without the joke", "ask 0")
    await talk.session.revisions.show_branch(newest.id, 0)
    assert said(talk) == ["ask 0", "first"]
    talk.service.say(reply("on the first"))
    await talk.say("go on")
    assert asked(talk) == [("user", "ask 0"), ("assistant", "first"), ("user", "go on")]
    await talk.session.revisions.show_branch(talk.messages[1].id, 2)
    assert said(talk) == ["ask 0", "third"]
    await talk.session.revisions.show_branch(talk.messages[1].id, 0)
    assert said(talk) == ["ask 0", "first", "go on", "on the first"]
    with pytest.raises(UserError, match="no further version"):
        await talk.session.revisions.show_branch(talk.messages[1].id, 3)
    assert newest.id not in [event.message_id for event in talk.of(RegenerationStart)]


async def test_a_reply_in_the_middle_is_regenerated_with_what_followed_kept(talk: Talk) -> None:
    await begin(talk, "first", "second")
    talk.service.say(reply("other"))
    await talk.session.revisions.regenerate(message_id=talk.messages[1].id)
    await talk.session.wait()
    assert asked(talk) == [("user", "ask 0")]
    assert said(talk) == ["ask 0", "other"]
    await talk.session.revisions.show_branch(talk.messages[1].id, 0)
    assert said(talk) == ["ask 0", "first", "ask 1", "second"]


@pytest.mark.of_animus
async def test_a_reply_in_several_messages_is_regenerated_as_a_whole(talk: Talk) -> None:
    talk.service.say(reply("a", next=True), reply("b"))
    await talk.say("ask 0")
    talk.service.say(reply("c"))
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    assert said(talk) == ["ask 0", "c"]
    await talk.session.revisions.show_branch(talk.messages[1].id, 0)
    assert said(talk) == ["ask 0", "a", "b"]


async def test_a_regeneration_that_fails_or_is_cancelled_leaves_the_reply_and_can_be_tried_again(
    talk: Talk,
) -> None:
    await begin(talk, "first")
    before = talk.on_disk()
    talk.service.chat.append(Answer({"message": "No."}, status=400))
    await talk.session.revisions.regenerate("shorter")
    await talk.session.wait()
    assert talk.on_disk() == before
    names = talk.names()
    assert names[-3:] == ["HistoryChanged", "MessageError", "ExchangeComplete"]
    assert talk.session.can_retry
    talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    talk.service.asked.clear()
    await talk.session.retry()
    await talk.service.asked.wait()
    await talk.session.cancel()
    assert talk.names()[-2:] == ["HistoryChanged", "ExchangeComplete"]
    assert (talk.on_disk(), talk.session.can_retry) == (before, False)
    talk.service.chat.append(Answer({"message": "No."}, status=400))
    await talk.session.revisions.regenerate("shorter")
    await talk.session.wait()
    talk.service.say(reply("second"))
    await talk.session.retry()
    await talk.session.wait()
    assert (said(talk), talk.messages[-1].wish) == (["ask 0", "second"], "shorter")
    assert talk.messages[-1].branch_count == 2


async def test_a_regenerated_reply_that_is_cut_while_it_streams_is_kept_beside_the_former_one(
    streamed: Talk,
) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("whole")]))
    await streamed.say("ask 0")
    streamed.service.chat.append(Answer(pieces=[chunk("ha"), chunk("lf"), asyncio.Event()]))
    await streamed.session.revisions.regenerate()
    await streamed.until(MessageTokens, 3)
    assert said(streamed) == ["ask 0", "whole"]  # a kill now would leave the former one
    await streamed.session.cancel()
    assert said(streamed) == ["ask 0", "half"]
    assert (streamed.messages[1].outcome, streamed.messages[1].branch_count) == ("cancelled", 2)
    await streamed.session.revisions.show_branch(streamed.messages[1].id, 0)
    assert said(streamed) == ["ask 0", "whole"]


async def test_a_reply_that_promised_a_picture_is_regenerated_with_a_picture_of_its_own(talk: Talk) -> None:
    gate = asyncio.Event()
    talk.service.say(reply("look", image_prompt="a boat"), reply("look here", image_prompt="a house"))
    talk.service.show(1)
    await talk.say("show me")
    talk.service.show(2, gate=gate)
    await talk.session.revisions.regenerate()
    await talk.until(MessageComplete, 2)
    gate.set()
    await talk.session.wait()
    assert [each.image.prompt for each in talk.messages if each.image] == ["a house"]
    await talk.session.revisions.show_branch(talk.messages[1].id, 0)
    pictures = [each.image for each in talk.messages if each.image]
    assert [each.prompt for each in pictures] == ["a boat"]
    assert talk.session.conversation.path_of(pictures[0].file).read_bytes() == png(shade=1)
    assert talk.messages[-1].reply_to == talk.messages[1].id


async def test_a_picture_in_the_making_is_cancelled_with_its_reply_and_keeps_versions_from_being_switched(
    talk: Talk,
) -> None:
    await begin(talk, "first")
    talk.service.say(reply("look", image_prompt="a boat"), reply("no picture"))
    talk.service.show(gate=asyncio.Event())
    await talk.session.revisions.regenerate()
    await talk.until(MessageComplete, 2)
    await asyncio.sleep(0)
    with pytest.raises(UserError, match="picture"):
        await talk.session.revisions.show_branch(talk.messages[1].id, 0)
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    assert said(talk) == ["ask 0", "no picture"]
    assert [job.prompt for job in talk.session.images.under_way] == []


async def test_versions_are_not_switched_while_an_answer_is_written(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("a")]))
    await streamed.say("ask 0")
    reply_id = streamed.messages[1].id
    streamed.service.chat.append(Answer(pieces=[chunk("b"), asyncio.Event()]))
    await streamed.session.send("ask 1")
    await streamed.until(MessageTokens, 2)
    for change in (
        streamed.session.revisions.show_branch(reply_id, 0),
        streamed.session.revisions.correct(reply_id, "c"),
        streamed.session.revisions.set_hidden(reply_id, True),
        streamed.session.revisions.delete(reply_id),
    ):
        with pytest.raises(UserError, match="being written"):
            await change
    await streamed.session.cancel()
    assert said(streamed) == ["ask 0", "a", "ask 1", "b"]


async def test_a_message_that_is_edited_and_sent_again_keeps_what_followed(talk: Talk) -> None:
    await begin(talk, "first", "second", "third")
    edited = talk.messages[2]
    talk.service.say(reply("new"))
    sent = await talk.session.revisions.edit_and_resend(edited.id, " ask again\n")
    assert talk.of(MessageSent)[-1].message.branches is None
    await talk.session.wait()
    assert asked(talk) == [("user", "ask 0"), ("assistant", "first"), ("user", "ask again")]
    assert said(talk) == ["ask 0", "first", "ask again", "new"]
    assert (sent.id, talk.messages[2].branch_count) == (talk.messages[2].id, 2)
    await talk.session.revisions.show_branch(sent.id, 0)
    assert said(talk) == ["ask 0", "first", "ask 1", "second", "ask 2", "third"]
    assert talk.messages[2].id == edited.id
    with pytest.raises(UserError, match="own"):
        await talk.session.revisions.edit_and_resend(talk.messages[1].id, "no")
    with pytest.raises(BlankError):
        await talk.session.revisions.edit_and_resend(edited.id, " ")


async def test_a_corrected_reply_is_told_the_former_text_stays_and_what_followed_goes_along(
    talk: Talk,
) -> None:
    talk.service.say(reply("one\ntwo"))
    await talk.say("ask 0")
    await begin(talk, "second")
    first = talk.messages[1]
    assert first.turns
    await talk.session.revisions.correct(first.id, "better")
    better = talk.messages[1]
    assert (said(talk), better.turns) == (["ask 0", "better", "ask 0", "second"], None)
    assert (better.edited or "") > first.timestamp
    talk.service.say(reply("x"))
    await talk.say("ask 2")
    assert ("assistant", "better") in asked(talk)
    await talk.session.revisions.show_branch(better.id, 0)
    assert talk.messages == [talk.messages[0], talk.messages[1]]
    assert (talk.messages[1].turns, talk.messages[1].edited) == (first.turns, None)
    await talk.session.revisions.show_branch(first.id, 1)
    assert said(talk) == ["ask 0", "better", "ask 0", "second", "ask 2", "x"]
    with pytest.raises(BlankError):
        await talk.session.revisions.correct(first.id, "\n")
    with pytest.raises(UserError, match="Only replies"):
        await talk.session.revisions.correct(talk.messages[0].id, "mine")


async def test_a_hidden_message_is_not_sent_until_it_is_shown_again(talk: Talk) -> None:
    await begin(talk, "first", "second")
    await talk.session.revisions.set_hidden(talk.messages[1].id, True)
    talk.service.say(reply("x"), reply("y"))
    await talk.say("ask 2")
    assert asked(talk) == [("user", "ask 0"), ("user", "ask 1"), ("assistant", "second"), ("user", "ask 2")]
    assert talk.on_disk()[1]["hidden"] is True
    await talk.session.revisions.set_hidden(talk.messages[1].id, False)
    await talk.say("ask 3")
    assert asked(talk)[1] == ("assistant", "first")
    assert "hidden" not in talk.on_disk()[1]
    await talk.session.revisions.set_hidden(talk.messages[0].id, True)
    with pytest.raises(UserError, match="hidden"):
        await talk.session.revisions.regenerate(message_id=talk.messages[1].id)


async def test_a_deleted_message_is_gone_and_its_other_versions_are_not(talk: Talk) -> None:
    await begin(talk, "first", "second")
    talk.service.say(reply("other"))
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    await talk.session.revisions.delete(talk.messages[-1].id)
    assert said(talk) == ["ask 0", "first", "ask 1", "second"]
    await talk.session.revisions.delete(talk.messages[1].id)
    assert said(talk) == ["ask 0", "ask 1", "second"]
    assert talk.of(HistoryChanged)[-1].message_id == talk.messages[1].id
    while talk.messages:
        await talk.session.revisions.delete(talk.messages[0].id)
    assert talk.on_disk() == []
    with pytest.raises(UserError, match="not there any more"):
        await talk.session.revisions.delete("gone")


async def test_deleted_messages_come_back_in_turn_with_their_versions_and_what_was_said_since_stays(
    talk: Talk,
) -> None:
    await begin(talk, "first", "second")
    talk.service.say(reply("other"))
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    whole = talk.on_disk()
    for place in (3, 1, 2, 1, 0):
        await talk.session.revisions.delete(talk.messages[place].id)
    assert (talk.on_disk(), talk.session.revisions.can_restore) == ([], True)
    for count in (1, 2, 3):
        await talk.session.revisions.restore_deleted()
        assert len(talk.on_disk()) == len(talk.messages) == count
    await talk.session.revisions.restore_deleted()
    assert talk.of(HistoryChanged)[-1].message_id == talk.messages[1].id
    await talk.session.revisions.restore_deleted()
    assert (talk.on_disk(), talk.messages[-1].branch_count) == (whole, 2)
    with pytest.raises(UserError, match="no deleted message"):
        await talk.session.revisions.restore_deleted()

    await talk.session.revisions.delete(talk.messages[2].id)
    talk.service.say(reply("third"))
    await talk.say("ask 2")
    await talk.session.revisions.restore_deleted()
    assert said(talk) == ["ask 0", "first", "ask 1", "other", "ask 2", "third"]
    await talk.session.revisions.delete(talk.messages[3].id)
    await talk.session.revisions.edit_and_resend(talk.messages[0].id, "anew")
    await talk.session.wait()
    before = talk.on_disk()
    with pytest.raises(UserError, match="changed since"):
        await talk.session.revisions.restore_deleted()
    assert talk.on_disk() == before
    await talk.session.revisions.delete(talk.messages[0].id)
    await talk.session.new()
    assert not talk.session.revisions.can_restore


async def test_a_cut_reply_goes_on_in_the_same_entry(talk: Talk) -> None:
    cut = reply("I was just about to")
    cut["choices"][0]["finish_reason"] = "length"
    talk.service.say(cut, reply("say it."))
    await talk.say("ask 0")
    reply_id = talk.messages[1].id
    assert [message.finish_reason for message in talk.messages] == [None, "length"]
    await talk.session.revisions.continue_reply()
    await talk.session.wait()
    assert asked(talk) == [("user", "ask 0"), ("assistant", "I was just about to"), ("user", CONTINUE)]
    assert said(talk) == ["ask 0", "I was just about to say it."]
    assert (talk.messages[1].finish_reason, talk.messages[1].id) == (None, reply_id)
    assert talk.of(MessageComplete)[-1].content == "I was just about to say it."
    with pytest.raises(UserError, match="whole"):
        await talk.session.revisions.continue_reply()


async def test_a_reply_that_broke_off_goes_on_as_it_streams_and_may_break_off_again(streamed: Talk) -> None:
    streamed.service.chat.append(Answer(pieces=[chunk("one")], cut=True))
    await streamed.say("ask 0")
    assert streamed.messages[1].outcome == "failed"
    streamed.service.chat.append(Answer({"message": "No."}, status=400))
    await streamed.session.revisions.continue_reply()
    await streamed.session.wait()
    assert (said(streamed)[1], streamed.messages[1].outcome) == ("one", "failed")
    streamed.service.chat.append(Answer(pieces=[chunk(", two")], cut=True))
    await streamed.session.retry()
    await streamed.session.wait()
    assert (said(streamed)[1], streamed.messages[1].outcome) == ("one, two", "failed")
    streamed.service.chat.append(Answer(pieces=[chunk(" and"), chunk(" three")]))
    await streamed.session.revisions.continue_reply()
    await streamed.session.wait()
    assert said(streamed) == ["ask 0", "one, two and three"]
    assert streamed.messages[1].outcome is None


async def test_a_fork_has_the_messages_up_to_that_one_and_their_pictures(talk: Talk) -> None:
    talk.service.say(reply("look", image_prompt="a boat"))
    talk.service.show(3)
    await talk.say("show me")
    await begin(talk, "second")
    origin = talk.session.conversation.conversation.id
    before = talk.on_disk()
    await talk.session.revisions.fork(talk.messages[2].id)
    assert talk.session.conversation.conversation.id != origin
    assert talk.session.conversation.conversation.title == "show me (fork)"
    assert talk.on_disk() == before[:3]
    image = talk.messages[-1].image
    assert image is not None
    assert talk.session.conversation.path_of(image.file).read_bytes() == png(shade=3)
    talk.service.say(reply("elsewhere"))
    await talk.say("only here")
    await talk.session.open(origin)
    assert talk.on_disk() == before


async def test_a_conversation_that_is_open_elsewhere_says_so_and_can_be_forked(
    talk: Talk, start_talk: StartTalk
) -> None:
    await begin(talk, "first")
    async with start_talk() as second:
        name = second.messages[1].id
        for change in (
            second.session.revisions.regenerate(),
            second.session.revisions.edit_and_resend(second.messages[0].id, "x"),
            second.session.revisions.correct(name, "x"),
            second.session.revisions.show_branch(name, 0),
            second.session.revisions.set_hidden(name, True),
            second.session.revisions.delete(name),
            second.session.revisions.continue_reply(),
        ):
            with pytest.raises(UserError, match="open in another window"):
                await change
        await second.session.revisions.fork(name)
        assert said(second) == ["ask 0", "first"]
        assert not second.session.conversation.read_only


async def test_nothing_to_regenerate_says_so(talk: Talk) -> None:
    with pytest.raises(UserError, match="no reply"):
        await talk.session.revisions.regenerate()
    talk.service.chat.append(Answer({"message": "No."}, status=400))
    await talk.say("ask 0")
    talk.service.say(reply("at last"))
    await talk.session.revisions.regenerate("kinder")  # there is no reply yet: it is asked for
    await talk.session.wait()
    assert said(talk) == ["ask 0", "at last"]
    assert [message.outcome for message in talk.messages] == [None, None]
    assert talk.messages[1].wish == "kinder"


async def test_the_history_with_branches_is_an_array_that_the_javascript_sdk_takes(talk: Talk) -> None:
    await begin(talk, "first")
    talk.service.say(reply("second"))
    await talk.session.revisions.regenerate("shorter")
    await talk.session.wait()
    for entry in talk.on_disk():
        assert entry["role"] in ("user", "assistant")
        assert isinstance(entry["content"], str)
    assert [(entry["role"], entry["content"]) for entry in talk.on_disk()] == [
        ("user", "ask 0"),
        ("assistant", "second"),
    ]


async def test_a_deleted_picture_leaves_its_file_to_another_version_and_the_other_versions_of_its_message(
    talk: Talk,
) -> None:
    talk.service.say(reply("look", image_prompt="a boat"), reply("see", image_prompt="a boat"))
    talk.service.show(1)
    await talk.say("show me")
    talk.service.show(1)  # the same picture
    await talk.session.revisions.regenerate()
    await talk.session.wait()
    await talk.session.revisions.delete(talk.messages[1].id)  # its versions are those of the picture now
    assert [message.branch_count for message in talk.messages] == [1, 2]
    *_, found = AllPictures(ConversationStore(talk.root)).read()
    await talk.session.picture_changes.delete(found.pictures)
    assert said(talk)[:2] == ["show me", "look"]
    image = talk.messages[-1].image
    assert image is not None
    assert talk.session.conversation.path_of(image.file).read_bytes() == png(shade=1)

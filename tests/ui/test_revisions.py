"""The keys of a message, as a user presses them: versions, regenerate, edit, continue, hide, delete, quote, fork."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from textual.events import Key
from textual.widgets import Static

from animus_tui.config.schema import UiConfig
from animus_tui.ui.conversation.entries.notices import ErrorEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.entries.user import UserEntry
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import Answer, chunk, reply
from tests.support.talk import STREAMED, StartTalk


@pytest.fixture
async def chat(start_talk: StartTalk) -> AsyncIterator[Chat]:
    async with open_chat(start_talk(), size=(100, 30)) as chat:
        chat.talk.service.say(reply("first answer"), reply("second answer"))
        await chat.type("one question")
        await chat.settle()
        await chat.type("two questions")
        await chat.settle()
        yield chat


def prompt(chat: Chat) -> Prompt:
    return chat.app.screen.query_one(Prompt)


def note(chat: Chat) -> str:
    """What stands above the prompt while a message is edited."""
    shown = chat.app.screen.query_one("#prompt-note", Static)
    return str(shown.render()) if shown.display else ""


async def press(chat: Chat, *keys: str) -> None:
    await chat.pilot.press(*keys)
    await chat.settle()


def said(chat: Chat) -> list[str | None]:
    return [message.content for message in chat.talk.messages]


async def test_a_reply_is_regenerated_and_its_versions_are_stepped_through(chat: Chat) -> None:
    chat.talk.service.say(reply("third answer"), reply("fourth answer"))
    await press(chat, "tab", "r")
    assert "third answer" in chat.text()
    assert "second answer" not in chat.text()
    assert "2 of 2" in chat.text()
    await press(chat, "left_square_bracket")
    assert ("second answer" in chat.text(), "1 of 2" in chat.text()) == (True, True)
    await press(chat, "left_square_bracket")  # there is none before it
    assert "1 of 2" in chat.text()
    await press(chat, "r")
    assert ("fourth answer" in chat.text(), "3 of 3" in chat.text()) == (True, True)
    await press(chat, "left_square_bracket", "left_square_bracket", "right_square_bracket")
    assert ("third answer" in chat.text(), "2 of 3" in chat.text()) == (True, True)
    assert said(chat)[2:] == ["two questions", "third answer"]
    # As fast as from a key that is held: each step is counted from where the one before it comes to.
    for key in "]]][[":
        chat.app.post_message(Key(f"{'right' if key == ']' else 'left'}_square_bracket", key))
    while "1 of 3" not in chat.text():
        await chat.pilot.pause(0.005)
    await chat.settle()
    assert ("second answer" in chat.text(), said(chat)[3]) == (True, "second answer")
    await press(chat, "up", "up", "left_square_bracket")
    assert chat.notes()[-1] == "There is no other version of this message."


async def test_a_reply_is_regenerated_from_the_prompt_with_a_wish_or_without(chat: Chat) -> None:
    chat.talk.service.say(reply("short"), reply("long"))
    await chat.type("/reply shorter")
    await chat.settle()
    assert "2 of 2 · asked to be: shorter" in chat.text()
    assert chat.talk.service.chat_bodies[-1]["messages"][-1]["content"].endswith("this: shorter)")
    await press(chat, "alt+r")
    assert ("long" in chat.text(), "3 of 3" in chat.text()) == (True, True)
    assert chat.app.screen.focused is prompt(chat)


async def test_a_regeneration_that_fails_shows_the_former_reply_and_is_tried_again(chat: Chat) -> None:
    chat.talk.service.chat.append(Answer({"message": "No."}, status=400))
    await press(chat, "alt+r")
    assert "second answer" in chat.text()
    assert len(chat.entries(ErrorEntry)) == 1
    chat.talk.service.say(reply("better"))
    await press(chat, "ctrl+t")
    assert ("better" in chat.text(), "2 of 2" in chat.text()) == (True, True)
    assert "second answer" not in chat.text()
    assert chat.entries(ErrorEntry) == []


async def test_an_own_message_is_edited_and_sent_again_and_what_followed_can_be_returned_to(
    chat: Chat,
) -> None:
    prompt(chat).load_text("a draft")
    await press(chat, "tab", "up", "up", "up", "e")
    assert (prompt(chat).text, prompt(chat).has_focus) == ("one question", True)
    assert "Edit and send again" in note(chat)
    assert prompt(chat).draft == "a draft"  # which is what stays should the program end now
    await press(chat, "escape")
    assert (prompt(chat).text, note(chat)) == ("a draft", "")
    await press(chat, "tab", "e")
    chat.talk.service.say(reply("new answer"))
    await press(chat, *" again", "enter")
    assert said(chat) == ["one question again", "new answer"]
    assert (prompt(chat).text, note(chat)) == ("a draft", "")
    assert "two questions" not in chat.text()
    await press(chat, "tab", "up", "left_square_bracket")
    assert said(chat) == ["one question", "first answer", "two questions", "second answer"]
    assert "second answer" in chat.text()
    assert "1 of 2" in chat.text()


async def test_a_reply_is_corrected_by_hand(chat: Chat) -> None:
    await press(chat, "tab", "up", "up", "e")
    assert prompt(chat).text == "first answer"
    assert "Correct the reply" in note(chat)
    prompt(chat).load_text("/better answer")  # no command while it is a reply
    await chat.pilot.pause()
    await press(chat, "enter")
    assert said(chat) == ["one question", "/better answer", "two questions", "second answer"]
    assert "2 of 2 · edited" in chat.text()
    assert len(chat.talk.service.chat_bodies) == 2


async def test_a_message_is_hidden_shown_quoted_and_deleted_with_a_second_press(chat: Chat) -> None:
    await press(chat, "tab", "up", "up", "h")
    assert "hidden from the model" in chat.text()
    (hidden,) = [entry for entry in chat.entries(ReplyEntry) if entry.is_hidden]
    index = chat.pane.entries.index(hidden)
    assert index is not None
    context = chat.pane.entries.context
    assert context is not None
    quiet = context.palette.page.quiet.color
    layout = chat.pane.entries.layout(index)
    words = [segment for row in (0, 1) for segment in layout.strip(row, context.palette.page.text)]
    assert {segment.style.color for segment in words if segment.style and segment.text.strip()} == {quiet}
    await press(chat, "h")
    assert "hidden from the model" not in chat.text()
    await press(chat, "q")
    assert prompt(chat).text == "> first answer\n\n"
    prompt(chat).load_text("")
    await press(chat, "tab", "d")
    assert "Press d again" in chat.notes()[-1]
    assert len(said(chat)) == 4
    await press(chat, "d")
    assert said(chat) == ["one question", "two questions", "second answer"]
    assert "Press u" in chat.notes()[-1]
    await press(chat, "up", "d", "y", "d")  # another key between them
    assert len(said(chat)) == 3
    await press(chat, "u")
    assert said(chat) == ["one question", "first answer", "two questions", "second answer"]
    assert "first answer" in chat.text()
    await press(chat, "u")  # nothing is deleted any more, so that this is the beginning of a message
    assert prompt(chat).text == "u"
    prompt(chat).load_text("")
    await press(chat, "tab")
    for _ in range(4):
        await press(chat, "d", "d")
    assert (said(chat), chat.talk.on_disk()) == ([], [])
    for _ in range(4):
        await press(chat, "u")
    assert said(chat) == ["one question", "first answer", "two questions", "second answer"]


async def test_a_fork_is_a_conversation_of_its_own(chat: Chat) -> None:
    origin = chat.talk.session.conversation.conversation.id
    await press(chat, "tab", "up", "up", "f")
    assert "one question (fork)" in chat.text()
    assert "second answer" not in chat.text()
    assert chat.talk.session.conversation.conversation.id != origin
    assert "This is a fork" in chat.notes()[-1]


async def test_a_cut_reply_goes_on_by_its_key_and_by_the_command(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        service = chat.talk.service
        service.chat.append(Answer(pieces=[chunk("one")], cut=True))
        await chat.type("count")
        await chat.settle()
        assert "broke off" in chat.text()
        service.chat.append(Answer(pieces=[chunk(", two")], cut=True))
        await press(chat, "tab", "up", "g")
        assert "one, two" in chat.text()
        service.chat.append(Answer(pieces=[chunk(", three")]))
        await chat.type("/continue")
        await chat.settle()
        assert "one, two, three" in chat.text()
        assert "broke off" not in chat.text()
        await chat.type("/continue")
        await chat.settle()
        assert "whole" in chat.notes()[-1]


async def test_while_an_answer_streams_versions_stay_and_a_regeneration_takes_its_place(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        service = chat.talk.service
        service.chat.append(Answer(pieces=[chunk("first")]))
        service.chat.append(Answer(pieces=[chunk("second")]))
        await chat.type("ask")
        await chat.settle()
        await press(chat, "alt+r")
        service.chat.append(Answer(pieces=[chunk("strea"), asyncio.Event()]))
        await chat.type("more")
        while "strea" not in chat.text():
            await chat.pilot.pause(0.01)
        chat.pane.focus()
        await chat.pilot.press("up", "up", "left_square_bracket")
        await chat.pilot.pause(0.05)
        assert "being written" in chat.notes()[-1]
        assert "second" in chat.text()
        service.chat.append(Answer(pieces=[chunk("anew")]))
        await press(chat, "alt+r")
        assert ("anew" in chat.text(), "strea" in chat.text()) == (True, False)
        assert chat.talk.messages[-1].branch_count == 2


async def test_while_a_regenerated_or_continued_reply_is_awaited_the_character_is_typing(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        answers = chat.talk.service.chat
        answers.append(Answer(pieces=[chunk("first")]))
        await chat.type("ask")
        await chat.settle()
        answers.append(Answer(gate=asyncio.Event()))
        await chat.type("ask more")
        while answers:
            await chat.pilot.pause(0.01)
        for asks_again, cut in (("alt+r", True), ("/continue", False), ("alt+r", False)):
            come = asyncio.Event()
            answers.append(Answer(pieces=[chunk("some words")], gate=come, cut=cut))
            if asks_again.startswith("/"):
                await chat.type(asks_again)
            else:
                await chat.pilot.press(asks_again)
            while answers:
                await chat.pilot.pause(0.01)
            await chat.pilot.pause(0.05)
            assert "is typing" in chat.text()
            come.set()
            await chat.settle()
            assert "is typing" not in chat.text()


async def test_a_reader_far_above_stays_there_when_something_below_changes(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(), size=(80, 24)) as chat:
        chat.talk.service.say(*(reply(f"answer {number}\n\n- a\n- b") for number in range(12)))
        for number in range(12):
            await chat.type(f"question {number}")
            await chat.settle()
        chat.pane.focus()
        await press(chat, "home")
        before = chat.text()
        await chat.talk.session.revisions.set_hidden(chat.talk.messages[-1].id, True)
        await chat.settle()
        assert "question 0" in chat.text()
        assert chat.pane.viewport.y == 0
        assert before.splitlines()[1:4] == chat.text().splitlines()[1:4]


async def test_what_cannot_be_written_says_why(start_talk: StartTalk) -> None:
    async with start_talk() as first:
        first.service.say(reply("answer"))
        await first.say("question")
        async with open_chat(start_talk()) as chat:
            for keys in (("tab", "r"), ("e",), ("h",), ("d", "d")):
                await press(chat, *keys)
                assert "open in another window" in chat.notes()[-1]
            assert note(chat) == ""


async def test_it_works_for_a_screen_reader(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(ui=UiConfig(plain=True))) as chat:
        chat.talk.service.say(reply("first"), reply("second"))
        await chat.type("ask")
        await chat.settle()
        await press(chat, "alt+r")
        assert ("second" in chat.text(), "2 of 2" in chat.text()) == (True, True)
        await press(chat, "tab", "left_square_bracket")
        assert ("first" in chat.text(), "1 of 2" in chat.text()) == (True, True)
        assert [entry.branches for entry in chat.entries(UserEntry)] == [1]

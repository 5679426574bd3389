"""The chat screen around a real session: what the session tells is on the screen, what the user does reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest

from animus_tui.chat.events import ImageGenerationStart
from animus_tui.chat.session import ChatSession
from animus_tui.config.schema import ImageConfig, UiConfig
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.app import AnimusApp
from animus_tui.ui.conversation.entries.notices import ErrorEntry, GreetingEntry, SuggestionEntry, TypingEntry
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.textual_compat import error_of
from animus_tui.ui.widgets import message_line
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import TERMINAL, Chat, open_chat
from tests.support.chat_service import Answer, chunk, reply
from tests.support.pane_app import until
from tests.support.stored_history import full_disk
from tests.support.talk import FAST, STREAMED, StartTalk


@pytest.fixture
async def chat(start_talk: StartTalk) -> AsyncIterator[Chat]:
    async with open_chat(start_talk()) as opened:
        yield opened


async def test_an_empty_conversation_greets_and_offers_three_things(chat: Chat) -> None:
    assert len(chat.entries(SuggestionEntry)) == 3
    chat.talk.service.say(reply("Hi"))
    await chat.pilot.press("alt+2")
    await chat.settle()
    assert len(chat.entries(SuggestionEntry)) == 0
    assert chat.talk.messages[0].content == "Tell me something about yourself"
    assert "Hi" in chat.text()


async def test_a_picture_in_an_empty_conversation_takes_the_place_of_the_greeting(chat: Chat) -> None:
    chat.talk.service.show()
    await chat.type("/image a boat")
    await chat.settle()
    assert len(chat.entries(SuggestionEntry, GreetingEntry)) == 0
    assert "8×6" in chat.text()


async def test_typing_shows_until_the_answer_comes_and_turns_share_one_name(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.talk.service.chat.append(Answer(reply("First turn.\nSecond turn."), gate=gate))
    await chat.type("hello")
    await until(lambda: len(chat.entries(TypingEntry)) == 1)
    gate.set()
    await chat.settle()
    assert len(chat.entries(TypingEntry)) == 0
    assert chat.text().count("Vivian ") == 2  # the status line, and one name over both turns
    assert "First turn." in chat.text()
    assert "Second turn." in chat.text()


async def test_a_picture_of_the_users_own_leaves_the_mark_that_an_answer_is_awaited(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.talk.service.chat.append(Answer(reply("Hello."), gate=gate))
    await chat.type("hello")
    await until(lambda: len(chat.entries(TypingEntry)) == 1)
    chat.talk.service.show()
    await chat.type("/image a boat")
    await until(lambda: "8×6" in chat.text())
    assert len(chat.entries(TypingEntry)) == 1
    gate.set()
    await chat.settle()
    assert len(chat.entries(TypingEntry)) == 0
    assert "Hello." in chat.text()


async def test_streamed_text_is_shown_while_it_arrives(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(auto_turn=STREAMED)) as chat:
        gate = asyncio.Event()
        chat.talk.service.chat.append(Answer(pieces=[chunk("So **far**"), gate, chunk(" so good")]))
        await chat.type("hello")
        await until(lambda: "So far" in chat.text())
        gate.set()
        await chat.settle()
        assert "So far so good" in chat.text()


async def test_an_error_is_a_card_with_its_sentence_and_a_key_that_asks_again(chat: Chat) -> None:
    chat.talk.service.chat.append(Answer({"message": "The stars are wrong."}, status=400))
    await chat.type("hello")
    await chat.settle()
    assert "The stars are wrong." in chat.text()
    assert "not answered" in chat.text()
    assert "^T Retry" in chat.footer()
    chat.talk.service.say(reply("Now I hear you."))
    await chat.pilot.press("ctrl+t")
    await chat.settle()
    assert len(chat.entries(ErrorEntry)) == 0
    assert "Now I hear you." in chat.text()
    assert "not answered" not in chat.text()
    assert "^T Retry" not in chat.footer()
    assert [m.content for m in chat.talk.messages] == ["hello", "Now I hear you."]


async def test_an_unanswered_message_can_be_tried_again_after_a_restart(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        talk.service.chat.append(Answer({"message": "no"}, status=400))
        await talk.say("hello")
    async with open_chat(start_talk()) as chat:
        assert "^T Retry" in chat.footer()
        chat.talk.service.say(reply("Here I am."))
        await chat.pilot.press("ctrl+t")
        await chat.settle()
        assert "Here I am." in chat.text()


async def test_a_busy_service_counts_down_to_the_next_try(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(tries=2)) as chat:
        busy = Answer({"message": "Slow down."}, status=429, headers={"Retry-After": "2"})
        chat.talk.service.chat.append(busy)
        chat.talk.service.say(reply("Done."))
        await chat.type("hello")
        await until(lambda: "trying again in" in chat.text())
        await chat.settle()
        assert "trying again" not in chat.text()
        assert "Done." in chat.text()


async def test_reasoning_is_one_line_that_a_key_opens(chat: Chat) -> None:
    chat.talk.service.say(reply("Yes.", reasoning="Let me think about this."))
    await chat.type("well?")
    await chat.settle()
    assert "Let me think" not in chat.text()
    assert "▸ thought" in chat.text()
    await chat.pilot.press("ctrl+o")
    await chat.pilot.pause()
    assert "Let me think about this." in chat.text()


async def test_compliance_marks_and_tool_calls_are_told(chat: Chat) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    chat.talk.service.say(reply("Hm.", tool_calls=[call]) | {"compliance_violations": ["drug_use"]})
    await chat.type("well?")
    await chat.settle()
    assert "drug_use" in chat.text()
    assert "weather" in chat.text()


async def test_a_promised_picture_waits_in_a_card_of_its_final_height_and_then_appears(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.talk.service.say(reply("Look.", image_prompt="a boat"))
    chat.talk.service.show(gate=gate)
    await chat.type("paint")
    await until(lambda: len(chat.waiting()) == 1)
    await until(lambda: "Generating" in chat.text())
    await until(lambda: "Esc Cancel" in chat.footer())
    gate.set()
    await chat.settle()
    assert len(chat.waiting()) == 0
    assert "8×6" in chat.text()


async def test_the_place_of_a_picture_keeps_its_height_when_the_picture_comes(start_talk: StartTalk) -> None:
    # The picture that comes is 8 by 6 pixels; the place is kept for the shape that was asked for.
    async with open_chat(start_talk(image=ImageConfig(width=800, height=600))) as chat:
        gate = asyncio.Event()
        chat.talk.service.show(gate=gate)
        await chat.type("/image a boat")
        await until(lambda: len(chat.waiting()) == 1)
        (card,) = chat.entries(PictureEntry)
        height = chat.height(card)
        gate.set()
        await chat.settle()
        assert "8×6" in chat.text()
        assert chat.height(card) == height
        assert height > 5


async def test_a_failed_picture_says_why_and_a_key_makes_it_after_all(chat: Chat) -> None:
    chat.talk.service.images.append(Answer({"message": "No paint left."}, status=400))
    await chat.type("/image a boat")
    await chat.settle()
    assert "No paint left." in chat.text()
    chat.talk.service.show()
    await chat.pilot.press("ctrl+t")
    await chat.settle()
    assert "No paint left." not in chat.text()
    assert chat.talk.messages[-1].image is not None


async def test_ctrl_r_makes_a_variant_and_the_brackets_step_through_them(chat: Chat) -> None:
    chat.talk.service.show(1)
    await chat.type("/image a boat")
    await chat.settle()
    chat.talk.service.show(2)
    await chat.pilot.press("ctrl+r")
    await chat.settle()
    assert "2 of 2" in chat.text()
    await chat.pilot.press("tab", "left_square_bracket")
    await chat.settle()
    assert "1 of 2" in chat.text()
    message = chat.talk.messages[-1]
    assert message.variants is not None
    assert message.image == message.variants[0]
    await chat.pilot.press("escape")
    assert isinstance(chat.app.focused, Prompt)


async def test_saving_says_where_and_never_overwrites(start_talk: StartTalk, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    async with open_chat(start_talk(image=ImageConfig(save_dir=str(folder)))) as chat:
        chat.talk.service.show()
        await chat.type("/image a boat")
        await chat.settle()
        await chat.pilot.press("ctrl+s")
        await chat.settle()
        await chat.type(f"/save {tmp_path / 'mine.png'}")
        await chat.settle()
        await chat.type(f"/save {tmp_path / 'mine.png'}")
        await chat.settle()
        await chat.type(f"/save {tmp_path / 'none' / 'of' / 'these.png'}")
        await chat.settle()
        notes = chat.notes()
    (saved,) = folder.iterdir()
    assert f"Saved to {tmp_path / 'none' / 'of' / 'these.png'}, in a new folder" in notes
    assert f"Saved to {saved}" in notes
    assert f"Saved to {tmp_path / 'mine.png'}" in notes
    assert any("exists already" in note for note in notes)


async def test_saving_without_a_picture_says_so(chat: Chat) -> None:
    await chat.type("/save")
    await chat.settle()
    assert chat.notes() == ["There is no picture to save yet."]


async def test_an_unknown_command_is_named_and_stays_in_the_prompt(chat: Chat) -> None:
    await chat.type("/imge a boat")
    await chat.settle()
    assert "/image" in chat.notes()[0]
    assert chat.app.screen.query_one(Prompt).text == "/imge a boat"
    assert chat.talk.messages == []


async def test_escape_stops_the_answer(chat: Chat) -> None:
    chat.talk.service.chat.append(Answer(reply("never"), gate=asyncio.Event()))
    await chat.type("hello")
    await until(lambda: len(chat.entries(TypingEntry)) == 1)
    await chat.pilot.press("escape")
    await chat.settle()
    assert chat.talk.outcomes() == ["cancelled"]
    assert len(chat.entries(TypingEntry)) == 0
    assert "Esc Cancel" not in chat.footer()


async def test_a_new_conversation_shows_nothing_of_the_old_one(chat: Chat) -> None:
    chat.talk.service.say(reply("Hi there"))
    await chat.type("hello")
    await chat.settle()
    await chat.pilot.press("ctrl+n")
    await chat.settle()
    assert "Hi there" not in chat.text()
    assert len(chat.entries(SuggestionEntry)) == 3


async def test_a_picture_of_another_conversation_is_told_and_leaves_this_one_alone(chat: Chat) -> None:
    gate = asyncio.Event()
    chat.talk.service.show(gate=gate)
    await chat.type("/image a boat")
    await until(lambda: len(chat.waiting()) == 1)
    chat.talk.service.say(reply("Hi"))
    await chat.type("hello")
    await until(lambda: "Hi" in chat.text() and not chat.talk.session.busy)
    await chat.pilot.press("ctrl+n")
    await until(lambda: len(chat.entries(SuggestionEntry)) == 3)
    gate.set()
    await chat.settle()
    assert any("ready in another conversation" in note for note in chat.notes())
    assert chat.entries(PictureEntry) == []


async def test_a_conversation_that_is_open_elsewhere_says_that_it_is_read_only(start_talk: StartTalk) -> None:
    async with start_talk() as first:
        first.service.say(reply("Hi"))
        await first.say("hello")
        async with open_chat(start_talk()) as chat:
            assert "read-only" in chat.text().splitlines()[0]
            await chat.type("mine")
            await chat.settle()
            assert "only be read" in chat.notes()[0]
            assert chat.app.screen.query_one(Prompt).text == "mine"


async def test_what_another_window_writes_is_followed_and_taken_over_when_it_ends(
    start_talk: StartTalk,
) -> None:
    async with AsyncExitStack() as ended:
        first = await ended.enter_async_context(start_talk())
        first.service.say(reply("Hi"), reply("The other window is here"))
        await first.say("hello")
        async with open_chat(start_talk()) as chat:
            assert "read-only: open elsewhere" in chat.text().splitlines()[0]
            await first.say("again")
            await until(lambda: "The other window is here" in chat.text())
            assert "read-only: open elsewhere" in chat.text().splitlines()[0]
            await ended.aclose()
            await until(lambda: "you can write here now" in " ".join(chat.notes()))
            assert "read-only" not in chat.text().splitlines()[0]
            chat.talk.service.say(reply("Welcome"))
            await chat.type("mine")
            await chat.settle()
            assert "Welcome" in chat.text()
            assert [m["content"] for m in chat.talk.on_disk()][-2:] == ["mine", "Welcome"]


async def test_messages_that_are_not_saved_are_marked_and_what_was_said_goes_once_they_are(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_line, "LEAST_SHOWN", 3600.0)  # no key takes a message away
    assert chat.talk.messages == []
    chat.talk.service.say(reply("Hi"), reply("Ho"))
    with full_disk():
        await chat.type("hello")
        await chat.settle()
    assert chat.text().count("not saved") >= 2
    assert "Error: The message could not be saved" in chat.text()
    await chat.type("again")
    await chat.settle()
    assert "not saved" not in chat.text()
    await until(lambda: "could not be saved" not in chat.text())


async def test_a_whole_conversation_is_shown_after_a_restart(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        for number in range(60):
            talk.service.say(reply(f"Answer {number}."))
            await talk.say(f"Question {number}?")
    async with open_chat(start_talk()) as chat:
        assert "Answer 59." in chat.text()
        assert len(list(chat.pane.entries.existing())) < 120
        for _ in range(40):
            await chat.pilot.press("pageup")
            if chat.text().count("Question 0?") == 2:  # it is the title too
                break
        assert chat.text().count("Question 0?") == 2
        assert len(list(chat.pane.entries.existing())) == 120
        await chat.pilot.press("end")
        await chat.pilot.pause()
        assert "Answer 59." in chat.text()


async def test_quitting_leaves_the_session_to_its_owner(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(auto_turn=FAST)) as chat:
        session: ChatSession = chat.talk.session
        await chat.pilot.press("ctrl+q")
        await chat.pilot.pause()
        chat.talk.service.say(reply("Still here."))
        await session.send("anybody?")
        await session.wait()
        assert chat.talk.messages[-1].content == "Still here."


async def test_an_unknown_theme_is_said_and_the_default_taken(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(ui=UiConfig(theme="purple-haze"))) as chat:
        assert chat.app.theme == "animus-dark"
        assert "purple-haze" in chat.notes()[0]
        assert "animus-light" in chat.notes()[0]


async def test_a_key_of_the_users_own_choice_works_while_writing(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(keys={"new": "ctrl+k"})) as chat:
        chat.talk.service.say(reply("Hi there"))
        await chat.type("hello")
        await chat.settle()
        assert "^K New" in chat.footer()
        await chat.pilot.press("ctrl+k")
        await chat.settle()
        assert "Hi there" not in chat.text()


async def test_a_key_of_the_users_own_is_not_that_of_an_action_that_has_it_by_default(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(keys={"new": "ctrl+l"})) as chat:
        chat.talk.service.say(reply("Hi there"))
        await chat.type("hello")
        await chat.settle()
        assert "^L New" in chat.footer()
        assert "Conversations" not in chat.footer()
        await chat.pilot.press("ctrl+l")
        await chat.settle()
        assert "Hi there" not in chat.text()
        assert len(chat.app.screen_stack) == 1
        await chat.pilot.press("f1")  # the help shows an action without a key, too
        await chat.pilot.pause()
        assert len(chat.app.screen_stack) == 2


async def test_a_picture_whose_entry_is_not_saved_is_marked(chat: Chat) -> None:
    chat.talk.service.say(reply("Hi"))
    await chat.type("hello")
    await chat.settle()
    chat.talk.service.show()
    await chat.type("/image a boat")
    await chat.settle()
    chat.talk.service.show()  # the same bytes, so that only the entry has to be written
    with full_disk():
        await chat.pilot.press("ctrl+r")
        await chat.settle()
        assert "not saved" in chat.text()
        assert "2 of 2" in chat.text()


async def test_the_footer_shows_the_keys_of_a_card_only_where_they_work(chat: Chat) -> None:
    chat.talk.service.show(1)
    await chat.type("/image a boat")
    await chat.settle()
    await chat.pilot.press("tab")
    await chat.pilot.pause()
    assert "Try again" not in chat.footer()
    assert "Previous" not in chat.footer()
    chat.talk.service.show(2)
    await chat.pilot.press("ctrl+r")
    await chat.settle()
    assert "[ Previous" in chat.footer()


async def test_the_palette_lists_what_can_be_done(chat: Chat) -> None:
    await chat.pilot.press("ctrl+p")
    await until(lambda: "/image PROMPT" in chat.text())
    await chat.pilot.press(*"already")
    await until(lambda: "/image PROMPT" not in chat.text() and "Quit; everything" in chat.text())


async def test_it_may_be_ended_at_any_moment_of_its_start(start_talk: StartTalk) -> None:
    for steps in range(40):
        async with start_talk() as talk, aclosing(PictureDecoder()) as decoder:
            app = AnimusApp(talk.session, terminal=TERMINAL, decoder=decoder, service="a test")
            running = asyncio.create_task(app.run_async(headless=True, size=(100, 40)))
            for _ in range(steps):
                await asyncio.sleep(0)
            app.exit()
            await running
            assert error_of(app) is None


async def test_a_reply_that_another_window_still_writes_is_interrupted_only_once_that_has_ended(
    start_talk: StartTalk,
) -> None:
    never = asyncio.Event()
    async with AsyncExitStack() as ended:
        first = await ended.enter_async_context(start_talk(auto_turn=STREAMED))
        gate = asyncio.Event()
        first.service.chat += [
            Answer(pieces=[chunk("It begins "), gate, chunk("and ends")]),
            Answer(pieces=[chunk("Another one"), never]),
        ]
        await first.session.send("tell me")
        async with open_chat(start_talk()) as chat:
            await until(lambda: "It begins" in chat.text())
            assert "read-only: open elsewhere" in chat.text().splitlines()[0]
            assert "interrupted" not in chat.text()
            gate.set()
            await until(lambda: "It begins and ends" in chat.text())
            await first.session.send("and then")
            await until(lambda: "Another one" in chat.text())
            assert "interrupted" not in chat.text()
            await ended.aclose()
            await until(lambda: "read-only" not in chat.text().splitlines()[0])
            assert chat.text().count("interrupted") == 1


async def test_a_picture_that_another_window_still_makes_is_missing_only_once_that_has_ended(
    start_talk: StartTalk,
) -> None:
    async with AsyncExitStack() as ended:
        first = await ended.enter_async_context(start_talk())
        first.service.say(reply("Here it comes", image_prompt="a boat"))
        first.service.show(gate=asyncio.Event())
        await first.session.send("show me")
        await first.until(ImageGenerationStart)
        async with open_chat(start_talk()) as chat:
            assert "Here it comes" in chat.text()
            assert "Image not generated" not in chat.text()
            await ended.aclose()
            await until(lambda: "read-only" not in chat.text().splitlines()[0])
            await until(lambda: "Retry" in chat.text() or "Image not generated" in chat.text())

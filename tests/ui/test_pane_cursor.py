"""The cursor over messages: everything in the conversation is reached and used by keys."""

from __future__ import annotations

from typing import Any

from animus_tui.chat.messages import ChatMessage
from animus_tui.ui.conversation.actions import CopyRequested, LinkOpened
from animus_tui.ui.conversation.entries.notices import SuggestionEntry
from animus_tui.ui.conversation.row_renderer import BAR
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.chat_app import open_chat
from tests.support.chat_service import Answer, reply
from tests.support.pane_app import Stage, painted, said, stage
from tests.support.talk import StartTalk

AT = "2026-01-02T10:00:00.000Z"
TALK = [said(number, lines=1 + number % 3) for number in range(60)]


def answer(text: str, number: int = 0, **more: Any) -> ChatMessage:
    return ChatMessage(role="assistant", content=text, timestamp=AT, id=f"a{number}", **more)


def chosen(on: Stage) -> str:
    entry = on.pane.cursor.entry
    return entry.id if entry is not None else ""


def copied(on: Stage) -> list[str]:
    return [event.text for event in on.app.told if isinstance(event, CopyRequested)]


async def press(on: Stage, *keys: str) -> None:
    await on.pilot.press(*keys)


async def focus(on: Stage) -> None:
    on.app.screen.set_focus(None)
    await on.pilot.pause()
    on.app.screen.set_focus(on.pane)
    await on.pilot.pause()


async def test_the_bar_stands_beside_the_chosen_message_and_only_while_the_conversation_has_the_focus() -> (
    None
):
    async with stage(TALK) as on:
        assert BAR not in on.app.text()
        await focus(on)
        assert on.app.text().split("\n")[on.row_of("message 59 line 0")].startswith(BAR)
        on.app.screen.set_focus(None)
        await on.settle()
        assert BAR not in on.app.text()


async def test_up_and_down_go_through_every_message_and_each_is_in_view_with_its_bar() -> None:
    async with stage(TALK[:24]) as on:
        await focus(on)
        seen = [chosen(on)]
        for _ in range(23):
            await press(on, "up")
            seen.append(chosen(on))
            assert BAR in on.app.text()
            assert f"message {seen[-1][1:]} line 0" in on.app.text()
        assert seen == [f"m{number}" for number in range(23, -1, -1)]
        for number in range(1, 24):
            await press(on, "down")
            assert chosen(on) == f"m{number}"
            assert f"message {number} line {number % 3}" in on.app.text()
        assert on.pane.viewport.following


async def test_a_message_longer_than_the_screen_is_read_through_in_both_directions() -> None:
    long = answer("\n\n".join(f"paragraph {number}." for number in range(60)), 1)
    async with stage([TALK[0], long, TALK[2]]) as on:
        on.pane.action_scroll_home()
        await focus(on)
        for keys, far in (("down", "m2"), ("up", "m0")):
            seen = on.app.text()
            for _ in range(60):
                if chosen(on) == far:
                    break
                await press(on, keys)
                seen += on.app.text()
            assert chosen(on) == far
            assert [number for number in range(60) if f"paragraph {number}." not in seen] == []


async def test_left_and_right_go_through_pictures_only() -> None:
    talk = [TALK[0], painted("p1", "none.png"), *TALK[1:40], painted("p2", "none.png"), *TALK[40:]]
    async with stage(talk) as on:
        await focus(on)
        seen = []
        for key in ("left", "left", "left", "right", "right"):
            await press(on, key)
            seen.append(chosen(on))
        assert seen == ["p2", "p1", "p1", "p2", "p2"]


async def test_after_scrolling_away_the_cursor_goes_on_with_what_is_in_view() -> None:
    async with stage(TALK) as on:
        await focus(on)
        on.pane.action_scroll_home()
        await press(on, "down")
        assert chosen(on) == "m0"
        on.pane.action_scroll_end()
        await press(on, "up")
        assert chosen(on) == "m59"
        on.app.screen.set_focus(None)
        on.pane.action_scroll_home()
        await on.settle()
        await focus(on)
        assert f"message {chosen(on)[1:]} line 0" in on.app.text()


async def test_a_message_is_copied_as_it_was_written_its_code_block_by_block_and_its_links_are_opened() -> (
    None
):
    text = "**Look** [a](https://e.org/1) and [b](https://e.org/2)\n\n```py\nx = 1\n```\n\n```\n\ty  \n```"
    async with stage([TALK[0], answer(text)]) as on:
        await focus(on)
        await press(on, "y", "c", "c", "c", "o", "o", "o")
        assert copied(on) == [text, "x = 1", "\ty  ", "x = 1"]
        opened = [event.href for event in on.app.told if isinstance(event, LinkOpened)]
        assert opened == ["https://e.org/1", "https://e.org/2", "https://e.org/1"]
        await press(on, "up", "c", "o", "y")
        assert copied(on)[4:] == ["message 0 line 0"]


async def test_space_opens_the_reasoning_of_the_chosen_reply_and_brings_its_line_into_view() -> None:
    talk = [answer("\n\n".join(["word"] * 60), reasoning="a thought\n" * 5), TALK[0]]
    async with stage(talk) as on:
        await focus(on)
        await press(on, "up", "space")
        assert "▾ thought, 10 words" in on.app.text()
        await press(on, "space")
        assert "▸ thought, 10 words" in on.app.text()


async def test_enter_and_r_ask_to_try_a_failed_picture_again_and_brackets_for_variants() -> None:
    async with stage([painted("p", "none.png", variants=3)]) as on:
        on.pane.updates.begin_image("i", "a boat", message_id=None, reply_to=None)
        on.pane.updates.fail_image("i", "Out of credits", "None are left.")
        await on.settle()
        await focus(on)
        await press(on, "r", "enter", "left", "r", "left_square_bracket", "right_square_bracket")
        kinds = [type(event).__name__ for event in on.app.told]
        assert kinds == ["RetryRequested", "RetryRequested", "VariantRequested"]


async def test_a_promise_that_was_not_kept_is_asked_for_again() -> None:
    async with stage([answer("Look.", image_prompt="a boat")]) as on:
        await focus(on)
        await press(on, "r")
        assert [type(event).__name__ for event in on.app.told] == ["RetryRequested"]


async def test_the_chosen_entry_that_goes_leaves_the_cursor_without_an_error() -> None:
    async with stage(TALK) as on:
        on.pane.updates.show_error("Out of credits", "None are left.")
        await on.settle()
        await focus(on)
        assert chosen(on).startswith("error")
        on.pane.updates.clear_error()
        await press(on, "y", "c", "o", "space", "r", "up")
        assert chosen(on) == "m59"


async def test_down_at_the_last_message_shows_what_is_below_it() -> None:
    async with stage(TALK) as on:
        await focus(on)
        on.pane.viewport.scroll(-3)
        on.pane.updates.start_typing()
        await press(on, "down", "down", "down", "down", "down", "down", "down", "down")
        assert "is typing" in on.app.text()
        assert on.pane.viewport.following


async def test_from_the_prompt_everything_is_reached_by_keys_and_escape_returns_to_it(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press("tab")
        await chat.pilot.pause()
        assert isinstance(chat.pane.cursor.entry, SuggestionEntry)
        await chat.pilot.press("up", "up", "up")
        chat.talk.service.say(reply("I am Vivian."))
        await chat.pilot.press("enter")
        await chat.settle()
        assert chat.talk.messages[0].content == "Can you show me a beautiful sunset over the ocean?"
        assert isinstance(chat.app.focused, Prompt)
        await chat.pilot.press("tab", "x", "z")
        await chat.pilot.pause()
        assert isinstance(chat.app.focused, Prompt)
        assert chat.app.focused.text == "xz"
        await chat.pilot.press("tab", "escape")
        await chat.pilot.pause()
        assert isinstance(chat.app.focused, Prompt)


async def test_the_footer_names_what_works_on_the_chosen_message(start_talk: StartTalk) -> None:
    async with open_chat(start_talk(), size=(200, 40)) as chat:
        chat.talk.service.say(reply("```\ncode\n```"))
        await chat.type("hello")
        await chat.settle()
        await chat.pilot.press("tab")
        await chat.settle()
        assert "Copy code" in chat.footer()
        assert "Open link" not in chat.footer()
        assert "Try again" not in chat.footer()
        await chat.pilot.press("up")
        await chat.settle()
        assert "Copy code" not in chat.footer()
        chat.talk.service.chat.append(Answer({"message": "The stars are wrong."}, status=400))
        await chat.type("again")
        await chat.settle()
        await chat.pilot.press("tab", "down", "down", "down", "down")
        await chat.settle()
        assert "Try again" in chat.footer()

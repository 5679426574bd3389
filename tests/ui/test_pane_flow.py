"""What happens around the words: the empty conversation, typing, waiting, errors."""

import pytest

from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import UiConfig
from animus_tui.ui.conversation import animation, updates
from animus_tui.ui.conversation.actions import RetryRequested, SuggestionChosen
from animus_tui.ui.conversation.entries import notices
from animus_tui.ui.conversation.entries.notices import ErrorEntry
from tests.support.pane_app import GREETING, SUGGESTIONS, Clock, Stage, said, stage, until


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that countdowns go by stands still until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(animation, "time", clock)
    return clock


def errors(on: Stage) -> list[ErrorEntry]:
    """The cards that say why there is no answer."""
    return [entry for entry in on.pane.entries.existing() if isinstance(entry, ErrorEntry)]


async def test_an_empty_conversation_greets_and_suggests_three_things() -> None:
    async with stage() as on:
        assert GREETING in on.app.text()
        for suggestion in SUGGESTIONS:
            assert suggestion in on.app.text()


@pytest.mark.parametrize("way", ["enter", "click"])
async def test_a_suggestion_is_said_by_enter_or_click(way: str) -> None:
    async with stage() as on:
        if way == "enter":
            on.pane.focus()
            await on.pilot.press("up", "up", "enter")
        else:
            await on.pilot.click(offset=(8, on.row_of(SUGGESTIONS[1])))
        await on.settle()
        assert [event.text for event in on.app.told if isinstance(event, SuggestionChosen)] == [
            SUGGESTIONS[1]
        ]


async def test_the_greeting_goes_with_the_first_words() -> None:
    async with stage() as on:
        on.pane.updates.add_user(said(0))
        await on.settle()
        assert "message 0" in on.app.text()
        assert GREETING not in on.app.text()
        assert SUGGESTIONS[0] not in on.app.text()


async def until_dots_moved(on: Stage) -> None:
    await until(lambda: len(set(on.app.frames)) > 1)


async def test_dots_move_while_the_character_types_and_stand_with_reduced_motion() -> None:
    for reduced in (False, True):
        async with stage([said(0)], ui=UiConfig(reduced_motion=reduced)) as on:
            on.pane.updates.start_typing()
            await on.wait_for("Vivian is typing")
            on.app.frames.clear()
            if reduced:
                await on.pilot.pause(1)
                assert len(set(on.app.frames)) <= 1
            else:
                await until_dots_moved(on)
            on.pane.updates.stop_typing()
            await on.settle()
            assert "typing" not in on.app.text()


@pytest.mark.parametrize("reduced", [False, True])
async def test_a_long_wait_says_its_seconds(reduced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(notices, "time", clock)
    async with stage([said(0)], ui=UiConfig(reduced_motion=reduced)) as on:
        on.pane.updates.start_typing()
        await on.wait_for("Vivian is typing ···")
        clock.now = 12.7
        await on.wait_for("Vivian is typing · 12 s")
        clock.now = 75
        await on.wait_for("Vivian is typing · 75 s")
        on.pane.updates.stop_typing()
        on.pane.updates.start_typing()
        await on.wait_for("Vivian is typing ···")


@pytest.mark.parametrize("reduced", [False, True])
async def test_nothing_is_painted_once_nobody_types_any_more(reduced: bool) -> None:
    async with stage([said(0)], ui=UiConfig(reduced_motion=reduced)) as on:
        on.pane.updates.start_typing()
        await on.wait_for("Vivian is typing")
        on.pane.updates.stop_typing()
        await on.settle()
        on.app.frames.clear()
        await on.pilot.pause(1.2)
        assert on.app.frames == []


async def test_for_a_screen_reader_a_long_wait_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(updates, "LONG", 0.1)
    async with stage([said(0)], ui=UiConfig(plain=True)) as on:
        on.pane.updates.start_typing()
        await on.wait_for("Vivian is still typing: 0 s.")
        on.pane.updates.stop_typing()
        await on.settle()
        lines = on.app.text().count("still typing")
        await on.pilot.pause(0.4)
        assert on.app.text().count("still typing") == lines


@pytest.mark.parametrize("reduced", [False, True])
async def test_the_question_after_a_promise_stands_where_typing_is_shown(
    reduced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(notices, "time", clock)
    async with stage([said(0), said(1)], size=(40, 20), ui=UiConfig(reduced_motion=reduced)) as on:
        on.pane.updates.start_checking()
        await on.wait_for("Checking for a picture ···")
        assert on.row_of("Checking") > on.row_of("message 1")
        clock.now = 12.7
        await on.wait_for("Checking for a picture · 12 s")
        on.pane.updates.stop_typing()
        await on.settle()
        assert "Checking" not in on.app.text()
        on.pane.updates.start_typing()
        await on.wait_for("Vivian is typing")


async def test_for_a_screen_reader_that_question_is_told_of_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with stage([said(0), said(1)], ui=UiConfig(plain=True)) as on:
        on.pane.updates.start_checking()
        await on.settle()
        assert "hecking" not in on.app.text()
        on.pane.updates.stop_typing()
        monkeypatch.setattr(updates, "LONG", 0.1)
        on.pane.updates.start_checking()
        await on.wait_for("Still checking for a picture: 0 s.")


@pytest.mark.parametrize("plain", [False, True])
async def test_text_that_turns_out_to_be_reasoning_makes_room_for_the_answer(plain: bool) -> None:
    async with stage([said(0)], ui=UiConfig(plain=plain)) as on:
        on.pane.updates.stream("r", said(1).timestamp, "The user says hi.\n\nI greet.\n\n")
        await on.wait_for("The user says hi.")
        on.pane.updates.restart("r")
        on.pane.updates.think("r", said(1).timestamp, "The user says hi.\n\nI greet.")
        on.pane.updates.stream("r", said(1).timestamp, "Hello!\n\n")
        await on.wait_for("Hello!")
        assert "The user says hi." not in on.app.text()


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("length", "Cut off: the length limit was reached"),
        ("content_filter", "Cut off: the content filter stepped in"),
        (None, ""),
    ],
)
async def test_an_answer_that_was_cut_off_says_why(reason: str | None, note: str) -> None:
    answer = ChatMessage(id="a", role="assistant", content="Once upon a", finish_reason=reason)
    async with stage([said(0), answer]) as on:
        assert on.row_of("Once upon a") > 0
        assert ("Cut off" in on.app.text()) == bool(note)
        assert note in on.app.text()


async def test_what_arrives_while_typing_is_shown_stands_above_it() -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.start_typing()
        on.pane.updates.finish_turn("r", said(1).timestamp, 0, "The words")
        await on.settle()
        assert on.row_of("The words") < on.row_of("is typing")


async def test_a_busy_service_is_counted_down_where_the_answer_is_waited_for(clock: Clock) -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.start_typing()
        on.pane.updates.count_down("Too many requests", 1.4, None)
        await on.wait_for("Too many requests: trying again in 2 s")
        clock.now = 0.5
        await on.wait_for("Too many requests: trying again in 1 s")
        clock.now = 1.5
        await on.wait_for("is typing")


async def test_an_error_is_a_card_with_title_sentence_and_key_where_the_answer_would_have_been() -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.start_typing()
        on.pane.updates.show_error("Out of credits", "The answer needs 2, the account has 0.5.")
        await on.settle()
        assert "Out of credits — The answer needs 2, the account has 0.5.  ^T Retry" in on.app.text()
        assert "is typing" not in on.app.text()
        assert len(errors(on)) == 1


@pytest.mark.parametrize("key", ["enter", "r", "click"])
async def test_an_error_card_is_asked_to_try_again(key: str) -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.show_error("Out of reach", "The service cannot be reached.")
        await on.settle()
        if key == "click":
            await on.pilot.click(offset=(5, on.row_of("Out of reach")))
        else:
            on.pane.focus()
            await on.pilot.press("up", key)
        await on.settle()
        assert any(isinstance(event, RetryRequested) for event in on.app.told)


async def test_the_error_goes_when_something_new_is_said() -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.show_error("Out of reach", "The service cannot be reached.")
        on.pane.updates.add_user(said(2))
        await on.settle()
        assert "Out of reach" not in on.app.text()
        assert errors(on) == []


async def test_a_message_that_was_not_answered_says_so_until_it_is() -> None:
    async with stage([ChatMessage(id="u", role="user", content="Hi", outcome="failed")]) as on:
        assert "not answered" in on.app.text()
        on.pane.marks.mark_failed(ChatMessage(id="u", role="user", content="Hi"))
        await on.settle()
        assert "not answered" not in on.app.text()


async def test_many_events_at_once_leave_one_reply_with_all_its_turns_in_order() -> None:
    async with stage([said(0)]) as on:
        for index in range(3):
            on.pane.updates.finish_turn("r", said(1).timestamp, index, f"turn {index}")
        await on.settle()
        assert [on.row_of(f"turn {index}") - on.row_of("turn 0") for index in range(3)] == [0, 1, 2]


async def test_an_answer_and_a_picture_that_both_wait_are_each_counted_down(clock: Clock) -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.begin_image("i", "A boat", message_id=None, reply_to=None)
        on.pane.updates.start_typing()
        on.pane.updates.count_down("Too many requests", 1.4, None)
        on.pane.updates.count_down("Busy", 1.4, "i")
        clock.now = 0.5
        await on.wait_for("Too many requests: trying again in 1 s")
        await on.wait_for("Busy: trying again in 1 s")
        clock.now = 1.5
        await on.wait_for("is typing")
        assert "trying again" not in on.app.text()


async def test_a_countdown_ends_with_what_it_was_for() -> None:
    async with stage([said(0)]) as on:
        on.pane.updates.start_typing()
        on.pane.updates.count_down("Too many requests", 60, None)
        await on.wait_for("trying again")
        on.pane.updates.stop_typing()
        on.pane.updates.start_typing()
        await on.pilot.pause(0.7)
        assert "is typing" in on.app.text()
        assert "trying again" not in on.app.text()

"""Marking with the mouse: what is dragged over is marked, stays marked, and is copied as it was written."""

from __future__ import annotations

import pytest
from textual.events import MouseMove, MouseUp
from textual.screen import Screen

from animus_tui.chat.messages import ChatMessage
from animus_tui.ui.conversation.actions import CopyRequested, LinkOpened
from tests.support.pane_app import Stage, drag, mouse, said, show, stage, until

AT = "2026-01-02T10:00:00.000Z"
TALK = [said(number, lines=1 + number % 3) for number in range(60)]


def place_of(on: Stage, text: str) -> tuple[int, int]:
    """The cell where a text begins on the screen."""
    row = on.row_of(text)
    return on.app.text().split("\n")[row].index(text), row


async def copied(on: Stage) -> str:
    on.app.told.clear()
    await on.pane.actions.copy_selection()
    await on.pilot.pause()
    return "".join(event.text for event in on.app.told if isinstance(event, CopyRequested))


def inked(on: Stage) -> list[str]:
    """The painted text that has the ground of what is marked, row by row."""
    ground = on.pane.get_component_rich_style("pane--selection", partial=True).bgcolor
    strips = [on.pane.render_line(y) for y in range(on.pane.viewport.height)]
    rows = ["".join(s.text for s in strip if s.style and s.style.bgcolor == ground) for strip in strips]
    return [row for row in rows if row]


async def test_a_drag_within_a_line_marks_its_characters_and_nothing_else() -> None:
    async with stage([ChatMessage(role="assistant", content="one two three", timestamp=AT)]) as on:
        x, y = place_of(on, "two")
        await drag(on, (x, y), (x + 3, y))
        assert inked(on) == ["two"]
        assert await copied(on) == "two"
        assert on.app.mouse_captured is None


async def test_wide_characters_and_marks_are_marked_whole() -> None:
    async with stage([ChatMessage(role="assistant", content="a 漢字 cafe\u0301 b", timestamp=AT)]) as on:
        x, y = place_of(on, "a 漢")
        await drag(on, (x + 2, y), (x + 11, y))
        assert inked(on) == ["漢字 cafe\u0301"]
        assert await copied(on) == "漢字 cafe\u0301"


async def test_a_drag_across_messages_in_either_direction_copies_the_same_text() -> None:
    talk = [
        ChatMessage(role="user", content="word " * 30 + "end", timestamp=AT),
        ChatMessage(
            role="assistant", content="```\n\tcode  \n```\n\n| a | b |\n|-|-|\n| 1 | 2 |", timestamp=AT
        ),
    ]
    async with stage(talk) as on:
        start, end = place_of(on, "word"), (70, 23)
        await drag(on, start, end)
        text = await copied(on)
        await drag(on, end, start)
        assert await copied(on) == text
        assert text.startswith("word " * 30 + "end\n\n\tcode  \n\n")


async def test_the_view_scrolls_as_long_as_the_mouse_is_held_beyond_an_edge() -> None:
    async with stage(TALK) as on:
        await drag(on, (10, 12), (10, -3), release=False)
        await until(lambda: not on.pane.viewport.y)
        mouse(on, MouseUp, 10, -3)
        await on.pilot.pause()
        first = on.pane.viewport.y
        assert on.app.mouse_captured is None
        assert not on.timers()
        assert (await copied(on)).startswith("message 0 line 0\n\nmessage 1 line 0\n")
        await drag(on, (10, 3), (10, 30), release=False)
        await until(lambda: on.pane.viewport.y >= first + 20)
        mouse(on, MouseUp, 10, 30)
        await on.pilot.pause()
        assert not on.timers()


async def test_a_button_released_where_nobody_tells_ends_the_drag_with_the_next_movement() -> None:
    async with stage(TALK) as on:
        await drag(on, (10, 12), (10, -3), release=False)
        mouse(on, MouseMove, 10, 5, button=0)
        await on.pilot.pause()
        assert on.app.mouse_captured is None
        assert not on.timers()
        assert on.pane.selection.selected


@pytest.mark.parametrize("what", ["hidden", "covered", "another conversation", "emptied"])
async def test_a_drag_ends_with_what_it_went_over(what: str) -> None:
    async with stage(TALK) as on:
        await drag(on, (10, 12), (10, -3), release=False)
        match what:
            case "hidden":
                on.pane.display = False
            case "covered":
                on.app.push_screen(Screen())
                on.app.capture_mouse(None)
            case "another conversation":
                show(on, [said(number) for number in range(5)])
            case _:
                show(on, [])
        await on.settle()
        assert on.app.mouse_captured is None
        assert not on.timers()
        if "conversation" in what or what == "emptied":
            mouse(on, MouseMove, 10, 5)
            await on.pilot.pause()
            assert on.pane.selection.selected is None


async def test_a_double_click_marks_a_word_and_a_third_the_line() -> None:
    text = "first\n" + "many words " * 20
    async with stage([ChatMessage(role="user", content=text.strip(), timestamp=AT)]) as on:
        x, y = place_of(on, "words")
        await on.pilot.double_click(offset=(x + 1, y))
        assert await copied(on) == "words"
        await on.pilot.triple_click(offset=(x + 1, y))
        assert await copied(on) == ("many words " * 20).strip()
        await on.pilot.click(offset=(x + 1, y))
        assert on.pane.selection.selected is None


async def test_a_double_click_beside_any_text_marks_nothing() -> None:
    async with stage(TALK) as on:
        await on.pilot.double_click(offset=(3, on.row_of("Vivian")))
        assert not on.pane.selection.selected


async def test_what_is_marked_stays_through_scrolling_another_width_and_words_that_stream_in() -> None:
    async with stage(TALK) as on:
        on.pane.updates.start_typing()
        await on.settle()
        x, y = place_of(on, "message 57 line 0")
        await drag(on, (x, y), (x + 7, y))
        on.pane.updates.stop_typing()
        on.pane.updates.stream("r", AT, "more\n" * 9)
        await on.settle()
        on.pane.action_page_up()
        await on.pilot.resize_terminal(40, 24)
        await on.pilot.pause()
        assert await copied(on) == "message"
        on.pane.action_scroll_end()
        on.pane.viewport.scroll(-14)
        assert inked(on) == ["message"]


async def test_what_is_marked_in_an_entry_that_goes_is_marked_no_more() -> None:
    async with stage(TALK) as on:
        on.pane.updates.show_error("Out of credits", "None are left.")
        await on.settle()
        x, y = place_of(on, "Out of")
        await drag(on, (x, y), (x + 6, y))
        assert await copied(on) == "Out of"
        on.pane.updates.clear_error()
        assert on.pane.selection.selected is None


async def test_opening_reasoning_drops_what_is_marked_in_its_message_and_nothing_above() -> None:
    talk = [*TALK, ChatMessage(role="assistant", content="Done.", reasoning="thinking", timestamp=AT)]
    async with stage(talk) as on:
        x, y = place_of(on, "Done.")
        await drag(on, (x, y), (x + 4, y))
        on.pane.actions.toggle_newest_reasoning()
        assert on.pane.selection.selected is None


async def test_what_is_being_marked_does_not_move_away_below_the_mouse() -> None:
    async with stage(TALK) as on:
        x, y = place_of(on, "message 58")
        await drag(on, (x, y), (x + 7, y), release=False)
        on.pane.updates.finish_turn("r", AT, 0, "word " * 99)
        await on.settle()
        assert place_of(on, "message 58") == (x, y)
        mouse(on, MouseUp, x + 7, y)
        await on.pilot.pause()
        assert not on.pane.selection.is_dragging


async def test_a_link_is_clicked_on_each_of_its_rows_and_nowhere_beside() -> None:
    words = "words of a link " * 8
    text = f"before [{words.strip()}](https://example.org/a) behind"
    async with stage([ChatMessage(role="assistant", content=text, timestamp=AT)], size=(50, 24)) as on:
        row = on.row_of("before")
        for x, y in [place_of(on, "words"), (5, row + 1), (5, row + 2), place_of(on, "before"), (48, row)]:
            await on.pilot.click(offset=(x, y))
            await on.settle()
        opened = [event.href for event in on.app.told if isinstance(event, LinkOpened)]
        assert opened == ["https://example.org/a"] * 3


async def test_another_button_does_nothing() -> None:
    async with stage([]) as on:
        await on.pilot.click(offset=(8, on.row_of("sunset")), button=3)
        assert on.app.told == []

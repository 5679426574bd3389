"""The conversation follows its end while the reader is there, and else keeps what is being read in place."""

import asyncio

import pytest
from textual.events import MouseScrollUp

from animus_tui.chat.messages import ChatMessage
from tests.support.pane_app import Stage, said, show, stage, until

AT = "2026-01-02T10:00:00.000Z"
TALK = [said(number, lines=1 + number % 3) for number in range(120)]


def top_line(frame: str) -> str:
    return frame.split("\n")[0]


async def test_a_long_conversation_opens_at_its_end_and_makes_only_what_is_in_view() -> None:
    async with stage(TALK) as on:
        assert "message 119 line" in on.app.text()
        assert 1 <= len(list(on.pane.entries.existing())) < 20


async def test_scrolling_up_brings_older_messages_without_a_jump_in_any_frame() -> None:
    async with stage(TALK) as on:
        for _ in range(14):
            on.app.frames.clear()
            on.pane.action_page_up()
            await on.settle()
            assert len(set(on.app.frames)) <= 1
        on.pane.action_scroll_home()
        await on.settle()
        numbers = [int(line.split()[1]) for line in on.app.text().split("\n") if "line 0" in line]
        assert numbers == sorted(numbers)


async def test_the_very_first_message_is_reached_and_no_message_is_shown_twice() -> None:
    async with stage(TALK) as on:
        on.pane.action_scroll_home()
        await on.settle()
        assert "message 0 line 0" in on.app.text()
        seen: list[str] = []
        while True:
            rows = [line.strip() for line in on.app.text().split("\n") if "message" in line]
            seen += [row.partition("  ")[0] for row in rows if row.partition("  ")[0] not in seen]
            if on.pane.viewport.following:
                break
            on.pane.action_page_down()
            await on.settle()
        said_in_all = [line for message in TALK for line in (message.content or "").split("\n")]
        assert seen == said_in_all


async def test_pages_up_pass_every_message() -> None:
    async with stage(TALK[-60:]) as on:
        seen = on.app.text()
        for _ in range(10):
            on.pane.action_page_up()
            await on.settle()
            seen += on.app.text()
        missing = [m.id for m in TALK[-60:] if f"message {m.id[1:]} line 0" not in seen]
        assert missing == []


async def test_at_the_end_what_is_added_is_in_view_in_every_frame() -> None:
    async with stage(TALK) as on:
        on.app.frames.clear()
        for number in range(60):
            on.pane.updates.stream("r", AT, f"streamed {number}\n")
            await asyncio.sleep(0.01)
        await on.wait_for("streamed 59")
        newest = [frame.rstrip().split("\n")[-1] for frame in on.app.frames if "streamed" in frame]
        assert newest
        assert all("streamed" in line for line in newest)


async def test_scrolled_up_nothing_moves_while_an_answer_streams_in_and_a_mark_counts_what_is_new() -> None:
    async with stage(TALK) as on:
        on.pane.action_page_up()
        await on.settle()
        top = top_line(on.app.text())
        on.app.frames.clear()
        for number in range(30):
            on.pane.updates.stream("r", AT, f"streamed {number}\n")
            await asyncio.sleep(0.01)
        on.pane.updates.begin_image("i", "A cat", message_id=None, reply_to=None)
        await on.wait_for("↓ 2 new · End")
        await on.settle()
        assert {top_line(frame) for frame in on.app.frames} == {top}
        assert "↓ 2 new · End" in on.app.text()
        assert "streamed" not in on.app.text()


async def test_end_goes_to_the_end_and_follows_again() -> None:
    async with stage(TALK) as on:
        on.pane.focus()
        on.pane.action_page_up()
        on.pane.updates.stream("r", AT, "more")
        await on.wait_for("↓ 1 new · End")
        await on.pilot.press("end")
        await on.settle()
        assert "new · End" not in on.app.text()
        assert on.pane.viewport.following
        on.pane.updates.finish_turn("r", "", 0, "the newest words")
        await on.settle()
        assert "the newest words" in on.app.text()


async def test_a_click_on_the_mark_goes_to_the_end() -> None:
    async with stage(TALK) as on:
        on.pane.action_page_up()
        on.pane.updates.stream("r", AT, "more")
        await on.wait_for("↓ 1 new · End")
        row = on.row_of("new · End")
        await on.pilot.click(offset=(on.app.text().split("\n")[row].index("new"), row))
        await on.settle()
        assert on.pane.viewport.following


async def test_the_mouse_wheel_leaves_the_end_and_ones_own_message_returns_to_it() -> None:
    async with stage(TALK) as on:
        for _ in range(5):
            on.pane.post_message(
                MouseScrollUp(on.pane, 5, 5, 0, -1, 0, False, False, False, screen_x=5, screen_y=5)
            )
        await on.settle()
        assert not on.pane.viewport.following
        on.pane.updates.add_user(said(400))
        await on.settle()
        assert "message 400" in on.app.text()
        assert on.pane.viewport.following


@pytest.mark.parametrize("width", [40, 60, 120])
async def test_another_width_keeps_the_message_that_is_read_at_the_top(width: int) -> None:
    talk = [ChatMessage(role="assistant", content=f"number {number} " + "word " * 60) for number in range(60)]
    async with stage(talk) as on:
        on.pane.action_page_up()
        on.pane.action_page_up()
        await on.settle()
        first = next(line for line in on.app.text().split("\n") if "number" in line).split()[1]
        await on.pilot.resize_terminal(width, 24)
        await on.settle()
        assert f"number {first} " in on.app.text()


async def test_at_the_end_another_size_stays_at_the_end() -> None:
    async with stage(TALK) as on:
        for size in [(40, 12), (120, 50), (80, 24)]:
            await on.pilot.resize_terminal(*size)
            await on.settle()
            assert "message 119 line" in on.app.text()
            assert on.pane.viewport.following


async def test_a_tall_screen_is_filled_with_older_messages() -> None:
    async with stage([said(number) for number in range(200)], size=(80, 160)) as on:
        assert "message 140" in on.app.text()


async def test_a_short_conversation_stands_at_the_top() -> None:
    async with stage(TALK[:2]) as on:
        assert on.pane.scroll_y == 0
        assert on.row_of("message 0 line 0") < 4


async def test_opening_reasoning_keeps_its_line_where_it_was_clicked() -> None:
    thoughts = "\n".join(f"thought {number}" for number in range(40))
    talk = [*TALK[:40], ChatMessage(role="assistant", content="Done.", reasoning=thoughts)]
    async with stage(talk) as on:
        row = on.row_of("▸ thought, 80 words")
        await on.pilot.click(offset=(3, row))
        await on.settle()
        assert on.row_of("▾ thought, 80 words") == row
        on.pane.actions.toggle_newest_reasoning()
        await on.settle()
        assert on.row_of("▸ thought, 80 words") == row


async def test_another_conversation_replaces_the_one_before_without_an_empty_frame() -> None:
    async with stage(TALK) as on:
        on.app.frames.clear()
        show(on, [said(number) for number in range(500, 520)])
        await on.settle()
        assert "message 519" in on.app.text()
        assert all(frame.strip() for frame in on.app.frames)
        assert "message 119" not in on.app.frames[-1]


async def assert_idle(on: Stage) -> None:
    on.app.frames.clear()
    await on.pilot.pause(0.5)
    assert on.app.frames == []
    assert not on.timers()


async def test_an_idle_pane_paints_nothing_and_has_no_timer() -> None:
    async with stage(TALK) as on:
        await assert_idle(on)


async def test_after_typing_streaming_painting_and_failing_the_pane_is_idle_again() -> None:
    async with stage(TALK) as on:
        on.pane.updates.start_typing()
        on.pane.updates.count_down("Busy", 0.2, None)
        await on.wait_for("is typing")
        on.pane.updates.stop_typing()
        on.pane.updates.stream("r", AT, "Hello")
        on.pane.updates.finish_turn("r", AT, 0, "Hello there")
        on.pane.updates.begin_image("i", "A cat", message_id=None, reply_to=None)
        await on.wait_for("Generating")
        on.pane.updates.fail_image("i", "Out of credits", "None are left.")
        on.pane.updates.show_error("Out of credits", "None are left.")
        await until(lambda: not on.timers())
        await on.settle()
        await assert_idle(on)

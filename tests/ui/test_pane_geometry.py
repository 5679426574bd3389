"""Whatever happens to the conversation, it is painted without gaps, and what is being read stays where it is."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from textual.events import MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from animus_tui.chat.messages import ChatMessage
from tests.support.pane_app import Stage, painted, said, show, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = "2026-01-02T10:00:00.000Z"


def words(name: str, count: int) -> str:
    """Words of which each stands only once in a conversation, some of them in paragraphs of their own."""
    return "".join(
        f"{name}w{number}" + ("\n\n" if number % 17 == 16 else " ") for number in range(count)
    ).strip()


def talk_of(lengths: Sequence[int]) -> list[ChatMessage]:
    """One message of that many words each; a negative number is a picture, 0 is not shown."""
    talk = []
    for number, length in enumerate(lengths):
        if length < 0:
            talk.append(painted(f"m{number}", "none.png", size=(64, 16 * -length)))
        else:
            role = "system" if not length else "user" if number % 2 else "assistant"
            said_so = {"content": words(f"m{number}", length), "timestamp": AT, "id": f"m{number}"}
            talk.append(ChatMessage(role=role, **said_so))  # type: ignore[arg-type]  # one of the roles
    return talk


def rows_in_view(on: Stage) -> list[str]:
    return [on.pane.render_line(y).text.rstrip() for y in range(on.pane.viewport.height)]


def words_on_top(on: Stage) -> list[str]:
    """The words of the first row, if it has any."""
    place = on.pane.entries.at(on.pane.viewport.y)
    layout = on.pane.entries.layout(place.entry)
    pieces = layout.placed[place.row].row.pieces if place.row < len(layout) else ()
    if not pieces:
        return []
    placed = layout.placed[place.row]
    return layout.lines[pieces[0].line + placed.first_line][pieces[0].start : pieces[-1].end].split()


def check_painted(on: Stage) -> None:
    """Each row is as wide as the pane, and the rows in view are consecutive rows of the flow."""
    pane = on.pane
    width, height = pane.viewport.width, pane.viewport.height
    if not width or not height:
        return
    for y in range(height):
        strip = pane.render_line(y)
        assert strip.cell_length == width
        assert sum(segment.cell_length for segment in strip) == width
    places = [
        pane.entries.at(pane.viewport.y + y) for y in range(min(height, pane.entries.rows - pane.viewport.y))
    ]
    for (index, row), (below, row_below) in pairwise(places):
        if index == below:
            assert row_below == row + 1
        else:
            assert (row, row_below) == (len(pane.entries.layout(index)) - 1, 0)
            assert all(not len(pane.entries.layout(between)) for between in range(index + 1, below))
    rows_below = pane.entries.rows - pane.viewport.y - height
    assert rows_below <= 0 if pane.viewport.following else rows_below >= 0
    assert pane.scroll_y == pane.viewport.y


Action = tuple[str, Any]
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.tuples(st.just("page"), st.sampled_from([-1, -1, 1])),
    st.tuples(st.just("wheel"), st.sampled_from([-1, 1])),
    st.tuples(st.just("jump"), st.floats(0, 1)),
    st.tuples(
        st.sampled_from(["home", "end", "append", "type", "still", "error", "clear", "picture"]), st.none()
    ),
    st.tuples(st.just("stream"), st.integers(1, 60)),
    st.tuples(st.just("mark"), st.integers(0, 29)),
    st.tuples(st.just("resize"), st.tuples(st.integers(1, 200), st.integers(1, 60))),
)
MOVES = ("page", "wheel", "jump", "home", "end")


class Player:
    """Does what happens to a pane and checks what holds before and after."""

    def __init__(self, on: Stage, count: int) -> None:
        self._on = on
        self._count = count
        self._streamed = ""
        self._unsaved = False
        self._word: str | None = None
        """What stood on top before the last resizes."""

    async def play(self, action: Action) -> None:
        pane = self._on.pane
        height, rows, following = pane.viewport.height, rows_in_view(self._on), pane.viewport.following
        name, what = action
        if self._word is None:
            self._word = next(iter(words_on_top(self._on)), None)
        await self._do(name, what)
        check_painted(self._on)
        at_end = pane.viewport.y + pane.viewport.height >= pane.entries.rows
        if name == "page" and height > 2 and not at_end and pane.viewport.y:
            kept = rows[:2] if what < 0 else rows[-2:]
            assert kept == (rows_in_view(self._on)[-2:] if what < 0 else rows_in_view(self._on)[:2])
        elif name == "resize" and not following and not at_end and pane.viewport.width > 30:
            assert self._word is None or self._word in words_on_top(self._on)
        elif name not in MOVES and name != "resize":
            assert pane.viewport.following >= following
            if not following and not at_end:
                assert rows_in_view(self._on)[:-1] == rows[:-1] or name in (
                    "mark",
                    "stream",
                    "still",
                    "clear",
                )
                assert rows_in_view(self._on)[0] == rows[0] or len(rows) == 1
        if name != "resize":
            self._word = None

    async def _do(self, name: str, what: Any) -> None:
        pane = self._on.pane
        match name:
            case "page":
                pane.action_page_up() if what < 0 else pane.action_page_down()
            case "wheel":
                (pane._scroll_up_for_pointer if what < 0 else pane._scroll_down_for_pointer)(animate=False)
            case "jump":
                pane.scroll_to(y=round(what * pane.max_scroll_y), animate=False)
            case "home":
                pane.action_scroll_home()
            case "end":
                pane.action_scroll_end()
            case _:
                await self._happen(name, what)

    async def _happen(self, name: str, what: Any) -> None:
        pane = self._on.pane
        match name:
            case "append":
                self._count += 1
                text = words(f"m{self._count}", 30)
                pane.updates.finish_turn(f"m{self._count}", AT, 0, text)
            case "stream":
                self._streamed += words(f"s{len(self._streamed)}", what) + "\n\n"
                pane.updates.stream("streamed", AT, self._streamed)
                pane.streaming.paint()
            case "type":
                pane.updates.start_typing()
            case "still":
                pane.updates.stop_typing()
            case "error":
                pane.updates.show_error("Out of credits", "None are left.")
            case "clear":
                pane.updates.clear_error()
            case "picture":
                self._count += 1
                pane.updates.begin_image(f"i{self._count}", "a boat", message_id=None, reply_to=None)
                pane.updates.fail_image(f"i{self._count}", "Out of credits", "None are left.")
            case "mark":
                self._unsaved = not self._unsaved
                pane.marks.mark_unsaved([f"m{what}"], self._unsaved)
            case "resize":
                await self._on.pilot.resize_terminal(*what)
                await self._on.pilot.pause()
            case _:
                raise AssertionError(name)


@pytest.mark.timeout(600)
@settings(max_examples=16, derandomize=True, deadline=None, phases=[Phase.generate])  # each takes a while
@given(
    lengths=st.lists(st.sampled_from([0, 1, 3, 12, 60, 300, -1, -4]), min_size=1, max_size=30),
    start=st.floats(0, 1),
    actions=st.lists(ACTIONS, min_size=1, max_size=12),
)
def test_nothing_is_skipped_repeated_or_moved_by_anything_but_the_reader(
    lengths: list[int], start: float, actions: list[Action]
) -> None:
    async def play() -> None:
        async with stage(talk_of(lengths)) as on:
            player = Player(on, len(lengths))
            check_painted(on)
            for action in [("jump", start), *actions]:
                await player.play(action)

    asyncio.run(play())


# One by one


def top(on: Stage) -> str:
    return rows_in_view(on)[0]


TALK = [said(number, lines=1 + number % 3) for number in range(60)]


async def test_a_reader_just_above_the_end_is_left_alone_when_the_mark_of_typing_goes_and_words_come() -> (
    None
):
    async with stage(TALK) as on:
        on.pane.updates.start_typing()
        on.pane.viewport.scroll(-2)
        first = top(on)
        on.pane.updates.stop_typing()
        on.pane.updates.finish_turn("r", AT, 0, words("new", 40))
        on.pane.updates.start_typing()
        assert not on.pane.viewport.reading.following
        assert top(on) == first


async def test_going_through_many_widths_and_back_loses_no_row() -> None:
    async with stage(
        [ChatMessage(role="user", content=words(f"m{n}", 400), id=f"m{n}", timestamp=AT) for n in range(9)]
    ) as on:
        on.pane.viewport.scroll(-73)
        before = rows_in_view(on)
        for width in (79, 70, 61, 50, 33, 47, 64, 78, 80):
            await on.pilot.resize_terminal(width, 24)
            await on.pilot.pause()
        assert rows_in_view(on) == before


async def test_a_reader_who_never_left_the_place_is_there_again_when_the_screen_was_taller_for_a_while() -> (
    None
):
    async with stage(TALK) as on:
        on.pane.viewport.scroll(-20)
        before = rows_in_view(on)
        for height in (60, 24):
            await on.pilot.resize_terminal(80, height)
            await on.pilot.pause()
        assert rows_in_view(on) == before
        assert not on.pane.viewport.reading.following


async def test_half_a_picture_on_top_stays_half_a_picture_at_another_width() -> None:
    talk = [painted("p", "none.png", size=(100, 100)), *TALK]
    async with stage(talk, size=(80, 30)) as on:
        height = len(on.pane.entries.layout(0))
        on.pane.action_scroll_home()
        on.pane.viewport.scroll(height // 2)
        await on.pilot.resize_terminal(120, 30)
        await on.pilot.pause()
        assert on.pane.entries.at(on.pane.viewport.y).entry == 0


async def test_what_changes_in_an_entry_above_its_row_on_top_does_not_move_the_row() -> None:
    thoughts = "\n".join(f"thought {number}" for number in range(30))
    talk = [
        ChatMessage(role="assistant", content=words("m", 900), reasoning=thoughts, id="m", timestamp=AT),
        *TALK,
    ]
    async with stage(talk) as on:
        on.pane.action_scroll_home()
        on.pane.viewport.scroll(30)
        before = rows_in_view(on)
        reply = on.pane.entries[0]
        reply.reasoning.is_open = True  # type: ignore[attr-defined]  # a reply
        reply.invalidate()
        on.pane.viewport.entry_changed(reply)
        assert rows_in_view(on) == before


async def test_what_is_taken_out_above_does_not_move_what_is_read() -> None:
    async with stage(TALK) as on:
        on.pane.viewport.scroll(-40)
        before = rows_in_view(on)
        on.pane.entries.remove(3)
        on.pane.entries.insert(2, on.pane.entries[0], 9)
        on.pane.entries.remove(2)
        on.pane.viewport.entries_changed()
        assert rows_in_view(on) == before


async def test_a_height_that_turns_out_to_be_wrong_above_the_view_moves_nothing() -> None:
    async with stage([said(number, lines=1 + number % 40) for number in range(60)]) as on:
        on.pane.viewport.scroll(-300)
        before = rows_in_view(on)
        for index in range(30):
            on.pane.entries.layout(index)  # as what a key does may ask
        assert rows_in_view(on) == before
        on.pane.viewport.scroll(-5)
        assert rows_in_view(on)[5:] == before[:-5]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 9), (30, 1)])
async def test_a_very_small_terminal_shows_what_it_can(size: tuple[int, int]) -> None:
    talk = talk_of([30, 3, -1, 60, 0, 12])
    async with stage(talk, size=size) as on:
        check_painted(on)
        on.pane.focus()
        on.pane.updates.start_typing()
        await on.pilot.press("up", "down", "pageup", "pagedown", "home", "end", "left", "right", "y", "space")
        on.pane.updates.show_error("Out of credits", "None are left.")
        on.pane.highlights.mark("w1")
        on.pane.highlights.show("w1", "m0", 1)
        on.app.theme = "animus-contrast"
        await on.pilot.pause()
        check_painted(on)
        show(on, [])
        await on.pilot.resize_terminal(80, 24)
        await on.pilot.resize_terminal(*size)
        await on.pilot.pause()
        check_painted(on)


async def test_a_pane_that_grows_from_nothing_shows_its_end() -> None:
    async with stage(TALK, size=(1, 1)) as on:
        await on.pilot.resize_terminal(80, 24)
        await on.wait_for("message 59 line 2")
        check_painted(on)


# The mouse


def wheel(on: Stage, *, down: bool = False, shift: bool = False, ctrl: bool = False) -> None:
    kind = MouseScrollDown if down else MouseScrollUp
    on.pane.post_message(kind(on.pane, 5, 5, 0, 0, 0, shift, False, ctrl, screen_x=5, screen_y=5))


async def test_the_wheel_scrolls_and_with_shift_or_ctrl_nothing_moves_sideways() -> None:
    async with stage(TALK) as on:
        start = on.pane.viewport.y
        wheel(on)
        await on.settle()
        assert on.pane.viewport.y < start
        before = rows_in_view(on)
        for modified in ({"shift": True}, {"ctrl": True}):
            wheel(on, down=True, **modified)
            wheel(on, **modified)
        await on.pilot.press("ctrl+pageup", "ctrl+pagedown")
        await on.settle()
        assert on.pane.scroll_x == 0
        assert rows_in_view(on) == before
        wheel(on, down=True)
        await on.settle()
        assert on.pane.viewport.following


async def drag_scrollbar(on: Stage, start: int, end: int) -> None:
    bar = on.pane.vertical_scrollbar
    await on.pilot._post_mouse_events([MouseDown], bar, offset=(0, start), button=1)
    for y in range(start, end, 1 if end > start else -1):
        await on.pilot._post_mouse_events([MouseMove], bar, offset=(0, y), button=1)
    await on.pilot._post_mouse_events([MouseMove, MouseUp], bar, offset=(0, end), button=1)
    await on.settle()


async def test_the_scrollbar_is_dragged_to_either_end_although_heights_are_estimated() -> None:
    async with stage([said(number, lines=1 + number % 40) for number in range(400)]) as on:
        await drag_scrollbar(on, 23, 0)
        while on.pane.viewport.y:  # each goes as far as the thumb has room
            await drag_scrollbar(on, 1, 0)
        assert "message 0 line 0" in on.app.text()
        assert not on.pane.viewport.reading.following
        check_painted(on)
        await drag_scrollbar(on, 0, 23)
        while not on.pane.viewport.following:
            await drag_scrollbar(on, 22, 23)
        assert "message 399 line 39" in on.app.text()
        assert on.pane.viewport.following
        check_painted(on)


async def test_a_click_beside_the_thumb_goes_a_page_at_once() -> None:
    async with stage([said(number) for number in range(400)]) as on:
        on.app.frames.clear()
        start = on.pane.viewport.y
        await on.pilot.click(on.pane.vertical_scrollbar, offset=(0, 2))
        await on.settle()
        assert 0 < start - on.pane.viewport.y <= on.pane.viewport.height
        assert len(set(on.app.frames)) == 1


async def test_end_returns_from_far_away_and_follows() -> None:
    async with stage(TALK) as on:
        on.pane.focus()
        await on.pilot.press("home")
        assert not on.pane.viewport.reading.following
        await on.pilot.press("end")
        await on.settle()
        assert on.pane.viewport.following
        assert "message 59 line 2" in on.app.text()


async def test_the_mark_of_what_is_new_is_only_there_while_something_is_below() -> None:
    async with stage(TALK) as on:
        on.pane.viewport.scroll(-1)
        on.pane.updates.show_error("Out of credits", "None are left.")
        await on.wait_for("1 new · End")
        on.pane.viewport.scroll(1)
        on.pane.updates.clear_error()
        await on.settle()
        assert "new · End" not in on.app.text()

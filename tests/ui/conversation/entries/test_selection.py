"""What is marked: from cells to characters, from characters to cells, and to the text that is copied."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.chat.messages import ChatMessage
from animus_tui.ui.conversation.selection import (
    Position,
    Selection,
    cells,
    line_at,
    position_at,
    text_of,
    word_at,
)
from animus_tui.ui.markdown.cells import cells_of, clusters
from tests.support.entries import flow_of, layout_of, message
from tests.support.markdown_samples import ANY_TEXT, DOCUMENTS

ROLES = st.sampled_from(["user", "assistant"])
MESSAGES = st.builds(message, ROLES, DOCUMENTS | ANY_TEXT)
WIDTHS = st.integers(1, 120)


def everything(index: int, lines: list[str]) -> Selection:
    return Selection(Position(index, 0, 0), Position(index, len(lines) - 1, len(lines[-1])))


def copied(messages: list[ChatMessage], selection: Selection, width: int = 80) -> str:
    return asyncio.run(text_of(flow_of(messages, width), selection))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(said=MESSAGES, width=WIDTHS)
def test_a_whole_message_is_copied_as_its_lines(said: ChatMessage, width: int) -> None:
    lines = flow_of([said], width).layout(0).lines
    if lines:
        text = "\n".join(lines)
        assert copied([said], everything(0, lines), width) == (text if text.strip() else "")


@settings(max_examples=80, derandomize=True, deadline=None)
@given(said=MESSAGES, width=WIDTHS)
def test_from_the_first_to_the_last_cell_all_that_can_be_seen_is_marked(
    said: ChatMessage, width: int
) -> None:
    layout = flow_of([said], width).layout(0)
    if layout.lines:
        dragged = Selection(position_at(layout, 0, 0, 0), position_at(layout, 0, len(layout), width))
        whole = everything(0, layout.lines)
        for placed in layout.placed:
            assert cells(layout, placed, 0, dragged) == cells(layout, placed, 0, whole)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(said=MESSAGES, width=st.integers(8, 120), data=st.data())
def test_the_marked_cells_are_exactly_those_of_the_marked_characters(
    said: ChatMessage, width: int, data: st.DataObject
) -> None:
    layout = flow_of([said], width).layout(0)
    if not layout.lines:
        return
    row, x = st.integers(0, len(layout) - 1), st.integers(0, width - 1)
    one = position_at(layout, 0, data.draw(row), data.draw(x))
    other = position_at(layout, 0, data.draw(row), data.draw(x))
    selection = Selection.between(one, other)
    for placed in layout.placed:
        strip = "".join(segment.text for segment in placed.row.segments)
        expected = []
        for piece in placed.row.pieces:
            line = piece.line + placed.first_line
            text = layout.lines[line]
            span = selection.span(0, line, len(text))
            if span is not None and max(span[0], piece.start) < min(span[1], piece.end):
                start, end = max(span[0], piece.start), min(span[1], piece.end)
                column = cells_of(text[: piece.start])
                before = cells_of(text[piece.start : start], column)
                within = cells_of(text[start:end], column + before)
                x_of = placed.x + piece.x
                expected.append((x_of + before, x_of + before + within))
        assert cells(layout, placed, 0, selection) == expected
        assert all(end <= placed.x + cells_of(strip) for _, end in expected)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(said=MESSAGES, width=st.integers(8, 120), data=st.data())
def test_what_is_copied_between_two_cells_stands_in_the_text(
    said: ChatMessage, width: int, data: st.DataObject
) -> None:
    layout = flow_of([said], width).layout(0)
    if not layout.lines:
        return
    row, x = st.integers(0, len(layout)), st.integers(-3, width + 3)
    one = position_at(layout, 0, data.draw(row), data.draw(x))
    other = position_at(layout, 0, data.draw(row), data.draw(x))
    text = copied([said], Selection.between(one, other), width)
    assert text in "\n".join(layout.lines)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(text=st.text("ab\tß漢\u0301👍🏽❤\ufe0f é", min_size=1, max_size=30), width=st.integers(20, 60))
def test_every_character_is_found_again_at_its_cell(text: str, width: int) -> None:
    layout = layout_of(message("user", text), width)
    for row, placed in enumerate(layout.placed):
        for piece in placed.row.pieces:
            line = layout.lines[piece.line + placed.first_line]
            x = placed.x + piece.x
            for start, _, width_of in clusters(line[piece.start : piece.end], cells_of(line[: piece.start])):
                for cell in range(width_of):
                    assert position_at(layout, 0, row, x + cell).offset == piece.start + start
                x += width_of


def test_code_is_copied_byte_for_byte() -> None:
    code = "def f(x):\n\tif x:   # tab and blanks   \n\n        return 'ä漢'  \n    "
    said = message("assistant", f"Look:\n\n```python\n{code}\n```\n\nDone.")
    layout = layout_of(said, 24)
    first = next(number for number, line in enumerate(layout.lines) if line.startswith("def"))
    last = first + code.count("\n")
    selection = Selection(Position(0, first, 0), Position(0, last, len(layout.lines[last])))
    assert copied([said], selection, 24) == code
    assert layout.code == [code]


def test_a_wrapped_paragraph_is_copied_as_one_line_and_a_bubble_without_its_padding() -> None:
    words = "many words " * 20
    for role in ("user", "assistant"):
        said = message(role, words.strip())
        layout = layout_of(said, 30)
        assert copied([said], everything(0, layout.lines), 30) == words.strip()


def test_messages_are_apart_by_a_blank_line_and_those_without_text_leave_none() -> None:
    talk = [message("user", "one"), message("user", " "), message("assistant", "two\n\nthree")]
    selection = Selection(Position(0, 0, 1), Position(2, 2, 2))
    assert copied(talk, selection) == "ne\n\ntwo\n\nth"


def test_a_line_of_which_only_the_edge_is_touched_leaves_no_blank_line() -> None:
    said = message("assistant", "one\n\ntwo\n\nthree")
    lines = layout_of(said).lines
    assert lines == ["one", "", "two", "", "three"]
    assert copied([said], Selection(Position(0, 0, 3), Position(0, 4, 0))) == "two"


def test_a_selection_does_not_depend_on_the_way_it_was_drawn() -> None:
    one, other = Position(3, 0, 5), Position(2, 9, 1)
    assert Selection.between(one, other) == Selection.between(other, one) == Selection(other, one)


def test_the_word_at_a_place() -> None:
    rows: list[tuple[str, int, str]] = [
        ("some words here", 6, "words"),
        ("some words here", 0, "some"),
        ("some words here", 4, ""),
        ("snake_case2!", 3, "snake_case2"),
        ("stop!", 4, "!"),
        ("cafe\u0301 noir", 3, "cafe\u0301"),
        ("नमस्ते दुनिया", 2, "नमस्ते"),
        ("ok 👍🏽👍", 3, "👍🏽"),
        ("漢字 かな", 1, "漢字"),
        ("end", 3, ""),
        ("", 0, ""),
    ]
    for text, offset, word in rows:
        layout = layout_of(message("user", text))
        start, end = word_at(layout, Position(0, 0, offset))
        assert text[start.offset : end.offset] == word


def test_the_line_at_a_place_is_whole_however_often_it_is_wrapped() -> None:
    layout = layout_of(message("user", "first\n" + "word " * 30 + "end"), 20)
    assert line_at(layout, Position(0, 1, 40)) == Selection(Position(0, 1, 0), Position(0, 1, 153))


async def test_copying_a_long_conversation_gives_way_to_everything_else() -> None:
    talk = [
        message("assistant", f"**{number}** " + "some words " * 36, number=number) for number in range(1000)
    ]
    flow = flow_of(talk)
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    ticking = asyncio.create_task(tick())
    text = await text_of(flow, Selection(Position(0, 0, 0), Position(999, 0, 10_000)))
    ticking.cancel()
    assert len(text) > 390_000
    assert text.startswith("0 some words")
    assert turns > 5


async def test_what_is_copied_is_what_was_there_when_it_was_asked_for() -> None:
    talk = [message("user", f"old {number} " + "word " * 200, number=number) for number in range(300)]
    flow = flow_of(talk)
    copying = asyncio.create_task(text_of(flow, Selection(Position(0, 0, 0), Position(299, 0, 5))))
    await asyncio.sleep(0)
    flow.open([], lambda index: pytest.fail("nobody asks for another conversation"))
    text = await copying
    assert text.startswith("old 0")
    assert text.endswith("old 2")

"""No text is too deep, too long or too strange: it is set in time that grows with its length, and nothing raises."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from animus_tui.ui.markdown.document import StreamLayout, layout_text
from animus_tui.ui.markdown.text_layout import LazyText, TextLayout
from tests.support.entries import canvas_of, entry_of, message
from tests.support.markdown_samples import HOSTILE, STYLES

pytestmark = pytest.mark.slow


def _work(text: str) -> int:
    """How many Python functions are called to set a text."""
    return _calls(lambda: layout_text(text, 80, STYLES))


def _calls(work: Callable[[], object]) -> int:
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_the_work_grows_no_faster_than_the_text() -> None:
    for name in HOSTILE:
        make = HOSTILE[name]
        layout_text(make(300), 80, STYLES)
        assert _work(make(3_600)) < 5 * _work(make(1_200)) + 2_000


@pytest.mark.parametrize(
    "text", [">" * 40 + " deep", "- " * 40 + "deep", "> - " * 20 + "deep", "1. " * 40 + "deep"]
)
def test_what_is_nested_too_deeply_is_text_and_not_lost(text: str) -> None:
    for width in (1, 4, 80):
        found = layout_text(text, width, STYLES)
        assert "deep" in "".join(
            "".join(segment.text for segment in row.segments) for row in found.rows
        ).replace(" ", "")


def test_a_megabyte_is_set_as_it_stands() -> None:
    for text, rows in (("x" * 1_000_000, 10_000), ("*y*" + " x" * 500_000, 10_001)):
        tail = layout_text(text, 100, STYLES).tail
        assert tail is not None
        assert len(tail) == rows
        assert tail.lines == [text]


AT_ONCE = 150_000
"""Calls of Python functions that take about as long as a frame may, on a slow machine."""


@pytest.mark.parametrize("name", HOSTILE)
def test_no_message_is_laid_out_at_once_beyond_a_bound(name: str) -> None:
    for length in (1_000, 10_000, 60_000, 1_000_000):
        text = HOSTILE[name](length)
        for role in ("assistant", "user"):
            entry, context = entry_of(message(role, text)), canvas_of()
            assert _calls(lambda: entry.layout(context)) < AT_ONCE  # noqa: B023 (called at once)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_streams_in_costs_no_more_with_each_frame_than_a_bound(name: str) -> None:
    text, setter = HOSTILE[name](300_000), StreamLayout()
    for end in (4_000, 20_000, 24_000, 150_000, 152_000, len(text)):
        so_far = text[:end]
        assert _calls(lambda: setter.update(so_far, 80, STYLES)) < AT_ONCE  # noqa: B023 (called at once)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_grows_word_by_word_costs_no_more_with_each_frame_than_half_of_that(name: str) -> None:
    text, setter = HOSTILE[name](3_000), StreamLayout()
    setter.update(text[:1], 80, STYLES)
    for end in range(300, 3_001, 300):
        assert _calls(lambda: setter.update(text[:end], 80, STYLES)) < AT_ONCE / 2  # noqa: B023 (called at once)


@pytest.mark.timeout(300)
def test_what_is_laid_out_in_a_thread_has_an_end_and_each_row_fits() -> None:
    for name, make in HOSTILE.items():
        text = make(160_000)
        found: list[TextLayout] = []
        assert _calls(lambda: found.append(layout_text(text, 80, STYLES))) < 12 * AT_ONCE, name  # noqa: B023
        assert all(row.cells <= 80 for row in found[0].rows), name


def test_a_hundred_kilobytes_of_usual_markdown_are_markdown() -> None:
    prose = "Some **bold** words, `code`, and words without marks as there are in any reply. " * 4
    part = f"## A heading\n\n{prose}\n\n- one\n- two\n\n```python\nx = 1\n```\n\n"
    text = part * (100_000 // len(part))
    found = layout_text(text, 80, STYLES)
    assert found.tail is None
    assert len(found.code) == text.count("python")
    assert not any("**" in line for line in found.lines)


def test_a_reply_that_streams_in_faster_than_it_is_set_is_all_there_and_then_markdown() -> None:
    text, setter = "some **bold** words\n\n" * 2_000, StreamLayout()
    found = setter.update(text, 80, STYLES)
    assert found.tail is not None
    shown = "\n".join([*found.lines, *found.tail.lines])
    assert shown.count("bold") == 2_000
    for _ in range(30):
        found = setter.update(text, 80, STYLES)
    assert found == layout_text(text, 80, STYLES)


def test_beyond_what_is_shown_of_a_text_it_is_said_how_much_there_is() -> None:
    tail = layout_text("\n" * 2_000_000, 80, STYLES).tail
    assert tail is not None
    assert tail.lines[-1].startswith("… 1,950,001 more lines")


def test_each_row_of_a_long_text_fits_and_nothing_is_lost() -> None:
    text = (
        "a word\tx\n" + "漢字" * 300 + "\n\n" + "e\u0301" * 500 + "\n" + "👩\u200d👩" * 200 + "\n" + "z" * 200
    )
    for width in (1, 2, 7, 80):
        found = LazyText(text, width, STYLES.text)
        pieces = [piece for at in range(len(found)) for piece in found.row(at).pieces]
        assert all(found.row(at).cells <= width for at in range(len(found)))
        assert [text.split("\n")[line] for line in range(6)] == [
            "".join(found.lines[line][piece.start : piece.end] for piece in pieces if piece.line == line)
            for line in range(6)
        ]
        for at in range(len(found)):
            piece = found.row(at).pieces[0]
            assert found.row_of(piece.line, piece.start) == at

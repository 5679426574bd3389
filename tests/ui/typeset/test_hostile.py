"""No text is too deep, too long or too strange: it is set in time that grows with its length, and nothing raises."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from animus_tui.ui.typeset.text import set_text
from tests.ui.typeset.samples import FENCE, INKS

HOSTILE: dict[str, Callable[[int], str]] = {
    "asterisks": lambda n: "*" * n,
    "asterisks and words": lambda n: "*a **b " * (n // 7),
    "quotations": lambda n: ">" * n,
    "bullets": lambda n: "- " * (n // 2),
    "numbers": lambda n: "1. " * (n // 3),
    "open brackets": lambda n: "[" * n,
    "brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "open links": lambda n: "[a](" * (n // 4),
    "images": lambda n: "![" * (n // 6) + "](http://a)" * (n // 6),
    "backticks": lambda n: "` `` " * (n // 5),
    "angles": lambda n: "<a " * (n // 3),
    "addresses": lambda n: "http://" * (n // 7),
    "brackets behind an address": lambda n: "http://a" + ")" * n,
    "definitions": lambda n: "[a]: http://x 'y\n" * (n // 17),
    "columns": lambda n: "|a" * (n // 6) + "|\n" + "|-" * (n // 6) + "|\n" + "|\n" * (n // 6),
    "short rows": lambda n: "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "|\n" * (n // 8),
    "comments that do not end": lambda n: f"{FENCE}js\n" + "/*\n" * (n // 3),
    "a line of code": lambda n: f"{FENCE}js\n" + "/*" * (n // 2),
    "marks on one letter": lambda n: "a" + "\u0301" * n,
    "joined pictures": lambda n: "👩\u200d" * (n // 2),
    "flags": lambda n: "🇩" * n,
    "tabs": lambda n: f"{FENCE}\n" + "\ta" * (n // 2),
    "one word": lambda n: "x" * n,
    "one wide word": lambda n: "漢" * n,
    "spaces": lambda n: "*a*" + " " * n + "b",
    "lines": lambda n: "*a*\n" * (n // 4),
    "loose items": lambda n: "- a\n\n" * (n // 5),
}


def _work(text: str) -> int:
    """How many Python functions are called."""
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        set_text(text, 80, INKS)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_grows_no_faster_than_the_text(name: str) -> None:
    make = HOSTILE[name]
    set_text(make(300), 80, INKS)
    assert _work(make(3_600)) < 5 * _work(make(1_200)) + 2_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_hostile_text_is_set_at_all(name: str) -> None:
    rows = set_text(HOSTILE[name](20_000), 80, INKS).rows
    assert all(row.cells <= 80 for row in rows)


@pytest.mark.parametrize(
    "text", [">" * 40 + " deep", "- " * 40 + "deep", "> - " * 20 + "deep", "1. " * 40 + "deep"]
)
def test_what_is_nested_too_deeply_is_text_and_not_lost(text: str) -> None:
    for width in (1, 4, 80):
        found = set_text(text, width, INKS)
        assert "deep" in "".join(
            "".join(segment.text for segment in row.segments) for row in found.rows
        ).replace(" ", "")


def test_a_megabyte_in_one_line_is_set() -> None:
    assert len(set_text("x" * 1_000_000, 100, INKS).rows) == 10_000
    assert len(set_text("*y*" + " x" * 500_000, 100, INKS).rows) > 10_000

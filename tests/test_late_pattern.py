"""A pattern that is compiled late is the pattern."""

from __future__ import annotations

import re

import pytest

from animus_tui.late_pattern import late_pattern


def test_it_does_what_the_compiled_one_does() -> None:
    late, now = late_pattern(r"(?P<a>x)|y", re.IGNORECASE), re.compile(r"(?P<a>x)|y", re.IGNORECASE)
    for _ in range(2):
        assert late.sub("-", "aXby") == now.sub("-", "aXby") == "a-b-"
        assert [found["a"] for found in late.finditer("Xy")] == ["X", None]
        assert (late.pattern, late.groups, late.flags) == (now.pattern, now.groups, now.flags)
    assert late_pattern(rb"\d").findall(b"1a2") == [b"1", b"2"]


def test_a_wrong_one_is_told_when_it_is_used() -> None:
    late = late_pattern("(")
    with pytest.raises(re.error):
        late.search("")

"""Answers that come late are taken out from among the keys, wherever what is read happens to end."""

from __future__ import annotations

import pytest

from animus_tui.graphics.queries import GRAPHICS, LateAnswers, begun_answer, is_complete, read_answers
from tests.scripted_terminal import TERMINALS

ANSWERS = sorted({answer for script in TERMINALS.values() for answer in script.values()})
KEYS = (
    b"a",
    "ä€😀".encode(),
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1b[6~",
    b"\x1b[97;5u",
    b"\x1b[<0;10;10M",
    b"\x1b[200~\x1b_G\x1b[201~",
    b"\x1bOP",
    b"\x1bP",
    b"\x1b_",
    b"\x1b]",
    b"\x1b\x1b",
    b"\x1b[?2026;1$y",
    b"\x1b[I",
)


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_wherever_an_answer_is_cut_nothing_of_it_is_a_key(answer: bytes) -> None:
    for cut in range(len(answer) + 1):
        late = LateAnswers()
        keys = late.keys(b"x" + answer[:cut]) + late.keys(answer[cut:] + b"y")
        assert keys == b"xy", cut
        assert late.release() == b""


@pytest.mark.parametrize("keys", KEYS, ids=repr)
def test_keys_are_never_lost(keys: bytes) -> None:
    late = LateAnswers()
    assert b"".join(late.keys(keys[i : i + 1]) for i in range(len(keys))) + late.release() == keys
    assert late.keys(b"x" + keys + b"y") + late.release() == b"x" + keys + b"y"


def test_after_the_last_answer_nothing_is_looked_at_any_more() -> None:
    late = LateAnswers()
    assert late.keys(b"\x1bP>|kitty(0.41.1)\x1b\\a\x1b[?62;cb") == b"ab"
    assert late.keys(b"\x1bP>|") == b"\x1bP>|"


def test_a_beginning_that_does_not_go_on_was_keys() -> None:
    late = LateAnswers()
    assert late.keys(b"\x1b") == b""
    assert not late.is_sure
    assert late.keys(b"x") == b"\x1bx"


def test_the_half_of_an_answer_is_no_key_until_nothing_is_expected_any_more() -> None:
    late = LateAnswers()
    assert late.keys(b"\x1bP>|kit") == b""
    assert late.is_sure
    assert late.release(for_good=True) == b"\x1bP>|kit"
    assert late.keys(b"\x1bP>|") == b"\x1bP>|"


def test_many_bytes_of_anything_take_no_long_time_and_are_not_kept() -> None:
    for garbage in (b"\x1b" * 5000, b"\x1bP>|" * 2000, b"\x1b_G" + b"a" * 9000, b"\x1b[?" + b"1;" * 9000):
        late = LateAnswers()
        assert len(late.keys(garbage)) + len(late.release()) == len(garbage)
        assert not is_complete(garbage)


def test_the_length_of_a_beginning() -> None:
    for data, length in ((b"", 0), (b"abc", 0), (b"ab\x1b", 1), (b"\x1b]11;rgb:1\x1b", 11), (b"\x1b[A", 0)):
        assert begun_answer(data) == length


def test_a_graphics_query_without_an_answer_is_a_no_only_once_all_is_answered() -> None:
    assert read_answers(b"\x1b[?62;c", asked=GRAPHICS)[0].has_graphics is False
    assert read_answers(b"\x1b[?62;c", asked=b"")[0].has_graphics is None
    assert read_answers(b"", asked=GRAPHICS)[0].has_graphics is None
    assert read_answers(b"\x1b_Gi=31;OK\x1b\\", asked=GRAPHICS)[0].has_graphics is True

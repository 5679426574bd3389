"""What is left of hostile text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.printable import printable

FORBIDDEN = {*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F)}
FORBIDDEN |= {
    *range(0x2066, 0x2070),
    0xFFF9,
    0xFFFA,
    0xFFFB,
    0x2028,
    0x2029,
    0x10EEEE,
    *range(0xD800, 0xE000),
}

hostile = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x9d\x90\x9c\x07\\[]P;mJ0123456789?\r\n\t\u202e\u2066\u2028\ud83d\ude00"),
    )
)


@given(hostile)
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    assert not FORBIDDEN & {ord(character) for character in printable(text)}


@given(hostile)
def test_what_is_printable_already_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once


@given(hostile)
def test_without_newlines_there_is_one_line(text: str) -> None:
    line = printable(text, newlines=False)
    assert len(line.splitlines()) <= 1
    assert "\t" not in line


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))))
def test_plain_text_is_not_touched(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("hostile_text", "left"),
    [
        ("a\x1b[2Jb", "ab"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x9b2Jx", "x"),
        ("\x1b]52;c;c2VjcmV0\x07copied", "copied"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP+q544e\x1b\\x", "x"),
        ("\x1b_Gi=1;AAAA\x1b\\x", "x"),
        ("\x1bcx", "x"),
        ("\x1b(0x", "x"),
        ("\x1b7x\x1b8", "x"),
        ("\x9d0;title\x9cx", "x"),
        ("\x1b]0;never closed", "]0;never closed"),
        ("\x1b[", "["),
        ("\x1b\x1b[2Jx", "x"),
        ("\x1b]0;a\nb\x07", "]0;a\nb"),
    ],
)
def test_escape_sequences_go(hostile_text: str, left: str) -> None:
    assert printable(hostile_text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\r\nb\rc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\x00\x07\x08\x7fb", "ab"),
        ("abc\u202etxt.exe\u202c", "abctxt.exe"),
        ("\u2066x\u2069", "x"),
        ("a\u200fb\u200e", "a\u200fb\u200e"),
        ("\ufff9a\ufffab\ufffb", "ab"),
        ("\ud83d!", "\ufffd!"),
        ("\U0010eeee\u0305", "\ufffd\u0305"),
        ("\U0001f469\u200d\U0001f680 e\u0301", "\U0001f469\u200d\U0001f680 e\u0301"),
    ],
)
def test_other_characters(text: str, left: str) -> None:
    assert printable(text) == left


def test_a_line_break_in_a_single_line_is_a_space() -> None:
    assert printable("a\r\nb\tc\nd", newlines=False) == "a b c d"


def test_no_format_character_that_reorders_is_left() -> None:
    every = "".join(map(chr, range(0x2000, 0x2070)))
    reordering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not reordering & {unicodedata.bidirectional(character) for character in printable(every)}

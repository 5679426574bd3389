"""What is left of hostile text."""

from __future__ import annotations

import json
import unicodedata

import pyte
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.printable import PrintableStream, printable, safe_json

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


# The planes from the fourth on have no characters.
@given(
    st.text(
        alphabet=st.characters(max_codepoint=0x3FFFF, exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    )
)
def test_plain_text_is_not_touched(text: str) -> None:
    assert printable(text) == text


def test_escape_sequences_go() -> None:
    rows: list[tuple[str, str]] = [
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
    ]
    for hostile_text, left in rows:
        assert printable(hostile_text) == left


def test_other_characters() -> None:
    rows: list[tuple[str, str]] = [
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
    ]
    for text, left in rows:
        assert printable(text) == left


def test_a_line_break_in_a_single_line_is_a_space() -> None:
    assert printable("a\r\nb\tc\nd", newlines=False) == "a b c d"


def test_no_format_character_that_reorders_is_left() -> None:
    every = "".join(map(chr, range(0x2000, 0x2070)))
    reordering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not reordering & {unicodedata.bidirectional(character) for character in printable(every)}


ATTACK = (
    "\x1b]52;c;c2VjcmV0\x07"  # the clipboard
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\"
    "\x1b]0;title\x07\x1b[2J\x1b[H\x1b[3J\x1b[?1049h\x1b[?25l\x1b[31;7m\x1b[5;10r\x1b[6n\x1bc"
    "\x1bP+q544e\x1b\\\x1b_Gi=1;AAAA\x1b\\\x1b^private\x1b\\\x1bXstring\x1b\\"
    "\x9b2J\x9d0;title\x9c\x90q\x9c\x85\x84\x8d\x9bH"
    "\x1b(0\x0e\x0f\x05\x08\x0b\x0c\x07\x7f\x00"
    "\u202etxt.exe\u202c\u2066\u2069"
)


class Terminal(pyte.Screen):
    """A terminal that keeps what it would answer to a question such as "where is the cursor?"."""

    def __init__(self) -> None:
        super().__init__(200, 5)
        self.answers: list[str] = []

    def write_process_input(self, data: str) -> None:
        self.answers.append(data)

    @property
    def is_plain(self) -> bool:
        cells = (cell for row in self.buffer.values() for cell in row.values())
        return all(cell._replace(data=" ") == self.default_char for cell in cells)


def shown_by_a_terminal(text: str) -> tuple[list[object], list[str]]:
    """All of a terminal's state that text alone does not change, and what stands on it."""
    terminal = Terminal()
    pyte.Stream(terminal).feed(text.replace("\n", "\r\n"))
    state = [
        (terminal.title, terminal.icon_name, terminal.margins, terminal.charset),
        sorted(terminal.mode),
        terminal.cursor.hidden,
        terminal.is_plain,
        terminal.answers,
    ]
    return state, [line.rstrip() for line in terminal.display]


def test_an_answer_full_of_escape_sequences_changes_nothing_on_the_terminal_but_the_text() -> None:
    untouched, _ = shown_by_a_terminal("")
    assert shown_by_a_terminal(f"before {ATTACK}after")[0] != untouched
    state, lines = shown_by_a_terminal(printable(f"before {ATTACK}after", newlines=False))
    assert state == untouched
    assert lines == ["before link txt.exeafter", "", "", "", ""]


@given(hostile)
def test_no_hostile_text_changes_anything_on_the_terminal_but_the_text(text: str) -> None:
    assert shown_by_a_terminal(printable(text))[0] == shown_by_a_terminal("")[0]


@given(st.lists(hostile))
def test_a_text_in_pieces_comes_out_as_the_whole_does(pieces: list[str]) -> None:
    stream = PrintableStream()
    shown = "".join([*map(stream.feed, pieces), stream.close()])
    assert shown == printable("".join(pieces))


def test_a_sequence_that_never_ends_is_not_waited_for() -> None:
    stream = PrintableStream()
    assert stream.feed("a\x1b]0;") == "a"
    assert stream.feed("b" * 10_000) == "]0;" + "b" * 10_000


@given(hostile)
def test_json_keeps_its_value_and_nothing_in_it_is_obeyed(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    line = safe_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(line) == {"text": text}
    assert not {ord(character) for character in line} & (FORBIDDEN | {0x09, 0x0A, 0x200E, 0x200F, 0x061C})

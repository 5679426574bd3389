"""What a terminal sends is taken apart the same wherever reads happen to end, and whatever pauses lie between them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from animus_tui.ui.terminal.input import (
    BULK,
    ESCAPE_DELAY,
    MOST_PASTED,
    PASTE_DELAY,
    REST_DELAY,
    SPLIT_DELAY,
    TAIL_TIME,
    Background,
    EscapedCharacter,
    EscapeKey,
    Keys,
    Pasted,
    TerminalInput,
)
from tests.support.scripted_terminal import TERMINALS

if TYPE_CHECKING:
    from animus_tui.ui.terminal.input import Item

MORE_ANSWERS = (
    b"\x1b[>41;380;0c",  # DA2
    b"\x1bP!|00000000\x1b\\",  # DA3
    b"\x1b[12;40R",
    b"\x1b[0n",
    b"\x1b[?997;1n",
    b"\x1b[?25u",
    b"\x1b[4;800;1200t",
    b"\x1b[8;40;120t",
    b"\x1b[?2004;1$y",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x07",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1bP1+r5463=323536\x1b\\",
    b"\x1b_Gi=31;ENOENT:no such file\x1b\\",
    b"\x1b_Gi=4294967295,p=1;OK\x1b\\",
)
ANSWERS = sorted({answer for script in TERMINALS.values() for answer in script.values()} | set(MORE_ANSWERS))
KEYS = (
    b"a",
    "ä€😀".encode(),
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1b[6~",
    b"\x1b[97;5u",
    b"\x1b[27u",
    b"\x1b[<0;10;10M",
    b"\x1b[48;40;120;800;1200t",
    b"\x1bOP",
    b"\x1b[[A",
    b"\x1b[c",
    b"\x1b\r",
    b"\x1b2",
    b"\x1b[?2026;1$y",
    b"\x1b[?2048;0$y",
    b"\x1b[I",
)
LETTERS = (b"\x1bP", b"\x1b_", b"\x1b]", b"\x1b[")
"""Alt and a letter: also the beginning of something longer."""
START, END = b"\x1b[200~", b"\x1b[201~"


class Reading:
    """Reads with pauses between them; the clock stands still otherwise."""

    def __init__(self, *, is_expecting: bool = False) -> None:
        self.input = TerminalInput()
        self.now = 1000.0
        if is_expecting:
            self.input.expect_answers(self.now + 1000)

    def read(self, data: bytes) -> list[Item]:
        return self.input.feed(data, self.now)

    def pause(self, seconds: float) -> list[Item]:
        """Let time pass; whoever waits wakes up as soon as there is something to decide."""
        end = self.now + seconds
        items: list[Item] = []
        while (deadline := self.input.deadline) is not None and deadline <= end:
            self.now = max(self.now, deadline)
            items += self.input.expire(self.now)
        self.now = end
        return items

    def all_of(self, *parts: bytes, pause: float = 0.0) -> list[Item]:
        items: list[Item] = []
        for part in parts:
            items += self.read(part) + self.pause(pause)
        return items + self.pause(60)


def keys(items: list[Item]) -> bytes:
    """The bytes of keys; nothing else that somebody types may be there."""
    assert all(isinstance(item, Keys | EscapedCharacter | Background) for item in items), items
    return b"".join(map(bytes_of, items))


def bytes_of(item: Item) -> bytes:
    """What a terminal sent for keys other than Escape; nothing for all else."""
    if isinstance(item, EscapedCharacter):
        return b"\x1b" + item.character.encode()
    return item.data if isinstance(item, Keys) else b""


# Answers


@pytest.mark.parametrize("pause", [0.0, 3 * ESCAPE_DELAY, 0.9 * SPLIT_DELAY])
def test_wherever_an_awaited_answer_is_cut_nothing_of_it_is_a_key(pause: float) -> None:
    for answer in ANSWERS:
        for cut in range(len(answer) + 1):
            reading = Reading(is_expecting=True)
            got = reading.all_of(b"x" + answer[:cut], answer[cut:] + b"y", pause=pause)
            assert keys(got) == b"xy", (answer, cut)


def test_an_awaited_answer_that_comes_byte_by_byte_is_no_key() -> None:
    for answer in ANSWERS:
        reading, pieces = Reading(is_expecting=True), (bytes([byte]) for byte in answer)
        assert keys(reading.all_of(b"x", *pieces, b"y", pause=2 * ESCAPE_DELAY)) == b"xy", answer


@pytest.mark.parametrize("pause", [3 * ESCAPE_DELAY, 2 * REST_DELAY, 0.5 * TAIL_TIME])
def test_the_rest_of_an_answer_nobody_waited_for_is_no_text_after_a_long_pause(pause: float) -> None:
    for answer in ANSWERS:
        if answer[1:2] == b"[" and answer[2:3] not in b"?>":
            continue
        for cut in range(1, len(answer)):
            got = Reading().all_of(b"x" + answer[:cut], answer[cut:] + b"y", pause=pause)
            # So late the beginning may have been Escape, or Alt and a letter; what is typed into a text is neither.
            wrong = [EscapeKey(), Keys(answer[:2]), EscapedCharacter(chr(answer[1]))]
            typed = b"".join(bytes_of(item) for item in got if item not in wrong)
            assert typed in (b"xy", b"x" + answer[:2] + b"y"), (answer, cut)


def test_escape_is_a_key_at_once_and_soon_while_an_answer_may_come() -> None:
    for is_expecting, delay in ((False, ESCAPE_DELAY), (True, SPLIT_DELAY)):
        reading = Reading(is_expecting=is_expecting)
        assert reading.read(b"\x1b") == []
        assert reading.pause(delay - 0.01) == []
        assert reading.pause(0.02) == [EscapeKey()]
        assert reading.read(b"q") == [Keys(b"q")]


def test_a_letter_after_a_pause_behind_escape_is_not_alt_and_the_letter() -> None:
    reading = Reading(is_expecting=True)
    assert reading.read(b"\x1b") + reading.pause(3 * ESCAPE_DELAY) == []
    assert reading.read(b"r") == [EscapeKey(), Keys(b"r")]
    reading.pause(60)
    assert reading.read(b"\x1b") + reading.read(b"r") == [EscapedCharacter("r")]


def test_after_the_last_answer_escape_is_prompt() -> None:
    reading = Reading(is_expecting=True)
    assert reading.read(b"\x1bP>|kitty(0.41.1)\x1b\\a\x1b[?62;cb") == [Keys(b"ab")]
    reading.read(b"\x1b")
    assert reading.pause(1.1 * ESCAPE_DELAY) == [EscapeKey()]


# Keys


@pytest.mark.parametrize("is_expecting", [False, True])
def test_keys_are_never_lost(is_expecting: bool) -> None:
    for data in (*KEYS, *LETTERS):
        assert keys(Reading(is_expecting=is_expecting).all_of(*(bytes([byte]) for byte in data))) == data
        assert keys(Reading(is_expecting=is_expecting).all_of(data)) == data
        if data not in LETTERS:
            assert keys(Reading(is_expecting=is_expecting).all_of(b"x" + data + b"y")) == b"x" + data + b"y"


def test_words_typed_behind_escape_or_alt_and_a_letter_are_there() -> None:
    words = b"[Please] go on; _Good, P, ]1 and [5 or ?62"
    for first in (b"\x1b", *LETTERS):
        reading = Reading()
        got = reading.all_of(first, *(bytes([byte]) for byte in words), pause=1.5 * ESCAPE_DELAY)
        typed = b"".join(map(bytes_of, got))
        assert typed == (b"" if first == b"\x1b" else first) + words


def test_escape_and_a_character_in_one_read_are_told_from_the_keys_that_begin_alike() -> None:
    for character in ("H", "P", "O", "a", "ü", "日", "😀", "?", "7", " ", "]"):
        for behind in ("", "ello", "\x1b[A"):
            data = f"\x1b{character}{behind}".encode()
            first, *rest = Reading().all_of(data)
            assert first == EscapedCharacter(character), data
            assert keys(rest) == behind.encode(), data
    for sequence in (b"\x1bOP", b"\x1b[H", b"\x1bb", b"\x1b\r", b"\x1b\x7f"):
        assert Reading().all_of(sequence) == [Keys(sequence)]


def test_escape_twice_is_two_keys() -> None:
    assert Reading().all_of(b"\x1b\x1b") == [EscapeKey(), EscapeKey()]
    assert Reading().all_of(b"\x1b\x1b[A") == [EscapeKey(), Keys(b"\x1b[A")]
    assert Reading().all_of(b"\x1b\x10") == [EscapeKey(), Keys(b"\x10")]


def test_many_bytes_of_anything_take_no_long_time_and_are_not_held_for_ever() -> None:
    garbage = (b"\x1b" * 5000, b"\x1bP>|" * 2000, b"\x1b_Ga=" + b"a" * 9000, b"\x1b[?" + b"1;" * 9000)
    began = time.process_time()
    for data in garbage:
        reading = Reading()
        reading.all_of(*(data[at : at + 100] for at in range(0, len(data), 100)))
        assert reading.input.deadline is None
        assert reading.read(b"x") == [Keys(b"x")]
    assert time.process_time() - began < 10


# Pastes

TEXT = b"What fails?\r\x1b[32mPASS\x1b[0m one\r\n\x1b]0;title\x07two \x11\x03\nthree \x1b[A\x1b[?62;c\x1b"
CLEANED = "What fails?\nPASS one\ntwo \nthree "


def test_wherever_a_paste_is_cut_it_is_one_text_without_what_a_terminal_obeys() -> None:
    whole = b"x" + START + TEXT + END + b"y"
    for cut in range(len(whole) + 1):
        got = Reading().all_of(whole[:cut], whole[cut:])
        assert got == [Keys(b"x"), Pasted(CLEANED), Keys(b"y")], cut
    assert Reading().all_of(*(bytes([byte]) for byte in whole)) == [Keys(b"x"), Pasted(CLEANED), Keys(b"y")]


def test_a_pause_within_a_marker_makes_no_key_of_a_paste_that_could_send_it() -> None:
    whole = START + b"first\rsecond" + END
    for cut in range(1, len(whole)):
        got = Reading().all_of(whole[:cut], whole[cut:], pause=3 * ESCAPE_DELAY)
        assert [item for item in got if isinstance(item, Pasted)] == [Pasted("first\nsecond")], cut
        assert got == [Pasted("first\nsecond")] or cut <= len(b"\x1b["), cut


def test_a_slow_line_does_not_cut_a_paste() -> None:
    text = b"a line that is pasted\r" * 400
    reading = Reading()
    got = reading.read(START)
    for at in range(0, len(text), 96):  # 9600 baud
        got += reading.read(text[at : at + 96]) + reading.pause(0.1)
    assert got == []
    assert reading.read(END) == [Pasted(text.decode().replace("\r", "\n"))]


def test_megabytes_are_one_paste_and_more_than_is_kept_is_left_out_with_its_end_found() -> None:
    text = b"0123456789abcde\r" * (1 << 16)
    reading = Reading()
    got = reading.all_of(START, *(text[at : at + 4096] for at in range(0, len(text), 4096)), END + b"x")
    assert got == [Pasted(text.decode().replace("\r", "\n")), Keys(b"x")]
    reading = Reading()
    got = [*reading.read(START)]
    for _ in range(MOST_PASTED // (1 << 20) + 1):
        got += reading.read(text)
    got += reading.read(END + b"x")
    assert isinstance(got[0], Pasted)
    assert len(got[0].text) == MOST_PASTED
    assert got[1:] == [Keys(b"x")]


def test_a_paste_without_an_end_is_given_out_and_the_keyboard_works_again() -> None:
    reading = Reading()
    assert reading.read(START + b"half a paste") + reading.pause(0.9 * PASTE_DELAY) == []
    assert reading.pause(PASTE_DELAY) == [Pasted("half a paste")]
    assert reading.read(b"q") + reading.read(b"\x1b[A") == [Keys(b"q"), Keys(b"\x1b[A")]


def test_whoever_goes_on_typing_does_not_keep_a_paste_without_an_end_open() -> None:
    reading = Reading()
    got = reading.read(START + b"half")
    for _ in range(100):
        got += reading.read(b"\x11") + reading.pause(0.2)
    assert got[0] == Pasted("half")
    assert Keys(b"\x11") in got


def test_what_comes_behind_a_paste_that_stalled_is_pasted_and_sends_nothing() -> None:
    reading = Reading()
    got = reading.read(START + b"first\r") + reading.pause(10)
    got += (
        reading.read(b"second line\r" * BULK) + reading.read(b"x") + reading.read(b"the last\r" + END + b"y")
    )
    assert got == [
        Pasted("first\n"),
        Pasted("second line\n" * BULK),
        Keys(b"x"),
        Pasted("the last\n"),
        Keys(b"y"),
    ]


def test_a_paste_that_was_read_late_is_not_cut() -> None:
    reading = Reading()
    reading.read(START + b"first\r")
    reading.now += 10  # the machine was busy, and nobody looked
    assert reading.read(b"second\r" + END) == [Pasted("first\nsecond\n")]


def test_an_empty_paste_is_nothing() -> None:
    assert Reading().all_of(START + END + START + b"\x1b[0m\x07" + END + b"x") == [Keys(b"x")]

"""Placeholders, transmissions and deletions of the Kitty graphics protocol, read back by a strict reader."""

from __future__ import annotations

import base64
import random
import unicodedata
import zlib
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from animus_tui.graphics.decoding.protocol import Pixels
from animus_tui.graphics.rendering import kitty
from tests.support.kitty_reader import HeldImage, KittyReader, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

ID = 0x123456
GROUND = (1, 2, 3)


def pixels(width: int, height: int, *, seed: int = 1) -> Pixels:
    """Noise, which does not compress."""
    rgb = random.Random(seed).randbytes(3 * width * height)
    return Pixels(width, height, base64.b64encode(zlib.compress(rgb)))


def cells(columns: int = 60, rows: int = 30) -> kitty.Placeholders:
    return kitty.placeholders(ID, pixels(4, 4), columns, rows, GROUND)


def test_the_marks_are_the_published_ones() -> None:
    marks = [ord(mark) for mark in kitty.marks()]
    # By their line in the published rowcolumn-diacritics.txt.
    published = {0: 0x305, 1: 0x30D, 2: 0x30E, 3: 0x310, 50: 0x5AB, 100: 0x7EB, 150: 0x1B6B, 200: 0x20D4}
    assert published.items() <= dict(enumerate(marks)).items()
    assert (marks[250], marks[296], sum(marks)) == (0xA8E0, 0x1D244, 4_545_336)
    assert len(marks) == kitty.MOST_ROWS == kitty.MOST_COLUMNS == len(set(marks)) == 297


def test_every_mark_is_one_that_no_normalisation_fuses() -> None:
    for mark in kitty.marks():
        assert unicodedata.combining(mark) == 230
        assert not unicodedata.decomposition(mark)
        assert unicodedata.normalize("NFC", f"{kitty.PLACEHOLDER}{mark}") == f"{kitty.PLACEHOLDER}{mark}"


def test_a_placeholder_is_one_cell_wide_whatever_it_names() -> None:
    for mark in kitty.marks():
        assert cell_len(f"{kitty.PLACEHOLDER}{mark}{mark}") == 1


def names(segments: Sequence[Segment]) -> list[str]:
    """Cell by cell what stands in it; a mark without its cell, or a cell without its marks, fails."""
    text = "".join(segment.text for segment in segments)
    found = [text[at : at + 3] for at in range(0, len(text), 3)]
    assert all(cell[0] == kitty.PLACEHOLDER and len(cell) == 3 for cell in found)
    return found


def test_each_cell_names_its_row_and_column_and_has_the_number_as_its_colour() -> None:
    drawn = cells(40, 12)
    for row in range(12):
        segments = drawn.segments(row)
        marks = kitty.marks()
        assert names(segments) == [f"{kitty.PLACEHOLDER}{marks[row]}{marks[column]}" for column in range(40)]
        for segment in segments:
            assert segment.style is not None
            assert segment.style.color is not None
            assert segment.style.color.triplet == (0x12, 0x34, 0x56)
            assert segment.style.bgcolor is not None
            assert segment.style.bgcolor.triplet == GROUND


def test_a_row_is_cut_between_cells_wherever_it_is_cut() -> None:
    rows: list[int] = [1, 15, 16, 17, 23, 60, 98, 297]
    for columns in rows:
        strip = Strip(cells(columns, 2).segments(1), columns)
        whole = names(list(strip))
        for cut in range(columns + 1):
            assert names(list(strip.crop(0, cut))) == whole[:cut]
            assert names(list(strip.crop(cut))) == whole[cut:]
            if 0 < cut < columns:
                left, right = strip.divide([cut, columns])
                assert names(list(left)) == whole[:cut]
                assert names(list(right)) == whole[cut:]


def test_a_part_of_a_row_that_is_cut_again_is_still_cut_between_cells() -> None:
    strip = Strip(cells(60, 1).segments(0), 60)
    whole = names(list(strip))
    for start in range(60):
        part = strip.crop(start, min(start + 30, 60))
        for cut in range(part.cell_length + 1):
            assert names(list(part.crop(0, cut))) == whole[start : start + cut]
            assert names(list(part.crop(cut))) == whole[start + cut : min(start + 30, 60)]


def test_in_one_piece_a_row_would_be_torn() -> None:
    """Why a row comes in short pieces: once this fails, longer ones will do."""
    marks = kitty.marks()
    piece = Segment("".join(f"{kitty.PLACEHOLDER}{marks[0]}{marks[column]}" for column in range(30)))
    assert any(len(piece.split_cells(cut)[0].text) % 3 for cut in range(30))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (32, 32), (64, 48), (300, 200)])
def test_a_picture_arrives_as_it_was(width: int, height: int) -> None:
    sent = pixels(width, height)
    drawn = kitty.placeholders(ID, sent, 30, 20, GROUND)
    reader = KittyReader()
    commands = list(kitty.transmission(drawn, sent.payload))
    for command in commands:
        reader.feed(command.encode())
    reader.close()
    rgb = zlib.decompress(base64.b64decode(sent.payload))
    assert reader.images == {ID: HeldImage(30, 20, width, height, rgb)}
    assert reader.sent == [ID]
    assert len(commands) == -(-len(sent.payload) // kitty.PAYLOAD_BYTES)
    assert reader.most_in_terminal == drawn.pixel_bytes


def test_inside_tmux_each_command_is_wrapped_by_itself() -> None:
    sent = pixels(64, 64)
    drawn = kitty.placeholders(ID, sent, 30, 20, GROUND)
    reader = KittyReader(inside_tmux=True)
    for command in (*kitty.transmission(drawn, sent.payload), kitty.deletion(ID)):
        wrapped = kitty.wrapped_for_tmux(command)
        assert wrapped.startswith("\x1bPtmux;\x1b\x1b_G")
        assert wrapped.endswith("\x1b\x1b\\\x1b\\")
        reader.feed(wrapped.encode())
    reader.close()
    assert (reader.sent, reader.deleted, reader.images) == ([ID], [ID], {})


def test_a_transmission_that_is_abandoned_leaves_nothing_and_the_next_one_arrives() -> None:
    sent = pixels(64, 64)
    first = kitty.placeholders(ID, sent, 30, 20, GROUND)
    second = kitty.placeholders(ID + 1, sent, 30, 20, GROUND)
    reader = KittyReader()
    for command in (
        *islice(kitty.transmission(first, sent.payload), 2),
        kitty.abandonment(),
        kitty.deletion(ID),
        *kitty.transmission(second, sent.payload),
    ):
        reader.feed(command.encode())
    reader.close()
    assert (list(reader.images), reader.abandoned) == ([ID + 1], 1)


def test_numbers_of_images_follow_each_other_within_what_a_colour_can_say() -> None:
    for seed in range(50):
        numbers = list(islice(kitty.image_ids(random.Random(seed)), 100))
        assert len(set(numbers)) == 100
        assert all(kitty.FIRST_ID <= number <= kitty.LAST_ID for number in numbers)


def test_behind_the_last_number_comes_the_first() -> None:
    class Last(random.Random):
        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            return start - 1

    numbers = list(islice(kitty.image_ids(Last()), 3))
    assert numbers == [kitty.LAST_ID, kitty.FIRST_ID, kitty.FIRST_ID + 1]


def test_two_programs_in_one_terminal_hardly_ever_take_the_same_numbers() -> None:
    chance, taken = random.Random(3), 200
    meetings = 0
    for _ in range(2000):
        first, second = (next(kitty.image_ids(chance)) for _ in range(2))
        meetings += abs(first - second) < taken
    assert meetings <= 2


@pytest.mark.parametrize(("columns", "rows", "number"), [(298, 1, ID), (1, 298, ID), (0, 1, ID), (9, 9, 255)])
def test_what_could_not_be_named_is_refused(columns: int, rows: int, number: int) -> None:
    with pytest.raises(ValueError, match="cells"):
        kitty.placeholders(number, pixels(2, 2), columns, rows, GROUND)


@pytest.mark.parametrize(
    "stream",
    [
        b"\x1b_Ga=T,U=1,i=9,f=24,o=z,s=1,v=1,c=1,r=1,q=2,m=1;AAAA\x1b\\\x1b_Ga=d,d=I,i=9,q=2\x1b\\",
        b"\x1b_Gm=0;AAAA\x1b\\",
        b"\x1b_Ga=d,d=I,i=9\x1b\\",
        b"\x1b_Ga=d,d=I,i=9,q=2",
        b"\x1b_Ga=d,d=i,i=9,q=2\x1b\\",
    ],
    ids=["interleaved", "a chunk of nothing", "an answer asked for", "no end", "memory kept"],
)
def test_the_reader_refuses_what_a_terminal_would(stream: bytes) -> None:
    reader = KittyReader()
    with pytest.raises(ProtocolError):  # noqa: PT012 (either of the two)
        reader.feed(stream)
        reader.close()

"""Pictures as sixels, read back by a strict reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from animus_tui.graphics.rendering import sixel
from tests.support.bench_pictures import picture as scene
from tests.support.sixel_reader import NoSixelError, SixelPicture, read
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = [(1, 1), (7, 13), (8, 16), (9, 19), (10, 20), (24, 48), (5, 6), (3, 12)]
LEVELS = np.array((0, 20, 40, 60, 80, 100))
"""In percent: colours so far apart that none is taken for another."""
COLOURS = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS), -1).reshape(-1, 3)
ALLOWED = frozenset(range(0x20, 0x7F))


def drawn(
    picture: Image.Image, columns: int, rows: int, cell: tuple[int, int], colours: int = 256
) -> list[SixelPicture]:
    """The rows, read back; each is as large as its row of cells and has all its pixels."""
    sequences = sixel.rows_of(picture, columns, rows, cell, sixel.palette_of(picture, colours))
    assert len(sequences) == rows
    pieces = [read(sequence) for sequence in sequences]
    assert {piece.rgb.shape for piece in pieces} == {(cell[1], columns * cell[0], 3)}
    for sequence, piece in zip(sequences, pieces, strict=True):
        assert ALLOWED.issuperset(sequence[2:-2])
        assert piece.used == set(piece.registers), "a register is defined and not used"
        assert max(piece.registers) < colours
    return pieces


def size_of(picture: Image.Image) -> int:
    """Bytes of a picture of 600×600 pixels."""
    return sum(map(len, sixel.rows_of(picture, 60, 30, (10, 20), sixel.palette_of(picture, 256))))


def joined(pieces: list[SixelPicture]) -> NDArray[np.uint8]:
    return np.concatenate([piece.rgb for piece in pieces])


def of_percent(indices: NDArray[np.integer], colours: NDArray[np.integer]) -> Image.Image:
    """An RGB picture of colours in percent."""
    return Image.fromarray(((colours[indices] * 255 + 50) // 100).astype(np.uint8))


@settings(max_examples=60, deadline=None)
@given(
    cell=st.sampled_from(CELLS),
    columns=st.integers(1, 9),
    rows=st.integers(1, 4),
    colours=st.integers(1, 216),
    longest=st.integers(1, 40),
    seed=st.integers(0, 2**32 - 1),
)
def test_colours_that_the_palette_has_come_back_pixel_for_pixel(
    cell: tuple[int, int], columns: int, rows: int, colours: int, longest: int, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    width, height = columns * cell[0], rows * cell[1]
    table = dice.permutation(COLOURS)[:colours]
    runs = dice.integers(0, colours, width * height)
    indices = np.repeat(runs, dice.integers(1, longest + 1, len(runs)))[: width * height]
    picture = of_percent(indices.reshape(height, width), table)
    np.testing.assert_array_equal(joined(drawn(picture, columns, rows, cell)), np.asarray(picture))


@pytest.mark.parametrize("cell", [(10, 20), (24, 48)])
def test_the_widest_rows(cell: tuple[int, int]) -> None:
    columns = 297
    stripes = np.arange(columns * cell[0]) // 1000 % 3 + np.arange(2 * cell[1])[:, None] // 7 % 2
    picture = of_percent(stripes, np.array([(0, 0, 0), (100, 0, 0), (20, 100, 60), (100, 100, 100)]))
    np.testing.assert_array_equal(joined(drawn(picture, columns, 2, cell)), np.asarray(picture))


@settings(max_examples=30, deadline=None)
@given(
    cell=st.sampled_from(CELLS),
    columns=st.integers(1, 12),
    rows=st.integers(1, 4),
    colours=st.sampled_from([16, 17, 64, 255, 256]),
    seed=st.integers(0, 2**32 - 1),
)
def test_noise_is_drawn_whole_in_no_more_colours_than_there_are_registers(
    cell: tuple[int, int], columns: int, rows: int, colours: int, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (rows * cell[1], columns * cell[0], 3))
    pieces = drawn(Image.fromarray(noise.astype(np.uint8)), columns, rows, cell, colours)
    palette = {number: colour for piece in pieces for number, colour in piece.registers.items()}
    assert len(palette) <= colours
    assert all(palette[number] == colour for piece in pieces for number, colour in piece.registers.items())


@pytest.mark.parametrize("name", ["harbour", "gradient", "writing"])
def test_a_picture_looks_like_itself(name: str) -> None:
    cell, columns, rows = (9, 19), 60, 30
    picture = scene(name).resize((columns * cell[0], rows * cell[1]), Image.Resampling.LANCZOS)
    got, wanted = joined(drawn(picture, columns, rows, cell)), np.asarray(picture)
    assert ssim(got, wanted) > 0.87
    assert ssim(halved(got), halved(wanted)) > 0.98
    # From row to row there is hardly more of a step (in levels, 0–255) than from line to line within a row.
    steps = np.abs(np.diff(got.astype(float).mean(1) - wanted.mean(1), axis=0)).mean(1)
    at_borders = np.arange(1, len(got)) % cell[1] == 0
    assert steps[at_borders].mean() < steps[~at_borders].mean() + 0.3


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As from twice the distance, where dithering is not seen."""
    height, width, _ = pixels.shape
    small: NDArray[np.uint8] = np.asarray(
        Image.fromarray(pixels).resize((width // 2, height // 2), Image.Resampling.BOX)
    )
    return small


def test_a_smooth_picture_is_not_banded() -> None:
    """Of 16 colours a ramp has only steps; dithered it has what lies between them."""
    ramp = Image.linear_gradient("L").rotate(90).resize((400, 40)).convert("RGB")
    got, wanted = joined(drawn(ramp, 40, 2, (10, 20), 16)), np.asarray(ramp)
    blocks = np.abs(got.reshape(8, 5, 50, 8, 3).mean((1, 3)) - wanted.reshape(8, 5, 50, 8, 3).mean((1, 3)))
    assert blocks.mean() < 2
    assert len(np.unique(got.reshape(-1, 3), axis=0)) <= 16


def test_a_dot_of_another_colour_stays() -> None:
    """It is rare, but nothing else in the row is near it."""
    picture = Image.new("RGB", (600, 20), (51, 51, 51))
    picture.paste((255, 0, 0), (300, 8, 302, 10))
    np.testing.assert_array_equal(joined(drawn(picture, 60, 1, (10, 20))), np.asarray(picture))


def test_a_scene_takes_a_quarter_less_than_plainly_dithered() -> None:
    picture = scene("portrait").resize((600, 600), Image.Resampling.LANCZOS)
    assert size_of(picture) < 330_000  # 410,000 with the same palette and Floyd–Steinberg alone


def test_the_ground_of_writing_stays_even_and_takes_few_bytes() -> None:
    picture = scene("writing").resize((600, 600), Image.Resampling.LANCZOS)
    got, wanted = joined(drawn(picture, 60, 30, (10, 20))), np.asarray(picture)
    ground = np.array(max(picture.getcolors(1 << 20) or [])[1])
    of_ground = got[(wanted == ground).all(2)]
    assert (of_ground == of_ground[0]).all()
    assert np.abs(of_ground[0] - ground).max() <= 2  # as near as percents come
    assert size_of(picture) < 190_000
    assert size_of(Image.new("RGB", (600, 600))) < 3000


START = b'\x1bP0;1;0q"1;1;2;7'
RED = b"#1;2;100;0;0"


@pytest.mark.parametrize(
    "sequence",
    {
        "no end": START + RED + b"~~",
        "no raster attributes": b"\x1bP0;1;0q" + RED + b"~~\x1b\\",
        "an escape inside": START + RED + b"~\x1b[H~\x1b\\",
        "a line break": START + RED + b"~\n~\x1b\\",
        "too wide": START + RED + b"!3~\x1b\\",
        "too high": START + RED + b"~-B\x1b\\",
        "a pixel twice": START + RED + b"~$~\x1b\\",
        "no such register": START + b"#2~\x1b\\",
        "a register of too high a number": START + b"#256;2;0;0;0~\x1b\\",
        "a register twice": START + RED + RED + b"~\x1b\\",
        "more than all": START + b"#1;2;101;0;0~\x1b\\",
    }.items(),
    ids=lambda item: item[0],
)
def test_the_reader_is_strict(sequence: tuple[str, bytes]) -> None:
    np.testing.assert_array_equal(read(START + RED + b"!2~$-@@\x1b\\").pixels, np.ones((7, 2)))
    with pytest.raises(NoSixelError):
        read(sequence[1])

"""Pictures as iTerm2's inline images, opened by Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from animus_tui.graphics.rendering import iterm2
from tests.support.bench_pictures import picture as scene
from tests.support.iterm2_reader import InlineImage, read
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drawn(picture: Image.Image, columns: int, rows: int, cell: tuple[int, int]) -> list[InlineImage]:
    """The rows, read back; each is as large as its row of cells."""
    pieces = [read(sequence) for sequence in iterm2.rows_of(picture, columns, rows, cell)]
    assert len(pieces) == rows
    assert {piece.rgb.shape for piece in pieces} == {(cell[1], columns * cell[0], 3)}
    for piece in pieces:
        assert piece.keys == {
            "inline": "1",
            "width": str(columns),
            "height": "1",
            "preserveAspectRatio": "0",
            "doNotMoveCursor": "1",
        }
    return pieces


def joined(pieces: list[InlineImage]) -> NDArray[np.uint8]:
    return np.concatenate([piece.rgb for piece in pieces])


@settings(max_examples=30, deadline=None)
@given(
    cell=st.sampled_from([(1, 1), (7, 13), (9, 19), (10, 20), (24, 48)]),
    columns=st.sampled_from([1, 2, 7, 297]),
    rows=st.integers(1, 3),
    colours=st.sampled_from([1, 2, 3, 17, 256]),
    seed=st.integers(0, 2**32 - 1),
)
def test_rows_of_few_colours_are_near_and_flat_ones_exact(
    cell: tuple[int, int], columns: int, rows: int, colours: int, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    table = dice.integers(0, 256, (colours, 3)).astype(np.uint8)
    stripes = table[np.arange(columns * cell[0]) * colours // (columns * cell[0])]
    picture = Image.fromarray(np.tile(stripes, (rows * cell[1], 1, 1)))
    pieces = drawn(picture, columns, rows, cell)
    for piece in pieces:
        if piece.kind == "PNG":
            np.testing.assert_array_equal(piece.rgb, np.asarray(picture)[: cell[1]])
    if colours == 1:
        assert {piece.kind for piece in pieces} == {"PNG"}


def test_noise_in_the_widest_rows() -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 297 * 24, 3)).astype(np.uint8))
    got = joined(drawn(noise, 297, 1, (24, 48)))
    assert np.abs(got.astype(int) - np.asarray(noise)).mean() < 10


@pytest.mark.parametrize("cell", [(9, 19), (10, 20)])
@pytest.mark.parametrize("name", ["harbour", "gradient", "writing"])
def test_no_seam_is_seen_between_rows(name: str, cell: tuple[int, int]) -> None:
    columns, rows = 60, 30
    picture = scene(name).resize((columns * cell[0], rows * cell[1]), Image.Resampling.LANCZOS)
    got, wanted = joined(drawn(picture, columns, rows, cell)), np.asarray(picture)
    assert ssim(got, wanted) > 0.97
    errors = np.square(got.astype(float) - wanted).mean((1, 2))
    at_borders = np.isin(np.arange(len(errors)) % cell[1], (0, cell[1] - 1))
    assert errors[at_borders].mean() < 1.5 * errors[~at_borders].mean() + 0.5
    # Nor are the strips about the borders less like the original.
    strips = [slice(row * cell[1] - 6, row * cell[1] + 6) for row in range(1, rows)]
    assert min(ssim(got[strip], wanted[strip]) for strip in strips) > 0.9


def test_a_picture_takes_few_bytes() -> None:
    sizes = {
        name: sum(map(len, iterm2.rows_of(scene(name).resize((600, 600)), 60, 30, (10, 20))))
        for name in ("harbour", "writing")
    }
    assert sizes["harbour"] < 160_000
    assert sizes["writing"] < 120_000

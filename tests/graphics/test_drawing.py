"""Pictures that are all right become the right cells. Every test uses the real decoding process."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder
from tests.support.drawn_cells import assert_all_near, near, pixels
from tests.support.picture_samples import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    file_of,
    halves,
    plain,
    several,
    textured,
    turned,
)

if TYPE_CHECKING:
    from tests.support.decoding import Draw


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


KINDS = pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])


@KINDS
async def test_cells_have_exactly_the_size_that_was_asked_for(draw: Draw, kind: str) -> None:
    data = file_of(textured(), kind)
    for columns, rows in ((10, 5), (60, 30), (1, 1), (7, 3), (300, 100)):
        cells = await draw(data, columns, rows)
        assert (cells.columns, cells.rows) == (columns, rows)
        widths = [sum(piece.cell_length for piece in cells.segments(row)) for row in range(cells.rows)]
        assert widths == [columns] * rows


@KINDS
async def test_the_left_half_is_red_and_the_right_half_blue(draw: Draw, kind: str) -> None:
    cells = await draw(file_of(halves(RED, BLUE), kind), 8, 4)
    for row in pixels(cells):
        assert all(near(pixel, RED, 48) for pixel in row[:4]), row
        assert all(near(pixel, BLUE, 48) for pixel in row[4:]), row


async def test_a_cell_shows_two_pixels_one_above_the_other(draw: Draw) -> None:
    cells = await draw(file_of(halves(GREEN, BLACK).rotate(-90), "PNG"), 3, 1)
    assert cells.lines[0].text == "▀▀▀"
    top, bottom = pixels(cells)
    assert all(near(pixel, GREEN, 40) for pixel in top)
    assert all(near(pixel, BLACK, 40) for pixel in bottom)


async def test_segments_carry_the_colours_of_the_cells(draw: Draw) -> None:
    [piece] = (await draw(file_of(plain((10, 200, 30)), "PNG"), 4, 2)).segments(1)
    assert piece.text == "    "
    assert piece.style is not None
    assert piece.style.bgcolor is not None
    assert piece.style.bgcolor.triplet == (10, 200, 30)


@pytest.mark.parametrize("colours", ["256", "16"])
async def test_with_few_colours_cells_hold_indexes_of_the_palette(draw: Draw, colours: str) -> None:
    cells = await draw(file_of(halves(RED, BLUE), "PNG"), 8, 2, colours="256" if colours == "256" else "16")
    assert [pixel for (pixel,) in pixels(cells)[0]][::7] == [196, 21]  # xterm's own red and blue
    style = cells.segments(0)[0].style
    assert style is not None
    assert style.bgcolor is not None
    assert style.bgcolor.number == 196


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_transparency_lets_the_background_through(draw: Draw, kind: str) -> None:
    clear = file_of(
        Image.new("RGBA", (32, 32), (255, 0, 0, 0)), kind, **({"exact": True} if kind == "WEBP" else {})
    )
    assert_all_near(await draw(clear, background=(20, 40, 60)), (20, 40, 60), 2)
    half = file_of(
        Image.new("RGBA", (32, 32), (255, 0, 0, 128)), kind, **({"lossless": True} if kind == "WEBP" else {})
    )
    assert_all_near(await draw(half, background=BLUE), (128, 0, 127), 4)


async def test_the_background_can_change_for_the_same_file(draw: Draw) -> None:
    clear = file_of(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")
    assert_all_near(await draw(clear, background=RED), RED, 0)
    assert_all_near(await draw(clear, background=GREEN), GREEN, 0)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(Image.new("L", (32, 32), 90), id="grey"),
        pytest.param(Image.new("LA", (32, 32), (90, 255)), id="grey with transparency"),
        pytest.param(Image.new("I;16", (32, 32), 90 * 257), id="grey of 16 bits"),
        pytest.param(plain((90, 90, 90)).quantize(4), id="palette"),
        pytest.param(Image.new("RGB", (32, 32), (90, 90, 90)), id="colour"),
    ],
)
async def test_every_kind_of_png_keeps_its_brightness(draw: Draw, picture: Image.Image) -> None:
    assert_all_near(await draw(file_of(picture, "PNG")), (90, 90, 90), 4)


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
async def test_every_kind_of_jpeg_keeps_its_brightness(draw: Draw, mode: str) -> None:
    assert_all_near(await draw(file_of(plain((90, 90, 90)).convert(mode), "JPEG")), (90, 90, 90), 6)


async def test_a_palette_with_a_transparent_colour_is_laid_on_the_background(draw: Draw) -> None:
    data = file_of(plain(RED).quantize(4), "PNG", transparency=0)
    assert_all_near(await draw(data, background=BLUE), BLUE, 0)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
async def test_of_several_pictures_in_one_file_the_first_is_shown(draw: Draw, kind: str) -> None:
    assert_all_near(await draw(several(kind)), RED)


@KINDS
async def test_the_orientation_in_the_exif_data_is_obeyed(draw: Draw, kind: str) -> None:
    sides = ["left", "right", "right", "left", "top", "top", "bottom", "bottom"]
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    for orientation, side in enumerate(sides, start=1):
        grid = pixels(await draw(file_of(halves(RED, BLUE), kind, exif=turned(orientation)), 16, 8))
        edges = {"left": grid[8][1], "right": grid[8][-2], "top": grid[1][8], "bottom": grid[-2][8]}
        assert near(edges[side], RED, 48), (orientation, edges)
        assert near(edges[opposite[side]], BLUE, 48), (orientation, edges)


async def test_a_picture_laid_on_its_side_keeps_its_shape_between_margins(draw: Draw) -> None:
    wide = file_of(plain(RED, (64, 32)), "JPEG", exif=turned(6))
    grid = pixels(await draw(wide, 32, 8, background=WHITE))  # cells in the shape of 64×32
    coloured = [[x for x, pixel in enumerate(row) if near(pixel, RED)] for row in grid]
    assert all(line == list(range(12, 20)) for line in coloured), coloured


async def test_a_broken_exif_table_does_not_hide_the_picture(draw: Draw) -> None:
    data = file_of(plain(RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff junk")
    assert_all_near(await draw(data), RED)


async def test_a_large_picture_is_drawn_as_bright_as_it_is_and_the_process_gives_its_memory_back(
    draw: Draw, decoder: PictureDecoder
) -> None:
    large = plain(WHITE, (6000, 6000))
    assert_all_near(await draw(file_of(large, "PNG", compress_level=1)), WHITE, 0)
    assert_all_near(await draw(file_of(large, "PNG", compress_level=1), 1, 1), WHITE, 0)
    status = Path(f"/proc/{decoder.process_id}/statm")
    if status.exists():
        assert int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") < 100 << 20


async def test_the_name_of_the_file_does_not_matter(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(
        "a name with ünïcode,\nbreaks and \udcff.gif".encode(errors="surrogateescape")
    )
    path.write_bytes(file_of(plain(RED), "PNG"))
    assert_all_near(await decoder.render(path, columns=4, rows=2, background=BLACK), RED, 0)


async def test_a_picture_drawn_before_is_not_drawn_again(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured(), "PNG"))
    first, second = await asyncio.gather(
        *(decoder.render(path, columns=9, rows=4, background=BLACK) for _ in range(2))
    )
    assert first is second
    assert await decoder.render(path, columns=9, rows=4, background=BLACK) is first
    assert await decoder.render(path, columns=8, rows=4, background=BLACK) is not first


async def test_a_file_that_changed_is_drawn_again(draw: Draw) -> None:
    assert_all_near(await draw(file_of(plain(RED), "PNG")), RED, 0)
    assert_all_near(await draw(file_of(plain(BLUE, (33, 33)), "PNG")), BLUE, 0)


async def test_the_cells_that_are_kept_are_bounded_in_bytes(tmp_path: Path) -> None:
    decoder = PictureDecoder(cache_bytes=100_000)
    paths = [tmp_path / f"{number}.png" for number in range(12)]
    for path in paths:
        path.write_bytes(file_of(textured(), "PNG"))
    drawn = [await decoder.render(path, columns=60, rows=30, background=BLACK) for path in paths]
    again = [await decoder.render(path, columns=60, rows=30, background=BLACK) for path in reversed(paths)]
    kept = sum(one.size_in_bytes for one, other in zip(drawn, reversed(again), strict=True) if one is other)
    assert 0 < kept <= 100_000
    assert drawn == list(reversed(again))
    await decoder.aclose()


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (100_000, 100_000)])
async def test_an_impossible_size_is_refused(
    decoder: PictureDecoder, tmp_path: Path, size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="a picture of"):
        await decoder.render(tmp_path / "any", columns=size[0], rows=size[1], background=BLACK)

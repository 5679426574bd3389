"""A mosaic shows more of a picture than half blocks do. Every test of a picture uses the real decoding process."""

from __future__ import annotations

import asyncio
import platform
import sys
import unicodedata
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len

from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.decoding.protocol import MOST_CELLS, Colours, Glyphs
from animus_tui.graphics.rendering import mosaic as shapes
from animus_tui.printable import printable
from tests.support import chafa
from tests.support.bench_pictures import pictures
from tests.support.drawn_cells import near
from tests.support.picture_samples import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    file_of,
    halves,
    plain,
    textured,
)
from tests.support.raster import HEIGHT, WIDTH, painted, shape
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from numpy.typing import NDArray

    from animus_tui.graphics.rendering.cells import Cells
    from tests.support.decoding import Draw


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


MOSAICS = pytest.mark.parametrize("glyphs", ["quadrants", "wedges"])
ALL_GLYPHS, ALL_MASKS = shapes.wedges()


def looks(cells: Cells) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """Glyph, foreground and background of each cell, row by row."""
    return [
        (glyph, tuple(line.foreground[3 * at : 3 * at + 3]), tuple(line.background[3 * at : 3 * at + 3]))
        for line in cells.lines
        for at, glyph in enumerate(line.text)
    ]


def cell_of(glyph: str, front: tuple[int, int, int], back: tuple[int, int, int]) -> Image.Image:
    """One cell with the glyph in it."""
    part = shape(glyph)[:, :, None]
    return Image.fromarray(np.rint(part * front + (1 - part) * back).astype(np.uint8))


# --- the shapes -----------------------------------------------------------------------------------------------


def test_a_shape_is_what_its_name_says() -> None:
    for glyph, mask in zip(ALL_GLYPHS, ALL_MASKS, strict=True):
        # Thirds of a cell are no whole pixels: their edges may be off by a part of one.
        tolerance = 0.35 if "SEXTANT" in unicodedata.name(glyph) else 0.1
        assert np.abs(mask.reshape(HEIGHT, WIDTH) - shape(glyph)).max() < tolerance, unicodedata.name(glyph)


def test_no_shape_is_there_twice_nor_with_its_complement() -> None:
    seen: list[NDArray[np.float32]] = []
    for mask in ALL_MASKS:
        assert all(min(np.abs(mask - one).max(), np.abs(1 - mask - one).max()) > 0.1 for one in seen)
        seen.append(mask)


def test_quadrants_are_what_every_font_has() -> None:
    common, _ = shapes.quadrants()
    assert {unicodedata.name(glyph).split()[0] for glyph in common} <= {"UPPER", "LOWER", "LEFT", "QUADRANT"}
    assert all("\u2580" <= glyph <= "\u259f" for glyph in common)
    assert ALL_GLYPHS.startswith(common)


def test_a_glyph_is_one_cell_wide_and_may_be_printed() -> None:
    for glyph in ALL_GLYPHS:
        assert cell_len(glyph) == 1, unicodedata.name(glyph)
        assert glyph.isprintable(), unicodedata.name(glyph)
        assert printable(glyph) == glyph
        assert unicodedata.east_asian_width(glyph) in {"N", "A"}, unicodedata.name(glyph)
        assert not unicodedata.combining(glyph), unicodedata.name(glyph)


# --- the fit --------------------------------------------------------------------------------------------------


async def test_a_cell_in_the_shape_of_a_glyph_becomes_that_glyph(draw: Draw) -> None:
    front, back = (250, 120, 10), (20, 60, 160)
    picture = Image.new("RGB", (WIDTH * len(ALL_GLYPHS), HEIGHT))
    for at, glyph in enumerate(ALL_GLYPHS):
        picture.paste(cell_of(glyph, front, back), (at * WIDTH, 0))
    cells = await draw(file_of(picture, "PNG"), len(ALL_GLYPHS), 1, glyphs="wedges")
    assert cells.lines[0].text == ALL_GLYPHS
    for glyph, one, other in looks(cells):
        # Thirds of a cell are no whole pixels, and so the shapes are not quite those that are painted here.
        tolerance = 24 if "SEXTANT" in unicodedata.name(glyph) else 4
        assert near(one, front, tolerance), unicodedata.name(glyph)
        assert near(other, back, tolerance), unicodedata.name(glyph)


async def test_the_complement_of_a_glyph_is_drawn_with_the_colours_swapped(draw: Draw) -> None:
    picture = cell_of("▟", RED, BLUE)
    assert looks(await draw(file_of(picture, "PNG"), 1, 1, glyphs="quadrants")) == [("▘", BLUE, RED)]


@MOSAICS
async def test_both_colours_are_means_a_trifle_apart_for_the_contrast(draw: Draw, glyphs: Glyphs) -> None:
    """Left 10 and 11, right 200 and 203 in equal parts: 10.5 and 201.5 become 10.49 and 201.51, and are rounded."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[0::2, :4], pixels[1::2, :4], pixels[0::2, 4:], pixels[1::2, 4:] = 10, 11, 200, 203
    [(glyph, front, back)] = looks(await draw(file_of(Image.fromarray(pixels), "PNG"), 1, 1, glyphs=glyphs))
    assert (glyph, front, back) == ("▌", (10, 10, 10), (202, 202, 202))


@MOSAICS
async def test_a_pattern_too_fine_for_a_cell_does_not_tear_its_colours_apart(
    draw: Draw, glyphs: Glyphs
) -> None:
    """Black and white from pixel to pixel, the right half a little brighter: 120 and 135 on average."""
    y, x = np.indices((HEIGHT, WIDTH))
    pixels = (20 + 200 * ((x + y) % 2) + 15 * (x >= WIDTH // 2))[:, :, None].repeat(3, 2).astype(np.uint8)
    [(glyph, front, back)] = looks(await draw(file_of(Image.fromarray(pixels), "PNG"), 1, 1, glyphs=glyphs))
    assert glyph == "▌"
    assert 15 <= back[0] - front[0] <= 30
    assert near(tuple((np.add(front, back) / 2).round().astype(int)), (127, 127, 127), 1)


@MOSAICS
async def test_paper_keeps_its_colour_around_letters(draw: Draw, glyphs: Glyphs) -> None:
    """What letters share a cell with does not become brighter than the paper is, to make up for what is lost."""
    paper = (200, 198, 190)
    picture = plain(paper, (60 * WIDTH, 30 * HEIGHT))
    pencil = ImageDraw.Draw(picture)
    for size in (24, 32, 48, 64, 90):
        pencil.text(
            (10, size * 4 - 80), "Harbour lights", font=ImageFont.load_default(size), fill=(20, 25, 40)
        )
    cells = await draw(file_of(picture, "PNG"), 60, 30, glyphs=glyphs)
    brighter = [max(front[0], back[0]) > paper[0] + 5 for glyph, front, back in looks(cells) if glyph != " "]
    assert len(brighter) > 200
    assert np.mean(brighter) < 0.08
    pixels = np.asarray(picture).reshape(30, HEIGHT, 60, WIDTH, 3).swapaxes(1, 2).reshape(30 * 60, -1, 3)
    is_paper = (pixels == paper).all((1, 2))
    assert 800 < is_paper.sum() < 1700
    for cell, is_plain in zip(looks(cells), is_paper, strict=True):
        assert not is_plain or cell == (" ", paper, paper)


@MOSAICS
async def test_an_edge_between_colours_of_one_lightness_counts_more_than_a_faint_one(
    draw: Draw, glyphs: Glyphs
) -> None:
    """Teal and red have 101.4 and 101.9 of luma; below, all is 8 levels brighter. A cell can show one of the edges."""
    pixels = np.full((6 * HEIGHT, 12 * WIDTH, 3), (40, 125, 141), np.uint8)
    pixels[:, 44:] = 200, 60, 60
    pixels[40:] += 8
    drawn = looks(await draw(file_of(Image.fromarray(pixels), "PNG"), 12, 6, glyphs=glyphs))
    for row in range(6):
        _, *colours = drawn[row * 12 + 44 // WIDTH]
        assert {near(colour, (200, 60, 60), 16) for colour in colours} == {True, False}


@MOSAICS
async def test_a_plain_picture_is_blank_cells_of_its_colour(draw: Draw, glyphs: Glyphs) -> None:
    for colour in (RED, WHITE, BLACK, (1, 2, 3), (127, 128, 129), (254, 253, 252)):
        cells = await draw(file_of(plain(colour), "PNG"), 7, 3, glyphs=glyphs)
        assert set(looks(cells)) == {(" ", colour, colour)}


@MOSAICS
async def test_an_edge_between_two_eighths_stays_where_it_is(draw: Draw, glyphs: Glyphs) -> None:
    for at in range(1, 8):
        picture = plain(RED, (WIDTH, HEIGHT))
        picture.paste(BLUE, (at, 0, WIDTH, HEIGHT))
        assert (
            painted(await draw(file_of(picture, "PNG"), 1, 1, glyphs=glyphs)) == np.asarray(picture)
        ).all()


@MOSAICS
async def test_cells_stand_where_they_are_in_the_picture(draw: Draw, glyphs: Glyphs) -> None:
    """Every cell has a colour of its own, in many bands."""
    columns, rows = 120, 50
    y, x = np.indices((rows, columns))
    colours = np.stack((2 * x, 5 * y, (x * 7 + y * 11) % 256), -1).astype(np.uint8)
    picture = Image.fromarray(colours.repeat(HEIGHT, 0).repeat(WIDTH, 1))
    cells = await draw(file_of(picture, "PNG"), columns, rows, glyphs=glyphs)
    assert [back for _, _, back in looks(cells)] == [
        tuple(colour) for colour in colours.reshape(-1, 3).tolist()
    ]


@MOSAICS
@pytest.mark.parametrize("size", [(1, 1), (60, 30), (7, 3), (300, 2), (2, 300)])
async def test_cells_have_exactly_the_size_that_was_asked_for(
    draw: Draw, glyphs: Glyphs, size: tuple[int, int]
) -> None:
    cells = await draw(file_of(textured(), "PNG"), *size, glyphs=glyphs)
    assert (cells.columns, cells.rows) == size
    for row in range(cells.rows):
        assert sum(piece.cell_length for piece in cells.segments(row)) == size[0]


@MOSAICS
async def test_the_largest_picture_is_drawn_and_looks_like_itself(draw: Draw, glyphs: Glyphs) -> None:
    side = int(MOST_CELLS**0.5)
    cells = await draw(file_of(halves(RED, BLUE, (64, 64)), "PNG"), side, side, glyphs=glyphs)
    backs = [line.background for line in cells.lines]
    assert len(backs) == side
    assert all(near(tuple(back[:3]), RED, 8) and near(tuple(back[-3:]), BLUE, 8) for back in backs)


# --- what a picture may be ------------------------------------------------------------------------------------


@MOSAICS
async def test_transparency_lets_the_background_through(draw: Draw, glyphs: Glyphs) -> None:
    clear = file_of(Image.new("RGBA", (32, 32), (255, 0, 0, 0)), "PNG")
    half = file_of(Image.new("RGBA", (32, 32), (255, 0, 0, 128)), "PNG")
    cells = await draw(clear, background=(20, 40, 60), glyphs=glyphs)
    assert set(looks(cells)) == {(" ", (20, 40, 60), (20, 40, 60))}
    assert all(
        near(back, (128, 0, 127), 4) for _, _, back in looks(await draw(half, background=BLUE, glyphs=glyphs))
    )


FEW_COLOURS: tuple[Colours, ...] = ("256", "16")
KINDS: tuple[Glyphs, ...] = ("halves", "quadrants", "wedges")


@pytest.mark.parametrize("colours", FEW_COLOURS)
async def test_with_few_colours_a_mosaic_is_drawn_as_half_blocks(draw: Draw, colours: Colours) -> None:
    data = file_of(textured(), "PNG")
    drawn = [await draw(data, 9, 4, colours=colours, glyphs=kind) for kind in KINDS]
    assert drawn[0] == drawn[1] == drawn[2]
    assert {character for line in drawn[0].lines for character in line.text} <= {"▀", " "}


async def test_each_kind_of_mosaic_is_kept_for_itself(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured((400, 400)), "PNG"))

    async def drawn(kind: Glyphs) -> Cells:
        return await decoder.render(path, columns=20, rows=10, background=GREEN, glyphs=kind)

    once = [await drawn(kind) for kind in KINDS]
    again = [await drawn(kind) for kind in KINDS]
    assert all(one is other for one, other in zip(once, again, strict=True))
    assert len({one.lines for one in once}) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_numpy_is_loaded_by_the_first_mosaic_and_starts_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured(), "PNG"))
    async with aclosing(PictureDecoder()) as decoder:

        async def has_numpy(kind: Glyphs) -> bool:
            await decoder.render(path, columns=10, rows=5, background=BLACK, glyphs=kind)
            return "numpy" in Path(f"/proc/{decoder.process_id}/maps").read_text()

        assert not await has_numpy("halves")
        assert await has_numpy("quadrants")
        assert len(list(Path(f"/proc/{decoder.process_id}/task").iterdir())) == 1


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts page faults, with settings of glibc")
async def test_the_memory_of_a_mosaic_serves_for_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured((480, 480)), "PNG"))
    async with aclosing(PictureDecoder()) as decoder:

        async def page_faults(shade: int) -> int:
            await decoder.render(path, columns=60, rows=30, background=(shade, 0, 0), glyphs="wedges")
            # After the name in brackets: state, parent, group, session, terminal, its group, flags, minor faults.
            return int(Path(f"/proc/{decoder.process_id}/stat").read_text().rpartition(")")[2].split()[7])

        faults = [await page_faults(shade) for shade in range(8)]
        assert faults[-1] - faults[2] < 5 * 1000


# --- how good it is -------------------------------------------------------------------------------------------


@pytest.fixture
def judged(tmp_path: Path) -> list[Path]:
    """Files of the fixed set of pictures."""
    files = []
    for name, picture in pictures().items():
        files.append(tmp_path / f"{name}.png")
        picture.save(files[-1], compress_level=1)
    return files


async def quality(
    judged: list[Path], size: tuple[int, int], draw: Callable[[Path], Awaitable[Cells]]
) -> float:
    """Mean SSIM of the pictures as drawn, against the pictures in the resolution of the terminal."""
    found = []
    for path in judged:
        with Image.open(path) as picture:
            wanted = picture.resize((size[0] * WIDTH, size[1] * HEIGHT), Image.Resampling.LANCZOS)
        found.append(ssim(np.asarray(wanted), painted(await draw(path))))
    return float(np.mean(found))


@pytest.mark.slow
async def test_a_mosaic_is_closer_to_the_picture_than_others_are(
    decoder: PictureDecoder, judged: list[Path]
) -> None:
    """Than half blocks by the factors that were set, and than the same glyphs chosen by chafa, where it is there."""
    columns, rows = 40, 20

    async def ours(path: Path, kind: Glyphs) -> Cells:
        return await decoder.render(path, columns=columns, rows=rows, background=BLACK, glyphs=kind)

    async def theirs(path: Path, symbols: str) -> Cells:
        return await asyncio.to_thread(chafa.draw, path, columns, rows, chafa.SYMBOLS[symbols])

    halved, quadrants, wedges = [
        await quality(judged, (columns, rows), partial(ours, kind=kind)) for kind in KINDS
    ]
    assert quadrants / halved >= 1.185
    assert wedges / halved >= 1.23
    if chafa.version() is not None:
        assert quadrants >= await quality(judged, (columns, rows), partial(theirs, symbols="block"))
        for symbols in chafa.SYMBOLS:
            assert wedges >= await quality(judged, (columns, rows), partial(theirs, symbols=symbols))


def test_the_measure_knows_equal_from_different() -> None:
    picture = np.asarray(textured((64, 64)))
    assert ssim(picture, picture) == pytest.approx(1)
    noise = np.random.default_rng(1).integers(0, 256, picture.shape, np.uint8)
    assert ssim(picture, noise) < 0.1
    brighter = (picture * 0.8 + 50).astype(np.uint8)
    assert 0.5 < ssim(picture, brighter) < 1

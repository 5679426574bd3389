"""What pictures cost as sixels and as iTerm2's images: `python -m tests.bench.bench_pieces [PICTURE…]`.

Bytes of all rows together, mean SSIM against the picture at the terminal's resolution, the same from twice the
distance (halved), where dithering is not seen, and processor time without reading the file. Then how many cells of
pictures a frame of 200 kB has. Without pictures the fixed set is judged, and a screenshot of the program.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from base64 import standard_b64encode
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the decoding process, and before numpy is loaded

import numpy as np
from PIL import Image

from animus_tui.graphics.rendering import iterm2, sixel
from animus_tui.graphics.rendering.pieces import ITERM2_END, iterm2_start
from tests.support import iterm2_reader, sixel_reader
from tests.support.bench_pictures import pictures
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Draw = Callable[[Image.Image, Image.Image, int, int, tuple[int, int]], tuple[bytes, ...]]
    """Draws a picture that was made smaller from another one."""

SIZES = ((60, 30, (10, 20)), (60, 30, (8, 16)), (40, 20, (10, 20)), (60, 30, (9, 19)))
FRAME = 200_000
"""Bytes that a step of scrolling may take."""
ROUNDS = 3
SCREENSHOT = Path(__file__).parents[2] / "screenshots" / "conversation.png"


def main(paths: list[str]) -> None:
    """Print a table for each size, and one of ways not taken."""
    named = {Path(path).stem: Image.open(path).convert("RGB") for path in paths} or _fixed_set()
    ours: dict[str, Draw] = {
        "sixel, 256 colours": partial(_sixel, 256),
        "sixel, 64 colours": partial(_sixel, 64),
        "iTerm2": _iterm2,
    }
    for columns, rows, cell in SIZES:
        _table(named, ours, columns, rows, cell)
    others: dict[str, Draw] = {
        "sixel, 256 colours": partial(_sixel, 256),
        "sixel, Floyd–Steinberg of Pillow": partial(_quantised, _floyd_steinberg),
        "sixel, no dithering": partial(_quantised, _undithered),
        "sixel, ordered (8×8, ±8)": partial(_quantised, _ordered),
        "sixel, blue noise (±8)": partial(_quantised, _noisy),
        "iTerm2": _iterm2,
        **{f"iTerm2, JPEG {quality} 4:4:4": partial(_files, "JPEG", quality, 0) for quality in (80, 85, 95)},
        "iTerm2, JPEG 90 4:2:0": partial(_files, "JPEG", 90, 2),
        "iTerm2, PNG": partial(_files, "PNG", 90, 0),
    }
    _table(named, others, *SIZES[0])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _fixed_set() -> dict[str, Image.Image]:
    return pictures() | {"screenshot": Image.open(SCREENSHOT).convert("RGB")}


def _table(
    named: dict[str, Image.Image], ways: dict[str, Draw], columns: int, rows: int, cell: tuple[int, int]
) -> None:
    _say(f"\n{columns}×{rows} cells of {cell[0]}×{cell[1]} pixels; of each picture kB and SSIM")
    names = "  ".join(f"{name:>10}" for name in named)
    _say(f"{'':<34} {'kB':>5} {'SSIM':>6} {'halved':>6} {'ms':>5} {'cells':>6}  {names}")
    size = columns * cell[0], rows * cell[1]
    small = {name: picture.resize(size, Image.Resampling.LANCZOS) for name, picture in named.items()}
    for way, draw in ways.items():
        found = [_judged(draw, picture, named[name], columns, rows, cell) for name, picture in small.items()]
        sizes, alike, halved, times = (statistics.mean(column) for column in zip(*found, strict=True))
        each = "  ".join(f"{size / 1000:4.0f} {one:.3f}" for size, one, _, _ in found)
        fit = columns * rows * FRAME / sizes
        _say(f"{way:<34} {sizes / 1000:5.0f} {alike:6.4f} {halved:6.4f} {times:5.1f} {fit:6.0f}  {each}")


def _judged(
    draw: Draw, picture: Image.Image, source: Image.Image, columns: int, rows: int, cell: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Bytes, SSIM, SSIM halved, milliseconds of processor time at best."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        sequences = draw(picture, source, columns, rows, cell)
        times.append(time.process_time() - start)
    read = sixel_reader.read if sequences[0].startswith(b"\x1bP") else iterm2_reader.read
    pixels = np.concatenate([read(sequence).rgb for sequence in sequences])
    wanted = np.asarray(picture)
    alike = ssim(wanted, pixels), ssim(_halved(wanted), _halved(pixels))
    return sum(map(len, sequences)), *alike, 1000 * min(times)


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    return np.asarray(Image.fromarray(pixels).resize((width // 2, height // 2), Image.Resampling.BOX))


def _sixel(
    colours: int, picture: Image.Image, source: Image.Image, columns: int, rows: int, cell: tuple[int, int]
) -> tuple[bytes, ...]:
    return sixel.rows_of(picture, columns, rows, cell, sixel.palette_of(source, colours))


def _iterm2(
    picture: Image.Image, _: Image.Image, columns: int, rows: int, cell: tuple[int, int]
) -> tuple[bytes, ...]:
    return iterm2.rows_of(picture, columns, rows, cell)


def _quantised(
    dithered: Callable[[Image.Image, Image.Image], Image.Image],
    picture: Image.Image,
    _: Image.Image,
    columns: int,
    rows: int,
    cell: tuple[int, int],
) -> tuple[bytes, ...]:
    """Dithered beforehand to a palette like ours, then encoded by the same steps, which have little left to dither."""
    sample = picture.resize((100, 100), Image.Resampling.NEAREST)
    palette = sample.quantize(256, Image.Quantize.MEDIANCUT, kmeans=1)
    done = dithered(picture, palette).convert("RGB")
    return _sixel(256, done, done, columns, rows, cell)


def _floyd_steinberg(picture: Image.Image, palette: Image.Image) -> Image.Image:
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _undithered(picture: Image.Image, palette: Image.Image) -> Image.Image:
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _ordered(picture: Image.Image, palette: Image.Image) -> Image.Image:
    """Bayer's matrix."""
    matrix = np.zeros((1, 1))
    while len(matrix) < 8:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    y, x = np.indices((picture.height, picture.width)) % 8
    return _undithered(_shifted(picture, matrix[y, x] / 64), palette)


def _noisy(picture: Image.Image, palette: Image.Image) -> Image.Image:
    """Interleaved gradient noise (Jimenez, 2014), which is as good as blue."""
    y, x = np.indices((picture.height, picture.width))
    return _undithered(_shifted(picture, 52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1) % 1), palette)


def _shifted(picture: Image.Image, thresholds: NDArray[np.float64]) -> Image.Image:
    """By up to 8 levels either way."""
    moved = np.asarray(picture) + (16 * thresholds - 8)[:, :, None]
    return Image.fromarray(moved.round().clip(0, 255).astype(np.uint8))


def _files(
    kind: str,
    quality: int,
    subsampling: int,
    picture: Image.Image,
    _: Image.Image,
    columns: int,
    rows: int,
    cell: tuple[int, int],
) -> tuple[bytes, ...]:
    width, height = picture.width, cell[1]
    sequences = []
    for row in range(rows):
        file = BytesIO()
        strip = picture.crop((0, row * height, width, (row + 1) * height))
        if kind == "PNG":
            strip.save(file, kind)
        else:
            strip.save(file, kind, quality=quality, subsampling=subsampling, optimize=True)
        data = file.getvalue()
        sequences.append(iterm2_start(columns, len(data)) + standard_b64encode(data) + ITERM2_END)
    return tuple(sequences)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Time from bytes on disk to cells: `python -m tests.bench.bench_pictures`."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image, __version__

from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.decoding.protocol import Colours, Glyphs

SIDE = 1024
"""Pixels."""
COLUMNS, ROWS = 60, 30
CELL = (10, 20)
"""Pixels of a cell on the screen, for terminals that draw pixels."""
ROUNDS = 20
WAYS: dict[str, tuple[Colours, Glyphs] | None] = {
    "half blocks, 24-bit": ("truecolor", "halves"),
    "half blocks, 256 colours": ("256", "halves"),
    "quadrants and eighths": ("truecolor", "quadrants"),
    "sextants and wedges as well": ("truecolor", "wedges"),
    f"pixels, {COLUMNS * CELL[0]}×{ROWS * CELL[1]}": None,
}


def main() -> None:
    """Print the times of a cold and of a warm decoder, beside Pillow's bare decoding in the same run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        _picture().save(path)
        bare = statistics.median(_timed_decoding(path) for _ in range(ROUNDS))
        rows = asyncio.run(_measure(path))
    _say(f"Python {sys.version.split()[0]}, Pillow {__version__}, {SIDE}×{SIDE} PNG, {COLUMNS}×{ROWS} cells")
    for what, seconds in ({"Pillow alone, decoding": bare} | rows).items():
        _say(f"{what:<44} {seconds * 1000:8.2f} ms  {seconds / bare:6.2f}×")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _picture() -> Image.Image:
    """A gradient under noise: as hard to decode as a photograph."""
    ramp = Image.linear_gradient("L").resize((SIDE, SIDE))
    noise = Image.effect_noise((SIDE, SIDE), 12)
    return Image.blend(
        Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))), noise.convert("RGB"), 0.2
    )


def _timed_decoding(path: Path) -> float:
    data = path.read_bytes()
    start = time.perf_counter()
    with Image.open(BytesIO(data)) as picture:
        picture.load()
    return time.perf_counter() - start


async def _measure(path: Path) -> dict[str, float]:
    """Seconds by what is measured: each way cold, with the start of the process, and warm; then what is kept."""
    rows = {}
    for what, way in WAYS.items():
        decoder = PictureDecoder()
        # Another background is another picture to the cache.
        times = [await _timed(decoder, path, way, shade) for shade in range(ROUNDS + 1)]
        rows[f"{what}, cold"], rows[f"{what}, warm"] = times[0], statistics.median(times[1:])
        await decoder.aclose()
    decoder = PictureDecoder()
    rows["drawn before"] = statistics.median(
        [await _timed(decoder, path, ("truecolor", "wedges"), 0) for _ in range(ROUNDS)]
    )
    cells = await decoder.render(path, columns=COLUMNS, rows=ROWS, background=(0, 0, 0), glyphs="wedges")
    start = time.perf_counter()
    for row in range(ROWS):
        cells.segments(row)
    rows["cells to segments, all rows"] = time.perf_counter() - start
    await decoder.aclose()
    return rows


async def _timed(
    decoder: PictureDecoder, path: Path, way: tuple[Colours, Glyphs] | None, shade: int
) -> float:
    background = (shade, 0, 0)
    start = time.perf_counter()
    if way is None:
        width, height = COLUMNS * CELL[0], ROWS * CELL[1]
        await decoder.pixels(path, width=width, height=height, background=background)
    else:
        await decoder.render(
            path, columns=COLUMNS, rows=ROWS, background=background, colours=way[0], glyphs=way[1]
        )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

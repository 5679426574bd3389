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

from animus_tui.graphics.decode import PictureDecoder
from animus_tui.graphics.protocol import Colours

SIDE = 1024
"""Pixels."""
COLUMNS, ROWS = 60, 30
ROUNDS = 20


def main() -> None:
    """Print the times of a cold and of a warm decoder, beside Pillow's bare decoding in the same run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        _picture().save(path)
        bare = statistics.median(_timed_decoding(path) for _ in range(ROUNDS))
        cold, warm, cached, segments = asyncio.run(_measure(path))
    _say(f"Python {sys.version.split()[0]}, Pillow {__version__}, {SIDE}×{SIDE} PNG, {COLUMNS}×{ROWS} cells")
    for what, seconds in {
        "Pillow alone, decoding": bare,
        "cold, with the start of the process": cold,
        "warm, 24-bit": warm["truecolor"],
        "warm, 256 colours": warm["256"],
        "drawn before": cached,
        "cells to segments, all rows": segments,
    }.items():
        _say(f"{what:<38} {seconds * 1000:8.2f} ms  {seconds / bare:6.2f}×")


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


async def _measure(path: Path) -> tuple[float, dict[Colours, float], float, float]:
    """Seconds: cold, warm by colours, from the cache, and for the segments."""
    decoder = PictureDecoder()

    async def timed(shade: int, colours: Colours = "truecolor") -> float:
        start = time.perf_counter()
        await decoder.render(path, columns=COLUMNS, rows=ROWS, background=(shade, 0, 0), colours=colours)
        return time.perf_counter() - start

    cold = await timed(255)
    depths: tuple[Colours, ...] = ("truecolor", "256")
    # Another background is another picture to the cache.
    warm = {
        colours: statistics.median([await timed(shade, colours) for shade in range(ROUNDS)])
        for colours in depths
    }
    cached = statistics.median([await timed(0) for _ in range(ROUNDS)])
    cells = await decoder.render(path, columns=COLUMNS, rows=ROWS, background=(0, 0, 0))
    start = time.perf_counter()
    for row in range(ROWS):
        cells.segments(row)
    segments = time.perf_counter() - start
    await decoder.aclose()
    return cold, warm, cached, segments


if __name__ == "__main__":
    main()

"""How near a picture its cells come, and what they cost: `python -m tests.bench.bench_mosaic [PICTURE…]`.

Mean SSIM against the picture in the resolution of the terminal, 8×16 pixels a cell, beside term-image's half
blocks and the program chafa in the same run. Without pictures the fixed set is judged.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the decoding process, and before numpy is loaded

import numpy as np
from PIL import Image

from animus_tui.graphics.decoding import pixels
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.rendering import half_blocks, mosaic
from animus_tui.graphics.rendering.cells import Cells
from tests.support import chafa
from tests.support.bench_pictures import pictures
from tests.support.raster import HEIGHT, WIDTH, painted
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.graphics.decoding.protocol import Glyphs, Line

    Drawing = Callable[[Path, int, int], Cells]

SIZES = ((60, 30), (40, 20))
ROUNDS = 15
BLACK = (0, 0, 0)
KINDS: dict[str, Glyphs] = {
    "half blocks (the block style)": "halves",
    "quadrants and eighths": "quadrants",
    "sextants and wedges as well": "wedges",
}


def main(paths: list[str]) -> None:
    """Print the table of quality and the table of costs."""
    pixels.prepare()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(path) for path in paths] or _fixed_set(Path(folder))
        drawings: dict[str, Drawing] = {name: partial(_ours, glyphs) for name, glyphs in KINDS.items()}
        if (version := chafa.version()) is None:
            _say("chafa is not installed: no comparison with it")
        else:
            drawings |= {
                f"{version}: {name}": partial(_chafa, symbols) for name, symbols in chafa.SYMBOLS.items()
            }
        for columns, rows in SIZES:
            _quality(files, drawings, columns, rows)
        _costs(files[0])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _fixed_set(folder: Path) -> list[Path]:
    files = []
    for name, picture in pictures().items():
        files.append(folder / f"{name}.png")
        picture.save(files[-1])
    return files


def _ours(glyphs: Glyphs, path: Path, columns: int, rows: int) -> Cells:
    across, down = (
        half_blocks.PIXELS_PER_CELL if glyphs == "halves" else mosaic.pixels_per_cell(columns, rows)
    )
    picture = pixels.decode(path.read_bytes(), (columns * across, rows * down), BLACK)
    return Cells(columns, rows, _fitted(glyphs, picture, columns, rows))


def _fitted(glyphs: Glyphs, picture: Image.Image, columns: int, rows: int) -> tuple[Line, ...]:
    if glyphs == "halves":
        return half_blocks.draw(picture, "truecolor")
    return mosaic.draw(picture, columns, rows, glyphs)


def _chafa(symbols: str, path: Path, columns: int, rows: int) -> Cells:
    return chafa.draw(path, columns, rows, symbols)


def _quality(files: list[Path], drawings: dict[str, Drawing], columns: int, rows: int) -> None:
    wanted = {}
    for path in files:
        with Image.open(path) as picture:
            size = columns * WIDTH, rows * HEIGHT
            wanted[path] = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    _say(f"\n{f'mean SSIM, {columns}×{rows} cells':<48} {'mean':>7} {'ratio':>6}  {_names(files)}")
    reference = 0.0
    for name, draw in drawings.items():
        found = [ssim(wanted[path], painted(draw(path, columns, rows))) for path in files]
        mean = statistics.mean(found)
        reference = reference or mean
        each = "  ".join(f"{one:{max(len(path.stem), 6)}.4f}" for one, path in zip(found, files, strict=True))
        _say(f"{name:<48} {mean:7.4f} {mean / reference:5.3f}×  {each}")


def _names(files: list[Path]) -> str:
    return "  ".join(f"{path.stem:>6}" for path in files)


def _costs(path: Path) -> None:
    columns, rows = SIZES[0]
    data = path.read_bytes()
    _say(f"\nbest of {ROUNDS}, {path.name} ({len(data) >> 10} KiB), {columns}×{rows} cells, warm")
    _say(f"{'':<48} {'fit':>9} {'in process':>11} {'asked for':>10}")
    asked = asyncio.run(_asked_for(path, columns, rows))
    for name, glyphs in KINDS.items():
        across, down = (
            half_blocks.PIXELS_PER_CELL if glyphs == "halves" else mosaic.pixels_per_cell(columns, rows)
        )
        picture = pixels.decode(data, (columns * across, rows * down), BLACK)
        fit = _best(partial(_fitted, glyphs, picture, columns, rows))
        whole = _best(partial(_ours, glyphs, path, columns, rows))
        _say(f"{name:<48} {fit:6.1f} ms {whole:8.1f} ms {asked[glyphs]:7.1f} ms")


def _best(call: Callable[[], object]) -> float:
    """Milliseconds of processor time; what else runs on the machine can only make it more."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times) * 1000


async def _asked_for(path: Path, columns: int, rows: int) -> dict[Glyphs, float]:
    """Milliseconds by the clock from asking the decoder to having the cells."""
    decoder = PictureDecoder()
    best: dict[Glyphs, float] = {}
    for glyphs in KINDS.values():
        times = []
        for shade in range(ROUNDS + 1):  # another background is another picture to the cache
            start = time.perf_counter()
            await decoder.render(path, columns=columns, rows=rows, background=(shade, 0, 0), glyphs=glyphs)
            times.append(time.perf_counter() - start)
        best[glyphs] = min(times[1:]) * 1000
    await decoder.aclose()
    return best


if __name__ == "__main__":
    main(sys.argv[1:])

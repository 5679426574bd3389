"""Portraits of characters: whether one can be shown, one as a PNG, and a plain one for who has none.

Nobody vouches for the picture in a file, so that only the decoding process decodes it.
"""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from base64 import standard_b64decode
from colorsys import hls_to_rgb
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.atomic import read_regular
from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.png_chunks import SIGNATURE, chunk

if TYPE_CHECKING:
    from animus_tui.characters.character import Character
    from animus_tui.graphics.decoding.decoder import PictureDecoder

SIDE = 1024
"""Pixels of the longer side of a portrait that has to be made a PNG, at most."""
MOST_BYTES = 32 << 20
WHITE = 255, 255, 255
WIDTH, HEIGHT = 200, 250
"""Pixels of a plain portrait."""
_HEAD = WIDTH / 2, HEIGHT * 0.40, WIDTH * 0.21
"""Middle and radius."""
_SHOULDERS = WIDTH / 2, HEIGHT * 1.02, WIDTH * 0.42, HEIGHT * 0.36
"""Middle and the two radii."""


async def fault_of(decoder: PictureDecoder, portrait: str) -> str | None:
    """The reason why the picture in a file cannot be shown, as a sentence; None when it can."""
    try:
        await decoder.thumbnail(Path(portrait), side=64, background=WHITE)
    except PictureUnreadable as error:
        return error.sentence
    return None


async def fault_in(decoder: PictureDecoder, picture: bytes) -> str | None:
    """As `fault_of`, of a picture that is in no file yet. OSError."""
    with tempfile.NamedTemporaryFile(prefix="animus-chat-") as file:
        await asyncio.to_thread(file.write, picture)
        await asyncio.to_thread(file.flush)
        return await fault_of(decoder, file.name)


async def png_for(decoder: PictureDecoder, character: Character) -> bytes:
    """The portrait of a character as a PNG; a plain one where there is none, or none that could be read."""
    path = Path(character.portrait) if character.portrait is not None else None
    try:
        if path is None:
            return await asyncio.to_thread(plain_portrait, character.name)
        data = await asyncio.to_thread(read_regular, path, MOST_BYTES + 1)
        if data.startswith(SIGNATURE):
            return data
        small = await decoder.reduced(path, side=SIDE, background=WHITE)
        pixels = await decoder.pixels(path, width=small.width, height=small.height, background=WHITE)
        raw = zlib.decompressobj().decompress(standard_b64decode(pixels.payload), 3 * SIDE * SIDE)
        return await asyncio.to_thread(_png_of_pixels, pixels.width, pixels.height, raw)
    except (OSError, PictureUnreadable):
        return await asyncio.to_thread(plain_portrait, character.name)


def plain_portrait(name: str) -> bytes:
    """A PNG of head and shoulders in front of a colour that goes by the name."""
    hue = zlib.crc32(name.casefold().encode("utf-8", "replace")) % 360 / 360
    above, below, figure = (_rgb(hue, light) for light in (0.42, 0.22, 0.72))
    rows = bytearray()
    for y in range(HEIGHT):
        behind = _between(above, below, y / HEIGHT)
        for x in range(WIDTH):
            rows += bytes(_between(behind, figure, _cover(x + 0.5, y + 0.5)))
    return _png_of_pixels(WIDTH, HEIGHT, bytes(rows))


def _png_of_pixels(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG of red, green and blue of each pixel, a byte each, row by row."""
    size = width * 3
    rows = b"".join(b"\0" + pixels[at : at + size] for at in range(0, size * height, size))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in parts)


def _cover(x: float, y: float) -> float:
    """How much of a pixel the figure covers, from 0 to 1."""
    head_x, head_y, radius = _HEAD
    head = radius + 0.5 - hypot(x - head_x, y - head_y)
    at_x, at_y, across, down = _SHOULDERS
    shoulders = (1 - hypot((x - at_x) / across, (y - at_y) / down)) * across + 0.5
    return max(0.0, min(1.0, max(head, shoulders)))


def _rgb(hue: float, light: float) -> tuple[int, int, int]:
    red, green, blue = (round(value * 255) for value in hls_to_rgb(hue, light, 0.32))
    return red, green, blue


def _between(first: tuple[int, ...], second: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))

"""A plain portrait for who has none, and PNG files of pixels: drawn here, so nothing is decoded."""

from __future__ import annotations

import zlib
from colorsys import hls_to_rgb
from math import hypot

from animus_tui.png_chunks import SIGNATURE, chunk

WIDTH, HEIGHT = 200, 250
"""Pixels of a plain portrait."""
_HEAD = WIDTH / 2, HEIGHT * 0.40, WIDTH * 0.21
"""Middle and radius."""
_SHOULDERS = WIDTH / 2, HEIGHT * 1.02, WIDTH * 0.42, HEIGHT * 0.36
"""Middle and the two radii."""


def plain_portrait(name: str) -> bytes:
    """A PNG of head and shoulders in front of a colour that goes by the name."""
    hue = zlib.crc32(name.casefold().encode("utf-8", "replace")) % 360 / 360
    above, below, figure = (_rgb(hue, light) for light in (0.42, 0.22, 0.72))
    rows = bytearray()
    for y in range(HEIGHT):
        behind = _between(above, below, y / HEIGHT)
        for x in range(WIDTH):
            rows += bytes(_between(behind, figure, _cover(x + 0.5, y + 0.5)))
    return png_of_pixels(WIDTH, HEIGHT, bytes(rows))


def png_of_pixels(width: int, height: int, pixels: bytes) -> bytes:
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

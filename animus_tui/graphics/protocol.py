"""What the application and the decoding process say to each other: length-prefixed MessagePack over two pipes.

Both ends decode into these types, so that a decoder gone astray cannot put anything else into the application.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, msgpack

Colours = Literal["truecolor", "256", "16", "none"]
"""What a terminal can show: 24-bit colours, xterm's 256, the 16 of ANSI, or none."""

Glyphs = Literal["halves", "quadrants", "wedges"]
"""What cells are made of: half blocks; quadrants and eighths, which every font has; sextants and wedges as well."""

Rgb = tuple[int, int, int]
"""Red, green, blue, each 0–255."""

PREFIX_BYTES = 4
"""Length of the prefix: the number of bytes that follow, unsigned, big-endian."""
MOST_FRAME_BYTES = 16 << 20
"""A longer frame is garbage: MOST_CELLS cells are below 3 MiB."""
MOST_CELLS = 250_000
"""Most cells of one picture: 500×500."""


class Line(Struct, frozen=True, array_like=True):
    """One row of cells."""

    text: str
    """One character a cell, each one cell wide."""
    foreground: bytes
    """A cell's colour after the other: 3 bytes (red, green, blue), or 1 (0–255, xterm's palette)."""
    background: bytes
    """The same for what lies behind the characters."""


class Request(Struct, frozen=True, array_like=True):
    """Draw a file as `columns`×`rows` cells."""

    path: bytes
    """As the file system names it."""
    columns: int
    rows: int
    background: Rgb
    """What shines through where the picture is transparent."""
    colours: Colours


class Drawn(Struct, frozen=True, array_like=True, tag=True):
    """The picture."""

    lines: tuple[Line, ...]


class Refused(Struct, frozen=True, array_like=True, tag=True):
    """Why there is no picture, in one sentence."""

    sentence: str


def frame(message: Struct) -> bytes:
    """The message with its prefix."""
    data = msgpack.encode(message)
    return len(data).to_bytes(PREFIX_BYTES, "big") + data


def frame_length(prefix: bytes) -> int:
    """Bytes that follow the prefix. ValueError when that cannot be."""
    length = int.from_bytes(prefix, "big")
    if not 0 < length <= MOST_FRAME_BYTES:
        raise ValueError(f"a frame of {length} bytes")
    return length

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

PieceProtocol = Literal["sixel", "iterm2"]
"""How a terminal takes pixels in its stream of text: DEC's sixel graphics, or iTerm2's inline images."""

Drawing = Glyphs | PieceProtocol | Literal["pixels"]
"""What the decoding process can be made ready for: a mosaic of such cells, pixels in the stream of text, or pixels for
the Kitty graphics protocol."""

Rgb = tuple[int, int, int]
"""Red, green, blue, each 0–255."""

PREFIX_BYTES = 4
"""Length of the prefix: the number of bytes that follow, unsigned, big-endian."""
MOST_REQUEST_BYTES = 16 << 10
"""A longer request is garbage: the longest path is a quarter of it."""
MOST_CELLS = 250_000
"""Most cells of one picture: 500×500."""
MOST_SENT_PIXELS = 3840 * 2160
"""Most pixels of one picture for the terminal itself; of more it gets a smaller picture."""
MOST_THUMBNAIL_SIDE = 256
"""Most pixels of a thumbnail's longer side."""
MOST_THUMBNAIL_BYTES = 256 << 10
"""A thumbnail has less than its raw pixels, 192 KiB, whatever it shows."""
MOST_REDUCED_SIDE = 1568
"""Most pixels of the longer side of a picture that is shown to a model: of larger ones services see no more."""
MOST_REDUCED_BYTES = 8 << 20
"""Such a picture has less than its raw pixels, 7.03 MiB, whatever it shows."""
MOST_PIECES_PIXELS = 16 << 20
"""Most pixels of one picture as rows of cells: more than the largest screens have (5120×2880)."""
MOST_PIECES_BYTES = 32 << 20
"""Most bytes of all sequences of a picture; noise over the largest screens would have five times as many."""
MOST_PIECE_WIDTH = 9999
"""Most pixels of such a row; a repeat in sixel is at most so long."""
MOST_CELL_SIDE = 256
"""Most pixels of a cell each way."""
FEWEST_COLOURS, MOST_COLOURS = 16, 256
"""Colour registers that sixel pictures may use."""
THUMBNAIL_START = b"\xff\xd8\xff"
"""How a JPEG begins, which thumbnails and reduced pictures are."""


class Line(Struct, frozen=True, array_like=True):
    """One row of cells."""

    text: str
    """One character a cell, each one cell wide."""
    foreground: bytes
    """A cell's colour after the other: 3 bytes (red, green, blue), or 1 (0–255, xterm's palette)."""
    background: bytes
    """The same for what lies behind the characters."""


class CellsRequest(Struct, frozen=True, array_like=True, tag=True):
    """Draw a file as `columns`×`rows` cells."""

    path: bytes
    """As the file system names it."""
    columns: int
    rows: int
    background: Rgb
    """What shines through where the picture is transparent."""
    colours: Colours
    glyphs: Glyphs


class PixelsRequest(Struct, frozen=True, array_like=True, tag=True):
    """Bring a file down to `width`×`height` pixels for a terminal that draws pixels itself."""

    path: bytes
    """As the file system names it."""
    width: int
    height: int
    background: Rgb
    """What shines through where the picture is transparent."""


class PiecesRequest(Struct, frozen=True, array_like=True, tag=True):
    """Draw a file as one escape sequence for each row of cells."""

    path: bytes
    """As the file system names it."""
    columns: int
    rows: int
    cell_width: int
    """Pixels of a cell."""
    cell_height: int
    background: Rgb
    """What shines through where the picture is transparent."""
    protocol: PieceProtocol
    colours: int
    """Colour registers that sixel may use: FEWEST_COLOURS to MOST_COLOURS."""


class ThumbnailRequest(Struct, frozen=True, array_like=True, tag=True):
    """Make a small file of a file."""

    path: bytes
    """As the file system names it."""
    side: int
    """Most pixels of the longer side."""
    background: Rgb
    """What shines through where the picture is transparent."""


class ReducedRequest(Struct, frozen=True, array_like=True, tag=True):
    """Make a file of a file that is small enough to be sent, with nothing but the picture in it."""

    path: bytes
    """As the file system names it."""
    side: int
    """Most pixels of the longer side."""
    background: Rgb
    """What shines through where the picture is transparent."""


Request = CellsRequest | PixelsRequest | PiecesRequest | ThumbnailRequest | ReducedRequest


class Drawn(Struct, frozen=True, array_like=True, tag=True):
    """The picture as cells."""

    lines: tuple[Line, ...]


class Pixels(Struct, frozen=True, array_like=True, tag=True):
    """The picture as what the Kitty graphics protocol transmits (f=24, o=z)."""

    width: int
    height: int
    payload: bytes
    """Red, green and blue of each pixel, a byte each, row by row; compressed by zlib, then in base64."""

    @property
    def size_in_bytes(self) -> int:
        """Memory that the pixels take, near enough for a cache."""
        return 200 + len(self.payload)


class Pieces(Struct, frozen=True, array_like=True, tag=True):
    """The picture as escape sequences."""

    rows: tuple[bytes, ...]
    """One for each row of cells from the top, each whole by itself."""


class Thumbnail(Struct, frozen=True, array_like=True, tag=True):
    """The picture as a small file of its own."""

    data: bytes
    """A JPEG."""


class Reduced(Struct, frozen=True, array_like=True, tag=True):
    """The picture as a file that can be sent."""

    width: int
    """Pixels, as EXIF's orientation has it."""
    height: int
    data: bytes
    """A JPEG."""


class Refused(Struct, frozen=True, array_like=True, tag=True):
    """Why there is no picture, in one sentence."""

    sentence: str
    is_final: bool = True
    """Whether the same file would be refused again, whatever happens around it."""


Reply = Drawn | Pixels | Pieces | Thumbnail | Reduced | Refused


def frame(message: Struct) -> bytes:
    """The message with its prefix."""
    data = msgpack.encode(message)
    return len(data).to_bytes(PREFIX_BYTES, "big") + data


def frame_length(prefix: bytes, most: int) -> int:
    """Bytes that follow the prefix. ValueError when they are none, or more than `most`."""
    length = int.from_bytes(prefix, "big")
    if not 0 < length <= most:
        raise ValueError(f"a frame of {length} bytes")
    return length


def most_reply_bytes(request: Request) -> int:
    """A longer reply to `request` is garbage."""
    if isinstance(request, ThumbnailRequest):
        return 4096 + MOST_THUMBNAIL_BYTES
    if isinstance(request, ReducedRequest):
        return 4096 + MOST_REDUCED_BYTES
    if isinstance(request, PixelsRequest):
        # What does not compress grows by 5 bytes in 16 KiB (zlib's bound), then by a third in base64.
        return 4096 + 4 * min(request.width * request.height, MOST_SENT_PIXELS) * 1001 // 1000
    if isinstance(request, PiecesRequest):
        return 4096 + 8 * request.rows + MOST_PIECES_BYTES
    return 4096 + 32 * request.rows + 10 * request.columns * request.rows


def most_piece_bytes(request: PiecesRequest) -> int:
    """A longer sequence for one row of cells is garbage.

    Where each pixel has a colour of its own, sixel names the colour (5 bytes), skips others (6) and sets one (1).
    """
    return 8192 + 12 * request.columns * request.cell_width * request.cell_height

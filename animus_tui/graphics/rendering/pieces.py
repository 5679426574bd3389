"""A picture as escape sequences, one for each row of cells, that draw pixels where the cursor stands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.graphics.decoding.protocol import most_piece_bytes
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from animus_tui.graphics.decoding.protocol import PiecesRequest

BAND = 6
"""Pixels of a sixel, one below the other."""
SIXEL_END = b"\x1b\\"
ITERM2_START, ITERM2_END = b"\x1b]1337;File=", b"\x07"

_SIXEL_DATA = late_pattern(
    rb"(?:[?-~$-]++|![0-9]{1,4}+[?-~]|#[0-9]{1,3}+(?:;2;[0-9]{1,3};[0-9]{1,3};[0-9]{1,3})?+)*+"
)
"""Sixels, some of them repeated, colours defined or chosen, and returns to the left margin of this band or the next."""
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


class PictureRows(Struct, frozen=True):
    """A picture of exactly `columns`×`rows` cells in pixels.

    Each sequence is whole by itself, draws one row of cells rightwards from the cursor and moves the cursor in no
    other way than the terminal does of itself.
    """

    columns: int
    rows: int
    sequences: tuple[bytes, ...]
    """`rows` of them, from the top."""

    @property
    def size_in_bytes(self) -> int:
        """Memory that the sequences take, near enough for a cache."""
        return 200 + sum(sys.getsizeof(sequence) + 8 for sequence in self.sequences)


def sixel_start(width: int, height: int) -> bytes:
    """What a sixel sequence of so many pixels begins with.

    Pixels that are not set stay as they are (P2 is 1): a band of six may reach below the row of cells, where a
    terminal would fill it with its background. The raster attributes say that pixels are square.
    """
    return b'\x1bP0;1;0q"1;1;%d;%d' % (width, height)


def iterm2_start(columns: int, size: int) -> bytes:
    """What a sequence of iTerm2's begins with, for a file of `size` bytes stretched over `columns`×1 cells."""
    return b"%binline=1;size=%d;width=%d;height=1;preserveAspectRatio=0;doNotMoveCursor=1:" % (
        ITERM2_START,
        size,
        columns,
    )


def are_pieces(rows: tuple[bytes, ...], request: PiecesRequest) -> bool:
    """Whether these are the sequences that were asked for, and nothing in them can steer the terminal otherwise."""
    is_piece = _is_sixel if request.protocol == "sixel" else _is_iterm2
    most = most_piece_bytes(request)
    return len(rows) == request.rows and all(len(row) <= most and is_piece(row, request) for row in rows)


def _is_sixel(row: bytes, request: PiecesRequest) -> bool:
    start = sixel_start(request.columns * request.cell_width, request.cell_height)
    return (
        row.startswith(start)
        and row.endswith(SIXEL_END)
        and _SIXEL_DATA.fullmatch(row, len(start), len(row) - len(SIXEL_END)) is not None
        and row.count(b"-") < -(-request.cell_height // BAND)  # nothing below the row of cells
    )


def _is_iterm2(row: bytes, request: PiecesRequest) -> bool:
    start, _, payload = row.partition(b":")
    data = payload.removesuffix(ITERM2_END)
    size = len(data) // 4 * 3 - data[-2:].count(b"=")
    return (
        data != b""
        and len(data) < len(payload)
        and start + b":" == iterm2_start(request.columns, size)
        and not data.translate(None, _BASE64)
    )

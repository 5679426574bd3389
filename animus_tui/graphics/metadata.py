"""A PNG or JPEG file without its metadata: texts, colour profiles, application segments. Pure.

Pillow refuses a whole picture over one of these that is too long, packed too tightly or broken. What makes the
pixels stays byte for byte: PNG's critical chunks and transparency (PNG, Third Edition, 4.8.2), JPEG's tables,
frames and scans with Adobe's colour transform (ITU-T T.81, B.1.1.3; T.872, 6.5.3), and EXIF's orientation.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PARTS = 1 << 18
"""Chunks or segments that are looked at; a file of more stays as it is."""
MOST_EXIF_BYTES = 64 << 10
"""Of a table that is looked into; a JPEG segment holds no more."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\0\0"
_ADOBE_LENGTH = 14  # of the segment with the colour transform, its own length included
_TABLES = frozenset(range(0xC0, 0xE0)) - {0xD8, 0xD9}
"""JPEG markers (second byte) of what makes the pixels."""
_START_OF_SCAN = 0xDA


def without_metadata(data: bytes, orientation_in: Callable[[bytes], int]) -> bytes | None:
    """The same picture as a file without metadata; None when there is nothing to leave out.

    `orientation_in` is given an EXIF table, which nobody vouches for, and returns the orientation: 1 to 8.
    """
    if data.startswith(_SIGNATURE):
        parts = _png_parts(data, orientation_in)
    elif data.startswith(b"\xff\xd8\xff"):
        parts = _jpeg_parts(data, orientation_in)
    else:
        return None
    plain = None if parts is None else b"".join(parts)
    return None if plain == data else plain


def _png_parts(data: bytes, orientation_in: Callable[[bytes], int]) -> list[bytes | memoryview] | None:
    whole = memoryview(data)
    parts: list[bytes | memoryview] = [whole[: len(_SIGNATURE)]]
    turn, at = 1, len(_SIGNATURE)
    for _ in range(MOST_PARTS):
        kind, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        if len(kind) < 4 or end > len(data):
            return [*parts, whole[at:]]  # whatever it is, it is not left out unread
        if kind == b"eXIf" and end - at <= MOST_EXIF_BYTES:
            turn = orientation_in(data[at + 8 : end - 4])
        if kind == b"IDAT" and turn != 1:
            parts.append(_chunk(b"eXIf", _table_of(turn)))
            turn = 1
        if kind[0] & 0x20 == 0 or kind == b"tRNS":  # a capital letter: critical
            parts.append(whole[at:end])
        if kind == b"IEND":
            return parts
        at = end
    return None


def _jpeg_parts(data: bytes, orientation_in: Callable[[bytes], int]) -> list[bytes | memoryview] | None:
    whole = memoryview(data)
    parts: list[bytes | memoryview] = []
    turn, at = 1, 2
    for _ in range(MOST_PARTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data):
            return None
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            start = b"\xff\xd8" if turn == 1 else b"\xff\xd8" + _exif_segment(turn)
            return [start, *parts, whole[at:]]
        if marker < 0xC0 or 0xD0 <= marker <= 0xD9 or marker == 0xFF:  # nothing, or without a length
            at += 1
            continue
        end = at + 2 + max(length, 2)
        content = data[at + 4 : min(end, at + 4 + MOST_EXIF_BYTES)]
        if marker == 0xE1 and content.startswith(_EXIF) and turn == 1:
            turn = orientation_in(content[len(_EXIF) :])
        elif marker in _TABLES or (
            marker == 0xEE and content.startswith(b"Adobe") and length >= _ADOBE_LENGTH
        ):
            parts.append(whole[at:end])
        at = end
    return None


def _table_of(turn: int) -> bytes:
    """An EXIF table of nothing but an orientation (TIFF 6.0, section 2)."""
    return struct.pack(">2sHI HHHIHH I", b"MM", 42, 8, 1, 0x0112, 3, 1, turn, 0, 0)


def _exif_segment(turn: int) -> bytes:
    content = _EXIF + _table_of(turn)
    return b"\xff\xe1" + (2 + len(content)).to_bytes(2, "big") + content


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return len(content).to_bytes(4, "big") + kind + content + check.to_bytes(4, "big")

"""Which bytes are a picture: PNG, JPEG and WebP by their own header, never by their name. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.file_kinds import FileKind
from animus_tui.backends.base.image_values import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 32 << 20
MOST_PIXELS = 40_000_000
_MOST_SEGMENTS = 4096  # of a JPEG's header that are looked at
_JPEG_MARKER = re.compile(rb"\xff[\x02-\xcf\xda-\xfe]")  # of a segment that has a length
_START_OF_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG markers that carry the size

Kind = Literal["png", "jpeg", "webp"]


def check_picture(data: bytes) -> Picture:
    """The picture in `data`. Raises PictureError: another kind, too large, cut off, a broken header."""
    if len(data) > MOST_BYTES:
        raise PICTURE.too_large(len(data))
    kind = picture_kind(data)
    if kind is None:
        raise PICTURE.something_else(data)
    sizes = {"png": _png_size, "jpeg": _jpeg_size, "webp": _webp_size}
    width, height = sizes[kind](data) or (0, 0)
    if width < 1 or height < 1:
        raise PictureError(
            PICTURE.title, f"A {kind.upper()} file with a broken header came. Try again.", retryable=True
        )
    if width * height > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        sentence = f"The picture has {width}×{height} pixels; at most {most} megapixels are accepted."
        raise PictureError("Picture too large", sentence)
    if not _is_whole(kind, data):
        raise PictureError(
            PICTURE.title, f"The {kind.upper()} picture is cut off. Try again.", retryable=True
        )
    return Picture(data=data, kind=kind, width=width, height=height)


def picture_kind(data: bytes) -> Kind | None:
    """The accepted kind that `data` begins like, or None."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    return None


PICTURE = FileKind(
    noun="picture",
    names="PNG, JPEG or WebP picture",
    media_types="image/png, image/jpeg, image/webp",
    most=MOST_BYTES,
    begins=lambda data: picture_kind(data) is not None,
    check=check_picture,
)


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    for marker, at in _jpeg_segments(data):
        if marker in _FRAMES and at + 9 <= len(data):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
    return None


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place (of its 0xFF) of each segment, up to the first scan; bytes between segments are skipped."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        found = _JPEG_MARKER.search(data, at)
        if found is None:
            return
        at = found.end() - 2
        marker = data[at + 1]
        yield marker, at
        if marker == _START_OF_SCAN:
            return
        at += 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L" if data[20] == 0x2F:
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
            return width & 0x3FFF, height & 0x3FFF
    return None


def _is_whole(kind: Kind, data: bytes) -> bool:
    if kind == "png":
        return data.rfind(b"IEND\xaeB`\x82") > 0
    if kind == "jpeg":
        # Within a scan 0xFF is always followed by 0 or a restart marker, so the first end behind its start is the
        # picture's own, whatever stands behind it: a film of a "motion photo", a second picture, a depth map.
        scan = next((at for marker, at in _jpeg_segments(data) if marker == _START_OF_SCAN), None)
        return scan is not None and data.find(b"\xff\xd9", scan) > 0
    return len(data) + 1 >= 8 + int.from_bytes(data[4:8], "little")

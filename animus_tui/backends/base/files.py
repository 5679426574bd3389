"""What a fetched file must be: PNG, JPEG and WebP pictures and MP4 videos, told by their bytes. Pure."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Literal, TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.image_values import Picture, Video
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator


T = TypeVar("T")

ENOUGH_TO_TELL = 32  # bytes from which the kind can be told


class FileKind(Struct, Generic[T], frozen=True, kw_only=True):
    """The kind of file that is accepted."""

    noun: str
    """What such a file is called: `picture` or `video`."""
    names: str
    """The kind with its formats, such as `MP4 video`."""
    media_types: str
    """Value of the `Accept` header."""
    most: int
    """Most bytes that are accepted."""
    begins: Callable[[bytes], bool]
    """Whether a file may begin so; it is given `ENOUGH_TO_TELL` bytes, or all there are."""
    check: Callable[[bytes], T]
    """Checks a whole file and returns its value. Raises PictureError."""

    @property
    def title(self) -> str:
        """Title of most errors about such a file."""
        return f"No {self.noun}"

    def something_else(self, data: bytes) -> PictureError:
        """The error for a file of another kind, of which `data` may be just the beginning."""
        return PictureError(self.title, f"{_what_came(data)} came instead of {self._article}. Try again.")

    def too_large(self, size: int) -> PictureError:
        """The error for more bytes than are accepted."""
        sentence = (
            f"The {self.noun} has at least {size >> 20} MiB; at most {self.most >> 20} MiB are accepted."
        )
        return PictureError(f"{self.noun.capitalize()} too large", sentence)

    @property
    def _article(self) -> str:
        return f"an {self.names}" if self.names.startswith("MP") else f"a {self.names}"


def is_data_url(url: str) -> bool:
    """Whether it is a `data:` address, which holds the file itself."""
    return url.lstrip()[:5].lower() == "data:"


def data_url(picture: Picture) -> str:
    """A `data:` address that holds a picture. For a thread."""
    return f"data:image/{picture.kind};base64,{binascii.b2a_base64(picture.data, newline=False).decode()}"


def base64_url(encoded: str) -> str:
    """Base64 as a `data:` address; the kind of picture is told by its bytes, whatever the address says."""
    return encoded if is_data_url(encoded) else f"data:image/png;base64,{encoded}"


def data_url_bytes(url: str, kind: FileKind[T]) -> bytes:
    """The bytes in a `data:` URL, base64 or percent-encoded. Raises PictureError.

    What it says of itself matters less than what it holds: base64 may be that of RFC 4648, section 5 (URL-safe),
    lack its padding, be broken into lines, percent-encoded on top, or not be announced at all.
    """
    if len(url) > kind.most * _MOST_GROWTH + 1024:
        raise kind.too_large(len(url) // _MOST_GROWTH)
    head, comma, payload = url.partition(",")
    if not comma:
        sentence = f"A data: address without data came instead of a {kind.noun}. Try again."
        raise PictureError(kind.title, sentence)
    data = _unquoted(payload)
    is_announced = b"base64" in unquote_to_bytes(head).lower().translate(None, _WHITE_SPACE).split(b";")
    if kind.begins(data[:ENOUGH_TO_TELL]) or not (is_announced or _holds_base64_of(kind, data)):
        return data
    packed = data.translate(_PLAIN_BASE64, _WHITE_SPACE + b"=")
    if len(packed) * 3 // 4 > kind.most:
        raise kind.too_large(len(packed) * 3 // 4)
    try:
        return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        sentence = f"The {kind.noun}'s data: address holds broken base64. Try again."
        raise PictureError(kind.title, sentence) from None


def _unquoted(text: str) -> bytes:
    """The text without percent-encoding, a part at a time: each escape is an object of its own meanwhile."""
    if "%" not in text:
        return text.encode(errors="replace")
    data, at = bytearray(), 0
    while at < len(text):
        end = at + _PART
        while "%" in text[end - 2 : end] and end < len(text):  # an escape stays in one part
            end += 1
        data += unquote_to_bytes(text[at:end])
        at = end
    return bytes(data)


def _holds_base64_of(kind: FileKind[T], data: bytes) -> bool:
    """Whether `data` is base64 of what is wanted, as far as its beginning tells."""
    start = data[: 4 * ENOUGH_TO_TELL].translate(_PLAIN_BASE64, _WHITE_SPACE)
    try:
        return kind.begins(binascii.a2b_base64(start[: len(start) // 4 * 4])[:ENOUGH_TO_TELL])
    except binascii.Error:
        return False


_MOST_GROWTH = 3  # a byte becomes three characters when it is percent-encoded
_PART = 1 << 16  # characters
_WHITE_SPACE = b" \t\r\n\v\f"
_PLAIN_BASE64 = bytes.maketrans(b"-_", b"+/")
_SIGNATURES = {
    b"\x89PNG": "A PNG picture",
    b"\xff\xd8\xff": "A JPEG picture",
    b"GIF8": "A GIF picture",
    b"BM": "A BMP picture",
    b"II*\0": "A TIFF picture",
    b"MM\0*": "A TIFF picture",
    b"%PDF": "A PDF document",
    b"\x1a\x45\xdf\xa3": "A Matroska or WebM video",
    b"{": "JSON",
    b"[": "JSON",
}
_STILLS = (b"avi", b"hei", b"hev", b"mif", b"msf")  # how the brands of AVIF and HEIC begin


def begins_as_video(data: bytes) -> bool:
    """Whether the first box is that of an MP4 (ISO/IEC 14496-12) and not of a picture in the same container."""
    return data[4:8] == b"ftyp" and data[8:11] not in _STILLS


def _what_came(data: bytes) -> str:
    """What `data` is, as the beginning of a sentence."""
    start = data[:512].lstrip()
    if not data:
        return "Nothing"
    if data[4:8] == b"ftyp":
        return "A video" if begins_as_video(data) else "An AVIF or HEIC picture"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "A WebP picture"
    if start.startswith(b"<"):
        return "An SVG drawing" if b"<svg" in start.lower() else "An HTML or XML page"
    named = next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)
    return named or (
        "Text" if start.isascii() and start.decode().isprintable() else "Data of an unknown kind"
    )


MOST_PICTURE_BYTES = 32 << 20
MOST_PIXELS = 40_000_000
_MOST_SEGMENTS = 4096  # of a JPEG's header that are looked at
_JPEG_MARKER = late_pattern(rb"\xff[\x02-\xcf\xda-\xfe]")  # of a segment that has a length
_START_OF_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG markers that carry the size

Kind = Literal["png", "jpeg", "webp"]


def check_picture(data: bytes) -> Picture:
    """The picture in `data`. Raises PictureError: another kind, too large, cut off, a broken header."""
    if len(data) > MOST_PICTURE_BYTES:
        raise PICTURE.too_large(len(data))
    kind = picture_kind(data)
    if kind is None:
        raise PICTURE.something_else(data)
    width, height = size_in(data) or (0, 0)
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


def size_in(data: bytes) -> tuple[int, int] | None:
    """Width and height that the header of an accepted kind says; None when it says none. A beginning is enough."""
    sizes = {"png": _png_size, "jpeg": _jpeg_size, "webp": _webp_size}
    kind = picture_kind(data)
    return None if kind is None else sizes[kind](data)


PICTURE = FileKind(
    noun="picture",
    names="PNG, JPEG or WebP picture",
    media_types="image/png, image/jpeg, image/webp",
    most=MOST_PICTURE_BYTES,
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


MOST_VIDEO_BYTES = 128 << 20  # room for 20 s at 50 Mbit/s, which is more than a short clip has
_MOST_BOXES = 65_536  # at the top of a file that are looked at; a fragmented clip has two a fragment
_KNOWN = frozenset(
    b"ftyp moov mdat moof mfra free skip wide udta uuid meta meco sidx ssix styp prft emsg pdin pnot imda".split()
)
"""Boxes at the top of a file (ISO/IEC 14496-12, table 1). What is longer than the file and none of them is no box."""
_NEEDED = frozenset({b"moov", b"mdat"})  # what the film is and the film: nothing plays without either


def check_video(data: bytes) -> Video:
    """The clip in `data`. Raises PictureError: another kind, too large, cut off."""
    if len(data) > MOST_VIDEO_BYTES:
        raise VIDEO.too_large(len(data))
    if not begins_as_video(data):
        raise VIDEO.something_else(data)
    boxes = dict(_boxes(data))
    if not boxes.keys() >= _NEEDED or max(boxes.values()) > len(data):
        raise PictureError(VIDEO.title, "The MP4 video is cut off. Try again.", retryable=True)
    return Video(data=data, kind="mp4")


VIDEO = FileKind(
    noun="video",
    names="MP4 video",
    media_types="video/mp4",
    most=MOST_VIDEO_BYTES,
    begins=begins_as_video,
    check=check_video,
)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Type of each box at the top and where it ends, up to the first that is none."""
    at = 0
    for _ in range(_MOST_BOXES):
        head, size = 8, int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if size == 1:  # it did not fit and follows
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:  # to the end of the file
            size = len(data) - at
        if size < head or (kind not in _KNOWN and at + size > len(data)):
            return
        at += size
        yield kind, at
        if at >= len(data):
            return

"""What a fetched file must be, and what is said when it is something else. Pure."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from animus_tui.backends.base.errors import PictureError

T = TypeVar("T")

ENOUGH_TO_TELL = 32  # bytes from which the kind can be told


class FileKind(Struct, Generic[T], frozen=True, kw_only=True):
    """The kind of file that is accepted."""

    noun: str
    """`picture` or `video`."""
    names: str
    """With its formats: `MP4 video`."""
    media_types: str
    """For the `Accept` header."""
    most: int
    """Bytes."""
    begins: Callable[[bytes], bool]
    """Whether a file may begin so; it is given `ENOUGH_TO_TELL` bytes, or all there are."""
    check: Callable[[bytes], T]
    """The checked file. Raises PictureError."""

    @property
    def title(self) -> str:
        """Of most failures."""
        return f"No {self.noun}"

    def something_else(self, data: bytes) -> PictureError:
        """Another kind came; `data` may be just its beginning."""
        return PictureError(self.title, f"{_what_came(data)} came instead of {self._article}. Try again.")

    def too_large(self, size: int) -> PictureError:
        """More bytes than are accepted."""
        sentence = (
            f"The {self.noun} has at least {size >> 20} MiB; at most {self.most >> 20} MiB are accepted."
        )
        return PictureError(f"{self.noun.capitalize()} too large", sentence)

    @property
    def _article(self) -> str:
        return f"an {self.names}" if self.names.startswith("MP") else f"a {self.names}"


def is_data_url(url: str) -> bool:
    """Whether the address is the file itself."""
    return url.lstrip()[:5].lower() == "data:"


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

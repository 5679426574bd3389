"""Untrusted bytes → a small RGB picture, by Pillow. Runs in the decoding process only."""

from __future__ import annotations

import resource
import struct
import warnings
import zlib
from base64 import standard_b64encode
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from PIL import Image, JpegImagePlugin, UnidentifiedImageError, WebPImagePlugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from animus_tui.graphics.decoding.protocol import Rgb

T = TypeVar("T")

MOST_BYTES = 32 << 20
MOST_PIXELS = 40_000_000
MOST_MEMORY = 1 << 30
"""Bytes of address space. Of 40 megapixels a transparent WebP takes 0.87 GiB, the most (Pillow 10.4)."""
MOST_KEPT_PIXELS = 2 << 20
"""Of the picture that was read last: 8 MiB in Pillow's memory. It may be wanted once more, in another size."""
CPU_SECONDS = 20
"""For one picture."""
FORMATS = ("PNG", "JPEG", "WEBP")
AGAIN = "make the picture again"

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "PNG": lambda data: data.startswith(_PNG_SIGNATURE),
    "JPEG": lambda data: data.startswith(b"\xff\xd8\xff"),
    "WebP": lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP",
}
_ORIENTATION = 0x0112  # the EXIF tag, in TIFF 6.0
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)  # the orientations that swap width and height
_REDUCING_GAP = 2.0
"""A box filter may first bring the picture down to twice the size that is wanted (Pillow's advice: 2.0 or more)."""
_MOST_REDUCED = 64
"""By this factor at most: the box filter's weight has 24 bits for all pixels of a box, and many make it too dark."""

MOST_PARTS = 1 << 18
"""Chunks or segments that are looked at; a file of more stays as it is."""
MOST_EXIF_BYTES = 64 << 10
"""Of a table that is looked into; a JPEG segment holds no more."""

_EXIF = b"Exif\0\0"
_ADOBE_LENGTH = 14  # of the segment with the colour transform, its own length included
_TABLES = frozenset(range(0xC0, 0xE0)) - {0xD8, 0xD9}
"""JPEG markers (second byte) of what makes the pixels."""
_START_OF_SCAN = 0xDA

_LEVEL = 1
"""Of compression: 4 makes scenes 1 to 6 % smaller and takes 40 % longer."""

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What Pillow raises over broken files; anything else ends this process, which is there for that."""


class UnreadablePictureError(Exception):
    """The bytes cannot be shown. Its text is one sentence."""

    def __init__(self, fault: str, advice: str = "") -> None:
        super().__init__(f"{fault}; {advice}." if advice else f"{fault}.")
        self.fault = fault
        """What is wrong, without a full stop."""


class DamagedPictureError(UnreadablePictureError):
    """Something in the bytes is not as it must be."""


def confine() -> None:
    """No more memory than a picture needs, no file written, no core dump; bombs are errors. There is no way back."""
    for limit, value in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit on address space; the limit in time still holds there.
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    prepare()


def allow_cpu_time() -> None:
    """From now on the process may compute for CPU_SECONDS; beyond that the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(
        resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard)
    )


def prepare() -> None:
    """Set Pillow's readers and limits, once in a process."""
    Image.preinit()
    # The reader that Pillow would take for a JPEG also follows the index of an MPO, several JPEGs in one file.
    Image.register_open(
        "JPEG", JpegImagePlugin.JpegImageFile, lambda start: start.startswith(b"\xff\xd8\xff")
    )
    Image.register_open(
        "WEBP",
        WebPImagePlugin.WebPImageFile,
        lambda start: start.startswith(b"RIFF") and start[8:12] == b"WEBP",
    )
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def decode(
    data: bytes,
    size: tuple[int, int],
    background: Rgb,
    *,
    enlarged: bool = True,
    seen: Callable[[Image.Image], None] | None = None,
) -> Image.Image:
    """The first picture in `data` as RGB of exactly `size` (width, height in pixels), laid on `background`.

    With `enlarged` off a small picture stays small: the result keeps the shape of `size` and is, where that is
    less, only so large that the picture in it has no more pixels than the file.
    `seen` is given an RGB picture before it gets its size, if nothing of the background will be to be seen.
    EXIF's orientation is obeyed; a picture that it lays on its side keeps its shape between margins.
    Raises UnreadablePictureError.
    """
    return _read(data, lambda file: _decoded(file, size, background, enlarged=enlarged, seen=seen))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of the first picture in `data`, as its header has them. UnreadablePictureError."""
    return _read(data, _size)


def decode_within(data: bytes, side: int, background: Rgb) -> Image.Image:
    """The first picture in `data` as RGB of its own shape, its longer side `side` pixels or as many as it has.

    EXIF's orientation is obeyed; `background` is laid below it. Raises UnreadablePictureError.
    """
    return _read(data, lambda file: _decoded_within(file, side, background))


def compressed(picture: Image.Image) -> bytes:
    """An RGB picture as the data of a Kitty transmission: compressed by zlib, then in base64, without control data."""
    return standard_b64encode(zlib.compress(picture.tobytes(), _LEVEL))


def _read(data: bytes, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the file, or else of the file without the metadata that may have been in the way."""
    try:
        return read(data)
    except DamagedPictureError as damage:
        plain = without_metadata(data, _turn_in)
        if plain is None:
            raise
        try:
            return read(plain)
        except UnreadablePictureError:
            raise damage from None


def _size(data: bytes) -> tuple[int, int]:
    with _told(_kind(data)), Image.open(BytesIO(data), formats=FORMATS) as picture:
        return picture.width, picture.height


def _decoded(
    data: bytes,
    size: tuple[int, int],
    background: Rgb,
    *,
    enlarged: bool,
    seen: Callable[[Image.Image], None] | None,
) -> Image.Image:
    with _told(_kind(data)):
        picture, source, turn = _loaded(data, size)
        if seen is not None and picture.mode == "RGB" and not picture.has_transparency_data and turn == 1:
            seen(picture)
        room = _room(size, source) if turn in _SIDEWAYS else size
        if not enlarged:
            size, room = _no_larger(size, room, source[::-1] if turn in _SIDEWAYS else source)
        small = _resized(picture, room[::-1] if turn in _SIDEWAYS else room)
    return _laid_on(background, small.transpose(_TURNS[turn]) if turn in _TURNS else small, size)


class _Loaded(NamedTuple):
    """A file that was read."""

    picture: Image.Image
    """Its pixels, perhaps fewer than it has."""
    source: tuple[int, int]
    """Width and height of the picture in the file."""
    turn: int
    """EXIF's orientation, 1–8."""


_last: list[tuple[bytes, _Loaded]] = []
"""The file that was read last, if it is not too large: reading takes half of the time for a mosaic."""


def _loaded(data: bytes, size: tuple[int, int]) -> _Loaded:
    """The picture in a file, with all of its pixels or at least twice as many each way as `size` has."""
    if _last and _last[0][0] == data:
        return _last[0][1]
    _last.clear()
    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        source = picture.size
        picture.draft("RGB", (size[0] * 2, size[1] * 2))
        picture.load()
        loaded = _Loaded(picture, source, _orientation(picture))
    if picture.size == source and source[0] * source[1] <= MOST_KEPT_PIXELS:
        _last.append((data, loaded))
    return loaded


def _decoded_within(data: bytes, side: int, background: Rgb) -> Image.Image:
    with _told(_kind(data)), Image.open(BytesIO(data), formats=FORMATS) as picture:
        factor = min(1.0, side / max(picture.size))
        size = max(round(picture.width * factor), 1), max(round(picture.height * factor), 1)
        picture.draft("RGB", (size[0] * 2, size[1] * 2))
        picture.load()
        turn = _orientation(picture)
        small = _resized(picture, size)
    turned = small.transpose(_TURNS[turn]) if turn in _TURNS else small
    return _laid_on(background, turned, turned.size)


@contextmanager
def _told(kind: str) -> Iterator[None]:
    """What goes wrong with a picture of this kind is one sentence: UnreadablePictureError."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        most = MOST_PIXELS // 1_000_000
        raise UnreadablePictureError(
            f"The {kind} picture has more than {most} megapixels, too many to show"
        ) from None
    except MemoryError:
        raise UnreadablePictureError(f"The {kind} picture needs too much memory to be shown") from None
    except UnidentifiedImageError:
        raise DamagedPictureError(f"The {kind} picture has a broken header", "make it again") from None
    except _BROKEN:
        raise DamagedPictureError(f"The {kind} picture is damaged", "make it again") from None


def _kind(data: bytes) -> str:
    if not data:
        raise UnreadablePictureError("The picture's file is empty", AGAIN)
    if len(data) > MOST_BYTES:
        raise UnreadablePictureError(f"The picture has more than {MOST_BYTES >> 20} MiB, too many to show")
    for kind, begins in _SIGNATURES.items():
        if begins(data):
            return kind
    raise UnreadablePictureError("The file is not a PNG, JPEG or WebP picture", AGAIN)


def _orientation(picture: Image.Image) -> int:
    """EXIF's orientation, 1–8; 1 when there is none or its table is broken."""
    try:
        return _as_turn(picture.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1


def _turn_in(table: bytes) -> int:
    """The orientation in an EXIF table, 1–8; 1 when there is none or the table is broken."""
    exif = Image.Exif()  # type: ignore[no-untyped-call, unused-ignore]  # of Pillow before 11
    try:
        exif.load(table)  # type: ignore[no-untyped-call, unused-ignore]
        return _as_turn(exif.get(_ORIENTATION, 1))
    except _BROKEN:
        return 1


def _as_turn(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _room(size: tuple[int, int], source: tuple[int, int]) -> tuple[int, int]:
    """The part of `size` that a picture takes once turned, when `size` has the shape of the unturned `source`."""
    shape = source[0] / source[1]
    across, down = (1 / shape**2, 1.0) if shape > 1 else (1.0, shape**2)
    return max(round(size[0] * across), 1), max(round(size[1] * down), 1)


def _no_larger(
    size: tuple[int, int], room: tuple[int, int], source: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """`size` and the `room` in it, both made smaller where the room has more pixels than the source."""
    factor = min(1.0, source[0] / room[0], source[1] / room[1])
    (width, height), (across, down) = (
        (max(round(side * factor), 1) for side in sides) for sides in (size, room)
    )
    return (width, height), (across, down)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture as RGB, or RGBA where it is transparent, in another size."""
    if picture.has_transparency_data:
        # Colours are weighed by their opacity, else those of invisible pixels would bleed in.
        straight = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        return _scaled(straight.convert("RGBa"), size).convert("RGBA")
    if picture.mode.startswith("I"):  # 16 bits a pixel
        return _scaled(picture.convert("I").point(lambda grey: grey * (1 / 257)).convert("L"), size).convert(
            "RGB"
        )
    return _scaled(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"), size).convert("RGB")


def _scaled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    factor = max(picture.width / size[0], picture.height / size[1])
    gap = max(_REDUCING_GAP, factor / _MOST_REDUCED)
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)


def _laid_on(background: Rgb, picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.mode == "RGB" and picture.size == size:
        return picture
    canvas = Image.new("RGB", size, background)
    corner = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    canvas.paste(picture, corner, picture if picture.mode == "RGBA" else None)
    return canvas


def without_metadata(data: bytes, orientation_in: Callable[[bytes], int]) -> bytes | None:
    """A PNG or JPEG file without texts, colour profiles, application segments; None when there is nothing to leave out.

    Pillow refuses a whole picture over one of these that is too long, packed too tightly or broken. What makes the
    pixels stays byte for byte: PNG's critical chunks and transparency (PNG, Third Edition, 4.8.2), JPEG's tables,
    frames and scans with Adobe's colour transform (ITU-T T.81, B.1.1.3; T.872, 6.5.3), and EXIF's orientation.
    `orientation_in` is given an EXIF table, which nobody vouches for, and returns the orientation: 1 to 8.
    """
    if data.startswith(_PNG_SIGNATURE):
        parts = _png_parts(data, orientation_in)
    elif data.startswith(b"\xff\xd8\xff"):
        parts = _jpeg_parts(data, orientation_in)
    else:
        return None
    plain = None if parts is None else b"".join(parts)
    return None if plain == data else plain


def _png_parts(data: bytes, orientation_in: Callable[[bytes], int]) -> list[bytes | memoryview] | None:
    whole = memoryview(data)
    parts: list[bytes | memoryview] = [whole[: len(_PNG_SIGNATURE)]]
    turn, at = 1, len(_PNG_SIGNATURE)
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

"""Untrusted bytes → a small RGB picture, by Pillow. Runs in the decoding process only."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, JpegImagePlugin, UnidentifiedImageError, WebPImagePlugin

from animus_tui.graphics.metadata import without_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from animus_tui.graphics.protocol import Rgb

T = TypeVar("T")

MOST_BYTES = 32 << 20
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP")

_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "PNG": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
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


class DamagedPictureError(UnreadablePictureError):
    """Something in the bytes is not as it must be."""


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


def decode(data: bytes, size: tuple[int, int], background: Rgb, *, enlarged: bool = True) -> Image.Image:
    """The first picture in `data` as RGB of exactly `size` (width, height in pixels), laid on `background`.

    With `enlarged` off a small picture stays small: the result keeps the shape of `size` and is, where that is
    less, only so large that the picture in it has no more pixels than the file.
    EXIF's orientation is obeyed; a picture that it lays on its side keeps its shape between margins.
    Raises UnreadablePictureError.
    """
    return _read(data, lambda file: _decoded(file, size, background, enlarged=enlarged))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of the first picture in `data`, as its header has them. UnreadablePictureError."""
    return _read(data, _size)


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


def _decoded(data: bytes, size: tuple[int, int], background: Rgb, *, enlarged: bool) -> Image.Image:
    with _told(_kind(data)), Image.open(BytesIO(data), formats=FORMATS) as picture:
        source = picture.size
        picture.draft("RGB", (size[0] * 2, size[1] * 2))
        picture.load()
        turn = _orientation(picture)
        room = _room(size, source) if turn in _SIDEWAYS else size
        if not enlarged:
            size, room = _no_larger(size, room, source[::-1] if turn in _SIDEWAYS else source)
        small = _resized(picture, room[::-1] if turn in _SIDEWAYS else room)
    return _laid_on(background, small.transpose(_TURNS[turn]) if turn in _TURNS else small, size)


@contextmanager
def _told(kind: str) -> Iterator[None]:
    """What goes wrong with a picture of this kind is one sentence: UnreadablePictureError."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        most = MOST_PIXELS // 1_000_000
        raise UnreadablePictureError(
            f"The {kind} picture has more than {most} megapixels, too many to show."
        ) from None
    except MemoryError:
        raise UnreadablePictureError(f"The {kind} picture needs too much memory to be shown.") from None
    except UnidentifiedImageError:
        raise DamagedPictureError(f"The {kind} picture has a broken header; make it again.") from None
    except _BROKEN:
        raise DamagedPictureError(f"The {kind} picture is damaged; make it again.") from None


def _kind(data: bytes) -> str:
    if not data:
        raise UnreadablePictureError("The picture's file is empty; make the picture again.")
    if len(data) > MOST_BYTES:
        raise UnreadablePictureError(f"The picture has more than {MOST_BYTES >> 20} MiB, too many to show.")
    for kind, begins in _SIGNATURES.items():
        if begins(data):
            return kind
    raise UnreadablePictureError("The file is not a PNG, JPEG or WebP picture; make the picture again.")


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

"""Pictures that are none, or not what their name says."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from animus_tui.demo.pictures import Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG whose header claims `width` × `height` pixels and which holds `rows` rows of them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress((b"\0" + b"\x80" * width) * rows, 9)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _saved(kind: str, frames: int = 1) -> bytes:
    from PIL import Image

    first, *others = (Image.new("RGB", (64, 48), (40 + 60 * n, 90, 160)) for n in range(frames))
    buffer = io.BytesIO()
    if others:
        first.save(buffer, kind, save_all=True, append_images=others)
    else:
        first.save(buffer, kind)
    return buffer.getvalue()


def _half() -> Picture:
    data = png(320, 240, 240)
    return Picture(data=data[: len(data) // 2])


KINDS: Mapping[str, Callable[[], Picture]] = {
    "garbage": lambda: Picture(data=b"This is not a picture. " * 40),
    "truncated": _half,
    "html": lambda: Picture(data=b"<!DOCTYPE html><p>Please sign in.", media_type="text/html"),
    "gif": lambda: Picture(data=GIF, media_type="image/gif"),
    "bomb": lambda: Picture(data=png(30_000, 30_000, 4)),
    "empty": lambda: Picture(data=b""),
    "mpo": lambda: Picture(data=_saved("MPO", frames=2), media_type="image/jpeg"),
    "jpeg": lambda: Picture(data=_saved("JPEG")),
    "webp": lambda: Picture(data=_saved("WEBP")),
    "gone": lambda: Picture(data=b"This address has expired.", media_type="text/plain", status=410),
    "cut": lambda: Picture(data=png(320, 240, 240), limit=100),
    "stall": lambda: Picture(data=png(320, 240, 240), limit=100, hang=True),
}  # fmt: skip


def bad_picture(kind: str) -> Picture | None:
    """The picture of this kind; None when there is no such kind."""
    make = KINDS.get(kind)
    return make() if make else None

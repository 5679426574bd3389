"""Images that are none, or not what their name says, for the fault `badimage`."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException

from animus_tui.demo.image_store import Image

GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")


def _png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG whose header claims `width` × `height` pixels and which holds `rows` rows of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress((b"\0" + b"\x80" * width) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _saved(kind: str, **options: object) -> bytes:
    from PIL import Image as Pillow  # takes 60 ms to load, and hardly anybody asks for this

    file = io.BytesIO()
    Pillow.new("RGB", (64, 48), (40, 90, 160)).save(file, kind, **options)
    return file.getvalue()


def _mpo() -> bytes:
    from PIL import Image as Pillow  # as above

    return _saved("MPO", save_all=True, append_images=[Pillow.new("RGB", (64, 48), (100, 90, 160))])


GREY = _png(320, 240, 240)
KINDS: Mapping[str, Callable[[], Image]] = {
    "garbage": lambda: Image(data=b"This is not an image. " * 40),
    "truncated": lambda: Image(data=GREY[: len(GREY) // 2]),
    "html": lambda: Image(data=b"<!DOCTYPE html><p>Please sign in.", media_type="text/html"),
    "gif": lambda: Image(data=GIF, media_type="image/gif"),
    "bomb": lambda: Image(data=_png(30_000, 30_000, 4)),
    "empty": lambda: Image(data=b""),
    "mpo": lambda: Image(data=_mpo(), media_type="image/jpeg"),
    "jpeg": lambda: Image(data=_saved("JPEG")),
    "webp": lambda: Image(data=_saved("WEBP")),
    "gone": lambda: Image(data=b"This address has expired.", media_type="text/plain", status=410),
    "cut": lambda: Image(data=GREY, limit=100),
    "stall": lambda: Image(data=GREY, limit=100, hang=True),
}


def bad_image(kind: str) -> Image:
    """An image of this kind; 400 when there is no such kind."""
    if kind not in KINDS:
        raise HTTPException(400, f"badimage takes {', '.join(KINDS)}.")
    return KINDS[kind]()

"""Small pictures made on the spot, and files that only pretend to be one."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.protocol import Pixels

RED, GREEN, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)

Rgb = tuple[int, int, int]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def file_of(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as PNG, JPEG, WEBP or any other kind that Pillow writes."""
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(colour: Rgb, size: tuple[int, int] = (32, 32)) -> Image.Image:
    """One colour all over."""
    return Image.new("RGB", size, colour)


def halves(left: Rgb, right: Rgb, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Two colours side by side."""
    picture = plain(left, size)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def textured(size: tuple[int, int] = (48, 40)) -> Image.Image:
    """Gradients in three directions: every byte of its file matters."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (ramp, ramp.rotate(180), Image.radial_gradient("L").resize(size)))


def turned(orientation: int) -> bytes:
    """EXIF data with nothing but an orientation, 1–8."""
    table = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"Exif\0\0MM\0*\0\0\0\x08" + table


def several(kind: str) -> bytes:
    """A red picture and a blue one in one file: an animation (PNG, WEBP) or an MPO."""
    return file_of(plain(RED), kind, save_all=True, append_images=[plain(BLUE)])


def raw(pixels: Pixels) -> list[tuple[int, int, int]]:
    """What a terminal would make of the payload: a colour a pixel."""
    data = zlib.decompress(base64.b64decode(pixels.payload, validate=True))
    assert len(data) == 3 * pixels.width * pixels.height
    return [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]


def png_claiming(width: int, height: int) -> bytes:
    """A whole PNG header that promises this size, before next to no data."""
    return png(width, height, zlib.compress(bytes(64)))


def png(width: int, height: int, data: bytes, *, depth: int = 8, kind: int = 2, interlaced: int = 0) -> bytes:
    """A PNG of this header (kind 2 is colour, 0 grey) around compressed data that may be anything."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    chunks = (b"IHDR", header), (b"IDAT", data), (b"IEND", b"")
    return PNG_SIGNATURE + b"".join(png_chunk(*chunk) for chunk in chunks)


def with_chunk(file: bytes, name: bytes, data: bytes) -> bytes:
    """The PNG with one more chunk behind its header."""
    return file[:33] + png_chunk(name, data) + file[33:]


def with_segment(file: bytes, marker: int, content: bytes) -> bytes:
    """The JPEG with one more segment right behind its beginning."""
    return file[:2] + b"\xff" + bytes([marker]) + (2 + len(content)).to_bytes(2, "big") + content + file[2:]


def interlaced(picture: Image.Image) -> bytes:
    """The RGB picture as a PNG in the seven passes of Adam7, which Pillow reads but does not write."""
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    rows = bytearray()
    for left, top, across, down in passes:
        for y in range(top, picture.height, down):
            row = [picture.getpixel((x, y)) for x in range(left, picture.width, across)]
            if row:
                rows += b"\0" + b"".join(bytes(pixel) for pixel in row if isinstance(pixel, tuple))
    return png(*picture.size, zlib.compress(bytes(rows)), interlaced=1)


def deep(picture: Image.Image) -> bytes:
    """The RGB picture as a PNG of 16 bits a channel."""
    flat, length = picture.tobytes(), 3 * picture.width
    rows = (flat[at : at + length] for at in range(0, len(flat), length))
    doubled = b"".join(b"\0" + bytes(value for byte in row for value in (byte, byte)) for row in rows)
    return png(*picture.size, zlib.compress(doubled), depth=16)


def bombs() -> dict[str, bytes]:
    """PNGs that are small until they are unpacked, by where that is."""
    inner = zlib.compress(bytes(64 << 20), 9)
    nested = zlib.compress(inner * 200, 9)
    good = file_of(plain(RED), "PNG")
    return {
        "zTXt": with_chunk(good, b"zTXt", b"Comment\0\0" + inner),
        "nested zTXt": with_chunk(good, b"zTXt", b"Comment\0\0" + nested),
        "iTXt": with_chunk(good, b"iTXt", b"Comment\0\1\0\0\0" + inner),
        "iCCP": with_chunk(good, b"iCCP", b"profile\0\0" + inner),
        "many tEXt": good[:33] + png_chunk(b"tEXt", b"Comment\0" + bytes(1000)) * 20_000 + good[33:],
        "IDAT": png(16, 16, inner),
        "nested IDAT": png(4000, 4000, nested),
        "no IDAT": png(16, 16, b""),
        "no width": png(0, 16, inner[:64]),
        "no height": png(16, 0, inner[:64]),
    }


def png_chunk(name: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def webp_canvas_of(side: int) -> bytes:
    """An animated WebP of two small frames on a canvas of `side`×`side` pixels."""
    data = bytearray(several("WEBP"))
    assert data[12:16] == b"VP8X"
    data[24:30] = (side - 1).to_bytes(3, "little") * 2
    return bytes(data)


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header promises another size."""
    data = bytearray(file_of(plain(RED), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def pretenders() -> dict[str, bytes]:
    """What is no PNG, JPEG or WebP, by what it is."""
    others = {kind: file_of(textured(), kind) for kind in ("GIF", "BMP", "TIFF", "TGA", "ICO", "PPM")}
    return others | {
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
        "HTML": b"<!doctype html><title>Bad gateway</title>",
        "JSON": b'{"error": "no credits"}',
        "PDF": b"%PDF-1.7\n%\xe2\xe3",
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
        "zeros": bytes(4096),
        "nothing": b"",
        "a PNG signature alone": b"\x89PNG\r\n\x1a\n",
        "a JPEG signature alone": b"\xff\xd8\xff",
        "a WebP signature alone": b"RIFF\x04\x00\x00\x00WEBP",
    }


def program_that_answers(folder: Path, answer: bytes) -> str:
    """Path of a program that answers the first request with these bytes and ends."""
    (folder / "answer").write_bytes(answer)
    program = folder / "program"
    program.write_text(f"#!/bin/sh\nhead -c 4 > /dev/null\ncat '{folder}/answer'\n")
    program.chmod(0o700)
    return str(program)

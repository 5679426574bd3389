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

    from animus_tui.graphics.protocol import Pixels

RED, GREEN, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)

Rgb = tuple[int, int, int]


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
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, data) for name, data in chunks)


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

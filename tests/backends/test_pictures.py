"""Which bytes are accepted as a picture. The pictures are made by Pillow, the reading is our own."""

from __future__ import annotations

import base64
import io
import tracemalloc

import pytest
from PIL import Image

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import PICTURE, check_picture, data_url_bytes
from tests.support.backend_client import FILM, picture


def segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return b"\xff" + bytes([marker]) + (2 + len(content)).to_bytes(2, "big") + content


def jpeg_with(*pieces: bytes) -> bytes:
    """A JPEG with these pieces right behind its beginning."""
    whole = picture("JPEG")
    return whole[:2] + b"".join(pieces) + whole[2:]


def webp_with_alpha() -> bytes:
    held = io.BytesIO()
    Image.new("RGBA", (37, 21), (200, 120, 40, 9)).save(held, "WEBP")
    return held.getvalue()


def test_png_jpeg_and_webp_are_accepted_with_their_size() -> None:
    rows: list[tuple[bytes, str]] = [
        (picture("PNG"), "png"),
        (picture("PNG") + b"and some more", "png"),
        (picture("JPEG"), "jpeg"),
        (picture("JPEG", progressive=True), "jpeg"),
        (picture("JPEG", exif=b"Exif\0\0" + b"x" * 5000), "jpeg"),
        (picture("WEBP"), "webp"),
        (picture("WEBP", lossless=True), "webp"),
        (webp_with_alpha(), "webp"),
        (picture("JPEG") + FILM, "jpeg"),
        (picture("JPEG") + picture("JPEG", (500, 300)), "jpeg"),
        (picture("JPEG", progressive=True) + FILM, "jpeg"),
        (jpeg_with(segment(0xE1, b"Exif\0\0" + picture("JPEG", (9, 9)))), "jpeg"),
        (jpeg_with(*[segment(0xED, b"Photoshop 3.0\0" + b"\xff\xd9\xff\xda" * 9000)] * 40), "jpeg"),
        (jpeg_with(b"\xff\xff\xff" + segment(0xEF, b"")[1:], b"\0\0 between segments \0\xff\0"), "jpeg"),
        (jpeg_with(b"\xff\xfe\0\0"), "jpeg"),
        (picture("PNG") + FILM + picture("JPEG"), "png"),
        (picture("WEBP") + FILM, "webp"),
    ]
    for data, kind in rows:
        got = check_picture(data)
        assert (got.kind, got.width, got.height, got.data) == (kind, 37, 21, data)


def test_anything_else_is_refused_with_what_came() -> None:
    rows: list[tuple[bytes, str]] = [
        (b"", "Nothing came"),
        (picture("GIF"), "A GIF picture came"),
        (picture("BMP"), "A BMP picture came"),
        (picture("TIFF"), "A TIFF picture came"),
        (b"<!doctype html><p>Gone", "An HTML or XML page came"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "An SVG drawing came"),
        (b'{"error": "gone"}', "JSON came"),
        (b"\0\0\0\x20ftypisom", "A video came"),
        (b"\0\0\0\x20ftypavif", "An AVIF or HEIC picture came"),
        (b"%PDF-1.7", "A PDF document came"),
        (b"not found", "Text came"),
        (b"\x00\xff\x00\xff", "Data of an unknown kind came"),
        (b"RIFF\0\0\0\0WAVE", "Data of an unknown kind came"),
    ]
    for data, came in rows:
        with pytest.raises(PictureError) as caught:
            check_picture(data)
        assert caught.value.sentence.startswith(f"{came} instead of a PNG, JPEG or WebP picture.")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_off_anywhere_is_refused(kind: str) -> None:
    data = picture(kind)
    for at in range(len(data) - 1):
        with pytest.raises(PictureError):
            check_picture(data[:at])


@pytest.mark.parametrize(
    "header",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"\xff\xd8\xff" + b"\xe0\0\0" * 9000,
        b"RIFF\0\0\0\0WEBP" + b"\0" * 40,
    ],
)
def test_a_broken_header_is_refused(header: bytes) -> None:
    with pytest.raises(PictureError, match="broken header"):
        check_picture(header)


def test_more_than_40_megapixels_are_refused_by_the_header_alone() -> None:
    png = picture("PNG")
    huge = png[:16] + (10_000).to_bytes(4, "big") * 2 + png[24:]
    with pytest.raises(PictureError, match="10000×10000 pixels; at most 40 megapixels"):
        check_picture(huge)
    just = png[:16] + (8000).to_bytes(4, "big") + (5000).to_bytes(4, "big") + png[24:]
    assert check_picture(just).width == 8000
    one_more = png[:16] + (40_000_001).to_bytes(4, "big") + (1).to_bytes(4, "big") + png[24:]
    with pytest.raises(PictureError, match="40 megapixels"):
        check_picture(one_more)


def test_more_than_32_mib_are_refused() -> None:
    just = picture("PNG").ljust(32 << 20, b"\0")
    assert check_picture(just).kind == "png"
    with pytest.raises(PictureError, match="32 MiB"):
        check_picture(just + b"\0")


# Base64 of this has all letters that its URL-safe form writes in another way.
PNG = picture("PNG").ljust(120, b"\0") + b"\xfb\xef\xbe\xff\xff\xff\0"
PACKED = base64.b64encode(PNG).decode()
URL_SAFE = base64.urlsafe_b64encode(PNG).decode()


def test_a_data_url_is_read_by_what_it_holds_and_not_by_what_it_says() -> None:
    rows: list[str] = [
        f"data:image/png;base64,{PACKED}",
        f"data:image/png;base64,{PACKED.rstrip('=')}",
        f"data:image/png;base64,{URL_SAFE}",
        f"data:image/png;base64,{URL_SAFE.rstrip('=')}",
        f"data:image/png;base64,{PACKED}==",
        f"data:image/png;base64,{PACKED.rstrip('=')}%3D%3d",
        f"data:image/png;base64,{PACKED.replace('+', '%2B').replace('/', '%2f')}",
        "data:image/png;base64,\r\n"
        + "\r\n\t ".join(PACKED[at : at + 76] for at in range(0, len(PACKED), 76)),
        "data:image/png;base64," + "%0A".join(PACKED[at : at + 76] for at in range(0, len(PACKED), 76)),
        f" data:image/png; base64 ,{PACKED}\n",
        f"DATA:;BASE64;charset=utf-8,{PACKED}",
        f"data:text/html%3Bbase64,{PACKED}",
        f"data:image/png,{PACKED}",
        f"data:,{URL_SAFE.rstrip('=')}",
        "data:image/png," + "".join(f"%{byte:02x}" for byte in PNG),
        "data:image/png;base64," + "".join(f"%{byte:02x}" for byte in PNG),
    ]
    for url in rows:
        assert "+" in PACKED
        assert "/" in PACKED
        assert data_url_bytes(url, PICTURE) == PNG
        assert check_picture(data_url_bytes(url, PICTURE)).kind == "png"


def test_a_long_percent_encoded_picture_is_read_in_bounded_memory() -> None:
    data = picture("PNG").ljust(400_000, b"\xfe")
    quoted = "".join(map("%{:02x}".format, data))
    for before in ("", "x", "xy"):  # so that escapes lie across the parts in every way
        assert data_url_bytes(f"data:image/png,{before}{quoted}", PICTURE) == before.encode() + data
    url = f"data:image/png,{quoted}"
    tracemalloc.start()
    try:
        data_url_bytes(url, PICTURE)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("url", ["data:", "data:image/png;base64", "data:image/png;base64,abcde"])
def test_a_broken_data_url_is_refused(url: str) -> None:
    with pytest.raises(PictureError, match="data: address"):
        data_url_bytes(url, PICTURE)


def test_a_data_url_of_more_than_32_mib_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match="32 MiB"):
        data_url_bytes("data:image/png;base64," + "A" * (44 << 20), PICTURE)

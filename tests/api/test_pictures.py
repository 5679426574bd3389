"""Which bytes are accepted as a picture. The pictures are made by Pillow, the reading is our own."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from animus_tui.api.errors import PictureError
from animus_tui.api.files import data_url_bytes
from animus_tui.api.pictures import PICTURE, check_picture


def picture(kind: str, size: tuple[int, int] = (37, 21), **options: object) -> bytes:
    """A picture of that kind as Pillow writes it."""
    held = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(held, kind, **options)
    return held.getvalue()


def webp_with_alpha() -> bytes:
    held = io.BytesIO()
    Image.new("RGBA", (37, 21), (200, 120, 40, 9)).save(held, "WEBP")
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("PNG"), "png"),
        (picture("PNG") + b"and some more", "png"),
        (picture("JPEG"), "jpeg"),
        (picture("JPEG", progressive=True), "jpeg"),
        (picture("JPEG", exif=b"Exif\0\0" + b"x" * 5000), "jpeg"),
        (picture("WEBP"), "webp"),
        (picture("WEBP", lossless=True), "webp"),
        (webp_with_alpha(), "webp"),
    ],
)
def test_png_jpeg_and_webp_are_accepted_with_their_size(data: bytes, kind: str) -> None:
    got = check_picture(data)
    assert (got.kind, got.width, got.height, got.data) == (kind, 37, 21, data)


@pytest.mark.parametrize(
    ("data", "came"),
    [
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
    ],
)
def test_anything_else_is_refused_with_what_came(data: bytes, came: str) -> None:
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


def test_a_data_url_is_decoded_in_both_codings() -> None:
    data = picture("PNG")
    assert data_url_bytes("data:image/png;base64," + base64.b64encode(data).decode(), PICTURE) == data
    quoted = "".join(f"%{byte:02x}" for byte in data)
    assert data_url_bytes(f"data:image/png,{quoted}", PICTURE) == data


@pytest.mark.parametrize("url", ["data:", "data:image/png;base64", "data:image/png;base64,abc"])
def test_a_broken_data_url_is_refused(url: str) -> None:
    with pytest.raises(PictureError, match="data: address"):
        data_url_bytes(url, PICTURE)


def test_a_data_url_of_more_than_32_mib_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(PictureError, match="32 MiB"):
        data_url_bytes("data:image/png;base64," + "A" * (44 << 20), PICTURE)

"""Metadata that is too long, packed too tightly or broken does not keep a picture from being shown."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.decoding.pixels import without_metadata
from tests.support.drawn_cells import assert_all_near
from tests.support.picture_samples import (
    BLACK,
    BLUE,
    RED,
    file_of,
    halves,
    plain,
    png_chunk,
    turned,
    with_chunk,
    with_segment,
)

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from tests.support.decoding import Draw


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


PNG, JPEG, WEBP = (file_of(plain(RED), kind) for kind in ("PNG", "JPEG", "WEBP"))
LONG = zlib.compress(bytes(200 << 20), 1)
TRAILER = b"\0\0\0\x18ftypmp42\xff\xd9\xff\xda" + bytes(9000)

ODD = {
    "a packed text of 200 MB": with_chunk(PNG, b"zTXt", b"Comment\0\0" + LONG),
    "an international text of 200 MB": with_chunk(PNG, b"iTXt", b"Comment\0\1\0\0\0" + LONG),
    "a plain text of 3 MB": with_chunk(PNG, b"tEXt", b"workflow\0" + b"x" * (3 << 20)),
    "a thousand texts of 100 kB": PNG[:33]
    + png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000))) * 1000
    + PNG[33:],
    "a text behind the picture": PNG[:-12] + png_chunk(b"zTXt", b"Comment\0\0" + LONG) + PNG[-12:],
    "a colour profile of 200 MB": with_chunk(PNG, b"iCCP", b"profile\0\0" + LONG),
    "a colour profile of another packing": with_chunk(PNG, b"iCCP", b"profile\0\x07" + bytes(9)),
    "an empty colour profile": with_chunk(PNG, b"iCCP", b""),
    "half a resolution": with_chunk(PNG, b"pHYs", b"\0\0\0\1"),
    "an empty gamma": with_chunk(PNG, b"gAMA", b""),
    "a text with a false checksum": PNG[:33] + b"\0\0\0\x04tEXtab\0cXXXX" + PNG[33:],
    "a PNG with a film behind it": PNG + TRAILER,
    "a WebP with a film behind it": WEBP + TRAILER,
    "a JPEG with a film behind it": JPEG + TRAILER,
    "a JPEG with another one behind it": JPEG + file_of(plain(BLUE), "JPEG"),
    "a short JFIF segment": JPEG[:2] + b"\xff\xe0\0\x07JFIF\0" + JPEG[20:],
    "a short Adobe segment": with_segment(JPEG, 0xEE, b"Adobe"),
    "a short piece of a colour profile": with_segment(JPEG, 0xE2, b"ICC_PROFILE\0"),
    "a broken Photoshop segment": with_segment(JPEG, 0xED, b"Photoshop 3.0\x008BIM"),
    "a broken EXIF table": with_segment(JPEG, 0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "hundreds of application segments": b"".join(
        (
            JPEG[:2],
            *(with_segment(b"", 0xE0 + number % 16, b"own\0" + bytes(60_000)) for number in range(300)),
        )
    )
    + JPEG[2:],
}


@pytest.mark.parametrize("what", ODD)
async def test_a_picture_is_shown_whatever_else_its_file_holds(
    draw: Draw, decoder: PictureDecoder, tmp_path: Path, what: str
) -> None:
    assert_all_near(await draw(ODD[what]), RED, 2)
    sent = await decoder.pixels(tmp_path / "picture", width=8, height=8, background=BLACK)
    assert (sent.width, sent.height) == (8, 8)
    assert await decoder.thumbnail(tmp_path / "picture", side=16, background=BLACK)


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(file_of(halves(RED, BLUE), "PNG", exif=turned(3)), b"iCCP", b""),
        with_segment(file_of(halves(RED, BLUE), "JPEG", exif=turned(3), quality=95), 0xEE, b"Adobe"),
    ],
    ids=["PNG", "JPEG"],
)
async def test_a_picture_without_its_metadata_still_stands_the_right_way_up(draw: Draw, data: bytes) -> None:
    cells = await draw(data, 8, 4)
    left, right = cells.lines[1].background[:3], cells.lines[1].background[-3:]
    assert left[2] > 200 > 60 > left[0]
    assert right[0] > 200 > 60 > right[2]


async def test_transparency_and_palette_stay(draw: Draw) -> None:
    clear = file_of(plain(RED).quantize(4), "PNG", transparency=0)
    assert_all_near(await draw(with_chunk(clear, b"iCCP", b""), background=BLUE), BLUE, 2)


def upright(_: bytes) -> int:
    return 1


def test_what_makes_the_pixels_stays_byte_for_byte() -> None:
    assert without_metadata(with_chunk(PNG, b"tEXt", b"a\0b"), upright) == PNG
    assert without_metadata(PNG, upright) is None
    assert without_metadata(WEBP, upright) is None
    bare = without_metadata(with_segment(JPEG, 0xE5, b"own"), upright)
    assert bare is not None
    assert bare == without_metadata(JPEG, upright)
    assert bare[2:] in JPEG


@pytest.mark.parametrize("data", [PNG, JPEG, with_segment(JPEG, 0xE5, b"own"), PNG + TRAILER])
def test_a_file_cut_or_changed_anywhere_is_read_without_an_error(data: bytes) -> None:
    for at in range(len(data)):
        for broken in (data[:at], data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]):
            bare = without_metadata(broken, upright)
            assert bare is None or len(bare) <= len(broken)


def test_an_orientation_is_the_only_thing_that_is_kept_of_an_exif_table() -> None:
    data = with_chunk(PNG, b"eXIf", struct.pack(">2sHIH", b"MM", 42, 8, 0) + b"secret place")
    seen: list[bytes] = []

    def sideways(table: bytes) -> int:
        seen.append(table)
        return 6

    plain_file = without_metadata(data, sideways)
    assert seen[0].endswith(b"secret place")
    assert plain_file is not None
    assert b"secret" not in plain_file
    assert b"eXIf" in plain_file

"""Texts inside a PNG, as another program's library reads and writes them, and files that mean harm."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from animus_tui.png_chunks import MOST_TEXT, MOST_WORK, SIGNATURE, read_texts, with_texts
from tests.support.chat_service import png

TEXTS = {"Description": "Ein Fuchs im Schnee\n狐 🦊", "animus-chat": '{"seed":7}'}


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and data of each, their checksums compared."""
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert data[at : at + 12 + length] == chunk(kind, body)
        found.append((kind, body))
        at += 12 + length
    return found


def behind_header(*inserted: bytes) -> bytes:
    whole = png()
    return whole[:33] + b"".join(inserted) + whole[33:]


def read(data: bytes, *wanted: str) -> dict[str, str]:
    return read_texts(io.BytesIO(data), wanted or tuple(TEXTS))


def pillow() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "somebody")
    info.add_itxt("animus-chat", "old", zip=True)
    info.add_text("Description", "old and packed", zip=True)
    out = io.BytesIO()
    Image.effect_noise((64, 48), 50).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def test_another_library_reads_the_texts_and_the_same_pixels() -> None:
    written = b"".join(with_texts(png(40, 30, 99), TEXTS))
    with Image.open(io.BytesIO(written)) as picture:
        assert isinstance(picture, PngImagePlugin.PngImageFile)
        assert picture.text == TEXTS
        assert (picture.size, picture.getpixel((0, 0))) == ((40, 30), 99)


def test_the_texts_stand_behind_the_header_and_all_else_stays_byte_for_byte() -> None:
    whole = pillow()
    before, after = chunks(whole), chunks(b"".join(with_texts(whole, TEXTS)))
    assert [kind for kind, _ in after[:3]] == [b"IHDR", b"iTXt", b"iTXt"]
    kept = [one for one in before if one[0] not in (b"iTXt", b"zTXt")]
    assert [after[0], *after[3:]] == kept
    assert (b"tEXt", b"Author\0somebody") in kept


def test_a_file_that_has_them_gets_them_once() -> None:
    once = b"".join(with_texts(png(), TEXTS))
    newer = TEXTS | {"Description": "newer"}
    twice = b"".join(with_texts(once, newer))
    assert twice == b"".join(with_texts(png(), newer))
    assert read(twice) == newer


def test_what_another_library_has_rewritten_is_read() -> None:
    assert read(pillow()) == {"animus-chat": "old", "Description": "old and packed"}
    assert read(pillow(), "Author") == {"Author": "somebody"}


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG", SIGNATURE, SIGNATURE + b"\0" * 40, b"\xff\xd8\xff" + bytes(99)]
)
def test_nothing_is_put_into_what_is_no_png(data: bytes) -> None:
    with pytest.raises(ValueError, match="no PNG"):
        with_texts(data, TEXTS)


def test_a_length_beyond_the_end_is_copied_as_it_is() -> None:
    broken = behind_header(b"\xff\xff\xff\xfftEXtDescription\0x")
    written = b"".join(with_texts(broken, TEXTS))
    assert written.startswith(broken[:33])
    assert written.endswith(broken[33:])
    assert read(written) == TEXTS


def test_every_cut_of_a_file_is_read_without_an_error() -> None:
    whole = b"".join(with_texts(pillow(), TEXTS))
    for end in range(8, 400):
        assert read(whole[:end]).items() <= TEXTS.items()


def test_a_text_whose_checksum_is_wrong_does_not_count() -> None:
    good = b"".join(with_texts(png(), {"Description": "true"}))
    assert read(good) == {"Description": "true"}
    assert read(good.replace(b"true", b"lies")) == {}


def test_a_compressed_bomb_is_passed_over_and_what_stands_behind_it_is_read() -> None:
    bomb = zlib.compress(bytes(200 << 20), 9)
    assert len(bomb) < MOST_TEXT
    data = behind_header(
        chunk(b"zTXt", b"Description\0\0" + bomb),
        chunk(b"iTXt", b"Description\0\1\0\0\0" + bomb),
        chunk(b"iTXt", b"animus-chat\0\0\0\0\0fine"),
    )
    assert read(data) == {"animus-chat": "fine"}


def test_many_bombs_end_the_reading() -> None:
    bomb = chunk(b"zTXt", b"Description\0\0" + zlib.compress(bytes(2 * MOST_TEXT), 9))
    enough = MOST_WORK // MOST_TEXT + 1
    last = chunk(b"iTXt", b"animus-chat\0\0\0\0\0fine")
    assert read(behind_header(*[bomb] * (enough // 2), last)) == {"animus-chat": "fine"}
    assert read(behind_header(*[bomb] * (enough + 1), last)) == {}


def test_a_broken_or_endless_text_is_none() -> None:
    rows: list[bytes] = [
        chunk(b"tEXt", b"Description"),
        chunk(b"tEXt", b"x" * 200 + b"\0Description"),
        chunk(b"zTXt", b"Description\0"),
        chunk(b"zTXt", b"Description\0\0not zlib"),
        chunk(b"zTXt", b"Description\0\0" + zlib.compress(b"cut off")[:-2]),
        chunk(b"iTXt", b"Description\0\1\0\0\0not zlib"),
        chunk(b"tEXt", b"Description\0" + b"x" * MOST_TEXT),
    ]
    for text in rows:
        assert read(behind_header(text)) == {}


def test_a_chunk_that_claims_gigabytes_takes_no_memory() -> None:
    assert read(behind_header(b"\x7f\xff\xff\xffiTXtDescription\0")) == {}


def test_nul_and_lone_surrogates_do_not_get_into_a_text() -> None:
    assert read(b"".join(with_texts(png(), {"Description": "a\0b\r\nc\ud800"}))) == {"Description": "ab\nc?"}


@given(st.data())
def test_a_file_damaged_anywhere_is_read_and_written_without_an_error(data: st.DataObject) -> None:
    whole = bytearray(b"".join(with_texts(png(), TEXTS)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(8, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(whole))
    if whole.startswith(png()[:16]):
        assert read(b"".join(with_texts(bytes(whole), TEXTS))) == TEXTS

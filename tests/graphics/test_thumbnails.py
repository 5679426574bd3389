"""Thumbnails: made by the decoding process, checked, kept in a bounded folder."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import MOST_THUMBNAIL_BYTES, Pixels, Thumbnail, frame
from animus_tui.graphics.decoding.thumbnails import ThumbnailFolder
from tests.support.drawn_cells import near
from tests.support.picture_samples import (
    BLUE,
    GREEN,
    RED,
    file_of,
    halves,
    plain,
    png_claiming,
    program_that_answers,
    textured,
)

if TYPE_CHECKING:
    from pathlib import Path

BLACK = (0, 0, 0)


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


async def thumbnail(
    decoder: PictureDecoder,
    folder: Path,
    data: bytes,
    *,
    side: int = 192,
    background: tuple[int, int, int] = BLACK,
) -> Image.Image:
    path = folder / "picture"
    path.write_bytes(data)
    made = Image.open(BytesIO(await decoder.thumbnail(path, side=side, background=background)))
    assert made.format == "JPEG"
    return made


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("source", "got"),
    [((600, 300), (192, 96)), ((300, 600), (96, 192)), ((2000, 3), (192, 1)), ((64, 32), (64, 32))],
)
async def test_it_keeps_the_shape_and_is_never_larger_than_the_picture(
    decoder: PictureDecoder, tmp_path: Path, kind: str, source: tuple[int, int], got: tuple[int, int]
) -> None:
    made = await thumbnail(decoder, tmp_path, file_of(halves(RED, BLUE, source), kind))
    assert made.size == got
    row = made.height // 2
    assert near(made.getpixel((0, row)), RED, 24)  # type: ignore[arg-type]  # a colour picture has tuples
    assert near(made.getpixel((made.width - 1, row)), BLUE, 24)  # type: ignore[arg-type]


async def test_what_is_transparent_shows_the_background(decoder: PictureDecoder, tmp_path: Path) -> None:
    made = await thumbnail(
        decoder, tmp_path, file_of(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG"), background=GREEN
    )
    assert near(made.getpixel((32, 32)), GREEN, 8)  # type: ignore[arg-type]


async def test_a_photograph_of_noise_stays_below_the_bound(decoder: PictureDecoder, tmp_path: Path) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((256, 256), 200) for _ in range(3)])
    path = tmp_path / "noise"
    path.write_bytes(file_of(noise, "PNG"))
    assert len(await decoder.thumbnail(path, side=256, background=BLACK)) < MOST_THUMBNAIL_BYTES


@pytest.mark.parametrize(
    "data", [b"", b"no picture", file_of(textured(), "PNG")[:200], png_claiming(60_000, 60_000)]
)
async def test_what_is_no_picture_is_refused_in_a_sentence(
    decoder: PictureDecoder, tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(PictureUnreadable, match=r"\.$"):
        await thumbnail(decoder, tmp_path, data)
    assert (await thumbnail(decoder, tmp_path, file_of(plain(RED), "PNG"))).size == (32, 32)


@pytest.mark.parametrize("side", [0, 257])
async def test_a_size_out_of_range_is_a_mistake(decoder: PictureDecoder, tmp_path: Path, side: int) -> None:
    with pytest.raises(ValueError, match="pixels"):
        await decoder.thumbnail(tmp_path, side=side, background=BLACK)


@pytest.mark.parametrize(
    "answer",
    [
        Thumbnail(b"<script>"),
        Thumbnail(b""),
        Thumbnail(b"\xff\xd8\xff" + bytes(MOST_THUMBNAIL_BYTES)),
        Pixels(1, 1, b"AAAA"),
    ],
)
async def test_a_decoder_gone_astray_gives_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Thumbnail | Pixels
) -> None:
    monkeypatch.setattr(sys, "executable", program_that_answers(tmp_path, frame(answer)))
    decoder = PictureDecoder()
    path = tmp_path / "picture"
    path.write_bytes(file_of(plain(RED), "PNG"))
    try:
        with pytest.raises(PictureUnreadable):
            await decoder.thumbnail(path, side=192, background=BLACK)
    finally:
        await decoder.aclose()


def a_picture(folder: Path, data: bytes = b"one") -> Path:
    path = folder / "picture.png"
    path.write_bytes(data)
    return path


def test_a_thumbnail_belongs_to_one_state_of_a_file_on_one_ground(tmp_path: Path) -> None:
    folder = ThumbnailFolder(tmp_path / "cache")
    picture = a_picture(tmp_path)
    place = folder.place(picture, BLACK)
    assert not folder.has(place)
    assert folder.put(place, b"small")
    assert folder.has(folder.place(picture, BLACK))
    assert folder.place(picture, GREEN) != place
    a_picture(tmp_path, b"other")
    assert folder.place(picture, BLACK) != place
    picture.unlink()
    with pytest.raises(PictureUnreadable, match="gone"):
        folder.place(picture, BLACK)


def test_nobody_else_can_read_them_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    folder = ThumbnailFolder(tmp_path / "cache")
    place = folder.place(a_picture(tmp_path), BLACK)
    folder.put(place, b"small")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert place.read_bytes() == b"small"


def test_what_was_used_longest_ago_goes_when_there_is_too_much(tmp_path: Path) -> None:
    places = []
    folder = ThumbnailFolder(tmp_path / "cache", most_bytes=1000)
    picture = a_picture(tmp_path)
    for number in range(10):
        place = folder.place(picture, (number, 0, 0))
        assert folder.put(place, bytes(100))
        os.utime(place, ns=(number + 1, number + 1))
        places.append(place)
    assert folder.has(places[0])  # the oldest, and used now
    folder.put(folder.place(picture, (99, 0, 0)), bytes(100))
    left = [place for place in places if place.exists()]
    assert left == [places[0], *places[4:]]
    # Another program, which finds what is there already, keeps to the bound too.
    other = ThumbnailFolder(tmp_path / "cache", most_bytes=500)
    other.put(other.place(picture, (98, 0, 0)), bytes(100))
    assert sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*.jpg")) <= 500


def test_a_disk_that_refuses_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    folder = ThumbnailFolder(tmp_path / "cache")
    place = folder.place(a_picture(tmp_path), BLACK)
    assert not folder.put(place, b"small")
    assert not folder.has(place)
    folder.remove(place)


async def test_thumbnails_of_many_threads_at_once_are_all_whole(tmp_path: Path) -> None:
    folder = ThumbnailFolder(tmp_path / "cache")
    place = folder.place(a_picture(tmp_path), BLACK)
    contents = [bytes([number]) * 1000 for number in range(20)]
    await asyncio.gather(*(asyncio.to_thread(folder.put, place, data) for data in contents))
    assert place.read_bytes() in contents

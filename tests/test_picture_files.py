"""Which file is meant by what is typed, pasted or dropped, and what becomes of it."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import Reduced, Thumbnail, frame
from animus_tui.picture_files import dropped_files, named_file, read_attachment
from tests.support.drawn_cells import near
from tests.support.picture_samples import (
    BLUE,
    RED,
    WHITE,
    file_of,
    halves,
    plain,
    png_claiming,
    program_that_answers,
    textured,
    turned,
)

LAKE = Path("/home/ada/my lake (1).png")


@pytest.mark.parametrize(
    ("pasted", "files"),
    [
        pytest.param(f"'{LAKE}'", [LAKE], id="quoted"),
        pytest.param(f'"{LAKE}" ', [LAKE], id="quoted twice, with a blank behind"),
        pytest.param(r"/home/ada/my\ lake\ \(1\).png", [LAKE], id="escaped"),
        pytest.param(f"file://{quote(str(LAKE))}\n", [LAKE], id="an address"),
        pytest.param(f"file://localhost{quote(str(LAKE))}", [LAKE], id="an address of this machine"),
        pytest.param(str(LAKE), [LAKE], id="as it is"),
        pytest.param("/a/1.JPG /a/2.webp", [Path("/a/1.JPG"), Path("/a/2.webp")], id="several"),
        pytest.param("file:///a/1.jpeg\nfile:///a/2.png", [Path("/a/1.jpeg"), Path("/a/2.png")], id="lines"),
        pytest.param(r"'/a/it'\''s.png'", [Path("/a/it's.png")], id="a quote in the name"),
        pytest.param("/a/1.gif /a/2.HEIC", [Path("/a/1.gif"), Path("/a/2.HEIC")], id="of other kinds"),
        pytest.param("/a/1.json '/a/2.CHARX'", [Path("/a/1.json"), Path("/a/2.CHARX")], id="cards"),
        pytest.param("Look at /a/1.png", [], id="words"),
        pytest.param("/a/1.png\nand more", [], id="words below"),
        pytest.param("/a/notes.txt", [], id="no picture"),
        pytest.param("lake.png", [], id="no path from the root"),
        pytest.param("https://example.com/1.png", [], id="of the web"),
        pytest.param("file://example.com/a/1.png", [], id="of another machine"),
        pytest.param("file://[/1.png", [], id="a broken address"),
        pytest.param("/a/\0.png", [], id="a null character"),
        pytest.param("/" + "a" * 10_000 + ".png", [], id="too long"),
        pytest.param(" \n", [], id="nothing"),
    ],
)
def test_a_paste_is_files_only_where_it_is_nothing_else(pasted: str, files: list[Path]) -> None:
    assert dropped_files(pasted) == files


def test_a_name_behind_the_command_may_be_written_in_any_of_these_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "my lake.png"
    path.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    names = ("my lake.png", "'my lake.png'", r"my\ lake.png", str(path), f"file://{quote(str(path))}")
    assert {named_file(name) for name in (*names, "~/my lake.png")} == {path}
    assert named_file("no such one.png") == tmp_path / "no such one.png"


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


async def read(decoder: PictureDecoder, folder: Path, data: bytes) -> tuple[Image.Image, bytes]:
    path = folder / "a lake.png"
    path.write_bytes(data)
    made = await read_attachment(decoder, path)
    picture = Image.open(BytesIO(made.data))
    assert (made.name, picture.format, picture.size) == ("a lake.png", "JPEG", (made.width, made.height))
    return picture, made.data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("source", "got"), [((3136, 1000), (1568, 500)), ((40, 3000), (21, 1568)), ((64, 32), (64, 32))]
)
async def test_it_keeps_its_shape_and_has_at_most_1568_pixels_a_side(
    decoder: PictureDecoder, tmp_path: Path, kind: str, source: tuple[int, int], got: tuple[int, int]
) -> None:
    picture, _ = await read(decoder, tmp_path, file_of(halves(RED, BLUE, source), kind))
    assert picture.size == got
    assert near(picture.getpixel((0, 0)), RED, 24)  # type: ignore[arg-type]  # a colour picture has tuples
    assert near(picture.getpixel((got[0] - 1, got[1] - 1)), BLUE, 24)  # type: ignore[arg-type]


async def test_a_photograph_is_upright_and_tells_nothing_of_where_it_was_taken(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    exif = Image.Exif()  # type: ignore[no-untyped-call, unused-ignore]  # of Pillow before 11
    exif[0x010F] = "A camera of Ada's"
    exif[0x0112] = 6  # turned by a quarter
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 29: "2031:05:04"}  # the place and the day
    photograph = file_of(halves(RED, BLUE, (400, 200)), "JPEG", exif=exif, comment=b"Ada's")
    assert b"2031:05:04" in photograph
    picture, data = await read(decoder, tmp_path, photograph)
    assert picture.size == (200, 400)
    assert near(picture.getpixel((100, 20)), RED, 24)  # type: ignore[arg-type]
    assert near(picture.getpixel((100, 380)), BLUE, 24)  # type: ignore[arg-type]
    assert b"Ada" not in data
    assert b"Exif" not in data
    assert b"2031:05:04" not in data
    plainly, _ = await read(decoder, tmp_path, file_of(plain(RED, (64, 32)), "JPEG", exif=turned(8)))
    assert plainly.size == (32, 64)


async def test_what_is_transparent_is_white(decoder: PictureDecoder, tmp_path: Path) -> None:
    picture, _ = await read(decoder, tmp_path, file_of(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG"))
    assert near(picture.getpixel((32, 32)), WHITE, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"no picture", "not a PNG, JPEG or WebP"),
        (file_of(plain(RED), "GIF"), "not a PNG, JPEG or WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(3000), "not a PNG, JPEG or WebP"),
        (file_of(textured(), "PNG")[:300], "is damaged"),
        (file_of(textured(), "JPEG")[:-300], "is damaged"),
        (png_claiming(60_000, 60_000), "more than 40 megapixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, JPEG or WebP"),
    ],
)
async def test_a_file_that_cannot_be_shown_is_told_in_one_sentence(
    decoder: PictureDecoder, tmp_path: Path, data: bytes, why: str
) -> None:
    with pytest.raises(UserError, match=rf"^a lake.png was not attached\. .*{why}.*\.$") as refused:
        await read(decoder, tmp_path, data)
    assert "again" not in str(refused.value), "it is not ours to be made once more"


async def test_so_is_what_is_no_file_or_too_large(decoder: PictureDecoder, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(33 << 20)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    cases = {
        tmp_path: "it is a folder",
        tmp_path / "pipe.png": "it is no file",
        tmp_path / "none.png": "There is no file",
        large / "in.png": "There is no file",
        tmp_path / "loop.png": "cannot be read: Too many",
        tmp_path / "zero.png": "it is no file",
        large: "it has 33 MiB, and 32 MiB are the most",
        Path("/dev/zero"): "it is no file",
        tmp_path / ("a" * 300): "cannot be read",
    }
    for path, why in cases.items():
        with pytest.raises(UserError, match=why):
            await read_attachment(decoder, path)


@pytest.mark.parametrize(
    "answer",
    [
        Reduced(8, 8, b"<script>"),
        Reduced(2000, 8, b"\xff\xd8\xff"),
        Reduced(0, 8, b"\xff\xd8\xff"),
        Thumbnail(b"\xff\xd8\xff"),
    ],
)
async def test_a_decoder_gone_astray_gives_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Reduced | Thumbnail
) -> None:
    monkeypatch.setattr(sys, "executable", program_that_answers(tmp_path, frame(answer)))
    decoder = PictureDecoder()
    path = tmp_path / "picture"
    path.write_bytes(file_of(plain(RED), "PNG"))
    try:
        with pytest.raises(PictureUnreadable):
            await decoder.reduced(path, side=100, background=WHITE)
    finally:
        await decoder.aclose()

"""Pictures for terminals that draw pixels themselves. Every test uses the real decoding process."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import MOST_SENT_PIXELS, Drawn, Line, Pixels, frame
from tests.support.drawn_cells import near
from tests.support.picture_samples import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    file_of,
    halves,
    plain,
    program_that_answers,
    raw,
    textured,
    turned,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.decoding import Send


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


KINDS = pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
PAYLOAD = b"eJwDAAAAAAE="


@KINDS
async def test_a_large_picture_is_brought_down_to_the_size_that_was_asked_for(send: Send, kind: str) -> None:
    sent = await send(file_of(halves(RED, BLUE, (640, 320)), kind), 40, 20)
    assert (sent.width, sent.height) == (40, 20)
    row = raw(sent)[400:440]
    assert all(near(pixel, RED, 24) for pixel in row[:17]), row
    assert all(near(pixel, BLUE, 24) for pixel in row[23:]), row


@KINDS
async def test_a_small_picture_keeps_its_pixels(send: Send, kind: str) -> None:
    sent = await send(file_of(halves(RED, BLUE, (64, 32)), kind), 640, 320)
    assert (sent.width, sent.height) == (64, 32)


async def test_pixels_of_a_png_arrive_unchanged(send: Send) -> None:
    picture = textured((48, 40))
    sent = await send(file_of(picture, "PNG"), 480, 400)
    flat = picture.tobytes()
    assert raw(sent) == [tuple(flat[at : at + 3]) for at in range(0, len(flat), 3)]


@pytest.mark.parametrize(
    ("source", "asked", "got"),
    [
        ((100, 100), (300, 150), (100, 50)),
        ((100, 40), (200, 200), (40, 40)),
        ((1, 1), (900, 300), (1, 1)),
        ((200, 2), (50, 25), (4, 2)),
    ],
)
async def test_a_small_picture_takes_the_shape_that_was_asked_for(
    send: Send, source: tuple[int, int], asked: tuple[int, int], got: tuple[int, int]
) -> None:
    sent = await send(file_of(plain(GREEN, source), "PNG"), *asked)
    assert (sent.width, sent.height) == got
    assert set(raw(sent)) == {GREEN}


async def test_transparency_is_laid_on_the_background(send: Send) -> None:
    clear = file_of(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")
    assert set(raw(await send(clear, 8, 8, background=(20, 40, 60)))) == {(20, 40, 60)}
    half = file_of(Image.new("RGBA", (8, 8), (255, 0, 0, 128)), "PNG")
    assert all(near(pixel, (128, 0, 127), 3) for pixel in raw(await send(half, 8, 8, background=BLUE)))


async def test_a_picture_laid_on_its_side_keeps_its_shape_between_margins(send: Send) -> None:
    sent = await send(
        file_of(plain(RED, (64, 32)), "PNG", exif=turned(6)), 6400, 3200, background=WHITE
    )  # the picture is 32×64, all its pixels in a frame of 2:1
    assert (sent.width, sent.height) == (128, 64)
    middle = raw(sent)[128 * 32 : 128 * 33]
    assert middle == [WHITE] * 48 + [RED] * 32 + [WHITE] * 48


async def test_a_screen_larger_than_any_gets_a_smaller_picture(send: Send) -> None:
    sent = await send(file_of(plain(RED, (5000, 4000)), "PNG", compress_level=1), 50_000, 40_000)
    assert 0.99 * MOST_SENT_PIXELS < sent.width * sent.height <= MOST_SENT_PIXELS
    assert sent.width / sent.height == pytest.approx(1.25, abs=0.001)


async def test_noise_of_the_largest_size_is_sent_whole(send: Send) -> None:
    noise = Image.frombytes("RGB", (3840, 2160), os.urandom(3 * MOST_SENT_PIXELS))
    sent = await send(file_of(noise, "PNG", compress_level=0), 3840, 2160)
    assert (sent.width, sent.height) == noise.size
    assert sent.size_in_bytes > 4 * MOST_SENT_PIXELS


async def test_pixels_for_two_are_made_once_and_not_kept(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(
        file_of(textured((2400, 2000)), "PNG")
    )  # long enough that the second comes before its end
    first, second = await asyncio.gather(
        *(decoder.pixels(path, width=30, height=25, background=BLACK) for _ in range(2))
    )
    assert first is second
    third = await decoder.pixels(path, width=30, height=25, background=BLACK)
    assert third == first
    assert third is not first


async def test_a_file_that_was_read_last_is_drawn_from_what_is_there_in_any_size_and_no_other_file_is(
    send: Send,
) -> None:
    picture = textured((200, 160))
    first, other = file_of(picture, "PNG"), file_of(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG")
    fresh = {
        (file, size): await send(file, *size) for size in ((50, 40), (100, 80)) for file in (first, other)
    }
    for file in (first, first[:-40], first, other, other):
        for size in ((50, 40), (100, 80), (50, 40)):
            if (file, size) in fresh:
                assert await send(file, *size) == fresh[file, size]
            else:
                with pytest.raises(PictureUnreadable, match="damaged"):
                    await send(file, *size)


async def test_pixels_and_cells_of_one_picture_are_two_things(
    decoder: PictureDecoder, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(plain(RED), "PNG"))
    sent, cells = await asyncio.gather(
        decoder.pixels(path, width=8, height=4, background=BLACK),
        decoder.render(path, columns=8, rows=4, background=BLACK),
    )
    assert (sent.width, sent.height) == (cells.columns, cells.rows) == (8, 4)


@pytest.mark.parametrize("size", [(0, 5), (5, -1)])
async def test_an_impossible_size_is_refused(
    decoder: PictureDecoder, tmp_path: Path, size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="a picture of"):
        await decoder.pixels(tmp_path / "any", width=size[0], height=size[1], background=BLACK)


async def test_a_decoder_gone_astray_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(plain(RED), "PNG"))
    answers = {
        "an escape sequence": Pixels(2, 2, b"eJw\x1b\\evil"),
        "a line break": Pixels(2, 2, PAYLOAD + b"\n"),
        "an 8-bit terminator": Pixels(2, 2, PAYLOAD + b"\xc2\x9c"),
        "control data": Pixels(2, 2, b";a=d" + PAYLOAD),
        "nothing": Pixels(2, 2, b""),
        "too wide": Pixels(3, 2, PAYLOAD),
        "too high": Pixels(2, 3, PAYLOAD),
        "no width": Pixels(0, 2, PAYLOAD),
        "a negative height": Pixels(2, -2, PAYLOAD),
        "cells": Drawn((Line("  ", bytes(6), bytes(6)),) * 2),
    }
    async with aclosing(PictureDecoder()) as decoder:
        for what, answer in answers.items():
            with monkeypatch.context() as patched:
                patched.setattr(sys, "executable", program_that_answers(tmp_path, frame(answer)))
                with pytest.raises(PictureUnreadable) as caught:
                    await decoder.pixels(path, width=2, height=2, background=BLACK)
            assert "decoder stopped" in str(caught.value), what
        assert set(raw(await decoder.pixels(path, width=2, height=2, background=BLACK))) == {RED}

"""Pictures as escape sequences, one for each row of cells. Every test uses the real decoding process."""

from __future__ import annotations

import os
import sys
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import Drawn, Line, PieceProtocol, Pieces, Reply, frame
from tests.support import iterm2_reader, sixel_reader
from tests.support.picture_samples import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    WHITE,
    bombs,
    deep,
    file_of,
    halves,
    plain,
    program_that_answers,
    textured,
)
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from animus_tui.graphics.rendering.pieces import PictureRows

    Draw = Callable[..., Awaitable[PictureRows]]

PROTOCOLS: tuple[PieceProtocol, ...] = ("sixel", "iterm2")
BOTH = pytest.mark.parametrize("protocol", PROTOCOLS)


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


@pytest.fixture
def draw(decoder: PictureDecoder, tmp_path: Path) -> Draw:
    async def draw(
        data: bytes,
        protocol: PieceProtocol,
        columns: int = 6,
        rows: int = 3,
        cell: tuple[int, int] = (9, 19),
        background: tuple[int, int, int] = BLACK,
        colours: int = 256,
    ) -> PictureRows:
        path = tmp_path / "picture"
        path.write_bytes(data)
        return await decoder.pieces(
            path,
            columns=columns,
            rows=rows,
            cell=cell,
            background=background,
            protocol=protocol,
            colours=colours,
        )

    return draw


def shown(drawn: PictureRows, protocol: PieceProtocol) -> NDArray[np.uint8]:
    """The pixels of all rows."""
    assert len(drawn.sequences) == drawn.rows
    read = sixel_reader.read if protocol == "sixel" else iterm2_reader.read
    return np.concatenate([read(sequence).rgb for sequence in drawn.sequences])


@BOTH
@pytest.mark.parametrize(
    ("columns", "rows", "cell"),
    [(1, 1, (1, 1)), (1, 1, (256, 256)), (20, 10, (10, 20)), (11, 5, (7, 13)), (297, 1, (10, 20))],
)
async def test_rows_make_the_picture(
    draw: Draw, protocol: PieceProtocol, columns: int, rows: int, cell: tuple[int, int]
) -> None:
    width, height = columns * cell[0], rows * cell[1]
    picture = textured((width, height))
    drawn = await draw(file_of(picture, "PNG"), protocol, columns, rows, cell)
    assert (drawn.columns, drawn.rows) == (columns, rows)
    assert drawn.size_in_bytes > sum(map(len, drawn.sequences))
    pixels = shown(drawn, protocol)
    assert pixels.shape == (height, width, 3)
    if min(width, height) >= 11:
        assert ssim(np.asarray(picture), pixels) > 0.9
    else:
        assert np.abs(np.asarray(picture).astype(int) - pixels).max() < 10


@BOTH
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_every_kind_and_size_of_picture(draw: Draw, protocol: PieceProtocol, kind: str) -> None:
    pixels = shown(await draw(file_of(halves(RED, BLUE, (3000, 2000)), kind), protocol), protocol)
    assert np.abs(pixels[:, :20].astype(int) - RED).max() < 12
    assert np.abs(pixels[:, -20:].astype(int) - BLUE).max() < 12
    for size in ((1, 1), (2, 900), (900, 1)):
        pixels = shown(await draw(file_of(plain(BLUE, size), kind), protocol), protocol)
        assert np.abs(pixels.astype(int) - BLUE).max() < 5


@BOTH
async def test_transparency_grey_and_sixteen_bits(draw: Draw, protocol: PieceProtocol) -> None:
    async def colour(data: bytes, **options: tuple[int, int, int]) -> list[float]:
        pixels = shown(await draw(data, protocol, **options), protocol)
        assert np.max(pixels.std((0, 1))) < 3
        mean: list[float] = pixels.mean((0, 1)).tolist()
        return mean

    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    assert await colour(file_of(clear, "PNG"), background=GREEN) == pytest.approx(GREEN, abs=2)
    assert await colour(file_of(half, "PNG"), background=BLUE) == pytest.approx((128, 0, 127), abs=4)
    assert await colour(file_of(Image.new("L", (8, 8), 99), "PNG")) == pytest.approx((99,) * 3, abs=2)
    sixteen = file_of(Image.new("I;16", (40, 30), 40_000), "PNG")
    assert await colour(sixteen) == pytest.approx((156,) * 3, abs=2)
    assert await colour(deep(plain(WHITE))) == pytest.approx(WHITE, abs=2)


@pytest.mark.parametrize("colours", [16, 256])
async def test_sixel_keeps_to_the_registers_that_there_are(draw: Draw, colours: int) -> None:
    drawn = await draw(file_of(textured((200, 200)), "PNG"), "sixel", 20, 10, (10, 20), colours=colours)
    used = [sixel_reader.read(sequence).used for sequence in drawn.sequences]
    assert colours // 2 < len(set.union(*used)) <= colours
    assert max(set.union(*used)) < colours


async def test_rows_are_kept(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(file_of(textured(), "PNG"))

    async def draw(background: tuple[int, int, int], protocol: PieceProtocol) -> PictureRows:
        return await decoder.pieces(
            path, columns=4, rows=2, cell=(10, 20), background=background, protocol=protocol
        )

    first = await draw(BLACK, "sixel")
    assert await draw(BLACK, "sixel") is first
    assert await draw(BLUE, "sixel") is not first
    assert (await draw(BLACK, "iterm2")).sequences != first.sequences


@BOTH
async def test_bombs_harm_nobody(draw: Draw, protocol: PieceProtocol) -> None:
    for data in bombs().values():
        with suppress(PictureUnreadable):
            shown(await draw(data, protocol), protocol)
    assert (shown(await draw(file_of(plain(RED), "PNG"), protocol), protocol) == RED).all()


@pytest.mark.slow
async def test_noise_of_the_largest_size_is_refused_in_a_sentence(draw: Draw) -> None:
    noise = Image.frombytes("RGB", (1024, 1024), os.urandom(3 << 20))
    with pytest.raises(PictureUnreadable, match="too many details"):
        await draw(file_of(noise, "PNG"), "sixel", 256, 64, (20, 45))


@BOTH
@pytest.mark.parametrize(
    ("columns", "rows", "cell"),
    [
        (0, 5, (10, 20)),
        (5, -1, (10, 20)),
        (5, 5, (0, 20)),
        (5, 5, (10, 257)),
        (2000, 1, (10, 20)),
        (500, 400, (10, 20)),
    ],
)
async def test_an_impossible_size_is_refused(
    draw: Draw, protocol: PieceProtocol, columns: int, rows: int, cell: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="a picture of"):
        await draw(b"", protocol, columns, rows, cell)


@pytest.mark.parametrize("colours", [0, 15, 257])
async def test_an_impossible_number_of_colours_is_refused(draw: Draw, colours: int) -> None:
    with pytest.raises(ValueError, match="colours"):
        await draw(b"", "sixel", colours=colours)


SIXEL = b'\x1bP0;1;0q"1;1;4;7#1;2;100;0;0!4~-!4@\x1b\\'
ITERM2 = b"\x1b]1337;File=inline=1;size=3;width=2;height=1;preserveAspectRatio=0;doNotMoveCursor=1:QUJD\a"
NO_SIXELS = {
    "nothing": b"",
    "text": b"hello",
    "an escape sequence in it": SIXEL.replace(b"!4~", b"\x1b[2J"),
    "an end in it": SIXEL.replace(b"!4~", b"\x1b\\evil"),
    "an 8-bit end in it": SIXEL.replace(b"!4~", b"\x9cevil"),
    "a cancel": SIXEL.replace(b"!4~", b"\x18"),
    "a line break": SIXEL.replace(b"!4~", b"~\n"),
    "something after it": SIXEL + b"\x1b[2J",
    "something before it": b"\x1b[2J" + SIXEL,
    "two of them": SIXEL + SIXEL,
    "no end": SIXEL[:-2],
    "another size": SIXEL.replace(b"4;7", b"4;8"),
    "another raster": SIXEL.replace(b"#1", b'"1;1;900;900#1'),
    "too many bands": SIXEL.replace(b"-", b"--"),
    "a long repeat": SIXEL.replace(b"!4~", b"!99999999~"),
    "a repeat of nothing": SIXEL.replace(b"!4~", b"!4"),
    "half a colour": SIXEL.replace(b";0;0!", b";0!"),
    "too long": SIXEL.replace(b"~", b"~" * 10_000),
}
NO_ITERM2 = {
    "nothing": b"",
    "an escape sequence in it": ITERM2.replace(b"QUJD", b"QU\x1b["),
    "an end in it": ITERM2.replace(b"QUJD", b"QU\aD"),
    "something after it": ITERM2 + b"\x1b[2J",
    "two of them": ITERM2 + ITERM2,
    "no end": ITERM2[:-1],
    "no data": ITERM2.replace(b"QUJD", b""),
    "another size in bytes": ITERM2.replace(b"size=3", b"size=4"),
    "another width": ITERM2.replace(b"width=2", b"width=20"),
    "another key": ITERM2.replace(b"inline=1;", b"inline=0;name=QQ;"),
    "a line break": ITERM2.replace(b"QUJD", b"QUJ\n"),
    "too long": ITERM2.replace(b"size=3", b"size=30000").replace(b"QUJD", b"QUJD" * 10_000),
}


@pytest.mark.parametrize(
    ("protocol", "good", "others"),
    [("sixel", SIXEL, NO_SIXELS), ("iterm2", ITERM2, NO_ITERM2)],
    ids=PROTOCOLS,
)
async def test_a_decoder_gone_astray_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    protocol: PieceProtocol,
    good: bytes,
    others: dict[str, bytes],
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(plain(RED), "PNG"))
    answers: dict[str, Reply] = {what: Pieces((good, other)) for what, other in others.items()}
    answers |= {
        "too few": Pieces((good,)),
        "too many": Pieces((good,) * 3),
        "cells": Drawn((Line("  ", bytes(6), bytes(6)),) * 2),
    }
    async with aclosing(PictureDecoder()) as decoder:

        async def ask() -> PictureRows:
            return await decoder.pieces(
                path, columns=2, rows=2, cell=(2, 7), background=BLACK, protocol=protocol
            )

        for what, answer in answers.items():
            with monkeypatch.context() as patched:
                patched.setattr(sys, "executable", program_that_answers(tmp_path, frame(answer)))
                with pytest.raises(PictureUnreadable) as caught:
                    await ask()
            assert "decoder stopped" in str(caught.value), what
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", program_that_answers(tmp_path, frame(Pieces((good, good)))))
            assert (await ask()).sequences == (good, good)

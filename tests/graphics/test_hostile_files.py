"""Twelve hundred broken files, the same in each run: every one is drawn or refused in a sentence."""

from __future__ import annotations

import random
import sys
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.decoding.protocol import Glyphs
from tests.support.drawn_cells import assert_all_near, is_gone, near
from tests.support.picture_samples import (
    BLACK,
    PNG_SIGNATURE,
    RED,
    bombs,
    deep,
    file_of,
    interlaced,
    jpeg_claiming,
    plain,
    png_chunk,
    png_claiming,
    pretenders,
    raw,
    several,
    textured,
    turned,
    webp_canvas_of,
    with_chunk,
)

pytestmark = pytest.mark.slow

SEED = 20_260_131
PARTS, MUTATIONS = 2, 600
WAYS: tuple[Glyphs | None, ...] = ("halves", "quadrants", "wedges", None)
"""How a file is drawn; None: as pixels."""


def originals() -> list[bytes]:
    """Small pictures of every kind that is accepted, with and without what makes a file complicated."""
    picture = textured()
    clear = picture.convert("RGBA")
    clear.putalpha(picture.getchannel(0))
    return [
        file_of(picture, "PNG"),
        file_of(clear, "PNG", exif=turned(6)),
        file_of(picture.quantize(16), "PNG", transparency=3),
        file_of(picture.convert("1"), "PNG"),
        file_of(clear.convert("LA"), "PNG"),
        file_of(Image.new("I;16", (40, 30), 40_000), "PNG"),
        interlaced(picture),
        deep(picture),
        with_chunk(file_of(picture, "PNG"), b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 16))),
        file_of(picture, "JPEG", exif=turned(6)),
        file_of(picture, "JPEG", progressive=True),
        file_of(picture.convert("CMYK"), "JPEG"),
        file_of(picture.convert("L"), "JPEG", exif=turned(8)),
        file_of(picture, "WEBP"),
        file_of(clear, "WEBP", lossless=True, exif=turned(6)),
        several("PNG"),
        several("WEBP"),
        several("MPO"),
        png_claiming(50_000, 50_000),
        png_claiming(6_000, 6_000),
        jpeg_claiming(50_000, 50_000),
        webp_canvas_of(9_000),
    ]


def mutated(data: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The file with one kind of damage: bits, bytes, a cut, a piece doubled, lost, or of another file."""
    changed = bytearray(data)
    at = dice.randrange(len(changed) + 1)
    # Headers are short and decide the most: half of the damage is done there.
    place = at if dice.random() < 0.5 else min(at, dice.randrange(64))
    length = dice.choice((1, 2, 4, 16, 256))
    match dice.randrange(7):
        case 0:
            for _ in range(dice.choice((1, 3, 30))):
                if changed:
                    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        case 1:
            changed[place : place + 4] = dice.choice(
                (b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0")
            )
        case 2:
            del changed[at:]
        case 3:
            changed[place:place] = changed[place : place + length] * dice.choice((1, 100))
        case 4:
            del changed[place : place + length]
        case 5 if data.startswith(PNG_SIGNATURE):
            return behind_checksums(data, dice)
        case _:
            other = dice.choice(others)
            changed[at:] = other[at:]
    return bytes(changed)


def behind_checksums(data: bytes, dice: random.Random) -> bytes:
    """The PNG with damage that its checksums do not tell of, in half of the cases within the compressed data."""
    at, whole = len(PNG_SIGNATURE), bytearray(PNG_SIGNATURE)
    chosen = dice.random()
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, content = data[at + 4 : at + 8], bytearray(data[at + 8 : at + 8 + length])
        if name == b"IDAT" and chosen < 0.5:
            content = bytearray(zlib.compress(damaged(zlib.decompress(content), dice)))
        elif chosen >= 0.5 and dice.random() < 0.5:
            content = damaged(content, dice)
        whole += png_chunk(name, bytes(content))
        at += 12 + length
    return bytes(whole)


def damaged(content: bytes | bytearray, dice: random.Random) -> bytearray:
    changed = bytearray(content)
    for _ in range(dice.choice((1, 5)) if changed else 0):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return changed[: dice.choice((len(changed), len(changed), len(changed) // 2))]


def children() -> set[int]:
    """The processes that this one has started and that have not ended."""
    if sys.platform != "linux":
        return set()
    numbers = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            numbers += [int(number) for number in (task / "children").read_text().split()]
    return {number for number in numbers if not is_gone(number)}


@dataclass
class Trial:
    """Opens files in turn in each way, and counts what came of it."""

    decoder: PictureDecoder
    path: Path
    drawn: set[Glyphs | None] = field(default_factory=set)
    refused: set[Glyphs | None] = field(default_factory=set)
    sentences: set[str] = field(default_factory=set)

    async def open(self, data: bytes, number: int) -> None:
        self.path.write_bytes(data)
        way = WAYS[number % len(WAYS)]
        try:
            if way is None:
                await self.decoder.pixels(self.path, width=90 + number, height=60, background=BLACK)
            else:
                await self.decoder.render(
                    self.path, columns=12 + number % 100, rows=6, background=BLACK, glyphs=way
                )
            self.drawn.add(way)
        except PictureUnreadable as error:
            self.refused.add(way)
            self.sentences.add(error.sentence)

    async def close(self) -> None:
        """Each way still works, and nothing stays behind."""
        self.path.write_bytes(file_of(plain(RED), "PNG"))
        assert_all_near(await self.decoder.render(self.path, columns=3, rows=2, background=BLACK), RED, 0)
        mosaic = await self.decoder.render(self.path, columns=3, rows=2, background=BLACK, glyphs="wedges")
        assert {line.background for line in mosaic.lines} == {bytes(RED) * 3}
        sent = await self.decoder.pixels(self.path, width=3, height=2, background=BLACK)
        assert all(near(pixel, RED, 0) for pixel in raw(sent))
        await self.decoder.aclose()
        assert self.decoder.process_id is None
        for sentence in self.sentences:
            assert sentence.isprintable(), sentence
            assert 20 < len(sentence) < 120, sentence
            assert sentence.endswith("."), sentence
            assert "stopped" not in sentence, "no file here should end the process"


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_broken_file_is_drawn_or_refused_in_a_sentence(tmp_path: Path, part: int) -> None:
    before = children()
    dice = random.Random(SEED + part)
    files = originals() * 4 + list(pretenders().values())
    trial = Trial(PictureDecoder(), tmp_path / "picture")
    for number in range(MUTATIONS):
        # Every file meets every way, in the end: there is no common divisor.
        await trial.open(mutated(files[number % len(files)], files, dice), number + part)
    assert trial.drawn == trial.refused == set(WAYS)
    await trial.close()
    assert children() <= before


async def test_every_bomb_is_drawn_or_refused_in_a_sentence(tmp_path: Path) -> None:
    before = children()
    trial = Trial(PictureDecoder(), tmp_path / "picture")
    for number, data in enumerate(data for data in bombs().values() for _ in WAYS):
        await trial.open(data, number)
    assert trial.refused == set(WAYS)
    await trial.close()
    assert children() <= before


async def test_originals_are_drawn_in_every_way(tmp_path: Path) -> None:
    """Else the broken ones would prove little."""
    trial = Trial(PictureDecoder(), tmp_path / "picture")
    for number, data in enumerate(data for data in originals()[:-4] for _ in WAYS):
        await trial.open(data, number)
    assert trial.drawn == set(WAYS)
    assert not trial.sentences
    await trial.close()

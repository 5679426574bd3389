"""Two thousand broken files, the same in each run: every one is drawn or refused in a sentence."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.decode import PictureDecoder, PictureUnreadable
from tests.graphics.looks import is_gone
from tests.graphics.samples import (
    BLACK,
    RED,
    file_of,
    jpeg_claiming,
    plain,
    png_claiming,
    pretenders,
    several,
    textured,
    turned,
    webp_canvas_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.cells import Cells

SEED = 20_260_131
PARTS, MUTATIONS = 4, 500


def originals() -> list[bytes]:
    """Small pictures of every kind that is accepted, with and without what makes a file complicated."""
    picture = textured()
    clear = picture.convert("RGBA")
    clear.putalpha(picture.getchannel(0))
    return [
        file_of(picture, "PNG"),
        file_of(clear, "PNG", exif=turned(6)),
        file_of(picture.quantize(16), "PNG", transparency=3),
        file_of(picture, "JPEG", exif=turned(6)),
        file_of(picture, "JPEG", progressive=True),
        file_of(picture.convert("CMYK"), "JPEG"),
        file_of(picture, "WEBP"),
        file_of(clear, "WEBP", lossless=True, exif=turned(6)),
        several("PNG"),
        several("WEBP"),
        several("MPO"),
        png_claiming(50_000, 50_000),
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
    match dice.randrange(6):
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
        case _:
            other = dice.choice(others)
            changed[at:] = other[at:]
    return bytes(changed)


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_broken_file_is_drawn_or_refused_in_a_sentence(tmp_path: Path, part: int) -> None:
    dice = random.Random(SEED + part)
    others = list(pretenders().values())
    files = originals() * 4 + others
    decoder = PictureDecoder()
    path = tmp_path / "picture"
    processes: set[int | None] = set()
    drawn: list[Cells] = []
    sentences: list[str] = []
    for number in range(MUTATIONS):
        path.write_bytes(mutated(files[number % len(files)], files, dice))
        try:
            drawn.append(await decoder.render(path, columns=12 + number, rows=6, background=BLACK))
        except PictureUnreadable as error:
            sentences.append(error.sentence)
        processes.add(decoder.process_id)
    assert drawn
    assert sentences
    assert all(sentence.isprintable() and sentence.endswith(".") for sentence in sentences)
    path.write_bytes(file_of(plain(RED), "PNG"))
    await decoder.render(path, columns=3, rows=2, background=BLACK)
    await decoder.aclose()
    assert all(is_gone(pid) for pid in processes if pid)

"""Half blocks: two pixels a cell, in 24-bit colours or in those of a palette."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
from PIL import Image

from animus_tui.graphics.decoding.protocol import (
    PREFIX_BYTES,
    CellsRequest,
    Colours,
    Drawn,
    Glyphs,
    Line,
    Pixels,
    PixelsRequest,
    Reply,
    frame,
)
from animus_tui.graphics.rendering import half_blocks
from tests.support.picture_samples import BLACK, BLUE, RED, WHITE, file_of, halves, plain, raw

HIDDEN = 'import sys\nsys.modules["term_image"] = None\n'
"""What makes a program believe that it is not installed."""


def run(code: str, given: bytes = b"") -> bytes:
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
    return done.stdout


def test_a_cell_shows_two_pixels_one_above_the_other() -> None:
    picture = Image.new("RGB", (2, 4), RED)
    picture.putpixel((0, 1), BLUE)
    assert half_blocks.draw(picture, "truecolor") == (
        Line("▀ ", bytes(RED + RED), bytes(BLUE + RED)),
        Line("  ", bytes(RED + RED), bytes(RED + RED)),
    )


def test_with_few_colours_cells_hold_indexes_of_xterms_palette() -> None:
    rows: list[tuple[tuple[int, int, int], int]] = [
        (BLACK, 16),
        (RED, 196),
        (BLUE, 21),
        (WHITE, 231),
        ((95, 135, 175), 67),  # 16 + 36·1 + 6·2 + 3
        ((8, 8, 8), 232),
        ((238, 238, 238), 255),
    ]
    for colour, index in rows:
        for colours in ("256", "16"):
            picture = plain(colour, (1, 2))
            assert half_blocks.draw(picture, colours) == (Line(" ", bytes([index]), bytes([index])),)


def test_the_decoding_process_needs_no_term_image(tmp_path: Path) -> None:
    path = tmp_path / "halves.png"
    path.write_bytes(file_of(halves(RED, BLUE), "PNG"))
    name = bytes(path)

    def cells(colours: Colours, glyphs: Glyphs) -> CellsRequest:
        return CellsRequest(name, 8, 4, BLACK, colours, glyphs)

    requests = [
        cells("truecolor", "halves"),
        cells("256", "halves"),
        cells("truecolor", "quadrants"),
        PixelsRequest(name, 32, 32, BLACK),
    ]
    code = f"{HIDDEN}from animus_tui.graphics.decoding.worker import main\nmain()"
    answered = run(code, b"".join(frame(request) for request in requests))
    replies = []
    while answered:
        length = PREFIX_BYTES + int.from_bytes(answered[:PREFIX_BYTES], "big")
        replies.append(msgspec.msgpack.decode(answered[PREFIX_BYTES:length], type=Reply))
        answered = answered[length:]
    assert len(replies) == len(requests)
    for reply, (red, blue) in zip(replies, [(RED, BLUE), ((196,), (21,)), (RED, BLUE)], strict=False):
        assert isinstance(reply, Drawn)
        assert {(line.text[0], line.background[: len(red)]) for line in reply.lines} == {(" ", bytes(red))}
        assert {line.background[-len(blue) :] for line in reply.lines} == {bytes(blue)}
    assert isinstance(replies[-1], Pixels)
    assert raw(replies[-1])[0] == RED

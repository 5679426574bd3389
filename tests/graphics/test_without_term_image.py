"""Where term-image is not installed our own code draws the same cells and transmits the same pixels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from animus_tui.graphics import without_term_image
from animus_tui.graphics.protocol import (
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
from tests.support.picture_samples import BLACK, BLUE, RED, WHITE, file_of, halves, plain, raw, textured

HIDDEN = 'import sys\nsys.modules["term_image"] = None\n'
"""What makes a program believe that it is not installed."""


def run(code: str, given: bytes = b"") -> bytes:
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
    return done.stdout


def test_a_cell_shows_two_pixels_one_above_the_other() -> None:
    picture = Image.new("RGB", (2, 4), RED)
    picture.putpixel((0, 1), BLUE)
    assert without_term_image.cells(picture, "truecolor") == (
        Line("▀ ", bytes(RED + RED), bytes(BLUE + RED)),
        Line("  ", bytes(RED + RED), bytes(RED + RED)),
    )


@pytest.mark.parametrize(
    ("colour", "index"),
    [
        (BLACK, 16),
        (RED, 196),
        (BLUE, 21),
        (WHITE, 231),
        ((95, 135, 175), 67),  # 16 + 36·1 + 6·2 + 3
        ((8, 8, 8), 232),
        ((238, 238, 238), 255),
    ],
)
def test_with_few_colours_cells_hold_indexes_of_xterms_palette(
    colour: tuple[int, int, int], index: int
) -> None:
    for colours in ("256", "16"):
        picture = plain(colour, (1, 2))
        assert without_term_image.cells(picture, colours) == (Line(" ", bytes([index]), bytes([index])),)


# term-image asks a current Pillow for what Pillow 14 will no longer have.
@pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")
@pytest.mark.parametrize("colours", ["truecolor", "256", "16"])
@pytest.mark.parametrize("size", [(1, 2), (37, 24), (120, 60)])
def test_term_image_draws_and_transmits_the_same(colours: Colours, size: tuple[int, int]) -> None:
    pytest.importorskip("term_image")
    from animus_tui.graphics import term_image_compat

    for picture in (textured(size), halves(RED, BLUE, size)):
        assert without_term_image.cells(picture, colours) == term_image_compat.cells(picture, colours)
        assert without_term_image.payload(picture) == term_image_compat.payload(picture)


def test_the_decoding_process_works_without_it(tmp_path: Path) -> None:
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
    code = f"{HIDDEN}from animus_tui.graphics.worker import main\nmain()"
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


@pytest.mark.parametrize(
    ("before", "module"), [("", "term_image_compat"), (HIDDEN, "without_term_image")], ids=["there", "absent"]
)
def test_it_draws_where_it_is_installed_and_only_there(before: str, module: str) -> None:
    if not before:
        pytest.importorskip("term_image")
    told = run(f"{before}from animus_tui.graphics import drawing\nprint(drawing.cells.__module__)")
    assert told.decode().strip() == f"animus_tui.graphics.{module}"


def test_a_version_with_another_interface_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "term_image").mkdir()
    (tmp_path / "term_image" / "__init__.py").touch()
    (tmp_path / "term_image-0.8.0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: term-image\nVersion: 0.8.0\n"
    (tmp_path / "term_image-0.8.0.dist-info" / "METADATA").write_text(metadata)
    first = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
    told = run(
        f"{first}from animus_tui.graphics import drawing, engine\n"
        "print(engine.term_image_version(), drawing.cells.__module__)"
    )
    assert told.decode().split() == ["None", "animus_tui.graphics.without_term_image"]

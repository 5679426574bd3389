"""The decoding process, `python -m animus_tui.graphics.decoding.worker [DRAWING …]`.

It is made ready for a picture of each DRAWING (see protocol.Drawing) before it is asked for one. Requests come on
stdin, replies go to stdout; it ends when stdin does, which is when the application does.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, get_args

from msgspec import msgpack

from animus_tui.graphics.decoding.protocol import (
    MOST_COLOURS,
    MOST_PIECES_BYTES,
    MOST_REQUEST_BYTES,
    MOST_SENT_PIXELS,
    PREFIX_BYTES,
    CellsRequest,
    Drawing,
    Drawn,
    Glyphs,
    PieceProtocol,
    Pieces,
    PiecesRequest,
    Pixels,
    PixelsRequest,
    Reduced,
    ReducedRequest,
    Refused,
    Reply,
    Request,
    Thumbnail,
    ThumbnailRequest,
    frame,
    frame_length,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from PIL import Image


@contextlib.contextmanager
def _as_if_missing(module: str) -> Iterator[None]:
    before = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]  # which is what makes `import` fail
    yield
    del sys.modules[module]
    if before is not None:
        sys.modules[module] = before


# Pillow loads numpy for the sake of a type hint alone, which takes 50 ms; here a mosaic loads it.
with _as_if_missing("numpy"):
    from animus_tui.graphics.decoding import pixels
    from animus_tui.graphics.rendering import half_blocks, iterm2


THUMBNAIL_QUALITY = 85
"""Of JPEG, 0–95; what is lost is not seen at this size, and a photograph of 192×192 pixels takes about 8 KB."""


_WARM_SIZE = 1024, 1024
"""Of a picture as most are: memory that was used once is faster the second time."""
_WARM_CELLS = 48, 24
"""The same for its cells."""

REDUCED_QUALITY = 90
"""Of JPEG: letters in a screenshot stay readable; a photograph of 1568×1176 pixels takes about 0.5 MB."""


def main() -> None:
    """Answer requests, one after the other."""
    requests, replies = _pipes()
    pixels.confine()
    if drawings := [drawing for drawing in _DRAWINGS if drawing in sys.argv[1:]]:
        _warm_up(drawings)
    while request := _read(requests):
        pixels.allow_cpu_time()
        replies.write(frame(_answer(request)))
        replies.flush()


_DRAWINGS: tuple[Drawing, ...] = (*get_args(Glyphs), "pixels", *get_args(PieceProtocol))


def _warm_up(drawings: Sequence[Drawing]) -> None:
    """Load what the first picture would wait for: Pillow's readers, the memory for it, and often numpy and tables."""
    from PIL import Image

    file = BytesIO()
    across, down, around = (
        Image.linear_gradient("L").rotate(90),
        Image.linear_gradient("L"),
        Image.radial_gradient("L"),
    )
    Image.merge("RGB", (across, down, around)).resize(_WARM_SIZE).save(file, "PNG", compress_level=1)
    data, ground = file.getvalue(), (0, 0, 0)
    for drawing in drawings:
        match drawing:
            case "pixels":
                _pixels(data, PixelsRequest(b"", *_WARM_SIZE, ground))
            case "sixel" | "iterm2":
                _pieces(data, PiecesRequest(b"", *_WARM_CELLS, 10, 20, ground, drawing, MOST_COLOURS))
            case _:
                _drawn(data, CellsRequest(b"", *_WARM_CELLS, ground, "truecolor", drawing))


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """stdin and what was stdout: a library that prints must not print into a reply."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return sys.stdin.buffer, replies


def _read(requests: BinaryIO) -> Request | None:
    """The next request; None when the application is gone."""
    prefix = requests.read(PREFIX_BYTES)
    if len(prefix) < PREFIX_BYTES:
        return None
    data = requests.read(frame_length(prefix, MOST_REQUEST_BYTES))
    request: Request = msgpack.decode(data, type=Request)
    return request


def _answer(request: Request) -> Reply:
    try:
        with Path(os.fsdecode(request.path)).open("rb") as file:
            data = file.read(pixels.MOST_BYTES + 1)
        match request:
            case CellsRequest():
                return _drawn(data, request)
            case PixelsRequest():
                return _pixels(data, request)
            case PiecesRequest():
                return _pieces(data, request)
            case ThumbnailRequest():
                return _thumbnail(data, request)
            case ReducedRequest():
                return _reduced(data, request)
    except OSError as error:
        return Refused(f"The picture's file cannot be read: {error.strerror or error}.", is_final=False)
    except pixels.UnreadablePictureError as error:
        # Whoever shows a file of their own cannot make it again.
        return Refused(f"{error.fault}." if isinstance(request, ReducedRequest) else str(error))
    except MemoryError:
        return Refused("The picture needs too much memory to be shown.")


def _drawn(data: bytes, request: CellsRequest) -> Drawn:
    columns, rows, kind = request.columns, request.rows, request.glyphs
    if kind == "halves" or request.colours != "truecolor":
        across, down = half_blocks.PIXELS_PER_CELL
        picture = pixels.decode(data, (columns * across, rows * down), request.background)
        return Drawn(half_blocks.draw(picture, request.colours))
    from animus_tui.graphics.rendering import mosaic  # numpy is loaded only where a mosaic is wanted

    across, down = mosaic.pixels_per_cell(columns, rows)
    picture = pixels.decode(data, (columns * across, rows * down), request.background)
    return Drawn(mosaic.draw(picture, columns, rows, kind))


def _pixels(data: bytes, request: PixelsRequest) -> Pixels:
    # Rounded down, so that there are never more than the most.
    factor = min(1.0, (MOST_SENT_PIXELS / (request.width * request.height)) ** 0.5)
    size = max(int(request.width * factor), 1), max(int(request.height * factor), 1)
    picture = pixels.decode(data, size, request.background, enlarged=False)
    return Pixels(picture.width, picture.height, pixels.compressed(picture))


def _pieces(data: bytes, request: PiecesRequest) -> Pieces | Refused:
    columns, rows, cell = request.columns, request.rows, (request.cell_width, request.cell_height)
    size = columns * cell[0], rows * cell[1]
    if request.protocol == "iterm2":
        sequences = iterm2.rows_of(pixels.decode(data, size, request.background), columns, rows, cell)
    else:
        sequences = _sixels(data, size, request)
    if sum(map(len, sequences)) > MOST_PIECES_BYTES:
        return Refused("The picture has too many details to be drawn in this size.")
    return Pieces(sequences)


def _sixels(data: bytes, size: tuple[int, int], request: PiecesRequest) -> tuple[bytes, ...]:
    from animus_tui.graphics.rendering import sixel  # numpy is loaded only where it is needed

    palettes: list[Future[sixel.Palette]] = []

    def begin_palette(source: Image.Image) -> None:
        with contextlib.suppress(RuntimeError):  # no thread to be had
            palettes.append(_beside().submit(sixel.palette_of, source, request.colours))

    picture = pixels.decode(data, size, request.background, seen=begin_palette)
    palette = palettes[0].result() if palettes else sixel.palette_of(picture, request.colours)
    return sixel.rows_of(
        picture, request.columns, request.rows, (request.cell_width, request.cell_height), palette
    )


@cache
def _beside() -> ThreadPoolExecutor:
    """For the palette of a picture, 11 ms of processor time while the picture gets its size, which takes 15 ms."""
    from concurrent.futures import ThreadPoolExecutor  # 10 ms at the start of the process

    return ThreadPoolExecutor(1)


def _thumbnail(data: bytes, request: ThumbnailRequest) -> Thumbnail:
    width, height = pixels.size_of(data)
    factor = min(1.0, request.side / max(width, height))
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    file = BytesIO()
    pixels.decode(data, size, request.background).save(file, "JPEG", quality=THUMBNAIL_QUALITY)
    return Thumbnail(file.getvalue())


def _reduced(data: bytes, request: ReducedRequest) -> Reduced:
    picture = pixels.decode_within(data, request.side, request.background)
    picture.info.clear()  # or comments of the file would be written into the new one
    file = BytesIO()
    picture.save(file, "JPEG", quality=REDUCED_QUALITY)
    return Reduced(picture.width, picture.height, file.getvalue())


if __name__ == "__main__":
    main()

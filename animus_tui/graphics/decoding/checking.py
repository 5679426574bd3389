"""Whether what comes from the decoding process is what was asked for, and cannot steer the terminal it is meant for."""

from __future__ import annotations

from animus_tui.graphics.decoding.protocol import (
    MOST_REDUCED_BYTES,
    MOST_SENT_PIXELS,
    MOST_THUMBNAIL_BYTES,
    THUMBNAIL_START,
    CellsRequest,
    Drawn,
    Line,
    Pieces,
    PiecesRequest,
    Pixels,
    PixelsRequest,
    Reduced,
    ReducedRequest,
    Reply,
    Request,
    Thumbnail,
    ThumbnailRequest,
)
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.pieces import PictureRows, are_pieces

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

Picture = Cells | Pixels | PictureRows | Thumbnail | Reduced


def picture_in(reply: Reply, request: Request) -> Picture | None:
    """What the reply brings; None when it is not what was asked for. Takes milliseconds where it has megabytes."""
    match reply, request:
        case Drawn(), CellsRequest() if _fits(reply.lines, request):
            return Cells(request.columns, request.rows, reply.lines)
        case Pixels(), PixelsRequest() if _is_sendable(reply, request):
            return reply
        case Pieces(), PiecesRequest() if are_pieces(reply.rows, request):
            return PictureRows(request.columns, request.rows, reply.rows)
        case Thumbnail(), ThumbnailRequest() if _is_thumbnail(reply):
            return reply
        case Reduced(), ReducedRequest() if _is_reduced(reply, request):
            return reply
        case _:
            return None


def _fits(lines: tuple[Line, ...], request: CellsRequest) -> bool:
    columns = request.columns
    depths = {len(line.foreground) for line in lines} | {len(line.background) for line in lines}
    return (
        len(lines) == request.rows
        and (depths == {3 * columns} or depths == {columns})
        and all(len(line.text) == columns and line.text.isprintable() for line in lines)
    )


def _is_sendable(pixels: Pixels, request: PixelsRequest) -> bool:
    """Whether the size was asked for and the payload cannot steer the terminal that it is sent to."""
    return (
        1 <= pixels.width <= request.width
        and 1 <= pixels.height <= request.height
        and pixels.width * pixels.height <= MOST_SENT_PIXELS
        and pixels.payload != b""
        and not pixels.payload.translate(None, _BASE64)
    )


def _is_thumbnail(reply: Thumbnail) -> bool:
    return reply.data.startswith(THUMBNAIL_START) and len(reply.data) <= MOST_THUMBNAIL_BYTES


def _is_reduced(reply: Reduced, request: ReducedRequest) -> bool:
    is_small = 1 <= reply.width <= request.side and 1 <= reply.height <= request.side
    return is_small and reply.data.startswith(THUMBNAIL_START) and len(reply.data) <= MOST_REDUCED_BYTES

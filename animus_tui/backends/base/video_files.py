"""Which bytes are a video that can be kept: an MP4 by its own boxes (ISO/IEC 14496-12), never by its name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.file_kinds import FileKind, begins_as_video
from animus_tui.backends.base.image_values import Video

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 128 << 20  # room for 20 s at 50 Mbit/s, which is more than a short clip has
_MOST_BOXES = 65_536  # at the top of a file that are looked at; a fragmented clip has two a fragment
_KNOWN = frozenset(
    b"ftyp moov mdat moof mfra free skip wide udta uuid meta meco sidx ssix styp prft emsg pdin pnot imda".split()
)
"""Boxes at the top of a file (ISO/IEC 14496-12, table 1). What is longer than the file and none of them is no box."""
_NEEDED = frozenset({b"moov", b"mdat"})  # what the film is and the film: nothing plays without either


def check_video(data: bytes) -> Video:
    """The clip in `data`. Raises PictureError: another kind, too large, cut off."""
    if len(data) > MOST_BYTES:
        raise VIDEO.too_large(len(data))
    if not begins_as_video(data):
        raise VIDEO.something_else(data)
    boxes = dict(_boxes(data))
    if not boxes.keys() >= _NEEDED or max(boxes.values()) > len(data):
        raise PictureError(VIDEO.title, "The MP4 video is cut off. Try again.", retryable=True)
    return Video(data=data, kind="mp4")


VIDEO = FileKind(
    noun="video",
    names="MP4 video",
    media_types="video/mp4",
    most=MOST_BYTES,
    begins=begins_as_video,
    check=check_video,
)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Type of each box at the top and where it ends, up to the first that is none."""
    at = 0
    for _ in range(_MOST_BOXES):
        head, size = 8, int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if size == 1:  # it did not fit and follows
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:  # to the end of the file
            size = len(data) - at
        if size < head or (kind not in _KNOWN and at + size > len(data)):
            return
        at += size
        yield kind, at
        if at >= len(data):
            return

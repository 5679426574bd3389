"""An MP4 file of JPEG frames: boxes of ISO/IEC 14496-12, the track described as in 14496-14. Pure.

Each frame is a whole JPEG file, so that nothing but Pillow is needed to make one. Object type 0x6C of 14496-1 says
so to players; FFmpeg and what is built on it, VLC and GStreamer play such a track.
"""

import struct
from collections.abc import Sequence

VISUAL_JPEG = 0x6C
VIDEO_STREAM = 0x04
IDENTITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
RESOLUTION = 72 << 16
"""Dots an inch, 16.16 fixed point: what the standard prescribes."""
UNDETERMINED = 0x55C4
"""The language `und`, five bits a letter."""


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box: its size, its four letters, its contents."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    """A box with a version (0) and 24 flags."""
    return box(kind, struct.pack(">I", flags), *parts)


def _descriptor(tag: int, *parts: bytes) -> bytes:
    """A descriptor of 14496-1; none of ours has 128 bytes."""
    body = b"".join(parts)
    return bytes((tag, len(body))) + body


def mp4(frames: Sequence[bytes], *, width: int, height: int, rate: int) -> bytes:
    """A clip of JPEG frames of `width` × `height` pixels, `rate` of them a second.

    The index stands before the data, so that a clip plays while it arrives. ValueError without frames.
    """
    if not frames:
        raise ValueError("A clip needs at least one frame.")
    kind = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2mp41")
    # The index holds the place of the data behind it, and is as long whatever place that is.
    start = len(kind) + len(_movie(frames, width, height, rate, 0)) + 8
    return kind + _movie(frames, width, height, rate, start) + box(b"mdat", *frames)


def _movie(frames: Sequence[bytes], width: int, height: int, rate: int, start: int) -> bytes:
    duration = len(frames)
    header = full_box(
        b"mvhd",
        struct.pack(">4I", 0, 0, rate, duration),
        struct.pack(">IHH8x", 0x10000, 0x100, 0),
        IDENTITY,
        struct.pack(">24xI", 2),
    )
    return box(b"moov", header, _track(frames, width, height, rate, start))


def _track(frames: Sequence[bytes], width: int, height: int, rate: int, start: int) -> bytes:
    duration = len(frames)
    header = full_box(
        b"tkhd",
        struct.pack(">5I8x4H", 0, 0, 1, 0, duration, 0, 0, 0, 0),
        IDENTITY,
        struct.pack(">2I", width << 16, height << 16),
        flags=3,  # enabled, and part of the film
    )
    media = full_box(b"mdhd", struct.pack(">4I2H", 0, 0, rate, duration, UNDETERMINED, 0))
    handler = full_box(b"hdlr", struct.pack(">I4s12x", 0, b"vide"), b"video\0")
    here = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), full_box(b"url ", flags=1)))
    table = _sample_table(frames, width, height, start)
    information = box(b"minf", full_box(b"vmhd", bytes(8), flags=1), here, table)
    return box(b"trak", header, box(b"mdia", media, handler, information))


def _sample_table(frames: Sequence[bytes], width: int, height: int, start: int) -> bytes:
    count = len(frames)
    sizes = struct.pack(f">{count}I", *map(len, frames))
    return box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1), _sample_entry(frames, width, height)),
        full_box(b"stts", struct.pack(">3I", 1, count, 1)),
        full_box(b"stsc", struct.pack(">4I", 1, 1, count, 1)),  # one chunk with all frames
        full_box(b"stsz", struct.pack(">2I", 0, count), sizes),
        full_box(b"stco", struct.pack(">2I", 1, start)),
    )


def _sample_entry(frames: Sequence[bytes], width: int, height: int) -> bytes:
    decoder = _descriptor(
        4, struct.pack(">BB3s2I", VISUAL_JPEG, VIDEO_STREAM << 2 | 1, max(map(len, frames)).to_bytes(3), 0, 0)
    )
    stream = _descriptor(3, struct.pack(">HB", 0, 0), decoder, _descriptor(6, b"\2"))
    return box(
        b"mp4v",
        struct.pack(">6xH16x2H", 1, width, height),
        struct.pack(">3IH32sHh", RESOLUTION, RESOLUTION, 0, 1, b"\4JPEG", 24, -1),
        full_box(b"esds", stream),
    )

"""Texts inside a PNG: put in and read again, whatever the file holds.

PNG (Third Edition, 11.3.3) has three kinds of chunks for them: `tEXt`, `zTXt` (compressed) and `iTXt` (UTF-8, may be
compressed). `iTXt` is written; all three are read, as other programs rewrite one as another.
"""

from __future__ import annotations

import zlib
from os import SEEK_CUR
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = b"\0\0\0\x0dIHDR"
AFTER_HEADER = len(SIGNATURE) + 25
"""Where the first chunk behind the header begins, in bytes: the header is 13 bytes long, its frame another 12."""
MOST_CHUNKS = 1 << 16
"""Chunks that are looked at."""
MOST_TEXT = 1 << 20
"""Bytes of one text as it is shown; a longer one is passed over."""
MOST_WORK = 16 << 20
"""Bytes of texts, packed and unpacked, after which nothing more is looked for in a file."""
KEYWORD_LENGTH = 79

_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_NUL = b"\0"


def with_texts(png: bytes, texts: Mapping[str, str]) -> list[bytes | memoryview]:
    """The file in pieces, with these texts right behind the header; all that is picture stays byte for byte.

    `texts`: keyword (1 to 79 characters of Latin-1) → text. A text before the picture's data that has one of
    these keywords already goes. ValueError when `png` does not begin as a PNG does.
    """
    if not png.startswith(SIGNATURE + HEADER) or len(png) < AFTER_HEADER:
        raise ValueError("This is no PNG.")
    whole = memoryview(png)
    written = b"".join(_chunk(b"iTXt", _international(keyword, text)) for keyword, text in texts.items())
    pieces: list[bytes | memoryview] = [whole[:AFTER_HEADER], written]
    at = kept = AFTER_HEADER
    for _ in range(MOST_CHUNKS):
        kind, end = png[at + 4 : at + 8], at + 12 + int.from_bytes(png[at : at + 4], "big")
        if kind in (b"IDAT", b"IEND") or end > len(png):
            break
        if kind in _TEXT_CHUNKS and _keyword(png[at + 8 : min(end - 4, at + 9 + KEYWORD_LENGTH)]) in texts:
            pieces.append(whole[kept:at])
            kept = end
        at = end
    pieces.append(whole[kept:])
    return pieces


def read_texts(file: BinaryIO, wanted: Collection[str]) -> dict[str, str]:
    """The texts with these keywords, of several with the same one the first. `file` can be sought in.

    Of a broken file, what stands before the break. ValueError when it does not begin as a PNG does, OSError.
    """
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("This is no PNG.")
    found: dict[str, str] = {}
    work = 0
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(kind) < 4 or kind == b"IEND" or work > MOST_WORK or len(found) == len(wanted):
            break
        if kind not in _TEXT_CHUNKS or length > MOST_TEXT:
            file.seek(length + 4, SEEK_CUR)
            continue
        data, check = file.read(length), file.read(4)
        work += length
        keyword = _keyword(data)
        if (
            keyword not in wanted
            or keyword in found
            or zlib.crc32(kind + data) != int.from_bytes(check, "big")
        ):
            continue
        text = _text(kind, data[len(keyword) + 1 :])
        work += MOST_TEXT if text is None else len(text)
        if text is not None:
            found[keyword] = text
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _international(keyword: str, text: str) -> bytes:
    """The data of an `iTXt` chunk: not compressed, no language, no translated keyword."""
    plain = text.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "replace")
    return keyword.encode("latin-1") + _NUL + b"\0\0" + _NUL + _NUL + plain


def _keyword(data: bytes) -> str:
    """The keyword that a text chunk's data begins with; blank when there is none."""
    name, nul, _ = data[: KEYWORD_LENGTH + 1].partition(_NUL)
    return name.decode("latin-1") if nul else ""


def _text(kind: bytes, data: bytes) -> str | None:
    """The text behind the keyword; None when it is broken or too long."""
    encoding, packed, plain = "latin-1", kind == b"zTXt", data
    if kind == b"zTXt":
        plain = data[1:]
    elif kind == b"iTXt":
        encoding, packed = "utf-8", data[:1] == b"\1"
        _, _, plain = data[2:].partition(_NUL)  # language
        _, _, plain = plain.partition(_NUL)  # the keyword in that language
    if packed:
        unpacking = zlib.decompressobj()
        try:
            plain = unpacking.decompress(plain, MOST_TEXT + 1)
        except zlib.error:
            return None
        if not unpacking.eof:  # cut off, or longer than anybody reads
            return None
    return plain.decode(encoding, "replace")

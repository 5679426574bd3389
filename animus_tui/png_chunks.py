"""The chunks of PNG files and the texts in them (Third Edition, 5.3 and 11.3.3), without decoding any pixel.

There are three kinds of chunks for texts: `tEXt`, `zTXt` (compressed) and `iTXt` (UTF-8, may be compressed). All three
are read, as other programs rewrite one as another. What a file says of its own sizes is not trusted.
"""

from __future__ import annotations

import zlib
from os import SEEK_CUR
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
MOST_CHUNKS = 20_000
"""Chunks of a file that are looked at."""
MOST_TEXT = 1 << 20
"""Bytes of one text that `read_texts` returns; a longer one is passed over."""
MOST_WORK = 16 << 20
"""Bytes of texts, compressed and decompressed, after which `read_texts` ends."""
KEYWORD_LENGTH = 79
_HEADER = b"\0\0\0\x0dIHDR"
_AFTER_HEADER = len(SIGNATURE) + 25
"""Where the first chunk behind the header begins, in bytes: the header is 13 bytes long, its frame another 12."""
_NUL = b"\0"


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def chunks(png: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk that is whole, up to the end of the picture."""
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        kind, end = png[at + 4 : at + 8], at + 12 + int.from_bytes(png[at : at + 4], "big")
        if len(kind) < 4 or end > len(png):
            return
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end


def text_of(kind: bytes, data: bytes, most: int) -> bytes:
    """The text in the data of a chunk, from behind its keyword on; cut off where it has more than `most` + 1 bytes.

    ValueError: it is broken.
    """
    is_packed, text = kind == b"zTXt", data
    if kind == b"zTXt":
        text = data[1:]
    elif kind == b"iTXt":
        is_packed = data[:1] == b"\1"
        text = (
            data[2:].partition(_NUL)[2].partition(_NUL)[2]
        )  # behind the language and the translated keyword
    if not is_packed:
        return text
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(text, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacking.eof and len(text) <= most:
        raise ValueError("the text is cut off")
    return text


def with_texts(
    png: bytes, texts: Mapping[str, str], *, in_latin: Collection[str] = ()
) -> list[bytes | memoryview]:
    """The file in pieces, with these texts right behind the header; all that is picture stays byte for byte.

    `texts`: keyword (1 to 79 characters of Latin-1) → text. A text before the picture's data that has one of these
    keywords already goes. `in_latin`: keywords whose text is a `tEXt` where its Latin-1 is enough, in place of an
    `iTXt`. ValueError when `png` does not begin as a PNG does.
    """
    if not png.startswith(SIGNATURE + _HEADER) or len(png) < _AFTER_HEADER:
        raise ValueError("This is no PNG.")
    whole = memoryview(png)
    written = b"".join(_text_chunk(each, text, in_latin=each in in_latin) for each, text in texts.items())
    pieces: list[bytes | memoryview] = [whole[:_AFTER_HEADER], written]
    kept = _AFTER_HEADER
    for kind, start, end in chunks(png):
        if kind == b"IDAT":
            break
        if kind in TEXT_KINDS and _keyword(png[start + 8 : end - 4]) in texts:
            pieces.append(whole[kept:start])
            kept = end
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
        if kind not in TEXT_KINDS or length > MOST_TEXT:
            file.seek(length + 4, SEEK_CUR)
            continue
        data, check = file.read(length), file.read(4)
        work += length
        keyword = _keyword(data)
        is_sound = zlib.crc32(kind + data) == int.from_bytes(check, "big")
        if keyword not in wanted or keyword in found or not is_sound:
            continue
        try:
            text = text_of(kind, data[len(keyword) + 1 :], MOST_TEXT)
        except ValueError:
            work += MOST_TEXT
            continue
        work += len(text)
        if len(text) <= MOST_TEXT:
            found[keyword] = text.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")
    return found


def _text_chunk(keyword: str, text: str, *, in_latin: bool) -> bytes:
    name, plain = keyword.encode("latin-1") + _NUL, text.replace("\0", "")
    if in_latin:
        try:
            return chunk(b"tEXt", name + plain.encode("latin-1"))
        except UnicodeEncodeError:
            pass
    # Not compressed, no language, no translated keyword.
    return chunk(b"iTXt", name + b"\0\0\0\0" + plain.replace("\r\n", "\n").encode("utf-8", "replace"))


def _keyword(data: bytes) -> str:
    """The keyword that a text chunk's data begins with; blank when there is none."""
    name, nul, _ = data[: KEYWORD_LENGTH + 1].partition(_NUL)
    return name.decode("latin-1") if nul else ""

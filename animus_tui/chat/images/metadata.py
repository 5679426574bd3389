"""What an image was made from, written into a saved PNG and read from it again.

Four texts stand in the file. `Description` and `Creation Time` are keywords of the PNG specification and tell any
program the prompt and the time (RFC 3339). `animus-chat` is all of it as JSON:

    {"prompt": "A fox", "created": "2026-01-31T10:00:00.000Z", "seed": 7, "model": "flux-schnell",
     "settings": {"width": 1024}, "source": "https://…", "width": 1024, "height": 1024}

`parameters` is what A1111 writes and Civitai and others read: the prompt, the negative prompt, and the settings in a
line, as "Steps: 20, CFG scale: 7.5, Seed: 7, Size: 1024x1024, Model: flux".

What is not known is left out. JPEG and WebP files are saved as they came and hold no metadata.

PNG (Third Edition, 11.3.3) has three kinds of chunks for texts: `tEXt`, `zTXt` (compressed) and `iTXt` (UTF-8, may be
compressed). `iTXt` is written; all three are read, as other programs rewrite one as another.
"""

from __future__ import annotations

import json
import re
import zlib
from os import SEEK_CUR
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
from msgspec import Struct, field

from animus_tui.addresses import without_secrets
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

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
PARAMETERS = "parameters"
"""The PNG keyword of what A1111 and Civitai read."""
_A1111_NAMES = {
    "num_inference_steps": "Steps",
    "sampler": "Sampler",
    "guidance_scale": "CFG scale",
    "seed": "Seed",
    "size": "Size",
    "model": "Model",
    "strength": "Denoising strength",
}
"""Our names → theirs, in their order."""
KEYWORD = "animus-chat"
"""The PNG keyword of the whole metadata as JSON."""
LONGEST = MOST_TEXT - 100
"""Bytes of a text that is written: with its keyword it is read again."""
OTHER_PICTURES = {b"\xff\xd8\xff": "JPEG", b"RIFF": "WebP", b"GIF8": "GIF"}
"""The first bytes of other kinds of image files."""


class ImageMetadata(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of one picture. None, 0 and empty: not known."""

    prompt: str
    created: str = ""
    """ISO 8601 UTC."""
    seed: int | None = None
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """What else was sent beside the prompt, by its name on the wire."""
    source: str | None = None
    """Address of the picture that was changed, without what may be secret in it."""
    width: int = 0
    """Pixels."""
    height: int = 0
    """Pixels."""


def metadata_of(record: ImageRecord) -> ImageMetadata:
    """What is known of a picture in a history."""
    others = {name: value for name, value in record.settings.items() if name not in ("seed", "model")}
    model = record.model or record.settings.get("model")
    return ImageMetadata(
        prompt=record.real_prompt,
        created=record.created,
        seed=record.seed,
        model=model if isinstance(model, str) else None,
        settings=others,
        source=_source(record.source_url),
        width=record.width,
        height=record.height,
    )


def with_metadata(picture: bytes, metadata: ImageMetadata) -> list[bytes | memoryview]:
    """The file in pieces, with the metadata inside when it is a PNG, and as it is otherwise."""
    try:
        return with_texts(picture, _texts(metadata))
    except ValueError:
        return [picture]


def read_metadata(path: Path) -> ImageMetadata:
    """What a saved picture tells. UserError when it tells nothing. Reads a bounded part of the file."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise UserError(f"{path} is not a file.")
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            texts = read_texts(file, (KEYWORD,))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        kind = next((name for begin, name in OTHER_PICTURES.items() if start.startswith(begin)), None)
        if kind is None:
            raise UserError(f"{path} is not a picture with generation metadata.") from error
        raise UserError(f"{path} is a {kind} picture; only PNG pictures have generation metadata.") from error
    if KEYWORD not in texts:
        raise UserError(f"No generation metadata in {path}.")
    try:
        return msgspec.json.decode(texts[KEYWORD], type=ImageMetadata)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The generation metadata in {path} is damaged.") from error


def _texts(metadata: ImageMetadata) -> dict[str, str]:
    """Keyword → text; what is too long to be read again is left out."""
    texts = {
        "Description": metadata.prompt,
        "Creation Time": metadata.created,
        KEYWORD: msgspec.json.encode(metadata).decode(),
        PARAMETERS: parameters_of(metadata),
    }
    return {
        keyword: text
        for keyword, text in texts.items()
        if text and len(text.encode(errors="replace")) <= LONGEST
    }


def parameters_of(metadata: ImageMetadata) -> str:
    """The text that A1111 writes into a picture: what its `parse_generation_parameters` reads."""
    known = metadata.settings | {"seed": metadata.seed, "model": metadata.model}
    if metadata.width and metadata.height:
        known["size"] = f"{metadata.width}x{metadata.height}"
    values = (
        f"{name}: {_quoted(known[own])}"
        for own, name in _A1111_NAMES.items()
        if isinstance(known.get(own), str | int | float) and known[own] != ""
    )
    negative = known.get("negative_prompt")
    lines = [metadata.prompt.strip(), f"Negative prompt: {negative}" if negative else "", ", ".join(values)]
    return "\n".join(line for line in lines if line)


def _quoted(value: object) -> str:
    """A value in the line of settings, quoted as A1111 does where it would not be read as one."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[,:\n]", text) else text


def _source(url: str | None) -> str | None:
    """A `data:` address is the picture itself, which nobody wants to read."""
    return without_secrets(url) if url and url.startswith("http") else None


def with_texts(png: bytes, texts: Mapping[str, str]) -> list[bytes | memoryview]:
    """The file in pieces, with these texts right behind the header; all that is picture stays byte for byte.

    `texts`: keyword (1 to 79 characters of Latin-1) → text. A text before the picture's data that has one of
    these keywords already goes. ValueError when `png` does not begin as a PNG does.
    """
    if not png.startswith(SIGNATURE + HEADER) or len(png) < AFTER_HEADER:
        raise ValueError("This is no PNG.")
    whole = memoryview(png)
    written = b"".join(_text_chunk(keyword, text) for keyword, text in texts.items())
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


def _text_chunk(keyword: str, text: str) -> bytes:
    """The chunk of a text. Readers of `parameters` expect `tEXt` where its Latin-1 is enough, as A1111 writes it."""
    if keyword == PARAMETERS:
        try:
            return _chunk(
                b"tEXt", keyword.encode("latin-1") + _NUL + text.replace("\0", "").encode("latin-1")
            )
        except UnicodeEncodeError:
            pass
    return _chunk(b"iTXt", _international(keyword, text))


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

"""Cards in PNG files: the texts of a card, the picture without them, and the same the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.characters.cards.json_text import MOST_BYTES as MOST_JSON_BYTES
from animus_tui.errors import CardError
from animus_tui.png_chunks import SIGNATURE, TEXT_KINDS, chunk, chunks, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYWORDS = ("ccv3", "chara")
"""Texts that are cards: version 3, and those before it. The first one is used."""
ASSET = b"chara-ext-asset_"
"""How the keyword of a text begins that is another file of the character."""
MOST_TEXTS = 8
"""Texts of a keyword that are looked at."""
MOST_TEXT_BYTES = MOST_JSON_BYTES // 3 * 4 + 1024
"""Bytes of a text, which is base64."""
MOST_PIXELS = 40_000_000
"""Pixels of a picture that the decoding process decodes."""


class PngFile(Struct, frozen=True, kw_only=True):
    """What is in a file."""

    texts: dict[str, list[bytes]]
    """Keyword → its texts, in order."""
    faults: list[str]
    """Why a text of a card was left out, in words behind the name of the file."""
    picture: bytes | None
    """A PNG of nothing but its pixels; None when the file is not whole, or the picture is too large."""
    missing: str
    """Why there is no picture, as a sentence; empty where there is one."""
    assets: int
    """Other files of the character that are in it."""


def read(data: bytes) -> PngFile:
    """The texts and the picture of a PNG. CardError: it is none."""
    if not data.startswith(SIGNATURE):
        raise CardError("it is no PNG picture.")
    texts: dict[str, list[bytes]] = {}
    faults: list[str] = []
    assets = 0
    kept: list[bytes | memoryview] = [SIGNATURE]
    header, is_whole = b"", False
    whole = memoryview(data)
    for kind, start, end in chunks(data):
        if kind in TEXT_KINDS:
            content = whole[start + 8 : end - 4]
            keyword = bytes(content[:80]).partition(b"\0")[0].lower()
            assets += keyword.startswith(ASSET)
            name = keyword.decode("latin-1")
            if name in KEYWORDS and len(texts.setdefault(name, [])) < MOST_TEXTS:
                try:
                    texts[name].append(_text(kind, bytes(content[len(keyword) + 1 :])))
                except CardError as error:
                    faults.append(error.sentence)
        elif kind[0] & 0x20 == 0 or kind == b"tRNS":  # a capital letter: critical
            kept.append(whole[start:end])
            header = header or bytes(whole[start + 8 : end - 4])
            is_whole = kind == b"IEND"
    missing = _fault_of(header, is_whole=is_whole, has_pixels=b"IDAT" in {bytes(part[4:8]) for part in kept})
    picture = None if missing else b"".join(kept)
    return PngFile(texts=texts, faults=faults, picture=picture, missing=missing, assets=assets)


def with_texts(picture: bytes, texts: Mapping[str, bytes]) -> bytes:
    """A PNG with these texts in front of its end. ValueError: it is no PNG that could be read."""
    found = read(picture)
    if found.picture is None:
        raise ValueError(found.missing)
    end = found.picture.rindex(b"IEND") - 4
    added = b"".join(chunk(b"tEXt", name.encode("latin-1") + b"\0" + text) for name, text in texts.items())
    return found.picture[:end] + added + found.picture[end:]


def _text(kind: bytes, content: bytes) -> bytes:
    """The text of a chunk, from behind its keyword on. CardError."""
    try:
        text = text_of(kind, content, MOST_TEXT_BYTES)
    except ValueError:
        raise CardError("the card in it is packed in a way that cannot be unpacked.") from None
    if len(text) > MOST_TEXT_BYTES:
        raise CardError(f"the card in it has more than {MOST_JSON_BYTES >> 20} MiB.")
    return text


def _fault_of(header: bytes, *, is_whole: bool, has_pixels: bool) -> str:
    """Why a picture cannot be used, going by its header; empty when nothing speaks against it."""
    if not is_whole or not has_pixels or len(header) != 13:
        return "Its picture is damaged and was left out."
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if not width or not height:
        return "Its picture is damaged and was left out."
    if width * height > MOST_PIXELS:
        return f"Its picture has more than {MOST_PIXELS // 1_000_000} megapixels and was left out."
    return ""

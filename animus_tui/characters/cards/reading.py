"""Reading a card: which kind of file it is, the card in it, and the character with its portrait.

Everything is bounded, but takes a while for a large file: call it in a thread.
"""

from __future__ import annotations

import base64
import binascii
import stat
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from animus_tui.atomic import read_regular
from animus_tui.characters.cards import archive, json_text, png
from animus_tui.characters.cards.mapping import character_of, fields_in
from animus_tui.characters.character import Character
from animus_tui.errors import CardError
from animus_tui.png_chunks import SIGNATURE
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_BYTES = 64 << 20
"""Bytes of a file."""
MOST_PORTRAIT_BYTES = 32 << 20
"""Bytes of a picture, which are also the most that the decoding process reads."""
PICTURES = (SIGNATURE, b"\xff\xd8\xff", b"RIFF")
"""How PNG, JPEG and WebP begin."""
_BLANKS = b" \t\r\n\0"


class ImportedCard(Struct, frozen=True, kw_only=True):
    """What was read from a file."""

    character: Character
    portrait: bytes | None
    """The picture, without texts where it is a PNG; nobody has looked whether it can be decoded."""
    notices: tuple[str, ...] = ()
    """A sentence each about what could not be read or is not used."""


def read_card(path: Path) -> ImportedCard:
    """The card in a file. CardError: there is none, or none that could be read. Slow."""
    name = short_line(path.name) or "The file"
    try:
        mode = path.stat().st_mode
        data = b"" if not stat.S_ISREG(mode) else read_regular(path, MOST_BYTES + 1)
    except FileNotFoundError:
        raise CardError(f"There is no file {short_line(str(path))}.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CardError(f"{name} cannot be read: {reason}.") from None
    if stat.S_ISDIR(mode):
        raise CardError(f"{name} is a folder: name the card in it.")
    if not stat.S_ISREG(mode):
        raise CardError(f"{name} is no regular file.")
    return card_in(data, name)


def card_in(data: bytes, name: str) -> ImportedCard:
    """The card in the bytes of a file of this name. CardError. Slow."""
    try:
        return _in_file(data, _stem(name))
    except CardError as error:
        raise CardError(f"{name} was not imported: {error.sentence}") from None
    except MemoryError:
        raise CardError(f"{name} was not imported: it needs too much memory.") from None


def _in_file(data: bytes, name: str) -> ImportedCard:
    if len(data) > MOST_BYTES:
        raise CardError(f"it has more than {MOST_BYTES >> 20} MiB.")
    if data.startswith(SIGNATURE):
        return _in_png(data, name)
    return _in_archive(data, name) if data.startswith(archive.BEGINNING) else _in_json(data, name)


def _in_png(data: bytes, name: str) -> ImportedCard:
    file = png.read(data)
    card, notice = _first_card(file)
    character, notices = character_of(card, name)
    if file.assets:
        notices += (_unused_files(file.assets, "picture"),)
    portrait = file.picture if len(file.picture or b"") <= MOST_PORTRAIT_BYTES else None
    return _imported(character, portrait, (*notices, notice, file.missing))


def _first_card(file: png.PngFile) -> tuple[dict[str, Any], str]:
    """The first text of a PNG that is a card, and a sentence about one before it. CardError."""
    faults = list(file.faults)
    for keyword in png.KEYWORDS:
        for text in file.texts.get(keyword, ()):
            try:
                card = json_text.card_object(_decoded(text))
                fields_in(card)
            except CardError as error:
                faults.append(error.sentence)
                continue
            return card, "Another card in it could not be read, an older one was taken." if faults else ""
    raise CardError(faults[0] if faults else "it is a picture without a character card in it.")


def _decoded(text: bytes) -> bytes:
    """The JSON in a text of a PNG: base64, or as it is. CardError."""
    plain = text.strip(_BLANKS)
    if plain.startswith(b"{"):
        return plain
    packed = plain.translate(bytes.maketrans(b"-_", b"+/"), _BLANKS).rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CardError("the card in it is not base64, so it cannot be read.") from None


def _in_json(data: bytes, name: str) -> ImportedCard:
    if not data.strip(_BLANKS):
        raise CardError("it is empty.")
    if data.startswith((b"\xff\xd8\xff", b"RIFF", b"GIF8")):
        raise CardError("cards are PNG pictures, and this is a picture of another kind.")
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS).startswith((b"{", b"[")):
        raise CardError("it is neither a PNG picture nor JSON nor a CharX archive.")
    card = json_text.card_object(data)
    character, notices = character_of(card, name)
    uri = _main_icon(fields_in(card))
    return _imported(character, _in_uri(uri), notices)


def _in_archive(data: bytes, name: str) -> ImportedCard:
    files = archive.Archive(data)
    card = json_text.card_object(files.card())
    character, notices = character_of(card, name)
    uri = _main_icon(fields_in(card))
    path = next(
        (uri.removeprefix(head) for head in ("embeded://", "embedded://") if uri.startswith(head)), ""
    )
    portrait = files.file(path, MOST_PORTRAIT_BYTES) if path else _in_uri(uri)
    others = sum(1 for each in files.names if each not in ("card.json", path) and not each.endswith("/"))
    if others:
        notices += (_unused_files(others, "archive"),)
    if path and (portrait is None or not portrait.startswith(PICTURES)):
        notices += ("Its picture cannot be used and was left out.",)
    return _imported(character, portrait, notices)


def _imported(character: Character, portrait: bytes | None, notices: Iterable[str]) -> ImportedCard:
    kept = portrait if portrait is not None and portrait.startswith(PICTURES) else None
    told = tuple(notice for notice in notices if notice)
    return ImportedCard(character=character, portrait=kept, notices=told)


def _main_icon(fields: dict[str, Any]) -> str:
    """Where the portrait of a card is; empty where nothing says it."""
    assets = fields.get("assets")
    some = assets[:1000] if isinstance(assets, list) else []
    icons = [each for each in some if isinstance(each, dict) and each.get("type") == "icon"]
    main = [each for each in icons if each.get("name") == "main"] or icons
    uri = main[0].get("uri") if main else None
    return uri if isinstance(uri, str) else ""


def _in_uri(uri: str) -> bytes | None:
    """The picture in a `data:` address; None when there is none."""
    head, _, text = uri.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _stem(name: str) -> str:
    return name.rpartition(".")[0][:100].strip() or name[:100]


def _unused_files(number: int, place: str) -> str:
    which = "1 more file was" if number == 1 else f"{number:,} more files were"
    return f"{which} in the {place} and cannot be used."

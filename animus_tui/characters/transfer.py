"""A card into the library, and a character of it into a card: files in threads, pictures in the decoding process."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from animus_tui.atomic import give_name
from animus_tui.characters import portraits
from animus_tui.characters.cards.reading import read_card
from animus_tui.characters.cards.writing import json_of, png_of
from animus_tui.errors import UsageError, UserError
from animus_tui.locked_folders import LockedFolder, remove_abandoned
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.characters.character import Character
    from animus_tui.characters.library import Library
    from animus_tui.graphics.decoding.decoder import PictureDecoder

STAGING = ".animus-chat-card-"
"""Begins the name of the folder beside the target in which the file is written."""
SUFFIXES = (".png", ".json")
"""What the name of a card's file ends with."""


async def import_card(
    library: Library, decoder: PictureDecoder, path: Path
) -> tuple[Character, tuple[str, ...]]:
    """Keep the character of a card; as it is kept, and sentences about what was left out. CardError, StoreError."""
    card = await asyncio.to_thread(read_card, path)
    portrait, notices = card.portrait, card.notices
    if portrait is not None:
        try:
            fault = await portraits.fault_in(decoder, portrait)
        except OSError as error:
            fault = f"It cannot be checked: {error.strerror or error}."
        if fault is not None:
            portrait, notices = None, (*notices, f"Its picture was left out. {fault}")
    kept = await asyncio.to_thread(library.add, card.character, portrait)
    return kept, notices


async def export_card(library: Library, decoder: PictureDecoder, name: str, target: Path) -> None:
    """Write a character to a new file, a PNG or JSON as its name ends. UsageError, UserError: nothing is written."""
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{short_line(target.name)} does not say in which format: use the suffix .png or .json."
        )
    if await asyncio.to_thread(os.path.lexists, target):
        raise _exists(target)
    if not await asyncio.to_thread(os.path.isdir, target.parent):
        raise UserError(f"There is no folder {short_line(str(target.parent))}. Create it first.")
    character = await asyncio.to_thread(library.find, name)
    if suffix == ".json":
        data = await asyncio.to_thread(json_of, character)
    else:
        picture = await portraits.png_for(decoder, character)
        data = await asyncio.to_thread(_in_picture, character, picture)
    await asyncio.to_thread(_write_new, target, data)


def _in_picture(character: Character, picture: bytes) -> bytes:
    try:
        return png_of(character, picture)
    except ValueError:  # the file is damaged, or no picture
        return png_of(character, portraits.plain_portrait(character.name))


def _write_new(target: Path, data: bytes) -> None:
    """Write a file that has its name only once it is whole. UserError."""
    remove_abandoned(target.parent, STAGING)
    try:
        with LockedFolder(target.parent, STAGING) as staging:
            whole = staging.path / "whole"
            whole.write_bytes(data)
            give_name(whole, target)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"The character was not exported to {short_line(str(target))}: {reason}.") from error


def _exists(target: Path) -> UserError:
    return UserError(f"{short_line(str(target))} exists already. Choose another name.")

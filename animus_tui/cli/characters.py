"""`characters` and `character`: the characters that there are, cards that come in, and cards that go out."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from animus_tui import paths
from animus_tui.characters.library import Library
from animus_tui.characters.transfer import export_card, import_card
from animus_tui.cli.compose import stated
from animus_tui.cli.output import DONE, FAILED, complain, say, say_json, well_formed
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.cli.arguments import Arguments


def list_characters(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print all characters: a line, or with `--json` an object, each."""
    library = _library(arguments, env)
    entries = library.entries()
    width = max((len(short_line(entry.key)) for entry in entries), default=0)
    for entry in entries:
        character = entry.character
        if arguments.json:
            fields = {
                "key": entry.key,
                "name": character.name,
                "origin": entry.origin,
                "description": character.description,
                "portrait": character.portrait,
            }
            say_json(msgspec.json.encode(fields).decode())
            continue
        about = f" - {short_line(character.description)}" if character.description else ""
        say(f"{short_line(entry.key):{width}}  {entry.origin:10}  {short_line(character.name)}{about}")
    _tell(library.notices)
    return DONE


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Import, export or remove, as `arguments.action` says."""
    library = _library(arguments, env)
    match arguments.action:
        case "import":
            return asyncio.run(_import(library, arguments))
        case "export":
            return asyncio.run(_export(library, arguments))
        case _:
            removed = library.remove(well_formed(arguments.name))
            say(short_line(removed.name))
            return DONE


async def _import(library: Library, arguments: Arguments) -> int:
    """Import each file; what is wrong with one is told, and the others are imported."""
    failed = False
    async with aclosing(PictureDecoder()) as decoder:
        for file in arguments.files:
            try:
                character, notices = await import_card(library, decoder, paths.expanded(file))
            except UserError as error:
                failed = True
                complain(str(error))
                continue
            say(short_line(character.name))
            _tell(notices)
    return FAILED if failed else DONE


async def _export(library: Library, arguments: Arguments) -> int:
    target = paths.expanded(arguments.output or "")
    async with aclosing(PictureDecoder()) as decoder:
        await export_card(library, decoder, well_formed(arguments.name), target)
    say(str(target))
    return DONE


def _library(arguments: Arguments, env: Mapping[str, str]) -> Library:
    return Library(paths.data_dir(env), stated(arguments, env))


def _tell(notices: list[str] | tuple[str, ...]) -> None:
    for notice in notices:
        complain(notice)

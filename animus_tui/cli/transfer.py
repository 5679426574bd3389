"""`export` and `import`: a conversation to a file, and conversations from one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from animus_tui import paths
from animus_tui.chat.export.files import Export, check_target, format_of
from animus_tui.chat.importing.importer import import_file
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.output import DONE, FAILED, complain, say, say_json
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from animus_tui.chat.export.files import Format
    from animus_tui.cli.arguments import Arguments

AT_ONCE = 1 << 16
"""Bytes that are written to standard output at once."""


def run_export(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Write a conversation to a new file and print its path, or to standard output where no file is named."""
    store = ConversationStore(paths.data_dir(env))
    conversation_id = store.newest() if arguments.last else store.find(arguments.id)
    if conversation_id is None:
        raise UserError("There is no conversation to export yet.")
    target = None if arguments.output in (None, "-") else paths.expanded(arguments.output or "")
    form: Format = arguments.format or "md"
    if target is not None:
        check_target(target)
        form = arguments.format or format_of(target)
    with closing(store.open(conversation_id)) as stored:
        export = Export(stored)
        if target is None:
            _print(export.pieces(form), form)
        else:
            export.write(target, form)
            say(str(target))
    return DONE


def _print(pieces: Iterator[bytes], form: Format) -> None:
    """Write to standard output; a terminal obeys nothing of it."""
    if form == "json":
        for piece in pieces:
            say_json(piece.decode().removesuffix("\n"))
        return
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) > AT_ONCE:
            say(waiting.decode(), end="")
            waiting.clear()
    say(waiting.decode(), end="")


def run_import(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Import all conversations of each file, print their ids, and say what was not imported; 1 when a file is wrong."""
    store = ConversationStore(paths.data_dir(env))
    code = DONE
    for file in arguments.files:
        try:
            imported = import_file(paths.expanded(file), store, copy=arguments.copy)
        except UserError as error:
            if len(arguments.files) == 1:
                raise
            complain(str(error))
            code = FAILED
            continue
        for conversation_id in imported.ids:
            say(conversation_id)
        complain(imported.sentence)
    return code

"""`send`: one exchange without the application."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from animus_tui import paths
from animus_tui.cli.compose import configured, enter, service, tell_notices
from animus_tui.cli.headless import converse
from animus_tui.cli.output import DONE, FAILED, complain, is_terminal, well_formed
from animus_tui.cli.printing import EventPrinter
from animus_tui.errors import UsageError, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from animus_tui.chat.attachments import Attachment
    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.arguments import Arguments


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Say something, print the answer and wait for its picture; 1 when any of it failed."""
    config = configured(arguments, env)
    text = _text(arguments)
    printer = EventPrinter(as_json=arguments.json, verbose=arguments.verbose)

    async def act(session: ChatSession) -> None:
        if arguments.attach and "sight" not in session.abilities:
            raise UserError(
                'The service that answers cannot see pictures; "animus-chat init" sets another one up.'
            )
        attached = await _attached(arguments.attach)
        await enter(
            session,
            arguments.conversation,
            new=True,
            last=arguments.last,
            character=arguments.character,
        )
        tell_notices(session)
        is_new = arguments.conversation is None and not arguments.last
        # With --json every event has it; a program that reads the errors is not to take it for one.
        if arguments.verbose or (is_new and not arguments.json and is_terminal(sys.stderr)):
            complain(f"conversation {session.conversation.conversation.id}")
        await session.send(text, attached)

    with service(config, force_demo=arguments.demo) as answering:
        if answering.notice:
            complain(answering.notice)
        asyncio.run(converse(answering, paths.data_dir(env), act, printer))
    printer.close()
    return FAILED if printer.failed else DONE


async def _attached(files: Sequence[str]) -> list[Attachment]:
    """The pictures in these files. UserError."""
    if not files:
        return []
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.picture_files import read_attachment  # 40 ms, for who attaches a picture

    async with aclosing(PictureDecoder()) as decoder:
        return [await read_attachment(decoder, paths.expanded(file)) for file in files]


def _text(arguments: Arguments) -> str:
    """What to say: the words of the command line, or standard input for `-` and for no words at all.

    Pictures need no words.
    """
    if arguments.attach and not arguments.text:
        return ""
    if arguments.text in ([], ["-"]):
        if sys.stdin is None or (not arguments.text and sys.stdin.isatty()):
            raise UsageError('There is nothing to send: give a text, or "-" to read it from standard input.')
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    else:
        text = well_formed(" ".join(arguments.text))
    if not text.strip():
        raise UsageError("There is nothing to send: the text is blank.")
    return text

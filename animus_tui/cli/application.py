"""The application, its session and its service are put together."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from animus_tui import first_frame, paths
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.compose import enter, settings_file, settings_of_named
from animus_tui.cli.live_services import LiveServices
from animus_tui.cli.signals import ended_by_signals
from animus_tui.cli.terminal import promise_colours
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.ui.app import AnimusApp
from animus_tui.ui.controllers.first_frame import FirstFrameKeeper
from animus_tui.ui.terminal.driver import driver_after
from animus_tui.ui.terminal.job_control import wait_for_foreground
from animus_tui.ui.textual_compat import error_of
from animus_tui.ui.themes import kept_theme

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from animus_tui.cli.arguments import Arguments
    from animus_tui.cli.compose import Service
    from animus_tui.cli.connect import ServiceConnector
    from animus_tui.cli.terminal import TerminalQuestion


async def run_in_loop(
    answering: Service,
    env: Mapping[str, str],
    question: TerminalQuestion,
    lasting: ExitStack,
    arguments: Arguments,
) -> int:
    """Run it until the user leaves it, in the conversation that `arguments` name; the exit code.

    `lasting` is closed by the caller when all else is: signals count until then. UserError, UsageError.
    """
    config, store = answering.config, ConversationStore(paths.data_dir(env))
    live = LiveServices(answering)
    async with (
        live.opened() as (chat, images),
        ChatSession(chat, images, store, config, outlives_program=not answering.is_demo) as session,
        aclosing(PictureDecoder()) as decoder,
    ):
        live.session = session
        name = arguments.character
        if arguments.temporary:
            await session.temporary(None if name is None else await settings_of_named(session, name))
        else:
            await enter(
                session, arguments.conversation, new=arguments.new, last=arguments.last, character=name
            )
        terminal = question.terminal()
        await asyncio.sleep(0)  # Ctrl+C while that waited
        promise_colours(terminal)
        pictures = None if terminal.style == "none" else decoder
        started = None if config.ui.plain else first_frame.start()
        keeper = None if started is None else FirstFrameKeeper(started, session)
        app = AnimusApp(
            session,
            terminal=terminal,
            decoder=pictures,
            service=answering.words,
            notice=answering.reason,
            settings_file=settings_file(arguments, env),
            connector=partial(_connector, live, arguments, env),
            kept_theme=kept_theme(paths.theme_file(env), config.ui.theme),
            on_painted=answering.begin,  # the demo's start would take time from the first frame's
            first_frame=keeper,
        )
        if question.asked is not None:
            app.driver_class = driver_after(question.asked, app.driver_class)
        # Started in the background it stops here, where a signal still ends it: there is nothing to lose yet.
        wait_for_foreground(0, unless=lambda: False)
        loop = asyncio.get_running_loop()
        # A polite request to end is a request to quit: the terminal is given back as it was.
        # The signals count until all is closed.
        lasting.enter_context(ended_by_signals(lambda: app.end_soon(loop), at_once=question.restore))
        await app.run_async()
        await app.finish()
    if (error := error_of(app)) is not None:
        raise error  # the guard logs it
    if keeper is not None:
        keeper.finish()
    _check_saved(session, env)
    return app.return_code or 0


def _connector(live: LiveServices, arguments: Arguments, env: Mapping[str, str]) -> ServiceConnector:
    from animus_tui.cli.connect import ServiceConnector  # 10 ms of a start, for who wants another service

    return ServiceConnector(live, arguments, env)


def _check_saved(session: ChatSession, env: Mapping[str, str]) -> None:
    """UserError when the disk refused messages until the end."""
    if session.lost:
        messages = "1 message is" if session.lost == 1 else f"{session.lost} messages are"
        raise UserError(f"{messages} lost: the disk of {paths.data_dir(env)} refused to the last.")

"""Where things are put together: configuration, service, session and application meet only here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, aclosing, closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from animus_tui import paths
from animus_tui.cli.logs import keep_secret, redact
from animus_tui.cli.output import FailedError, WrongUsageError, complain
from animus_tui.config import DEFAULT_BASE_URL, ApiConfig, Config, load_config

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterator, Mapping
    from pathlib import Path

    from animus_tui.chat.events import SessionEvent, Subscription
    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.arguments import Arguments
    from animus_tui.cli.terminal import TerminalQuestion
    from animus_tui.demo.process import DemoProcess

INIT = '"animus-chat init" sets up the service.'


class Service(Struct, frozen=True):
    """A service that answers, and the configuration that reaches it."""

    config: Config
    is_demo: bool
    words: str
    """Where the answers come from, for a line on the screen."""
    notice: str | None
    """Why the demo answers although nobody asked for it, one sentence."""
    begin: Callable[[], object]
    """Starts what is to answer; until then requests wait. FailedError."""


def config_path(arguments: Arguments, env: Mapping[str, str]) -> Path:
    """The configuration file: `--config`, else where environment and user's folders say."""
    return paths.expanded(arguments.config) if arguments.config else paths.config_file(env)


def configured(arguments: Arguments, env: Mapping[str, str]) -> Config:
    """The configuration that options, environment and file make together. Raises ConfigError."""
    flags = {"ui": {"graphics": arguments.graphics}} if arguments.graphics else {}
    path = config_path(arguments, env)
    config = load_config(path, env, explicit=arguments.config is not None, flags=flags)
    keep_secret(config.api)
    return config


@contextmanager
def service(config: Config, *, force_demo: bool, at_once: bool = True) -> Iterator[Service]:
    """The service that the configuration signs in to, or the embedded demo, which ends with the `with` block.

    Without `at_once` the caller has it `begin`. FailedError where the demo cannot be started.
    """
    if config.api.signs_in and not force_demo:
        host = urlsplit(config.api.base_url).hostname or ""
        yield Service(config, is_demo=False, words=host, notice=None, begin=lambda: None)
        return
    from animus_tui.demo.process import DemoProcess

    with closing(_demo_made(DemoProcess)) as demo:
        if at_once:
            _demo_made(demo.start)
        api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
        keep_secret(api)
        words = "demo server, nothing leaves this machine"
        notice = None if force_demo else _why_demo(config.api)
        yield Service(replace(config, api=api), True, words, notice, begin=partial(_demo_made, demo.start))


def _demo_made(make: Callable[[], DemoProcess]) -> DemoProcess:
    """A step on the demo's way to its start; what the system refuses is told in one sentence."""
    try:
        return make()
    except OSError as error:
        raise FailedError(
            f"The embedded demo server cannot be started: {error.strerror or error}."
        ) from error


def _why_demo(api: ApiConfig) -> str:
    if api.base_url != DEFAULT_BASE_URL:
        return f"base_url alone signs nobody in, so the embedded demo answers; {INIT}"
    return f"Nothing is configured, so the embedded demo answers; {INIT}"


async def enter(
    session: ChatSession, conversation: str | None, *, new: bool = False, last: bool = False
) -> None:
    """Turn to the named conversation, to a new one, or to the `last` one, whatever used it.

    With none of these the one stays that the application used last. `conversation`: its id, or a beginning of it that
    no other one has. WrongUsageError, FailedError.
    """
    try:
        if last and (conversation := session.newest()) is None:
            raise FailedError("There is no conversation to go on with yet.")
        if conversation is not None:
            await session.open(session.find(conversation))
        elif new:
            await session.new()
        else:
            session.conversation  # noqa: B018 (opened now, so that a disk that refuses is told in one sentence)
    except ValueError as error:
        raise WrongUsageError(str(error)) from None


def tell_notices(session: ChatSession) -> None:
    """What is to be told of the conversation that was opened, on standard error."""
    for sentence in (session.conversation.recovered, *session.notices()):
        if sentence:
            complain(sentence)


async def converse(
    answering: Service,
    data: Path,
    act: Callable[[ChatSession], Awaitable[None]],
    see: Callable[[SessionEvent], None],
) -> None:
    """Run `act` in a session of its own, wait for all that it started, and hand each event to `see` as it comes.

    What `act` or `see` raises ends the session; its last events are seen before it is raised, in an exception group.
    """
    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.store import ConversationStore

    async with AnimusClient(answering.config.api, redact=redact) as client:
        session = ChatSession(
            client,
            ConversationStore(data),
            answering.config,
            headless=True,
            outlives_program=not answering.is_demo,
        )
        with session.events.subscribe() as subscription:
            try:
                async with session:
                    await _watch(_act_and_wait(session, act), subscription, see)
            finally:
                for event in subscription.pending():
                    see(event)


async def _act_and_wait(session: ChatSession, act: Callable[[ChatSession], Awaitable[None]]) -> None:
    await act(session)
    await session.wait()


async def _watch(
    work: Coroutine[None, None, None], subscription: Subscription, see: Callable[[SessionEvent], None]
) -> None:
    working = asyncio.create_task(work)
    coming = asyncio.create_task(subscription.next())
    try:
        while not working.done():
            await asyncio.wait({working, coming}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                see(coming.result())
                coming = asyncio.create_task(subscription.next())
        await working
    finally:
        coming.cancel()
        working.cancel()
        await asyncio.wait({coming, working})


def run_application(
    config: Config, env: Mapping[str, str], *, conversation: str | None, last: bool, new: bool, demo: bool
) -> int:
    """The application on this terminal, until the user leaves it; the exit code."""
    from animus_tui.cli.terminal import TerminalQuestion, use_real_size, why_not_shown

    if sentence := why_not_shown(env):
        raise WrongUsageError(sentence)
    use_real_size(env)
    with TerminalQuestion(env, config.ui) as question:
        question.ask()  # the terminal answers while the rest is imported
        with service(config, force_demo=demo, at_once=False) as answering, ExitStack() as lasting:
            return asyncio.run(
                _application(answering, env, question, lasting, conversation, last=last, new=new)
            )


async def _application(
    answering: Service,
    env: Mapping[str, str],
    question: TerminalQuestion,
    lasting: ExitStack,
    conversation: str | None,
    *,
    last: bool,
    new: bool,
) -> int:
    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.store import ConversationStore
    from animus_tui.cli.signals import ended_by_signals
    from animus_tui.cli.terminal import promise_colours
    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.ui.app import AnimusApp
    from animus_tui.ui.chosen_theme import ChosenTheme
    from animus_tui.ui.textual_compat import error_of

    config, store = answering.config, ConversationStore(paths.data_dir(env))
    async with (
        AnimusClient(config.api, redact=redact) as client,
        ChatSession(client, store, config, outlives_program=not answering.is_demo) as session,
        aclosing(PictureDecoder()) as decoder,
    ):
        await enter(session, conversation, new=new, last=last)
        terminal = question.terminal()
        await asyncio.sleep(0)  # Ctrl+C while that waited
        promise_colours(terminal)
        pictures = None if terminal.style == "none" else decoder
        app = AnimusApp(
            session,
            terminal=terminal,
            decoder=pictures,
            service=answering.words,
            notice=answering.notice,
            chosen_theme=ChosenTheme(paths.theme_file(env), config.ui.theme),
            on_painted=answering.begin,  # the demo's start would take time from the first frame's
        )
        question.prepare(app)
        loop = asyncio.get_running_loop()
        # A polite request to end is a request to quit: the terminal is given back as it was.
        # The signals count until all is closed.
        lasting.enter_context(ended_by_signals(lambda: _call_soon(loop, app.exit), at_once=question.restore))
        await app.run_async()
    if (error := error_of(app)) is not None:
        raise error  # the guard logs it
    _check_saved(session, env)
    return app.return_code or 0


def _check_saved(session: ChatSession, env: Mapping[str, str]) -> None:
    """FailedError when the disk refused messages until the end."""
    if session.lost:
        messages = "1 message is" if session.lost == 1 else f"{session.lost} messages are"
        raise FailedError(f"{messages} lost: the disk of {paths.data_dir(env)} refused to the last.")


def _call_soon(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed: all has ended already
        loop.call_soon_threadsafe(act)

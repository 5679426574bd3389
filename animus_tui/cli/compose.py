"""Where things are put together: configuration, service, session and application meet only here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from animus_tui import paths
from animus_tui.cli.logs import keep_secret
from animus_tui.cli.output import complain
from animus_tui.config.key_store import with_keys
from animus_tui.config.loading import load_config
from animus_tui.config.schema import DEFAULT_BASE_URL, ApiConfig, Config
from animus_tui.config.settings_file import SettingsFile
from animus_tui.demo.process import DemoProcess
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.chat.session import ChatSession
    from animus_tui.cli.arguments import Arguments

INIT = '"animus-chat init" sets up the service.'


class Service(Struct, frozen=True):
    """A service that answers, and the configuration that reaches it."""

    config: Config
    is_demo: bool
    words: str
    """Where the answers come from, for a line on the screen."""
    reason: str | None
    """Why the demo answers although nobody asked for it, a sentence without its full stop."""
    begin: Callable[[], object]
    """Starts what is to answer; until then requests wait. UserError."""
    end: Callable[[], object]
    """Ends it before the end of the `with` block, once nobody asks it any more. Slow."""

    @property
    def notice(self) -> str | None:
        """The reason, and what to do about it."""
        return f"{self.reason}; {INIT}" if self.reason else None


def config_path(arguments: Arguments, env: Mapping[str, str]) -> Path:
    """The configuration file: `--config`, else where environment and user's folders say."""
    return paths.expanded(arguments.config) if arguments.config else paths.config_file(env)


def configured(arguments: Arguments, env: Mapping[str, str]) -> Config:
    """The configuration that options, environment, file and keyring make together. Raises ConfigError, KeyringError."""
    config = with_keys(stated(arguments, env))
    keep_secret(config.api, config.image)
    return config


def stated(arguments: Arguments, env: Mapping[str, str]) -> Config:
    """As `configured`, without the keys that the system's keyring has. Raises ConfigError."""
    path = config_path(arguments, env)
    return load_config(path, env, explicit=arguments.config is not None, flags=_flags(arguments))


def settings_file(arguments: Arguments, env: Mapping[str, str]) -> SettingsFile:
    """The file that takes what is changed in the application."""
    return SettingsFile(
        config_path(arguments, env), env, _flags(arguments), former_theme=paths.theme_file(env)
    )


def _flags(arguments: Arguments) -> dict[str, dict[str, object]]:
    """The settings among the options."""
    return {"ui": {"graphics": arguments.graphics}} if arguments.graphics else {}


@contextmanager
def service(config: Config, *, force_demo: bool, at_once: bool = True) -> Iterator[Service]:
    """The service that the configuration signs in to, or the embedded demo, which ends with the `with` block.

    Without `at_once` the caller has it `begin`. UserError where the demo cannot be started.
    """
    if config.api.is_set_up and not force_demo:
        host = urlsplit(config.api.base_url).netloc
        yield Service(config, is_demo=False, words=host, reason=None, begin=_nothing, end=_nothing)
        return

    with closing(_demo_step(DemoProcess)) as demo:
        if at_once:
            _demo_step(demo.start)
        api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
        keep_secret(api)
        image = config.image
        if force_demo or image.backend in (None, "animus"):
            image = replace(image, backend=None, base_url=None, api_key=None)
        words = (
            "demo server, nothing leaves this machine" if image.backend in (None, "none") else "demo server"
        )
        reason = None if force_demo else _why_demo(config.api)
        answered = replace(config, api=api, image=image)
        yield Service(answered, True, words, reason, begin=partial(_demo_step, demo.start), end=demo.close)


def _nothing() -> None:
    """Do nothing: a service that is another program is neither started nor ended here."""


def _demo_step(step: Callable[[], DemoProcess]) -> DemoProcess:
    """The result of one step of the demo's start. UserError when the system refuses it."""
    try:
        return step()
    except OSError as error:
        raise UserError(f"The embedded demo server cannot be started: {error.strerror or error}.") from error


def _why_demo(api: ApiConfig) -> str:
    if api.base_url != DEFAULT_BASE_URL:
        return "base_url alone signs nobody in, so the embedded demo answers"
    return "Nothing is configured, so the embedded demo answers"


async def enter(
    session: ChatSession,
    conversation: str | None,
    *,
    new: bool = False,
    last: bool = False,
    character: str | None = None,
) -> None:
    """Turn to the named conversation, to a new one, or to the `last` one, whatever used it.

    With none of these the one stays that the application used last. `conversation`: its id, or a beginning of it that
    no other one has. `character`: the name of the one with whom a new one is begun. UsageError, UserError.
    """
    if character is not None:
        await session.new(await settings_of_named(session, character))
        return
    if last and (conversation := session.newest()) is None:
        raise UserError("There is no conversation to go on with yet.")
    if conversation is not None:
        await session.open(session.find(conversation))
    elif new:
        await session.new()
    else:
        session.conversation  # noqa: B018 (opened now, so that a disk that refuses is told in one sentence)


async def settings_of_named(session: ChatSession, name: str) -> ConversationSettings:
    """What a conversation keeps that is begun with the character of this name. UsageError."""
    from animus_tui.chat.chosen_character import settings_named  # 20 ms, for a start that names a character

    return await asyncio.to_thread(settings_named, session.data_folder, session.configured, name)


def tell_notices(session: ChatSession) -> None:
    """What is to be told of the conversation that was opened, on standard error."""
    for sentence in (session.conversation.recovered, *session.notices()):
        if sentence:
            complain(sentence)

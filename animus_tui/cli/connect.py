"""Finding, trying and connecting services: what the questions of `animus_tui.config.connect_questions` need."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage, Sampling
from animus_tui.backends.base.errors import ServiceError, SignedOut
from animus_tui.backends.discovery import PLACES, find_services
from animus_tui.backends.http.answer_errors import NO_SUCH_PATH
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.backends.openai.encode import service_at
from animus_tui.cli.compose import configured, settings_file, stated
from animus_tui.cli.logs import keep_secret, redact
from animus_tui.cli.service_checks import ONCE, PATIENCE, ask_animus, ask_images
from animus_tui.config.connect_questions import KeyRefused
from animus_tui.config.key_store import KeyringError, is_available, keep
from animus_tui.config.schema import DEFAULT_BASE_URL
from animus_tui.config.services import Connection, overruled, told_overruled
from animus_tui.errors import UsageError, UserError
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from animus_tui.backends.discovery import Place
    from animus_tui.cli.arguments import Arguments
    from animus_tui.cli.live_services import LiveServices
    from animus_tui.cli.service_checks import Check
    from animus_tui.config.schema import ApiConfig, Config
    from animus_tui.config.services import FoundService, Settings

LOADING = replace(PATIENCE, first_word=60)
"""For the first word of a model that may have to be loaded."""
ANSWERS = "chat/completions"
"""The path that is asked for an answer."""


class ServiceFinder:
    """Finds and tries services. What does not work is a UserError; a key goes to its own service alone."""

    def __init__(
        self, arguments: Arguments, env: Mapping[str, str], *, places: Sequence[Place] = PLACES
    ) -> None:
        """`places`: where services may listen on this machine."""
        self._arguments = arguments
        self._env = env
        self._places = places
        self.has_keyring = False
        """Whether a key can be kept in the system's keyring; known once the services were looked for."""

    async def configured(self) -> Config:
        """What file and environment say now; a key that the keyring does not tell is none. ConfigError."""
        return await asyncio.to_thread(self._configured)

    def _configured(self) -> Config:
        try:
            return configured(self._arguments, self._env)
        except KeyringError:
            config = stated(self._arguments, self._env)
            return replace(
                config, api=replace(config.api, api_key=None), image=replace(config.image, api_key=None)
            )

    async def discover(self) -> list[FoundService]:
        """What listens on this machine, after a third of a second at most."""
        self.has_keyring, found = await asyncio.gather(asyncio.to_thread(is_available), self.look_around())
        return found

    async def look_around(self) -> list[FoundService]:
        """As `discover`, without looking for a keyring."""
        return await asyncio.to_thread(find_services, self._places)

    async def check(self, connection: Connection) -> list[str]:
        """Try the chat service with one request; the models that it lists, if it lists any."""
        api = await self._api(connection)
        if connection.backend == "animus":
            _raise_problem(await ask_animus("", api.base_url, replace(api, generation_url=api.base_url)))
            return []
        try:
            async with OpenAIClient(api, timeouts=PATIENCE, retry=ONCE, redact=redact) as client:
                if connection.key_check:
                    await client.check_key(connection.key_check)
                names = await client.models()
            if not connection.key_check and not service_at(api.base_url).host:
                # Over a connection of its own: a server may be closing the other one without having said so.
                async with OpenAIClient(api, timeouts=PATIENCE, retry=ONCE, redact=redact) as client:
                    await _check_key(client)
        except SignedOut as error:
            raise KeyRefused(error.sentence, title=error.title) from None
        except ServiceError as error:
            if error.status not in NO_SUCH_PATH:
                raise
            return []
        return [name for name in names if short_line(name) == name]

    async def check_model(self, connection: Connection) -> None:
        """Have the model say a word, where the service lists no models."""
        api = await self._api(connection)
        request = ChatRequest(
            model=connection.model or "",
            messages=[RequestMessage(role="user", content="Hi")],
            sampling=Sampling(max_tokens=16),
        )
        async with OpenAIClient(api, timeouts=LOADING, retry=ONCE, redact=redact) as client:
            try:
                await client.complete(request)
            except ServiceError as error:
                if error.status == HTTPStatus.NOT_FOUND and not urlsplit(api.base_url).path:
                    raise UserError(
                        f"{error} Most addresses end in /v1, and {api.base_url} does not."
                    ) from None
                raise

    async def check_images(self, connection: Connection) -> None:
        """Try the service that makes pictures, as far as that can be done without making one."""
        config = await self.configured()
        api = await self._api(connection)
        image = replace(
            config.image,
            backend=connection.image_backend,
            base_url=connection.image_base_url,
            api_key=connection.image_api_key,
            workflow=connection.workflow,
        )
        keep_secret(api, image)
        tried = replace(config, api=api, image=image)
        if (kind := tried.image_service) != "animus":
            _raise_problem(await ask_images(tried, kind))

    async def keep_keys(self, connection: Connection) -> None:
        """Keep the keys of a connection in the keyring, if they are to be there. UserError."""
        if not connection.in_keyring:
            return
        api = await self._api(connection)
        if connection.api_key:
            await asyncio.to_thread(keep, "api", api.base_url, connection.api_key)
        if connection.image_api_key:
            address = connection.image_base_url or connection.image_backend or api.base_url
            await asyncio.to_thread(keep, "image", address, connection.image_api_key)

    async def _api(self, connection: Connection) -> ApiConfig:
        """How the service is reached that is to be tried."""
        api = (await self.configured()).api
        is_same_kind = api.backend == connection.backend
        tried = replace(
            api,
            backend=connection.backend or "animus",
            base_url=connection.base_url or (api.base_url if is_same_kind else DEFAULT_BASE_URL),
            api_key=connection.api_key,
            token_provider_url=connection.token_provider_url,
        )
        keep_secret(tried)
        return tried


async def _check_key(client: OpenAIClient) -> None:
    """Some servers of one's own list their models for everybody, and want a key for an answer. SignedOut."""
    try:
        await client.check_key(ANSWERS)
    except SignedOut:
        raise
    except ServiceError:  # it takes no GET there, and says so to whom it lets in
        return


def _raise_problem(check: Check) -> None:
    if check.state == "problem":
        raise UserError(check.words)


class ServiceConnector(ServiceFinder):
    """Connects a running session with another service, and writes that into the configuration file."""

    def __init__(
        self,
        live: LiveServices,
        arguments: Arguments,
        env: Mapping[str, str],
        *,
        places: Sequence[Place] = PLACES,
    ) -> None:
        """`live` is what the session talks with."""
        super().__init__(arguments, env, places=places)
        self._live = live
        self.title = ""
        """The name of the service that was connected last."""

    @property
    def words(self) -> str:
        """Where the answers come from."""
        return self._live.words

    @property
    def is_fallback(self) -> bool:
        """Whether the demo answers for want of anything else."""
        return self._live.is_fallback

    async def connect(self, connection: Connection) -> None:
        """Write the connection into the configuration file, and have the session go on with it.

        UserError: the file is as it was, and the session goes on as before.
        """
        settings = await self._settings(connection)
        await self.keep_keys(connection)
        file = settings_file(self._arguments, self._env)
        put_back = await asyncio.to_thread(file.change_all, settings)
        try:
            await self._live.use(await self.configured())
        except BaseException:
            await asyncio.to_thread(put_back)
            raise
        self.title = connection.title

    async def check(self, connection: Connection) -> list[str]:
        """As `ServiceFinder` does it. UsageError where environment variables decide."""
        await self._settings(connection)
        return await super().check(connection)

    async def check_images(self, connection: Connection) -> None:
        """As `ServiceFinder` does it. UsageError where environment variables decide."""
        await self._settings(connection)
        await super().check_images(connection)

    async def configured_here(self) -> Config:
        """What file and environment say now. UsageError where the environment would go before what is connected."""
        config = await self.configured()
        self._refuse_overruled(Connection(title="", backend=config.api.backend).settings(config))
        return config

    def _refuse_overruled(self, settings: Mapping[tuple[str, str], object]) -> None:
        if names := overruled(settings, self._env):
            raise UsageError(told_overruled(names, "so no other service can be connected here"))

    async def _settings(self, connection: Connection) -> Settings:
        """What the file is to say. UsageError where the environment says it already."""
        settings = connection.settings(await self.configured())
        self._refuse_overruled(settings)
        return settings

"""The client of the Animus service, loaded when something is asked of it: a start needs no more than what it can do."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from animus_tui.backends.animus.capabilities import CHAT, IMAGES

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.backends.http.redactor import Redactor
    from animus_tui.config.schema import ApiConfig


class _LateClient:
    chat_capabilities = CHAT
    image_capabilities = IMAGES
    usual_model = None
    identity = ""

    def __init__(self, config: ApiConfig, redact: Redactor, stack: AsyncExitStack) -> None:
        self._config = config
        self._redact = redact
        self._stack = stack

    @cached_property
    def _client(self) -> AnimusClient:
        from animus_tui.backends.animus.client import AnimusClient  # twenty modules, which no start needs

        client = AnimusClient(self._config, redact=self._redact)
        self._stack.push_async_exit(client)
        return client

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the client has)
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._client, name)


def late_client(config: ApiConfig, redact: Redactor, stack: AsyncExitStack) -> AnimusClient:
    """The same as `AnimusClient`, which is closed with `stack`."""
    return cast("AnimusClient", _LateClient(config, redact, stack))

"""The services that a configuration names are made here: the one that answers, and the one that makes pictures.

Each has connections and a key of its own, so that no key reaches the address of another service. Only a service that
does both is one object.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from animus_tui import paths
from animus_tui.atomic import read_regular
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.no_images import NoImages
from animus_tui.cli.logs import redact
from animus_tui.config.schema import DEFAULT_BASE_URL
from animus_tui.errors import ConfigError, UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from animus_tui.backends.automatic1111.client import Automatic1111Client
    from animus_tui.backends.base.protocols import ChatBackend, ImageBackend, ImageCapabilities
    from animus_tui.backends.comfyui.client import ComfyUIClient
    from animus_tui.backends.comfyui.workflow import Workflow
    from animus_tui.backends.openai.client import OpenAIClient
    from animus_tui.backends.openai.images import OpenAIImageClient
    from animus_tui.config.schema import ApiConfig, Config

    ImageClient = AnimusClient | Automatic1111Client | ComfyUIClient | OpenAIImageClient


class Backends(NamedTuple):
    """What a session talks with."""

    chat: ChatBackend
    images: ImageBackend


@asynccontextmanager
async def open_backends(config: Config) -> AsyncIterator[Backends]:
    """The services that the configuration names, closed with the `async with` block. Raises ConfigError."""
    async with _chat_client(config) as chat:
        has_own_account = config.image.base_url is not None or config.image.api_key is not None
        if isinstance(chat, AnimusClient) and config.image_service == "animus" and not has_own_account:
            yield Backends(chat, chat)
        else:
            async with open_images(config) as images:
                yield Backends(chat, images)


@asynccontextmanager
async def open_images(config: Config) -> AsyncIterator[ImageBackend]:
    """The service that makes pictures alone, closed with the `async with` block. Raises ConfigError."""
    client = await asyncio.to_thread(_image_client, config)
    if isinstance(client, NoImages):
        yield client
        return
    async with client:
        yield client


def animus_for_images(config: Config) -> ApiConfig:
    """How Animus is reached for pictures: as for the chat, unless another service answers or `[image]` says how."""
    api, image = config.api, config.image
    if api.backend != "animus":  # its key and its address are another service's
        api = replace(api, backend="animus", api_key=None, base_url=DEFAULT_BASE_URL)
    if image.api_key is not None:
        api = replace(api, api_key=image.api_key, token_provider_url=None)
    elif image.base_url is not None and api.token_provider_url is None:
        api = replace(api, api_key=None)
    return replace(api, base_url=image.base_url or api.base_url)


def images_like_chat(config: Config) -> ApiConfig:
    """Address and key of a picture service of the same kind as the one that answers, which it is unless it is named."""
    api, image = config.api, config.image
    if image.base_url is not None and image.base_url.rstrip("/") != api.base_url.rstrip("/"):
        return replace(api, base_url=image.base_url, api_key=image.api_key)
    return replace(api, api_key=image.api_key or api.api_key)


def _chat_client(config: Config) -> AnimusClient | OpenAIClient:
    match config.api.backend:
        case "animus":
            return AnimusClient(config.api, redact=redact)
        case "openai":
            # 4 ms, which no start with Animus needs.
            from animus_tui.backends.openai.client import OpenAIClient

            return OpenAIClient(config.api, redact=redact)


def image_capabilities(config: Config) -> ImageCapabilities:
    """What the service that makes pictures can do, before it is asked for anything. ConfigError."""
    return _image_client(config).image_capabilities


def _image_client(config: Config) -> ImageClient | NoImages:
    """What makes pictures; it connects with the first request. ConfigError. It may read a file."""
    image = config.image
    match config.image_service:
        case "animus":
            return AnimusClient(animus_for_images(config), redact=redact)
        case "none":
            return NoImages()
        case "openai":
            # 3 to 8 ms each, which no start with another service needs.
            from animus_tui.backends.openai.images import OpenAIImageClient

            api = images_like_chat(config)
            return OpenAIImageClient(api.base_url, api.api_key, redact)
        case "automatic1111":
            from animus_tui.backends.automatic1111.client import Automatic1111Client

            return Automatic1111Client(image.base_url, image.api_key, redact)
        case "comfyui":
            from animus_tui.backends.comfyui.client import ComfyUIClient

            edits = image.edit_workflow and _workflow(image.edit_workflow, "edit_workflow")
            return ComfyUIClient(
                image.base_url,
                image.api_key,
                _workflow(image.workflow or "", "workflow"),
                redact,
                edit_workflow=edits or None,
            )


def _workflow(name: str, key: str) -> Workflow:
    """The workflow in the file that the configuration names by a key. ConfigError. For a thread."""
    # Only ComfyUI has workflows.
    from animus_tui.backends.comfyui.workflow import MOST_BYTES, read_workflow

    path = paths.expanded(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"[image] {key}: {path} is too large for a workflow.")
        data = read_regular(path)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"[image] {key}: {path} cannot be read: {reason}.") from None
    try:
        return read_workflow(data, str(path))
    except UserError as error:
        raise ConfigError(f"[image] {key}: {error}") from None

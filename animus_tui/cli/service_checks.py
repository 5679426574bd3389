"""What `doctor` asks the services: whether they answer, accept the key, and have the model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from animus_tui.addresses import without_secrets
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError, ServiceError, SignedOut
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.cli.backends import animus_for_images, image_service
from animus_tui.cli.logs import redact
from animus_tui.config.schema import AUTO_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from animus_tui.cli.compose import Service
    from animus_tui.config.schema import ApiConfig, Config

State = Literal["ok", "warning", "problem"]
PATIENCE = Timeouts(connect=5, reply=10, token=10)
ONCE = RetryPolicy(tries=1)
NO_JOB = "doctor"
"""Asking for a job that does not exist shows whether the service answers and knows the user, and costs nothing."""
SERVER_ERROR = 500
NOT_FOUND = 404
MOST_NAMED = 5
"""Models that are named in place of one that is not there."""


class Check(NamedTuple):
    """One line of the report."""

    what: str
    state: State
    words: str


def check_services(service: Service, env: Mapping[str, str]) -> Iterator[Check]:
    """How the user signs in, and whether the services answer and accept that."""
    config = service.config
    api = config.api
    if service.is_demo:
        yield Check("sign-in", "ok", service.notice or "the embedded demo was asked for")
    elif api.backend == "animus" and api.token_provider_url:
        yield Check("sign-in", "ok", f"token provider {without_secrets(api.token_provider_url)}")
    elif api.api_key:
        yield Check("sign-in", "ok", "API key (set, not shown)")
    else:
        yield Check("sign-in", "ok", "no key, as a server of your own needs none")
    if api.backend != "animus" and env.get("ANIMUS_API_KEY", "").strip() not in ("", api.api_key):
        words = f"ANIMUS_API_KEY is for Animus and not used; with ANIMUS_BACKEND={api.backend} it is for this service"
        yield Check("sign-in", "warning", words)
    if api.backend == "animus":
        yield asyncio.run(
            _ask_animus("chat service", api.base_url, replace(api, generation_url=api.base_url))
        )
    else:
        yield from asyncio.run(_ask_models(config))
    yield from _check_images(config)


def _check_images(config: Config) -> Iterator[Check]:
    """Whether pictures can be made; what answers in the chat, too, is asked only for what it does besides."""
    match image_service(config):
        case "none":
            yield Check("picture service", "ok", "none")
        case "animus":
            api = animus_for_images(config)
            if api.base_url != config.api.base_url:
                asked = replace(api, generation_url=api.base_url)
                yield asyncio.run(_ask_animus("pictures", api.base_url, asked))
            if api.generation_url != api.base_url:
                yield asyncio.run(_ask_animus("picture jobs", api.generation_url, api))


async def _ask_animus(what: str, url: str, api: ApiConfig) -> Check:
    async with AnimusClient(api, timeouts=PATIENCE, retry=ONCE, redact=redact) as client:
        try:
            await client.generation_status(NO_JOB)
        except SignedOut as error:
            return Check(what, "problem", str(error))
        except ServiceError as error:
            if error.status >= SERVER_ERROR:
                return Check(what, "problem", str(error))
        except BackendError as error:
            return Check(what, "problem", str(error))
    return Check(what, "ok", f"{without_secrets(url)} answers")


async def _ask_models(config: Config) -> list[Check]:
    """Whether a service with OpenAI's API answers, and has the model that is configured."""
    api, model = config.api, config.chat.model
    what, answers = "chat service", f"{without_secrets(api.base_url)} answers"
    async with OpenAIClient(api, timeouts=PATIENCE, retry=ONCE, redact=redact) as client:
        try:
            models = await client.models()
        except ServiceError as error:
            if error.status == NOT_FOUND:
                words = f"{answers}, but lists no models at {without_secrets(api.base_url)}/models: check base_url"
                return [Check(what, "warning", words)]
            return [Check(what, "problem", str(error))]
        except BackendError as error:
            return [Check(what, "problem", str(error))]
    if model == AUTO_MODEL and models:
        return [Check(what, "ok", answers), Check("model", "ok", f"{models[0]}, the first that it lists")]
    if not models or model in models:
        return [Check(what, "ok", answers), Check("model", "ok", model)]
    more = "…" if len(models) > MOST_NAMED else ""
    words = f"{model} is not among its models: {', '.join(models[:MOST_NAMED])}{more}. Set model in [chat], or /model"
    return [Check(what, "ok", answers), Check("model", "warning", words)]

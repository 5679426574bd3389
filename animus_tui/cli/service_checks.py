"""What `doctor` asks the services: whether they answer, accept the key, and have the model."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from animus_tui.addresses import without_secrets
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError, ServiceError, SignedOut
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.cli.backends import animus_for_images, open_images
from animus_tui.cli.logs import redact
from animus_tui.config.schema import AUTO_MODEL, ImageConfig
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from animus_tui.backends.base.protocols import ImageBackend
    from animus_tui.cli.compose import Service
    from animus_tui.config.schema import ApiConfig, Config

State = Literal["ok", "warning", "problem"]
PATIENCE = Timeouts(connect=5, reply=10, token=10)
ONCE = RetryPolicy(tries=1)
NO_JOB = "doctor"
"""Asking for a job that does not exist shows whether the service answers and knows the user, and costs nothing."""
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
        yield asyncio.run(ask_animus("chat service", api.base_url, replace(api, generation_url=api.base_url)))
    else:
        yield from asyncio.run(_ask_models(config))
    yield from _check_images(config)


def _check_images(config: Config) -> Iterator[Check]:
    """Whether pictures can be made; what answers in the chat, too, is asked only for what it does besides."""
    match config.image_service:
        case "none":
            yield Check("image service", "ok", "none")
        case "animus":
            api = animus_for_images(config)
            if api.base_url != config.api.base_url:
                asked = replace(api, generation_url=api.base_url)
                yield asyncio.run(ask_animus("pictures", api.base_url, asked))
            if api.generation_url != api.base_url:
                yield asyncio.run(ask_animus("picture jobs", api.generation_url, api))
        case kind:
            yield asyncio.run(ask_images(config, kind))


async def ask_images(config: Config, kind: str) -> Check:
    """Whether a service that makes pictures answers and lets the user in; nothing is made."""
    what = "image service"
    try:
        async with open_images(config) as images, asyncio.timeout(PATIENCE.reply):
            if images.image_capabilities.only_jobs:
                await _ask_after_a_job(images)
                return Check(what, "ok", f"{kind} answers")
            models = await images.image_models()
    except TimeoutError:
        return Check(what, "problem", f"{kind} did not answer within {PATIENCE.reply:g} s")
    except UserError as error:
        return Check(what, "problem", f"{kind}: {error}")
    named = config.image.model
    is_missing = named != ImageConfig().model and models and named not in models
    if is_missing:
        return Check(what, "warning", f"{kind} answers, but {named} is not among its models: {_some(models)}")
    return Check(what, "ok", f"{kind} answers")


async def _ask_after_a_job(images: ImageBackend) -> None:
    """Ask after a job that does not exist until there is an answer. Raises BackendError."""
    answered = asyncio.Event()
    asking = asyncio.create_task(images.follow(NO_JOB, on_progress=lambda _: answered.set()))
    waiting = asyncio.create_task(answered.wait())
    try:
        await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            await asking
    finally:
        asking.cancel()
        waiting.cancel()
        await asyncio.wait({asking, waiting})


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")


async def ask_animus(what: str, url: str, api: ApiConfig) -> Check:
    """Whether Animus answers and lets the user in. `url` is the address to tell, which is that of `api`'s jobs."""
    async with AnimusClient(api, timeouts=PATIENCE, retry=ONCE, redact=redact) as client:
        try:
            await client.job_status(NO_JOB)
        except SignedOut as error:
            return Check(what, "problem", str(error))
        except ServiceError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
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
            if error.status == HTTPStatus.NOT_FOUND:
                words = f"{answers}, but lists no models at {without_secrets(api.base_url)}/models: check base_url"
                return [Check(what, "warning", words)]
            return [Check(what, "problem", str(error))]
        except BackendError as error:
            return [Check(what, "problem", str(error))]
    if model == AUTO_MODEL and models:
        return [Check(what, "ok", answers), Check("model", "ok", f"{models[0]}, the first that it lists")]
    if not models or model in models:
        return [Check(what, "ok", answers), Check("model", "ok", model)]
    words = f"{model} is not among its models: {_some(models)}. Set model in [chat], or use /model"
    return [Check(what, "ok", answers), Check("model", "warning", words)]

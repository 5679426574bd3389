"""Which services listen on this machine: each port is asked once, all at the same time, on loopback only.

A service is known by what it answers, so that another program on its port is not taken for it. No proxy is used, no
redirection followed, and what has not answered in time is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.config.services import FoundService
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from animus_tui.backends.http.http_library import httpx

HOST = "127.0.0.1"
SECONDS = 0.3
"""Seconds within which all have to answer, connections included."""
MOST_BYTES = 1 << 20
"""Bytes of an answer; a longer one comes from another program."""
MOST_MODELS = 1000
HTTP_OK, HTTP_UNAUTHORIZED = 200, 401


class Place(Struct, frozen=True):
    """Where a service usually listens, and what tells it from others."""

    id: str
    title: str
    port: int
    path: str
    """The path that is asked for."""
    models_in: Callable[[Any], list[object] | None]
    """The names of models in the decoded answer; None when another program answered."""
    api: str = ""
    """What stands behind host and port in the configured address."""
    makes: tuple[str, ...] = ("chat",)
    is_locked: Callable[[Any], bool] = lambda _: False
    """Whether a decoded 401 is this service's, which then wants a key."""


def _of_ollama(answer: object) -> list[object] | None:
    match answer:
        case {"models": list(models)} if all(
            isinstance(m, dict) and "name" in m and "digest" in m for m in models
        ):
            return [m["name"] for m in models]
    return None


def _of_lm_studio(answer: object) -> list[object] | None:
    """The names of its models for chat; the path is LM Studio's alone, and also lists models for embeddings."""
    match answer:
        case {"object": "list", "data": list(models)} if all(
            isinstance(m, dict) and {"id", "type", "state"} <= m.keys() for m in models
        ):
            return [m["id"] for m in models if m["type"] in ("llm", "vlm")]
    return None


def _of_llama_cpp(answer: object) -> list[object] | None:
    match answer:
        case {"data": [*models]} if models and all(
            isinstance(m, dict) and m.get("owned_by") == "llamacpp" for m in models
        ):
            return [m.get("id") for m in models]
    return None


def _is_locked_llama_cpp(answer: object) -> bool:
    match answer:
        case {"error": {"code": 401, "type": "authentication_error", "message": "Invalid API Key"}}:
            return True
    return False


def _of_koboldcpp(answer: object) -> list[object] | None:
    match answer:
        case {"result": "KoboldCpp", "version": str()}:
            return []
    return None


def _of_webui(answer: object) -> list[object] | None:
    match answer:
        case list(models) if all(isinstance(m, dict) and {"title", "model_name"} <= m.keys() for m in models):
            return [m["title"] for m in models]
    return None


def _of_comfyui(answer: object) -> list[object] | None:
    match answer:
        case {"system": {"python_version": str()}, "devices": list()}:
            return []
    return None


PLACES = (
    Place("ollama", "Ollama", 11434, "/api/tags", _of_ollama, "/v1"),
    Place("lmstudio", "LM Studio", 1234, "/api/v0/models", _of_lm_studio, "/v1"),
    Place(
        "llamacpp",
        "llama.cpp",
        8080,
        "/v1/models",
        _of_llama_cpp,
        "/v1",
        is_locked=_is_locked_llama_cpp,
    ),
    Place("koboldcpp", "KoboldCpp", 5001, "/api/extra/version", _of_koboldcpp, "/v1"),
    Place(
        "automatic1111", "Stable Diffusion WebUI", 7860, "/sdapi/v1/sd-models", _of_webui, makes=("images",)
    ),
    Place("comfyui", "ComfyUI", 8188, "/system_stats", _of_comfyui, makes=("images",)),
)
"""The services that are looked for, in the order in which they are listed."""


def find_services(places: Sequence[Place] = PLACES, *, seconds: float = SECONDS) -> list[FoundService]:
    """The services that answer on this machine, in the order of `places`, after `seconds` at the latest.

    To be called in a thread without an event loop: it waits, and HTTP is imported at first, which is not counted.
    """
    from animus_tui.backends.http.http_library import httpx  # off the event loop, as it takes 100 ms

    return asyncio.run(_find(httpx.AsyncHTTPTransport(trust_env=False, verify=False), places, seconds))


async def _find(
    transport: httpx.AsyncHTTPTransport, places: Sequence[Place], seconds: float
) -> list[FoundService]:
    asking = [asyncio.create_task(_ask(transport, place)) for place in places]
    done, late = await asyncio.wait(asking, timeout=seconds) if asking else (set(), set())
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    await transport.aclose()
    found = (task.result() for task in asking if task in done)
    return [each for each in found if each is not None]


async def _ask(transport: httpx.AsyncHTTPTransport, place: Place) -> FoundService | None:
    from animus_tui.backends.http.http_library import httpx  # it is there by now

    base = f"http://{HOST}:{place.port}"
    request = httpx.Request("GET", f"{base}{place.path}", headers={"Connection": "close"})
    try:
        response = await transport.handle_async_request(request)
        try:
            if response.status_code not in (HTTP_OK, HTTP_UNAUTHORIZED):
                return None
            body = b""
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    return None
        finally:
            await response.aclose()
        told = msgspec.json.decode(body)
    except (httpx.HTTPError, OSError, ValueError):  # nobody, or somebody else
        return None
    found = FoundService(id=place.id, title=place.title, base_url=base + place.api, makes=place.makes)
    if response.status_code == HTTP_UNAUTHORIZED:
        return replace(found, wants_key=True) if place.is_locked(told) else None
    names = place.models_in(told)
    return None if names is None else replace(found, models=tuple(_clean(names))[:MOST_MODELS])


def _clean(names: list[object]) -> Iterator[str]:
    """The names that can be shown and sent back as they are."""
    return (name for name in names if isinstance(name, str) and name and short_line(name) == name)

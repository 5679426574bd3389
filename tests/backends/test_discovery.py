"""What listens on this machine is told by what it answers, in the time that there is."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.backends.discovery import PLACES, Place, find_services
from animus_tui.config.services import FoundService
from tests.support.scripted_server import End, Script, ScriptedServer, answer, error, scripted

ANSWERS: dict[str, object] = {
    "ollama": {"models": [{"name": "llama3.2:3b", "model": "llama3.2:3b", "digest": "a80c", "details": {}}]},
    "lmstudio": {
        "object": "list",
        "data": [
            {"id": "qwen3-4b", "object": "model", "type": "llm", "state": "not-loaded"},
            {"id": "nomic-embed", "object": "model", "type": "embeddings", "state": "not-loaded"},
        ],
    },
    "llamacpp": {"object": "list", "data": [{"id": "smollm2-135m", "owned_by": "llamacpp", "meta": {}}]},
    "koboldcpp": {"result": "KoboldCpp", "version": "1.98", "protected": False, "txt2img": False},
    "automatic1111": [{"title": "sd15.safetensors [6ce0]", "model_name": "sd15", "hash": "6ce0"}],
    "comfyui": {"system": {"os": "posix", "python_version": "3.12.3"}, "devices": [{"name": "cpu"}]},
}
"""What each service answers to what it is asked."""
MODELS = {
    "ollama": ("llama3.2:3b",),
    "lmstudio": ("qwen3-4b",),
    "llamacpp": ("smollm2-135m",),
    "automatic1111": ("sd15.safetensors [6ce0]",),
}
BY_ID = {place.id: place for place in PLACES}
OTHERS: list[Script] = [
    [answer(b"<html>Hello</html>", kind="text/html")],
    [answer(b'{"data": [], "models": {}}')],
    [answer(b'{"data": [{"id": "m", "owned_by": "somebody"}], "models": [{"name": "m"}]}')],
    [answer(b"[1, {}]")],
    [answer(b"{" * 5000)],
    [answer(b"\xff\xfe" * 50)],
    [b"SSH-2.0-OpenSSH_9.6\r\n"],
    [b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n", *([b"[" * 65536] * 40)],
    [error(401)],
    [error(404, {"detail": "Not Found"})],
    [answer(b"", status=302, more="Location: http://127.0.0.1:9/\r\n")],
    [End.RESET],
]
"""What other programs answer on the same port."""


def whole(body: object) -> Script:
    return [answer(msgspec.json.encode(body))]


async def found_at(*places: Place) -> list[FoundService]:
    return await asyncio.to_thread(find_services, places, seconds=20)


@pytest.mark.parametrize("name", ANSWERS)
async def test_each_service_is_told_by_its_answer_and_asked_once(name: str) -> None:
    async with scripted(whole(ANSWERS[name])) as server:
        place = replace(BY_ID[name], port=server.port)
        (found,) = await found_at(place)
        (asked,) = server.received
    assert (found.id, found.models) == (name, MODELS.get(name, ()))
    assert found.base_url.startswith(server.url)
    assert (asked.method, asked.path, asked.body) == ("GET", place.path, b"")
    assert "authorization" not in asked.headers


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
async def test_another_program_on_its_port_is_nobody(place: Place) -> None:
    scripts = [*OTHERS, *(whole(body) for name, body in ANSWERS.items() if name != place.id)]
    async with scripted(*scripts) as server:
        for _ in scripts:
            assert await found_at(replace(place, port=server.port)) == []
        assert server.connections == len(scripts)


async def test_a_llama_cpp_that_tells_nothing_without_a_key_is_found() -> None:
    refusal = {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}}
    async with scripted([error(401, refusal)]) as server:
        (found,) = await found_at(replace(BY_ID["llamacpp"], port=server.port))
        assert found.wants_key
        assert found.note == f"127.0.0.1:{server.port} · wants a key"
        others = [place for place in PLACES if place.id != "llamacpp"]
        assert await found_at(*(replace(place, port=server.port) for place in others)) == []


async def test_one_that_hangs_keeps_nobody_from_being_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy would be asked for all of them, and answers nobody.
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    hanging: Script = [b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", End.HANG]
    silent: Script = [End.HANG]
    async with (
        scripted(hanging) as first,
        scripted(silent) as second,
        scripted(whole(ANSWERS["ollama"])) as ollama,
        scripted(whole(ANSWERS["comfyui"])) as comfyui,
    ):
        places = [
            replace(BY_ID[name], port=server.port)
            for name, server in (
                ("llamacpp", first),
                ("lmstudio", second),
                ("comfyui", comfyui),
                ("ollama", ollama),
                ("koboldcpp", _nobody()),
            )
        ]
        found = await asyncio.to_thread(find_services, places, seconds=3)  # the two would hang for ever
        assert [service.id for service in found] == ["comfyui", "ollama"]
        assert [len(server.received) for server in (first, second, ollama, comfyui)] == [1, 1, 1, 1]


def _nobody() -> ScriptedServer:
    """Port 9 of the loopback address is never listened on here."""
    return ScriptedServer([], port=9)

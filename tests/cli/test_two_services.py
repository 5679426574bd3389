"""Words from one service and pictures from another: each gets its own key, and doctor asks each for what it has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.backends import open_backends
from animus_tui.cli.compose import service
from animus_tui.cli.service_checks import check_services
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config, ImageConfig
from tests.support.backend_client import SECRET, picture
from tests.support.comfyui_server import WORKFLOW, ComfyUIServer
from tests.support.loopback_server import Answer, Asked
from tests.support.scripted_server import (
    Script,
    ScriptedServer,
    answer,
    chunk,
    error,
    events,
    reply,
    scripted,
    stream_head,
)
from tests.support.webui_server import STABLE_DIFFUSION_CPP, WebUIServer

CHAT_KEY, IMAGE_KEY = f"{SECRET}-chat", f"{SECRET}-image"
FALL: Script = [stream_head(), events(chunk("Hello"), "[DONE]")]


def all_bytes(server: ScriptedServer) -> str:
    """Everything that was sent to a server."""
    return "\n".join(f"{each.method} {each.path} {each.headers} {each.body!r}" for each in server.received)


async def test_no_key_of_one_service_is_in_any_request_to_another(tmp_path: Path) -> None:
    file: Script = [answer(picture("PNG"), kind="image/png")]
    async with (
        scripted(FALL, [error(429)], [reply("Hi")]) as words,
        scripted() as pictures,
        scripted(file) as files,
    ):
        made = answer(msgspec.json.encode({"output": [f"{files.url}/a.png"]}))
        pictures.scripts = [[made]]
        config = Config(
            api=ApiConfig(
                backend="openai", base_url=f"{words.url}/v1", api_key=CHAT_KEY, generation_url=pictures.url
            ),
            image=ImageConfig(backend="animus", base_url=pictures.url, api_key=IMAGE_KEY),
            auto_turn=AutoTurnConfig(enabled=False),
        )
        async with (
            open_backends(config) as (chat, images),
            ChatSession(chat, images, ConversationStore(tmp_path), config) as session,
        ):
            await session.send("Hello")
            await session.wait()
            await session.complete("Hello")
            made_image = await session.generate_image("a lake")
            assert made_image.path.read_bytes() == picture("PNG")
        sent = {
            name: all_bytes(server)
            for name, server in (("words", words), ("pictures", pictures), ("files", files))
        }
    assert [CHAT_KEY in sent["words"], IMAGE_KEY in sent["words"]] == [True, False]
    assert [CHAT_KEY in sent["pictures"], IMAGE_KEY in sent["pictures"]] == [False, True]
    assert SECRET not in sent["files"]


class KoboldCpp(WebUIServer):
    """A server that answers and makes pictures, both at one address."""

    def answer(self, asked: Asked) -> Answer | None:
        if asked.path == "/v1/chat/completions":
            said = {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello."},
                "finish_reason": "stop",
            }
            return Answer({"choices": [said]})
        return super().answer(asked)


async def test_koboldcpp_answers_and_makes_pictures_at_one_address(tmp_path: Path) -> None:
    with KoboldCpp(fault=STABLE_DIFFUSION_CPP) as server:
        config = Config(
            api=ApiConfig(backend="openai", base_url=f"{server.url}/v1"),
            image=ImageConfig(backend="automatic1111", base_url=server.url, width=64, height=64),
        )
        async with (
            open_backends(config) as (chat, images),
            ChatSession(chat, images, ConversationStore(tmp_path), config) as session,
        ):
            await session.send("Hi")
            await session.wait()
            made = await session.generate_image("a lake")
            said = [message.content for message in session.conversation.messages]
    assert said == ["Hi", "Hello.", '<image description="a lake" />']
    assert made.path.read_bytes().startswith(b"\x89PNG")


async def test_doctor_asks_comfyui_after_a_job_and_makes_nothing(tmp_path: Path) -> None:
    workflow = tmp_path / "workflow.json"
    workflow.write_bytes(msgspec.json.encode(WORKFLOW))
    with ComfyUIServer() as server:
        image = ImageConfig(backend="comfyui", base_url=server.url, workflow=str(workflow))
        api = ApiConfig(backend="openai", base_url=server.url)
        found = await checked(Config(api=api, image=image))
        assert found["image service"] == ("ok", "comfyui answers")
        assert server.prompts == []


CHECKED: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "a model that is there": ("two", {"chat service": ("ok", "answers"), "model": ("ok", "two")}),
    "a model that is not there": ("three", {"model": ("warning", "three is not among its models: one, two")}),
    "no model": ("auto", {"model": ("ok", "one, the first that it lists")}),
}


@pytest.mark.parametrize("case", CHECKED)
async def test_doctor_asks_for_the_models_of_a_service_that_lists_them(case: str) -> None:
    model, expected = CHECKED[case]
    listed = answer(msgspec.json.encode({"data": [{"id": "one"}, {"id": "two"}]}))
    async with scripted([listed]) as server:
        config = Config(
            api=ApiConfig(backend="openai", base_url=f"{server.url}/v1"), chat=ChatConfig(model=model)
        )
        found = await checked(config)
    assert found["sign-in"] == ("ok", "no key, as a server of your own needs none")
    for what, (state, words) in expected.items():
        assert found[what][0] == state
        assert words in found[what][1]


async def test_doctor_tells_what_is_wrong_with_each_service() -> None:
    refused = error(401, {"error": {"message": "no such key"}})
    async with scripted([refused]) as server, scripted([error(404)]) as other:
        api = ApiConfig(backend="openai", base_url=f"{server.url}/v1", api_key=CHAT_KEY)
        image = ImageConfig(backend="automatic1111", base_url=other.url)
        found = await checked(Config(api=api, image=image), {"ANIMUS_API_KEY": "another"})
        assert "no such key. Check api_key" in found["chat service"][1]
        assert (found["chat service"][0], found["image service"][0]) == ("problem", "problem")
        assert "with ANIMUS_BACKEND=openai" in found["sign-in"][1]
        assert SECRET not in str(found)
        lost = await checked(Config(api=replace(api, base_url=other.url)))
        assert lost["chat service"][0] == "warning"
        assert f"lists no models at {other.url}/models: check base_url" in lost["chat service"][1]


async def checked(
    config: Config, env: Mapping[str, str] = MappingProxyType({})
) -> dict[str, tuple[str, str]]:
    """What → state and words; the checks run event loops of their own."""
    with service(config, force_demo=False) as answering:
        checks = await asyncio.to_thread(lambda: list(check_services(answering, env)))
    return {check.what: (check.state, check.words) for check in checks}


async def test_pictures_of_a_service_of_ones_own_go_with_the_demo_unless_the_demo_is_asked_for() -> None:
    config = Config(image=ImageConfig(backend="automatic1111", api_key=IMAGE_KEY))
    with service(config, force_demo=False, at_once=False) as answering:
        assert (answering.is_demo, answering.config.image) == (True, config.image)
        assert answering.words == "demo server"
    with service(config, force_demo=True, at_once=False) as answering:
        assert (answering.config.image.backend, answering.config.image.api_key) == (None, None)
        assert answering.words == "demo server, nothing leaves this machine"

"""No key of one service is in what another one is sent: two services at once, one after the other, and at doctor."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from animus_tui.backends.discovery import PLACES, find_services
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.backends import open_backends
from animus_tui.cli.compose import service
from animus_tui.cli.service_checks import check_services
from animus_tui.config.loading import load_config
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config, ImageConfig
from animus_tui.errors import UserError
from tests.support.backend_client import SECRET
from tests.support.comfyui_server import EDITING, WORKFLOW, ComfyUIServer
from tests.support.connect_app import Connecting, lists_models, open_connecting, says
from tests.support.key_watch import Recorder, keys_at
from tests.support.loopback_server import Answer, Asked, LoopbackServer, drawn
from tests.support.program import Program
from tests.support.scripted_server import ScriptedServer, error, scripted
from tests.support.webui_server import WebUIServer

KEYS = {name: f"{SECRET}-{name}" for name in ("chat", "image", "environment", "another")}
PICTURE = drawn(64, 64, 3)
SIGN_IN = f"me:{KEYS['image']}"
REPOSITORY = Path(__file__).parents[2]


def place_of_pictures(leads_to: str = "") -> Recorder:
    """A host that has pictures and nothing else, or leads to another one."""
    if leads_to:
        return Recorder(lambda _: Answer(b"", status=302, headers={"Location": f"{leads_to}/a.png"}))
    return Recorder(lambda _: Answer(PICTURE, kind="image/png"))


def images_by_address(address: str) -> Recorder:
    """An image service that answers with where its pictures are."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/models"):
            return Answer({"data": [{"id": "painter"}]})
        return Answer({"data": [{"url": address}]})

    return Recorder(answer)


KINDS: dict[str, Callable[[str], LoopbackServer]] = {
    "openai": images_by_address,
    "automatic1111": lambda _: WebUIServer(sign_in=SIGN_IN),
    "comfyui": lambda _: ComfyUIServer(sign_in=SIGN_IN),
}


def image_config(kind: str, server: LoopbackServer, folder: Path) -> ImageConfig:
    key = KEYS["image"] if kind == "openai" else SIGN_IN
    if kind != "comfyui":
        return ImageConfig(backend=kind, base_url=server.url, api_key=key, width=64, height=64)  # type: ignore[arg-type]
    files = {}
    for name, nodes in (("workflow", WORKFLOW), ("edit_workflow", EDITING)):
        file = folder / f"{name}.json"
        file.write_bytes(msgspec.json.encode(nodes))
        files[name] = str(file)
    return ImageConfig(
        backend="comfyui", base_url=server.url, api_key=key, width=64, height=64,
        workflow=files["workflow"], edit_workflow=files["edit_workflow"],
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_words_and_pictures_in_one_session_and_at_doctor(kind: str, tmp_path: Path) -> None:
    """Pictures at a third host that leads to a fourth, one of a fifth that is changed, and one that is shown."""
    async with AsyncExitStack() as stack:
        end = stack.enter_context(place_of_pictures())
        files = stack.enter_context(place_of_pictures(end.url.replace("127.0.0.1", "localhost")))
        sources = stack.enter_context(place_of_pictures())
        pictures = stack.enter_context(KINDS[kind](f"{files.url}/fox.png"))
        answers = {
            "v1/models": [lists_models("big")],
            "v1/chat/completions": [says("Hello"), [error(429)], says("Hello")],
        }
        words = await stack.enter_async_context(scripted(**answers))
        config = Config(
            api=ApiConfig(backend="openai", base_url=f"{words.url}/v1", api_key=KEYS["chat"]),
            chat=ChatConfig(model="big"),
            image=image_config(kind, pictures, tmp_path),
            auto_turn=AutoTurnConfig(enabled=False),
        )
        chat, images = await stack.enter_async_context(open_backends(config))
        session = await stack.enter_async_context(
            ChatSession(chat, images, ConversationStore(tmp_path / "data"), config)
        )
        shown = Attachment(name="a.png", data=PICTURE, width=64, height=64)
        await session.send("Who is this?", [shown])
        await session.wait()
        assert await session.models() == ["big"]
        await images.image_models()
        await images.samplers()
        made = await session.generate_image("a lake")
        for source in (f"{sources.url}/mine.png", f"{words.url}/v1/mine.png"):
            try:
                await session.generate_image("at night", input_image_url=source)
            except UserError:
                assert source.startswith(words.url), "who answers has no picture"
        assert made.path.is_file()
        env = {"ANIMUS_API_KEY": KEYS["environment"]}
        with service(config, force_demo=False) as answering:
            checks = await asyncio.to_thread(lambda: list(check_services(answering, env)))
        assert {check.state for check in checks if check.what != "sign-in"} == {"ok"}
        ports = [words.port, *(int(each.url.rpartition(":")[2]) for each in (pictures, files))]
        places = [msgspec.structs.replace(place, port=port) for place in PLACES for port in ports]
        await asyncio.to_thread(find_services, places, seconds=10)
        assert keys_at(words, KEYS) == {"chat"}
        assert keys_at(pictures, KEYS) == {"image"}
        for other in (files, end, sources):
            assert keys_at(other, KEYS) == set()
        assert sources.asked
        assert bool(end.asked) == (kind == "openai")


async def test_a_service_that_leads_elsewhere_gets_nobody_else_a_key(tmp_path: Path) -> None:
    """Chat, pictures and lists: whatever the status of the redirection."""
    with Recorder(lambda _: Answer({"data": []})) as other:
        to = other.url.replace("127.0.0.1", "localhost")
        for status in (301, 302, 303, 307, 308):
            leads = Recorder(lambda _, status=status: Answer(b"", status=status, headers={"Location": to}))  # type: ignore[misc]
            with leads:
                for kind in KINDS:
                    config = Config(
                        api=ApiConfig(backend="openai", base_url=leads.url, api_key=KEYS["chat"]),
                        image=image_config(kind, leads, tmp_path),
                    )
                    async with (
                        open_backends(config) as (chat, images),
                        ChatSession(chat, images, ConversationStore(tmp_path / "data"), config) as session,
                    ):
                        for asked in (session.complete("Hi"), session.models(), session.generate_image("a")):
                            with pytest.raises(UserError, match="points elsewhere"):
                                await asked
                assert leads.asked
        assert other.asked == []


async def fill(screen: Connecting, *values: str) -> None:
    """The lines of a form, as if they were pasted."""
    for field, value in zip(
        screen.pilot.app.screen.query("#fields Input").results(Input), values, strict=True
    ):
        field.value = value
    await screen.pilot.press(*["enter"] * len(values))


async def connect(screen: Connecting, server: ScriptedServer, key: str, pictures: LoopbackServer) -> None:
    """F2: a service at an address, with WebUI at another one."""
    await screen.open()
    await screen.choose("another")
    await screen.shows("API key")
    await fill(screen, server.url, key)
    await screen.shows("Which model answers?")
    await screen.pilot.press("enter")
    await screen.shows("Which service makes pictures?")
    await screen.choose("diff")
    await screen.shows("Name and password")
    await fill(screen, pictures.url, f"me:{key}")
    await screen.left()


async def test_services_that_are_switched_back_and_forth(tmp_path: Path) -> None:
    paths = {"models": [lists_models("big")], "chat/completions": [says("Hello.")]}
    names = ("chat", "another")
    async with scripted(**paths) as one, scripted(**paths) as two, open_connecting(tmp_path) as screen:
        with (
            WebUIServer(sign_in=f"me:{KEYS['chat']}") as first,
            WebUIServer(sign_in=f"me:{KEYS['another']}") as second,
        ):
            for name in (*names, *names[:1]):
                server, pictures = (one, first) if name == "chat" else (two, second)
                await connect(screen, server, KEYS[name], pictures)
                await screen.say("Hi")
                await screen.session.generate_image("a lake", settings={"width": 64, "height": 64})
            for name, server, pictures in zip(names, (one, two), (first, second), strict=True):
                assert keys_at(server, KEYS) == {name}
                assert keys_at(pictures, KEYS) == {name}
            assert len(first.of("/sdapi/v1/txt2img")) == 2
        written = load_config(screen.path, {})
        assert (written.api.api_key, written.image.api_key) == (KEYS["chat"], f"me:{KEYS['chat']}")
        assert KEYS["another"] not in screen.path.read_text()


async def test_keys_of_the_keyring_go_to_the_service_that_each_is_kept_for(tmp_path: Path) -> None:
    """Also where the environment has a key for Animus."""
    kept = tmp_path / "keys.toml"
    program = Program(
        tmp_path,
        {
            "PYTHONPATH": str(REPOSITORY),
            "PYTHON_KEYRING_BACKEND": "tests.support.file_keyring.FileKeyring",
            "TEST_KEYRING": str(kept),
            "ANIMUS_API_KEY": KEYS["environment"],
        },
    )
    paths = {"v1/models": [lists_models("big")], "v1/chat/completions": [says("Hello.")]}
    with WebUIServer(sign_in=SIGN_IN) as pictures:
        async with scripted(**paths) as words:
            keys = {
                f"animus-chat api {words.url}": KEYS["chat"],
                f"animus-chat image {pictures.url}": SIGN_IN,
                "animus-chat api https://api.openai.com": KEYS["another"],
            }
            kept.write_text(json.dumps(keys))
            program.configure(
                f'[api]\nbackend = "openai"\nbase_url = "{words.url}/v1"\napi_key = "keyring"\n'
                f'[image]\nbackend = "automatic1111"\nbase_url = "{pictures.url}"\napi_key = "keyring"\n'
            )
            for command in (["send", "Hi"], ["image", "a lake"], ["doctor"]):
                done = await asyncio.to_thread(program, *command)
                assert done.returncode == 0, done.stdout + done.stderr
                assert SECRET not in done.stdout + done.stderr
            assert keys_at(words, KEYS) == {"chat"}
            assert keys_at(pictures, KEYS) == {"image"}


def test_a_key_is_found_in_every_form() -> None:
    """Or the tests above show nothing."""
    server = ScriptedServer([])
    assert keys_at(server, KEYS) == set()
    with WebUIServer() as webui:
        webui.asked.append(Asked("GET", "/", {}, {"authorization": f"Bearer {KEYS['chat']}"}, b""))
        webui.asked.append(Asked("GET", "/", {}, {"authorization": _basic(SIGN_IN)}, b""))
        webui.asked.append(Asked("POST", "/", {"key": KEYS["another"]}, {}, KEYS["environment"].encode()))
        assert keys_at(webui, KEYS) == set(KEYS)


def _basic(sign_in: str) -> str:
    return "Basic " + base64.b64encode(sign_in.encode()).decode()

"""F2 finds, tries and connects a service, and changes nothing before that."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from textual.widgets import Input

from animus_tui.backends.discovery import PLACES, Place
from animus_tui.cli.connect import ServiceFinder
from animus_tui.cli.grammar import read
from animus_tui.config.connect_questions import KeyRefused
from animus_tui.config.loading import load_config
from animus_tui.config.schema import ApiConfig, ImageConfig
from animus_tui.config.services import Connection
from tests.support.comfyui_server import WORKFLOW, ComfyUIServer
from tests.support.connect_app import REFUSES_KEY, Connecting, lists_models, open_connecting, says
from tests.support.listening_app import ListeningApp
from tests.support.loopback_server import Answer, Asked, Takeover
from tests.support.program import PLANTED
from tests.support.scripted_server import End, Script, ScriptedServer, error, scripted
from tests.support.webui_server import WebUIServer

LLAMA = next(place for place in PLACES if place.id == "llamacpp")
MINE = "# mine\n[ui]\ntheme = 'nord' # dark\n\n[chat]\n# her name\nname = \"Luna\" # L\n"


def at(server: ScriptedServer) -> Place:
    return replace(LLAMA, port=server.port)


async def test_what_runs_here_is_greeted_and_connected_in_three_keys(tmp_path: Path) -> None:
    paths = {"v1/models": [lists_models("smollm2", "qwen3")], "v1/chat/completions": [says("Here I am.")]}
    async with (
        scripted(**paths) as server,
        open_connecting(tmp_path, places=[at(server)], config=MINE) as screen,
    ):
        await screen.shows("llama.cpp is running on this machine: F2 connects.")
        await screen.open()
        assert "On this machine" in screen.text()
        await screen.pilot.press("enter")
        await screen.shows("Which model answers?")
        await screen.choose("qwen")
        await screen.shows("Which service makes pictures?")
        await screen.pilot.press("enter")
        await screen.left()
        assert isinstance(screen.pilot.app, ListeningApp)
        assert screen.pilot.app.said[-1] == "llama.cpp answers from now on, with the model qwen3."
        assert "images" not in screen.session.abilities
        await screen.say("Who is there?")
        await screen.shows("Here I am.")
        assert server.received[-1].json["model"] == "qwen3"
        written = screen.path.read_text()
        config = load_config(screen.path, {})
    assert (config.api.backend, config.api.base_url) == ("openai", f"{server.url}/v1")
    assert (config.chat.model, config.image.backend, config.chat.name) == ("qwen3", "none", "Luna")
    told = [line for line in MINE.splitlines() if line]
    assert [line for line in written.splitlines() if line in told] == told
    assert stat.S_IMODE(screen.path.stat().st_mode) == 0o644, "there is no secret in it"


async def test_a_refused_key_is_a_sentence_and_what_was_typed_stays(tmp_path: Path) -> None:
    async with (
        scripted(
            **{"models": [REFUSES_KEY, lists_models("big")], "chat/completions": [says("Yes.")]}
        ) as server,
        open_connecting(tmp_path, config=MINE) as screen,
    ):
        await screen.open()
        await screen.choose("another")
        await screen.shows("such as http://127.0.0.1:8000/v1")
        await screen.type(server.url.removeprefix("http://"))
        await screen.type(PLANTED)
        await screen.shows("answered 401")
        assert screen.path.read_text() == MINE
        address, key = screen.pilot.app.screen.query("#fields Input").results(Input)
        assert (address.value, key.value) == (server.url.removeprefix("http://"), PLANTED)
        assert PLANTED not in screen.text()
        await screen.pilot.press("enter")
        await screen.shows("Which model answers?")
        await screen.pilot.press("alt+left")
        await screen.shows("API key")
        await screen.pilot.press("enter", "enter")
        await screen.shows("Which model answers?")
        await screen.pilot.press("enter")
        await screen.shows("Which service makes pictures?")
        await screen.choose("none")
        await screen.left()
        await screen.say("Are you there?")
        await screen.shows("Yes.")
        assert {request.headers["authorization"] for request in server.received} == {f"Bearer {PLANTED}"}
        assert load_config(screen.path, {}).api.api_key == PLANTED
        assert stat.S_IMODE(screen.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [(100, 40), (80, 24), (40, 20)])
async def test_esc_leaves_everything_as_it_was_also_while_a_service_is_asked(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with (
        scripted([End.HANG]) as server,
        open_connecting(tmp_path, config=MINE, size=size) as screen,
    ):
        config = screen.session.config
        await screen.open()
        await screen.choose("another")
        await screen.shows("Address")
        await screen.type(server.url)
        await screen.type(PLANTED)
        await server.until(1)
        await screen.shows("Asking")
        await screen.pilot.press("escape")
        await screen.left()
        assert screen.path.read_text() == MINE
        assert screen.session.config is config
    assert len(server.received) == 1


async def test_a_service_that_drops_each_connection_behind_its_answer_is_connected(tmp_path: Path) -> None:
    paths: dict[str, list[Script]] = {
        # Nobody reads what is asked meanwhile.
        "models": [[*lists_models("first", "second"), 0.5, End.RESET]],
        "chat/completions": [[error(404)]],
    }
    async with scripted(**paths) as server, open_connecting(tmp_path) as screen:
        await screen.open()
        await screen.choose("another")
        await screen.shows("Address")
        await screen.type(server.url)
        await screen.type(PLANTED)
        await screen.shows("Which model answers?")


async def test_a_service_without_a_list_of_models_is_asked_for_a_word(tmp_path: Path) -> None:
    paths: dict[str, list[Script]] = {
        "models": [[error(404)]],
        "chat/completions": [[error(404, {"error": "no such model"})], says("Hi")],
    }
    async with scripted(**paths) as server, open_connecting(tmp_path) as screen:
        await screen.open()
        await screen.choose("another")
        await screen.shows("Address")
        await screen.type(server.url)
        await screen.pilot.press("enter")
        await screen.shows("Name of the model")
        await screen.type("bigg")
        await screen.shows("no such model")
        assert not screen.path.exists()
        await screen.type("y")
        await screen.shows("Which service makes pictures?")
        assert server.received[-1].json["model"] == "biggy"


async def test_what_is_no_address_or_left_out_is_told(tmp_path: Path) -> None:
    async with open_connecting(tmp_path) as screen:
        await screen.open()
        await screen.choose("another")
        await screen.shows("Address")
        await screen.pilot.press("tab", "enter")
        await screen.shows("Address is needed.")
        await screen.type("http://")
        await screen.pilot.press("enter")
        await screen.shows("It must be an address")
        await screen.pilot.press("escape")
        await screen.left()
        assert not screen.path.exists()


async def to_pictures(screen: Connecting, server: ScriptedServer) -> None:
    """Connect a service that answers, up to the question for the one that makes pictures."""
    await screen.open()
    await screen.choose("another")
    await screen.shows("Address")
    await screen.pilot.press("ctrl+u")
    await screen.type(server.url)
    await screen.pilot.press("enter")
    await screen.shows("Which model answers?")
    await screen.pilot.press("enter")
    await screen.shows("Which service makes pictures?")


async def test_a_webui_is_found_and_asked_for_its_password_only_where_it_has_one(tmp_path: Path) -> None:
    with WebUIServer(sign_in="me:secret") as pictures:
        async with scripted(models=[lists_models("big")]) as server, open_connecting(tmp_path) as screen:
            await to_pictures(screen, server)
            await screen.choose("webui")
            await screen.shows("Name and password")
            await screen.pilot.press("ctrl+u")
            await screen.type(pictures.url)
            await screen.pilot.press("enter")
            await screen.shows("answered 401")
            assert not screen.path.exists()
            await screen.type("me:secret")
            await screen.left()
            image = load_config(screen.path, {}).image
            assert (image.backend, image.base_url, image.api_key) == (
                "automatic1111",
                pictures.url,
                "me:secret",
            )
            assert "images" in screen.session.abilities
            assert all("authorization" not in request.headers for request in server.received)


async def test_comfyui_is_asked_with_a_workflow_that_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "workflow_api.json"
    file.write_text("{}")
    with ComfyUIServer() as pictures:
        async with scripted(models=[lists_models("big")]) as server, open_connecting(tmp_path) as screen:
            await to_pictures(screen, server)
            await screen.choose("comfyui")
            await screen.shows("File of the workflow")
            await screen.pilot.press("ctrl+u")
            await screen.type(pictures.url)
            await screen.type(str(tmp_path / "none.json"))
            await screen.shows("cannot be read")
            await screen.pilot.press("ctrl+u")
            await screen.type(str(file))
            await screen.shows("workflow:")
            assert not screen.path.exists()
            file.write_bytes(msgspec.json.encode(WORKFLOW))
            await screen.pilot.press("enter")
            await screen.left()
            image = load_config(screen.path, {}).image
            assert (image.backend, image.base_url, image.workflow) == ("comfyui", pictures.url, str(file))


async def test_a_variable_that_goes_before_the_file_is_told_and_nothing_changes(tmp_path: Path) -> None:
    env = {"ANIMUS_CHAT_MODEL": "mine", "ANIMUS_IMAGE_BACKEND": "none"}
    async with open_connecting(tmp_path, config=MINE, env=env) as screen:
        await screen.pilot.press("f2")
        await screen.shows("ANIMUS_CHAT_MODEL and ANIMUS_IMAGE_BACKEND are set and go before")
        assert '"unset ANIMUS_CHAT_MODEL' in screen.text()
        await screen.pilot.press("enter", "escape")
        await screen.left()
        assert screen.path.read_text() == MINE


async def test_the_picture_service_that_is_configured_is_suggested_with_its_password(tmp_path: Path) -> None:
    """Whoever only wants other words presses Enter; another address gets no password."""
    with WebUIServer(sign_in=f"me:{PLANTED}") as pictures, WebUIServer(sign_in=f"me:{PLANTED}") as other:
        former = (
            f'[image]\nbackend = "automatic1111"\nbase_url = "{pictures.url}"\napi_key = "me:{PLANTED}"\n'
        )
        async with (
            scripted(models=[lists_models("big")]) as server,
            open_connecting(tmp_path, config=former) as screen,
        ):
            await to_pictures(screen, server)
            await screen.pilot.press("enter")
            await screen.shows("empty keeps the present one")
            address, _ = screen.pilot.app.screen.query("#fields Input").results(Input)
            assert address.value == pictures.url
            address.value = other.url
            await screen.pilot.press("enter", "enter")
            await screen.shows("answered 401")
            assert all("authorization" not in asked.headers for asked in other.asked)
            address.value = pictures.url
            await screen.pilot.press("enter")
            await screen.left()
            image = load_config(screen.path, {}).image
    assert (image.backend, image.base_url) == ("automatic1111", pictures.url)
    assert image.api_key == f"me:{PLANTED}"


async def test_no_service_gets_the_key_of_another_one(tmp_path: Path) -> None:
    former = f'[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9"\napi_key = "{PLANTED}"\n'
    former += f'[image]\nbackend = "automatic1111"\napi_key = "me:{PLANTED}"\nmodel = "mine"\n'
    async with (
        scripted(models=[lists_models("big")]) as server,
        open_connecting(tmp_path, config=former) as screen,
    ):
        await to_pictures(screen, server)
        await screen.choose("as the chat")
        await screen.shows("Picture model")
        await screen.pilot.press("enter")
        await screen.left()
        assert server.received
        assert all(PLANTED not in f"{request}" for request in server.received)
        assert PLANTED not in screen.path.read_text()
        assert load_config(screen.path, {}).image == ImageConfig(backend="openai")


async def test_a_list_that_everybody_gets_says_nothing_of_a_key(tmp_path: Path) -> None:
    finder = ServiceFinder(read([]), {"HOME": str(tmp_path)})
    async with scripted(models=[lists_models("big")], key=[REFUSES_KEY]) as server:
        connection = Connection(title="OpenRouter", backend="openai", base_url=server.url, api_key=PLANTED)
        assert await finder.check(connection) == ["big"]
        with pytest.raises(KeyRefused):
            await finder.check(replace(connection, key_check="key"))
        assert [request.path for request in server.received] == ["/models", "/chat/completions", "/key"]


LOCKED: Script = [
    error(401, {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}})
]
"""What llama.cpp answers to whoever has no key."""
NO_GET: Script = [error(404, {"error": {"message": "File Not Found", "code": 404}})]
LISTED = lists_models("smollm2")


@pytest.mark.parametrize(
    "paths",
    [
        {
            "v1/models": [LOCKED, LOCKED, LOCKED, LISTED],
            "v1/chat/completions": [NO_GET, says("Let in.")],
        },
        {
            "v1/models": [LISTED],
            "v1/chat/completions": [LOCKED, LOCKED, NO_GET, says("Let in.")],
        },
    ],
    ids=["all is locked", "models are listed for everybody"],
)
async def test_a_server_that_wants_a_key_is_found_and_the_key_is_asked_for(
    tmp_path: Path, paths: dict[str, list[Script]]
) -> None:
    async with scripted(**paths) as server, open_connecting(tmp_path, places=[at(server)]) as screen:
        await screen.shows("llama.cpp is running on this machine")
        await screen.open()
        await screen.pilot.press("enter")
        await screen.shows("llama.cpp wants one")
        await screen.type("wrong")
        await screen.shows("Signed out: The service answered 401: Invalid API Key.")
        await screen.pilot.press("ctrl+u")
        await screen.type(PLANTED)
        await screen.shows("Which model answers?")
        await screen.pilot.press("enter")
        await screen.shows("Which service makes pictures?")
        await screen.choose("none")
        await screen.left()
        await screen.say("May I come in?")
        await screen.shows("Let in.")
        assert server.received[-1].headers["authorization"] == f"Bearer {PLANTED}"
        assert load_config(screen.path, {}).api.api_key == PLANTED
        assert PLANTED not in screen.text()


async def test_a_service_that_has_ended_meanwhile_is_told_and_no_key_is_asked_for(tmp_path: Path) -> None:
    async with (
        scripted(**{"v1/models": [LISTED, LISTED, [End.RESET]]}) as server,
        open_connecting(tmp_path, places=[at(server)]) as screen,
    ):
        await screen.shows("llama.cpp is running on this machine")
        await screen.open()
        await screen.pilot.press("enter")
        await screen.shows("broke")
        await screen.shows("Which service answers?")
        assert not screen.path.exists()


class RemovesFile(ComfyUIServer):
    """Removes the file of the workflow once it is asked whether it answers."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def respond(self, asked: Asked) -> Answer | Takeover | None:
        self.file.unlink(missing_ok=True)
        return super().respond(asked)


@pytest.mark.parametrize("has_file", [False, True])
async def test_a_switch_that_fails_at_its_end_leaves_the_file_and_the_conversation_as_they_were(
    tmp_path: Path, has_file: bool
) -> None:
    file = tmp_path / "workflow_api.json"
    file.write_bytes(msgspec.json.encode(WORKFLOW))
    paths = {"models": [lists_models("big")], "chat/completions": [says("It is still me.")]}
    with RemovesFile(file) as pictures:
        async with scripted(models=[lists_models("other")]) as other, scripted(**paths) as server:
            api = f'[api]\nbackend = "openai"\nbase_url = "{server.url}"\n'
            config = MINE.replace("[chat]\n", '[chat]\nmodel = "big"\n') + api if has_file else ""
            async with open_connecting(tmp_path, config=config) as screen:
                await to_pictures(screen, other)
                await screen.choose("comfyui")
                await screen.shows("File of the workflow")
                await screen.pilot.press("ctrl+u")
                await screen.type(pictures.url)
                await screen.type(str(file))
                await screen.shows("cannot be read")
                assert screen.path.exists() == has_file
                await screen.pilot.press("escape")
                await screen.left()
                if has_file:
                    assert screen.path.read_text() == config
                    assert stat.S_IMODE(screen.path.stat().st_mode) == 0o644
                    await screen.say("Are you still the same?")
                    await screen.shows("It is still me.")
                    assert server.received[-1].json["model"] == "big"
                else:
                    assert "demo server" in screen.text()


async def test_back_to_the_demo_and_to_a_service_with_other_keys(tmp_path: Path) -> None:
    config = f'[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9"\napi_key = "{PLANTED}" # old\n'
    async with open_connecting(tmp_path, config=config) as screen:
        await screen.open()
        await screen.choose("demo")
        await screen.left()
        await screen.say("Hello?")
        await screen.shows("demo server, nothing leaves this machine")
        assert PLANTED not in screen.path.read_text()
        assert load_config(screen.path, {}).api == ApiConfig()
        assert [message.role for message in screen.session.conversation.messages][:2] == ["user", "assistant"]


async def test_a_model_that_nobody_named_is_shown_by_its_name_once_it_is_known(tmp_path: Path) -> None:
    paths = {"models": [lists_models("smollm2", "qwen3")], "chat/completions": [says("It is me.")]}
    async with scripted(**paths) as server:
        config = f'[api]\nbackend = "openai"\nbase_url = "{server.url}"\n'
        async with open_connecting(tmp_path, config=config) as screen:
            where = server.url.removeprefix("http://")
            assert f"Vivian · {where}" in screen.text()
            assert not server.received
            await screen.say("Who is there?")
            await screen.shows(f"Vivian · smollm2 · {where}")
            await screen.say("/model")
            await screen.shows("qwen3")
            assert isinstance(screen.pilot.app, ListeningApp)
            assert screen.pilot.app.said[-1].startswith("smollm2 answers now")


async def test_the_key_that_connects_is_in_the_footer_while_the_demo_answers_for_want_of_a_service(
    tmp_path: Path,
) -> None:
    async with (
        scripted(models=[lists_models("big")]) as server,
        open_connecting(tmp_path, size=(80, 24)) as screen,
    ):
        await screen.shows("F2 Connect ")
        await to_pictures(screen, server)
        await screen.choose("none")
        await screen.left()
        assert "F2 Connect" not in screen.text()
        assert "^N New" in screen.text()


async def test_a_long_name_of_a_model_is_whole_behind_a_form(tmp_path: Path) -> None:
    name = "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf"
    async with scripted(models=[lists_models(name)]) as server, open_connecting(tmp_path) as screen:
        await screen.open()
        await screen.choose("another")
        await screen.shows("Address")
        await screen.type(server.url)
        await screen.pilot.press("enter")
        await screen.shows("Which model answers?")
        await screen.shows(name)

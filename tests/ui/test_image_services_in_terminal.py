"""The whole program with the picture services that people run: from the first wish to the gallery, over a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.comfyui_server import WORKFLOW, ComfyUIServer
from tests.support.openai_image_server import OpenAIImageServer
from tests.support.terminal import TerminalProgram, chat_program, until, until_painted, until_silent
from tests.support.webui_server import WebUIServer

pytestmark = pytest.mark.timeout(240)
READY = "Write a message"
LEAVE = "\x1b[27u"
GALLERY = "\x1bOS"
KEY = "planted-secret-k7Zq91xWvB"
Server = WebUIServer | ComfyUIServer | OpenAIImageServer


class Service(NamedTuple):
    """A service that makes pictures, and what it can do."""

    name: str
    configuration: str
    """Of `[image]`, beside the address."""
    grows: bool
    """Whether the picture is seen while it is made."""
    is_found_again: bool
    """Whether it goes on with a picture whose program was killed."""
    details: str
    """What is told of a picture that is there."""
    refused: str
    """A command that it cannot do."""
    why: str
    key: str = "r"
    """Makes a picture anew that was interrupted."""


SERVICES = [
    Service(
        "automatic1111", f'api_key = "me:{KEY}"', True, False, "96×64 · seed ", "/video", "makes no clips"
    ),
    Service(
        "comfyui",
        'workflow = "WORKFLOW"',
        True,
        True,
        "96×64 · seed ",
        "/edit at night",
        "cannot change a picture",
    ),
    Service(
        "openai",
        f'model = "gpt-image-1"\napi_key = "{KEY}"',
        True,
        False,
        "96×64",
        "/image a lake --seed 4",
        "does not know --seed",
        key="\r",
    ),
]


def server_of(service: Service) -> Server:
    match service.name:
        case "automatic1111":
            return WebUIServer(sign_in=f"me:{KEY}")
        case "comfyui":
            return ComfyUIServer(awaits_listener=True)
    return OpenAIImageServer(KEY)


def requests_for_pictures(server: Server) -> int:
    """How often the server was asked for a picture."""
    paths = ("/sdapi/v1/txt2img", "/prompt", "/v1/images/generations")
    return sum(len(server.of(path)) for path in paths)


def program_with(home: Path, service: Service, server: Server) -> TerminalProgram:
    workflow = home / "workflow.json"
    workflow.write_text(json.dumps(WORKFLOW), encoding="utf-8")
    own = service.configuration.replace("WORKFLOW", str(workflow))
    path = "/v1" if service.name == "openai" else ""
    (home / "config.toml").write_text(
        f'[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n'
        f'[image]\nbackend = "{service.name}"\nbase_url = "{server.url}{path}"\nwidth = 96\nheight = 64\n{own}\n',
        encoding="utf-8",
    )
    return chat_program(home, "--graphics", "mosaic", columns=100)


@pytest.mark.parametrize("service", SERVICES, ids=[service.name for service in SERVICES])
def test_pictures_from_the_first_wish_to_the_gallery_and_over_a_kill(
    tmp_path: Path, service: Service
) -> None:
    with server_of(service) as server:
        server.hold.clear()
        with program_with(tmp_path, service, server) as program:
            program.wait_for(READY)
            program.type("/image a fox\r")
            program.wait_for("Generating…")
            if service.name == "automatic1111":
                program.wait_for("51 %")
            if service.name == "comfyui":
                program.wait_for("70 %")
            if service.grows:
                until_painted(program)
            else:
                until(program, lambda: any(tmp_path.glob("data/conversations/*/jobs/*.json")))
            program.kill()
        asked = requests_for_pictures(server)
        server.hold.set()
        with program_with(tmp_path, service, server) as program:
            program.wait_for(READY)
            if not service.is_found_again:
                program.wait_for("Picture interrupted")
                assert "a fox" in program.text()
                assert requests_for_pictures(server) == asked, "nothing is paid for unasked"
                program.type("\t")
                until_silent(program, 0.3)
                program.type(service.key)
            program.wait_for(service.details)
            until_painted(program)
            program.type("\x12")  # Ctrl+R
            program.wait_for("2 of 2")
            program.type("\x13")  # Ctrl+S
            program.wait_for("Saved to")
            program.type(f"{service.refused}\r")
            program.wait_for(service.why)
            program.type("\x15")
            until_silent(program, 0.3)
            program.type(GALLERY)
            program.wait_for("2 pictures")
            until_painted(program)
            program.type(LEAVE)
            program.wait_for(service.details)
            program.type("\x11")
            assert program.wait_for_exit() == 0
    (saved,) = (tmp_path / "Pictures").rglob("*.png")
    assert b"a fox" in saved.read_bytes()
    assert not any(tmp_path.glob("data/conversations/*/jobs/*.json"))
    assert not any(tmp_path.glob("data/conversations/*/begun/*.json"))

"""From a fresh home to a connected service in a real terminal, also at the next start; keys stay where they belong."""

from __future__ import annotations

import asyncio
import stat
import tomllib
from pathlib import Path

from tests.support.connect_app import lists_models, says
from tests.support.program import PLANTED
from tests.support.scripted_server import ScriptedServer, error, scripted
from tests.support.terminal import TerminalProgram, chat_program

READY, F2, QUIT = "Write a message", "\x1bOQ", "\x11"
PICTURES_KEY = "sk-pictures-77aa20"


def connect(program: TerminalProgram, chat: str, pictures: str) -> None:
    """Answer the questions: a service at an address with a key, and pictures from another one with another key."""
    program.type(f"{F2}another\r")  # before the list is there
    program.wait_for("such as http://127.0.0.1:8000/v1")
    program.type(f"{chat}\r")
    program.type(f"{PLANTED}\r")
    program.wait_for("Which model answers?")
    program.type("second\r")
    program.wait_for("Which service makes pictures?")
    program.type("openai images\r")
    program.wait_for("Picture model")
    program.type(f"\x15{pictures}\r{PICTURES_KEY}\r\r")
    program.wait_for("answers from now on, with the model second.")


def say(program: TerminalProgram, words: str, answer: str) -> None:
    program.type(f"{words}\r")
    program.wait_for(answer)
    program.wait_for("Esc Cancel", gone=True)


def use(home: Path, chat: ScriptedServer, pictures: ScriptedServer) -> tuple[bytes, bytes]:
    """Start in the demo, connect, talk, quit, start again and talk; what the two programs wrote to their terminals."""
    config = home / "config.toml"
    with chat_program(
        home,
        "--graphics",
        "none",
    ) as program:
        program.wait_for(READY)
        program.wait_for("F2 connects")
        say(program, "A word to the demo", "Vivian")
        assert not config.exists()
        connect(program, chat.url, pictures.url)
        assert "A word to the demo" in program.text()
        say(program, "And one to you", "Gladly connected")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        first = program.raw
    before = config.read_bytes()
    with chat_program(
        home,
        "--graphics",
        "none",
    ) as program:
        program.wait_for(READY)
        assert "A word to the demo" in program.wait_for("And one to you")
        assert "demo server" not in program.text()
        say(program, "Still there?", "Still here")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        second = program.raw
    assert config.read_bytes() == before
    return first, second


async def test_a_service_is_connected_talks_and_is_there_at_the_next_start(tmp_path: Path) -> None:
    paths = {
        "models": [lists_models("first", "second")],
        "chat/completions": [[error(404)], says("Gladly connected"), says("Still here")],
    }
    async with scripted(**paths) as chat, scripted(models=[lists_models("gpt-image-1")]) as pictures:
        written = await asyncio.to_thread(use, tmp_path, chat, pictures)
        asked, made = chat.received, pictures.received
    path = tmp_path / "config.toml"
    config = tomllib.loads(path.read_text())
    assert config["api"] == {"backend": "openai", "base_url": chat.url, "api_key": PLANTED}
    assert config["image"] == {
        "backend": "openai",
        "base_url": pictures.url,
        "api_key": PICTURES_KEY,
        "model": "gpt-image-1",
    }
    assert config["chat"]["model"] == "second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    words = [request.json["messages"] for request in asked if request.method == "POST"]
    assert "A word to the demo" in str(words[0]), "the conversation goes on"
    assert {request.headers["authorization"] for request in asked} == {f"Bearer {PLANTED}"}
    assert {request.headers["authorization"] for request in made} == {f"Bearer {PICTURES_KEY}"}
    assert made, "the service for pictures was tried"
    for request in asked:
        assert PICTURES_KEY not in f"{request}"
    for request in made:
        assert PLANTED not in f"{request}"
    others = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file != path]
    for secret in (PLANTED.encode(), PICTURES_KEY.encode()):
        assert not any(secret in data for data in (*written, *others))

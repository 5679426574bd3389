"""`animus-chat init`."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from animus_tui.config.loading import load_config
from animus_tui.config.schema import ApiConfig, Config
from animus_tui.config.settings_file import SettingsFile
from tests.support.connect_app import lists_models
from tests.support.program import API_KEY, PLANTED, Program
from tests.support.scripted_server import scripted
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.program import Service

DEMO = "demo\n\n\n"
"""The demo, and Enter for every other question; what Enter takes first goes by what runs on this machine."""
KEY = f"animus\n{API_KEY}\n\n\n"
"""Animus with a key, its model, and pictures from it, too."""


def at(service: Service) -> dict[str, str]:
    """The environment that has Animus at another address."""
    return {"ANIMUS_BASE_URL": f"{service.url}/v3", "ANIMUS_GENERATION_URL": f"{service.url}/v2"}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_demo_is_all_defaults(program: Program) -> None:
    done = program("init", stdin=DEMO)
    assert done.returncode == 0, done.stderr
    assert str(program.config_file) in done.stdout
    assert load_config(program.config_file, {}) == Config()
    assert stat.S_IMODE(program.config_file.stat().st_mode) == 0o600
    assert files(program.home) == ["config.toml"]


def test_a_variable_that_goes_before_what_was_written_is_told(tmp_path: Path) -> None:
    done = Program(tmp_path, {"ANIMUS_CHAT_MODEL": "mine"})("init", stdin=DEMO)
    assert done.returncode == 0, done.stderr
    assert "ANIMUS_CHAT_MODEL is set and goes before the configuration file" in done.stdout
    assert 'type "unset ANIMUS_CHAT_MODEL"' in done.stdout


def test_a_key_is_tried_written_and_never_shown(tmp_path: Path, service: Service) -> None:
    program = Program(tmp_path, at(service))
    answers = f"animus\n{PLANTED}\n{API_KEY}\nluna-70b\n\nLuna\n~/pics\n"
    done = program("init", stdin=answers)
    assert done.returncode == 0, done.stderr
    assert "answered 401" in done.stdout, "the first key is refused, and asked for again"
    assert API_KEY not in done.stdout + done.stderr
    config = load_config(program.config_file, {})
    assert config.api == ApiConfig(api_key=API_KEY)
    assert (config.chat.name, config.chat.model, config.image.save_dir) == ("Luna", "luna-70b", "~/pics")
    assert config.chat.system_message.startswith("You are Luna,")
    assert stat.S_IMODE(program.config_file.stat().st_mode) == 0o600


def test_a_token_provider_is_asked_for_until_it_is_an_address(program: Program) -> None:
    done = program("init", stdin="animus-token\nhttp://\nhttp://far.example/token\n")
    assert done.returncode == 1
    assert 'It must be an address that begins with "https://"' in done.stdout
    assert 'It must be an "https://" address' in done.stdout
    assert files(program.home) == []


async def test_another_service_is_asked_for_in_the_same_order_as_in_the_application(tmp_path: Path) -> None:
    program = Program(tmp_path)
    async with scripted(models=[lists_models("small", "large")]) as server:
        answers = f"another\n<\nanother\n{server.url}\n\n<\n\n\nlarge\nnone\n\n\n"
        done = await asyncio.to_thread(program, "init", stdin=answers)
        assert [request.path for request in server.received] == ["/models", "/chat/completions"] * 2
    assert done.returncode == 0, done.stderr
    config = load_config(program.config_file, {})
    assert (config.api.backend, config.api.base_url) == ("openai", server.url)
    assert (config.chat.model, config.image.backend) == ("large", "none")


def test_a_quoted_or_odd_answer_is_written_as_it_is(program: Program) -> None:
    name = 'Ze"\\🌙 [x] #1'
    assert program("init", stdin=f"demo\n{name}\n\n").returncode == 0
    assert load_config(program.config_file, {}).chat.name == name


def test_an_existing_file_is_left_alone_without_force(program: Program) -> None:
    program.configure("# mine\n")
    done = program("init", stdin=DEMO)
    assert done.returncode == 2
    assert done.stderr == f"animus-chat: {program.config_file} exists already; --force replaces it.\n"
    assert program.config_file.read_text() == "# mine\n"
    assert program("init", "--force", stdin=DEMO).returncode == 0
    assert program.config_file.read_text() != "# mine\n"


def test_a_file_that_the_application_made_is_filled_in(tmp_path: Path, service: Service) -> None:
    program = Program(tmp_path, at(service))
    file = SettingsFile(program.config_file, {})
    file.change("ui", "theme", "nord")
    before = program.config_file.read_text()
    done = program("init", stdin=f"{KEY}Luna\n\n")
    assert done.returncode == 0, done.stderr
    changed = before.replace('#api_key = "your-key"', f'api_key = "{API_KEY}"', 1)
    assert program.config_file.read_text() == changed.replace('#name = "Vivian"', 'name = "Luna"')
    assert program("init", stdin=DEMO).returncode == 2


def test_the_named_file_is_written(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "own.toml"
    assert program("init", "--config", str(path), stdin=DEMO).returncode == 0
    assert load_config(path, {}, explicit=True) == Config()
    assert not program.config_file.exists()


@pytest.mark.parametrize("answers", ["", "animus\n", "demo\nLuna\n", "animus-token\n\n\n"])
def test_an_input_that_ends_early_writes_nothing(program: Program, answers: str) -> None:
    done = program("init", stdin=answers)
    assert done.returncode == 1
    assert done.stderr == "animus-chat: The questions were not answered; nothing was written.\n"
    assert files(program.home) == []


def test_a_disk_that_refuses_is_a_sentence(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = program("init", "--config", str(tmp_path / "file" / "config.toml"), stdin=DEMO)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def terminal(program: Program, *arguments: str) -> TerminalProgram:
    return TerminalProgram(
        [sys.executable, "-m", "animus_tui", *arguments], {**program.environment, "TERM": "xterm"}
    )


def test_a_key_that_is_typed_does_not_echo(tmp_path: Path, service: Service) -> None:
    program = Program(tmp_path, at(service))
    with terminal(program, "init") as screen:
        screen.wait_for("Choice [")
        screen.type("animus\r")
        screen.wait_for("API key (it is not shown):")
        screen.type(f"{API_KEY}\r")
        screen.wait_for("Name of the model")
        screen.type("\r")
        screen.wait_for("Which service makes pictures?")
        screen.type("\r")
        screen.wait_for("Name of the character")
        screen.type("\r\r")
        screen.wait_for("Written:")
        assert screen.wait_for_exit() == 0
        assert API_KEY.encode() not in screen.raw
    assert load_config(program.config_file, {}).api.api_key == API_KEY


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl+C", "Ctrl+D"])
@pytest.mark.parametrize("hidden", [False, True])
def test_ctrl_c_and_ctrl_d_write_nothing(program: Program, key: str, hidden: bool) -> None:
    with terminal(program, "init") as screen:
        screen.wait_for("Choice [")
        if hidden:
            screen.type("animus\r")
            screen.wait_for("API key (it is not shown):")
        screen.type(key)
        screen.wait_for("nothing was written")
        assert screen.wait_for_exit() == 1
    assert files(program.home) == []


def test_an_arrow_key_is_no_part_of_an_answer(program: Program) -> None:
    with terminal(program, "init") as screen:
        for question, answer in (
            ("Choice [", "de\x1b[Amo\r"),
            ("Name of the character", "\x1b[ALu\x1b[Dna\x1b[3~\r"),
            ("Folder for saved pictures", "\r"),
        ):
            screen.wait_for(question)
            screen.type(answer)
        screen.wait_for("Written:")
        assert screen.wait_for_exit() == 0
    assert load_config(program.config_file, {}).chat.name == "Luna"


def test_a_name_that_is_changed_in_the_file_later_changes_the_system_message_too(program: Program) -> None:
    assert program("init", stdin="demo\nLuna\n\n").returncode == 0
    text = program.config_file.read_text()
    program.config_file.write_text(text.replace('name = "Luna"', 'name = "Zoe"'))
    assert load_config(program.config_file, {}).chat.system_message.startswith("You are Zoe,")


@pytest.mark.parametrize("redirection", ["<&-", ">&-"])
def test_with_nobody_to_ask_it_is_wrong_usage(program: Program, redirection: str) -> None:
    command = f'"{sys.executable}" -m animus_tui init {redirection}'
    done = subprocess.run(
        ["sh", "-c", command], env=program.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "animus-chat: There is nobody to ask: standard input or output is closed.\n"


def test_what_is_no_plain_file_is_never_replaced(program: Program, tmp_path: Path) -> None:
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        done = program("init", "--force", "--config", str(path), stdin=DEMO)
        assert done.returncode == 2
        assert done.stderr == f"animus-chat: {path} is not a file that could be replaced; name another.\n"
    assert pipe.is_fifo()
    assert folder.is_dir()

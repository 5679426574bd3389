"""`animus-chat init`."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from animus_tui.config.loading import load_config
from animus_tui.config.schema import ApiConfig, Config
from animus_tui.config.settings_file import SettingsFile
from tests.support.program import PLANTED
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.program import Program

DEMO = "\n\n\n\n"
"""Enter for every question."""


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_enter_for_every_question_is_the_demo_with_the_defaults(program: Program) -> None:
    done = program("init", stdin=DEMO)
    assert done.returncode == 0, done.stderr
    assert str(program.config_file) in done.stdout
    assert load_config(program.config_file, {}) == Config()
    assert stat.S_IMODE(program.config_file.stat().st_mode) == 0o600
    assert files(program.home) == ["config.toml"]


def test_a_key_is_written_and_never_shown(program: Program) -> None:
    done = program("init", stdin=f"2\n{PLANTED}\nLuna\nluna-70b\n~/pics\n")
    assert done.returncode == 0, done.stderr
    config = load_config(program.config_file, {})
    assert config.api == ApiConfig(api_key=PLANTED)
    assert (config.chat.name, config.chat.model, config.image.save_dir) == ("Luna", "luna-70b", "~/pics")
    assert config.chat.system_message.startswith("You are Luna,")


def test_another_service_needs_an_address_and_perhaps_a_key(program: Program) -> None:
    assert program("init", stdin="3\n\n\n\n\n\n").returncode == 0
    config = load_config(program.config_file, {})
    assert config.api == ApiConfig(backend="openai", base_url="http://127.0.0.1:11434/v1")
    assert config.chat.model == "auto"
    answers = f"3\nllama.cpp\nhttp://127.0.0.1:8080/v1\n{PLANTED}\n\nqwen3\n\n"
    done = program("init", "--force", stdin=answers)
    assert "It must be an address" in done.stdout
    assert PLANTED not in done.stdout + done.stderr
    config = load_config(program.config_file, {})
    assert config.api == ApiConfig(backend="openai", base_url="http://127.0.0.1:8080/v1", api_key=PLANTED)
    assert config.chat.model == "qwen3"


def test_a_token_provider_is_asked_for_until_it_is_an_address(program: Program) -> None:
    done = program("init", stdin="x\n1\nnowhere\nhttp://far.example/token\nhttps://id.example/token\n\n\n\n")
    assert done.returncode == 0, done.stderr
    assert 'It must be an address that begins with "https://"' in done.stdout
    assert 'It must be an "https://" address' in done.stdout
    assert load_config(program.config_file, {}).api.token_provider_url == "https://id.example/token"


def test_a_quoted_or_odd_answer_is_written_as_it_is(program: Program) -> None:
    name = 'Ze"\\🌙 [x] #1'
    assert program("init", stdin=f"4\n{name}\n\n\n").returncode == 0
    assert load_config(program.config_file, {}).chat.name == name


def test_an_existing_file_is_left_alone_without_force(program: Program) -> None:
    program.configure("# mine\n")
    done = program("init", stdin=DEMO)
    assert done.returncode == 2
    assert done.stderr == f"animus-chat: {program.config_file} exists already; --force replaces it.\n"
    assert program.config_file.read_text() == "# mine\n"
    assert program("init", "--force", stdin=DEMO).returncode == 0
    assert program.config_file.read_text() != "# mine\n"


def test_a_file_that_the_application_made_is_filled_in(program: Program) -> None:
    file = SettingsFile(program.config_file, {})
    file.change("ui", "theme", "nord")
    before = program.config_file.read_text()
    done = program("init", stdin="2\nk-1\nLuna\n\n\n")
    assert done.returncode == 0, done.stderr
    changed = before.replace('#api_key = "your-key"', 'api_key = "k-1"', 1)
    assert program.config_file.read_text() == changed.replace('#name = "Vivian"', 'name = "Luna"')
    assert program("init", stdin=DEMO).returncode == 2


def test_the_named_file_is_written(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "own.toml"
    assert program("init", "--config", str(path), stdin=DEMO).returncode == 0
    assert load_config(path, {}, explicit=True) == Config()
    assert not program.config_file.exists()


@pytest.mark.parametrize("answers", ["", "2\n", f"2\n{PLANTED}\nLuna\n", "1\n\n\n"])
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


def test_a_key_that_is_typed_does_not_echo(program: Program) -> None:
    with terminal(program, "init") as screen:
        screen.wait_for("Choice [4]:")
        screen.type("2\r")
        screen.wait_for("API key (it is not shown):")
        screen.type(f"{PLANTED}\r")
        screen.wait_for("Name of the character")
        screen.type("\r\r\r")
        screen.wait_for("Written:")
        assert screen.wait_for_exit() == 0
        assert PLANTED.encode() not in screen.raw
    assert load_config(program.config_file, {}).api.api_key == PLANTED


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl+C", "Ctrl+D"])
@pytest.mark.parametrize("hidden", [False, True])
def test_ctrl_c_and_ctrl_d_write_nothing(program: Program, key: str, hidden: bool) -> None:
    with terminal(program, "init") as screen:
        screen.wait_for("Choice [4]:")
        if hidden:
            screen.type("2\r")
            screen.wait_for("API key (it is not shown):")
        screen.type(key)
        screen.wait_for("nothing was written")
        assert screen.wait_for_exit() == 1
    assert files(program.home) == []


def test_an_arrow_key_is_no_part_of_an_answer(program: Program) -> None:
    with terminal(program, "init") as screen:
        for question, answer in (
            ("Choice [4]:", "\x1b[A\r"),
            ("Name of the character", "\x1b[ALu\x1b[Dna\x1b[3~\r"),
            ("Model", "\r"),
            ("Folder for saved pictures", "\r"),
        ):
            screen.wait_for(question)
            screen.type(answer)
        screen.wait_for("Written:")
        assert screen.wait_for_exit() == 0
    assert load_config(program.config_file, {}).chat.name == "Luna"


def test_a_name_that_is_changed_in_the_file_later_changes_the_system_message_too(program: Program) -> None:
    assert program("init", stdin="4\nLuna\n\n\n").returncode == 0
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

"""`animus-chat init`."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import pytest

from animus_tui.config import ApiConfig, Config, load_config
from tests.cli.program import PLANTED
from tests.pty_terminal import TerminalProgram

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program

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


def test_a_token_provider_is_asked_for_until_it_is_an_address(program: Program) -> None:
    done = program("init", stdin="x\n1\nnowhere\nhttp://far.example/token\nhttps://id.example/token\n\n\n\n")
    assert done.returncode == 0, done.stderr
    assert 'It must be an address that begins with "https://"' in done.stdout
    assert 'It must be an "https://" address' in done.stdout
    assert load_config(program.config_file, {}).api.token_provider_url == "https://id.example/token"


def test_a_quoted_or_odd_answer_is_written_as_it_is(program: Program) -> None:
    name = 'Ze"\\🌙 [x] #1'
    assert program("init", stdin=f"3\n{name}\n\n\n").returncode == 0
    assert load_config(program.config_file, {}).chat.name == name


def test_an_existing_file_is_left_alone_without_force(program: Program) -> None:
    program.configure("# mine\n")
    done = program("init", stdin=DEMO)
    assert done.returncode == 2
    assert done.stderr == f"animus-chat: {program.config_file} exists already; --force replaces it.\n"
    assert program.config_file.read_text() == "# mine\n"
    assert program("init", "--force", stdin=DEMO).returncode == 0
    assert program.config_file.read_text() != "# mine\n"


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
        screen.wait_for("Choice [3]:")
        screen.type("2\r")
        screen.wait_for("API key (it is not shown):")
        screen.type(f"{PLANTED}\r")
        screen.wait_for("Name of the character")
        screen.type("\r\r\r")
        screen.wait_for("Written:")
        assert screen.wait_for_exit() == 0
        assert PLANTED.encode() not in screen.raw
    assert load_config(program.config_file, {}).api.api_key == PLANTED


def test_ctrl_c_writes_nothing(program: Program) -> None:
    with terminal(program, "init") as screen:
        screen.wait_for("Choice [3]:")
        screen.type("\x03")
        screen.wait_for("nothing was written")
        assert screen.wait_for_exit() == 1
    assert files(program.home) == []

"""The command line as a whole: what it imports, its exit codes, its sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from animus_tui import __version__
from animus_tui.chat.images.option_parser import OPTIONS
from animus_tui.cli.grammar import PICTURE_OPTIONS, TAKES, read
from animus_tui.cli.main import COMMANDS, command_named
from animus_tui.cli.parser import COMMON
from animus_tui.config.schema import schema
from tests.support.program import PLANTED
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program

HEAVY = {"textual", "rich", "httpx", "PIL", "numpy", "starlette", "uvicorn", "msgspec", "asyncio", "logging"}


def imported(program: Program, *arguments: str) -> set[str]:
    """Top-level names of what the command imports."""
    code = (
        "import sys; from animus_tui.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def test_the_version_is_one_line(program: Program) -> None:
    for option in ("--version", "-V"):
        done = program(option)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"animus-chat {__version__}\n", "")
    assert program("--demo", "--version").stdout == f"animus-chat {__version__}\n"


def test_the_version_is_told_without_loading_the_command_line(program: Program) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "animus_tui", "--version"],
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "animus_tui.start" in imported
    assert not {"animus_tui.cli.main", "signal", "termios"} & imported


def test_version_and_help_import_nothing_heavy(program: Program) -> None:
    assert not HEAVY & imported(program, "--version")
    assert "argparse" not in imported(program, "--version")
    assert not HEAVY & imported(program, "--help")
    assert not HEAVY & imported(program, "send", "--help")


def test_a_configuration_error_is_told_before_anything_heavy_is_imported(program: Program) -> None:
    program.configure("[chat]\ntemprature = 1\n")
    assert not (HEAVY - {"msgspec", "logging", "asyncio"}) & imported(program, "send", "hello")
    assert not (HEAVY - {"msgspec", "logging", "asyncio"}) & imported(program)


def test_help_names_every_command_and_gives_examples(program: Program) -> None:
    done = program("--help")
    assert done.returncode == 0
    for command in ("send", "image", "demo-server", "init", "doctor"):
        assert f"\n    {command}" in done.stdout
    assert "animus-chat send " in done.stdout
    assert "Exit codes: 0" in done.stdout


WRONG = [
    (["--nonsense"], "unrecognized arguments: --nonsense"),
    (["sned", "hello"], "invalid choice: 'sned'"),
    (["--graphics", "regis"], "invalid choice: 'regis'"),
    (["--new", "--conversation", "x"], "not allowed with argument"),
    (["send", "--new", "--conversation", "x", "hi"], "not allowed with argument"),
    (["--new", "doctor"], '--new does not apply to "doctor"'),
    (["--conversation", "x", "doctor"], '--conversation does not apply to "doctor"'),
    (["--graphics", "none", "send", "hi"], '--graphics does not apply to "send"'),
    (["--demo", "init"], '--demo does not apply to "init"'),
    (["--config", "x", "demo-server"], '--config does not apply to "demo-server"'),
    (["--config", "", "send", "hi"], "argument --config: a name is missing"),
    (["image", "x", "-o", " "], "argument -o/--output: a name is missing"),
    (["demo-server", "--port", "9" * 5000], '9…" is not a port'),
    (["demo-server", "--host", ""], "argument --host: a name is missing"),
    (["image"], "required: PROMPT"),
    (["image", "x", "--info", "fox.png"], "--info reads a picture that is there"),
    (["image", "--info", "fox.png", "--seed", "1"], "--info reads a picture that is there"),
    (["image", "--info", ""], "argument --info: a name is missing"),
    (["demo-server", "--port", "99999"], '"99999" is not a port'),
]


def test_wrong_usage_is_one_sentence_and_exit_code_2(program: Program) -> None:
    told = program.in_one_process(*(arguments for arguments, _ in WRONG))
    for (arguments, part), done in zip(WRONG, told, strict=True):
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert part in done.stderr
        assert done.stderr.startswith("animus-chat: ")
        assert done.stderr.count("\n") == 1
        assert len(done.stderr) < 300
    first = program(*WRONG[0][0])
    assert (first.returncode, first.stdout, first.stderr) == (2, "", told[0].stderr)


def test_the_grammar_allows_what_the_tree_allows() -> None:
    """It says so a second time, so that it needs nothing but argparse."""
    for graphics in get_args(schema()["ui"]["graphics"]):
        assert read(["--graphics", graphics]).graphics == graphics
    assert tuple((option.name, option.takes, option.help) for option in OPTIONS) == PICTURE_OPTIONS
    assert set(COMMON) >= {option for options in TAKES.values() for option in options}


def test_each_command_has_a_function_that_takes_the_arguments_and_the_environment() -> None:
    assert set(COMMANDS) == {"chat", *TAKES}
    for name in COMMANDS:
        assert [*signature(command_named(name)).parameters] == ["arguments", "env"]


def test_each_command_has_a_help_that_says_what_it_does(program: Program) -> None:
    commands = tuple(TAKES)
    for command, done in zip(
        commands, program.in_one_process(*([command, "--help"] for command in commands)), strict=True
    ):
        assert (done.returncode, done.stderr) == (0, "")
        usage, description, *_ = done.stdout.split("\n\n")
        assert usage.startswith(f"usage: animus-chat {command} ")
        assert description.replace("\n", " ").endswith(".")


@pytest.mark.parametrize("arguments", [[], ["send", "hi"], ["doctor"]])
def test_without_a_home_folder_it_is_one_sentence_and_exit_code_2(
    program: Program, arguments: list[str]
) -> None:
    kept = ("PATH", "LANG")
    code = (
        "import pwd, sys\n"
        "def unknown(_): raise KeyError\n"  # as for the numbered users of containers
        "pwd.getpwuid = unknown\n"
        "from animus_tui.cli.main import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={name: program.environment[name] for name in kept},
        cwd=program.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "animus-chat: There is no home folder: set HOME to one.\n"
    assert list(program.home.iterdir()) == []


def test_a_wrong_configuration_is_one_sentence_and_exit_code_2(program: Program) -> None:
    program.configure("[chat]\ntemprature = 1\n")
    for done in program.in_one_process([], ["send", "hi"], ["image", "a fox"]):
        assert done.returncode == 2
        assert done.stderr == (
            f'animus-chat: {program.config_file}: [chat] has no key "temprature"; did you mean "temperature"?\n'
        )


def test_the_named_configuration_file_must_exist(program: Program) -> None:
    done = program("--config", "none.toml", "send", "hi")
    assert done.returncode == 2
    assert f"{program.home / 'none.toml'}: there is no such file" in done.stderr


def test_an_option_may_stand_before_or_after_the_command(program: Program) -> None:
    for arguments in (["--config", "none.toml", "send", "hi"], ["send", "hi", "--config", "none.toml"]):
        assert "none.toml: there is no such file" in program(*arguments).stderr


def test_the_application_needs_a_terminal(program: Program) -> None:
    done = program()
    assert done.returncode == 2
    assert 'needs a terminal; "animus-chat send"' in done.stderr


@pytest.mark.parametrize("term", ["dumb-emacs-ansi", "unknown"])
def test_on_a_terminal_that_only_prints_lines_one_sentence_and_no_escape_sequence(
    program: Program, term: str
) -> None:
    arguments = [sys.executable, "-m", "animus_tui", "--demo"]
    with TerminalProgram(arguments, {**program.environment, "TERM": term}, columns=200) as screen:
        assert screen.wait_for_exit() == 2
        assert b"\x1b" not in screen.raw
        assert screen.raw.count(b"\n") == 1
        assert f'TERM is "{term}"' in screen.text()
        assert '"animus-chat send" works' in screen.text()


def test_output_that_nobody_reads_ends_it_quietly(program: Program) -> None:
    for arguments in (["--version"], ["--help"], ["--demo", "send", "hello"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "animus_tui", *arguments],
            env=program.environment,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, b"")


FULL = Path("/dev/full")
"""A device that takes nothing."""


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
@pytest.mark.parametrize("arguments", [["--version"], ["doctor"], ["--demo", "send", "hello"]])
def test_a_full_disk_behind_the_output_is_a_sentence(program: Program, arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "animus_tui", *arguments],
            env=program.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "animus-chat: Standard output cannot be written: No space left on device.\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
@pytest.mark.parametrize("arguments", [["--nonsense"], ["send", ""], ["--config", "none", "send", "hi"]])
def test_an_error_that_cannot_be_told_still_has_its_exit_code(program: Program, arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "animus_tui", *arguments],
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
        )
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("arguments", "redirection"),
    [
        ("--version", ">&- 2>&- <&-"),
        ("--demo send hello", ">&-"),
        ("--demo send hello", ">&- 2>&- <&-"),
    ],
)
@pytest.mark.slow
def test_closed_standard_streams_do_no_harm(program: Program, arguments: str, redirection: str) -> None:
    command = f'"{sys.executable}" -m animus_tui {arguments} {redirection}'
    done = subprocess.run(
        ["sh", "-c", command], env=program.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_should_not_have_happened_is_a_sentence_and_a_traceback_in_the_log(program: Program) -> None:
    code = (
        "import sys\n"
        "from animus_tui.cli import send\n"
        f"def broken(arguments, env): raise RuntimeError('boom with Bearer {PLANTED} \\x1b[2J')\n"
        "send.run = broken\n"
        "from animus_tui.cli.main import main\n"
        "sys.exit(main(['send', 'hi']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=program.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"animus-chat: Something went wrong that should not have; {program.log_file} has the details.\n"
    )
    log = program.log_file.read_text()
    assert "Traceback" in log
    assert "RuntimeError: boom" in log
    assert PLANTED not in log
    assert "\x1b" not in log
    assert program.log_file.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_is_no_second_error(program: Program) -> None:
    (program.home / "data").write_text("a file, where a folder should be")
    done = program("--demo", "send", "hello")
    assert done.returncode == 1
    assert done.stderr.startswith("animus-chat: ")
    assert done.stderr.count("\n") == 1


def test_nothing_is_written_before_there_is_something_to_write(program: Program) -> None:
    for arguments in (["--version"], ["--help"], ["send", ""], ["doctor"]):
        program(*arguments)
    assert [path for path in program.home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("arguments", [("send", "Hello"), ("image", "A fox"), ("doctor",)])
def test_what_needs_no_screen_imports_neither_rich_nor_a_command_line(
    signed_in: Program, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "animus_tui", *arguments],
        env=signed_in.environment,
        cwd=signed_in.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert {"animus_tui", "httpx"} <= imported
    assert not {"click", "pygments", "rich", "textual"} & imported

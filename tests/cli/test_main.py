"""The command line as a whole: what it imports, its exit codes, its sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from animus_tui import __version__
from tests.cli.program import PLANTED

if TYPE_CHECKING:
    from tests.cli.program import Program

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


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["sned", "hello"], "invalid choice: 'sned'"),
        (["--graphics", "sixel"], "invalid choice: 'sixel'"),
        (["--new", "--conversation", "x"], "not allowed with argument"),
        (["send", "--new", "--conversation", "x", "hi"], "not allowed with argument"),
        (["image"], "required: PROMPT"),
        (["image", "x", "--seed", "-1"], '"-1" is not a whole number'),
        (["demo-server", "--port", "99999"], '"99999" is not a port'),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    program: Program, arguments: list[str], part: str
) -> None:
    done = program(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert part in done.stderr
    assert done.stderr.startswith("animus-chat: ")
    assert done.stderr.count("\n") == 1


def test_a_wrong_configuration_is_one_sentence_and_exit_code_2(program: Program) -> None:
    program.configure("[chat]\ntemprature = 1\n")
    for arguments in ([], ["send", "hi"], ["image", "a fox"]):
        done = program(*arguments)
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


def test_output_that_nobody_reads_ends_it_quietly(program: Program) -> None:
    for arguments in (["--version"], ["--help"], ["--demo", "send", "hello"]):
        process = program.start(*arguments)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == ""
        process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")  # noqa: PTH110
def test_a_full_disk_behind_the_output_is_a_sentence(program: Program) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "animus_tui", "--demo", "send", "hello"],
            env=program.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "animus-chat: Standard output cannot be written: No space left on device.\n"


def test_closed_standard_streams_do_no_harm(program: Program) -> None:
    for redirection in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        command = f'"{sys.executable}" -m animus_tui --version {redirection}'
        done = subprocess.run(
            ["sh", "-c", command], env=program.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (redirection, done.stderr)
        assert done.stderr == ""


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

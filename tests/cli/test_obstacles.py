"""What must not keep anybody from talking: a file system that lacks something, a conversation that cannot be opened."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.program import NO_BYTECODE, Program
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("a file system that refuses is made with a C compiler on Linux")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that everybody can reach: the folder of the test run is for its owner only."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def histories(program: Program) -> list[list[str]]:
    """What was said in each conversation, sorted."""
    found = (program.home / "data" / "conversations").glob("*/history.json")
    return sorted([m["content"] for m in json.loads(path.read_text())] for path in found if path.is_file())


@pytest.mark.parametrize(
    ("call", "number", "told"),
    [
        ("FLOCK", errno.ENOLCK, "cannot be locked here (No locks available)"),
        ("CHMOD", errno.EPERM, "does not keep files private (Operation not permitted)"),
        ("DIRSYNC", errno.EINVAL, "cannot flush folders (Invalid argument)"),
        ("LINK", errno.EPERM, ""),
    ],
)
def test_a_file_system_that_lacks_something_is_written_all_the_same_and_that_is_said_once(
    signed_in: Program, shim: Path, call: str, number: int, told: str
) -> None:
    signed_in.env |= {"LD_PRELOAD": str(shim), f"SHIM_{call}": str(number)}
    done = signed_in("send", "Hello there")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, int(bool(told)))
    assert told in done.stderr
    again = signed_in("send", "-c", "x" * 9000)
    assert again.returncode == 0
    said = histories(signed_in)
    assert (len(said), said[0][0]) == (1, "Hello there")
    assert "x" * 9000 in said[0]


def test_a_conversation_that_cannot_be_opened_keeps_nobody_from_talking_in_another_one(
    signed_in: Program,
) -> None:
    signed_in("send", "Hello")
    folder = next((signed_in.home / "data" / "conversations").iterdir())
    (folder / "history.json").unlink()
    (folder / "history.json").mkdir()
    description = folder / "conversation.json"
    description.write_text(json.dumps({**json.loads(description.read_text()), "headless": False}))
    os.utime(description, (2_000_000_000, 2_000_000_000))
    assert signed_in("send", "Hello again").returncode == 0
    assert signed_in("image", "A fox", "-o", str(signed_in.home / "fox.png")).returncode == 0
    for options in ([], ["--new"]):
        (signed_in.home / "data" / "last-conversation").unlink(missing_ok=True)
        arguments = [sys.executable, "-m", "animus_tui", *options]
        with TerminalProgram(arguments, {**signed_in.environment, "TERM": "xterm-256color"}) as screen:
            screen.wait_for("Write a message")
            if not options:
                screen.wait_for("could not be opened")
            screen.type("\x11")
            assert screen.wait_for_exit() == 0
    refused = signed_in("send", "Hello", "--conversation", folder.name)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "could not be opened" in refused.stderr


def test_a_message_that_the_disk_refused_to_the_last_is_exit_code_1_of_the_application(
    signed_in: Program,
) -> None:
    limited = ["/bin/sh", "-c", 'ulimit -f 4; exec "$@"', "x", sys.executable, "-m", "animus_tui"]
    environment = {**signed_in.environment, **NO_BYTECODE, "TERM": "xterm-256color"}
    with TerminalProgram(limited, environment) as screen:
        screen.wait_for("Write a message")
        screen.type("word " * 500)
        screen.wait_for("word word")
        screen.type("\r")
        screen.wait_for("not saved")
        screen.type("\x11")
        assert screen.wait_for("lost: the disk of")
        assert screen.wait_for_exit() == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give a file to somebody else")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv")
@pytest.mark.parametrize(("foreign", "writable"), [("lock", True), ("history.json", False)])
def test_what_belongs_to_somebody_else_is_not_said_to_be_open_elsewhere(
    signed_in: Program, open_home: Path, foreign: str, writable: bool
) -> None:
    signed_in = Program(open_home, signed_in.env)
    signed_in("send", "Hello")
    folder = next((signed_in.home / "data" / "conversations").iterdir())
    subprocess.run(["chown", "-R", "65534:65534", signed_in.home], check=True)
    os.chown(folder / foreign, 0, 0)
    (folder / foreign).chmod(0o600 if foreign == "lock" else 0o644)
    nobodys = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*nobodys, *arguments],
            env=signed_in.environment,
            cwd=signed_in.home,
            capture_output=True,
            text=True,
        )

    if run("-c", "import animus_tui, msgspec").returncode != 0:
        pytest.skip("that user may not read this Python or the package")
    done = run("-m", "animus_tui", "send", "Hello again", "--conversation", folder.name)
    assert "elsewhere" not in done.stderr
    assert "another window" not in done.stderr
    assert done.returncode == (0 if writable else 1)
    assert ("may not be written" in done.stderr) is not writable

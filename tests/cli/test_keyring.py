"""A key in the system's keyring: kept there by `init`, read at a start, and never for another address."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.connect_app import lists_models, says
from tests.support.program import PLANTED, Program
from tests.support.scripted_server import scripted
from tests.support.webui_server import WebUIServer

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program that finds the keyring of the tests, which is empty."""
    kept = tmp_path / "keys.toml"  # named as files are in which a test has a secret
    kept.write_text("{}")
    backend = "tests.support.file_keyring.FileKeyring"
    env = {"PYTHONPATH": str(REPOSITORY), "PYTHON_KEYRING_BACKEND": backend, "TEST_KEYRING": str(kept)}
    return Program(tmp_path, env)


async def test_a_key_is_kept_in_the_keyring_and_read_at_the_next_start(program: Program) -> None:
    kept = Path(program.env["TEST_KEYRING"])
    paths = {"models": [lists_models("big")], "chat/completions": [says("Hello.")]}
    async with scripted(**paths) as server, scripted(**paths) as other:
        answers = f"another\n{server.url}\n{PLANTED}\nkeyring\nbig\nnone\n\n\n"
        done = await asyncio.to_thread(program, "init", stdin=answers)
        assert done.returncode == 0, done.stderr
        assert json.loads(kept.read_text()) == {f"animus-chat api {server.url}": PLANTED}
        written = program.config_file.read_text()
        assert 'api_key = "keyring"' in written
        assert PLANTED not in written
        said = await asyncio.to_thread(program, "send", "Hi")
        assert (said.returncode, said.stdout) == (0, "Hello.\n"), said.stderr
        assert server.received[-1].headers["authorization"] == f"Bearer {PLANTED}"
        # Another address is another service: it gets no key.
        program.configure(written.replace(server.url, other.url))
        refused = await asyncio.to_thread(program, "send", "Hi")
        assert refused.returncode == 1
        host = other.url.removeprefix("http://")
        assert refused.stderr.startswith(f"animus-chat: The system's keyring has no key for {host}. ")
        assert other.received == []
        kept.unlink()
        program.configure(written)
        locked = await asyncio.to_thread(program, "send", "Hi")
        assert locked.returncode == 1
        assert locked.stderr.startswith(
            "animus-chat: The system's keyring cannot be read (FileNotFoundError). "
        )


async def test_a_key_for_pictures_alone_may_be_kept_there_too(program: Program) -> None:
    kept = Path(program.env["TEST_KEYRING"])
    with WebUIServer(sign_in=f"me:{PLANTED}") as pictures:
        async with scripted(models=[lists_models("big")]) as server:
            answers = (
                f"another\n{server.url}\n\nbig\nautomatic1111\n{pictures.url}\nme:{PLANTED}\nkeyring\n\n\n"
            )
            done = await asyncio.to_thread(program, "init", stdin=answers)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(kept.read_text()) == {f"animus-chat image {pictures.url}": f"me:{PLANTED}"}
    written = program.config_file.read_text()
    assert 'api_key = "keyring"' in written
    assert PLANTED not in written


def test_a_start_that_needs_no_keyring_imports_none(program: Program) -> None:
    (program.home / "keyring.py").write_text("raise SystemExit(77)")  # found first, in the current folder
    file = '[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9"\napi_key = '
    program.configure(f'{file}"sk-in-the-file"\n')
    done = program("send", "Hi")
    assert "could not be reached" in done.stderr
    program.configure(f'{file}"keyring"\n')
    assert program("send", "Hi").returncode == 77


IMPORTS = """
import sys
from animus_tui.config.key_store import is_available
sys.addaudithook(lambda event, arguments: event == "import" and print(arguments[0]))
is_available()
"""


def test_what_the_keyring_shares_with_other_threads_is_imported_whole_before_it() -> None:
    """Two threads that import a package from its two ends end with an error of Python's."""
    run = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert run.stdout.split().index("importlib.resources") < run.stdout.split().index("keyring")


def test_a_keyring_package_that_cannot_be_imported_is_none(program: Program) -> None:
    (program.home / "keyring.py").write_text("raise RuntimeError('broken')")
    done = subprocess.run(
        [sys.executable, "-c", "from animus_tui.config.key_store import is_available; print(is_available())"],
        cwd=program.home,
        env=program.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"

"""`animus-chat demo-server`: the embedded server, alone."""

from __future__ import annotations

import signal
import tomllib
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.program import Program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_when_told_to(program: Program, number: signal.Signals) -> None:
    process = program.start("demo-server")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            assert answer.status == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()


def test_what_it_prints_configures_a_client(program: Program, tmp_path: Path) -> None:
    process = program.start("demo-server")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        text = "".join(lines[lines.index("[api]\n") :])
        assert set(tomllib.loads(text)["api"]) == {"base_url", "generation_url", "api_key"}
        client = Program(tmp_path / "client")
        client.home.mkdir()
        client.configure(text)
        done = client("send", "Hello")
        assert (done.returncode, done.stderr) == (0, "")
        client.configure(text.replace("api_key =", "#").replace("# token_provider_url", "token_provider_url"))
        done = client("send", "Hello")
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        process.kill()
        process.communicate()


def test_an_address_that_is_taken_is_a_sentence(program: Program) -> None:
    process = program.start("demo-server")
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip().rpartition(":")[2]
        done = program("demo-server", "--port", port)
        assert done.returncode == 1
        assert done.stderr == (
            f"animus-chat: The demo server cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
        )
    finally:
        process.kill()
        process.communicate()


def test_an_address_of_nobody_is_a_sentence(program: Program) -> None:
    done = program("demo-server", "--host", "no.such.host.invalid")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "animus-chat: The demo server cannot listen on no.such.host.invalid port 0: "
    )


def test_the_environment_says_how_many_credits_the_account_begins_with(
    program: Program, tmp_path: Path
) -> None:
    program.env["ANIMUS_DEMO_CREDITS"] = "a lot"
    done = program("demo-server")
    told = "animus-chat: ANIMUS_DEMO_CREDITS takes a number from 0 to 1,000,000.\n"
    assert (done.returncode, done.stderr) == (2, told)
    program.env["ANIMUS_DEMO_CREDITS"] = "0.5"
    process = program.start("demo-server")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        client = Program(tmp_path / "client")
        client.home.mkdir()
        client.configure("".join(lines[lines.index("[api]\n") :]))
        done = client("image", "A boat", "--negative", "fog")
        assert done.returncode == 1
        assert "needs 1, the account has 0.5" in done.stderr
    finally:
        process.kill()
        process.communicate()

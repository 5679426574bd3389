"""The log file: private, small, without secrets."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from animus_tui.chat.events import ExchangeComplete
from animus_tui.cli.compose import service as signed_in_to
from animus_tui.cli.headless import converse
from animus_tui.cli.logs import CleanLines, LogFile, keep_secret
from animus_tui.config.schema import ApiConfig, Config
from tests.support.chat_service import TOKEN, Answer, Service, reply
from tests.support.program import PLANTED

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.session import ChatSession
    from tests.support.program import Program

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PROVIDER = f"https://me:{PLANTED}@id.example/token?key={PLANTED}"


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("animus_tui", logging.WARNING, __file__, 1, message, None, None)


def test_no_secret_and_no_escape_sequence_gets_into_a_line() -> None:
    keep_secret(ApiConfig(api_key=PLANTED, token_provider_url=PROVIDER))
    for message in (f"key {PLANTED}", f"asked {PROVIDER}", f"Authorization: Bearer {JWT}", f"got {JWT}"):
        line = CleanLines().format(record(f"{message} \x1b[2J\x9b31m"))
        assert PLANTED not in line
        assert JWT not in line
        assert "\x1b" not in line
        assert "\x9b" not in line


def test_what_only_the_address_of_the_token_provider_holds_is_a_secret_too() -> None:
    password, key = "letmein-4711", "k3y-of-the-query"
    keep_secret(ApiConfig(token_provider_url=f"https://me:{password}@id.example/token?key={key}"))
    line = CleanLines().format(record(f"asked with {password} and {key}"))
    assert line == "asked with [secret] and [secret]"


def test_a_secret_that_escape_sequences_tear_apart_is_none_the_less_one() -> None:
    keep_secret(ApiConfig(api_key=PLANTED, base_url="https://me:of-the-base@service.example/v3"))
    torn = f"{PLANTED[:6]}\x1b[0m{PLANTED[6:]} Bearer eyJ\x1b[1m{JWT[3:]} of-the\x00-base"
    assert CleanLines().format(record(torn)) == "[secret] Bearer [secret] [secret]"


async def test_a_token_that_was_fetched_is_a_secret_too(tmp_path: Path) -> None:
    async def say(session: ChatSession) -> None:
        await session.send("Hello")

    async with Service().running() as service:
        service.tokens.append(Answer({"accessToken": TOKEN}))
        service.say(reply("Hi"))
        api = ApiConfig(token_provider_url=f"{service.url}/token", base_url=f"{service.url}/v3")
        told: list[SessionEvent] = []
        with signed_in_to(Config(api=api), force_demo=False) as answering:
            await converse(answering, tmp_path, say, told.append)
    assert isinstance(told[-1], ExchangeComplete)
    assert told[-1].outcome == "complete"
    assert CleanLines().format(record(f"signed in with {TOKEN}")) == "signed in with [secret]"


def test_the_file_is_private_and_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "data" / "animus-chat.log"
    handler = LogFile(path, most=1000)
    assert not path.exists()
    for _ in range(50):
        handler.emit(record("x" * 90))
    assert sorted(file.name for file in path.parent.iterdir()) == ["animus-chat.log", "animus-chat.log.1"]
    for file in path.parent.iterdir():
        assert file.stat().st_size <= 1000
        assert file.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_warnings_go_to_the_log_and_not_to_the_terminal(program: Program) -> None:
    code = (
        "import os, logging, warnings\n"
        "from animus_tui.cli.logs import start_logging\n"
        "start_logging(os.environ)\n"
        "logging.getLogger('x').warning('a warning'); logging.getLogger('x').info('a note')\n"
        "warnings.warn('an old function')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=program.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""
    log = program.log_file.read_text()
    assert "WARNING x: a warning" in log
    assert "an old function" in log
    assert "a note" not in log


def test_what_nobody_can_catch_is_told_in_the_log_and_not_on_the_terminal(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from animus_tui.cli.logs import start_logging\n"
        "class Torn:\n"
        "    def __del__(self): raise KeyboardInterrupt\n"
        "start_logging(os.environ)\n"
        "Torn()\n"
    )
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    (log,) = tmp_path.rglob("*.log")
    assert "KeyboardInterrupt" in log.read_text("utf-8")

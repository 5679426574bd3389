"""The application's own demo server: started behind the first frame, waited for, and gone with the application."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from animus_tui.cli.compose import service
from animus_tui.config.schema import Config
from tests.support.terminal import TerminalProgram, chat_program, until, until_written

if TYPE_CHECKING:
    from tests.support.program import Program

QUIT = "\x11"
WITHOUT_PYTHON = """
import sys
sys.executable = "/nonexistent/python"
from animus_tui.cli.main import main
sys.exit(main(["--demo"]))
"""

# Notes down in which order the application writes to its terminal and starts processes.
NOTES_THE_ORDER = """
import os, sys
notes = os.open(os.environ["ORDER_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
write = os.write
def noted_write(descriptor, data):
    done = write(descriptor, data)
    write(notes, b"prompt\\n" if "\u276f".encode() in bytes(data) else b"")
    return done
os.write = noted_write
def noted_start(event, arguments):
    if event == "subprocess.Popen" and "animus_tui.demo" in arguments[1]:
        write(notes, b"demo\\n")
sys.addaudithook(noted_start)
"""


def test_the_demo_is_started_after_the_first_frame(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NOTES_THE_ORDER)
    order = tmp_path / "order"
    environment = {"PYTHONPATH": str(tmp_path), "ORDER_FILE": str(order)}
    with chat_program(tmp_path, "--demo", environment=environment) as program:
        program.wait_for("❯")
        until(program, lambda: "demo" in order.read_text())
    first, *rest = order.read_text().split()
    assert first == "prompt"
    assert rest.count("demo") == 1


def test_a_request_before_the_start_waits_and_is_answered_after_it() -> None:
    answers: list[int] = []
    with service(Config(), force_demo=True, at_once=False) as answering:
        api = answering.config.api

        def ask() -> None:
            body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
            headers = {"Authorization": f"Bearer {api.api_key}"}
            url = f"{api.base_url}/chat/completions"
            answers.append(httpx.post(url, json=body, headers=headers, timeout=100).status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
        answering.begin()
        asking.join()
    assert answers == [200]


def test_what_is_sent_at_once_is_answered(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("❯")
        program.type("!echo first of all\r")
        until(program, lambda: program.text().count("first of all") > 1)


def test_a_demo_that_cannot_be_started_is_told_in_one_sentence(program: Program) -> None:
    arguments = [sys.executable, "-c", WITHOUT_PYTHON]
    with TerminalProgram(arguments, {**program.environment, "TERM": "xterm"}, columns=150) as screen:
        assert screen.wait_for_exit() == 1
        told = screen.raw.rpartition(b"\x1b[")[2].decode()
        assert "animus-chat: The embedded demo server cannot be started: No such file or directory." in told
        assert b"Traceback" not in screen.raw


def test_a_job_that_another_service_works_at_waits_for_that_service(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("❯")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    (conversation,) = (tmp_path / "data" / "conversations").iterdir()
    job = conversation / "jobs" / "abc.json"
    job.parent.mkdir()
    job.write_text('{"image_id": "abc", "generation_id": "paid", "prompt": "a fox"}')
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("❯")
        program.type("!echo here\r")
        until(program, lambda: program.text().count("here") > 1)
        assert "a fox" not in program.text()
    assert job.exists()


def test_quitting_in_the_middle_of_a_picture_leaves_no_job_that_the_demo_cannot_keep(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[image]\nendpoint = "generation/create"\n')
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("❯")
        program.type("/image a boat at sea\r")
        until_written(program, "%")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    assert not list(tmp_path.glob("data/conversations/*/jobs/*"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_quitting_at_once_leaves_no_process(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo") as program:
        until_written(program, "\x1b[?1049h")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    assert not demos_of(tmp_path)


def demos_of(home: Path) -> list[str]:
    """Command lines of the processes that have this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:  # it has ended, or is not ours
            continue
    return found

"""The demo server as a child process: up at once, gone with its parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from animus_tui.demo.process import DemoProcess
from animus_tui.demo.server import run

pytestmark = pytest.mark.slow

USER = {"role": "user", "content": "Hello"}
PARENT = """
import sys, time
from animus_tui.demo.process import DemoProcess
demo = DemoProcess().start()
print(demo.pid, demo.base_url, demo.api_key, flush=True)
time.sleep(60)
"""


def chat(base_url: str, key: str) -> httpx.Response:
    body = {"model": "m", "messages": [USER]}
    return httpx.post(
        f"{base_url}/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=60
    )


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        # Where nobody collects orphans, an ended process stays as a zombie.
        return not (status.parent.parent.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_gone_soon(pid: int) -> bool:
    """Whether it ends by itself; it has long enough for a busy machine."""
    end = time.monotonic() + 30
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_the_address_is_known_at_once_and_the_first_request_waits_for_the_child() -> None:
    started = time.perf_counter()
    with DemoProcess() as demo:
        known = time.perf_counter() - started
        response = chat(demo.base_url, demo.api_key)
        answered = time.perf_counter() - started
        assert response.status_code == 200
        assert demo.pid is not None
        pid = demo.pid
        key = {"Authorization": f"Bearer {demo.api_key}"}
        assert httpx.get(f"{demo.url}/demo/stats", headers=key).json()["requests"] == []
        assert httpx.get(f"{demo.url}/demo/stats").status_code == 401
    print(f"known after {known * 1000:.0f} ms, first answer after {answered * 1000:.0f} ms")  # noqa: T201
    assert is_gone_soon(pid)


def test_only_the_right_key_is_accepted_and_it_is_not_in_the_arguments() -> None:
    with DemoProcess() as demo:
        assert chat(demo.base_url, "another").status_code == 401
        arguments = Path(f"/proc/{demo.pid}/cmdline")
        if arguments.exists():
            assert demo.api_key.encode() not in arguments.read_bytes()


def test_closing_is_quick_and_can_be_repeated() -> None:
    took: list[float] = []
    while min(took, default=3) >= 3 and len(took) < 3:  # a busy machine may halt any program for a while
        demo = DemoProcess().start()
        pid = demo.pid
        assert pid is not None
        chat(demo.base_url, demo.api_key)
        started = time.perf_counter()
        demo.close()
        demo.close()
        took.append(time.perf_counter() - started)
        assert not alive(pid)
    assert min(took) < 3


def test_closing_before_the_child_has_imported_leaves_nothing() -> None:
    demo = DemoProcess().start()
    pid = demo.pid
    demo.close()
    assert pid is not None
    assert is_gone_soon(pid)
    DemoProcess().close()


def test_the_child_ends_when_the_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        pid, base_url, key = parent.stdout.readline().split()
        assert chat(base_url, key).status_code == 200
        parent.kill()
        parent.wait()
        assert is_gone_soon(int(pid))
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def test_the_child_ends_when_the_parent_is_killed_while_it_still_imports() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert is_gone_soon(pid)


def test_alone_it_says_where_it_is_and_ends_on_a_signal() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(
            [sys.executable, "-m", "animus_tui.demo"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"ANIMUS_DEMO_KEY": "a-key-of-mine"},
        ) as child:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            assert chat(f"{url}/v3", "a-key-of-mine").status_code == 200
            child.send_signal(number)
            rest, errors = child.communicate(timeout=60)
        assert (child.returncode, rest, errors) == (0, "", "")


def test_another_address_than_loopback_is_warned_of() -> None:
    code = "from animus_tui.demo.server import run; run('0.0.0.0', announce=lambda line: print(line, flush=True))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert "not a loopback address" in child.stdout.readline()
        url = child.stdout.readline().strip()
        assert url.startswith("http://0.0.0.0:")
        said, _, key = child.stdout.readline().strip().partition(": ")
        assert said == "API key"
        assert chat(f"http://127.0.0.1:{url.rpartition(':')[2]}/v3", key).status_code == 200
        child.terminate()
        assert child.wait(60) == 0


def test_a_taken_port_is_one_sentence_and_exit_code_one() -> None:
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(port=port, announce=lines.append) == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"The demo server cannot listen on 127.0.0.1 port {port}: ")


def test_wrong_arguments_are_a_usage_line() -> None:
    child = subprocess.run(
        [sys.executable, "-m", "animus_tui.demo", "--nonsense"], capture_output=True, text=True, check=False
    )
    assert child.returncode == 2
    assert child.stderr.startswith("usage:")


OTHERS = """
import sys
ours = {name for name in sys.modules if name.startswith("animus_tui.")}
others = {name for name in ours if not f"{name}.".startswith(("animus_tui.demo.", "animus_tui.printable."))}
print(sorted(others | {"starlette", "uvicorn", "httpx", "numpy", "PIL"} & set(sys.modules)))
"""


def loaded_with(code: str) -> str:
    """What of the application, and which large libraries, are loaded after the code has run."""
    shown = subprocess.run([sys.executable, "-c", code + OTHERS], capture_output=True, text=True, check=True)
    return shown.stdout.strip()


def test_the_process_module_is_light() -> None:
    assert loaded_with("import animus_tui.demo.process") == "[]"


def test_the_server_loads_nothing_of_the_application_and_no_picture_library_before_a_picture() -> None:
    server = "import animus_tui.demo.server as s; sock = s.bind('127.0.0.1', 0); s.DemoServer(sock=sock); sock.close()"
    assert loaded_with(server) == "['starlette', 'uvicorn']"
    assert loaded_with("import animus_tui.demo.painter") == "['PIL', 'numpy']"

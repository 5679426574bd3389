"""What importing the client costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from animus_tui.backends.http.requests import THREADS_SHARE_SYNTAX_TREES

pytestmark = pytest.mark.slow


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that are loaded after a statement, in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_client_and_the_configuration_load_no_textual_and_no_pillow() -> None:
    loaded = loaded_by(
        "from animus_tui.config import schema as config\nfrom animus_tui.backends.animus import auth, client\n"
        "from animus_tui.backends.http import sse"
    )
    assert "httpx" in loaded
    assert not {"textual", "PIL", "term_image", "starlette", "uvicorn", "numpy"} & loaded


def test_httpx_and_jwt_are_not_loaded_before_the_first_request() -> None:
    loaded = loaded_by(
        "from animus_tui.backends.animus.client import AnimusClient\nfrom animus_tui.config.schema import ApiConfig\n"
        "AnimusClient(ApiConfig(api_key='key-key-key'))"
    )
    assert not {"httpx", "httpx_sse", "jwt", "rich"} & loaded


def test_httpx_comes_without_its_command_line_which_can_still_be_imported() -> None:
    loaded = loaded_by(
        "from animus_tui.backends.animus import auth\nfrom animus_tui.backends.http import sse"
    )
    assert {"httpx", "httpx_sse"} <= loaded
    assert not {"click", "pygments", "rich"} & loaded
    afterwards = (
        "from animus_tui.backends.http.http_library import httpx as ours\nimport httpx, httpx._main\n"
        "assert ours is httpx and httpx.URL('http://here').host == 'here'"
    )
    assert {"httpx", "click", "pygments", "rich"} <= loaded_by(afterwards)


def test_an_httpx_that_somebody_else_imported_stays_as_it_is() -> None:
    loaded = loaded_by(
        "import httpx\nbefore = httpx.main\nfrom animus_tui.backends.http.http_library import httpx as ours\n"
        "assert ours is httpx and ours.main is before"
    )
    assert "httpx_sse" in loaded


def test_an_httpx_that_needs_its_command_line_gets_it(tmp_path: Path) -> None:
    """Another version may do without the way out that httpx 0.28 has."""
    (tmp_path / "httpx").mkdir()
    (tmp_path / "httpx" / "__init__.py").write_text("from ._main import main\n")
    (tmp_path / "httpx" / "_main.py").write_text("main = 'the command line'\n")
    (tmp_path / "httpx_sse.py").touch()
    loaded_by(
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom animus_tui.backends.http.http_library import httpx\n"
        "assert httpx.main == 'the command line'"
    )


FIRST_REQUEST = """
import asyncio, sys, threading
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.config.schema import ApiConfig

on_loop = []

def note(event, arguments):
    if event == "import" and threading.current_thread() is threading.main_thread():
        on_loop.append(arguments[0].partition(".")[0])

async def main():
    nobody = "http://127.0.0.1:1"
    config = ApiConfig(api_key="key-key-key", base_url=nobody, generation_url=nobody)
    async with AnimusClient(config, retry=RetryPolicy(tries=1)) as client:
        sys.addaudithook(note)
        try:
            await client.submit(ImageRequest(prompt="a cat"))
        except BackendError as error:
            print("asked" if "could not be reached" in error.sentence else error.sentence, *on_loop)

asyncio.run(main())
"""


def test_the_first_request_imports_what_connections_need_in_a_thread() -> None:
    run = subprocess.run([sys.executable, "-c", FIRST_REQUEST], capture_output=True, text=True, check=True)
    asked, *on_loop = run.stdout.split()
    assert asked == "asked"
    assert not {"httpx", "httpcore", "ssl"} & set(on_loop)
    # It makes syntax trees of its own source, which older Pythons cannot do in two threads at once.
    assert ("anyio" in on_loop) == THREADS_SHARE_SYNTAX_TREES

"""What importing the client costs."""

from __future__ import annotations

import subprocess
import sys


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that are loaded after a statement, in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_client_and_the_configuration_load_no_textual_and_no_pillow() -> None:
    loaded = loaded_by(
        "import animus_tui.api.client, animus_tui.api.wire, animus_tui.api.sse, animus_tui.config"
    )
    assert "httpx" in loaded
    assert not {"textual", "PIL", "term_image", "starlette", "uvicorn", "numpy"} & loaded


def test_httpx_and_jwt_are_not_loaded_before_the_first_request() -> None:
    loaded = loaded_by(
        "from animus_tui.api.client import AnimusClient\nfrom animus_tui.config import ApiConfig\n"
        "AnimusClient(ApiConfig(api_key='key-key-key'))"
    )
    assert not {"httpx", "httpx_sse", "jwt", "rich"} & loaded

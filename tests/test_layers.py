"""The arrows between the parts of the program, as written in pyproject.toml and as seen at run time."""

import subprocess
import sys

import pytest


def loaded_by(module: str) -> set[str]:
    """Top-level names of everything that importing a module loads, in a process of its own."""
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "animus_tui.chat.session",
        "animus_tui.chat.storage.store",
        "animus_tui.backends.animus.client",
        "animus_tui.config",
        "animus_tui.graphics.decode",
        "animus_tui.demo.server",
    ],
)
def test_the_core_loads_no_textual(module: str) -> None:
    assert "textual" not in loaded_by(module)


def test_markdown_is_parsed_without_a_screen_and_without_a_style() -> None:
    assert not {"textual", "rich"} & loaded_by("animus_tui.markdown.growing_inline")


def test_the_configuration_loads_neither_httpx_nor_pillow() -> None:
    assert not {"httpx", "PIL", "textual", "term_image"} & loaded_by("animus_tui.config")


def test_the_screen_loads_neither_pillow_nor_the_demo_server() -> None:
    loaded = loaded_by("animus_tui.ui.app")
    assert not {"PIL", "numpy", "term_image", "starlette", "uvicorn"} & loaded

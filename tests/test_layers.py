"""The arrows between the parts of the program, as written in pyproject.toml and as seen at run time."""

import subprocess
import sys
from graphlib import TopologicalSorter

import grimp


def loaded_by(modules: str) -> set[str]:
    """Top-level names of everything that importing modules loads, in a process of its own."""
    script = f"import sys, {modules}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_core_loads_no_textual() -> None:
    """All of it in one process, so that each part is held to it."""
    modules = (
        "animus_tui.chat.session",
        "animus_tui.chat.storage.store",
        "animus_tui.backends.animus.client",
        "animus_tui.config.loading",
        "animus_tui.config.template",
        "animus_tui.graphics.decoding.decoder",
        "animus_tui.demo.server",
    )
    assert "textual" not in loaded_by(", ".join(modules))


def test_markdown_is_parsed_without_a_screen_and_without_a_style() -> None:
    assert not {"textual", "rich"} & loaded_by("animus_tui.markdown.parser")


def test_the_configuration_loads_neither_httpx_nor_pillow() -> None:
    assert not {"httpx", "PIL", "textual", "term_image"} & loaded_by("animus_tui.config.loading")


def test_the_screen_loads_neither_pillow_nor_the_demo_server() -> None:
    loaded = loaded_by("animus_tui.ui.app")
    assert not {"PIL", "numpy", "term_image", "starlette", "uvicorn"} & loaded


def test_the_conversation_loads_no_service() -> None:
    """Whatever the modules of the conversation load, when they are all loaded."""
    script = (
        "import importlib, pkgutil, sys, animus_tui.chat as chat\n"
        "for found in pkgutil.walk_packages(chat.__path__, 'animus_tui.chat.'): importlib.import_module(found.name)\n"
        "print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "animus_tui.chat.exchange" in loaded
    foreign = ("httpx", "animus_tui.backends.http", "animus_tui.backends.animus")
    assert not [name for name in loaded if name.startswith(foreign)]


def test_the_services_have_no_import_circle_also_not_for_types() -> None:
    graph = grimp.build_graph("animus_tui", cache_dir=None)
    modules = {name for name in graph.modules if name.startswith("animus_tui.backends")}
    assert len(modules) > 20
    TopologicalSorter(
        {name: graph.find_modules_directly_imported_by(name) & modules for name in modules}
    ).prepare()

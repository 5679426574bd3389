"""What importing the conversation loads."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import animus_tui.chat

MODULES = sorted(found.name for found in pkgutil.walk_packages(animus_tui.chat.__path__, "."))


def test_no_part_of_the_conversation_loads_textual_or_anything_that_draws() -> None:
    script = f"import sys, {', '.join(f'animus_tui.chat{module}' for module in ('', *MODULES))}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "animus_tui" in loaded
    assert not loaded & {"textual", "rich", "PIL", "numpy", "term_image", "starlette", "uvicorn", "httpx"}

"""The full-quality viewer draws by term-image where a known version of it is installed, else by our own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HIDDEN = 'import sys\nsys.modules["term_image"] = None\n'
"""What makes a program believe that it is not installed."""
TOLD = """
from animus_tui.graphics.full_quality.inline_images import inline_image, term_image_version
print(term_image_version(), inline_image("kitty").__module__.rpartition(".")[2])
"""


def told(before: str) -> list[str]:
    """The version of term-image that draws, and the module that does."""
    run = subprocess.run([sys.executable, "-c", before + TOLD], capture_output=True, check=True, text=True)
    return run.stdout.split()


@pytest.mark.parametrize(
    ("before", "module"), [("", "term_image_compat"), (HIDDEN, "inline_images")], ids=["there", "absent"]
)
def test_it_draws_where_it_is_installed_and_only_there(before: str, module: str) -> None:
    if not before:
        pytest.importorskip("term_image")
    assert told(before)[1] == module


def test_a_version_with_another_interface_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "term_image").mkdir()
    (tmp_path / "term_image" / "__init__.py").touch()
    (tmp_path / "term_image-0.8.0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: term-image\nVersion: 0.8.0\n"
    (tmp_path / "term_image-0.8.0.dist-info" / "METADATA").write_text(metadata)
    assert told(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n") == ["None", "inline_images"]

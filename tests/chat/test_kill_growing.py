"""Long messages that are cut while they are written: a few of what `python -m tests.support.kill_growing` does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_no_kill_and_no_write_that_is_cut_at_a_page_leaves_anything_invalid_lost_or_mixed(
    tmp_path: Path,
) -> None:
    command = ["tests.support.kill_growing", "--kills", "8", "--cuts", "25", "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    kills, cuts = done.stdout.splitlines()
    nothing = "0 invalid, 0 lost, 0 mixed, 0 recovered, 0 leftovers"
    assert (kills.startswith("kill: 8 writers ended"), kills.endswith(nothing)) == (True, True), kills
    assert (cuts.startswith("cut: 25 writers ended"), cuts.endswith(nothing)) == (True, True), cuts
    assert (done.stderr, done.returncode) == ("", 0)

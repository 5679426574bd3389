"""Folders that go with their process, and after a kill with the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from animus_tui.locked_folders import LockedFolder, remove_abandoned

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "of-a-test-"
OWNER = """
import subprocess, sys
from pathlib import Path
from animus_tui.locked_folders import LockedFolder
folder = LockedFolder(Path(sys.argv[1]), sys.argv[2])
(folder.path / "text").write_text("private")
heir = subprocess.Popen(["sleep", "1000"], pass_fds=[folder.lock], stdout=subprocess.DEVNULL)
print(heir.pid, flush=True)
input()
"""


def test_a_folder_stays_while_its_process_or_the_heir_of_its_lock_lives_and_then_goes(tmp_path: Path) -> None:
    mine = tmp_path / f"{PREFIX}mine"
    mine.mkdir()  # of somebody else, without a lock
    with LockedFolder(tmp_path, PREFIX) as own:
        command = [sys.executable, "-c", OWNER, str(tmp_path), PREFIX]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
            assert owner.stdout is not None
            heir = int(owner.stdout.readline())
            (left,) = set(tmp_path.iterdir()) - {own.path, mine}
            assert left.stat().st_mode & 0o777 == 0o700
            remove_abandoned(tmp_path, PREFIX)
            assert (left / "text").read_text() == "private"
            owner.kill()
        remove_abandoned(tmp_path, PREFIX)
        assert (left / "text").exists(), "an editor that outlives the application has it still"
        end(heir)
        while left.exists():  # the heir is nobody's child any more, so its end cannot be waited for
            remove_abandoned(tmp_path, PREFIX)
        assert own.path.exists()
    assert list(tmp_path.iterdir()) == [mine]


def end(process: int) -> None:
    """End a process by its id."""
    subprocess.run(["kill", f"-{signal.SIGKILL:d}", str(process)], check=True)

"""The tests. What is set here holds before anything else of them is imported."""

import os
import sys
import tempfile
from pathlib import Path

# Where no byte code is to be written beside the source, each program of each test would compile all of it again, which
# takes 0.8 s, and each worker of pytest would rewrite each test again.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault(
        "PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    )

ROOM = 2 << 30
"""Bytes; a run of all tests keeps less."""


def _is_usable(folder: Path) -> bool:
    """Whether files fit there and programs can be started from there."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    is_free = found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC
    return is_free and os.access(folder, os.W_OK) and _tells_changes_apart(folder)


def _tells_changes_apart(folder: Path) -> bool:
    """Whether a file that is changed at once has another time: older systems count in steps of some milliseconds."""
    with tempfile.TemporaryFile(dir=folder) as file:
        times = set()
        for _ in range(4):
            os.pwrite(file.fileno(), b"x", 0)
            times.add(os.fstat(file.fileno()).st_mtime_ns)
    return len(times) == 4


# In memory, as the product waits for the disk at each message: that would be a third of the time of many tests.
IN_MEMORY = Path("/dev/shm")
if sys.platform == "linux" and "TMPDIR" not in os.environ and _is_usable(IN_MEMORY):
    tempfile.tempdir = os.environ["TMPDIR"] = str(IN_MEMORY)

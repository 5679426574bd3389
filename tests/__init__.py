"""The tests. What is set here holds before anything else of them is imported."""

import os
import sys
from pathlib import Path

# Where no byte code is to be written beside the source, each program of each test would compile all of it again, which
# takes 0.8 s, and each worker of pytest would rewrite each test again.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault(
        "PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    )

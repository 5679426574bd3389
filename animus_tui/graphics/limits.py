"""What a process may use that opens pictures nobody vouches for: one of its own, never the application itself."""

from __future__ import annotations

import contextlib
import resource
import warnings

from PIL import Image

from animus_tui.graphics import pixels

MOST_MEMORY = 1 << 30
"""Bytes of address space. Of 40 megapixels a transparent WebP takes 0.87 GiB, the most (Pillow 10.4)."""
CPU_SECONDS = 20
"""For one picture."""


def confine() -> None:
    """No more memory than a picture needs, no file written, no core dump; bombs are errors. There is no way back."""
    for limit, value in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit on address space; the limit in time still holds there.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    pixels.prepare()


def allow_cpu_time() -> None:
    """From now on the process may compute for CPU_SECONDS; beyond that the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
    resource.setrlimit(
        resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard)
    )

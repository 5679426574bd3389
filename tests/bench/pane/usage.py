"""What a process and its children use, as the kernel counts it (Linux)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


class Memory(NamedTuple):
    """Megabytes: resident, resident with shared pages divided among those who share them, and its own."""

    rss: float
    pss: float
    private: float


def memory(pid: int) -> Memory:
    """Memory of the process and its children now."""
    sums = dict.fromkeys(("Rss", "Pss", "Private_Clean", "Private_Dirty"), 0)
    for process in _family(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            name, value, *_ = line.replace(":", "").split()
            if name in sums:
                sums[name] += int(value) * 1024
    private = sums["Private_Clean"] + sums["Private_Dirty"]
    return Memory(sums["Rss"] / MEGABYTE, sums["Pss"] / MEGABYTE, private / MEGABYTE)


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and its children, user and system, so far."""
    return sum(_cpu(process) for process in _family(pid))


def _cpu(pid: int) -> float:
    # The scheduler's own count is in nanoseconds; the one in `stat` is in hundredths of a second.
    try:
        tasks = [task.read_text().split() for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        tasks = []
    fine = sum(int(task[0]) for task in tasks) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    coarse = (int(fields[11]) + int(fields[12])) / TICKS
    # Threads that have ended are only in `stat`; where `schedstat` is off it counts nothing.
    return fine if abs(fine - coarse) < 0.03 else coarse


def _family(pid: int) -> list[int]:
    family = [pid]
    for process in family:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            family += [int(child) for child in children.read_text().split()]
    return family

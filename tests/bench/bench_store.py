"""What a long history costs: `python tests/bench/bench_store.py [FOLDER]` prints times and ratios, 10 messages = 1.

The folder should be on the disk that is of interest; the default is the one for temporary files.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.store import ConversationStore

SIZES = (10, 10_000)
ROUNDS = 300
TEXT = "A few words that somebody might say in a chat, not too many of them. " * 3


def median_ms(action: Callable[[], object], rounds: int) -> float:
    """The median time of one call, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def measure(store: ConversationStore, size: int) -> dict[str, float]:
    """Times in ms, memory in MB, for a conversation of `size` messages."""
    name = f"c{size}"
    entries = [ChatMessage(role="user", content=TEXT) for _ in range(size)]
    stored = store.import_history(msgspec.json.encode(entries), Conversation(id=name))
    stored.put(stored.messages[0])  # the import is one line until it is changed
    messages = [ChatMessage(role="user", content=TEXT) for _ in range(ROUNDS)]
    results: dict[str, float] = {}
    waiting = iter(messages)
    results["append (ms)"] = median_ms(lambda: stored.put(next(waiting)), ROUNDS)
    results["replace last (ms)"] = median_ms(lambda: stored.put(messages[-1]), ROUNDS)
    results["edit first (ms)"] = median_ms(lambda: stored.put(stored.messages[0]), 10)
    stored.close()
    results["open (ms)"] = median_ms(lambda: store.open(name).close(), 10)
    tracemalloc.start()
    opened = store.open(name)
    results["memory (MB)"] = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    opened.close()
    return results


def main() -> None:
    """Measure both sizes and print them side by side."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        few, many = (measure(ConversationStore(Path(folder)), size) for size in SIZES)
    sys.stdout.write(f"{'':20}{SIZES[0]:>12,}{SIZES[1]:>12,}{'ratio':>10}\n")
    for what, value in few.items():
        sys.stdout.write(f"{what:20}{value:12.3f}{many[what]:12.3f}{many[what] / value:10.2f}\n")


if __name__ == "__main__":
    main()

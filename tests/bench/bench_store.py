"""What a long history costs: `python -m tests.bench.bench_store [FOLDER]` prints times and ratios, 10 messages = 1.

The folder should be on the disk that is of interest; the default is the one for temporary files.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec

from animus_tui.chat.history_window import history_window
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore

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
    messages = [ChatMessage(role="user", content=TEXT) for _ in range(ROUNDS)]
    results: dict[str, float] = {}
    waiting = iter(messages)
    results["append (ms)"] = median_ms(lambda: stored.put(next(waiting)), ROUNDS)
    results["replace last (ms)"] = median_ms(lambda: stored.put(messages[-1]), ROUNDS)
    results["edit first (ms)"] = median_ms(lambda: stored.put(stored.messages[0]), 10)
    stored.close()
    results["open (ms)"] = median_ms(lambda: store.open(name).close(), 20)
    tracemalloc.start()
    opened = store.open(name)
    kept, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    results["memory of open (MB)"] = kept / 1e6
    results["highest meanwhile (MB)"] = highest / 1e6
    results |= reading(opened)
    opened.close()
    return results


def reading(opened: StoredConversation) -> dict[str, float]:
    """What others do with the messages of a conversation that was just opened."""
    messages, rng = opened.messages, random.Random(1)
    return {
        "newest 200 texts (ms)": median_ms(lambda: messages.said(200), 10),
        "window of 30 (ms)": median_ms(lambda: history_window(messages, 30), 10),
        "any one (ms)": median_ms(lambda: messages[rng.randrange(len(messages))], ROUNDS),
        "unknown id (ms)": median_ms(lambda: messages.place("unknown"), ROUNDS),
        "iterator (ms)": median_ms(lambda: iter(messages), 10),
        "all of them (ms)": median_ms(lambda: list(messages), 5),
    }


def main() -> None:
    """Measure both sizes and print them side by side."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        few, many = (measure(ConversationStore(Path(folder)), size) for size in SIZES)
    sys.stdout.write(f"{'':24}{SIZES[0]:>12,}{SIZES[1]:>12,}{'ratio':>10}\n")
    for what, value in few.items():
        sys.stdout.write(f"{what:24}{value:12.3f}{many[what]:12.3f}{many[what] / value:10.2f}\n")


if __name__ == "__main__":
    main()

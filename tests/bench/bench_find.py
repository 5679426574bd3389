"""What finding costs in 10,000 messages: `python tests/bench/bench_find.py` prints times, and ratios against one `in`.

The reference is `needle in text` for each of the same texts, for a word that none of them holds.
"""

from __future__ import annotations

import random
import statistics
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from animus_tui.ui.finding import Hits, Search

MESSAGES = 10_000
LENGTH = 400
ROUNDS = 7
BAR_MS = 100
"""For any needle."""
ABSENT = "xylophone"
NEEDLES = ("e", "th", "the", "the sea", "a golden sunset over", " ", "qu", "zebra", ABSENT)
SENTENCE = "the sea a golden sunset over calm water and then you said like quiet music in other rooms"
MARKED = ("**{}**", "`{}`", "[{}](https://example.com/a_b)", "_{}_", "\n\n- {}", "\n\n> {}", "\n\n## {}\n\n")


def conversation(rng: random.Random) -> list[tuple[str, str]]:
    """Every third message has marks; one in a thousand a zebra."""
    texts, vocabulary = [], SENTENCE.split()
    for number in range(MESSAGES):
        words = ["zebra" if number % 1000 == 7 else "Well,"]
        length = 0
        while length < LENGTH:
            word = rng.choice(vocabulary)
            if number % 3 == 0 and rng.random() < 0.08:
                word = rng.choice(MARKED).format(word)
            words.append(word)
            length += len(word) + 1
        texts.append((str(number), " ".join(words)))
    return texts


def milliseconds(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of one call."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def longest_wait(texts: list[tuple[str, str]]) -> float:
    """How late, in ms at most, another thread gets its turn while a thread makes the texts ready."""
    worker = threading.Thread(target=Search, args=(texts,))
    worker.start()
    longest = 0.0
    while worker.is_alive():
        start = time.perf_counter()
        time.sleep(0.001)
        longest = max(longest, time.perf_counter() - start - 0.001)
    worker.join()
    return longest * 1000


def main() -> int:
    """Print the table; 1 when a search is above the bar."""
    texts = conversation(random.Random(1))
    search = Search(texts)
    reference = milliseconds(lambda: [ABSENT in text for _, text in texts])
    worst = 0.0

    def row(what: str, value: float, note: str = "") -> None:
        sys.stdout.write(f"{what:36}{value:9.2f} ms{value / reference:9.1f} ×  {note}\n")

    def find(needle: str) -> Hits:
        search.replace("0", texts[0][1])  # forgets the last search
        return search.hits(needle)

    row("reference: one `in` for each text", reference, f"{MESSAGES:,} × {LENGTH} characters")
    row("make ready, in a thread", milliseconds(lambda: Search(texts), 3))
    sys.stdout.write(f"{'longest wait of another thread':36}{longest_wait(texts):9.2f} ms\n")
    for needle in NEEDLES:
        elapsed = milliseconds(partial(find, needle))
        worst = max(worst, elapsed)
        row(f"find {needle!r}", elapsed, f"{len(find(needle)):,} hits")
    find("a golden")
    row("  one letter more: 'a golden s'", milliseconds(lambda: search.hits("a golden s")))
    hits = find("e")
    row("  the hit in the middle", milliseconds(lambda: hits[len(hits) // 2]))
    tracemalloc.start()
    kept = Search(texts)
    size = tracemalloc.get_traced_memory()[0] / 1e6
    sys.stdout.write(f"memory of {len(kept):,} texts made ready: {size:.1f} MB\n")
    sys.stdout.write(f"worst search {worst:.1f} ms (bar {BAR_MS})\n")
    return int(worst > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())

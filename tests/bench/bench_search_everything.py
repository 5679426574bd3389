"""How long it takes to search all conversations, and how long the event loop waits meanwhile.

`python -m tests.bench.bench_search_everything [CONVERSATIONS [MESSAGES]]` writes so many and a tenth of them into a
temporary folder, and prints a table: the time to the first and the last message that is found, by a search that has
read nothing yet and by the next one, with the files in the page cache, and the processor's time of each. The best of
some rounds counts: what else the machine does only adds. The exit code is 1 when a time is above its bar.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from animus_tui.chat.search_everything import EverythingSearch
from tests.support.many_conversations import RARE, write_conversations

CONVERSATIONS, MESSAGES = 5_000, 100_000
ROUNDS = 5
TENTH = 10
WORDS = {
    "common": "remember",
    "common, two": "lighthouse music",
    "rare": RARE,
    "absent": "zyzzyva",
    "in every line": "assistant",
    "no letter of ASCII": "ключ",
}
"""What is searched for; the fifth stands in the file beside each message, but in none."""
BAR = 0.3
"""Seconds to the last message for common, rare and absent words, by a search that has read nothing yet."""
BARRED = ("common", "rare", "absent")
TICK = 0.001


class Times(NamedTuple):
    """Of one search, in seconds."""

    first: float
    last: float
    processor: float
    """Of the thread that searches: nearly the same however busy the machine is."""
    found: int


def search(everything: EverythingSearch, words: str) -> Times:
    """Search once."""
    start, used, first, count = time.perf_counter(), time.thread_time(), 0.0, 0
    for batch in everything.found(words):
        first = first or time.perf_counter() - start
        count += len(batch)
    return Times(first, time.perf_counter() - start, time.thread_time() - used, count)


def best(data: Path, words: str) -> tuple[Times, Times]:
    """The fastest first and next search."""
    first, following = [], []
    for _ in range(ROUNDS):
        everything = EverythingSearch(data)
        first.append(search(everything, words))
        following.append(search(everything, words))
    return _least(first), _least(following)


def _least(rounds: list[Times]) -> Times:
    """The least of each."""
    firsts, lasts, processor, found = zip(*rounds, strict=True)
    return Times(min(firsts), min(lasts), min(processor), found[0])


async def longest_wait(data: Path, words: str) -> float:
    """Seconds that the event loop was late at most while a thread searched for the first time."""
    everything, latest = EverythingSearch(data), 0.0
    searching = asyncio.create_task(asyncio.to_thread(search, everything, words))
    while not searching.done():
        before = time.perf_counter()
        await asyncio.sleep(TICK)
        latest = max(latest, time.perf_counter() - before - TICK)
    return latest


def main() -> int:
    """Print the table; 1 when a time is above its bar."""
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS
    messages = int(sys.argv[2]) if len(sys.argv) > 2 else conversations * MESSAGES // CONVERSATIONS
    with tempfile.TemporaryDirectory() as folder:
        many, few = Path(folder, "many"), Path(folder, "few")
        write_conversations(many, conversations, messages)
        write_conversations(few, conversations // TENTH, messages // TENTH)
        sys.stdout.write(
            f"{messages:,} messages in {conversations:,} conversations; first … last (processor), in ms\n"
        )
        sys.stdout.write(f"{'':20}{'first search':>22}{'next search':>22}{'found':>8}{'to a tenth':>12}\n")
        is_above = False
        for name, words in WORDS.items():
            cold, warm = best(many, words)
            reference, _ = best(few, words)
            is_above |= name in BARRED and cold.last > BAR
            ratio = cold.processor / reference.processor
            sys.stdout.write(f"{name:20}{_told(cold):>22}{_told(warm):>22}{cold.found:8}{ratio:11.1f}×\n")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        late = min(asyncio.run(longest_wait(many, WORDS["absent"])) for _ in range(ROUNDS))
        sys.stdout.write(f"the event loop was late by {late * 1000:.0f} ms at most\n")
        sys.stdout.write(f"memory at its peak: {before // 1024} MB\n")
    return int(is_above)


def _told(times: Times) -> str:
    return f"{times.first * 1000:.0f} … {times.last * 1000:.0f} ({times.processor * 1000:.0f})"


if __name__ == "__main__":
    sys.exit(main())

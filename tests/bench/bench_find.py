"""What finding costs in 10,000 messages: `python -m tests.bench.bench_find [MESSAGES]` prints a table.

Times are those of the processor. The history is a file, and its bytes are searched (`HistorySearch`). What is compared
in the same run is a search in which all texts were decoded and made ready (`DecodedTexts`), and one `in` for each text.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.search import HistorySearch
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.history_format import encode, layout
from animus_tui.chat.storage.store import ConversationStore
from tests.support.searched_texts import DecodedTexts

LENGTH = 400
ROUNDS = 7
ABSENT = "xylophone"
NEEDLES = ("e", "th", "the", "the sea", "a golden sunset over", " ", "qu", "zebra", ABSENT)
SENTENCE = "the sea a golden sunset over calm water and then you said like quiet music in other rooms"
MARKED = ("**{}**", "`{}`", "[{}](https://example.com/a_b)", "_{}_", "\n\n- {}", "\n\n> {}", "\n\n## {}\n\n")


def conversation(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Every third message has marks; one in a thousand a zebra."""
    texts, vocabulary = [], SENTENCE.split()
    for number in range(count):
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
    """The median processor time of one call."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1000


def longest_wait(action: Callable[[], object]) -> float:
    """How late, in ms at most, another thread gets its turn while a thread does something."""
    worker = threading.Thread(target=action)
    worker.start()
    longest = 0.0
    while worker.is_alive():
        start = time.perf_counter()
        time.sleep(0.001)
        longest = max(longest, time.perf_counter() - start - 0.001)
    worker.join()
    return longest * 1000


def stored(folder: Path, texts: list[tuple[str, str]]) -> StoredConversation:
    """The texts as the history of a conversation, user and character in turn."""
    store = ConversationStore(folder)
    made = store.create(Conversation(id="c"))
    said = (
        ChatMessage(id=f"{int(key):032x}", role=("assistant", "user")[int(key) % 2], content=text)
        for key, text in texts
    )
    (made.folder / "history.json").write_bytes(layout([encode(message).line for message in said]))
    made.close()
    return store.open("c")


def held(make: Callable[[], object]) -> float:
    """Megabytes that are held after something was made, as long as it is there."""
    tracemalloc.start()
    kept = make()
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del kept
    return size


def searched(conversation: StoredConversation) -> HistorySearch:
    """A search through the bytes, after some words."""
    search = HistorySearch(conversation.messages)
    for needle in NEEDLES:
        search.hits(needle)
    return search


def main(count: int) -> None:
    """Print the table."""
    texts = conversation(random.Random(1), count)
    reference = milliseconds(lambda: [ABSENT in text for _, text in texts])

    def row(what: str, value: float, note: str = "") -> None:
        sys.stdout.write(f"{what:40}{value:9.1f} ms{value / reference:9.1f} ×  {note}\n")

    with tempfile.TemporaryDirectory() as name:
        kept = stored(Path(name), texts)
        row("reference: one `in` for each text", reference, f"{count:,} × {LENGTH} characters")
        row("decoded: make ready", milliseconds(lambda: DecodedTexts(kept.messages), 1))
        row("bytes: make ready", milliseconds(lambda: HistorySearch(kept.messages), 1))
        decoded = DecodedTexts(kept.messages)
        for needle in NEEDLES:
            anew = milliseconds(partial(HistorySearch(kept.messages).hits, needle), 1)
            before = milliseconds(partial(decoded.hits, needle), 1)
            row(
                f"bytes: find {needle!r}",
                anew,
                f"decoded: {before:.1f} ms, {len(decoded.hits(needle)):,} hits",
            )
        search = HistorySearch(kept.messages)
        search.hits("a golden")
        row("  one letter more: 'a golden s'", milliseconds(partial(search.hits, "a golden s"), 1))
        hits = search.hits("e")
        row("  the hit in the middle", milliseconds(partial(hits.__getitem__, len(hits) // 2), 1))
        row("longest wait of another thread", longest_wait(partial(HistorySearch(kept.messages).hits, "e")))
        del decoded, search, hits
        sys.stdout.write(f"memory, decoded: {held(lambda: DecodedTexts(kept.messages)):.1f} MB\n")
        sys.stdout.write(f"memory, bytes: {held(lambda: searched(kept)):.1f} MB\n")
        kept.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

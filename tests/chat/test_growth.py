"""What a long history costs, counted in calls and bytes and not in time: the same as a short one."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.chat.events import EventBus
from animus_tui.chat.history_window import history_window
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.chat.storage.history import History
from animus_tui.chat.storage.history_lines import Lines
from animus_tui.chat.storage.store import ConversationStore
from tests.support.stored_history import history, import_history

pytestmark = pytest.mark.slow

SHORT, LONG = 10, 10_000
TEXT = "A few words that somebody might say. " * 5


def said(number: int) -> ChatMessage:
    """A message whose line is as long as that of any other."""
    return ChatMessage(id=f"{number:032}", role="user", content=TEXT)


def conversation_of(store: ConversationStore, size: int) -> StoredConversation:
    entries = msgspec.json.encode([said(number) for number in range(size)])
    stored = import_history(store, entries, Conversation(id=f"c{size}"))
    stored.put(stored.messages[-1])  # what was imported is laid out anew by the first write
    return stored


def calls_of(action: Callable[[], object]) -> list[str]:
    """Every function that runs, of ours and of the operating system, in order.

    The garbage collector waits meanwhile: what it calls back comes whenever it likes.
    """
    names: list[str] = []

    def note(frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            names.append(frame.f_code.co_qualname)
        elif event == "c_call":
            names.append(function.__name__)

    gc.disable()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
        gc.enable()
    return names


def traffic_of(action: Callable[[], object]) -> tuple[int, int]:
    """Bytes that this thread reads and writes meanwhile, as the kernel counts them; others serve the test run."""

    def counted() -> list[int]:
        lines = Path("/proc/thread-self/io").read_text().splitlines()[:2]
        return [int(line.partition(":")[2]) for line in lines]

    overhead, before = counted(), counted()
    action()
    after = counted()
    read_by_counting = before[0] - overhead[0]
    return after[0] - before[0] - read_by_counting, after[1] - before[1]


@pytest.fixture
def both(store: ConversationStore) -> Iterator[list[StoredConversation]]:
    opened = [conversation_of(store, size) for size in (SHORT, LONG)]
    yield opened
    for stored in opened:
        stored.close()


def changes(stored: StoredConversation) -> dict[str, Callable[[], object]]:
    last = stored.messages[-1]
    return {
        "append": lambda: stored.put(said(LONG + 1)),
        "replace with more": lambda: stored.put(replace(last, content=TEXT * 2)),
        "replace with less": lambda: stored.put(replace(last, content="less")),
    }


@pytest.mark.parametrize("change", ["append", "replace with more", "replace with less"])
def test_appending_and_replacing_the_last_message_do_the_same_in_10_000_messages_as_in_10(
    both: list[StoredConversation], change: str
) -> None:
    short, long = (calls_of(changes(stored)[change]) for stored in both)
    assert "pwrite" in short
    assert "fsync" in short
    assert "write_atomically" not in short
    assert long == short


@pytest.mark.skipif(
    not Path("/proc/thread-self/io").exists(), reason="only Linux counts the bytes of a thread"
)
@pytest.mark.parametrize("change", ["append", "replace with more", "replace with less"])
def test_appending_and_replacing_the_last_message_move_no_more_bytes_in_10_000_messages_than_in_10(
    both: list[StoredConversation], change: str
) -> None:
    (short_read, short_written), (long_read, long_written) = (
        traffic_of(changes(stored)[change]) for stored in both
    )
    room = 64  # digits in the kernel's own report
    assert 0 < short_written < 4 * len(TEXT)
    assert abs(long_written - short_written) <= room
    assert abs(long_read - short_read) <= room
    assert history(both[1]).stat().st_size > LONG * len(TEXT)


@pytest.mark.skipif(
    not Path("/proc/thread-self/io").exists(), reason="only Linux counts the bytes of a thread"
)
def test_long_messages_move_no_more_bytes_in_10_000_messages_than_in_10_once_there_is_a_second_copy(
    both: list[StoredConversation],
) -> None:
    text = TEXT * 100

    def grow(stored: StoredConversation) -> None:
        for number in range(3):
            message = replace(said(LONG + 2 + number), content=text)
            stored.put(message)
            stored.put(replace(message, content=text + TEXT))

    for stored in both:
        stored.put(replace(said(LONG + 1), content=text))
    (short_read, short_written), (long_read, long_written) = (
        traffic_of(partial(grow, stored)) for stored in both
    )
    assert 6 * len(text) < short_written < 15 * len(text)
    assert abs(long_written - short_written) <= 64
    assert abs(long_read - short_read) <= 64


@pytest.mark.skipif(
    not Path("/proc/thread-self/io").exists(), reason="only Linux counts the bytes of a thread"
)
async def test_the_first_long_message_of_a_long_history_is_made_ready_for_in_another_thread(
    both: list[StoredConversation],
) -> None:
    text = TEXT * 100
    stored = both[1]
    assert history(stored).stat().st_size > 20 * len(text)
    await ConversationWriter(stored, EventBus()).get_ready()
    read, written = traffic_of(lambda: stored.put(replace(said(LONG + 1), content=text)))
    assert len(text) < written < 3 * len(text)
    assert read < 3 * len(text)
    before, last = list(stored.messages), stored.messages[-1]
    assert last.content == text
    stored.close()
    assert [path.name for path in stored.folder.glob(".*")] == []
    assert list(ConversationStore(stored.folder.parents[1]).open(stored.folder.name).messages) == before


def test_a_new_message_is_not_looked_for_among_all_others() -> None:
    """100,000 messages and not 10,000, so that a search through all of them takes a hundred times as long."""

    def median_of_new_ones(size: int) -> float:
        lines = [msgspec.json.encode(said(number)) for number in range(size)]
        messages = History(Lines(lines), [lines], "")
        times = []
        for number in range(201):
            message = said(size + number)
            start = time.perf_counter()
            messages.put(message)
            times.append(time.perf_counter() - start)
        assert messages.place(said(size + 200).id) == size + 200
        return statistics.median(times)

    assert median_of_new_ones(100_000) < 8 * median_of_new_ones(SHORT)


class Watched(list[ChatMessage]):
    """Counts how many messages are looked at from the end."""

    looked_at = 0

    def __reversed__(self) -> Iterator[ChatMessage]:
        for message in super().__reversed__():
            self.looked_at += 1
            yield message


def test_the_window_looks_at_the_end_of_a_long_history_only() -> None:
    messages = Watched(said(number) for number in range(LONG))
    assert len(history_window(messages, 30)) == 30
    assert messages.looked_at <= 31


def test_opening_does_the_same_few_things_for_each_of_10_000_messages(store: ConversationStore) -> None:
    calls = []
    for size in (SHORT, LONG):
        conversation_of(store, size).close()
        opened: list[StoredConversation] = []
        calls.append(
            len(calls_of(partial(lambda name, into: into.append(store.open(name)), f"c{size}", opened)))
        )
        assert len(opened[0].messages) == size
        opened[0].close()
    assert calls[1] - calls[0] < 15 * (LONG - SHORT)

"""Versions of a long history are switched by another thread; what is written meanwhile is not lost and not mixed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from animus_tui.chat.events import EventBus, HistorySaved, HistoryUnsaved
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.branches import with_new, with_shown
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.chat.storage.history_format import encode
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError
from tests.support.stored_history import files_no_longer_than, history, on_disk, say, write_messages
from tests.support.talk import StartTalk

pytestmark = pytest.mark.slow

MANY, PLACE = 4000, 1000
Change = Callable[[Sequence[bytes]], Sequence[bytes]]
WORDS = "A few words that somebody might say. " * 30


def write_long_history(store: ConversationStore) -> str:
    """Questions and replies; returns the id."""
    entries = [
        ChatMessage(
            id=f"{number:032}", role="assistant" if number % 2 else "user", content="Some words. " * 20
        )
        for number in range(MANY)
    ]
    return write_messages(store, entries)


@pytest.fixture
def long(store: ConversationStore) -> Iterator[StoredConversation]:
    stored = store.open(write_long_history(store))
    yield stored
    stored.close()


def ids(stored: StoredConversation) -> list[str]:
    """Of the messages, after a look whether the file has the same ones in the same order."""
    found = [message.id for message in stored.messages]
    assert found == [entry["id"] for entry in on_disk(stored)]
    return found


def version(text: str, name: str = "new") -> Change:
    new = encode(ChatMessage(id=name, role="assistant", content=text)).line
    return lambda lines: with_new(lines, [new])


def shown(index: int) -> Change:
    return lambda lines: with_shown(lines, index)


def file_count(stored: StoredConversation) -> int:
    return len(list(stored.folder.glob(".*")))


@pytest.mark.skipif(
    not Path("/proc/thread-self/io").exists(), reason="only Linux counts the bytes of a thread"
)
async def test_switching_versions_moves_next_to_nothing_in_the_thread_of_the_event_loop(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    def moved() -> int:
        lines = Path("/proc/thread-self/io").read_text().splitlines()[:2]
        return sum(int(line.partition(":")[2]) for line in lines)

    name = write_long_history(ConversationStore(tmp_path))
    async with start_talk() as talk:
        await talk.session.open(name)
        messages, revisions = talk.session.conversation.messages, talk.session.revisions
        assert history(talk.session.conversation).stat().st_size > 400_000
        replied = messages[1].id
        before = moved()
        await revisions.correct(replied, "other words")
        await revisions.show_branch(messages[1].id, 0)
        await revisions.show_branch(messages[1].id, 1)
        await revisions.delete(messages[4].id)
        await revisions.restore_deleted()
        assert moved() - before < 30_000
        messages = talk.session.conversation.messages
        assert (len(messages), messages[1].content) == (MANY, "other words")
        assert [entry["id"] for entry in talk.on_disk()] == [message.id for message in messages]
        assert file_count(talk.session.conversation) == 0


async def test_what_is_written_meanwhile_is_on_the_disk_at_once_and_stays_in_order(
    writer: ConversationWriter,
) -> None:
    stored = writer.stored
    before, said = ids(stored), [f"said {number}" for number in range(6)]
    changing = asyncio.ensure_future(writer.replace_from(stored.messages[PLACE].id, version("other")))
    for number, name in enumerate(said):
        await asyncio.sleep(0.001)
        writer.put(say(WORDS * (number % 2), name))
        assert on_disk(stored)[-1]["id"] == name
    await changing
    late = ids(stored)[PLACE + 1 :]  # what was said after the change belongs to the new version
    assert ids(stored)[: PLACE + 1] == [*before[:PLACE], "new"]
    await writer.replace_from("new", shown(0))
    assert ids(stored)[:MANY] == before
    assert ids(stored)[MANY:] + late == said
    assert file_count(stored) == 0


async def test_any_changes_at_once_end_as_a_program_that_reads_the_file_sees_them(
    writer: ConversationWriter, store: ConversationStore
) -> None:
    rng, stored, count = random.Random(5), writer.stored, 0
    running: list[asyncio.Future[None]] = []
    names = {message.id for message in stored.messages}
    for number in range(60):
        what, messages = rng.random(), stored.messages
        first = messages[rng.randrange(len(messages))].id
        if what < 0.3:
            running.append(asyncio.ensure_future(writer.replace_behind(first, appended(f"end {number}"))))
            names.add(f"end {number}")
        elif what < 0.6:
            running.append(asyncio.ensure_future(writer.put_anywhere(say(f"text {number}", first))))
        else:
            writer.put(say(f"new {number} " + WORDS * rng.choice((0, 1, 40)), f"new {number}"))
            names.add(f"new {number}")
            count += 1
        await asyncio.sleep(rng.choice((0, 0.002, 0.02)))
        ids(stored)
    await asyncio.gather(*running)
    assert (set(ids(stored)), stored.unsaved) == (names, [])
    news = [name for name in ids(stored) if name.startswith("new ")]
    assert (len(news), news) == (count, sorted(news, key=lambda name: int(name.split()[1])))
    known = list(stored.messages)
    stored.close()
    assert file_count(stored) == 0  # until then the second copy may be kept for the next long message
    assert list(store.open(stored.folder.name).messages) == known


def appended(name: str) -> Change:
    """Puts a message before all that is replaced."""
    return lambda lines: [encode(say("in between", name)).line, *lines]


async def test_whoever_stops_waiting_and_whoever_closes_meanwhile_leaves_a_whole_file(
    writer: ConversationWriter, store: ConversationStore
) -> None:
    stored = writer.stored
    place, before = stored.messages[PLACE].id, ids(stored)
    changing = asyncio.ensure_future(writer.replace_from(place, version("other")))
    await asyncio.sleep(0)
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    assert ids(stored) == [*before[:PLACE], "new"]
    changing = asyncio.ensure_future(writer.replace_from("new", shown(0)))
    await asyncio.sleep(0)
    stored.close()
    with pytest.raises(StoreError):
        await changing
    assert file_count(stored) == 0
    again = store.open(stored.folder.name)
    assert (ids(again), again.recovered) == ([*before[:PLACE], "new"], None)
    again.close()


async def test_a_disk_that_refuses_is_told_and_the_next_write_saves_the_change(
    writer: ConversationWriter, bus: EventBus
) -> None:
    stored = writer.stored
    data, place = history(stored).read_bytes(), stored.messages[PLACE].id
    with bus.subscribe() as told:
        with files_no_longer_than(1000):
            await writer.replace_from(place, version("other"))
        (refused,) = told.pending()
        assert isinstance(refused, HistoryUnsaved)
        assert (refused.message_ids, history(stored).read_bytes() == data) == (["new"], True)
        writer.put(say("later", "later"))
        assert [type(event) for event in told.pending()] == [HistorySaved]
    assert ids(stored)[PLACE:] == ["new", "later"]

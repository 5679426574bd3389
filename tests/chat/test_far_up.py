"""Messages that are changed far up in a long history: the file is written anew, and nothing else waits for that."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.chat.events import EventBus, HistorySaved, HistoryUnsaved
from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.chat.storage.store import ConversationStore
from tests.support.stored_history import files_no_longer_than, history, on_disk, say, write_messages
from tests.support.talk import StartTalk

pytestmark = pytest.mark.slow

MANY = 10_000
TEXT = "A few words that somebody might say. " * 5
VARIANTS = [ImageRecord(prompt="a fox", file=f"images/{number}.png", created="") for number in range(3)]
PICTURE = ChatMessage(id="picture", role="assistant", image=VARIANTS[0], variants=VARIANTS, undecided=True)


def write_long_history(store: ConversationStore) -> str:
    entries = [PICTURE, *(say(TEXT, f"{number:032}") for number in range(MANY))]
    return write_messages(store, entries)


@pytest.fixture
def long(store: ConversationStore) -> Iterator[StoredConversation]:
    stored = store.open(write_long_history(store))
    yield stored
    stored.close()


def texts(stored: StoredConversation) -> dict[str, str]:
    return {entry["id"]: entry.get("content", "") for entry in on_disk(stored)}


def name(number: int) -> str:
    return f"{number:032}"


@pytest.mark.skipif(
    not Path("/proc/thread-self/io").exists(), reason="only Linux counts the bytes of a thread"
)
async def test_choosing_a_variant_at_the_top_moves_next_to_nothing_in_the_thread_of_the_event_loop(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    def moved() -> int:
        lines = Path("/proc/thread-self/io").read_text().splitlines()[:2]
        return sum(int(line.partition(":")[2]) for line in lines)

    write_long_history(ConversationStore(tmp_path))
    async with start_talk() as talk:
        await talk.session.open("long")
        size = history(talk.session.conversation).stat().st_size
        assert size > 2_000_000
        assert len(talk.session.conversation.messages) == MANY + 1  # all of them are read
        before = moved()
        chosen = await talk.session.images.choose_variant("picture", 2)
        assert moved() - before < 20_000
        assert talk.on_disk()[0] == {**json.loads(msgspec.json.encode(chosen))}
        assert chosen.image == VARIANTS[2]
        assert len(talk.on_disk()) == MANY + 1
        assert talk.session.conversation.get("picture") == chosen
        assert not list(talk.session.conversation.folder.glob(".*"))
    async with start_talk() as talk:
        await talk.session.open("long")
        assert talk.messages[0] == chosen


async def test_what_is_said_meanwhile_is_on_the_disk_at_once_and_stays_in_order(
    writer: ConversationWriter,
) -> None:
    stored = writer.stored
    changing = asyncio.ensure_future(writer.put_anywhere(say("first", name(3))))
    await asyncio.sleep(0)
    assert stored.get(name(3)).content == "first"  # it is known at once
    again = asyncio.ensure_future(writer.put_anywhere(say("second", name(3))))
    other = asyncio.ensure_future(writer.put_anywhere(say("other", name(500))))
    for number in range(5):
        writer.put(say(f"said {number} " + TEXT * (number % 2) * 50, f"said {number}"))
        assert f"said {number}" in texts(stored)
        await asyncio.sleep(0.001)
    await asyncio.gather(changing, again, other)
    found = texts(stored)
    assert (found[name(3)], found[name(500)]) == ("second", "other")
    assert list(found)[-6:] == [name(MANY - 1), *(f"said {number}" for number in range(5))]
    assert len(found) == MANY + 6
    stored.close()
    assert not list(stored.folder.glob(".*"))


async def test_any_changes_at_once_end_as_they_do_one_after_the_other(writer: ConversationWriter) -> None:
    rng = random.Random(5)
    stored = writer.stored
    expected = texts(stored)
    running: list[asyncio.Future[None]] = []
    for number in range(40):
        what = rng.random()
        message = say(f"text {number} " + TEXT * rng.choice((0, 1, 40)), name(rng.randrange(20)))
        if what < 0.6:
            running.append(asyncio.ensure_future(writer.put_anywhere(message)))
            await asyncio.sleep(0)
        elif what < 0.9:
            message = replace(message, id=rng.choice((f"new {number}", stored.messages[-1].id)))
            writer.put(message)
        else:
            writer.put(message)  # the whole file is written anew here
        expected[message.id] = message.content or ""
        await asyncio.sleep(rng.choice((0, 0.002, 0.02)))
    await asyncio.gather(*running)
    assert texts(stored) == expected
    assert {message.id: message.content or "" for message in stored.messages} == expected
    assert stored.unsaved == []


async def test_a_disk_that_refuses_is_told_and_the_next_write_saves_it(
    writer: ConversationWriter, bus: EventBus
) -> None:
    stored = writer.stored
    before = history(stored).read_bytes()
    with bus.subscribe() as told:
        with files_no_longer_than(len(before) - 1000):
            await writer.put_anywhere(say("short", name(7)))
        (refused,) = told.pending()
        assert isinstance(refused, HistoryUnsaved)
        assert refused.message_ids == stored.unsaved == [name(7)]
        assert history(stored).read_bytes() == before
        writer.put(say("later", "later"))
        assert [type(event) for event in told.pending()] == [HistorySaved]
    assert (texts(stored)[name(7)], texts(stored)["later"]) == ("short", "later")


async def test_a_conversation_that_is_closed_meanwhile_has_it_all(writer: ConversationWriter) -> None:
    stored = writer.stored
    changing = asyncio.ensure_future(writer.put_anywhere(say("changed", name(7))))
    await asyncio.sleep(0)
    stored.close()
    assert texts(stored)[name(7)] == "changed"
    await changing
    assert texts(stored)[name(7)] == "changed"
    assert not list(stored.folder.glob(".*"))


async def test_whoever_stops_waiting_finds_it_on_the_disk(writer: ConversationWriter) -> None:
    changing = asyncio.ensure_future(writer.put_anywhere(say("changed", name(7))))
    await asyncio.sleep(0)
    changing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await changing
    assert texts(writer.stored)[name(7)] == "changed"


async def test_a_message_that_is_removed_meanwhile_stays_away(writer: ConversationWriter) -> None:
    changing = asyncio.ensure_future(writer.put_anywhere(say("changed", name(7))))
    await asyncio.sleep(0)
    writer.stored.remove(name(7))
    await changing
    assert name(7) not in texts(writer.stored)
    assert len(on_disk(writer.stored)) == MANY

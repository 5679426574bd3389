"""Messages that stay on the disk until somebody asks for them."""

from __future__ import annotations

import gc
import json
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage import history as history_module
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.history import MOST_KEPT, Messages
from animus_tui.chat.storage.history_format import decode
from animus_tui.chat.storage.message_index import MessageIndex
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.tolerant import tolerant
from tests.support.chat_service import reply
from tests.support.stored_history import (
    TEXT,
    contents,
    history,
    import_history,
    long_conversation,
    on_disk,
    say,
    write_conversation,
)
from tests.support.talk import Talk

pytestmark = pytest.mark.slow

TIMES = st.none() | st.just("2026-01-01T00:00:00.000Z")
PICTURES = st.builds(
    ImageRecord, prompt=st.text(max_size=9), file=st.just("images/x.png"), width=st.integers(0, 9)
)
MESSAGES = st.builds(
    ChatMessage,
    role=st.sampled_from(["user", "assistant", "system", "tool"]),
    content=st.none() | st.text(max_size=40),
    reasoning=st.none() | st.text(max_size=5),
    turns=st.none() | st.lists(st.text(max_size=5), max_size=2),
    image=st.none() | PICTURES,
    reply_to=st.none() | st.text(max_size=5),
)
FOREIGN: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "developer"]),
        "content": st.none() | st.text(max_size=20),
    },
    optional={
        "timestamp": TIMES | st.just(5),
        "id": st.sampled_from(["", "a", "b", 7]),
        "next": st.none() | st.booleans(),
        "extra": st.integers() | st.text(max_size=3),
        "turns": st.just([1]),
    },
) | st.sampled_from(["no object", 5, None, []])


def held(action: Callable[[], object]) -> int:
    """Bytes that are in use after `action` for as long as its result is there."""
    action()
    gc.collect()
    tracemalloc.start()
    try:
        result = action()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] if result is not None else 0
    finally:
        tracemalloc.stop()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines that are made into messages."""
    lines: list[bytes] = []

    def note(line: bytes) -> ChatMessage:
        lines.append(line)
        return decode(line)

    monkeypatch.setattr(history_module, "decode", note)
    return lines


# Lazily


def test_opening_makes_one_message_and_each_other_one_when_it_is_asked_for(
    store: ConversationStore, decoded: list[bytes]
) -> None:
    stored = store.open(long_conversation(store, 1000))
    decoded.clear()
    stored.close()
    stored = store.open("c1000")
    assert len(stored.messages) == 1000
    assert len(decoded) == 1
    assert stored.messages[500].id == f"{500:032}"
    assert stored.messages[500] is stored.messages[-500]
    assert stored.get(f"{500:032}") is stored.messages[500]
    assert len(decoded) == 2
    assert [message.id for message in stored.messages[-3:-1]] == [f"{997:032}", f"{998:032}"]
    assert len(decoded) == 4
    stored.close()


def test_ten_thousand_messages_take_a_fraction_of_what_they_take_when_they_are_decoded(
    store: ConversationStore,
) -> None:
    few, many = (long_conversation(store, size) for size in (10, 10_000))
    added = held(lambda: store.open(many)) - held(lambda: store.open(few))
    assert added < history(store.open(many)).stat().st_size / 8


def test_reading_all_messages_keeps_no_more_than_a_few_of_them(store: ConversationStore) -> None:
    stored = store.open(long_conversation(store, 3000))
    messages = stored.messages

    def read() -> Messages:
        for index in range(len(messages)):
            assert messages[index].content == TEXT
        assert sum(1 for _ in messages) == 3000
        return messages

    assert held(read) < 4 * MOST_KEPT * len(TEXT)
    stored.close()


def test_a_history_of_messages_without_ids_stays_on_the_disk_too(store: ConversationStore) -> None:
    entries = [{"role": "user", "content": TEXT} for _ in range(3000)]
    import_history(store, json.dumps(entries).encode(), Conversation(id="js")).close()
    eager = held(lambda: list(store.open("js").messages))
    assert held(lambda: store.open("js")) < eager / 2


# The same as if all were in memory


def read_eagerly(data: bytes, created: str) -> list[ChatMessage]:
    """What a history says, entry by entry, in as few words as possible; made-up ids are left empty."""
    messages: list[ChatMessage] = []
    time = created
    for entry in json.loads(data):
        if not isinstance(entry, dict):
            continue
        named, told = entry.get("id"), entry.get("timestamp")
        known = isinstance(named, str) and named and named not in {message.id for message in messages}
        fields = {key: value for key, value in entry.items() if value is not None}
        fields |= {"id": named if known else "", "timestamp": told if isinstance(told, str) else time}
        try:
            messages.append(msgspec.convert(fields, ChatMessage))
        except ValueError:
            content = entry.get("content")
            tolerated, _ = tolerant(
                {**fields, "content": content if isinstance(content, str) else None}, ChatMessage
            )
            if tolerated is None:
                continue
            messages.append(tolerated)
        time = messages[-1].timestamp
    return messages


@settings(max_examples=80, deadline=None)
@given(st.lists(MESSAGES.map(msgspec.to_builtins) | FOREIGN, max_size=12), st.sampled_from([None, 1]))
def test_any_history_is_what_it_is_when_it_is_decoded_as_a_whole(
    entries: list[Any], indent: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ConversationStore(Path(folder))
        data = json.dumps(entries, indent=indent).encode()
        path = write_conversation(store, "one", data)
        for _ in range(2):
            stored = store.open("one")
            created = stored.conversation.created
            expected = read_eagerly(path.read_bytes(), created)
            found = list(stored.messages)
            known = [replace(m, id=m.id if e.id else "") for m, e in zip(found, expected, strict=True)]
            assert known == expected
            assert len({message.id for message in found}) == len(found)
            assert [stored.messages[at] for at in range(len(found))] == found
            assert list(reversed(stored.messages)) == found[::-1]
            assert stored.messages[-2:] == found[-2:]
            assert [stored.get(message.id) for message in found] == found
            assert [stored.messages.place(message.id) for message in found] == list(range(len(found)))
            assert vars(stored.messages.message_index) == vars(MessageIndex(found))
            stored.put(say("laid out one entry a line from here on"))
            assert list(stored.messages)[:-1] == found
            stored.close()


def test_indexes_outside_are_errors_and_slices_are_lists(stored: StoredConversation) -> None:
    for name in "abcde":
        stored.put(say(name, name))
    for index in (5, -6):
        with pytest.raises(IndexError):
            stored.messages[index]
    assert [message.id for message in stored.messages[::-2]] == ["e", "c", "a"]
    assert stored.messages[7:] == []
    assert say("c", "c").id in [message.id for message in stored.messages]
    assert stored.messages != list(stored.messages)[1:]


# Changes


def test_what_is_added_replaced_and_edited_further_up_is_seen_at_once(store: ConversationStore) -> None:
    stored = store.open(long_conversation(store, 300))
    messages = stored.messages
    first, last = messages[0], messages[-1]
    stored.put(replace(last, content="replaced"))
    stored.put(say("added", "new"))
    stored.put(replace(first, content="edited\n"))
    assert [messages[at].content for at in (0, 1, -2, -1)] == ["edited\n", TEXT, "replaced", "added"]
    assert [message.content for message in messages] == contents(stored)
    assert (messages.message_index.lengths[0], messages.message_index.breaks[0], len(messages)) == (7, 1, 301)
    stored.remove(messages[1].id)
    stored.remove("new")
    assert [message.id for message in messages] == [entry["id"] for entry in on_disk(stored)]
    assert messages.place(f"{2:032}") == 1
    assert messages.place(f"{1:032}") is None
    assert vars(messages.message_index) == vars(MessageIndex(list(messages)))
    stored.close()


def test_the_last_messages_of_the_user_and_the_last_picture_are_found_without_the_others(
    store: ConversationStore, decoded: list[bytes]
) -> None:
    stored = store.open(long_conversation(store, 500))
    assert stored.messages.last_picture() is None
    picture = ImageRecord(prompt="a sea", file="images/x.png", width=3, height=4)
    stored.put(ChatMessage(id="p", role="assistant", content="x", image=picture, reply_to="r"))
    stored.put(say("newest"))
    stored.close()
    stored = store.open("c500")
    decoded.clear()
    shown = stored.messages.last_picture()
    assert shown is not None
    assert shown.id == "p"
    assert stored.messages.user_texts(3) == [TEXT, TEXT, "newest"]
    assert len(decoded) < 10
    assert stored.messages.message_index.pictures == {500: (3, 4)}
    assert stored.messages.message_index.replies == {500: "r"}
    assert len(stored.messages.user_texts(10_000)) == 501
    assert store.create(Conversation(id="empty")).messages.user_texts(3) == []
    stored.close()


def test_an_iterator_has_the_messages_of_its_moment_whatever_happens_meanwhile_also_in_another_thread(
    store: ConversationStore,
) -> None:
    stored = store.open(long_conversation(store, 2000))
    before = list(stored.messages)
    found: list[list[ChatMessage]] = []
    threads = []
    for number in range(6):
        iterator = iter(stored.messages)
        threads.append(threading.Thread(target=lambda iterator=iterator: found.append(list(iterator))))
        threads[-1].start()
        if number % 2:
            stored.put(say(f"added {number}"))
            stored.put(replace(stored.messages[-1], content="longer " * 90))
        else:
            stored.put(replace(stored.messages[number], content="edited"))
    for thread in threads:
        thread.join()
    stored.close()
    assert len(found) == 6
    for messages in found:
        assert [m.id for m in messages[:2000]] == [m.id for m in before]
        assert {m.content for m in messages[6:2000]} == {TEXT}
    assert max(map(len, found)) <= 2003
    assert before in found


def test_a_reader_has_what_was_there_when_it_opened_whatever_the_writer_does(
    store: ConversationStore,
) -> None:
    writer = store.open(long_conversation(store, 50))
    reader = store.open("c50")
    assert reader.read_only
    before = list(reader.messages)
    writer.put(replace(writer.messages[-1], content="x"))
    writer.put(say("more"))
    assert list(reader.messages) == before
    writer.put(replace(writer.messages[3], content="edited"))
    assert list(reader.messages) == before
    assert reader.messages[3].content == TEXT
    reader.close()
    writer.close()


async def test_an_answer_reads_only_the_end_of_a_long_conversation(talk: Talk, decoded: list[bytes]) -> None:
    name = long_conversation(ConversationStore(talk.root), 1000)
    await talk.session.open(name)
    decoded.clear()
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    read = len(decoded)
    assert talk.messages[-1].content == "Hi"
    assert len(talk.service.chat_bodies[-1]["messages"]) > 5
    assert read < 2 * talk.session.config.chat.history_size

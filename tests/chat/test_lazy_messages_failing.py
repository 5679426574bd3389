"""Messages that stay on the disk when the disk, another program or the user gets in between."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.store import ConversationStore
from tests.support.stored_history import TEXT, history, long_conversation, on_disk, say
from tests.support.talk import StartTalk


def test_what_is_closed_can_still_be_read(store: ConversationStore) -> None:
    stored = store.open(long_conversation(store, 50))
    stored.close()
    assert [message.content for message in stored.messages] == [TEXT] * 50
    other = store.open("c50")
    other.put(replace(other.messages[0], content="moves all others"))
    other.close()
    assert stored.messages[30].id == f"{30:032}"


def shifted(data: bytes) -> bytes:
    return data.replace(b'{"id":"' + f"{5:032}".encode(), b'  {"more":[1, 2],"id":"' + f"{5:032}".encode())


def rearranged(data: bytes) -> bytes:
    return json.dumps(json.loads(data), indent=3).encode()


@pytest.mark.parametrize("change", [shifted, rearranged])
def test_what_another_program_wrote_over_is_found_again_and_all_is_saved_with_the_next_message(
    store: ConversationStore, change: Callable[[bytes], bytes]
) -> None:
    stored = store.open(long_conversation(store, 50))
    other = change(history(stored).read_bytes())
    history(stored).write_bytes(other)
    assert [message.id for message in stored.messages] == [f"{number:032}" for number in range(50)]
    assert stored.messages[7].content == TEXT
    stored.put(say("new", "new"))
    assert [entry["id"] for entry in on_disk(stored)] == [*(f"{number:032}" for number in range(50)), "new"]
    assert {entry["content"] for entry in on_disk(stored)[:-1]} == {TEXT}
    assert [path.read_bytes() for path in stored.folder.glob("history.json.changed-*")] == [other]
    stored.close()


def test_messages_that_another_program_destroyed_leave_their_place_empty(store: ConversationStore) -> None:
    stored = store.open(long_conversation(store, 20))
    data = history(stored).read_bytes()
    history(stored).write_bytes(data[: len(data) // 2])
    stored.put(say("new", "new"))
    entries = on_disk(stored)
    assert len(entries) == len(stored.messages) == 21
    assert [entry["id"] for entry in entries] == [message.id for message in stored.messages]
    assert (entries[3]["content"], entries[-2]["content"], entries[-1]["content"]) == (TEXT, TEXT, "new")
    assert stored.messages[15].is_empty
    assert [path.stat().st_size for path in stored.folder.glob("*.changed-*")] == [len(data) // 2]
    stored.close()


def test_a_disk_that_does_not_read_for_a_moment_costs_no_message(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_fd: int, _size: int, _offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    stored = store.open(long_conversation(store, 20))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", fail)
        assert stored.messages[3].is_empty
        assert [message.is_empty for message in stored.messages] == [True] * 19 + [False]
    assert stored.messages[3].content == TEXT
    stored.put(replace(stored.messages[4], content="edited"))
    assert [entry["content"] for entry in on_disk(stored)] == [*[TEXT] * 4, "edited", *[TEXT] * 15]
    stored.close()


async def test_turning_to_a_conversation_that_is_given_up_while_it_is_read_lets_others_write_it(
    start_talk: StartTalk,
) -> None:
    async with start_talk() as talk:
        await talk.session.new()
        first = talk.session.conversation
        other = ConversationStore(talk.root).create(Conversation(id="other"))
        other.close()
        turning = asyncio.create_task(talk.session.open("other"))
        await asyncio.sleep(0)
        turning.cancel()
        await asyncio.wait({turning})
        assert talk.session.conversation is first
        async with asyncio.timeout(10):
            while (again := ConversationStore(talk.root).open("other")).read_only:
                await asyncio.sleep(0.01)
        again.close()

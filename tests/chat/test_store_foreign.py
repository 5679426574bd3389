"""Histories that others wrote, changed or damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.chat.disk_errors import StoreError
from animus_tui.chat.messages import Conversation
from animus_tui.chat.store import ConversationStore
from animus_tui.chat.stored_conversation import StoredConversation
from tests.chat.conftest import Talk
from tests.chat.service import Answer, reply
from tests.chat.stored_history import (
    contents,
    files_no_longer_than,
    history,
    on_disk,
    say,
    write_conversation,
)

IMPORTED = [
    {"role": "user", "content": "Hi", "timestamp": "2026-01-01T00:00:00.000Z", "groupId": {"x": [1.50]}},
    {"role": "developer", "content": "unknown role"},
    {"role": "assistant", "content": "Hello", "reasoning": None, "compliance_violations": ["drug_use"]},
    "no message at all",
    {"role": "assistant", "content": "Hello", "tool_calls": [{"id": "t"}]},
    {"role": "assistant", "content": "Hello", "tool_calls": [{"id": "t"}]},
]


# For others

ROLES = {"user", "assistant", "system", "tool"}
API_KEYS = {"role", "content", "name", "tool_calls", "tool_call_id"}


async def test_the_array_has_what_the_javascript_sdk_reads_in_every_entry_and_can_be_imported_again(
    talk: Talk, store: ConversationStore
) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    talk.service.say(
        reply("<think>Hm.</think>One.\nTwo.", next=True, tool_calls=[call]),
        reply(None, image_prompt="a “boat” & <sea>"),
    )
    talk.service.show()
    talk.service.chat.append(Answer({"message": "no"}, status=400))
    await talk.say("hello")
    await talk.say("again")
    data = (talk.session.conversation.folder / "history.json").read_bytes()
    entries = json.loads(data)
    assert [entry["role"] for entry in entries] == ["user", "assistant", "assistant", "assistant", "user"]
    for entry in entries:
        assert entry["role"] in ROLES
        assert isinstance(entry["content"], str)
        assert datetime.fromisoformat(entry["timestamp"]).tzinfo is UTC
        assert "<think>" not in entry["content"]
    assert entries[1]["tool_calls"] == [call]
    imported = store.import_history(data, Conversation(id="copy"))
    assert imported.messages == talk.messages
    imported.close()


async def test_no_key_of_our_own_ever_leaves_for_the_api(talk: Talk) -> None:
    talk.service.say(
        reply("<think>Hm.</think>One.\nTwo.", next=True, tool_calls=[{"id": "1"}]),
        reply("Look", image_prompt="a boat"),
        reply("Bye"),
    )
    talk.service.show()
    await talk.say("hello")
    await talk.say("again")
    sent = talk.service.chat_bodies[-1]["messages"]
    assert [message["role"] for message in sent] == ["system", *["user"] + ["assistant"] * 3, "user"]
    for message in sent:
        assert {"role", "content"} <= message.keys() <= API_KEYS
    assert [message.get("tool_calls") for message in sent][2] == [{"id": "1"}]


# What others wrote


def test_a_history_of_the_javascript_sdk_is_imported_with_its_unknown_keys(store: ConversationStore) -> None:
    stored = store.import_history(
        json.dumps(IMPORTED, indent=1).encode(), Conversation(id="js", created="2026-02")
    )
    assert contents(stored) == ["Hi", "Hello", "Hello", "Hello"]
    assert on_disk(stored) == IMPORTED
    first = stored.messages[0].id
    stored.put(say("new", "n"))
    stored.put(replace(stored.messages[1], content="changed"))
    stored.remove(stored.messages[2].id)
    assert stored.messages[0].id == first
    entries = on_disk(stored)
    assert [entries[0], entries[1], entries[3], entries[4]] == [
        IMPORTED[0],
        IMPORTED[1],
        IMPORTED[3],
        IMPORTED[5],
    ]
    assert entries[2]["content"] == "changed"
    assert entries[5]["content"] == "new"
    stored.remove(first)
    stored.put(replace(stored.messages[1], content="once more"))
    assert [entry["content"] for entry in on_disk(stored) if isinstance(entry, dict)] == [
        "unknown role",
        "changed",
        "once more",
        "new",
    ]
    stored.close()


def test_entries_without_id_and_time_get_the_same_ones_each_time(store: ConversationStore) -> None:
    stored = store.import_history(json.dumps(IMPORTED).encode(), Conversation(id="js", created="2025-02-02"))
    messages = list(stored.messages)
    stored.close()
    again = store.open("js")
    assert again.messages == messages
    assert len({message.id for message in messages}) == len(messages)
    assert {message.timestamp for message in messages} == {"2026-01-01T00:00:00.000Z"}
    again.close()
    bare = store.import_history(
        b'[{"role":"user","content":"x","id":7,"timestamp":5}]', Conversation(id="b", created="C")
    )
    assert (bare.messages[0].timestamp, len(bare.messages[0].id)) == ("C", 32)
    bare.close()


def test_a_line_that_stands_there_twice_is_shown_twice_under_two_ids(store: ConversationStore) -> None:
    line = b'{"id":"a","role":"user","content":"x","timestamp":"t"}'
    write_conversation(store, "one", b"[\n" + line + b",\n" + line + b"\n]\n")
    stored = store.open("one")
    assert contents(stored) == ["x", "x"]
    assert stored.messages[0].id == "a"
    assert stored.messages[1].id != "a"
    stored.close()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"hello", b'[{"role":"user"', b'{"messages": []}', b"[1, 2]", b'[{"a":1}]']
)
def test_what_is_no_array_of_messages_is_not_imported(
    store: ConversationStore, data: bytes, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="This is not a history"):
        store.import_history(data, Conversation(id="x"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_shown_is_noted_in_the_log_without_its_text(
    store: ConversationStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.import_history(json.dumps(IMPORTED).encode(), Conversation(id="js")).close()
    assert "2 entries are no messages" in caplog.text
    assert "unknown role" not in caplog.text


def test_half_a_surrogate_pair_in_an_imported_history_is_shown_as_a_question_mark(
    store: ConversationStore,
) -> None:
    stored = store.import_history(b'[{"role":"user","content":"a\\ud83d"}]', Conversation(id="js"))
    assert contents(stored) == ["a?"]
    stored.close()


def test_a_history_that_another_program_changed_meanwhile_is_kept_and_what_is_shown_is_saved(
    stored: StoredConversation,
) -> None:
    stored.put(say("a", "a"))
    other = b'[{"role":"user","content":"written by hand, with an editor"}]'
    history(stored).write_bytes(other)
    stored.put(say("b", "b"))
    assert [entry["content"] for entry in on_disk(stored)] == ["a", "b"]
    assert [path.read_bytes() for path in stored.folder.glob("history.json.changed-*")] == [other]


# Damage


def test_a_torn_last_line_is_dropped_the_rest_kept_and_the_damaged_file_stays(
    store: ConversationStore,
) -> None:
    messages = [say(text) for text in ("one", "two", "three")]
    stored = store.create(Conversation(id="one"))
    for message in messages:
        stored.put(message)
    stored.close()
    path = history(stored)
    whole = path.read_bytes()
    start = whole.index(b'{"id":"' + messages[2].id.encode())
    for cut in range(start + 1, len(whole) - 4):
        path.write_bytes(whole[:cut])
        again = store.open("one")
        assert again.messages == messages[:2]
        copies = list(path.parent.glob("history.json.damaged-*"))
        assert [copy.read_bytes() for copy in copies] == [whole[:cut]]
        assert again.recovered is not None
        assert copies[0].name in again.recovered
        again.put(messages[2])
        assert on_disk(again) == [msgspec.to_builtins(message) for message in messages]
        again.close()
        copies[0].unlink()


def test_a_damaged_file_whose_repair_finds_no_room_is_not_touched_and_repaired_with_a_later_message(
    store: ConversationStore,
) -> None:
    damaged = b'[\n{"id":"a","role":"user","content":"kept","timestamp":"t"},\n{"id":"b'
    path = write_conversation(store, "one", damaged)
    with files_no_longer_than(10):
        stored = store.open("one")
        with pytest.raises(StoreError, match="could not be saved"):
            stored.put(say("new", "n"))
    assert path.read_bytes() == damaged
    assert contents(stored) == ["kept", "new"]
    stored.put(say("newer", "m"))
    assert [entry["content"] for entry in on_disk(stored)] == ["kept", "new", "newer"]
    assert damaged in [copy.read_bytes() for copy in path.parent.glob("history.json.damaged-*")]
    stored.close()


def test_a_missing_history_is_an_empty_one(store: ConversationStore) -> None:
    write_conversation(store, "one", b"").unlink()
    stored = store.open("one")
    assert (list(stored.messages), stored.recovered) == ([], None)
    stored.put(say("first"))
    assert len(on_disk(stored)) == 1
    stored.close()


def test_a_damaged_description_costs_no_message_and_is_kept(store: ConversationStore) -> None:
    stored = store.create(Conversation(id="one", title="Lost"))
    stored.put(say("a"))
    stored.close()
    (stored.folder / "conversation.json").write_bytes(b'{"title": ')
    again = store.open("one")
    assert (again.conversation.id, again.conversation.title, contents(again)) == ("one", "", ["a"])
    again.close()
    assert [path.read_bytes() for path in stored.folder.glob("conversation.json.damaged-*")] == [
        b'{"title": '
    ]
    assert [found.id for found in store.conversations()] == ["one"]


def test_what_a_crash_left_of_a_temporary_file_is_cleared_away(store: ConversationStore) -> None:
    path = write_conversation(store, "one", b"[\n\n]\n")
    left = path.with_name(".history.json.tmp")
    left.write_bytes(b"[\n{")
    store.open("one").close()
    assert not left.exists()

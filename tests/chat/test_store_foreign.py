"""Histories that others wrote, changed or damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError
from tests.support.chat_service import Answer, reply
from tests.support.stored_history import (
    contents,
    descriptions,
    files_no_longer_than,
    history,
    import_history,
    on_disk,
    say,
    write_conversation,
)
from tests.support.talk import Talk

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
    imported = import_history(store, data, Conversation(id="copy"))
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
    stored = import_history(
        store, json.dumps(IMPORTED, indent=1).encode(), Conversation(id="js", created="2026-02")
    )
    assert contents(stored) == ["Hi", "Hello", "Hello", "Hello"]
    assert on_disk(stored) == IMPORTED
    first = stored.messages[0].id
    stored.put(say("new", "n"))
    stored.put(replace(stored.messages[1], content="changed"))
    stored.remove(stored.messages[2].id)
    assert stored.messages[0].id == first
    entries = on_disk(stored)
    assert [entries[0], entries[1], entries[3]] == [IMPORTED[0], IMPORTED[1], IMPORTED[3]]
    named = {"id": stored.messages[2].id, "timestamp": stored.messages[2].timestamp}  # as before the removal
    assert entries[4] == {**named, "role": "assistant", "content": "Hello", "tool_calls": [{"id": "t"}]}
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
    stored = import_history(store, json.dumps(IMPORTED).encode(), Conversation(id="js", created="2025-02-02"))
    messages = list(stored.messages)
    stored.close()
    again = store.open("js")
    assert again.messages == messages
    assert len({message.id for message in messages}) == len(messages)
    assert {message.timestamp for message in messages} == {"2026-01-01T00:00:00.000Z"}
    again.close()
    bare = import_history(
        store, b'[{"role":"user","content":"x","id":7,"timestamp":5}]', Conversation(id="b", created="C")
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


def test_what_is_not_shown_is_noted_in_the_log_without_its_text(
    store: ConversationStore, caplog: pytest.LogCaptureFixture
) -> None:
    import_history(store, json.dumps(IMPORTED).encode(), Conversation(id="js")).close()
    assert "2 entries are no messages" in caplog.text
    assert "unknown role" not in caplog.text


def test_half_a_surrogate_pair_in_an_imported_history_is_shown_as_a_question_mark(
    store: ConversationStore,
) -> None:
    stored = import_history(store, b'[{"role":"user","content":"a\\ud83d"}]', Conversation(id="js"))
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


# Values that are odd, and what a message has beside what is read of it

WHOLE = {
    "id": "m",
    "role": "assistant",
    "content": "the words",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "reasoning": "thoughts",
    "turns": ["the", "words"],
}


@pytest.mark.parametrize(
    "odd",
    [
        {"turns": "the words"},
        {"reasoning": 7},
        {"tool_calls": {}},
        {"compliance_violations": "violence"},
        {"next": "later"},
        {"outcome": "paused"},
        {"image": "a.png"},
        {"image": {"prompt": 5, "file": "x.png"}},
        {"variants": [1]},
        {"name": ["V"]},
        {"reply_to": 3.5},
        {"image_prompt": {"text": "a boat"}},
        {"undecided": None, "tool_call_id": 5},
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_an_odd_value_costs_no_word_beside_it_and_stays_in_the_file(
    store: ConversationStore, odd: dict[str, object], indent: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    entry = WHOLE | odd | {"later": {"x": 1.5}}
    data = json.dumps(
        [{"role": "user", "content": "before"}, entry, {"role": "user", "content": "after"}], indent=indent
    )
    write_conversation(store, "one", data.encode())
    stored = store.open("one")
    assert contents(stored) == ["before", "the words", "after"]
    message = stored.messages[1]
    assert (message.id, message.timestamp) == ("m", WHOLE["timestamp"])
    for key in ("reasoning", "turns"):
        assert getattr(message, key) == WHOLE[key] or key in odd
    assert "odd values are left out" in caplog.text
    stored.put(replace(message, content="changed"))
    stored.put(say("new", "n"))
    told = {key: value for key, value in entry.items() if value is not None}
    assert on_disk(stored)[1] == told | {"content": "changed"}
    stored.put(replace(message, content="once more"))
    stored.close()
    assert on_disk(stored)[1] == told | {"content": "once more"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "x"}}, "b"], "a\nb"),
        ({"type": "text", "text": "a"}, "a"),
        ([], None),
        (7, None),
    ],
)
def test_the_words_among_the_parts_of_a_message_are_read_and_the_parts_stay(
    store: ConversationStore, content: object, words: str | None
) -> None:
    entry = {"id": "m", "role": "user", "content": content, "timestamp": "t"}
    write_conversation(store, "one", json.dumps([entry]).encode())
    stored = store.open("one")
    assert contents(stored) == [words]
    stored.put(replace(stored.messages[0], outcome="failed"))
    assert on_disk(stored) == [entry | {"outcome": "failed"}]
    stored.close()


def test_keys_of_others_stay_on_a_message_that_is_changed_again_and_again(store: ConversationStore) -> None:
    image = {"prompt": "p", "file": "images/x.png", "created": "c", "lens": "wide"}
    entry = {"role": "assistant", "content": "c", "timestamp": "t", "image": image, "mine": [1]}
    write_conversation(store, "one", json.dumps([entry]).encode())
    stored = store.open("one")
    message = stored.messages[0]
    for name in ("a", "b"):
        stored.put(replace(message, name=name))
        assert on_disk(stored) == [entry | {"id": message.id, "name": name}]
    stored.close()
    again = store.open("one")
    again.put(say("more", "x"))
    again.remove("x")
    assert on_disk(again) == [entry | {"id": message.id, "name": "b"}]
    again.close()


def test_one_number_that_is_none_costs_only_itself(store: ConversationStore) -> None:
    entries = [{"role": "user", "content": f"q{at}", "score": at or float("nan")} for at in range(50)]
    data = json.dumps(entries).encode()
    write_conversation(store, "one", data)
    stored = store.open("one")
    assert contents(stored) == [f"q{at}" for at in range(50)]
    assert on_disk(stored)[:2] == [
        {"role": "user", "content": "q0", "score": None},
        {"role": "user", "content": "q1", "score": 1},
    ]
    assert [path.read_bytes() for path in stored.folder.glob("history.json.damaged-*")] == [data]
    stored.close()


def test_an_array_with_a_number_that_is_none_is_imported(store: ConversationStore) -> None:
    data = b'[{"role":"user","content":"a","score":NaN},{"role":"user","content":"b"}]'
    stored = import_history(store, data, Conversation(id="x"))
    assert (contents(stored), on_disk(stored)[0]["score"]) == (["a", "b"], None)
    stored.close()


# The JavaScript SDK

SDK = [
    {"role": "user", "content": "Hi", "timestamp": "2026-01-01T00:00:00.000Z"},
    {"role": "user", "content": None},
    {"role": "user", "content": " "},
    *(
        {"role": "assistant", "content": text, "groupId": "g1", "messageIndex": at, "reasoning": thought}
        for at, (text, thought) in enumerate([("One.", None), ("Two.", "Hm."), ("Three.", None)])
    ),
    {"role": "assistant", "content": "<think>Secret.</think>Four.", "groupId": "g2"},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "t", "type": "function"}]},
    {"role": "tool", "content": "no id"},
    {"role": "tool", "content": "42", "tool_call_id": "t"},
    {"role": "assistant", "content": "Five.", "groupId": 7},
    {"role": "assistant", "content": "Six.", "groupId": 7},
]


@pytest.mark.parametrize("imported", [True, False])
async def test_what_is_sent_after_a_history_of_the_javascript_sdk_is_legal_and_turns_are_one_reply(
    talk: Talk, imported: bool
) -> None:
    data = json.dumps(SDK).encode()
    store = ConversationStore(talk.root)
    if imported:
        import_history(store, data, Conversation(id="js")).close()
    else:
        write_conversation(store, "js", data)
    await talk.session.open("js")
    replies = [message for message in talk.messages if message.role == "assistant"]
    assert [message.content for message in replies] == ["One.\nTwo.\nThree.", "Four.", "", "Five.", "Six."]
    assert (replies[0].turns, replies[0].reasoning) == (["One.", "Two.", "Three."], "Hm.")
    assert replies[1].reasoning == "Secret."
    talk.service.say(reply("Bye"))
    await talk.say("again")
    sent = [(m["role"], m["content"]) for m in talk.service.chat_bodies[-1]["messages"][1:]]
    assert sent == [
        ("user", "Hi"),
        ("assistant", "One.\nTwo.\nThree."),
        ("assistant", "Four."),
        ("assistant", ""),
        ("tool", "42"),
        ("assistant", "Five."),
        ("assistant", "Six."),
        ("user", "again"),
    ]
    on_disk_now = talk.on_disk()
    assert (
        on_disk_now[3] | {"groupId": "g1", "messageIndex": 0, "turns": ["One.", "Two.", "Three."]}
        == on_disk_now[3]
    )
    kept = list(talk.session.conversation.folder.glob("history.json.imported-*"))
    assert [path.read_bytes() for path in kept] == ([] if imported else [data])


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
    assert [found.id for found in descriptions(store)] == ["one"]


def test_what_a_crash_left_of_a_temporary_file_is_cleared_away(store: ConversationStore) -> None:
    path = write_conversation(store, "one", b"[\n\n]\n")
    left = path.with_name(".history.json.tmp")
    left.write_bytes(b"[\n{")
    store.open("one").close()
    assert not left.exists()

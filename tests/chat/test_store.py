from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_list import ConversationList
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError, UsageError, UserError
from tests.support.stored_history import (
    contents,
    descriptions,
    history,
    import_history,
    mode,
    on_disk,
    say,
    write_conversation,
)

# Folders and files


def test_nothing_is_created_before_the_first_conversation(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path / "data")
    assert (descriptions(store), store.latest()) == ([], None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_folders_are_0700_and_files_0600_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        stored = ConversationStore(tmp_path / "outer" / "data").create(Conversation(id="one"))
        stored.put(say("a", "a"))
        stored.put(say("b", "b"))
        stored.put(say("c", "a"))
        stored.put(say("d" * 10_000, "d"))
        stored.write_image(b"pixels", "png")
        stored.close()
    finally:
        os.umask(before)
    for path in (tmp_path / "outer", *(tmp_path / "outer").rglob("*")):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    assert sorted(path.name for path in stored.folder.iterdir()) == [
        "conversation.json",
        "history.json",
        "images",
        "lock",
    ]


def test_modes_that_somebody_loosened_are_tightened_when_it_is_opened(store: ConversationStore) -> None:
    path = write_conversation(store, "one", b"[\n\n]\n")
    path.chmod(0o666)
    path.parent.chmod(0o755)
    store.open("one").close()
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../one", "/etc", "a/b", "a\0b", ".hidden", "a" * 101, "ü", "a\n"]
)
def test_an_id_that_could_leave_the_folder_is_refused(
    store: ConversationStore, stored: StoredConversation, name: str
) -> None:
    with pytest.raises(UsageError, match="is not the id of a conversation"):
        store.open(name)
    with pytest.raises(UsageError, match="is not the id of a conversation"):
        store.create(Conversation(id=name))


def test_a_refused_id_is_shown_in_short(store: ConversationStore) -> None:
    with pytest.raises(UsageError, match="is not the id of a conversation") as caught:
        store.open("/" * 5000)
    assert str(caught.value).startswith(f"'{'/' * 40}…' is not")
    assert len(str(caught.value)) < 150
    with pytest.raises(UsageError, match=r"^'a/b' is not the id"):
        store.open("a/b")


def test_opening_what_does_not_exist_says_so_and_creates_nothing(
    store: ConversationStore, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="There is no conversation “gone”"):
        store.open("gone")
    assert list(tmp_path.iterdir()) == []


def test_an_id_that_is_taken_is_refused_and_the_conversation_is_left_alone(
    store: ConversationStore, stored: StoredConversation
) -> None:
    stored.put(say("precious"))
    with pytest.raises(UsageError, match="There is a conversation “one”"):
        store.create(Conversation(id="one"))
    assert len(on_disk(stored)) == 1


def test_a_link_to_a_folder_elsewhere_is_no_conversation(
    store: ConversationStore, stored: StoredConversation, tmp_path: Path
) -> None:
    (stored.folder.parent / "link").symlink_to(stored.folder)
    with pytest.raises(UsageError, match="There is no conversation “link”"):
        store.open("link")
    assert [found.id for found in descriptions(store)] == ["one"]


# Messages


def test_messages_are_in_memory_and_on_disk_in_order(
    store: ConversationStore, stored: StoredConversation
) -> None:
    messages = [say(f"{number}\n\u2028\x1b[0m") for number in range(3)]
    for message in messages:
        stored.put(message)
    assert stored.messages == messages
    assert stored.get(messages[1].id) is messages[1]
    stored.close()
    again = store.open("one")
    assert (list(again.messages), again.read_only, again.recovered) == (messages, False, None)
    again.close()


def test_an_unknown_id_is_a_key_error(stored: StoredConversation) -> None:
    with pytest.raises(KeyError):
        stored.get("x")
    with pytest.raises(KeyError):
        stored.remove("x")


def test_the_last_message_is_replaced_in_place_and_one_further_up_through_a_new_file(
    stored: StoredConversation,
) -> None:
    for name in "abc":
        stored.put(say(name, name))
    inode = history(stored).stat().st_ino
    stored.put(say("a much longer text", "c"))
    stored.put(say("d", "d"))
    assert history(stored).stat().st_ino == inode
    stored.put(say("changed", "a"))
    assert history(stored).stat().st_ino != inode
    assert contents(stored) == ["changed", "b", "a much longer text", "d"]
    assert [entry["content"] for entry in on_disk(stored)] == contents(stored)


def test_every_kind_of_entry_survives_a_round_trip(
    store: ConversationStore, stored: StoredConversation
) -> None:
    picture = ImageRecord(prompt="a <sea>", file="images/x.png", settings={"seed": 2**40}, width=3, height=4)
    messages = [
        ChatMessage(
            role="assistant", content=None, tool_calls=[{"id": "1", "function": {"arguments": "{}"}}]
        ),
        ChatMessage(role="tool", content="ok", tool_call_id="1", name="look"),
        ChatMessage(
            role="assistant", content="a\nb", turns=["a", "b"], next=True, image_prompt="sea", reasoning="r"
        ),
        ChatMessage(
            role="assistant", content="x", image=picture, variants=[picture], reply_to="2", outcome="failed"
        ),
    ]
    for message in messages:
        stored.put(message)
    stored.close()
    again = store.open("one")
    assert again.messages == messages
    again.close()


def test_half_a_surrogate_pair_is_stored_as_a_question_mark(stored: StoredConversation) -> None:
    stored.put(say("a\ud83d", "a"))
    assert contents(stored) == ["a?"]
    assert on_disk(stored)[0]["content"] == "a?"


Change = tuple[str, int, str]
CHANGES = st.tuples(
    st.sampled_from(["append", "append", "last", "edit", "remove", "reopen"]),
    st.integers(0, 9),
    st.text(max_size=30),
)


def apply(
    change: Change, store: ConversationStore, stored: StoredConversation, model: list[ChatMessage]
) -> None:
    kind, number, text = change
    place = -1 if kind == "last" else number % max(len(model), 1)
    if kind == "append":
        model.append(ChatMessage(role="assistant", content=text))
        stored.put(model[-1])
    elif kind in ("last", "edit") and model:
        model[place] = replace(model[place], content=text)
        stored.put(model[place])
    elif kind == "remove" and model:
        stored.remove(model.pop(place).id)


@settings(max_examples=80, deadline=None)
@given(st.lists(CHANGES, max_size=25))
def test_any_sequence_of_changes_is_the_same_as_on_a_plain_list(changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, model = ConversationStore(Path(folder)), list[ChatMessage]()
        stored = store.create(Conversation(id="one"))
        for change in changes:
            if change[0] == "reopen":
                stored.close()
                stored = store.open("one")
            apply(change, store, stored, model)
            assert stored.messages == model
            assert on_disk(stored) == [msgspec.to_builtins(message) for message in model]
        stored.close()


# Two applications


def test_the_second_one_to_open_a_conversation_reads_only_and_says_so(
    store: ConversationStore, stored: StoredConversation
) -> None:
    stored.put(say("a", "a"))
    second = store.open("one")
    assert (second.read_only, stored.read_only, contents(second)) == (True, False, ["a"])
    for attempt in (
        lambda: second.put(say("b")),
        lambda: second.remove("a"),
        lambda: second.describe(Conversation(id="one")),
        lambda: second.write_image(b"x", "png"),
    ):
        with pytest.raises(StoreError, match="open in another window") as caught:
            attempt()
        assert caught.value.sentence == str(caught.value)
    assert (contents(second), second.unsaved, len(on_disk(stored))) == (["a"], [], 1)
    second.close()
    stored.put(say("c", "c"))
    stored.close()
    third = store.open("one")
    assert not third.read_only
    third.close()


def test_another_process_reads_only_until_this_one_lets_go(stored: StoredConversation) -> None:
    script = (
        "import sys, pathlib; from animus_tui.chat.storage.store import ConversationStore\n"
        "print(ConversationStore(pathlib.Path(sys.argv[1])).open('one').read_only)"
    )
    command = [sys.executable, "-c", script, str(stored.folder.parent.parent)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
    stored.close()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_reader_never_repairs_what_the_writer_is_writing(
    store: ConversationStore, stored: StoredConversation
) -> None:
    stored.put(say("a", "a"))
    torn = history(stored).read_bytes()[:-3] + b',\n{"id'
    history(stored).write_bytes(torn)
    second = store.open("one")
    assert (contents(second), history(stored).read_bytes()) == (["a"], torn)
    assert second.recovered is not None
    assert not list(stored.folder.glob("*.damaged-*"))


def test_closing_twice_does_nothing_and_what_is_closed_refuses_to_be_written(
    stored: StoredConversation,
) -> None:
    stored.close()
    stored.close()
    with pytest.raises(StoreError, match="The conversation is closed"):
        stored.put(say("late"))


# The list of conversations


def test_conversations_are_listed_newest_activity_first(store: ConversationStore) -> None:
    opened = [store.create(Conversation(id=name, title=name.upper(), model="m")) for name in "abc"]
    for stored, time in zip(opened, (30, 10, 20), strict=True):
        for path in stored.folder.glob("*.json"):
            os.utime(path, (time, time))
    assert [found.id for found in descriptions(store)] == ["a", "c", "b"]
    assert store.latest() == "a"
    opened[1].put(say("used"))
    assert [found.title for found in descriptions(store)] == ["B", "A", "C"]
    opened[2].describe(replace(opened[2].conversation, title="renamed"))
    assert [found.title for found in descriptions(store)] == ["B", "A", "renamed"]
    os.utime(opened[1].folder / "history.json", (25, 25))
    assert (store.latest(), descriptions(store)[2]) == ("a", opened[2].conversation)
    for stored in opened:
        stored.close()


def used_at(stored: StoredConversation, seconds: int) -> None:
    for path in stored.folder.glob("*.json"):
        os.utime(path, (seconds, seconds))


def test_the_conversation_that_the_application_used_last_is_noted_and_a_wrong_note_costs_nothing(
    store: ConversationStore,
) -> None:
    for number, name in enumerate("abc"):
        stored = store.create(Conversation(id=name))
        used_at(stored, number + 1)
        stored.close()
    assert store.latest() == "c"
    store.note_last("a")
    assert (store.latest(), store.newest()) == ("a", "c")
    note = next(path for path in stored.folder.parent.parent.iterdir() if path.is_file())
    assert (note.name, mode(note)) == ("last-conversation", 0o600)
    for wrong in (b"gone\n", b"../a", b"", b"\xff\xfe", b"a" * 500):
        note.write_bytes(wrong)
        assert store.latest() == "c"
    note.unlink()
    note.mkdir()
    assert store.latest() == "c"
    store.note_last("b")
    assert store.latest() == "c"


def test_to_find_the_conversation_used_last_no_other_one_is_looked_at(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        store.create(Conversation(id=name)).close()
    store.note_last("a")

    def refuse(_self: Path) -> None:
        raise AssertionError("the folders were listed")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert store.latest() == "a"


def test_a_conversation_of_a_command_is_used_last_only_by_commands(store: ConversationStore) -> None:
    for number, name in enumerate("ab"):
        stored = store.create(Conversation(id=name, headless=name == "b"))
        used_at(stored, number + 1)
        stored.close()
    assert (store.latest(), store.newest()) == ("a", "b")
    with store.open("a").folder.joinpath("conversation.json").open("rb") as file:
        assert "headless" not in json.load(file)


def test_where_the_application_has_used_none_the_newest_conversation_of_a_command_is_the_last(
    store: ConversationStore,
) -> None:
    for number, name in enumerate("ab"):
        stored = store.create(Conversation(id=name, headless=True))
        used_at(stored, number + 1)
        stored.close()
    assert store.latest() == "b"


@pytest.mark.parametrize("name", ["conversation.json", "history.json", "last-conversation"])
def test_a_named_pipe_in_the_place_of_a_file_holds_nobody_up(store: ConversationStore, name: str) -> None:
    with closing(store.create(Conversation(id="a"))) as stored:
        stored.put(say("words"))
        folder = stored.folder
    place = folder.parents[1] if name == "last-conversation" else folder
    (place / name).unlink(missing_ok=True)
    os.mkfifo(place / name)
    (collection,) = AllPictures(store).read()
    assert collection.is_complete
    assert store.latest() == "a"
    if name == "history.json":
        with pytest.raises(StoreError, match="no regular file"):
            store.open("a", tail_first=True)
    else:
        with closing(store.open("a", tail_first=True)) as stored:
            assert [message.content for message in stored.messages] == ["words"]


def test_a_history_in_utf_16_is_read_and_written_anew_as_utf_8(store: ConversationStore) -> None:
    with closing(store.create(Conversation(id="a"))) as stored:
        path = history(stored)
    path.write_text(
        '[\n{"id":"x","role":"user","content":"zwölf","timestamp":"2026-01-01T00:00:00Z"}\n]\n', "utf-16"
    )
    with closing(store.open("a")) as stored:
        assert stored.recovered is None
        stored.put(say("words"))
    assert [entry["content"] for entry in json.loads(path.read_bytes())] == ["zwölf", "words"]


def test_a_conversation_is_found_by_the_beginning_of_its_id(store: ConversationStore) -> None:
    for number, name in enumerate(["abc1", "abd2", "abd", "x"]):
        stored = store.create(Conversation(id=name, title=f"Title {name}"))
        used_at(stored, number + 1)
        stored.close()
    assert [store.find(beginning) for beginning in ("x", "abc", "abd", "abd2")] == [
        "x",
        "abc1",
        "abd",
        "abd2",
    ]
    with pytest.raises(UsageError, match="Several") as several:
        store.find("ab")
    assert str(several.value) == (
        "Several conversations begin with “ab”: abd (“Title abd”), abd2 (“Title abd2”), abc1 (“Title abc1”). "
        "Give more of the id."
    )
    for number in range(6):
        store.create(Conversation(id=f"y{number}")).close()
    with pytest.raises(UsageError, match=r"y5, y4, y3, y2, y1 and 1 more\. Give"):
        store.find("y")
    for wrong in ("z", "../x", ""):
        with pytest.raises(UsageError, match=r"There is no conversation|is not the id"):
            store.find(wrong)


def test_foreign_and_damaged_things_among_the_conversations_are_passed_over(
    store: ConversationStore, stored: StoredConversation, caplog: pytest.LogCaptureFixture
) -> None:
    root = stored.folder.parent
    (root / "notes.txt").write_text("mine")
    (root / ".DS_Store").write_bytes(b"\0")
    (root / "empty").mkdir()
    (root / "bad name").mkdir()
    (root / "damaged").mkdir()
    (root / "damaged" / "conversation.json").write_bytes(b"[]")
    (root / "folder" / "conversation.json").mkdir(parents=True)
    (root / "dangling").symlink_to(root / "nowhere")
    assert [found.id for found in ConversationList(store.root).read()] == ["one"]
    assert "damaged" in caplog.text


def test_listing_conversations_reads_no_messages(
    store: ConversationStore, stored: StoredConversation
) -> None:
    history(stored).unlink()
    os.mkfifo(history(stored))  # opening this one would wait for ever
    assert [found.title for found in ConversationList(store.root).read()] == ["First"]


# Pictures


def test_a_picture_is_named_after_its_content_and_written_once(stored: StoredConversation) -> None:
    relative = stored.write_image(b"pixels", ".PNG")
    assert relative == f"images/{hashlib.sha256(b'pixels').hexdigest()}.png"
    path = stored.path_of(relative)
    assert (path.read_bytes(), mode(path), mode(path.parent)) == (b"pixels", 0o600, 0o700)
    before = path.stat()
    assert stored.write_image(b"pixels", "png") == relative
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert stored.write_image(b"other", "webp").endswith(".webp")
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize("suffix", ["", "../x", "png/..", "tar.gz", "a" * 9])
def test_a_suffix_that_is_none_is_refused(stored: StoredConversation, suffix: str) -> None:
    with pytest.raises(ValueError, match="is not the suffix"):
        stored.write_image(b"x", suffix)


@pytest.mark.parametrize(
    "relative", ["", ".", "..", "../two/history.json", "/etc/passwd", "images/../..", "link/passwd"]
)
def test_a_path_that_leaves_the_folder_is_refused(stored: StoredConversation, relative: str) -> None:
    (stored.folder / "link").symlink_to("/etc")
    with pytest.raises(UserError, match="is not a file of this conversation"):
        stored.path_of(relative)


@pytest.mark.parametrize("name", ["0af3.png", "My photo (2).PNG", "één.jpg"])
def test_a_fork_has_its_pictures_whatever_their_files_are_called(tmp_path: Path, name: str) -> None:
    image = ImageRecord(prompt="a boat", file=f"images/{name}")
    store = ConversationStore(tmp_path)
    stored = import_history(
        store,
        msgspec.json.encode([image_message(image), say(f'not "images/other.png", {name}')]),
        Conversation(id="one", title="A boat"),
    )
    for file in (name, "other.png"):
        stored.folder.joinpath("images").mkdir(exist_ok=True)
        stored.folder.joinpath("images", file).write_bytes(b"pixels")
    forked = store.open(store.fork(stored, stored.reader_to(stored.messages[-1].id)()))
    assert forked.path_of(f"images/{name}").read_bytes() == b"pixels"
    assert [path.name for path in (forked.folder / "images").iterdir()] == [name]
    forked.close()
    stored.close()

"""A disk that refuses: nothing is lost, and all is in order once it takes writes again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from errno import EACCES
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from animus_tui.chat.events import EventBus, HistorySaved, HistoryUnsaved
from animus_tui.chat.messages import Conversation
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_folder import disk_error
from animus_tui.chat.storage.conversation_list import ConversationList
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError
from tests.support.stored_history import (
    contents,
    descriptions,
    files_no_longer_than,
    history,
    on_disk,
    say,
)


def test_a_message_that_finds_no_room_is_still_there_marked_unsaved_and_written_with_the_next_one(
    stored: StoredConversation,
) -> None:
    stored.put(say("saved", "a"))
    before = history(stored).read_bytes()
    for name in "bc":
        with files_no_longer_than(len(before) + 30), pytest.raises(StoreError) as caught:
            stored.put(say(f"unsaved {name} " + "x" * 100, name))
        assert history(stored).read_bytes() == before
    assert caught.value.sentence.startswith(
        f"The message could not be saved in {stored.folder}: File too large."
    )
    assert (stored.unsaved, len(stored.messages)) == (["b", "c"], 3)
    stored.put(say("later", "d"))
    assert stored.unsaved == []
    assert [entry["id"] for entry in on_disk(stored)] == list("abcd")


def test_an_edit_that_finds_no_room_keeps_the_old_file_and_is_written_with_the_next_message(
    stored: StoredConversation,
) -> None:
    for name in "abc":
        stored.put(say(name, name))
    before = history(stored).read_bytes()
    with files_no_longer_than(len(before) - 1), pytest.raises(StoreError, match="Make room there"):
        stored.put(say("edited", "a"))
    assert (history(stored).read_bytes(), contents(stored)[0], stored.unsaved) == (before, "edited", ["a"])
    assert not list(stored.folder.glob(".*"))
    stored.put(say("last", "e"))
    assert (stored.unsaved, [entry["content"] for entry in on_disk(stored)]) == (
        [],
        ["edited", "b", "c", "last"],
    )


def test_a_replacement_that_fails_in_the_middle_is_undone_and_written_the_next_time(
    stored: StoredConversation,
) -> None:
    stored.put(say("a", "a"))
    stored.put(say("x" * 100, "b"))
    before = history(stored).read_bytes()
    with files_no_longer_than(before.index(b'{"id":"b"') + 40), pytest.raises(StoreError):
        stored.put(say("short", "b"))
    assert history(stored).read_bytes() == before
    stored.put(say("shorter", "b"))
    assert [entry["content"] for entry in on_disk(stored)] == ["a", "shorter"]


def test_a_deletion_that_finds_no_room_is_made_up_for_by_the_next_write(stored: StoredConversation) -> None:
    stored.put(say("a", "a"))
    stored.put(say("b", "b"))
    with files_no_longer_than(10), pytest.raises(StoreError, match="change could not be saved"):
        stored.remove("a")
    assert (contents(stored), len(on_disk(stored)), stored.unsaved) == (["b"], 2, ["b"])
    stored.put(say("c", "c"))
    assert ([entry["content"] for entry in on_disk(stored)], stored.unsaved) == (["b", "c"], [])


def test_a_title_that_finds_no_room_is_written_with_the_next_message(
    store: ConversationStore, stored: StoredConversation
) -> None:
    with files_no_longer_than(5), pytest.raises(StoreError, match="title could not be saved"):
        stored.describe(replace(stored.conversation, title="New"))
    assert (stored.conversation.title, descriptions(store)[0].title) == ("New", "First")
    stored.put(say("a"))
    assert descriptions(store)[0].title == "New"


def test_a_message_that_is_saved_is_not_said_to_be_unsaved_because_its_title_is(
    stored: StoredConversation,
) -> None:
    bus = EventBus()
    writer = ConversationWriter(stored, bus)
    with bus.subscribe() as told:
        with files_no_longer_than(250):
            writer.describe(replace(stored.conversation, title="New " * 100))
            writer.put(say("a", "a"))
        writer.put(say("b", "b"))
        first, second, third = told.pending()
    assert isinstance(first, HistoryUnsaved)
    assert isinstance(second, HistoryUnsaved)
    assert first.error == second.error
    assert first.error.startswith("The title could not be saved")
    assert first.message_ids == second.message_ids == []
    assert isinstance(third, HistorySaved)
    assert (third.message_ids, third.is_all) == ([], True)


def test_what_is_unsaved_is_tried_once_more_when_the_conversation_is_closed(
    store: ConversationStore, stored: StoredConversation
) -> None:
    with files_no_longer_than(10), pytest.raises(StoreError):
        stored.put(say("late", "a"))
    stored.close()
    assert [entry["id"] for entry in on_disk(stored)] == ["a"]


def test_a_conversation_that_finds_no_room_is_not_created_and_the_sentence_says_what_to_do(
    store: ConversationStore,
) -> None:
    with (
        files_no_longer_than(3),
        pytest.raises(StoreError, match=r"could not be created in .*Make room there"),
    ):
        store.create(Conversation(id="one"))
    assert descriptions(store) == []
    store.create(Conversation(id="one")).close()


def test_conversations_that_cannot_be_listed_are_one_sentence(store: ConversationStore) -> None:
    store.root.mkdir(exist_ok=True)
    (store.root / "conversations").write_text("no folder")
    for look in (store.latest, store.newest, store.named_folders, ConversationList(store.root).read):
        with pytest.raises(StoreError, match=r"could not be listed in .*Check the folder"):
            look()


def test_who_may_not_read_is_told_to_allow_reading() -> None:
    refused = PermissionError(EACCES, "Permission denied")
    assert "Allow reading there" in str(disk_error("It failed", Path("x"), refused, access="reading"))
    assert "Allow writing there" in str(disk_error("It failed", Path("x"), refused))


def test_a_picture_that_finds_no_room_leaves_nothing_behind(stored: StoredConversation) -> None:
    with (
        files_no_longer_than(100),
        pytest.raises(StoreError, match=r"picture could not be saved in .*Make room there"),
    ):
        stored.write_image(b"x" * 101, "png")
    assert list((stored.folder / "images").iterdir()) == []


def test_what_is_saved_by_now_is_told_also_while_an_edit_further_up_still_finds_no_room(
    stored: StoredConversation,
) -> None:
    bus = EventBus()
    transcript = ConversationWriter(stored, bus)
    transcript.put(say("a", "a"))
    transcript.put(say("b", "b"))
    size = history(stored).stat().st_size
    with bus.subscribe() as told:
        with files_no_longer_than(size):
            transcript.put(say("edited " * 2000, "a"))
            transcript.put(say("c", "c"))
        with files_no_longer_than(size + 1000):
            transcript.put(say("d", "d"))
        transcript.put(say("e", "e"))
        events = [(type(event), getattr(event, "message_ids", None)) for event in told.pending()]
    assert events == [
        (HistoryUnsaved, ["a"]),
        (HistoryUnsaved, ["a", "c"]),
        (HistorySaved, ["c"]),
        (HistoryUnsaved, ["a"]),
        (HistorySaved, ["a"]),
    ]
    assert [entry["id"] for entry in on_disk(stored)] == list("abcde")


class SmallDisk(NamedTuple):
    """A file system of 128 KiB that only a process of its own sees, and we through it: it ends with that process."""

    path: Path
    mounted_at: str
    process: int

    def allow_reading_only(self) -> None:
        remount = ["mount", "-o", "remount,ro", self.mounted_at]
        subprocess.run(["nsenter", f"--target={self.process}", "--mount", *remount], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """However the test run ends, nothing stays mounted: what is could not be cleared away by the next one."""
    if shutil.which("unshare") is None:
        pytest.skip("only Linux shows a process a file system of its own")
    folder = tmp_path / "disk"
    folder.mkdir()
    script = 'mount -t tmpfs -o size=128k tmpfs "$0" && echo mounted && read _'
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != b"mounted\n":
            pytest.skip("only the administrator may mount a file system")
        yield SmallDisk(Path(f"/proc/{process.pid}/root{folder}"), str(folder), process.pid)


def fill(folder: Path, but: int = 0) -> Path:
    """Leave `but` pages of 4096 bytes free; deleting the file that is returned makes room again."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        file.truncate(file.tell() // 4096 * 4096 - but * 4096)
    return ballast


def test_a_full_disk_loses_nothing_and_all_is_in_order_once_there_is_room(small_disk: SmallDisk) -> None:
    stored = ConversationStore(small_disk.path).create(Conversation(id="one"))
    stored.put(say("before", "0"))
    ballast = fill(small_disk.path)
    for number in range(1, 4):
        with pytest.raises(StoreError, match="No space left on device"):
            stored.put(say(f"{number}" * 5000, str(number)))
        assert [entry["id"] for entry in on_disk(stored)] == ["0"]
    assert stored.unsaved == ["1", "2", "3"]
    ballast.unlink()
    stored.put(say("after", "4"))
    assert [entry["id"] for entry in on_disk(stored)] == list("01234")
    stored.close()


def test_what_has_room_at_the_end_is_saved_even_when_an_edit_further_up_has_none(
    small_disk: SmallDisk,
) -> None:
    stored = ConversationStore(small_disk.path).create(Conversation(id="one"))
    for name in "abc":
        stored.put(say("x" * 8000, name))
    ballast = fill(small_disk.path, but=4)
    with pytest.raises(StoreError, match="No space left"):
        stored.put(say("edited" * 8000, "a"))
    with pytest.raises(StoreError, match="No space left"):
        stored.put(say("x" * 2000, "d"))
    assert ([entry["id"] for entry in on_disk(stored)], stored.unsaved) == (list("abcd"), ["a"])
    ballast.unlink()
    stored.put(say("last", "e"))
    assert ([entry["id"] for entry in on_disk(stored)], stored.unsaved) == (list("abcde"), [])
    assert on_disk(stored)[0]["content"] == "edited" * 8000
    stored.close()


def test_a_disk_that_may_only_be_read_shows_the_conversation_read_only(small_disk: SmallDisk) -> None:
    store = ConversationStore(small_disk.path)
    stored = store.create(Conversation(id="one"))
    stored.put(say("there", "0"))
    stored.close()
    small_disk.allow_reading_only()
    again = store.open("one")
    assert (again.read_only, again.is_open_elsewhere, contents(again)) == (True, False, ["there"])
    with pytest.raises(StoreError, match="may not be written"):
        again.put(say("x"))
    with pytest.raises(StoreError, match=r"Read-only file system\. Allow writing there"):
        store.create(Conversation(id="two"))

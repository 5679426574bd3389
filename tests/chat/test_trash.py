"""Deleting, restoring, copying: whole in one place or the other, whenever the process is killed."""

import json
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.conversation_list import ConversationList
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.chat.storage.trash import Trash
from animus_tui.errors import UsageError, UserError

SAID = [ChatMessage(role="user", content=f"Number {number}") for number in range(5)]
STEPS = ("open", "fsync", "rename", "replace", "link", "mkdir", "unlink", "pwrite", "write", "utime")
"""The calls that change files, or that a change of files waits for."""


def make(root: Path, name: str = "one") -> Path:
    stored = ConversationStore(root).create(Conversation(id=name, title="First"))
    for message in SAID:
        stored.put(message)
    stored.write_image(b"no real picture", "png")
    stored.close()
    return stored.folder


def contents(root: Path, name: str) -> list[str | None]:
    stored = ConversationStore(root).open(name)
    try:
        assert stored.recovered is None
        assert len(list((stored.folder / "images").glob("*.png"))) == 1
        return [message.content for message in stored.messages]
    finally:
        stored.close()


WHOLE = [message.content for message in SAID]


def test_a_deleted_conversation_is_in_the_trash_and_comes_back_as_it_was(tmp_path: Path) -> None:
    make(tmp_path)
    before = ConversationList(tmp_path).read()
    trash, store = Trash(tmp_path), ConversationStore(tmp_path)
    trash.delete("one")
    assert ConversationList(tmp_path).read() == []
    assert [each.conversation.title for each in trash.deleted()] == ["First"]
    with pytest.raises(UsageError, match="There is no conversation"):
        store.open("one")
    assert trash.restore("one").id == "one"
    assert ConversationList(tmp_path).read() == before
    assert (trash.deleted(), contents(tmp_path, "one")) == ([], WHOLE)
    assert not (tmp_path / "conversations/one/deleted").exists()
    with pytest.raises(UserError, match="no longer in the trash"):
        trash.restore("one")
    trash.delete("one")
    trash.remove("one")
    assert list((tmp_path / "trash").iterdir()) == []
    for name in ("../one", "nothing"):
        with pytest.raises(UserError):
            trash.restore(name)


def test_one_whose_id_is_taken_again_comes_back_under_another_id_with_a_title_that_says_so(
    tmp_path: Path,
) -> None:
    make(tmp_path)
    trash, store = Trash(tmp_path), ConversationStore(tmp_path)
    trash.delete("one")
    again = store.create(Conversation(id="one", title="Imported again"))
    restored = trash.restore("one")
    assert restored.id != "one"
    assert restored.title == "First (restored)"
    assert contents(tmp_path, restored.id) == WHOLE
    described = json.loads((tmp_path / "conversations" / restored.id / "conversation.json").read_bytes())
    assert (described["id"], described["title"]) == (restored.id, "First (restored)")
    assert not (tmp_path / "conversations" / restored.id / "deleted").exists()
    assert trash.deleted() == []
    assert {each.title for each in ConversationList(tmp_path).read()} == {
        "Imported again",
        "First (restored)",
    }
    again.put(SAID[0])  # which was open all the time
    again.close()
    for title in ("First (restored)", ""):
        store.change(restored.id, partial(replace, title=title))
        trash.delete(restored.id)
        store.create(Conversation(id=restored.id)).close()
        restored = trash.restore(restored.id)
        assert restored.title == (title or "(restored)")
        assert contents(tmp_path, restored.id) == WHOLE


def test_two_of_the_same_id_that_were_deleted_one_after_the_other_are_both_in_the_trash(
    tmp_path: Path,
) -> None:
    trash, store = Trash(tmp_path), ConversationStore(tmp_path)
    make(tmp_path)
    trash.delete("one")
    store.create(Conversation(id="one", title="Imported again")).close()
    trash.delete("one")
    found = {each.conversation.title: each.conversation.id for each in trash.deleted()}
    assert found.keys() == {"First", "Imported again"}
    assert contents(tmp_path, trash.restore(found["First"]).id) == WHOLE
    assert trash.restore(found["Imported again"]).title == "Imported again"


def test_one_that_is_open_somewhere_is_not_deleted(tmp_path: Path) -> None:
    make(tmp_path)
    stored = ConversationStore(tmp_path).open("one")
    with pytest.raises(UserError, match="open in another window"):
        Trash(tmp_path).delete("one")
    stored.put(ChatMessage(role="user", content="more"))
    stored.close()
    assert contents(tmp_path, "one") == [*WHOLE, "more"]


def test_the_trash_is_emptied_after_thirty_days_and_not_sooner(tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    for name, days in (("fresh", 0), ("recent", 29), ("old", 31), ("by-hand", 400)):
        make(tmp_path, name)
        trash.delete(name)
        marked = tmp_path / "trash" / name / "deleted"
        marked.write_text((datetime.now(UTC) - timedelta(days=days)).isoformat())
        if name == "by-hand":
            marked.unlink()
            os.utime(marked.parent, (1, 1))
    shutil.copytree(tmp_path / "trash/fresh", tmp_path / "trash/.emptied-x")  # a kill left it
    assert trash.empty_old() == 1
    assert sorted(path.name for path in (tmp_path / "trash").iterdir()) == ["by-hand", "fresh", "recent"]
    assert trash.empty_old() == 0
    trash.restore("by-hand")
    assert contents(tmp_path, "by-hand") == WHOLE


def test_a_copy_has_everything_and_nothing_in_common_with_the_first_one(tmp_path: Path) -> None:
    folder = make(tmp_path)
    store = ConversationStore(tmp_path)
    writer = store.open("one")  # also while it is written
    name = store.duplicate("one")
    writer.put(ChatMessage(role="user", content="only in the first"))
    writer.close()
    assert contents(tmp_path, name) == WHOLE
    copy = store.open(name)
    assert (copy.conversation.title, copy.conversation.id) == ("First (copy)", name)
    copy.put(ChatMessage(role="user", content="only in the copy"))
    copy.close()
    shutil.rmtree(folder)
    assert contents(tmp_path, name) == [*WHOLE, "only in the copy"]


def killed_at(step: int, doing: Callable[[], object]) -> bool:
    """Do something in a process that kills itself before its call number `step` that changes files.

    Whether it was killed; False when there are not so many calls.
    """
    child = os.fork()
    if child == 0:
        left = step

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def counting(*args: Any, **more: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args, **more)

            return counting

        try:
            for name in STEPS:
                setattr(os, name, counted(getattr(os, name)))
            doing()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def kill_everywhere(root: Path, prepare: Callable[[], object], doing: Callable[[], object]) -> int:
    """Kill at each step; after each kill the conversation is whole, in the list or in the trash. How many kills."""
    trash = Trash(root)
    for step in range(200):
        shutil.rmtree(root, ignore_errors=True)
        make(root)
        prepare()
        was_killed = killed_at(step, doing)
        in_list = [each.id for each in ConversationList(root).read()]
        in_trash = [each.conversation.id for each in trash.deleted()]
        assert [*in_list, *in_trash].count("one") == 1
        for name in in_trash:
            trash.restore(name)
        for name in {*in_list, *in_trash}:
            assert contents(root, name) == WHOLE
            found = json.loads((root / "conversations" / name / "conversation.json").read_bytes())
            assert found["title"] in ("First", "First (copy)", "Second")
        trash.delete("one")  # nothing that is left is in the way
        trash.restore("one")
        if not was_killed:
            return step
    raise AssertionError


def test_killed_at_any_step_nothing_is_half_done(tmp_path: Path) -> None:
    root = tmp_path / "data"
    trash = Trash(root)

    def nothing() -> None:
        pass

    assert kill_everywhere(root, nothing, lambda: trash.delete("one")) > 5
    assert kill_everywhere(root, lambda: trash.delete("one"), lambda: trash.restore("one")) > 2
    assert kill_everywhere(root, nothing, lambda: ConversationStore(root).duplicate("one")) > 10
    renamed = kill_everywhere(
        root,
        nothing,
        lambda: ConversationStore(root).change("one", lambda found: replace(found, title="Second")),
    )
    assert renamed > 3


def test_killed_while_it_comes_back_under_another_id_it_is_whole_in_one_place(tmp_path: Path) -> None:
    root = tmp_path / "data"
    trash = Trash(root)
    for step in range(60):
        shutil.rmtree(root, ignore_errors=True)
        make(root)
        trash.delete("one")
        ConversationStore(root).create(Conversation(id="one", title="Imported again")).close()
        was_killed = killed_at(step, lambda: trash.restore("one"))
        if trash.deleted():
            trash.restore("one")
        (restored,) = [each for each in ConversationList(root).read() if each.id != "one"]
        assert restored.title == "First (restored)"
        assert contents(root, restored.id) == WHOLE
        if not was_killed:
            break
    assert step > 3


def test_killed_while_it_is_removed_for_good_a_conversation_is_never_half_there(tmp_path: Path) -> None:
    root = tmp_path / "data"
    trash = Trash(root)
    for step in range(60):
        shutil.rmtree(root, ignore_errors=True)
        make(root)
        trash.delete("one")
        was_killed = killed_at(step, lambda: trash.remove("one"))
        if trash.deleted():
            trash.restore("one")
            assert contents(root, "one") == WHOLE
        trash.empty_old()
        assert not (root / "trash").exists() or list((root / "trash").iterdir()) == []
        if not was_killed:
            break

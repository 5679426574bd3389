"""Branches of a conversation on disk: nothing that was said is lost, whatever is done, and older programs keep them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.revisions import corrected
from animus_tui.chat.storage.branches import removed_first, with_first, with_new, with_shown, without_first
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.history_format import encode
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError
from tests.support.stored_history import (
    contents,
    full_disk,
    history,
    import_history,
    long_conversation,
    on_disk,
    say,
)

ROOT = Path(__file__).parents[2]
BEFORE_BRANCHES = "b6f1c62"
"""A commit of the program that knows nothing of branches."""


def line(message: ChatMessage) -> bytes:
    return encode(message).line


def answer(text: str, name: str | None = None) -> ChatMessage:
    message = ChatMessage(role="assistant", content=text)
    return message if name is None else msgspec.structs.replace(message, id=name)


def everything(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """All texts of a history, also those of its branches."""
    for entry in entries:
        yield entry["content"]
        for branch in entry.get("branches") or ():
            yield from everything(branch or ())


def branch_off(stored: StoredConversation, message_id: str, *new: ChatMessage) -> None:
    stored.replace_from(message_id, with_new(stored.lines_from(message_id), list(map(line, new))))


def show(stored: StoredConversation, message_id: str, index: int) -> None:
    stored.replace_from(message_id, with_shown(stored.lines_from(message_id), index))


Operation = tuple[str, int, int]
OPERATIONS = st.tuples(
    st.sampled_from(
        ["say", "say", "branch", "branch", "show", "show", "correct", "delete", "undo", "reopen"]
    ),
    st.integers(0, 9),
    st.integers(0, 3),
)


@settings(max_examples=120)
@given(st.lists(OPERATIONS, max_size=25))
def test_whatever_is_done_every_text_that_was_not_deleted_stays_reachable_and_the_file_is_what_is_shown(
    operations: list[Operation],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ConversationStore(Path(folder))
        stored = store.create(Conversation(id="one"))
        said: set[str] = set()
        for number, (kind, at, index) in enumerate(operations):
            text = f"text {number}"
            messages = list(stored.messages)
            target = messages[at % len(messages)] if messages else None
            if kind == "reopen":
                stored.close()
                stored = store.open("one")
            elif kind == "say" or target is None:
                stored.put(answer(text))
                said.add(text)
            elif kind == "branch":
                branch_off(stored, target.id, answer(text))
                said.add(text)
            elif kind == "show":
                chosen = index % target.branch_count
                wanted = (target.branches or [None])[chosen]
                show(stored, target.id, chosen)
                if wanted is not None:
                    shown = contents(stored)[at % len(messages) :]
                    assert shown == [entry["content"] for entry in wanted]
            elif kind == "correct":
                stored.replace_from(target.id, corrected(stored.lines_from(target.id), target, text))
                said.add(text)
            elif kind == "undo":
                lines = stored.lines_from(target.id)
                removed, left = removed_first(lines), without_first(lines)
                whole = with_first(left, removed)
                assert list(map(json.loads, whole)) == list(map(json.loads, lines))
                stored.replace_from(target.id, left)
                place = at % len(messages)
                made = stored.replacement(place, lambda lines: with_first(lines, removed))  # noqa: B023
                made.make()
                assert stored.use(made)
                assert list(stored.messages) == messages
            else:
                stored.remove(target.id)
                said.discard(target.content or "")
            entries = on_disk(stored)
            assert set(everything(entries)) == said
            assert [entry["content"] for entry in entries] == contents(stored)
            assert len({message.id for message in stored.messages}) == len(entries)
            assert all(each.branch_count >= 1 and each.branch < each.branch_count for each in stored.messages)
        known = list(stored.messages)
        stored.close()
        assert list(store.open("one").messages) == known


def test_what_is_put_away_and_shown_again_keeps_its_bytes_unknown_keys_and_what_is_no_message(
    store: ConversationStore,
) -> None:
    foreign = [
        b'{"id":"u","role":"user","content":"hi","timestamp":"2026-01-01T00:00:00.000Z"}',
        b'{"id":"a","role":"assistant","content":"one","timestamp":"t","score":1.50,"big":123456789012345678901}',
        b'{"note": "no message"}',
        b'{"id":"v","role":"user","content":"\\u00e4","timestamp":"t","mine":{"b":1,"a":2}}',
    ]
    stored = store.create(Conversation(id="one"))
    stored.close()
    history(stored).write_bytes(b"[\n" + b",\n".join(foreign) + b"\n]\n")
    stored = store.open("one")
    branch_off(stored, "a", answer("two", "b"))
    stored.put(say("and then", "w"))
    assert contents(stored) == ["hi", "two", "and then"]
    show(stored, "b", 0)
    lines = history(stored).read_bytes().split(b"\n")[1:-2]
    assert [each.removesuffix(b",") for each in lines][0::2] == foreign[0::2]
    assert lines[1].startswith(foreign[1].removesuffix(b"}") + b',"branches":[null,[')
    assert lines[3] == foreign[3]
    assert contents(stored) == ["hi", "one", "ä"]
    stored.close()


def test_an_entry_without_an_id_has_the_same_one_after_it_was_put_away(store: ConversationStore) -> None:
    data = b'[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]'
    stored = import_history(store, data, Conversation(id="one"))
    before = list(stored.messages)
    branch_off(stored, before[1].id, answer("other", "o"))
    show(stored, "o", 0)
    assert [message.id for message in stored.messages] == [message.id for message in before]
    assert [message.timestamp for message in stored.messages] == [message.timestamp for message in before]
    stored.close()


def test_a_full_disk_loses_nothing_and_the_next_write_brings_the_change(
    store: ConversationStore, stored: StoredConversation
) -> None:
    for name in "abc":
        stored.put(answer(name, name))
    before = history(stored).read_bytes()
    with full_disk(), pytest.raises(StoreError):
        branch_off(stored, "b", answer("new", "n"))
    assert history(stored).read_bytes() == before
    assert (contents(stored), stored.unsaved) == (["a", "new"], ["n"])
    stored.put(answer("later", "l"))
    assert stored.unsaved == []
    assert [entry["content"] for entry in on_disk(stored)] == ["a", "new", "later"]
    show(stored, "n", 0)
    assert contents(stored) == ["a", "b", "c"]


def test_who_still_reads_the_messages_of_a_moment_gets_those(store: ConversationStore) -> None:
    stored = store.open(long_conversation(store, 2000))
    reading = iter(stored.messages)
    first = next(reading)
    branch_off(stored, stored.messages[10].id, answer("new"))
    stored.put(say("x" * 10_000))
    assert len([first, *reading]) == 2000
    assert len(stored.messages) == 12
    stored.close()


def test_a_program_before_branches_opens_the_file_adds_to_it_and_loses_nothing(tmp_path: Path) -> None:
    packed = subprocess.run(
        ["git", "archive", BEFORE_BRANCHES, "animus_tui"], cwd=ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip("the history of the repository is not there")
    former = tmp_path / "former"
    former.mkdir()
    subprocess.run(["tar", "x", "-C", str(former)], input=packed.stdout, check=True)
    store = ConversationStore(tmp_path / "data")
    stored = store.create(Conversation(id="one"))
    stored.put(say("hi", "u"))
    stored.put(answer("one", "a"))
    branch_off(stored, "a", msgspec.structs.replace(answer("two", "b"), wish="shorter", hidden=True))
    stored.close()
    program = """
        import sys
        from msgspec.structs import replace
        from animus_tui.chat.messages import ChatMessage
        from animus_tui.chat.storage.store import ConversationStore
        from pathlib import Path
        stored = ConversationStore(Path(sys.argv[1])).open("one")
        assert "branches" not in ChatMessage.__struct_fields__
        assert [message.content for message in stored.messages] == ["hi", "two"]
        stored.put(replace(stored.messages[1], outcome="failed"))
        stored.put(replace(stored.messages[0], content="hi there"))
        stored.put(ChatMessage(id="w", role="user", content="more"))
        stored.close()
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "data")],
        env=os.environ | {"PYTHONPATH": str(former)},
        cwd=former,
        check=True,
    )
    stored = store.open("one")
    assert contents(stored) == ["hi there", "two", "more"]
    second = stored.messages[1]
    assert (second.wish, second.hidden, second.outcome, second.branch) == ("shorter", True, "failed", 1)
    show(stored, "b", 0)
    assert contents(stored) == ["hi there", "one"]
    show(stored, "a", 1)
    assert contents(stored) == ["hi there", "two", "more"]
    stored.close()


SWITCHER = """
    import asyncio
    import sys
    from functools import partial
    from pathlib import Path
    from animus_tui.chat.events import EventBus
    from animus_tui.chat.storage.branches import with_shown
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.store import ConversationStore

    async def switch():
        stored = ConversationStore(Path(sys.argv[1])).open(sys.argv[2])
        writer = ConversationWriter(stored, EventBus())
        print("ready", flush=True)
        while True:
            message = stored.messages[1500]
            switching = asyncio.ensure_future(
                writer.replace_from(message.id, partial(with_shown, index=1 - message.branch))
            )
            await asyncio.sleep(0.001)
            writer.put(stored.messages[-1])  # which is written by the loop meanwhile
            await switching

    asyncio.run(switch())
"""


@pytest.mark.slow
def test_a_kill_while_branches_of_a_long_history_are_switched_leaves_the_one_or_the_other(
    store: ConversationStore, tmp_path: Path
) -> None:
    name = long_conversation(store, 3000)
    stored = store.open(name)
    branch_off(stored, stored.messages[1500].id, *(answer(f"new {number}") for number in range(500)))
    everything_said = sorted(everything(on_disk(stored)))
    stored.close()
    rng, lengths = random.Random(7), set[int]()
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SWITCHER), str(tmp_path / "data"), name],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        entries = json.loads(history(stored).read_bytes())
        assert sorted(everything(entries)) == everything_said
        stored = store.open(name)
        assert stored.recovered is None
        lengths.add(len(stored.messages))
        assert list(stored.folder.glob(".*.tmp")) == []
        stored.close()
    assert lengths <= {2000, 3000}

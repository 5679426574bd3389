"""The end of a long history: what it tells is true, and the rest is read when it is asked for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.history import Messages
from animus_tui.chat.storage.history_tail import SHORT, HistoryTail, read_tail
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import StoreError
from tests.support.stored_history import history, on_disk, say, write_conversation

TEXT = "Some words,\nnot too many. " * 20
SIZE = 800
PICTURE = ImageRecord(prompt="A hill", file="images/x.png", width=4, height=3)


def entry(number: int, text: str = TEXT, *, image: ImageRecord | None = None) -> ChatMessage:
    return ChatMessage(
        id=f"{number:032}",
        role="assistant" if number % 2 else "user",
        content=text,
        image=image,
        timestamp="2026-01-01T00:00:00.000Z",
    )


def lines(size: int = SIZE) -> list[bytes]:
    return [msgspec.json.encode(entry(number)) for number in range(size)]


def layout(entries: list[bytes]) -> bytes:
    return b"[\n" + b",\n".join(entries) + b"\n]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.json"


def opened(store: ConversationStore, entries: list[bytes]) -> StoredConversation:
    write_conversation(store, "long", layout(entries))
    return store.open("long", tail_first=True)


def never_read() -> Messages:
    raise AssertionError("the end tells enough")


def tail_at(path: Path) -> HistoryTail | None:
    return read_tail(path, never_read)


def tail_of(stored: StoredConversation) -> HistoryTail:
    assert stored.tail is not None
    return stored.tail


def is_read(stored: StoredConversation) -> bool:
    return stored.tail is None


def test_the_end_tells_how_many_messages_there_are_and_the_newest(path: Path) -> None:
    path.write_bytes(layout(lines()))
    seen = tail_at(path)
    assert seen is not None
    assert (len(seen), seen.has_picture) == (SIZE, False)
    assert 100 < len(seen.newest) < SIZE
    assert seen.newest == [entry(number) for number in range(SIZE - len(seen.newest), SIZE)]


@pytest.mark.parametrize("at", [0, 1, SIZE // 2, SIZE - 1])
def test_a_picture_anywhere_is_told_and_the_word_for_it_in_a_text_is_none(path: Path, at: int) -> None:
    entries = lines()
    entries[at] = msgspec.json.encode(entry(at, 'say "image":{ again'))
    path.write_bytes(layout(entries))
    seen = tail_at(path)
    assert seen is not None
    assert not seen.has_picture
    entries[at] = msgspec.json.encode(entry(at, image=PICTURE))
    path.write_bytes(layout(entries))
    seen = tail_at(path)
    assert seen is not None
    assert seen.has_picture


def test_a_picture_whose_line_is_cut_by_the_pieces_that_are_read_is_told(path: Path) -> None:
    plain, shown = lines(), msgspec.json.encode(entry(500, image=PICTURE))
    for shift in range(0, 2 * len(shown), 7):
        entries = [*plain[:500], shown, *plain[501:]]
        entries[0] = msgspec.json.encode(entry(0, TEXT + "x" * shift))
        path.write_bytes(layout(entries))
        seen = tail_at(path)
        assert seen is not None
        assert seen.has_picture


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[\n\n]\n",
        layout(lines(SHORT // 700)),
        layout(lines())[:-1],
        layout(lines())[:-5],
        layout(lines())[:-5] + b"\n]\n",
        layout(lines()).replace(b"[\n", b"[ \n", 1),
        layout(lines()) + b"\n",
        layout([*lines(), b'{"role":"user","content":"no id"}']),
        layout([*lines(), b'{"id":"x","content":"no role","timestamp":"now"}']),
        layout([*lines(), b'"no message"']),
        layout(lines())[:-400] + b"\0" * 397 + b"\n]\n",
    ],
)
def test_what_is_short_or_not_as_it_is_written_here_has_to_be_read(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert tail_at(path) is None


def test_there_is_no_end_of_a_file_that_is_not_there_or_a_link(path: Path) -> None:
    assert tail_at(path) is None
    path.symlink_to(path.with_name("other"))
    path.with_name("other").write_bytes(layout(lines()))
    with pytest.raises(OSError, match="symbolic"):
        tail_at(path)


def test_nothing_is_read_before_it_is_asked_for_and_then_it_is_the_same(store: ConversationStore) -> None:
    stored = opened(store, lines())
    seen = tail_of(stored)
    newest = stored.newest
    assert newest == seen.newest
    assert seen[-1] == entry(SIZE - 1)
    assert seen.place(f"{SIZE - 3:032}") == SIZE - 3
    assert not stored.has_picture
    assert stored.tail is not None
    assert seen[3] == entry(3)
    assert is_read(stored)
    assert seen.is_exact
    assert list(seen) == list(stored.messages) == [entry(number) for number in range(SIZE)]
    assert seen.place(f"{5:032}") == 5
    assert seen.place("nobody") is None
    assert seen[-3:] == stored.messages[-3:]
    assert stored.newest is stored.messages
    stored.close()


def test_the_index_is_exact_for_what_was_seen_and_a_guess_for_the_rest(store: ConversationStore) -> None:
    entries = lines()
    entries[-2] = msgspec.json.encode(entry(SIZE - 2, image=PICTURE))
    stored = opened(store, entries)
    seen = tail_of(stored)
    first = SIZE - len(stored.newest)
    guess, exact = seen.message_index, stored.messages.message_index
    assert len(guess) == len(exact) == SIZE
    assert guess.roles[first:] == exact.roles[first:]
    assert guess.lengths[first:] == exact.lengths[first:]
    assert guess.breaks[first:] == exact.breaks[first:]
    assert guess.pictures == exact.pictures == {SIZE - 2: (4, 3)}
    assert abs(sum(guess.lengths) - sum(exact.lengths)) < 0.1 * sum(exact.lengths)
    stored.close()


def test_what_is_said_before_all_is_read_comes_behind_it(store: ConversationStore) -> None:
    stored = opened(store, lines())
    seen = tail_of(stored)
    stored.put(say("new", "new"))
    assert seen.is_exact
    assert [message.id for message in stored.messages[-2:]] == [f"{SIZE - 1:032}", "new"]
    assert len(on_disk(stored)) == SIZE + 1
    stored.close()


@pytest.mark.parametrize(
    "other",
    [b'{"no":"message"}', b"5", b'{"role":"user","content":"no id"}', lines()[SIZE - 1], b'{"id":"torn","ro'],
)
def test_an_end_that_told_what_is_not_so_is_told_of(store: ConversationStore, other: bytes) -> None:
    entries = lines()
    entries[5] = other
    stored = opened(store, entries)
    seen = tail_of(stored)
    count = len(stored.messages)
    is_message = b"role" in other and b"torn" not in other
    assert count == SIZE - (not is_message)
    assert seen.is_exact == (b"no id" in other)
    assert bool(stored.recovered) == (b"torn" in other)
    assert [seen[at].content for at in range(SIZE - 3, SIZE)] == [TEXT] * 3
    assert isinstance(seen[count - 1 if count < SIZE else 0], ChatMessage)
    stored.close()


def test_an_older_message_that_turned_out_not_to_be_there_shows_nothing(store: ConversationStore) -> None:
    stored = opened(store, lines())
    seen = tail_of(stored)
    history(stored).write_bytes(layout(lines(3)))
    assert seen[2] == entry(2)
    assert (seen[3].role, seen[3].content) == ("system", None)
    assert not seen.is_exact
    stored.close()


def test_a_disk_that_fails_later_is_told_in_one_sentence(store: ConversationStore) -> None:
    stored = opened(store, lines())
    history(stored).unlink()
    history(stored).mkdir()
    with pytest.raises(StoreError, match="could not be opened"):
        stored.messages  # noqa: B018


@given(st.lists(st.sampled_from(["user", "assistant", "system", "tool"]), min_size=1), st.text(max_size=60))
@settings(max_examples=30)
def test_the_end_and_a_reading_agree_whatever_was_said(
    tmp_path_factory: pytest.TempPathFactory, roles: list[str], text: str
) -> None:
    store = ConversationStore(tmp_path_factory.mktemp("data"))
    stored = store.create(Conversation(id="long"))
    stored.close()
    said = [ChatMessage(role=role, content=f"{text} {number}") for number, role in enumerate(roles)]  # type: ignore[arg-type]
    entries = [msgspec.json.encode(message) for message in said]
    filling = lines()
    history(stored).write_bytes(layout([*entries[::2], *filling, *entries[1::2]]))
    stored = store.open("long", tail_first=True)
    seen = tail_of(stored)
    newest = list(stored.newest)
    assert list(stored.messages)[-len(newest) :] == newest
    assert seen.is_exact
    assert list(seen) == list(stored.messages)
    stored.close()

"""All pictures of all conversations: found, ordered, remembered, and none lost to a damaged neighbour."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from animus_tui.chat.images.catalog import AllPictures, Collection
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UserError
from tests.support.stored_history import import_history


def record(number: int) -> ImageRecord:
    return ImageRecord(
        prompt=f"picture {number}",
        file=f"images/{number}.png",
        settings={"seed": number},
        created=f"2026-01-02T10:{number // 60:02}:{number % 60:02}.000Z",
    )


def picture(number: int, variants: int = 1, shown: int = 0) -> ChatMessage:
    """Pictures `number`, `number + 1`, … as variants of one message."""
    records = [record(number + step) for step in range(variants)]
    return ChatMessage(
        id=f"p{number}",
        role="assistant",
        content="",
        image=records[shown],
        variants=records if variants > 1 else None,
    )


def talked(store: ConversationStore, name: str, *messages: ChatMessage) -> StoredConversation:
    stored = store.create(Conversation(id=name, title=f"About {name}"))
    for number, message in enumerate(messages):
        stored.put(ChatMessage(id=f"u{number}", role="user", content='Say "image":{ to me'))
        stored.put(message)
    return stored


def collected(pictures: AllPictures) -> Collection:
    *_, last = pictures.read()
    assert last.is_complete
    return last


def prompts(collection: Collection) -> list[str]:
    return [found.record.prompt for found in collection.pictures]


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path)


def test_nothing_is_found_where_nothing_is(store: ConversationStore) -> None:
    assert list(AllPictures(store).read()) == [Collection((), is_complete=True)]


def test_pictures_of_all_conversations_come_newest_first_with_all_their_variants(
    store: ConversationStore,
) -> None:
    talked(store, "one", picture(1), picture(5, variants=3, shown=1)).close()
    talked(store, "two", picture(3), picture(9)).close()
    found = collected(AllPictures(store))
    assert prompts(found) == [f"picture {number}" for number in (9, 7, 6, 5, 3, 1)]
    assert [(f.variant, f.variants) for f in found.pictures][:4] == [(0, 1), (2, 3), (1, 3), (0, 3)]
    newest, variant = found.pictures[:2]
    assert (newest.conversation_id, newest.title, newest.message_id) == ("two", "About two", "p9")
    assert (variant.conversation_id, variant.message_id, variant.record) == ("one", "p5", record(7))
    assert len({f.key for f in found.pictures}) == 6


def test_a_conversation_that_is_open_is_read_and_stays_writable(store: ConversationStore) -> None:
    stored = talked(store, "one", picture(1))
    assert prompts(collected(AllPictures(ConversationStore(stored.data_folder)))) == ["picture 1"]
    stored.put(picture(2))
    stored.close()


def test_files_are_below_their_own_conversation_and_nowhere_else(
    store: ConversationStore, tmp_path: Path
) -> None:
    outside = ChatMessage(
        id="x", role="assistant", image=msgspec.structs.replace(record(2), file="../../../secret.png")
    )
    stored = talked(store, "one", picture(1), outside)
    inside, elsewhere = collected(AllPictures(store)).pictures[::-1]
    assert inside.path() == stored.path_of("images/1.png")
    with pytest.raises(UserError, match="not a file of this conversation"):
        elsewhere.path()
    stored.close()


def test_what_did_not_change_is_not_read_again(store: ConversationStore, tmp_path: Path) -> None:
    talked(store, "one", picture(1)).close()
    stored = talked(store, "two", picture(2))
    pictures = AllPictures(store)
    assert pictures.known.pictures == ()
    first = collected(pictures)
    assert pictures.known.pictures == first.pictures
    # The same length and the same time: nobody looks into it.
    history = tmp_path / "conversations" / "one" / "history.json"
    state = history.stat()
    with history.open("r+b") as file:
        file.write(history.read_bytes().replace(b"picture 1", b"picture X"))
    os.utime(history, ns=(state.st_atime_ns, state.st_mtime_ns))
    stored.put(picture(3))
    assert prompts(collected(pictures)) == ["picture 3", "picture 2", "picture 1"]
    stored.close()


def test_a_title_and_a_conversation_that_is_gone_are_noticed(
    store: ConversationStore, tmp_path: Path
) -> None:
    talked(store, "gone", picture(9)).close()
    stored = talked(store, "one", picture(1, variants=2))
    pictures = AllPictures(store)
    assert {f.title for f in collected(pictures).pictures} == {"About gone", "About one"}
    stored.put(picture(1, variants=2, shown=1))
    stored.describe(msgspec.structs.replace(stored.conversation, title="Renamed"))
    (tmp_path / "conversations" / "gone" / "history.json").unlink()
    (tmp_path / "conversations" / "gone" / "conversation.json").unlink()
    found = collected(pictures)
    assert [f.title for f in found.pictures] == ["Renamed", "Renamed"]
    stored.close()


def test_an_imported_history_is_found_under_the_names_that_it_is_opened_with(
    store: ConversationStore,
) -> None:
    entry = {"role": "assistant", "content": "", "image": {"prompt": "old", "file": "images/a.png"}}
    foreign = json.dumps([{"role": "user", "content": "Hi"}, entry, entry, {"no": "message"}], indent=1)
    stored = import_history(store, foreign.encode(), Conversation(id="old"))
    found = collected(AllPictures(store)).pictures
    names = [message.id for message in stored.messages if message.image is not None]
    assert [f.message_id for f in found] == names[::-1]
    assert len(set(names)) == 2
    created = stored.conversation.created  # what has no time has that of what is before it
    assert [f.record.created for f in found] == [created] * 2
    assert [stored.get(name).image for name in names] == [f.record for f in found]
    stored.close()


def test_a_damaged_history_gives_what_can_be_read_of_it_and_a_sentence(
    store: ConversationStore, tmp_path: Path
) -> None:
    talked(store, "whole", picture(1)).close()
    talked(store, "torn", picture(2), picture(3)).close()
    history = tmp_path / "conversations" / "torn" / "history.json"
    torn = history.read_bytes()[:-60]
    history.write_bytes(torn)
    found = collected(AllPictures(store))
    assert prompts(found) == ["picture 2", "picture 1"]
    assert found.troubles == ("The history of “About torn” is damaged: what can be read of it is here.",)
    assert history.read_bytes() == torn  # whoever opens it keeps a copy; looking changes nothing


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"{}", b"[" * 100_000, bytes(1000)])
def test_no_history_that_is_none_stops_the_others(
    store: ConversationStore, tmp_path: Path, damage: bytes
) -> None:
    talked(store, "whole", picture(1)).close()
    talked(store, "none", picture(2)).close()
    (tmp_path / "conversations" / "none" / "history.json").write_bytes(damage)
    found = collected(AllPictures(store))
    assert prompts(found) == ["picture 1"]
    assert len(found.troubles) == 1


def test_what_cannot_be_opened_is_told_with_its_reason(store: ConversationStore, tmp_path: Path) -> None:
    talked(store, "whole", picture(1)).close()
    talked(store, "folder", picture(2)).close()
    history = tmp_path / "conversations" / "folder" / "history.json"
    history.unlink()
    history.mkdir()
    found = collected(AllPictures(store))
    assert prompts(found) == ["picture 1"]
    (trouble,) = found.troubles
    assert trouble.startswith("The conversation “About folder” cannot be read: ")


def test_a_damaged_description_costs_the_title_only(store: ConversationStore, tmp_path: Path) -> None:
    talked(store, "one", picture(1)).close()
    (tmp_path / "conversations" / "one" / "conversation.json").write_text("{")
    (found,) = collected(AllPictures(store)).pictures
    assert (found.title, found.conversation_id) == ("", "one")


def test_the_first_pictures_are_told_before_all_have_been_found(
    store: ConversationStore, tmp_path: Path
) -> None:
    for number in range(5):
        talked(store, f"c{number}", picture(number)).close()
        for name in ("history.json", "conversation.json"):
            os.utime(tmp_path / "conversations" / f"c{number}" / name, ns=(number + 1, number + 1))
    steps = AllPictures(store).read()
    assert prompts(next(steps)) == ["picture 4"]  # of the conversation used last
    *_, last = steps
    assert prompts(last) == [f"picture {number}" for number in (4, 3, 2, 1, 0)]


def test_settings_that_look_like_a_picture_are_none(store: ConversationStore) -> None:
    stored = talked(store, "one")
    stored.put(
        ChatMessage(
            id="t", role="assistant", tool_calls=[{"image": {"prompt": "no", "file": "images/x.png"}}]
        )
    )
    assert collected(AllPictures(store)).pictures == ()
    stored.close()


def indexed(store: ConversationStore, tmp_path: Path) -> AllPictures:
    """As another run of the program begins: nothing is remembered but what stands in the cache."""
    return AllPictures(store, tmp_path / "cache")


def cut_off(stored: StoredConversation) -> None:
    """Whoever reads the history finds nothing any more, and nothing tells that it has changed."""
    path = stored.folder / "history.json"
    found = path.stat()
    path.write_bytes(b"[\n]\n".ljust(found.st_size))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def test_another_run_reads_only_histories_that_have_changed(store: ConversationStore, tmp_path: Path) -> None:
    first, second = talked(store, "a", picture(1, 3, 2)), talked(store, "b", picture(4))
    before = collected(indexed(store, tmp_path))
    cut_off(first)
    second.put(picture(5))
    steps = list(indexed(store, tmp_path).read())
    assert prompts(steps[0]) == prompts(before)
    assert not steps[0].is_complete
    assert steps[-1].pictures[1:] == before.pictures
    assert prompts(steps[-1])[0] == "picture 5"
    assert collected(indexed(store, tmp_path)).pictures == steps[-1].pictures


def test_what_the_index_tells_is_what_reading_everything_tells(
    store: ConversationStore, tmp_path: Path
) -> None:
    a, b = talked(store, "a", picture(1, 2), picture(3)), talked(store, "b", picture(4))
    talked(store, "none")
    collected(indexed(store, tmp_path))
    a.put(picture(1, 2, 1))
    a.describe(msgspec.structs.replace(a.conversation, title="Another title"))
    b.close()
    shutil.rmtree(b.folder)
    talked(store, "c", picture(7))
    found = collected(indexed(store, tmp_path))
    assert found == collected(AllPictures(store))
    assert {each.title for each in found.pictures} == {"Another title", "About c"}


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x93\x01\xa1x\x80", b"\xc0"])
def test_an_index_that_cannot_be_read_is_made_anew(
    store: ConversationStore, tmp_path: Path, data: bytes
) -> None:
    talked(store, "a", picture(1))
    collected(indexed(store, tmp_path))
    (file,) = (tmp_path / "cache").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    whole = file.read_bytes()
    file.write_bytes(data)
    assert prompts(collected(indexed(store, tmp_path))) == ["picture 1"]
    assert file.read_bytes() == whole

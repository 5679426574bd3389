"""`conversation.json` that several processes change, and that other versions write."""

import json
import multiprocessing
import os
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.description import change_description, read_description
from animus_tui.chat.storage.store import ConversationStore

SAID = ChatMessage(role="user", content="Hello")


def test_what_another_process_changed_is_not_lost_when_the_writer_writes(tmp_path: Path) -> None:
    writer = ConversationStore(tmp_path).create(Conversation(id="one", title="First"))
    change_description(writer.folder, lambda found: replace(found, title="Renamed", pinned=True))
    writer.describe(replace(writer.conversation, character_name="Ada"))
    for conversation in (writer.conversation, read_description(writer.folder)):
        assert (conversation.title, conversation.pinned, conversation.character_name) == (
            "Renamed",
            True,
            "Ada",
        )
    change_description(writer.folder, lambda found: replace(found, pinned=False))
    writer.put(SAID)
    writer.close()  # with a summary
    found = read_description(writer.folder)
    assert (found.title, found.pinned, found.summary is not None) == ("Renamed", False, True)


def test_keys_of_another_version_stay_and_what_it_drops_is_made_again(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path)
    stored = store.create(Conversation(id="one", title="First"))
    path = stored.folder / "conversation.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "of_next_year": [1, 2]}))
    stored.describe(replace(stored.conversation, title="Second"))
    stored.put(SAID)
    stored.close()
    fields = json.loads(path.read_bytes())
    assert (fields["of_next_year"], fields["title"], fields["summary"]["messages"]) == ([1, 2], "Second", 1)
    path.write_text(json.dumps({key: fields[key] for key in ("id", "title", "created")}))  # an older version
    stored = store.open("one")
    assert [message.content for message in stored.messages] == ["Hello"]
    stored.close()
    assert json.loads(path.read_bytes())["summary"] == fields["summary"]


def rename_often(folder: str, word: str, count: int) -> None:
    for number in range(count):
        name = str(number)
        fields = {"title": name} if word == "title" else {"character_name": name}
        change_description(Path(folder), partial(replace, **fields))


@pytest.mark.slow
def test_two_processes_that_change_different_fields_at_once_lose_nothing(tmp_path: Path) -> None:
    stored = ConversationStore(tmp_path).create(Conversation(id="one"))
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=rename_often, args=(os.fspath(stored.folder), word, 40))
        for word in ("title", "character")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    found = read_description(stored.folder)
    assert (found.title, found.character_name) == ("39", "39")
    stored.close()

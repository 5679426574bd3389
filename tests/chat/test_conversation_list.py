"""The list of all conversations: its order, its groups, and summaries that are out of date or missing."""

import json
import os
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, Summary, image_message
from animus_tui.chat.storage.conversation_list import (
    ConversationList,
    ListedConversation,
    fitting,
    grouped,
)
from animus_tui.chat.storage.description import change_description, read_description
from animus_tui.chat.storage.history_format import layout
from animus_tui.chat.storage.store import ConversationStore
from tests.support.many_conversations import write_conversations
from tests.support.stored_history import write_conversation

SAID = ChatMessage(role="user", content="# Hello\n**you** there", timestamp="2024-05-04T10:00:00.000Z")
ANSWER = ChatMessage(
    role="assistant", content="Good morning \x1b[31mto you", timestamp="2024-05-04T10:01:00.000Z"
)


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path)


def filled(store: ConversationStore, name: str, *messages: ChatMessage) -> Path:
    stored = store.create(Conversation(id=name, title=f"About {name}", name="Vivian"))
    for message in messages:
        stored.put(message)
    stored.close()
    return stored.folder


def summary_in(folder: Path) -> Summary:
    summary = read_description(folder).summary
    assert summary is not None
    return summary


def test_a_conversation_that_is_closed_has_a_summary_of_its_messages(store: ConversationStore) -> None:
    record = ImageRecord(prompt="A [b]boat[/b]", file="images/boat.png", width=640, height=480)
    shown = replace(image_message(record), timestamp="2024-05-04T10:02:00.000Z")
    folder = filled(store, "one", SAID, ANSWER)
    assert summary_in(folder) == Summary(
        history_size=(folder / "history.json").stat().st_size,
        messages=2,
        last_words="Good morning to you",
        last_role="assistant",
        last_time=ANSWER.timestamp,
    )
    stored = store.open("one")
    stored.put(shown)
    assert stored.described.summary == replace(
        summary_in(folder),
        history_size=(folder / "history.json").stat().st_size,
        messages=3,
        last_words="A [b]boat[/b]",
        last_role="image",
        last_time=shown.timestamp,
        picture="images/boat.png",
        picture_size=(640, 480),
    )
    stored.put(ChatMessage(role="user", content="not for the model", hidden=True))
    hidden = stored.described.summary
    assert hidden is not None
    assert (hidden.messages, hidden.last_words) == (4, "A [b]boat[/b]")
    other = replace(record, file="images/bout.png")  # as many bytes as before
    stored.put(replace(shown, image=other))
    stored.close()
    assert summary_in(folder).picture == "images/bout.png"


def test_pinned_ones_come_first_and_the_others_by_their_last_message_whenever_their_files_were_written(
    store: ConversationStore, tmp_path: Path
) -> None:
    for name, year in (("old", 2019), ("new", 2024), ("pinned", 2001)):
        filled(store, name, replace(SAID, timestamp=f"{year}-05-04T10:00:00.000Z"))
    filled(store, "empty")
    os.utime(tmp_path / "conversations/old/history.json", (2e9, 2e9))
    change_description(tmp_path / "conversations/pinned", lambda found: replace(found, pinned=True))
    change_description(tmp_path / "conversations/empty", lambda found: replace(found, title=""))
    (tmp_path / "conversations/noise").write_text("no folder")
    listed = ConversationList(tmp_path)
    assert [each.id for each in listed.read()] == ["pinned", "new", "old"]
    assert [each.id for each in listed.read(current="empty")][0:2] == ["pinned", "empty"]
    broken = tmp_path / "conversations/new/conversation.json"
    broken.write_text('{"title": 5, "summary": "nonsense"')
    found = {each.id: each for each in listed.read()}
    assert (found["new"].title, found["new"].is_outdated) == ("", True)


def test_an_outdated_summary_is_shown_and_brought_up_to_date_and_so_is_a_missing_one(
    store: ConversationStore, tmp_path: Path
) -> None:
    outdated = filled(store, "outdated", SAID) / "history.json"
    line = json.dumps(
        {"id": "x", "role": "assistant", "content": "Newer", "timestamp": "2024-06-01T00:00:00Z"}
    )
    outdated.write_bytes(
        layout([*outdated.read_bytes()[2:-3].split(b",\n"), line.replace(": ", ":").encode()])
    )
    write_conversation(
        store, "foreign", b'[{"role":"user","content":"By the SDK"}, {"role":"assistant","content":"Yes"}]'
    )
    write_conversations(tmp_path, 1, 3_000, with_summaries=False)
    listed = ConversationList(tmp_path)
    before = {each.id: each for each in listed.read()}
    assert all(each.is_outdated for each in before.values())
    assert before["outdated"].summary == summary_in(outdated.parent)
    renewed = {name: listed.bring_up_to_date(each) for name, each in before.items()}
    counts = {name: each.summary.messages for name, each in renewed.items() if each and each.summary}
    assert sorted(counts.values()) == [2, 2, 3_000]
    now_outdated = renewed["outdated"]
    assert now_outdated is not None
    assert now_outdated.summary is not None
    assert (now_outdated.summary.last_words, now_outdated.is_outdated) == ("Newer", False)
    assert not any(each.is_outdated for each in listed.read())  # remembered


def test_a_second_reading_sees_what_another_process_changed_added_and_removed(
    store: ConversationStore, tmp_path: Path
) -> None:
    folder = filled(store, "one", SAID)
    listed = ConversationList(tmp_path)
    assert [each.title for each in listed.read()] == ["About one"]
    assert not listed.has_changed(["one"])
    change_description(folder, lambda found: replace(found, title="Other"))
    assert listed.has_changed(["one"])
    assert [each.title for each in listed.read()] == ["Other"]
    filled(store, "two", SAID)
    assert listed.has_changed(["one"])
    assert len(listed.read()) == 2
    assert not listed.has_changed(["one", "two"])


def test_what_was_read_is_remembered(tmp_path: Path) -> None:
    names = write_conversations(tmp_path, 30, 60)
    listed = ConversationList(tmp_path)
    assert listed.remembered() == []
    everything = listed.read()
    assert [each.id for each in everything] == names
    shutil.rmtree(tmp_path)
    assert listed.remembered() == everything


def at(moment: datetime, name: str = "", *, pinned: bool = False) -> ListedConversation:
    return ListedConversation(name, "Título", "Ada", moment.timestamp(), pinned=pinned)


def test_groups_are_days_then_weekdays_then_months_then_years() -> None:
    today = date(2026, 3, 4)  # a Wednesday
    noon = datetime(2026, 3, 4, 12)  # noqa: DTZ001 (the user's time)
    days = (-1, 0, 1, 2, 6, 7, 40, 360, 800, 801)
    listed = [at(noon, pinned=True), *(at(noon - timedelta(days=count)) for count in days)]
    groups = grouped(listed, today)
    assert [group.name for group in groups] == [
        *("Pinned", "Today", "Yesterday", "Monday", "Thursday", "February", "January", "2025", "2023")
    ]
    assert [len(group.conversations) for group in groups] == [1, 2, 1, 1, 1, 1, 1, 1, 2]
    assert grouped([at(datetime(2025, 12, 24))], today)[0].name == "December 2025"  # noqa: DTZ001
    assert grouped([], today) == []


def test_words_are_looked_for_in_title_character_and_last_words() -> None:
    listed = replace(at(datetime(2026, 1, 1)), summary=Summary(history_size=1, last_words="Straße nach Rom"))  # noqa: DTZ001
    for words in ("", "TÍTULO", "ada rom", "strasse"):
        assert fitting([listed], words) == [listed]
    assert fitting([listed], "ada paris") == []

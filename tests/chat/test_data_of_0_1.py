"""A data folder as version 0.1 wrote it, `data_of_0_1`: whatever it has is found, and nothing of it is changed.

Its conversations were written by the application against a scripted service, but for the torn end of `damaged`, and
for `foreign-file`, whose history another program wrote. `second-copy` was killed while it was written.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.storage.sent_prompts import SentPrompts
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.themes import kept_theme
from tests.support.chat_service import png, reply
from tests.support.image_jobs import Works
from tests.support.stored_history import contents, descriptions, history, say
from tests.support.talk import StartTalk

DATA = Path(__file__).parent / "data_of_0_1"
TITLES = {
    "plain": "Hello, who are you?",
    "picture": "Paint me a boat <on> a “lake”",
    "edited": "",
    "damaged": "one",
    "foreign": "From the JavaScript SDK",
    "foreign-file": "",
    "headless": "From a command",
    "job": "Later, please",
    "second-copy": "",
}
INTACT = sorted(TITLES.keys() - {"damaged"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The data directory."""
    return Path(shutil.copytree(DATA, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def data(root: Path) -> ConversationStore:
    return ConversationStore(root)


def test_all_conversations_are_listed_by_their_titles_and_the_last_one_is_known(
    data: ConversationStore,
) -> None:
    described = TITLES.keys() - {"foreign-file"}  # it has no description before it is opened
    found = {conversation.id: conversation.title for conversation in descriptions(data)}
    assert found == {name: TITLES[name] for name in described}
    assert data.latest() == "plain"
    assert {each.id for each in descriptions(data) if each.headless} == {"headless"}


@pytest.mark.parametrize("name", INTACT)
def test_opening_changes_no_history_and_the_next_message_keeps_every_entry(
    data: ConversationStore, name: str
) -> None:
    stored = data.open(name)
    path = history(stored)
    before = path.read_bytes()
    assert stored.recovered is None
    assert stored.conversation.title == TITLES[name]
    known = list(stored.messages)
    stored.close()
    assert path.read_bytes() == before
    stored = data.open(name, tail_first=True)
    stored.put(say("new", "new"))
    stored.close()
    entries = json.loads(path.read_bytes())
    assert entries[-1]["content"] == "new"
    if name != "foreign-file":  # its turns have become one entry
        assert entries[:-1] == json.loads(before)
    assert list(data.open(name).messages)[:-1] == known


def test_what_was_said_is_there_with_reasoning_turns_and_times(data: ConversationStore) -> None:
    stored = data.open("plain")
    assert contents(stored) == [
        "Hello, who are you?",
        "I am Vivian.\nNice to meet you!",
        "Show me a table.",
        "| a | b |\n|---|---|\n| 1 | zwölf |",
        "And now?",
        "The end.",
    ]
    answer = stored.messages[1]
    assert (answer.reasoning, answer.turns) == ("A greeting.", ["I am Vivian.", "Nice to meet you!"])
    assert answer.timestamp.startswith("2026-11-29T")
    assert stored.conversation.system_message == "You are Vivian."
    stored.close()


def test_a_picture_is_found_by_its_message_and_fulfils_what_was_promised(data: ConversationStore) -> None:
    stored = data.open("picture")
    _, promise, shown = stored.messages
    assert promise.image_prompt == 'a boat on a "lake" & reeds'
    assert (shown.reply_to, shown.image is not None) == (promise.id, True)
    assert shown == stored.messages.last_picture()
    assert shown.image is not None
    assert stored.path_of(shown.image.file).read_bytes() == png(shade=3)
    assert shown.content == '<image description="a boat on a &quot;lake&quot; &amp; reeds" />'
    stored.close()


def test_an_edited_picture_has_its_variants_its_settings_and_its_source(data: ConversationStore) -> None:
    stored = data.open("edited")
    house, edit = stored.messages
    assert house.image is not None
    assert house.variants is not None
    assert edit.image is not None
    assert (house.image, len(house.variants)) == (house.variants[0], 2)
    assert house.image.settings == {"width": 512, "seed": 7, "negative_prompt": "text"}
    assert (house.image.seed, house.variants[1].seed) == (7, 3280387012)
    assert edit.image.source_url == house.image.url
    shown = [house.variants[0], house.variants[1], edit.image]
    assert [stored.path_of(record.file).read_bytes() for record in shown] == [
        png(shade=shade) for shade in (4, 6, 5)
    ]
    stored.close()


def test_every_picture_is_in_the_gallery(data: ConversationStore) -> None:
    *_, found = AllPictures(data).read()
    assert found.is_complete
    assert sorted(picture.record.prompt for picture in found.pictures) == [
        'a boat on a "lake" & reeds',
        "a house",
        "a house",
        "make it blue",
    ]
    assert [sentence for sentence in found.troubles if "“one”" not in sentence] == []


def test_a_torn_end_costs_only_itself_and_is_kept_beside_the_history(data: ConversationStore) -> None:
    stored = data.open("damaged")
    assert contents(stored) == ["one", "two", "three", "four"]
    assert stored.recovered is not None
    (kept,) = stored.folder.glob("history.json.damaged-*")
    assert kept.read_bytes() == (DATA / "conversations/damaged/history.json").read_bytes()
    assert len(json.loads(history(stored).read_bytes())) == 4
    stored.close()


def test_what_a_kill_left_of_a_second_copy_is_deleted_and_all_that_was_saved_is_there(
    data: ConversationStore,
) -> None:
    stored = data.open("second-copy")
    assert [message.content for message in stored.messages] == [f"{n} " + "long " * 1000 for n in range(3)]
    assert list(stored.folder.glob(".*")) == []
    stored.close()


@pytest.mark.parametrize("name", ["foreign", "foreign-file"])
def test_what_another_program_wrote_is_read_as_it_was_meant(data: ConversationStore, name: str) -> None:
    stored = data.open(name)
    first, answer = stored.messages[:2]
    assert (first.content, first.timestamp) == ("Hallo", "2025-05-01T10:00:00.000Z")
    assert answer.turns == ["First turn.", "Second turn."]
    if name == "foreign":
        parts, thought = stored.messages[2:]
        assert parts.content == "in parts"
        assert (thought.content, thought.reasoning) == ("An answer.", "Hm.")
    stored.close()


async def test_the_application_goes_on_with_the_last_conversation_and_with_the_job(
    root: Path, start_talk: StartTalk, works: Works
) -> None:
    for _ in range(3):
        works.create({})
    works.finish("gen-3", shades=[9])
    async with start_talk() as talk:
        assert talk.root == root
        assert talk.session.conversation.folder.name == "plain"
        talk.service.say(reply("Here I am."))
        await talk.say("Are you still there?")
        assert len(talk.service.chat_bodies[0]["messages"]) == 8  # the system message, six and the new one
        assert await talk.session.resume() == 1
        await talk.session.wait()
        await talk.session.open("job")
        image = talk.messages[-1].image
        assert image is not None
        assert image.prompt == "a night train"
        assert talk.session.conversation.path_of(image.file).read_bytes() == png(shade=9)
    assert list(root.glob("conversations/job/jobs/*")) == []


def test_the_chosen_theme_and_what_was_sent_are_remembered(root: Path) -> None:
    assert kept_theme(root / "theme.json", "auto") == "nord"
    assert SentPrompts(root).read() == [
        "Hello, who are you?",
        "Show me a table.",
        "Paint me a boat <on> a “lake”",
        "one",
        "three",
        "Later, please",
        "From a command",
        "And now?",
    ]

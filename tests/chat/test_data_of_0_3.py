"""A data folder as version 0.3 wrote it, `data_of_0_3`: it is read, used, and can still be read by that version.

It was written by the program itself on its demo: two commands while the default character was configured, and then the
application in a terminal while the character was “Ada”.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.draft import read_draft
from animus_tui.chat.storage.sent_prompts import SentPrompts
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ChatConfig
from tests.support.chat_service import reply
from tests.support.stored_history import contents, descriptions, history, say
from tests.support.talk import StartTalk

DATA = Path(__file__).parent / "data_of_0_3"
HELLO = "cd0911ba31ac4f8c88e8e90504aed190"
"""Of a command, with the default character."""
FOX = "6ea542dfed614564b7ee66f908d9d037"
"""A picture of a command."""
JOKES = "0d85b02e458d4e0e97c8becae432cb23"
"""Versions of a reply, one of them corrected by hand, and of a message; archived."""
SUNSET = "7894c4b61bd24a9ba9314b0fa4cb4ff1"
"""A picture with a variant, which has a star, and a message with a picture of the user's."""
ASKED = "7a344ad09a2444c89bcbaaf2a7261bdf"
LAST = "3279c4f3bc4b4115a86ced3d1f6ab216"
"""Pinned, with a draft; the one that was used last."""
TITLES = {
    HELLO: "Who are you?",
    FOX: "",
    JOKES: "Jokes of a sailor",
    SUNSET: "Can you show me a beautiful sunset over the ocean?",
    ASKED: "What can you do?",
    LAST: "Tell me something about yourself",
}
ADA = "You are Ada, a sailor. Short words."
LATER = ChatConfig(name="Max", system_message="You are Max.", temperature=1.5, model="another-one")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The data directory."""
    return Path(shutil.copytree(DATA, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def data(root: Path) -> ConversationStore:
    return ConversationStore(root)


def described(root: Path, name: str) -> dict[str, Any]:
    """The description as any JSON reader sees it."""
    fields: dict[str, Any] = json.loads((root / "conversations" / name / "conversation.json").read_bytes())
    return fields


def test_all_conversations_are_listed_with_what_was_done_to_them(data: ConversationStore) -> None:
    found = {each.id: each for each in descriptions(data)}
    assert {name: each.title for name, each in found.items()} == TITLES
    assert {name for name, each in found.items() if each.headless} == {HELLO, FOX}
    assert [name for name, each in found.items() if each.pinned] == [LAST]
    assert [name for name, each in found.items() if each.archived] == [JOKES]
    assert {name for name, each in found.items() if each.name == "Ada"} == {JOKES, SUNSET, ASKED, LAST}
    assert data.latest() == LAST


@pytest.mark.parametrize("name", TITLES)
def test_opening_changes_nothing_and_the_next_message_keeps_every_entry(
    data: ConversationStore, name: str
) -> None:
    stored = data.open(name)
    before, description = history(stored).read_bytes(), described(data.root, name)
    assert stored.recovered is None
    known = list(stored.messages)
    stored.close()
    assert (history(stored).read_bytes(), described(data.root, name)) == (before, description)
    stored = data.open(name, tail_first=True)
    stored.put(say("new", "new"))
    stored.close()
    assert json.loads(history(stored).read_bytes())[:-1] == json.loads(before)
    stored = data.open(name)
    assert list(stored.messages)[:-1] == known
    stored.close()


def test_versions_of_a_reply_and_of_a_message_are_there(data: ConversationStore) -> None:
    stored = data.open(JOKES)
    first, joke, another, answer = stored.messages
    assert (first.content, another.content) == ("Tell me a joke", "And another one please")
    assert (joke.branch_count, joke.branch, joke.edited is not None) == (3, 2, True)
    assert (joke.content or "").endswith("INDEED")
    assert another.branch_count == 2
    assert answer.role == "assistant"
    stored.close()


def test_pictures_are_there_with_variants_and_stars_and_so_is_the_users(data: ConversationStore) -> None:
    stored = data.open(SUNSET)
    shown, asked = stored.messages[2], stored.messages[3]
    assert shown.variants is not None
    assert asked.attached is not None
    assert [record.starred for record in shown.variants] == [False, True]
    assert (shown.image, asked.attached[0].prompt) == (shown.variants[1], "me.png")
    for record in (*shown.variants, *asked.attached):
        assert stored.path_of(record.file).is_file()
    stored.close()
    *_, found = AllPictures(data).read()
    assert found.is_complete
    assert len(found.pictures) == 3


def test_what_was_sent_and_what_was_being_written_is_remembered(root: Path) -> None:
    assert "And another one please" in SentPrompts(root).read()
    assert read_draft(root / "conversations" / LAST) == "This is not sent yet, and kept"


async def test_the_next_message_is_answered_as_the_conversation_was_begun_and_its_settings_are_written(
    root: Path, start_talk: StartTalk
) -> None:
    async with start_talk(chat=LATER) as talk:
        assert talk.session.conversation.folder.name == LAST
        talk.service.say(reply("Aye."))
        await talk.say("Who are you?")
        sent = talk.service.chat_bodies[0]
        assert sent["messages"][0] == {"role": "system", "content": ADA}
        assert (sent["model"], sent["temperature"]) == ("vivian-llama3.1-8b-1.0-fp8", 1.5)
        assert talk.session.config.chat.name == "Ada"
    character = described(root, LAST)["character"]
    assert (character["name"], character["system_message"]) == ("Ada", ADA)
    assert character["sampling"]["temperature"] == 1.5
    fields = described(root, LAST)
    assert (fields["title"], fields["pinned"], fields["name"]) == (TITLES[LAST], True, "Ada")


@pytest.mark.parametrize("name", TITLES)
async def test_every_conversation_is_written_and_opened_again(
    root: Path, start_talk: StartTalk, name: str
) -> None:
    async with start_talk(chat=LATER) as talk:
        await talk.session.open(name)
        before = contents(talk.session.conversation)
        talk.service.say(reply("Yes."))
        await talk.say("Once more")
    async with start_talk() as talk:
        await talk.session.open(name)
        assert contents(talk.session.conversation) == [*before, "Once more", "Yes."]
        assert talk.session.conversation.recovered is None
        assert talk.session.config.chat.name == ("Vivian" if name in (HELLO, FOX) else "Ada")
        assert talk.session.config.chat.temperature == 1.5


async def test_what_version_0_3_reads_of_a_description_is_where_it_was(
    root: Path, start_talk: StartTalk
) -> None:
    """That version knows `name`, `system_message` and `model`, takes other keys over, and reads nothing of them."""
    former = {"id", "created", "model", "name", "system_message", "title", "summary", "pinned", "archived"}
    before = described(root, LAST)
    async with start_talk(chat=LATER) as talk:
        talk.service.say(reply("Aye."))
        await talk.say("Who are you?")
    after = described(root, LAST)
    assert after.keys() - former == {"character"}
    assert {key: after[key] for key in former & after.keys() - {"summary"}} == {
        key: before[key] for key in former & before.keys() - {"summary"}
    }
    stored = StoredConversation(root / "conversations" / LAST)
    assert len(stored.messages) == 4
    stored.close()

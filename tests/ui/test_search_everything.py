"""Searching all conversations on the screen: as one types, and to the message with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.search_everything import MOST_FOUND
from animus_tui.chat.storage.history_format import encode, layout
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.conversation_list import ConversationListScreen
from animus_tui.ui.screens.search import SearchScreen
from animus_tui.ui.themes import THEMES
from animus_tui.ui.widgets.find_bar import FindBar
from animus_tui.ui.widgets.search_results import SearchResults
from tests.support.chat_app import Chat, open_chat
from tests.support.contrast import hard_to_read
from tests.support.hostile_texts import HOSTILE, LONG, OBEYED, SHOWN
from tests.support.pane_app import until
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.talk import StartTalk

pytestmark = pytest.mark.slow


def write(
    data: Path, name: str, said: Sequence[ChatMessage], *, title: str = "", character: str = ""
) -> None:
    stored = ConversationStore(data).create(Conversation(id=name, title=title, name=character, headless=True))
    stored.close()
    (stored.folder / "history.json").write_bytes(layout([encode(message).line for message in said]))


def messages(*texts: str) -> list[ChatMessage]:
    return [
        ChatMessage(id=f"m{at}", role="assistant" if at % 2 else "user", content=text)
        for at, text in enumerate(texts)
    ]


async def searched(chat: Chat, words: str) -> SearchResults:
    """Type words; what was found for them."""
    screen = chat.app.screen
    assert isinstance(screen, SearchScreen)
    await chat.pilot.press(*(" " if letter == " " else letter for letter in words))
    await until(lambda: screen.is_complete and screen.needle.strip() != "")
    await chat.pilot.pause()
    return screen.query_one(SearchResults)


async def test_words_are_searched_as_one_types_and_enter_goes_to_the_message_far_up(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    long = [f"filling number {number} " + "and so on " * 20 for number in range(600)]
    long[3] = "what about the golden Night on the water"
    write(tmp_path, "long", messages(*long), title="A long one", character="Vivian")
    write(
        tmp_path, "other", messages("no night here", "by night we took the water, all of it"), title="Rivers"
    )
    async with open_chat(start_talk()) as chat:
        here = chat.talk.session.conversation.conversation.id
        await chat.type("/search")
        results = await searched(chat, "night water")
        text = chat.text()
        assert (results.count, results.conversations) == (2, 2)
        assert "2 messages in 2" in text
        assert "A long one  Vivian · Today" in text
        assert "what about the golden Night on the water" in text
        marked = {
            segment.text
            for strip in strips_of(chat.app)
            for segment in strip
            if segment.style is not None and segment.style.underline
        }
        assert marked >= {"Night", "night", "water"}
        await chat.pilot.press("escape")
        await chat.settle()
        assert chat.talk.session.conversation.conversation.id == here

        await chat.type("/search golden night")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, ChatScreen))
        await until(lambda: chat.talk.session.conversation.conversation.id == "long")
        await chat.settle()
        assert "what about the golden Night on the water" in chat.text()
        assert chat.app.screen.query_one(FindBar).needle == "golden night"
        assert "1 of 1" in chat.text()


async def test_a_second_key_takes_the_words_along_and_each_hit_of_the_list_can_be_gone_to(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    write(tmp_path, "c", messages("fox one", "nothing", "fox two, brown", "brown fox three"), title="Foxes")
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press("ctrl+f", *"fox", "ctrl+f")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        results = chat.app.screen.query_one(SearchResults)
        assert [results.count, results.chosen and results.chosen.message_id] == [3, "m3"]
        await chat.pilot.press("down", "down", "down", "up")
        assert results.chosen is not None
        assert results.chosen.message_id == "m2"
        await chat.pilot.press("enter")
        await until(lambda: chat.talk.session.conversation.conversation.id == "c")
        await chat.settle()
        cursor = chat.pane.cursor.chosen
        assert cursor is not None
        assert cursor.id == "m2"
        # Words that do not stand together: the longest is marked.
        await chat.pilot.press("escape")
        await chat.type("/search two fox brown")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, ChatScreen))
        await chat.settle()
        assert chat.app.screen.query_one(FindBar).needle == "brown"


async def test_the_prompt_of_a_variant_leads_to_that_variant(start_talk: StartTalk, tmp_path: Path) -> None:
    red, blue = (
        ImageRecord(prompt=f"a {colour} fox", file=f"images/{colour}.png") for colour in ("red", "blue")
    )
    write(tmp_path, "c", [image_message(blue, red, message_id="p")])
    async with open_chat(start_talk()) as chat:
        await chat.type("/search red fox")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        await chat.pilot.press("enter")
        await until(lambda: chat.talk.session.conversation.conversation.id == "c")
        await until(lambda: chat.talk.session.conversation.get("p").image == red)


def with_versions(word: str) -> list[ChatMessage]:
    """A reply with another version, behind which there is another version again that has the word."""
    older = {"id": "older", "role": "user", "content": f"a {word} at night"}
    old = {"id": "old", "role": "assistant", "content": "An old reply"}
    newer = {"id": "newer", "role": "user", "content": "Then?", "branches": [[older], None]}
    shown = ChatMessage(
        id="shown", role="assistant", content="The shown reply", branches=[[old, newer], None]
    )
    return [ChatMessage(id="question", role="user", content="Well?"), shown]


@pytest.mark.parametrize("columns", [120, 40])
async def test_a_word_in_another_version_leads_to_that_version(
    start_talk: StartTalk, tmp_path: Path, columns: int
) -> None:
    write(tmp_path, "c", with_versions("fox"), title="Foxes")
    write(tmp_path, "d", with_versions("bear"), title="Bears")
    ConversationStore(tmp_path).change("c", lambda found: replace(found, archived=True))
    elsewhere = ConversationStore(tmp_path).open("d")
    async with open_chat(start_talk(), size=(columns, 30)) as chat:
        await chat.type("/search")
        await searched(chat, "fox")
        assert "in another version: a fox" in chat.text()
        assert "Foxes  archived" in chat.text()
        await chat.pilot.press("enter")
        await until(lambda: chat.talk.session.conversation.conversation.id == "c")
        await until(lambda: chat.pane.cursor.chosen is not None and chat.pane.cursor.chosen.id == "older")
        await chat.settle()
        assert "a fox at night" in chat.text()
        assert chat.app.screen.query_one(FindBar).needle == "fox"
        # What cannot be shown is said where the versions are.
        await chat.pilot.press("escape")
        await chat.type("/search")
        await searched(chat, "bear")
        await chat.pilot.press("enter")
        await until(lambda: any("in another version of this message." in note for note in chat.notes()))
        await chat.settle()
        entry = chat.pane.cursor.chosen
        assert entry is not None
        assert entry.id == "shown"
    elsewhere.close()


@pytest.mark.parametrize("columns", [120, 40])
async def test_hostile_titles_and_texts_are_shown_as_text(
    start_talk: StartTalk, tmp_path: Path, columns: int
) -> None:
    write(
        tmp_path, "a", messages(f"{HOSTILE} fox {HOSTILE}", "x" * 5000 + "fox" + "漢字" * 500), title=HOSTILE
    )
    write(tmp_path, "b", messages("[red]fox[/red]", LONG + "fox"), title="\t漢字" * 500, character=HOSTILE)
    async with open_chat(start_talk(), size=(columns, 24)) as chat:
        await chat.type("/search")
        results = await searched(chat, "fox")
        assert results.count == 4
        for _ in range(4):
            text = chat.text()
            assert OBEYED.search(text.encode()) is None
            assert SHOWN in text
            assert all(strip.cell_length == columns for strip in strips_of(chat.app))
            assert text.count("fox") == 5  # each message, and the field
            await chat.pilot.press("down")


async def test_on_a_narrow_screen_the_context_has_two_rows(start_talk: StartTalk, tmp_path: Path) -> None:
    write(tmp_path, "c", messages("alpha beta gamma delta epsilon zeta eta theta iota fox"), title="T")
    async with open_chat(start_talk(), size=(40, 12)) as chat:
        await chat.type("/search")
        await searched(chat, "fox")
        rows = chat.text().splitlines()[2:4]
        assert rows[0].startswith(" > alpha beta gamma delta")
        assert rows[1].endswith(" theta iota fox")


async def test_what_is_found_and_the_list_can_be_read_in_each_theme(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    """The chosen row, too, with the words that are marked in it."""
    write(tmp_path, "one", messages("the old harbour", "by night at the harbour"), title="The harbour")
    async with open_chat(start_talk()) as chat:
        await chat.type("/conversations")
        await until(lambda: "The harbour" in chat.text())
        for theme in THEMES:
            chat.app.theme = theme.name
            await chat.pilot.pause()
            assert hard_to_read(chat.app, 3.5) == []
        await chat.pilot.press("tab")
        await searched(chat, "harbour")
        for theme in THEMES:
            chat.app.theme = theme.name
            await chat.pilot.pause()
            assert hard_to_read(chat.app, 3.5) == []


async def test_nothing_and_too_much_are_said(start_talk: StartTalk, tmp_path: Path) -> None:
    write(tmp_path, "c", messages(*(f"word {number}" for number in range(MOST_FOUND + 20))))
    async with open_chat(start_talk()) as chat:
        await chat.type("/temporary")  # what is kept is searched all the same
        await chat.settle()
        await chat.type("/search")
        results = await searched(chat, "word")
        assert results.count == MOST_FOUND
        assert f"more than {MOST_FOUND} messages" in chat.text()
        await chat.pilot.press("pagedown", "pagedown")
        assert results.chosen is not None
        assert results.chosen.message_id < f"m{MOST_FOUND}"
        await searched(chat, "zz")
        assert "No message has these words." in chat.text()
        await chat.pilot.press("enter")  # leads nowhere
        assert isinstance(chat.app.screen, SearchScreen)


async def test_tab_in_the_list_searches_all_messages_and_escape_comes_back_to_the_list(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    write(tmp_path, "c", messages("a fox at night"), title="Foxes")
    write(tmp_path, "d", messages("nothing"), title="Something else")
    async with open_chat(start_talk()) as chat:
        await chat.pilot.press("ctrl+l")
        await until(lambda: isinstance(chat.app.screen, ConversationListScreen))
        await chat.pilot.press(*"night", "tab")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        await chat.pilot.press("escape")
        await until(lambda: isinstance(chat.app.screen, ConversationListScreen))
        await chat.pilot.press("tab")
        await until(lambda: isinstance(chat.app.screen, SearchScreen) and chat.app.screen.is_complete)
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, ChatScreen))
        await until(lambda: chat.talk.session.conversation.conversation.id == "c")

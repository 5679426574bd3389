"""The list of characters: what it shows, what its keys do, and whose conversation begins or goes on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.color import Color

from animus_tui.characters.cards.reading import read_card
from animus_tui.characters.character import Character
from animus_tui.characters.library import Library
from animus_tui.config.schema import Config
from animus_tui.ui.contrast import readable
from animus_tui.ui.screens.characters import CharactersScreen
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.conversation_list import ConversationListScreen
from animus_tui.ui.widgets.character_rows import CharacterRows
from animus_tui.ui.widgets.conversation_bar import TitleField
from animus_tui.ui.widgets.prompt import Prompt
from tests.support.cards import packed, png, text, v2
from tests.support.chat_app import Chat, open_chat
from tests.support.chat_service import reply
from tests.support.contrast import contrast, hard_to_read
from tests.support.screen import strips_of
from tests.support.talk import StartTalk

HOSTILE = "[red]not red[/] \x1b[31mno escape\x07 [@click=app.quit]x[/]"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def library(root: Path) -> Library:
    return Library(root, Config())


async def until(chat: Chat, holds: Callable[[], bool]) -> None:
    """Until something holds and is painted; pytest-timeout ends a wait in vain."""
    while not holds():
        await chat.pilot.pause(0.02)


class Chooser:
    """The list on the screen."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat

    @property
    def rows(self) -> CharacterRows:
        return self.chat.app.screen.query_one(CharacterRows)

    @property
    def chosen(self) -> str:
        return self.rows.chosen.name if self.rows.chosen is not None else ""

    async def press(self, *keys: str) -> None:
        await self.chat.pilot.press(*keys)

    def write(self, text: str) -> None:
        """Have this in the field."""
        self.chat.app.screen.query_one(TitleField).value = text

    async def until_shown(self, *texts: str, gone: str = "\0") -> None:
        """Until these stand on the screen, from top to bottom, and something else does not."""

        def is_shown() -> bool:
            text = self.chat.text()
            places = [text.find(each) for each in texts]
            return -1 not in places and places == sorted(places) and gone not in text

        await until(self.chat, is_shown)

    async def until_said(self, sentence: str) -> None:
        """Until this was said, wherever the lines of the message end on the screen."""
        await until(self.chat, lambda: any(sentence in said for said in self.chat.notes()))

    async def until_begun(self, name: str) -> None:
        """Until the open conversation is on the screen, and this one's."""
        await until(self.chat, lambda: isinstance(self.chat.app.screen, ChatScreen))
        await until(self.chat, lambda: self.chat.text().startswith(f" {name} "))


@asynccontextmanager
async def open_chooser(
    start_talk: StartTalk, command: str = "/new", *, size: tuple[int, int] = (100, 40)
) -> AsyncIterator[Chooser]:
    async with open_chat(start_talk(), size=size) as chat:
        await chat.type(command)
        await until(chat, lambda: isinstance(chat.app.screen, CharactersScreen))
        on = Chooser(chat)
        await until(chat, lambda: on.rows.chosen is not None)
        yield on


async def test_it_shows_each_character_and_begins_a_conversation_with_the_one_that_is_chosen(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    library(tmp_path).add(Character(name=HOSTILE, description=HOSTILE, greeting="Hi {{user}}, [b]me[/b]"))
    async with open_chooser(start_talk) as on:
        await on.until_shown(
            *("New conversation", "● Vivian", "[chat]", "As configured in [chat]"),
            *("[red]not red[/] no escape [@click=app.quit]x[/]", "imported"),
            *("“Hi User, [b]me[/b]”", "Henrik Vold", "example", "Keeps a lighthouse", "Safiya Amar"),
        )
        assert on.chosen == "Vivian"
        await until(on.chat, lambda: on.rows.is_complete and "▀" in on.chat.text())
        await on.press(*"lighthouse keeper")
        await on.until_shown("1 of 4", "Henrik Vold", gone="Safiya")
        await on.press("enter")
        await on.until_begun("Henrik Vold")
        session = on.chat.talk.session
        assert session.character.system_message is not None
        assert "Skarvholm" in session.character.system_message
        assert session.character.style == {
            "name": "northern light",
            "prefix": "painterly illustration of",
            "suffix": "soft northern evening light, muted blues, visible brush strokes, quiet mood",
            "negative": "text, watermark, neon colours",
            "size": "832x1024",
        }
        await on.chat.settle()
        assert "Wind from the southwest" in on.chat.text()
        assert isinstance(on.chat.app.focused, Prompt)


async def test_keys_in_one_piece_are_for_the_list_that_they_open(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        prompt = chat.app.screen.query_one(Prompt)
        prompt.focus()
        await chat.pilot.press(*"/new", "escape", "enter", *"safiya", "enter")
        await Chooser(chat).until_begun("Safiya Amar")
        assert prompt.text == ""


async def test_escape_shows_all_again_then_leaves_everything_as_it_was(start_talk: StartTalk) -> None:
    async with open_chooser(start_talk) as on:
        before = on.chat.talk.session.conversation.conversation.id
        await on.press(*"nobody like that")
        await on.until_shown("No character has these words")
        await on.press("enter", "escape")
        await on.until_shown("Henrik Vold", "Safiya Amar")
        await on.press("down", "escape")
        await on.until_begun("Vivian")
        assert on.chat.talk.session.conversation.conversation.id == before


async def test_the_character_of_the_open_conversation_changes_and_what_follows_has_its_name(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk()) as chat:
        chat.talk.service.say(reply("Here I am."))
        await chat.type("Hello")
        await chat.settle()
        before = chat.talk.session.conversation.conversation.id
        await chat.type("/character")
        on = Chooser(chat)
        await until(chat, lambda: isinstance(chat.app.screen, CharactersScreen))
        await on.until_shown("Character", "● Vivian", "Enter Choose")
        await on.press("down", "enter")
        await on.until_begun("Henrik Vold")
        await on.until_shown("Henrik Vold answers from now on")
        await chat.type("/character safiya")
        await on.until_shown("Safiya Amar answers from now on")
        await on.until_begun("Safiya Amar")
        assert chat.talk.session.conversation.conversation.id == before
        chat.talk.service.say(reply("Here I am."))
        await chat.type("And now?")
        await chat.settle()
        assert "Safiya" in str(chat.talk.service.chat_bodies[-1]["messages"][0])
        await chat.type("/character vivian")
        await on.until_begun("Vivian")
        assert speakers(chat) == ["Vivian", "Safiya Amar"]  # what was said keeps the name of who said it
    async with open_chat(start_talk()) as chat:
        await chat.settle()
        assert chat.text().startswith(" Vivian ")
        assert speakers(chat) == ["Vivian", "Safiya Amar"]
        chat.talk.service.say(reply("And here."))
        await chat.type("And you?")
        await chat.settle()
        assert speakers(chat) == ["Vivian", "Safiya Amar", "Vivian"]


def speakers(chat: Chat) -> list[str]:
    """Whose replies are on the screen, from top to bottom."""
    return re.findall(r"^ +(Vivian|Safiya Amar) \d\d:\d\d", chat.text(), re.MULTILINE)


async def test_a_name_that_nobody_has_is_said_and_the_command_stays(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        for command, sentence in (
            ("/new Henrick", "did you mean “Henrik Vold”?".replace("“", '"').replace("”", '"')),
            ("/character none", "/face none takes the face out of the pictures"),
        ):
            await chat.type(command)
            await until(chat, lambda sentence=sentence: any(sentence in each for each in chat.notes()))  # type: ignore[misc]
            assert chat.app.screen.query_one(Prompt).text == command
        for command in ("/new nobody", "/character nobody"):
            chat.notes().clear()
            await chat.type(command)
            told = 'There is no character "nobody"; there are Vivian, Henrik Vold, Safiya Amar.'
            await until(chat, lambda told=told: chat.notes() == [told])  # type: ignore[misc]


async def test_a_new_conversation_by_the_key_has_the_same_character(start_talk: StartTalk) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type("/new hen")
        await Chooser(chat).until_begun("Henrik Vold")
        chat.talk.service.say(reply("Here I am."))
        await chat.type("Hello")
        await chat.settle()
        before = chat.talk.session.conversation.conversation.id
        await chat.pilot.press("ctrl+n")
        await until(chat, lambda: chat.talk.session.conversation.conversation.id != before)
        assert chat.talk.session.character.name == "Henrik Vold"
        await chat.type("/temporary")
        await until(chat, lambda: chat.talk.session.is_temporary)
        assert chat.talk.session.character.name == "Henrik Vold"


async def test_the_list_of_conversations_says_whose_each_is_and_its_key_chooses_one(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk()) as chat:
        await chat.type("/new Henrik Vold")
        on = Chooser(chat)
        await on.until_begun("Henrik Vold")
        chat.talk.service.say(reply("Here I am."))
        await chat.type("Hello there")
        await chat.settle()
        await chat.pilot.press("ctrl+l")
        await on.until_shown("● Hello there", "Henrik Vold: ")
        await on.press("ctrl+n")
        await on.until_shown("New conversation", "● Henrik Vold")
        await on.press("escape")
        assert isinstance(chat.app.screen, ConversationListScreen)
        await on.press("ctrl+n", "down", "enter")
        await on.until_begun("Safiya Amar")


async def test_cards_are_imported_exported_deleted_and_brought_back(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    card, target = tmp_path / "my card.png", tmp_path / "copy.json"
    card.write_bytes(png(text(b"chara", packed(v2()))))
    async with open_chooser(start_talk) as on:
        await on.press("ctrl+o")
        await on.until_shown("Card ❯", "Enter Import")
        on.write(f"'{card}'")
        await on.press("enter")
        await on.until_shown("● Vivian", "Ann Sea", "imported")
        await until(on.chat, lambda: on.chosen == "Ann Sea")
        await on.until_shown("Ann Sea was imported")
        await on.press("ctrl+s")
        await on.until_shown("Export to ❯ ann-sea.png")
        on.write(str(target))
        await on.press("enter")
        await on.until_shown("Exported to")
        assert read_card(target).character.name == "Ann Sea"
        await on.press("ctrl+d")
        await on.until_shown("Deleted Ann Sea · ^U Undo", gone=" imported ")
        assert [each.character.name for each in library(tmp_path).entries()] == ["Henrik Vold", "Safiya Amar"]
        await on.press("ctrl+u")
        await on.until_shown("Ann Sea", "imported", gone="Undo")
        await until(on.chat, lambda: on.chosen == "Ann Sea")
        kept = library(tmp_path).find("Ann Sea")
        assert kept.card == v2()
        assert kept.portrait is not None


async def test_what_cannot_be_done_is_said(start_talk: StartTalk, tmp_path: Path) -> None:
    (tmp_path / "no.json").write_bytes(b"[]")
    async with open_chooser(start_talk) as on:
        await on.press("ctrl+o")
        await on.until_shown("Card ❯")
        on.write(str(tmp_path / "no.json"))
        await on.press("enter")
        await on.until_shown("no.json was not imported")
        await on.press("ctrl+o", "enter")
        await on.until_shown("the path is blank")
        await on.press("ctrl+o", "escape")
        await on.until_shown("Enter Begin")
        assert "Delete" not in on.chat.footer()
        await on.press("down", "ctrl+d")
        await on.until_shown("Henrik Vold comes with the application and cannot be removed")
        (tmp_path / "there.png").write_bytes(b"")
        await on.press("ctrl+s")
        await on.until_shown("Export to ❯")
        on.write(str(tmp_path / "there.png"))
        await on.press("enter")
        await on.until_said("exists already")  # with the whole path, of which a line may end between the two


async def test_five_hundred_characters(start_talk: StartTalk, tmp_path: Path) -> None:
    kept = library(tmp_path).add(Character(name="One", greeting="Hello"))
    folder = tmp_path / "characters"
    for number in range(499):
        (folder / f"c{number}").mkdir()
        text = (folder / "one/character.json").read_text().replace(kept.name, f"Nr {number:03}")
        (folder / f"c{number}/character.json").write_text(text)
    async with open_chooser(start_talk) as on:
        await on.until_shown("503", "● Vivian", "Nr 000")
        await on.press("ctrl+end")
        await on.until_shown("Nr 498", "Safiya Amar")
        assert on.chosen == "Safiya Amar"
        await on.press(*"nr 250")
        await on.until_shown("1 of 503", "Nr 250")
        await on.press("enter")
        await on.until_begun("Nr 250")


async def test_a_click_chooses(start_talk: StartTalk) -> None:
    async with open_chooser(start_talk) as on:
        row = next(y for y, line in enumerate(on.chat.text().splitlines()) if "Drives a library" in line)
        await on.chat.pilot.click(offset=(30, row))
        await on.until_begun("Safiya Amar")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 24), (24, 10)])
async def test_every_size_has_room_for_the_words(start_talk: StartTalk, size: tuple[int, int]) -> None:
    async with open_chooser(start_talk, size=size) as on:
        await on.press("down")
        await on.until_shown("Henrik Vold")
        await until(on.chat, lambda: on.rows.is_complete)
        lines = on.chat.text().splitlines()
        assert max(map(len, lines)) <= size[0]
        assert "Esc Back" in lines[-1]
        assert ("▀" in on.chat.text()) == (size[0] >= 60)


@pytest.mark.parametrize("theme", ["animus-dark", "animus-light", "animus-contrast"])
async def test_names_have_the_colour_of_the_character_and_can_be_read(
    start_talk: StartTalk, tmp_path: Path, theme: str
) -> None:
    for name, accent in (("Night", "#000010"), ("Snow", "#fffffe"), ("Wrong", "blue")):
        library(tmp_path).add(Character(name=name, accent=accent, greeting="Hello"))
    least = 7.0 if theme == "animus-contrast" else 4.5
    async with open_chooser(start_talk) as on:
        on.chat.app.theme = theme
        await on.press("down")
        for _ in range(3):
            await on.chat.pilot.pause(0.05)
            assert words_hard_to_read(on.chat, least) == []
            await on.press("down")
        await on.press(*"night", "enter")
        await on.until_begun("Night")
        on.chat.talk.service.say(reply("Here I am."))
        await on.chat.type("Hello")
        await on.chat.settle()
        named = [
            segment.style
            for strip in strips_of(on.chat.app)
            for segment in strip
            if segment.text.strip() == "Night" and segment.style is not None
        ]
        assert len(named) >= 2
        colours = {Color.from_rich_color(style.color) for style in named if style.color is not None}
        assert Color.parse(on.chat.app.current_theme.primary) not in colours
        assert words_hard_to_read(on.chat, least) == []


def words_hard_to_read(chat: Chat, least: float) -> list[tuple[str, float]]:
    found = hard_to_read(chat.app, least)
    return [(words, ratio) for words, ratio in found if any(letter.isalpha() for letter in words)]


def test_an_accent_that_can_be_read_stays_and_one_that_cannot_moves_as_far_as_it_must() -> None:
    dark, light = (22, 22, 26), (250, 248, 244)
    assert readable("#d9814e", dark, 4.5) == "#d9814e"
    assert readable("red", dark, 4.5) is None
    for accent in ("#000000", "#ffffff", "#d9814e", "#7aa2d6", "#8080ff"):
        for ground in (dark, light, (0, 0, 0), (128, 128, 128)):
            colour = readable(accent, ground, 4.5)
            assert colour is not None
            assert contrast(Color.parse(colour), Color(*ground)) >= 4.5

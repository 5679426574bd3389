"""Files that are dropped into the prompt and are character cards: asked, imported, attached or pasted."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from animus_tui.characters.library import Library
from animus_tui.config.schema import Config
from animus_tui.ui.screens.box_screen import Question
from animus_tui.ui.screens.characters import CharactersScreen
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.widgets.prompt import Prompt
from animus_tui.ui.widgets.prompt_bar import AttachedLine
from tests.support.cards import as_json, packed, png, text, v2
from tests.support.chat_app import Chat, open_chat
from tests.support.pane_app import until
from tests.support.talk import StartTalk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "a card.png"
    path.write_bytes(png(text(b"chara", packed(v2()))))
    return path


def names(root: Path) -> list[str]:
    return [each.character.name for each in Library(root, Config()).entries()]


async def drop(chat: Chat, pasted: str) -> None:
    prompt = chat.app.screen.query_one(Prompt)
    prompt.focus()
    await chat.pilot.pause()
    prompt.take_dropped(pasted)


async def test_a_card_that_is_dropped_is_imported_once_that_is_said_and_the_list_shows_it(
    start_talk: StartTalk, card: Path, tmp_path: Path
) -> None:
    async with open_chat(start_talk()) as chat:
        await drop(chat, f"'{card}'")
        await until(lambda: isinstance(chat.app.screen, Question))
        await until(lambda: "Ann Sea is a character card." in chat.text())
        assert "Esc    Attach it as a picture" in chat.text()
        assert "Ann Sea" not in names(tmp_path)
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, CharactersScreen))
        await until(lambda: "Ann Sea was imported." in chat.text() and "● Vivian" in chat.text())
        assert "Ann Sea" in names(tmp_path)
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, ChatScreen))
        await until(lambda: chat.text().startswith(" Ann Sea "))


async def test_escape_attaches_it_as_a_picture(start_talk: StartTalk, card: Path, tmp_path: Path) -> None:
    async with open_chat(start_talk()) as chat:
        await drop(chat, str(card))
        await until(lambda: isinstance(chat.app.screen, Question))
        await chat.pilot.press("escape")
        await until(lambda: "a card.png 4×6" in str(chat.app.screen.query_one(AttachedLine).render()))
        assert "Ann Sea" not in names(tmp_path)


async def test_a_card_without_a_picture_is_imported_or_its_path_pasted(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.json" for number in (1, 2)]
    for path in paths:
        path.write_bytes(as_json(v2()))
    async with open_chat(start_talk()) as chat:
        await drop(chat, str(paths[0]))
        await until(lambda: "Esc    Paste the path as text" in chat.text())
        await chat.pilot.press("escape")
        prompt = chat.app.screen_stack[0].query_one(Prompt)
        await until(lambda: prompt.text == str(paths[0]))
        prompt.load_text("")
        await drop(chat, " ".join(map(str, paths)))
        await until(lambda: "These are 2 character cards." in chat.text())
        await chat.pilot.press("enter")
        await until(lambda: isinstance(chat.app.screen, CharactersScreen))
        assert {"Ann Sea", "Ann Sea 2"} <= set(names(tmp_path))


async def test_what_is_no_card_is_pasted_as_it_is(start_talk: StartTalk, tmp_path: Path) -> None:
    (tmp_path / "talk.json").write_text("[]")
    async with open_chat(start_talk()) as chat:
        prompt = chat.app.screen.query_one(Prompt)
        for path in (str(tmp_path / "talk.json"), str(tmp_path / "gone.charx")):
            await drop(chat, path)
            await until(partial(_has, prompt, path))
            prompt.load_text("")


def _has(prompt: Prompt, text: str) -> bool:
    return prompt.text == text

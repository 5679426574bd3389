"""The help: all keys and commands, on every size of screen."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from animus_tui.config.actions import COMMANDS, KEY_ACTIONS
from animus_tui.ui.commands.places import (
    IN_CHARACTERS,
    IN_CONVERSATIONS,
    IN_FACES,
    IN_FORM,
    IN_GALLERY,
    IN_SEARCH,
    IN_SETTINGS,
    Place,
)
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.help import HelpScreen
from tests.support.chat_app import open_chat
from tests.support.pane_app import until
from tests.support.prompt_app import PromptApp
from tests.support.talk import StartTalk


async def read_all(pilot: Pilot[None]) -> str:
    """The words of the help, from its top to its end, as they are drawn."""
    await pilot.pause()
    tables = pilot.app.screen.query("HelpTable, Static")
    return " ".join(
        " ".join("".join(segment.text for segment in table.render_line(y)) for y in range(table.size.height))
        for table in tables
    )


async def test_the_help_names_every_action_and_every_command() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("f1")
        text = " ".join((await read_all(pilot)).split())
        for action in KEY_ACTIONS:
            assert action.help in text
        for command in COMMANDS:
            assert f"{command.command} {command.help}" in text


async def test_the_help_shows_the_users_own_keys() -> None:
    app = PromptApp({"regenerate": "f9,alt+x"})
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("f1")
        text = await read_all(pilot)
        assert "F9 Alt+x" in text
        assert "^R Regenerate" not in " ".join(text.split())


async def test_the_help_tells_the_keys_of_a_focused_card() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 60)) as pilot:
        app.chat.query_one("#conversation").focus()
        await pilot.press("f1")
        text = await read_all(pilot)
        assert "On what is focused now" in text
        assert "Variant before" in text


async def test_each_closing_key_closes_the_help() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        for key in ("escape", "f1", "q"):
            await pilot.press("f1")
            assert app.help_is_open()
            await pilot.press(key)
            assert not app.help_is_open()
            assert app.chat.focused is app.prompt


async def test_the_users_own_help_key_closes_it_too() -> None:
    app = PromptApp({"help": "f2"})
    async with app.run_test() as pilot:
        await pilot.press("f2")
        assert app.help_is_open()
        await pilot.press("f2")
        assert not app.help_is_open()


async def test_a_click_beside_the_help_closes_it() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("f1")
        await pilot.click(offset=(2, 2))
        assert not app.help_is_open()


@pytest.mark.parametrize("size", [(40, 20), (120, 40)])
async def test_the_help_fits_and_scrolls_to_its_end(size: tuple[int, int]) -> None:
    app = PromptApp()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        box = app.screen.query_one("VerticalScroll")
        assert box.region.right <= size[0]
        assert box.region.bottom <= size[1]
        await pilot.press("end")
        await pilot.pause()
        assert box.max_scroll_y == 0 or box.scroll_y == box.max_scroll_y
        assert app.screen.query(Static).first().size.width > 30


async def test_the_help_follows_the_width_of_the_terminal() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f1")
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        lines = " ".join((await read_all(pilot)).split())
        assert "^J ⇧Enter Insert a line break Alt+Enter" in lines


@pytest.mark.parametrize(
    ("way", "place"),
    [
        pytest.param(["ctrl+l"], IN_CONVERSATIONS, id="conversations"),
        pytest.param(["ctrl+l", "ctrl+o"], IN_CONVERSATIONS, id="archived"),
        pytest.param(["ctrl+l", "ctrl+o", "ctrl+o"], IN_CONVERSATIONS, id="trash"),
        pytest.param(["ctrl+l", "tab"], IN_SEARCH, id="search"),
        pytest.param([*"/new", "enter"], IN_CHARACTERS, id="characters"),
        pytest.param(["f4"], IN_GALLERY, id="gallery"),
    ],
)
@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_on_other_screens_it_shows_their_keys_and_esc_goes_back_to_what_had_the_focus(
    start_talk: StartTalk, way: list[str], place: Place, columns: int
) -> None:
    async with open_chat(start_talk(), size=(columns, 24)) as chat:
        await chat.pilot.press(*way)
        await until(lambda: not isinstance(chat.app.screen, ChatScreen) and "Esc" in chat.text())
        await until(lambda: "F1 Help" in chat.text())
        screen, focused = chat.app.screen, chat.app.focused
        await chat.pilot.press("f1")
        await until(lambda: isinstance(chat.app.screen, HelpScreen))
        text = "".join((await read_all(chat.pilot)).split())
        for title in (place.title, "Quit; everything is already saved"):
            assert "".join(title.split()) in text
        if columns >= 80:
            for keys in place.keys:
                assert "".join(f"{keys.shown}{keys.help}".split()) in text or keys.needs
        assert "/image" not in text, "no command can be typed there"
        await chat.pilot.press("escape")
        await until(lambda: chat.app.screen is screen)
        assert chat.app.focused is focused is not None


@pytest.mark.parametrize(
    ("way", "place"),
    [
        pytest.param(["f6"], IN_SETTINGS, id="settings"),
        pytest.param(["f6", *"accent", "enter"], IN_SETTINGS, id="a value of the settings"),
        pytest.param(["ctrl+g"], IN_FORM, id="form"),
        pytest.param([*"/face", "enter"], IN_FACES, id="faces"),
    ],
)
async def test_in_a_box_it_shows_the_keys_of_the_box_and_esc_goes_back_to_it(
    start_talk: StartTalk, way: list[str], place: Place
) -> None:
    async with open_chat(start_talk(), size=(80, 40)) as chat:
        await chat.pilot.press(*way)
        await until(lambda: not isinstance(chat.app.screen, ChatScreen) and chat.app.focused is not None)
        screen, focused = chat.app.screen, chat.app.focused
        await chat.pilot.press("f1")
        await until(lambda: isinstance(chat.app.screen, HelpScreen))
        text = "".join((await read_all(chat.pilot)).split())
        for keys in place.keys:
            assert "".join(f"{keys.shown}{keys.help}".split()) in text
        await chat.pilot.press("escape")
        await until(lambda: chat.app.screen is screen)
        assert chat.app.focused is focused

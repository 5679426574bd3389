"""The help: all keys and commands, on every size of screen."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from animus_tui.config.actions import COMMANDS, KEY_ACTIONS
from tests.support.prompt_app import PromptApp


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
        assert "⇧Enter Insert a line break Alt+Enter ^J" in lines

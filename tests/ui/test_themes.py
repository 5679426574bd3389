"""Themes: readable, and everything is drawn in each of them."""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

from animus_tui.ui.themes import CONTRAST, THEMES
from tests.support.contrast import contrast
from tests.support.prompt_app import PromptApp

GROUNDS = ("background", "surface", "panel", "bubble-user")
COLOURS = ("text-muted", "primary", "secondary", "warning", "error", "success")


def test_text_and_colours_can_be_read_on_every_ground() -> None:
    for theme in THEMES:
        colours = {name: Color.parse(value) for name, value in _parsable(theme).items()}
        least = 7.0 if theme is CONTRAST else 4.5
        for ground in GROUNDS:
            assert contrast(colours["foreground"], colours[ground]) >= 7.0
            for name in COLOURS:
                assert contrast(colours[name], colours[ground]) >= least, (name, ground)
        assert contrast(colours["foreground"], colours["input-selection-background"]) >= 4.5


def _parsable(theme: Theme) -> dict[str, str]:
    named = {**theme.to_color_system().generate(), **theme.variables}
    return {name: named[name] for name in (*GROUNDS, *COLOURS, "foreground", "input-selection-background")}


async def test_prompt_list_and_help_are_drawn_in_every_theme() -> None:
    rows: list[str] = ["animus-contrast", "nord", "ansi-dark"]
    for name in rows:
        app = PromptApp(theme=name)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("/", "r")
            assert app.theme_variables["bubble-user"]
            await pilot.press("f1")
            await pilot.pause()
            assert app.screen is not app.chat

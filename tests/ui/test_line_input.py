"""The lines in which one types, wherever they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input, TextArea

from animus_tui.demo.server import DemoServer
from animus_tui.ui.screens.face_list import FaceList
from animus_tui.ui.widgets.line_input import LineInput
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, Studio, open_studio


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        yield opened


@pytest.mark.parametrize("key", ["f4", "f6", "ctrl+f", "ctrl+g", "ctrl+l", "ctrl+p"])
async def test_no_cursor_blinks(studio: Studio, key: str) -> None:
    await studio.pilot.press(key)
    await until(lambda: len(studio.app.screen.query(Input)) > 0)
    fields = [*studio.app.screen.query(Input), *studio.app.screen.query(TextArea)]
    assert not [field for field in fields if field.cursor_blink]


async def test_no_cursor_blinks_where_a_face_is_chosen(studio: Studio) -> None:
    await studio.pilot.press(*"/face", "space", "enter")
    await until(lambda: isinstance(studio.app.screen, FaceList))
    assert not studio.app.screen.query_one(Input).cursor_blink


class Line(App[None]):
    def compose(self) -> ComposeResult:
        yield LineInput("ab", max_length=6)


async def test_what_is_pasted_is_cut_to_what_fits() -> None:
    app = Line()
    async with app.run_test() as pilot:
        line = app.query_one(LineInput)
        app.copy_to_clipboard("1\x1b[2J\n23456")
        await pilot.press("end", "ctrl+v")
        assert line.value == "ab1 23"
        line.select_all()
        await pilot.press("ctrl+v")
        assert line.value == "1 2345"

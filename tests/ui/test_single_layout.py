"""A screen is laid out and painted once when it is first shown, and as often as Textual does it from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input, Static

from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.single_layout import SingleLayoutScreen
from tests.support.terminal import chat_program, until_silent, until_written

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

CODE = "Look:\n\n```python\ndef tides():\n    return heights\n```"
LAST = "And there it ended."
SHOWN = "Harbour"


class Counted(Static):
    """Counts how often it is drawn and told of a layout."""

    drawn = 0

    def render(self) -> str:
        self.drawn += 1
        return f"{SHOWN} {self.size.width}"


class OnceScreen(SingleLayoutScreen):
    """A field that has the focus, and another widget; layouts behind the first are counted."""

    layouts = 0

    def on_mount(self) -> None:
        self.screen_layout_refresh_signal.subscribe(self, self.count)

    def count(self, _: Screen[None]) -> None:
        self.layouts += 1

    def compose(self) -> ComposeResult:
        yield Input()
        yield Counted()


class OnceApp(App[None]):
    """One such screen."""

    CSS = "Input { color: red; } Input:focus { color: blue; }"

    def get_default_screen(self) -> Screen[None]:
        return OnceScreen()


async def test_the_field_that_has_the_focus_is_drawn_so_from_the_first() -> None:
    app = OnceApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.has_focus
        assert field.styles.color.rgb == (0, 0, 255)


async def test_another_size_another_theme_and_a_screen_that_was_above_are_shown() -> None:
    app = OnceApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        counted = app.screen.query_one(Counted)
        await pilot.resize_terminal(60, 12)
        await pilot.pause(0.2)
        assert app.screen.size == Size(60, 12)
        assert counted.size.width == 60
        ground = app.screen.styles.background
        app.theme = "textual-light"
        await pilot.pause(0.2)
        assert app.screen.styles.background != ground
        before = counted.drawn
        app.push_screen(Screen())
        await pilot.pause(0.2)
        await pilot.resize_terminal(50, 12)
        await pilot.pause(0.2)
        app.pop_screen()
        await pilot.pause(0.2)
        assert counted.size.width == 50
        assert counted.drawn > before


async def test_what_asks_for_a_layout_after_the_first_one_has_it() -> None:
    app = OnceApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.screen.query_one(Input).styles.height = 5
        await pilot.pause(0.2)
        assert app.screen.query_one(Counted).region.y == 5


async def test_a_screen_is_laid_out_once_until_something_asks_for_more() -> None:
    app = OnceApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause(0.5)
        screen = app.screen
        assert isinstance(screen, OnceScreen)
        assert not screen.layouts
        screen.query_one(Input).styles.height = 5
        await pilot.pause(0.2)
        assert screen.layouts


def test_a_start_writes_each_row_of_the_conversation_once(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path / "data")
    stored = store.create(Conversation(id="talk", title="A talk"))
    for number in range(4):
        stored.put(ChatMessage(role="user", content=f"Question {number}"))
        stored.put(ChatMessage(role="assistant", content=f"Answer {number}"))
    stored.put(ChatMessage(role="assistant", content=CODE))
    stored.put(ChatMessage(role="user", content=LAST))
    stored.close()
    store.note_last("talk")
    with chat_program(tmp_path) as program:
        until_written(program, LAST)
        until_silent(program, 1.0)
        shown = program.text()
        for text in ("Question 0", "Answer 0", "Question 3", "Answer 3", LAST):
            assert text in shown
            assert program.raw.count(text.encode()) == 1
        assert program.raw.count(b"heights") == 2  # without its colours, and with them

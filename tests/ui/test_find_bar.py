"""The bar in which one types what to find, on wide and narrow screens and in a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from animus_tui.ui.themes import THEMES
from animus_tui.ui.widgets.find_bar import FindBar, FindKeys, count_told
from animus_tui.ui.widgets.line_input import LONGEST
from tests.support.find_app import FindApp
from tests.support.terminal import TerminalProgram, until_silent

if TYPE_CHECKING:
    pass

ROOT = Path(__file__).parents[2]


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


def test_where_one_is_among_the_hits_is_said_in_words() -> None:
    rows: list[tuple[int | None, int, str]] = [
        (3, 17, "3 of 17"),
        (None, 17, "17 hits"),
        (None, 1, "1 hit"),
        (None, 0, "no hits"),
        (1, 0, "no hits"),
        (1234, 400_000, "1,234 of 400,000"),
    ]
    for current, total, told in rows:
        assert count_told(current, total) == told


async def test_it_is_one_row_and_none_while_it_is_closed() -> None:
    app = FindApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert app.bar.region.size == (120, 1)
        app.bar.close()
        await pilot.pause()
        assert app.bar.region.height == 0
        assert not app.bar.is_open


async def test_each_letter_is_told_and_the_count_is_shown() -> None:
    app = FindApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(*"the", "down")
        await pilot.pause()
        assert app.told == ["t", "th", "the", 1]
        assert app.line.startswith(" Find ❯ the")
        assert app.line.rstrip().endswith("2 of 4  Enter next  ↑ previous  Tab stay  Esc back")


async def test_each_key_steps() -> None:
    rows: list[tuple[str, int]] = [
        ("enter", 1),
        ("down", 1),
        ("f3", 1),
        ("shift+enter", -1),
        ("shift+\r", -1),
        ("up", -1),
        ("shift+f3", -1),
    ]
    app = FindApp()
    async with app.run_test() as pilot:
        await pilot.press("o")
        for key, step in rows:
            app.told.clear()
            await pilot.press(key)
            assert app.told == [step]


async def test_escape_closes_it_and_typing_goes_on_elsewhere() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        await pilot.press(*"ox", "escape")
        await pilot.pause()
        await pilot.press("y")
        assert app.told == ["o", "ox", "closed"]
        assert app.query_one("#prompt", Input).value == "y"


async def test_opened_again_the_words_from_before_are_sought_and_can_be_overwritten() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        await pilot.press(*"fox", "escape")
        app.told.clear()
        app.bar.open()
        await pilot.pause()
        assert app.told == ["fox"]
        await pilot.press("d")
        assert app.told == ["fox", "d"]
        app.bar.open("lazy\n[bold]dog\x1b[31m")
        await pilot.pause()
        assert app.told[2:] == ["lazy [bold]dog"]
        assert app.bar.needle == "lazy [bold]dog"


async def test_what_is_counted_is_said_and_nothing_found_too() -> None:
    app = FindApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("z", "q")
        await pilot.pause()
        assert "no hits" in app.line
        app.bar.show_count(None, 0, counting=True)
        await pilot.pause()
        assert "counting…" in app.line
        assert "no hits" not in app.line
        await pilot.press("backspace", "backspace")
        await pilot.pause()
        assert " ".join(app.line.split()) == "Find ❯ Enter next ↑ previous Tab stay Esc back"


async def test_where_it_is_narrow_the_keys_go_and_the_count_stays() -> None:
    rows: list[tuple[int, str]] = [
        (120, "2 of 4  Enter next  ↑ previous  Tab stay  Esc back"),
        (80, "2 of 4  Enter next  ↑ previous  Tab stay  Esc back"),
        (60, "2 of 4  Tab stay  Esc back"),
        (46, "2 of 4  Esc back"),
        (40, "2 of 4"),
        (20, "2 of 4"),
    ]
    app = FindApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(*"the", "enter")
        for columns, end in rows:
            await pilot.resize_terminal(columns, 24)
            await pilot.pause()
            assert app.line.startswith(" Find ❯ the" if columns >= 40 else " Find ❯ ")
            assert app.line.rstrip().endswith("  " + end)
            assert "previous" in end or "previous" not in app.line
            await pilot.resize_terminal(120, 24)
            await pilot.pause()
            assert app.line.startswith(" Find ❯ the ")
            assert app.line.rstrip().endswith("Enter next  ↑ previous  Tab stay  Esc back")


async def test_long_and_wide_words_scroll_in_the_field() -> None:
    app = FindApp()
    async with app.run_test(size=(40, 24)) as pilot:
        await paste(pilot, "世界" * 20 + " end")
        await pilot.pause()
        assert "界 end" in app.line
        app.bar.close()
        await pilot.pause()
        app.bar.open("words " * 20 + "last")
        await pilot.pause()
        assert "words last" in app.line
        assert app.line.rstrip().endswith("no hits")


async def test_what_is_pasted_is_one_line_of_text() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        await paste(pilot, "quick\r\nbrown\tfox\x1b[2J\x07")
        assert app.told == ["quick brown fox"]
        app.copy_to_clipboard("\nand\nmore")
        await pilot.press("ctrl+v")
        assert app.told[-1] == "quick brown fox and more"
        await paste(pilot, "x" * 1000)
        assert len(app.bar.needle) == LONGEST
        await paste(pilot, "\x1b[2J")
        assert len(app.bar.needle) == LONGEST


async def test_a_burst_of_keys_is_done_in_order() -> None:
    app = FindApp()
    async with app.run_test() as pilot:
        keys = ["f", "o", "z", "backspace", "x", "enter", "home", "a", "up"]
        for key in keys:
            app.field.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.told == ["f", "fo", "foz", "fo", "fox", 1, "afox", -1]


async def test_a_click_presses_the_key_and_a_tooltip_tells_them_all() -> None:
    app = FindApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        for word in ("next", "previous", "back"):
            await pilot.click(FindBar, offset=(app.line.index(word) - 1, 0))
            await pilot.pause()
        assert app.told == ["o", 1, -1, "closed"]
        assert "Shift+F3" in str(app.field.tooltip)
        assert app.query_one(FindKeys).tooltip == app.field.tooltip


async def test_it_has_the_same_height_in_every_theme() -> None:
    for theme in [theme.name for theme in THEMES]:
        app = FindApp()
        async with app.run_test() as pilot:
            app.theme = theme
            await pilot.pause()
            assert app.bar.region.height == 1
            assert app.field.region.height == 1
            assert app.field.styles.background == app.bar.styles.background


def test_in_a_terminal_it_finds_steps_and_then_writes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.find_app"]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    with TerminalProgram(command, env, columns=80, rows=10) as program:
        program.wait_for("Find ❯")
        program.type("The")
        program.wait_for("1 of 4")
        program.type("\x1b[13;2u")  # Shift+Enter of the Kitty protocol
        program.wait_for("4 of 4")
        program.type("\x1b[27;2;13~")  # and of xterm's modifyOtherKeys
        program.wait_for("3 of 4")
        program.type("\x1bOR")  # F3
        program.wait_for("4 of 4")
        program.type("\x1b[A")
        program.wait_for("3 of 4")
        until_silent(program, 3.5)
        program.type("\x1b")
        program.wait_for("Find ❯", gone=True)

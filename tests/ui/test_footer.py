"""The keys at the bottom and the quiet line at the top, on wide and narrow screens."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.widgets.key_footer import Entry, KeyFooter, fitting
from animus_tui.ui.widgets.status_line import StatusLine, shortened
from tests.support.prompt_app import NO_PROMISE, PromptApp

NOTES = ("Vivian", "demo server, nothing leaves this machine")
TITLE = "Sunset over the ocean"


def test_keys_have_short_names() -> None:
    rows: list[tuple[str, str]] = [
        ("ctrl+r", "^R"),
        ("shift+enter", "⇧Enter"),
        ("alt+enter", "Alt+Enter"),
        ("escape", "Esc"),
        ("f1", "F1"),
        ("ctrl+backslash", "^\\"),
        ("left_square_bracket", "["),
        ("r", "r"),
        ("tab", "Tab"),
        ("pageup", "PgUp"),
        ("ctrl+shift+k", "^⇧K"),
    ]
    for key, label in rows:
        assert key_label(key) == label


def test_what_is_needed_most_stays_and_the_order_too() -> None:
    names = ("send", "newline", "cancel", "regenerate", "help", "quit")
    entries = [Entry(name, "f1", "12345") for name in names]  # 8 cells each, 2 between
    kept = [[entry.action for entry in fitting(entries, width)] for width in (0, 8, 18, 28, 58)]
    assert kept == [[], ["help"], ["help", "quit"], ["cancel", "help", "quit"], list(names)]


@pytest.mark.parametrize(
    ("columns", "footer"),
    [
        (
            118,
            "Enter Send  ^J New line  ^R Regenerate  ^S Save  ^F Find  F4 Gallery  ^L Chats  ^N New  F1 Help"
            + " " * 13
            + "^Q Quit",
        ),
        (80, "Enter Send  ^J New line  ^R Regenerate  ^S Save  ^N New  F1 Help" + " " * 7 + "^Q Quit"),
        (40, "Enter Send  ^S Save  F1 Help" + " " * 5 + "^Q Quit"),
        (20, "F1 Help    ^Q Quit"),
    ],
)
async def test_the_footer_shrinks_to_help_and_quit(columns: int, footer: str) -> None:
    app = PromptApp()
    app.chat.resting = {*NO_PROMISE, "cancel", "copy_selection", "retry", "reasoning"}
    async with app.run_test(size=(columns, 24)) as pilot:
        await pilot.pause()
        assert cell_len(app.footer) <= columns - 2
        assert app.footer.split() == footer.split()
        assert app.footer.endswith("^Q Quit")


async def test_only_keys_that_work_now_are_shown() -> None:
    app = PromptApp()
    app.chat.resting = {*NO_PROMISE, "cancel"}
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert "Esc Cancel" not in app.footer
        app.chat.resting = {*NO_PROMISE, "regenerate"}
        app.chat.refresh_bindings()
        await pilot.pause()
        drawn = "".join(segment.text for segment in app.chat.query_one(KeyFooter).render_line(0))
        assert "Esc Cancel" in drawn
        assert "Regenerate" not in drawn


async def test_keys_of_a_focused_card_come_first_and_those_of_the_prompt_go() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 24)) as pilot:
        app.chat.query_one("#conversation").focus()
        await pilot.pause()
        assert app.footer.startswith("[ Variant before")
        assert "Send" not in app.footer


async def test_the_footer_shows_the_users_own_keys() -> None:
    app = PromptApp({"save": "f5", "newline": "ctrl+b"})
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert "F5 Save" in app.footer
        assert "^B New line" in app.footer
        await pilot.press("f5")
        assert app.chat.done == ["save"]


async def test_a_click_presses_the_key() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(*"hi")
        await pilot.click(KeyFooter, offset=(app.footer.index("^S") + 2, 0))
        await pilot.click(KeyFooter, offset=(3, 0))
        await pilot.click(KeyFooter, offset=(len(app.footer), 0))
        await pilot.pause()
        assert app.chat.done == ["save", "quit"]
        assert app.chat.submitted == ["hi"]


def test_asides_go_first_and_then_the_last_notes() -> None:
    assert shortened(NOTES, 80) == list(NOTES)
    assert shortened(NOTES, 40) == ["Vivian", "demo server"]
    assert shortened(NOTES, 12) == ["Vivian"]
    assert shortened(("Vivian", "note: be brief", "model:3b"), 24) == ["Vivian", "note", "model:3b"]
    assert shortened(("世界" * 4, "x"), 20) == ["世界" * 4, "x"]


@pytest.mark.parametrize(
    ("columns", "left", "right"),
    [
        (120, "Vivian · demo server, nothing leaves this machine", TITLE),
        (60, "Vivian · demo server, nothing leaves this machine", ""),
        (40, "Vivian · demo server", "Sunset over the…"),
    ],
)
async def test_the_status_line_shortens_the_title_first(columns: int, left: str, right: str) -> None:
    app = PromptApp()
    async with app.run_test(size=(columns, 24)) as pilot:
        line = app.chat.query_one(StatusLine)
        line.show(NOTES, TITLE)
        await pilot.pause()
        shown = str(line.render())
        assert shown.startswith(left)
        assert shown.endswith(right)
        assert cell_len(shown) == columns - 2


async def test_text_from_elsewhere_changes_nothing_but_the_text() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)):
        line = app.chat.query_one(StatusLine)
        line.show(("[bold]V[/]\x1b[2J",), "two\nlines\x1b]52;c;eHh4\x07")
        assert str(line.render()).split() == ["[bold]V[/]", "two", "lines"]

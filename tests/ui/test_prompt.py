"""The prompt: growing, sending, breaking lines, pasting, recalling, undoing."""

from __future__ import annotations

import gc
import random
import warnings

from textual import events
from textual.pilot import Pilot

from animus_tui.config.actions import KEY_ACTIONS
from animus_tui.config.keymap import key_names
from animus_tui.ui.textual_compat import KeyParser
from tests.support.prompt_app import PromptApp


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def test_enter_sends_what_was_written_and_empties_the_prompt() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"hello", "enter")
        assert app.chat.submitted == ["hello"]
        assert app.prompt.text == ""


async def test_blank_text_is_not_sent() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("enter", "space", "space", "enter", "ctrl+j", "enter")
        assert app.chat.submitted == []


async def test_each_line_break_key_breaks_the_line_where_the_cursor_is() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        for key in ("shift+enter", "alt+enter", "ctrl+j"):
            await pilot.press(*"ab", "left", key)
            assert app.prompt.text == "a\nb"
            await pilot.press(*"x", "enter")
            assert app.chat.submitted.pop() == "a\nxb"


async def test_blank_lines_around_the_text_are_not_sent_but_an_indent_is() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await paste(pilot, "\n\n    if x:\n        y\n\n")
        await pilot.press("enter")
        assert app.chat.submitted == ["    if x:\n        y"]


async def test_own_keys_send_and_break_the_line() -> None:
    app = PromptApp({"send": "f9", "newline": "enter"})
    async with app.run_test() as pilot:
        await pilot.press("a", "enter", "b", "f9")
        assert app.chat.submitted == ["a\nb"]


async def test_the_prompt_grows_to_eight_rows_and_shrinks_again() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 40)) as pilot:
        for rows in [*range(2, 9), 8, 8]:
            await pilot.press("ctrl+j")
            await pilot.pause()
            assert app.prompt.size.height == rows
        assert app.prompt.has_class("-long")
        await pilot.press("x", "enter")
        await pilot.pause()
        assert app.prompt.size.height == 1
        assert not app.prompt.has_class("-long")


async def test_wrapped_rows_count_at_every_width() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 40)) as pilot:
        for columns in (40, 61, 80):
            await pilot.resize_terminal(columns, 40)
            for words in (5, 20, 30):
                app.prompt.restore("words " * words)
                await pilot.pause()
                assert app.prompt.size.height == min(8, app.prompt.wrapped_document.height)


async def test_the_prompt_follows_the_width_of_the_terminal() -> None:
    app = PromptApp()
    async with app.run_test(size=(120, 40)) as pilot:
        app.prompt.restore("words " * 20)
        await pilot.pause()
        heights = []
        for columns in (120, 80, 40, 120):
            await pilot.resize_terminal(columns, 40)
            await pilot.pause()
            heights.append(app.prompt.size.height)
        assert heights == [2, 2, 4, 2]


async def test_on_a_low_screen_the_conversation_keeps_most_of_it() -> None:
    app = PromptApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.prompt.restore("a\n" * 20)
        await pilot.pause()
        assert app.prompt.size.height == 4


async def test_pasted_line_breaks_stay_and_nothing_is_sent() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await paste(pilot, "one\r\ntwo\rthree\n")
        assert app.prompt.text == "one\ntwo\nthree\n"
        assert app.chat.submitted == []


async def test_a_paste_brings_no_controls_along() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await paste(pilot, "a\x1b[2Jb\x1b]52;c;eHh4\x07c\x9b31md\u202ee")
        assert app.prompt.text == "abcde"


async def test_up_recalls_what_was_sent_and_the_draft_comes_back() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["first", "second"])
        await pilot.press(*"draft", "up")
        assert app.prompt.text == "second"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("down", "down")
        assert app.prompt.text == "draft"
        await pilot.press("down")
        assert app.prompt.text == "draft"


async def test_up_moves_inside_a_text_until_its_first_row() -> None:
    app = PromptApp()
    async with app.run_test(size=(40, 30)) as pilot:
        app.prompt.remember(["sent before"])
        app.prompt.restore("words " * 20)
        await pilot.pause()
        rows = app.prompt.size.height
        await pilot.press(*["up"] * (rows - 1))
        assert app.prompt.text == "words " * 20
        await pilot.press("up")
        assert app.prompt.text == "sent before"


async def test_what_becomes_known_while_one_looks_around_takes_neither_the_draft_nor_the_place() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["first", "second"])
        await pilot.press(*"draft", "up", "up")
        app.prompt.remember(["second", "third"])
        assert app.prompt.text == "first"
        seen = []
        for _ in range(3):
            await pilot.press("down")
            seen.append(app.prompt.text)
        assert seen == ["second", "third", "draft"]


async def test_a_change_to_a_recalled_text_is_kept_while_one_looks_around() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["first", "second"])
        await pilot.press("up", "!", "up", "down")
        assert app.prompt.text == "second!"
        await pilot.press("enter", "up", "up")
        assert app.chat.submitted == ["second!"]
        assert app.prompt.text == "second"


async def test_the_same_text_sent_twice_is_recalled_once() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["again", "again", " "])
        await pilot.press(*"again", "enter", "up", "up")
        assert app.prompt.text == "again"
        await pilot.press("down")
        assert app.prompt.text == ""


async def test_undo_after_recall_gives_the_draft_back() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.remember(["words " * 60])
        app.prompt.restore("a\nb\nc")
        await pilot.pause()
        await pilot.press("up", "up", "up")
        assert app.prompt.text == "words " * 60
        await pilot.press("ctrl+z")
        assert app.prompt.text == "a\nb\nc"


async def test_a_paste_that_would_make_keys_slow_stands_as_a_label_and_is_sent_whole() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        first, second = "[long text 2: 120,000 characters]".ljust(100_000, "a"), "b\n" * 60_000
        await pilot.press(*"x ")
        await paste(pilot, first)
        await pilot.press("space")
        await paste(pilot, second)
        await pilot.press(*" y")
        assert app.prompt.text == "x [long text 1: 100,000 characters] [long text 2: 120,000 characters] y"
        await pilot.press("enter")
        assert app.chat.submitted == [f"x {first} {second} y"]
        await pilot.press("up")
        assert app.prompt.text == "[long text 1: 220,005 characters]"
        await pilot.press("enter")
        assert app.chat.submitted[1:] == app.chat.submitted[:1]


async def test_a_label_that_somebody_types_is_text() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await paste(pilot, "[long text 1: 9 characters]")
        await pilot.press("enter")
        assert app.chat.submitted == ["[long text 1: 9 characters]"]


async def test_undoing_and_redoing_a_long_paste_works() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        text = "\n".join(str(number) for number in range(30))
        await paste(pilot, text)
        await pilot.press("ctrl+z")
        assert app.prompt.text == ""
        assert app.prompt.size.height == 1
        await pilot.press("ctrl+y")
        await pilot.pause()
        assert app.prompt.text == text
        assert app.prompt.size.height == 8


async def test_what_was_sent_does_not_come_back_by_undo() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"sent", "enter", "ctrl+z")
        assert app.prompt.text == ""


async def test_words_and_lines_are_edited_with_the_usual_keys() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"one two", "ctrl+w", *"three", "ctrl+left", *"x", "ctrl+k")
        assert app.prompt.text == "one x"
        await pilot.press("ctrl+a", *"y", "ctrl+e", *"z")
        assert app.prompt.text == "yone xz"
        await pilot.press("ctrl+u")
        assert app.prompt.text == ""


ELSEWHERE = ("send", "newline", "suspend", "settings")
"""Actions that the screen does not have: two are the prompt's own, two are the application's."""


async def test_no_key_of_an_action_is_swallowed_by_the_prompt() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.restore("a draft")
        app.chat.resting.clear()
        for action in [a for a in KEY_ACTIONS if a.id not in ELSEWHERE]:
            app.chat.done.clear()
            for key in key_names(action.keys):
                await pilot.press(key)
                while len(app.screen_stack) > 1:
                    await app.pop_screen()
            assert app.chat.done == [action.id] * len(key_names(action.keys))
            assert app.prompt.text == "a draft"


async def test_keys_that_arrive_in_a_burst_are_done_in_their_order() -> None:
    rows: list[tuple[str, str]] = [
        ("hellp\x7fo", "hello"),
        ("hello world\x17there", "hello there"),
        ("gone\x15stays", "stays"),
        ("ac\x1b[Db", "abc"),
        ("one\ntwo\x01\x1b[A0", "0one\ntwo"),
        ("two\x1a", ""),
    ]
    for burst, text in rows:
        app = PromptApp()
        async with app.run_test() as pilot:
            for key in KeyParser(debug=False).feed(burst):
                app.post_message(key)
            await pilot.pause()
            await pilot.pause()
            assert app.prompt.text == text


async def test_a_command_typed_in_a_burst_is_completed_as_one_typed_slowly() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        for key in KeyParser(debug=False).feed("/n\r/qu\t"):
            app.post_message(key)
        await pilot.pause()
        await pilot.pause()
        assert app.chat.submitted == ["/new"]
        assert app.prompt.text == "/quit"


async def test_an_idle_prompt_runs_nothing() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"abc")
        assert not app.prompt.cursor_blink


KEYS = [
    *"ab /",
    *("enter", "shift+enter", "ctrl+j", "up", "down", "left", "right", "home", "end", "tab", "escape"),
    *(
        "backspace",
        "delete",
        "ctrl+w",
        "ctrl+u",
        "ctrl+k",
        "ctrl+z",
        "ctrl+y",
        "ctrl+left",
        "shift+up",
        "ctrl+x",
    ),
    "ctrl+v",
]


async def test_no_sequence_of_keys_and_pastes_breaks_it() -> None:
    for seed in range(2):
        choice = random.Random(seed)
        app = PromptApp()
        async with app.run_test(size=(choice.choice([40, 80]), choice.choice([10, 24]))) as pilot:
            app.prompt.remember(["one", "two\nthree", "words " * 60])
            for _ in range(12):
                if choice.random() < 0.3:
                    await paste(pilot, choice.choice(["x\n" * 20, "wide 世界 " * 30, "\t", "👩‍👩‍👧 e\u0301"]))
                app.prompt.focus()
                for key in choice.choices(KEYS, k=5):
                    app.simulate_key(key)
                await pilot.pause()
            assert 1 <= app.prompt.size.height <= 8


async def test_paths_and_names_that_are_typed_faster_than_they_are_read_are_no_warning() -> None:
    app = PromptApp()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with app.run_test() as pilot:
            for text in ("/save /tmp/x", "/model abc", "/import /etc/"):
                for character in text:
                    app.post_message(events.Key(character, character))
                await pilot.pause()
                await pilot.press("ctrl+u")
        gc.collect()
    assert not [str(each.message) for each in warned if "never awaited" in str(each.message)]

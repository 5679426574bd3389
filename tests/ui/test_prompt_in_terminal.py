"""The prompt of the application in a real terminal: keys as the bytes that terminals send for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

READY = "Write a message"
ARROW_UP, F1, ESCAPE = "\x1b[A", "\x1bOP", "\x1b"


def rows_of_prompt(program: TerminalProgram) -> list[str]:
    """What stands between the rule above the prompt and the footer."""
    lines = program.text().splitlines()
    rule = max(index for index, line in enumerate(lines) if line.strip("─") == "" and line)
    return [line.removeprefix(" ❯ ").removeprefix("   ").rstrip() for line in lines[rule + 1 : -2]]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("\x1b[13;2u", id="Shift+Enter of the Kitty protocol"),
        pytest.param("\x1b[13;3u", id="Alt+Enter of the Kitty protocol"),
        pytest.param("\x1b[27;2;13~", id="Shift+Enter of xterm's modifyOtherKeys"),
        pytest.param("\x1b\r", id="Alt+Enter of every other terminal"),
        pytest.param("\n", id="Ctrl+J"),
        pytest.param("\x1b[106;5u", id="Ctrl+J of the Kitty protocol"),
        pytest.param("\x1b[200~\r\n\x1b[201~", id="a pasted line break"),
    ],
)
def test_the_line_breaks_and_nothing_is_sent(tmp_path: Path, keys: str) -> None:
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("first line")
        program.wait_for("first line")
        program.type(keys)
        program.type("and the second")
        until(program, lambda: rows_of_prompt(program) == ["first line", "and the second"])
        assert "Say hello" in program.text(), "the conversation is still empty"


def test_help_recall_completion_and_the_narrow_footer(tmp_path: Path) -> None:
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("/n")
        program.wait_for("/new  Begin a new conversation.")
        program.type(ESCAPE)
        program.wait_for("/new  Begin a new conversation.", gone=True)
        program.type("\x15hello there\r")
        program.wait_for("hello there  ")  # said, with the time behind it
        program.wait_for(READY)
        program.type(ARROW_UP)
        program.wait_for("❯ hello there")
        program.type(F1)
        program.wait_for("Help · Esc closes")
        program.type(ESCAPE)
        program.wait_for("Help · Esc closes", gone=True)
        program.resize(40, 20)
        until(program, lambda: program.text().splitlines()[-1].split()[-4:] == ["F1", "Help", "^Q", "Quit"])


def test_an_idle_prompt_writes_nothing_to_the_terminal(tmp_path: Path) -> None:
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("a draft")
        program.wait_for("a draft")
        until_silent(program, 3.5)


PASTED = "\x1b[200~over \x1b[31mred\x1b[0m \x1b]0;title\x07sea\x11\x1b[A\x0c\x03\x1b[201~"
"""Words, among them escape sequences, and keys that quit, go up and stop."""


@pytest.mark.parametrize(
    ("key", "opened"),
    [
        pytest.param("", READY, id="the prompt"),
        pytest.param("\x06", "Find ❯", id="the find bar"),
        pytest.param("\x07", "A new picture", id="a field of the form"),
        pytest.param("\x10", "Search", id="the palette"),
    ],
)
def test_a_paste_is_its_words_in_every_input(tmp_path: Path, key: str, opened: str) -> None:
    with chat_program(tmp_path, columns=100, rows=36) as program:
        program.wait_for(READY)
        if key:
            program.type(key)
            program.wait_for(opened)
        for part in (PASTED[:9], PASTED[9:30], PASTED[30:]):
            program.type(part)
            program.read(0.2)
        program.wait_for("over red sea")
        program.type("s")
        program.wait_for("over red seas")


def test_a_paste_of_many_lines_is_in_the_prompt_and_nothing_is_sent(tmp_path: Path) -> None:
    lines = [f"line {number} with \x1b[3{number % 8}mcolour\x1b[0m" for number in range(3000)]
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("\x1b[200~" + "\r".join(lines) + "\x1b[201~")
        program.wait_for("line 2999 with colour")
        program.type("!")
        program.wait_for("line 2999 with colour!")
        assert "Say hello" in program.text(), "nothing was sent"


def test_a_paste_is_its_words_in_the_gallerys_filter(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=100) as program:
        program.wait_for(READY)
        program.type("/image a boat at sea --size 96x64 --seed 5\r")
        program.wait_for("96×64 · seed 5")
        program.type("\x1bOS")
        program.wait_for("/ filters by words")
        program.type("/" + PASTED)
        program.wait_for("over red sea")
        program.type("s")
        program.wait_for("over red seas")


PAINTED = "96×64 · seed 5"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("/edit make it warmer", id="begins with no key"),
        pytest.param("please view it as large as possible", id="begins with a key of a picture"),
    ],
)
def test_what_is_typed_fast_while_a_picture_is_focused_arrives_whole(tmp_path: Path, typed: str) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=100) as program:
        program.wait_for(READY)
        program.type("/image a boat at sea --size 96x64 --seed 5\r")
        program.wait_for(PAINTED)
        program.type("\t")
        program.wait_for("i Facts")
        program.type(typed)
        program.wait_for(f"❯ {typed}")


def test_a_letter_key_that_has_nothing_to_act_on_is_not_typed_and_says_so(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=100) as program:
        program.wait_for(READY)
        program.type("hello there\r")
        program.wait_for("hello there  ")
        program.wait_for(READY)
        program.type("\t")
        program.wait_for("y Copy")
        program.type("c")
        program.wait_for("There is no code in this message.")
        program.type("o")
        program.wait_for("There is no link in this message.")
        program.type("hello")
        program.wait_for("❯ hello")


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("\x12", "There is no picture to make again yet."),
        ("\x13", "There is no picture to save yet."),
        ("\x14", "Nothing failed that could be tried again."),
        ("\x0f", "There is no reasoning to show."),
        ("\x03", "Press ^Q to quit."),
        ("\x04", "Press ^Q to quit."),
    ],
)
def test_a_key_with_nothing_to_act_on_says_so(tmp_path: Path, key: str, sentence: str) -> None:
    with chat_program(tmp_path, columns=100, rows=24) as program:
        program.wait_for(READY)
        program.type(key)
        program.wait_for(sentence)


def test_exit_is_quit(tmp_path: Path) -> None:
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("/exit\r")
        assert program.wait_for_exit() == 0


def test_up_recalls_what_was_sent_in_other_conversations_after_what_was_sent_in_this_one(
    tmp_path: Path,
) -> None:
    with chat_program(tmp_path, columns=80, rows=24) as program:
        program.wait_for(READY)
        program.type("said there\r")
        program.wait_for("said there  ")
        program.wait_for(READY)
        program.type("\x0e")
        program.wait_for("Say hello")
        program.type("said here\r")
        program.wait_for("said here  ")
        program.wait_for(READY)
        program.type("a draft" + ARROW_UP)
        program.wait_for("❯ said here")
        program.type(ARROW_UP)
        program.wait_for("❯ said there")
        program.type("\x1b[B\x1b[B")
        program.wait_for("❯ a draft")


@pytest.mark.parametrize(
    ("typed", "chosen", "prompt"),
    [
        pytest.param("\tk", "y Copy", "Write a message, or / for commands", id="a key of where Tab goes"),
        pytest.param("\thello", "Enter Send", "hello", id="the beginning of a message"),
        pytest.param("\t\x1b[Zhello", "Enter Send", "hello", id="there and back"),
    ],
)
def test_letters_in_the_same_instant_as_tab_go_where_tab_went(
    tmp_path: Path, typed: str, chosen: str, prompt: str
) -> None:
    with chat_program(tmp_path, columns=100) as program:
        program.wait_for(READY)
        program.type("first message\r")
        program.wait_for("first message  ")
        program.wait_for(READY)
        until(program, lambda: "Esc Cancel" not in program.text())
        program.type(typed)
        until(program, lambda: chosen in program.text().splitlines()[-1])
        until(program, lambda: rows_of_prompt(program) == [prompt])


def test_letters_in_the_same_instant_as_tab_or_enter_go_to_the_next_field_of_the_form(tmp_path: Path) -> None:
    with chat_program(tmp_path, columns=100, rows=36) as program:
        program.wait_for(READY)
        program.type("\x07")
        program.wait_for("A new picture")
        program.type("a fox\t512x768\r30\x1b[Z\x1b[Z red")
        for row in ("a fox red", "Size       512x768 ", "Steps      30 "):
            program.wait_for(row)


@pytest.mark.parametrize(
    ("key", "opened"),
    [
        pytest.param("\x1bOP", "Help · Esc closes", id="help"),
        pytest.param("\x07", "A new picture", id="the form"),
        pytest.param("\x10", "Search", id="the palette"),
        pytest.param("/character\r", "Whose face", id="the characters"),
    ],
)
def test_ctrl_c_in_a_box_over_the_screen_says_what_closes_it_and_what_quits(
    tmp_path: Path, key: str, opened: str
) -> None:
    with chat_program(tmp_path, columns=100, rows=36) as program:
        program.wait_for(READY)
        program.type(key)
        program.wait_for(opened)
        program.type("\x03")
        program.wait_for("Press Esc to close this, ^Q to quit.")
        program.type(ESCAPE)
        program.wait_for(opened, gone=True)

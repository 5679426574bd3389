"""The prompt of the application in a real terminal: keys as the bytes that terminals send for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.picture_samples import file_of, textured
from tests.support.terminal import (
    MOSAIC,
    SharedProgram,
    TerminalProgram,
    chat_program,
    until,
    until_silent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READY = "Write a message"
ANSWER = re.compile(r"Vivian +\d\d:\d\d")
EMPTY = ["Write a message, or / for commands"]
ARROW_UP, F1, ESCAPE, NEW, FIND, FORM, PALETTE = "\x1b[A", "\x1bOP", "\x1b", "\x0e", "\x06", "\x07", "\x10"
pytestmark = pytest.mark.xdist_group("prompt in terminal")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedProgram]:
    def started() -> TerminalProgram:
        home = tmp_path_factory.mktemp("prompt")  # a draft that a test left would be there again
        return chat_program(home, "--demo", "--graphics", "block", columns=100)

    with SharedProgram(started) as shared:
        yield shared


@pytest.fixture
def program(shared: SharedProgram) -> TerminalProgram:
    """The application with an empty prompt in an empty conversation."""
    program = shared.ready(lambda program: rows_of_prompt(program) == EMPTY)
    program.type(NEW)
    program.wait_for("Say hello")
    return program


def rows_of_prompt(program: TerminalProgram) -> list[str]:
    """What stands between the rule above the prompt, which begins with a message if there is one, and the footer."""
    lines = program.text().splitlines()
    rule = max((index for index, line in enumerate(lines) if line.endswith("─" * 8)), default=-1)
    return [line.removeprefix(" ❯ ").removeprefix("   ").rstrip() for line in lines[rule + 1 : -2]]


def empty(program: TerminalProgram) -> None:
    """Take back a draft of at most two lines."""
    program.type("\x15\x7f\x15")
    until(program, lambda: rows_of_prompt(program) == EMPTY)


def say(program: TerminalProgram, text: str) -> None:
    """Send a message and wait for the end of the answer."""
    program.type(f"{text}\r")
    program.wait_for(f"{text}  ")  # said, with the time behind it
    until(program, lambda: ANSWER.search(program.text().rpartition(f"{text}  ")[2]) is not None)
    before = ""
    while (
        before != program.text() or "Esc Cancel" in before
    ):  # a pause between two bubbles is shorter than that
        before = program.text()
        program.read(0.5)
    program.wait_for(READY)


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
def test_the_line_breaks_and_nothing_is_sent(program: TerminalProgram, keys: str) -> None:
    program.type("first line")
    program.wait_for("first line")
    program.type(keys)
    program.type("and the second")
    until(program, lambda: rows_of_prompt(program) == ["first line", "and the second"])
    assert "Say hello" in program.text(), "the conversation is still empty"
    empty(program)


def test_a_file_that_is_dropped_is_attached_and_shown(program: TerminalProgram, tmp_path: Path) -> None:
    path = tmp_path / "a lake.png"
    path.write_bytes(file_of(textured((64, 48)), "PNG"))
    dropped = str(path).replace(" ", "\\ ")
    program.type(f"What is it?\x1b[200~{dropped} \x1b[201~")
    program.wait_for("Attached: a lake.png 64×48 · Esc removes it")
    assert rows_of_prompt(program) == ["What is it?"]
    program.type("\r")
    program.wait_for("so I cannot see what you show me")
    program.wait_for("Attached:", gone=True)
    until(program, lambda: MOSAIC.search(program.text()) is not None)
    program.wait_for("Esc Cancel", gone=True)


def test_help_recall_completion_and_the_narrow_footer(program: TerminalProgram) -> None:
    program.type("/n")
    program.wait_for("Start a new conversation; /new")
    program.type(ESCAPE)
    program.wait_for("Start a new conversation; /new", gone=True)
    empty(program)
    say(program, "hello there")
    program.type(ARROW_UP)
    program.wait_for("❯ hello there")
    program.type(F1)
    program.wait_for("Help · Esc Close")
    program.type(ESCAPE)
    program.wait_for("Help · Esc Close", gone=True)
    program.resize(40, 20)
    until(program, lambda: program.text().splitlines()[-1].split()[-4:] == ["F1", "Help", "^Q", "Quit"])
    program.resize(100, 40)
    empty(program)


def test_an_idle_prompt_writes_nothing_to_the_terminal(program: TerminalProgram) -> None:
    program.type("a draft")
    program.wait_for("a draft")
    until_silent(program, 3.5)
    empty(program)


PASTED = "\x1b[200~over \x1b[31mred\x1b[0m \x1b]0;title\x07sea\x11\x1b[A\x0c\x03\x1b[201~"
"""Words, among them escape sequences, and keys that quit, go up and stop."""


@pytest.mark.parametrize(
    ("key", "opened"),
    [
        pytest.param("", READY, id="the prompt"),
        pytest.param(FIND, "Find ❯", id="the find bar"),
        pytest.param(FORM, "New image", id="a field of the form"),
    ],
)
def test_a_paste_is_its_words_in_every_input(program: TerminalProgram, key: str, opened: str) -> None:
    program.type(key)
    program.wait_for(opened)
    for part in (PASTED[:9], PASTED[9:30], PASTED[30:]):
        program.type(part)
        program.read(0.2)
    program.wait_for("over red sea")
    program.type("s")
    program.wait_for("over red seas")
    if key:
        program.type(ESCAPE)
        program.wait_for("over red seas", gone=True)
    else:
        empty(program)


def test_the_gallerys_filter_takes_a_paste_and_a_focused_picture_what_is_typed_fast(
    program: TerminalProgram,
) -> None:
    program.type("/image a boat at sea --size 96x64 --seed 5\r")
    program.wait_for("96×64 · seed 5")
    program.type("\x1bOS/" + PASTED)  # before the gallery knows what pictures there are
    program.wait_for("over red sea")
    program.type("s")
    program.wait_for("over red seas")
    while READY not in program.text():  # out of the filter, and out of the gallery
        program.type(ESCAPE)
        program.read(0.3)
    # One begins with a letter that is no key of a picture, the other with one that is.
    for typed in ("/edit make it warmer", "please view it as large as possible"):
        program.type("\t")
        program.wait_for("i Details")
        program.type(typed)
        program.wait_for(f"❯ {typed}")
        empty(program)


def test_a_letter_key_that_has_nothing_to_act_on_is_not_typed_and_says_so(program: TerminalProgram) -> None:
    say(program, "hello there")
    program.type("\t")
    program.wait_for("y Copy")
    program.type("c")
    program.wait_for("There is no code in this message.")
    program.type("o")
    program.wait_for("There is no link in this message.")
    program.type("hello")
    program.wait_for("❯ hello")
    empty(program)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("\x12", "There is no picture to regenerate yet."),
        ("\x14", "There is nothing to retry."),
        ("\x03", "Press ^Q to quit."),
        ("\x04", "Press ^Q to quit."),
    ],
)
def test_a_key_with_nothing_to_act_on_says_so(program: TerminalProgram, key: str, sentence: str) -> None:
    program.type(key)
    program.wait_for(sentence)
    while sentence in program.text():  # it goes with a key, once it could be read
        program.type("x")
        program.read(0.3)
    empty(program)


@pytest.mark.parametrize("focus", ["", "\t"], ids=["prompt", "conversation"])
def test_alt_and_a_letter_as_the_key_of_an_action_says_so_too(tmp_path: Path, focus: str) -> None:
    (tmp_path / "config.toml").write_text('[keys]\nretry = "alt+t"\n')
    with chat_program(tmp_path, columns=100, rows=24) as program:
        program.wait_for(READY)
        program.type(f"{focus}\x1bt")
        program.wait_for("There is nothing to retry.")
        assert READY in program.text(), "nothing was typed"


@pytest.mark.parametrize("typed", ["Hello", "Please wait", "Oh", "ünder", "z", "Hi\x1b[D\x1b[C there"])
def test_letters_in_one_read_with_esc_are_typed_behind_it(program: TerminalProgram, typed: str) -> None:
    program.type("\t\x1b[A")  # the conversation has the focus, and Esc gives it back
    program.read(0.3)
    program.type(f"\x1b{typed}")
    until(program, lambda: rows_of_prompt(program) == [re.sub("\x1b..", "", typed)])
    empty(program)


@pytest.mark.parametrize(
    ("before", "shown", "burst"),
    [
        pytest.param("", READY, "\x1b\x10", id="the prompt"),
        pytest.param("\t", READY, "\x1b[27u\x1b[112;5u", id="the conversation"),
        pytest.param("\x1bOP", "Help · Esc Close", "\x1b[27u\x1b[112;5u", id="the help"),
    ],
)
def test_the_palette_opens_right_behind_esc(
    program: TerminalProgram, before: str, shown: str, burst: str
) -> None:
    program.type(before)
    program.wait_for(shown)
    program.type(burst)
    program.wait_for("Search for commands")
    program.read(1.0)
    assert "Search for commands" in program.text()
    program.type(ESCAPE)
    program.wait_for("Search for commands", gone=True)


def test_tab_in_the_same_instant_as_a_name_completes_that_name(program: TerminalProgram) -> None:
    program.type("/style trav\t")
    until(program, lambda: rows_of_prompt(program) == ["/style travel poster"])
    empty(program)


def test_up_recalls_what_was_sent_in_other_conversations_after_what_was_sent_in_this_one(
    program: TerminalProgram,
) -> None:
    say(program, "said there")
    program.type(NEW)
    program.wait_for("Say hello")
    say(program, "said here")
    program.type("a draft" + ARROW_UP)
    program.wait_for("❯ said here")
    program.type(ARROW_UP)
    program.wait_for("❯ said there")
    program.type("\x1b[B\x1b[B")
    program.wait_for("❯ a draft")
    empty(program)


@pytest.mark.parametrize(
    ("typed", "chosen", "prompt"),
    [
        pytest.param("\tk", "y Copy", EMPTY[0], id="a key of where Tab goes"),
        pytest.param("\thello", "Enter Send", "hello", id="the beginning of a message"),
        pytest.param("\t\x1b[Zhello", "Enter Send", "hello", id="there and back"),
    ],
)
def test_letters_in_the_same_instant_as_tab_go_where_tab_went(
    program: TerminalProgram, typed: str, chosen: str, prompt: str
) -> None:
    say(program, "first message")
    program.type(typed)
    until(program, lambda: chosen in program.text().splitlines()[-1])
    until(program, lambda: rows_of_prompt(program) == [prompt])
    if prompt == "hello":
        empty(program)


def test_letters_in_the_same_instant_as_tab_or_enter_go_to_the_next_field_of_the_form(
    program: TerminalProgram,
) -> None:
    program.type(FORM)
    program.wait_for("New image")
    program.type("a fox\t512x768\r30\x1b[Z\x1b[Z red")
    for row in ("a fox red", "Size       512x768 ", "Steps      30 "):
        program.wait_for(row)
    program.type(ESCAPE)
    program.wait_for("Negative", gone=True)


def test_a_paste_of_many_lines_is_in_the_prompt_and_nothing_is_sent(program: TerminalProgram) -> None:
    lines = [f"line {number} with \x1b[3{number % 8}mcolour\x1b[0m" for number in range(3000)]
    program.type("\x1b[200~" + "\r".join(lines) + "\x1b[201~")
    program.wait_for("line 2999 with colour")
    program.type("!")
    program.wait_for("line 2999 with colour!")
    assert "Say hello" in program.text(), "nothing was sent"


def test_exit_is_quit(program: TerminalProgram) -> None:
    program.type("/exit\r")
    assert program.wait_for_exit() == 0

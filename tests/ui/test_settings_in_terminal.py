"""The settings in a real terminal: each change shows at once, and is one line of the file."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from tests.support.terminal import TerminalProgram, chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

READY = "Write a message"
F6, ENTER, RIGHT, DELETE, CLEAR, ESCAPE, QUIT = "\x1b[17~", "\r", "\x1b[C", "\x1b[3~", "\x15", "\x1b", "\x11"
FEW = "#  image_rows = 7  # few"
MINE = """\
# mine: \u00e4
[chat]   # who
name = 'Ann'   # her name

# looks
[ui]
  show_time =   true # clock
theme = "animus-dark"
#  image_rows = 7  # few

[keys]
quit = "ctrl+q" # as it was
"""
EDITOR = """#!/bin/sh
printf '\\n# by hand\\n' >> "$1"
echo "IN THE EDITOR"
read -r line
"""


class Settings:
    """The program with its settings open, and the file behind them."""

    def __init__(self, program: TerminalProgram, path: Path) -> None:
        self.program = program
        self.path = path
        self.before = path.read_text()

    def choose(self, words: str, *keys: str) -> None:
        """Select a setting by its words, and press keys."""
        self.program.type(CLEAR + words)
        self.program.wait_for(f"\n  {words.capitalize()}"[1:])
        for key in keys:
            self.program.type(key)

    def is_written(self, was: str, line: str) -> None:
        """Until the file has one line in place of another one (or more than before), and nothing else is changed."""
        lines = self.before.splitlines()
        place = lines.index(was)
        wanted = [*lines[:place], *line.splitlines(), *lines[place + 1 :]]
        until(self.program, lambda: self.path.read_text() != self.before)
        found = self.path.read_text()
        assert found == "\n".join([*wanted, ""]), "\n".join(difflib.unified_diff(lines, found.splitlines()))
        self.before = found


def test_each_change_shows_at_once_and_is_one_line_of_the_file(tmp_path: Path) -> None:
    path, script = tmp_path / "config.toml", tmp_path / "editor.sh"
    path.write_bytes(MINE.encode())
    script.write_text(EDITOR)
    script.chmod(0o700)
    with chat_program(tmp_path, "--demo", columns=100, environment={"EDITOR": str(script)}) as program:
        program.wait_for(READY)
        program.type("Tell me a joke" + ENTER)
        program.wait_for("Ann ")
        program.wait_for("Esc Cancel", gone=True)
        dark = program.screen.buffer[0][0].bg
        program.type(F6)
        program.wait_for("Filter")
        settings = Settings(program, path)

        settings.choose("theme", RIGHT)
        settings.is_written('theme = "animus-dark"', 'theme = "animus-light"')
        until(program, lambda: program.screen.buffer[0][0].bg not in (dark, "default"))
        settings.choose("density", ENTER)
        settings.is_written(FEW, f'{FEW}\ndensity = "compact"')
        settings.choose("time format", RIGHT, RIGHT)
        until(program, lambda: "relative" in path.read_text())
        settings.is_written('density = "compact"', 'density = "compact"\ntime_format = "relative"')
        settings.choose("show time", ENTER)
        settings.is_written("  show_time =   true # clock", "  show_time =   false # clock")
        settings.choose("show time", ENTER)
        settings.is_written("  show_time =   false # clock", "  show_time =   true # clock")

        settings.choose("system message", ENTER)
        program.wait_for("You are Ann")
        program.type("\nBe brief." + ENTER)
        until(program, lambda: "Be brief" in path.read_text())
        (line,) = [line for line in path.read_text().splitlines() if "Be brief" in line]
        settings.is_written("name = 'Ann'   # her name", f"name = 'Ann'   # her name\n{line}")

        settings.choose("configuration file", ENTER)
        program.wait_for("IN THE EDITOR")
        program.type("\n")
        program.wait_for("Keys and all else")
        assert path.read_text() == settings.before + "\n# by hand\n"
        program.type(ESCAPE)
        program.wait_for("Settings ·", gone=True)
        text = [row.strip() for row in program.text().splitlines()]
        said = next(place for place, row in enumerate(text) if "Tell me a joke  " in row and place)
        assert text[said + 1].startswith("Ann "), "compact: no blank row between them"
        assert text[said].endswith(("just now", "min ago"))
        program.type(QUIT)
        assert program.wait_for_exit() == 0

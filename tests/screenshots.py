"""Make the pictures in `screenshots/` anew: `python -m tests.screenshots`.

The application runs in a real pseudo-terminal on its demo server and is used by typing; what its screen shows is drawn.
Needs fontconfig and the DejaVu Sans Mono font.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.pty_terminal import TerminalProgram, chat_program
from tests.screen_picture import screen_picture

FOLDER = Path(__file__).parent.parent / "screenshots"
SUNSET = "Can you show me a beautiful sunset over the ocean?"


def keep(program: TerminalProgram, name: str) -> None:
    """Draw the screen once it has settled."""
    program.read(0.7)
    program.text()
    picture = screen_picture(program.screen)
    picture.quantize(256).save(FOLDER / f"{name}.png", optimize=True)
    sys.stdout.write(f"{name}.png  {picture.width}×{picture.height}\n")


def conversation(home: Path) -> None:
    """The main job at 110×38: words, a picture, a second one; then the same at 80×24 and at 40 columns."""
    with chat_program(home, columns=110, rows=38) as program:
        program.wait_for("Alt+3")
        keep(program, "welcome")
        program.type(SUNSET + "\r")
        program.wait_for("painting")
        keep(program, "painting")
        program.wait_for("1024×1024")
        keep(program, "conversation")
        program.type("\x12")
        program.wait_for("2 of 2")
        program.type("Show me some markdown\r")
        program.wait_for("most of it")
        keep(program, "markdown")
        program.type("\x1bOP")
        program.wait_for("Esc closes")
        keep(program, "help")
        program.type("\x1b")
        program.wait_for("Esc closes", gone=True)
        program.type("!fault 402\r")
        program.wait_for("Out of credits")
        keep(program, "error")
        program.type("/")
        program.wait_for("/regenerate")
        keep(program, "commands")


def small(home: Path, columns: int, rows: int) -> None:
    """The same conversation, opened again in a smaller terminal."""
    with chat_program(home, columns=columns, rows=rows) as program:
        program.wait_for("Write a message")
        program.type("Paint a cat on a wall at night\r")
        program.wait_for("1024×1024", timeout=30)
        keep(program, f"narrow-{columns}x{rows}")


def main() -> None:
    """Make all of them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        conversation(Path(home))
    for columns, rows in ((80, 24), (40, 24)):
        with tempfile.TemporaryDirectory() as home:
            small(Path(home), columns, rows)


if __name__ == "__main__":
    main()

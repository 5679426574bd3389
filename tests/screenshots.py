"""Make the pictures in `screenshots/` anew: `python -m tests.screenshots`.

The application runs in a real pseudo-terminal on its demo server and is used by typing; what its screen shows is drawn.
Needs fontconfig, the DejaVu Sans Mono font and one for Japanese, such as IPAGothic.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.demo.painter import paint
from tests.pty_terminal import TerminalProgram, chat_program
from tests.screen_picture import screen_picture
from tests.ui.looks import PAGE
from tests.ui.terminal_waits import until_painted

FOLDER = Path(__file__).parent.parent / "screenshots"
SUNSET = "Can you show me a beautiful sunset over the ocean?"

HARBOUR = "A golden sunset over a calm sea, a sailing boat, mountains behind"


def keep(program: TerminalProgram, name: str, *, has_picture: bool = False) -> None:
    """Draw the screen once it has settled, and with `has_picture` once the picture on it is there."""
    if has_picture:
        until_painted(program)
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
        keep(program, "conversation", has_picture=True)
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


def page(home: Path) -> None:
    """Everything that a conversation can hold, at three sizes; then finding, marking and plain reading."""
    data, image = home / "data", "images/harbour.png"
    store = ConversationStore(data)
    messages = [
        ChatMessage(role="user", content="Show me the harbour, and tell me what it needs tonight."),
        ChatMessage(role="assistant", image=ImageRecord(prompt=HARBOUR, file=image, width=640, height=320)),
        ChatMessage(role="assistant", content=PAGE, reasoning="Wind, tide, crew."),
        ChatMessage(role="user", content="ありがとう、よく分かりました。 Thank you!"),
    ]
    stored = store.import_history(
        msgspec.json.encode(messages), Conversation(id="harbour", title="The harbour")
    )
    (stored.folder / image).parent.mkdir(exist_ok=True)
    (stored.folder / image).write_bytes(paint(HARBOUR, seed=7, width=640, height=320))
    stored.close()
    for columns, rows in ((120, 40), (80, 24), (40, 24)):
        with chat_program(home, columns=columns, rows=rows) as program:
            program.wait_for("Thank you!")
            keep(program, f"page-{columns}x{rows}", has_picture=rows > 24)
    with chat_program(home, columns=120, rows=40) as program:
        program.wait_for("Thank you!")
        program.type("\x06the")
        program.wait_for(" of ")
        keep(program, "find", has_picture=True)
        program.type("\t")
        program.wait_for("Copy code")
        keep(program, "chosen", has_picture=True)


def small(home: Path, columns: int, rows: int) -> None:
    """The same conversation, opened again in a smaller terminal."""
    with chat_program(home, columns=columns, rows=rows) as program:
        program.wait_for("Write a message")
        program.type("Paint a cat on a wall at night\r")
        program.wait_for("1024×1024", timeout=30)
        keep(program, f"narrow-{columns}x{rows}", has_picture=True)


def main() -> None:
    """Make all of them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        conversation(Path(home))
    with tempfile.TemporaryDirectory() as home:
        page(Path(home))
    for columns, rows in ((80, 24), (40, 24)):
        with tempfile.TemporaryDirectory() as home:
            small(Path(home), columns, rows)


if __name__ == "__main__":
    main()

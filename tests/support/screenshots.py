"""Make the pictures in `screenshots/` anew: `python -m tests.support.screenshots`.

The application runs in a real pseudo-terminal on its demo server and is used by typing; what its screen shows is drawn.
Needs fontconfig, the DejaVu Sans Mono font and one for Japanese, such as IPAGothic.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PIL import Image, ImageDraw, ImageFont

from animus_tui.characters.character import Character
from animus_tui.characters.library import Library
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import Config
from animus_tui.demo.painter import paint
from tests.support.snapshots import PAGE
from tests.support.stored_history import import_history
from tests.support.terminal import TerminalProgram, chat_program, until_painted

if TYPE_CHECKING:
    import pyte
    from pyte.screens import Char

FOLDER = Path(__file__).parents[2] / "screenshots"
SUNSET = "Can you show me a beautiful sunset over the ocean?"

HARBOUR = "A golden sunset over a calm sea, a sailing boat, mountains behind"

SIZE = 18
"""Font size in pixels."""
FOREGROUND, BACKGROUND = (224, 224, 224), (18, 18, 18)
NAMED = {
    "black": (0, 0, 0),
    "red": (205, 60, 60),
    "green": (80, 180, 80),
    "brown": (205, 170, 60),
    "blue": (70, 120, 220),
    "magenta": (190, 90, 190),
    "cyan": (70, 180, 190),
    "white": (229, 229, 229),
}
EIGHTHS = {chr(0x2580 + n): n for n in range(1, 9)}
"""Lower blocks: how many eighths of the cell are filled from below."""
LEFT_EIGHTHS = {chr(0x2590 - n): n for n in range(1, 8)}
"""Left blocks: how many eighths are filled from the left."""


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
        program.type("\x1bOQ")
        program.wait_for("Which service answers?")
        keep(program, "connect")
        program.type("\x1b")
        program.wait_for("Which service answers?", gone=True)
        program.type(SUNSET + "\r")
        program.wait_for("Generating")
        keep(program, "painting")
        program.wait_for("1024×1024")
        keep(program, "conversation", has_picture=True)
        program.type("\x12")
        program.wait_for("2 of 2")
        program.type("Show me some markdown\r")
        program.wait_for("most of it")
        keep(program, "markdown")
        program.type("\x1bOP")
        program.wait_for("Esc Close")
        keep(program, "help")
        program.type("\x1b")
        program.wait_for("Esc Close", gone=True)
        program.type("\x1b[17~")
        program.wait_for("Settings ·")
        program.type("\x1b[B")
        program.wait_for("Blank rows")
        keep(program, "settings")
        program.type("\x1b")
        program.wait_for("Settings ·", gone=True)
        program.type("!fault 402\r")
        program.wait_for("Out of credits")
        keep(program, "error")
        program.type("/")
        program.wait_for("/regenerate")
        keep(program, "commands")


def asked(home: Path) -> None:
    """Two promised pictures that wait for an answer, and the prompt of one while it is changed."""
    with chat_program(home, columns=100, rows=26, environment={"ANIMUS_IMAGE_WHEN": "ask"}) as program:
        program.wait_for("Alt+3")
        program.type("Show me a photo of you\r")
        program.wait_for("Picture promised")
        program.wait_for("Esc Cancel", gone=True)
        program.type(SUNSET + "\r")
        program.wait_for("soft clouds")
        program.wait_for("Esc Cancel", gone=True)
        program.type("\x1bp, with gulls")
        program.wait_for("Enter Keep")
        program.wait_for("with gulls")
        keep(program, "ask")


def origins(home: Path) -> None:
    """The form with what is joined to the prompt, and where each of its settings comes from."""
    config = home / "looks.toml"
    config.write_text(
        '[chat]\nappearance = "a woman of 30 with short red hair and a grey pullover"\n[image]\nguidance_scale = 5.0\n'
        '[styles.watercolour]\nprefix = "watercolour painting of"\nsuffix = "soft light, visible paper"\n'
        'size = "768x1024"\nsteps = 30\n'
    )
    with chat_program(home, columns=100, rows=30, environment={"ANIMUS_CONFIG": str(config)}) as program:
        program.wait_for("Alt+3")
        program.type("/style watercolour\r")
        program.wait_for("in the style watercolour")
        program.type("\x07")
        program.wait_for("New image")
        program.type("reading on the pier in the first sun\t\t")
        program.wait_for("Leave out")
        keep(program, "origins")


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
    stored = import_history(
        store, msgspec.json.encode(messages), Conversation(id="harbour", title="The harbour")
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


TALKS = (
    (
        0,
        "Vivian",
        "A boat for the summer",
        "Then take the one with the blue hull, and the name stays.",
        HARBOUR,
    ),
    (0, "Vivian", "What to cook for six", "Fish soup. It waits for guests that are late.", ""),
    (
        1,
        "Professor Lime",
        "How tides work",
        "Twice a day, and a little later each day: the moon moves on.",
        "",
    ),
    (1, "Ada", "A program that plays chess", "It lost, but in a way that made me laugh.", ""),
    (3, "Vivian", "Names for a lighthouse cat", "Call her Fresnel.", "A cat on a wall by the sea at night"),
    (9, "Vivian", "The garden behind the harbour", "Lavender takes wind and salt. So do you, it seems.", ""),
    (45, "Ada", "A letter to my sister", "Read it aloud once, then send it.", ""),
)
"""Days ago, character, title, last words, and the prompt of a picture where there is one."""


def kept(home: Path) -> None:
    """Many conversations: the list, the search over all of them, and the versions of a reply, at 110×38."""
    store = ConversationStore(home / "data")
    for number, (days, name, title, words, prompt) in enumerate(TALKS):
        at = (datetime.now(UTC) - timedelta(days=days, hours=1)).isoformat(timespec="milliseconds")
        messages = [ChatMessage(role="user", content=title, timestamp=at)]
        if prompt:
            image = ImageRecord(prompt=prompt, file="images/one.png", width=512, height=512)
            messages.append(ChatMessage(role="assistant", image=image, timestamp=at))
        messages.append(ChatMessage(role="assistant", content=words, timestamp=at))
        conversation = Conversation(
            id=f"talk-{number}", title=title, name=name, created=at, pinned=number == 5
        )
        stored = import_history(store, msgspec.json.encode(messages), conversation)
        if prompt:
            (stored.folder / "images").mkdir(exist_ok=True)
            (stored.folder / "images/one.png").write_bytes(paint(prompt, seed=7, width=512, height=512))
        stored.close()
        then = datetime.fromisoformat(at).timestamp()
        os.utime(stored.folder / "history.json", (then, then))
    with chat_program(home, "--new", columns=110, rows=38) as program:
        program.wait_for("Alt+3")
        program.type("Tell me something about yourself\r")
        program.wait_for("^L Chats")
        program.read(6)
        program.type("\x1br")
        program.wait_for("2 of 2", timeout=90)
        program.read(6)
        keep(program, "versions")
        program.type("\x0c")
        program.wait_for("Fresnel")
        program.read(2)
        keep(program, "conversations")
        program.type("\t")
        program.wait_for("Type words")
        program.type("the harbour")
        program.wait_for("1 message in 1")
        keep(program, "search")


CAST = (
    (
        "Ada Merz",
        "Answers in programs",
        "Show me the error, all of it.",
        "#b58ae6",
        "a woman with black hair",
    ),
    ("Professor Lime", "Knows how it was found out", "Ask, and I ask back.", "#8fbf5a", "an old man"),
    ("Juna", "Lives on a boat and is late", "Hold this rope, {{user}}!", "#4fb3b0", "a woman with red hair"),
)
"""Name, description, greeting, colour, and who the portrait shows."""


def characters(home: Path) -> None:
    """The list of characters at 110×38."""
    library = Library(home / "data", Config())
    for name, description, greeting, accent, prompt in CAST:
        drawn = paint(f"A portrait of {prompt}", seed=5, width=320, height=320)
        library.add(Character(name=name, description=description, greeting=greeting, accent=accent), drawn)
    with chat_program(home, columns=110, rows=38) as program:
        program.wait_for("Alt+3")
        program.type("/new\r")
        program.wait_for("Type to filter")
        program.type("\x1b[B\x1b[B\x1b[B\x1b[B")
        program.wait_for("❯  ")
        program.read(3)
        keep(program, "characters")


def small(home: Path, columns: int, rows: int) -> None:
    """The same conversation, opened again in a smaller terminal."""
    with chat_program(home, columns=columns, rows=rows) as program:
        program.wait_for("Write a message")
        program.type("Paint a cat on a wall at night\r")
        program.wait_for("1024×1024", timeout=30)
        keep(program, f"narrow-{columns}x{rows}", has_picture=True)


@cache
def font(bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    """The system's monospaced font, as fontconfig names it."""
    style = {
        (False, False): "Book",
        (True, False): "Bold",
        (False, True): "Oblique",
        (True, True): "Bold Oblique",
    }
    pattern = f"DejaVu Sans Mono:style={style[bold, italic]}"
    path = subprocess.run(
        ["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, check=True
    ).stdout
    return ImageFont.truetype(path, SIZE)


@cache
def wide_font() -> ImageFont.FreeTypeFont:
    """The system's font for Chinese and Japanese, whose characters are two cells wide."""
    path = subprocess.run(
        ["fc-match", "-f", "%{file}", ":lang=ja"], capture_output=True, text=True, check=True
    ).stdout
    return ImageFont.truetype(path, SIZE)


def colour(value: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """A colour as the emulator names it: a word, six hexadecimal digits, or `default`."""
    if value == "default":
        return default
    if value.removeprefix("bright") in NAMED:
        return NAMED[value.removeprefix("bright")]
    return int(value[:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def screen_picture(screen: pyte.Screen) -> Image.Image:
    """The whole screen, one cell after the other."""
    width = round(font(False, False).getlength("M"))
    ascent, descent = font(False, False).getmetrics()
    height = ascent + descent
    picture = Image.new("RGB", (screen.columns * width, screen.lines * height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    cells = [
        (screen.buffer[y][x], (x * width, y * height))
        for y in range(screen.lines)
        for x in range(screen.columns)
    ]
    for cell, (left, top) in cells:  # all grounds first: a wide character stands on two cells
        draw.rectangle((left, top, left + width - 1, top + height - 1), fill=colours(cell)[1])
    for cell, at in cells:
        draw_cell(draw, cell, at, (width, height))
    return picture


def colours(cell: Char) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Those of the character and of its ground."""
    ink, paper = colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND)
    return (paper, ink) if cell.reverse else (ink, paper)


def draw_cell(draw: ImageDraw.ImageDraw, cell: Char, at: tuple[int, int], size: tuple[int, int]) -> None:
    """One character."""
    (left, top), (width, height) = at, size
    ink = colours(cell)[0]
    right, bottom = left + width - 1, top + height - 1
    text = cell.data
    if text == "▀":
        draw.rectangle((left, top, right, top + height // 2 - 1), fill=ink)
    elif text == "▐":
        draw.rectangle((left + width // 2, top, right, bottom), fill=ink)
    elif text in EIGHTHS:
        draw.rectangle((left, top + round(height * (8 - EIGHTHS[text]) / 8), right, bottom), fill=ink)
    elif text in LEFT_EIGHTHS:
        draw.rectangle((left, top, left + round(width * LEFT_EIGHTHS[text] / 8) - 1, bottom), fill=ink)
    elif "\u2800" < text <= "\u28ff":
        draw_braille(draw, ord(text) - 0x2800, at, size, ink)
    elif text.strip():
        is_wide = text >= "\u2e80"
        draw.text((left, top), text, font=wide_font() if is_wide else font(cell.bold, cell.italics), fill=ink)
    if cell.underscore:
        draw.line((left, bottom - 1, right, bottom - 1), fill=ink)


def draw_braille(
    draw: ImageDraw.ImageDraw,
    dots: int,
    at: tuple[int, int],
    size: tuple[int, int],
    ink: tuple[int, int, int],
) -> None:
    """The eight dots of a braille pattern, which monospaced fonts often lack: bit 0 is the upper left one."""
    (left, top), (width, height) = at, size
    places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    for bit, (column, row) in enumerate(places):
        if dots >> bit & 1:
            x, y = left + width * (2 * column + 1) / 4, top + height * (2 * row + 1) / 8
            draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=ink)


def main() -> None:
    """Make all of them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        conversation(Path(home))
    with tempfile.TemporaryDirectory() as home:
        asked(Path(home))
    with tempfile.TemporaryDirectory() as home:
        origins(Path(home))
    with tempfile.TemporaryDirectory() as home:
        page(Path(home))
    with tempfile.TemporaryDirectory() as home:
        kept(Path(home))
    with tempfile.TemporaryDirectory() as home:
        characters(Path(home))
    for columns, rows in ((80, 24), (40, 24)):
        with tempfile.TemporaryDirectory() as home:
            small(Path(home), columns, rows)


if __name__ == "__main__":
    main()

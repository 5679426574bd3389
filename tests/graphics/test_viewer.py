"""The program that shows a picture in full quality: in a real terminal, with real files, until a key is pressed."""

from __future__ import annotations

import base64
import fcntl
import os
import re
import signal
import struct
import sys
import termios
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.support.picture_samples import BLUE, RED, file_of, halves, plain, png_claiming
from tests.support.terminal import TerminalProgram

HINT = "Any key returns"
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
ECHOES = termios.ECHO | termios.ICANON | termios.ISIG
QUESTION = re.compile(
    rb"\x1b\[[0-9;?>=]*[cn]|\x1b\[1[468]t|\x1b\[>q|\x1b\]1[01];\?|a=q|\x1bP\+q|\x1b\[\?[0-9;]*\$p"
)
"""What a terminal would answer."""
STYLES = ["kitty", "iterm2"]
WITHOUT_TERM_IMAGE = """
import sys
sys.modules["term_image"] = None
from animus_tui.graphics.full_quality.viewer_process import main
sys.exit(main(sys.argv[1:]))
"""
"""The program where term-image cannot be imported."""
DRAWN_BY = pytest.mark.parametrize("by", ["whatever is installed", "our own code"])
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "halves.png"
    path.write_bytes(file_of(halves(RED, BLUE, (400, 200)), "PNG"))
    return path


MODULE = "animus_tui.graphics.full_quality.viewer_process"


def viewer(path: Path, *options: str, style: str = "kitty", by: str = "") -> TerminalProgram:
    """The program on a terminal of 80×24; `by` "our own code" hides term-image from it."""
    program = ["-c", WITHOUT_TERM_IMAGE] if by == "our own code" else ["-m", MODULE]
    command = [sys.executable, "-P", *program, f"--style={style}", "--size=400x200", *options, str(path)]
    return TerminalProgram(command, environment(), columns=80, rows=24)


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}


def modes(program: TerminalProgram) -> int:
    """Echo, lines and signals of the terminal, as far as they are on."""
    flags: int = termios.tcgetattr(program.terminal)[3]
    return flags & ECHOES


def kitty_pictures(raw: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Control data and pixels of each picture that was transmitted and shown."""
    found: list[tuple[dict[str, str], bytes]] = []
    for control, payload in re.findall(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", raw):
        keys = dict(pair.split("=") for pair in control.decode().split(","))
        if keys.get("a") == "T":
            found.append((keys, payload))
        elif found and "a" not in keys:
            found[-1] = found[-1][0], found[-1][1] + payload
    return [(keys, zlib.decompress(base64.b64decode(payload))) for keys, payload in found]


def iterm2_pictures(raw: bytes) -> list[tuple[bytes, Image.Image]]:
    """Control data and picture of each that was shown."""
    found = re.findall(rb"\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)(?:\x1b\\|\x07)", raw)
    return [(control, Image.open(BytesIO(base64.b64decode(data)))) for control, data in found]


@DRAWN_BY
def test_kitty_gets_the_pixels_of_the_file_in_as_many_cells_as_fit(picture: Path, by: str) -> None:
    with viewer(picture, "--cell=10x20", by=by) as program:
        program.wait_for(HINT)
        ((keys, pixels),) = kitty_pictures(program.raw)
        # 80 columns of 10 pixels, half as high; no more pixels are sent than the file has.
        assert (keys["c"], keys["r"], keys["s"], keys["v"], keys["f"]) == ("80", "20", "400", "200", "24")
        assert len(pixels) == 400 * 200 * 3
        assert (pixels[:3], pixels[-3:]) == (bytes(RED), bytes(BLUE))
        assert b"\x1b[2;1H\x1b_Ga=T" in program.raw  # in the middle of the 23 rows above the hint
        program.type("x")
        assert program.wait_for_exit() == 0
        assert b"\x1b_Ga=d,d=A" in program.raw[program.raw.rindex(b"a=T") :]


@DRAWN_BY
def test_iterm2_gets_the_picture_as_a_file_in_as_many_cells_as_fit(picture: Path, by: str) -> None:
    with viewer(picture, "--cell=10x20", style="iterm2", by=by) as program:
        program.wait_for(HINT)
        ((control, shown),) = iterm2_pictures(program.raw)
        assert b"width=80;height=20;preserveAspectRatio=0;inline=1" in control
        assert shown.size == (400, 200)
        assert shown.convert("RGB").getpixel((10, 100)) == RED
        assert shown.convert("RGB").getpixel((390, 100)) == BLUE
        program.type("x")
        assert program.wait_for_exit() == 0


def test_a_cell_that_the_kernel_knows_counts_more_than_what_was_told(picture: Path) -> None:
    with viewer(picture, "--cell=10x20") as program:
        program.wait_for(HINT)
        record = struct.pack("HHHH", 24, 80, 80 * 20, 24 * 20)  # square cells
        fcntl.ioctl(program.terminal, termios.TIOCSWINSZ, record)
        while len(kitty_pictures(program.raw)) < 2:
            program.read(0.05)
        keys, _ = kitty_pictures(program.raw)[-1]
        assert (keys["c"], keys["r"]) == ("46", "23")


@pytest.mark.parametrize(
    ("style", "key"),
    [
        ("kitty", "x"),
        *(("iterm2", key) for key in ("\x1b", "\x1b[A", "\x03", "ü")),
    ],
)
def test_any_key_gives_the_terminal_back_as_it_was(picture: Path, style: str, key: str) -> None:
    with viewer(picture, style=style) as program:
        before = modes(program)
        program.wait_for(HINT)
        assert not modes(program)
        program.type(key)
        assert program.wait_for_exit() == 0
        assert before == modes(program) == ECHOES
        assert program.raw.startswith(ENTER)
        assert program.raw.endswith(b"\x1b[?25h" + LEAVE)
        assert QUESTION.search(program.raw) is None


def test_what_the_terminal_says_by_itself_is_no_key(picture: Path) -> None:
    with viewer(picture) as program:
        program.wait_for(HINT)
        for report in (
            "\x1b[I",
            "\x1b[<35;10;10M",
            "\x1b[?62;22c",
            "\x1b_Gi=1;OK\x1b\\",
            "\x1b]11;rgb:0/0/0\x07",
        ):
            program.type(report)
            program.read(0.1)
        assert LEAVE not in program.raw
        program.type("x")
        assert program.wait_for_exit() == 0


def test_another_size_of_the_terminal_draws_the_picture_anew(picture: Path) -> None:
    with viewer(picture, "--cell=10x20") as program:
        program.wait_for(HINT)
        program.resize(40, 12)
        while len(kitty_pictures(program.raw)) < 2:
            program.read(0.05)
        keys, _ = kitty_pictures(program.raw)[-1]
        assert (keys["c"], keys["r"]) == ("40", "10")
        # The one before is taken away first.
        assert program.raw.count(b"\x1b_Ga=d,d=A") == 2
        program.wait_for(HINT)


def told(path: Path, style: str = "kitty") -> str:
    """What is said in the place of a picture."""
    with viewer(path, style=style) as program:
        said = program.wait_for(HINT)
        assert LEAVE not in program.raw
        program.type("x")
        assert program.wait_for_exit() == 0
        return " ".join(said.replace(HINT, "").split())


@pytest.mark.parametrize(
    ("style", "data", "sentence"),
    [
        ("kitty", b"", "The picture's file is empty; make the picture again."),
        (
            "iterm2",
            png_claiming(20_000, 20_000),
            "The PNG picture has more than 40 megapixels, too many to show.",
        ),
        ("kitty", file_of(plain(RED, (200, 200)), "PNG")[:-40], "The PNG picture is damaged; make it again."),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(tmp_path: Path, style: str, data: bytes, sentence: str) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(data)
    assert told(path, style) == sentence


def test_a_file_that_is_gone_or_none_is_one_sentence(tmp_path: Path) -> None:
    assert told(tmp_path / "gone.png") == "The picture's file cannot be read: No such file or directory."
    os.mkfifo(tmp_path / "pipe.png")
    assert told(tmp_path / "pipe.png") == "What should be the picture's file is something else."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_gives_the_terminal_back(picture: Path, number: int) -> None:
    with viewer(picture) as program:
        program.wait_for(HINT)
        os.kill(program.pid, number)
        assert program.wait_for_exit() == 0
        assert modes(program) == ECHOES
        assert program.raw.endswith(LEAVE)


def test_a_stop_gives_the_terminal_back_and_the_picture_returns_with_it(picture: Path) -> None:
    with viewer(picture) as program:
        program.wait_for(HINT)
        os.kill(program.pid, signal.SIGTSTP)
        while not program.raw.endswith(LEAVE) or os.waitpid(program.pid, os.WUNTRACED | os.WNOHANG)[0] == 0:
            program.read(0.05)
        assert modes(program) == ECHOES
        written = len(program.raw)
        os.kill(program.pid, signal.SIGCONT)
        while HINT.encode() not in program.raw[written:]:
            program.read(0.05)
        program.type("x")
        assert program.wait_for_exit() == 0
        assert modes(program) == ECHOES


STARTER = """
import subprocess, sys, time
child = subprocess.Popen(sys.argv[1:])
print(child.pid, file=open("pid", "w"), flush=True)
child.wait()
"""
SHELL = """
import os, subprocess, sys, time
subprocess.Popen(sys.argv[1:]).wait()
pid = int(open("pid").read())
while True:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        break
    time.sleep(0.05)
print("the viewer is gone", flush=True)
time.sleep(600)
"""


def test_it_ends_when_the_one_that_started_it_was_killed(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def script(text: str, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-P", "-c", text, *arguments]

    options = ["--style=kitty", "--size=400x200", str(picture)]
    show = [sys.executable, "-P", "-m", "animus_tui.graphics.full_quality.viewer_process", *options]
    with TerminalProgram(script(SHELL, script(STARTER, show)), environment()) as program:
        program.wait_for(HINT)
        viewer_pid = int(Path("pid").read_text())
        os.kill(parent_of(viewer_pid), signal.SIGKILL)
        program.wait_for("the viewer is gone")
        assert modes(program) == ECHOES


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

"""`animus-chat image --info`: what a saved picture tells."""

from __future__ import annotations

import json
import os
import sys
import zlib
from typing import TYPE_CHECKING

from animus_tui.chat.images.metadata import KEYWORD, ImageMetadata, with_metadata
from animus_tui.png_chunks import with_texts
from tests.support.chat_service import png
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program

FACTS = ImageMetadata(
    prompt='A fox in the snow,\n"at dusk" \x1b[2J\x9b1m 🦊',
    created="2026-01-31T10:00:00.000Z",
    seed=7,
    model="flux-schnell",
    settings={"width": 1024, "num_inference_steps": 30, "negative_prompt": "blur"},
    source="https://pictures.example/a.png",
)


def save(program: Program, name: str = "fox.png", facts: ImageMetadata = FACTS) -> None:
    (program.home / name).write_bytes(b"".join(with_metadata(png(), facts)))


def test_in_a_pipe_it_is_a_line_a_fact(program: Program) -> None:
    save(program)
    done = program("image", "--info", "fox.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        'prompt: A fox in the snow, "at dusk"  🦊',
        "changed from: https://pictures.example/a.png",
        "seed: 7",
        "model: flux-schnell",
        "width: 1024",
        "steps: 30",
        "negative: blur",
        "made: 2026-01-31T10:00:00.000Z",
    ]


def test_as_json_it_is_one_object(program: Program) -> None:
    save(program)
    done = program("image", "--info", "fox.png", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["prompt"], told["seed"], told["model"]) == (FACTS.prompt, 7, "flux-schnell")
    assert told["settings"] == FACTS.settings
    assert done.stdout.count("\n") == 1
    assert "\x9b" not in done.stdout


def test_on_a_terminal_it_is_a_table_that_obeys_nothing(program: Program) -> None:
    save(program, facts=ImageMetadata(prompt=FACTS.prompt + " [red]and long " * 12, seed=7))
    arguments = [sys.executable, "-m", "animus_tui", "image", "--info", "fox.png"]
    environment = {**program.environment, "TERM": "xterm-256color"}
    home = str(program.home / "fox.png")
    with TerminalProgram([*arguments[:-1], home], environment, columns=60, rows=20) as screen:
        assert screen.wait_for_exit() == 0
        shown = screen.text().splitlines()
        assert shown[0].startswith('prompt  A fox in the snow, "at dusk"')
        assert "[red]and long" in screen.text()
        assert shown[1].startswith("        ")
        assert any(line.split() == ["seed", "7"] for line in shown)
        assert b"\x1b[2J" not in screen.raw


def test_what_was_saved_by_the_program_is_read_by_it(signed_in: Program) -> None:
    assert signed_in("image", "A lake at dawn", "--seed", "11", "-o", "lake.png").returncode == 0
    told = json.loads(signed_in("image", "--info", "lake.png", "--json").stdout)
    assert (told["prompt"], told["seed"], told["width"]) == ("A lake at dawn", 11, 256)


def test_no_configuration_is_needed(program: Program) -> None:
    save(program)
    program.configure("not [toml")
    assert program("image", "--info", "fox.png").returncode == 0
    assert not (program.home / "config" / "data").exists()


def test_what_tells_nothing_is_one_sentence_and_exit_code_1(program: Program) -> None:
    bomb = b"animus-chat\0\1\0\0\0" + zlib.compress(bytes(300 << 20), 9)
    chunk = len(bomb).to_bytes(4, "big") + b"iTXt" + bomb + zlib.crc32(b"iTXt" + bomb).to_bytes(4, "big")
    files = {
        "plain.png": png(),
        "jpeg": b"\xff\xd8\xff\xe0 and so on",
        "text": b"just text",
        "bomb.png": png()[:33] + chunk + png()[33:],
        "damaged.png": b"".join(with_texts(png(), {KEYWORD: "{"})),
    }
    for name, content in files.items():
        (program.home / name).write_bytes(content)
    (program.home / "folder").mkdir()
    os.mkfifo(program.home / "pipe")
    names = [*files, "none", "folder", "pipe"]
    for name, done in zip(
        names, program.in_one_process(*(["image", "--info", name] for name in names)), strict=True
    ):
        assert (done.returncode, done.stdout) == (1, ""), name
        assert done.stderr.count("\n") == 1
        assert str(program.home / name) in done.stderr

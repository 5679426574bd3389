"""`characters` and `character`: what is listed, what comes in, what goes out, and what is told when it does not."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from animus_tui.characters.cards.reading import read_card
from animus_tui.characters.transfer import STAGING
from animus_tui.locked_folders import LOCK
from tests.support.cards import as_json, packed, pixels, png, text, v2, v3

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.program import Program


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A folder with cards."""
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "ann.png").write_bytes(png(text(b"ccv3", packed(v3()))))
    (folder / "odd.json").write_bytes(as_json(v2(name="Bo\x1b[31m", tags=5)))
    (folder / "broken.png").write_bytes(png(text(b"chara", b"!")))
    return folder


def listed(program: Program) -> list[dict[str, str]]:
    done = program("characters", "--json")
    assert done.returncode == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_imported_is_listed_exported_and_removed(program: Program, cards: Path) -> None:
    done = program("character", "import", str(cards / "ann.png"), str(cards / "odd.json"))
    assert (done.returncode, done.stdout) == (0, "Ann Sea\nBo\n")
    assert done.stderr == "animus-chat: 1 field could not be read: tags.\n"
    assert [(each["key"], each["origin"]) for each in listed(program)[:2]] == [
        ("ann-sea", "imported"),
        ("bo", "imported"),
    ]

    done = program("characters")
    lines = done.stdout.splitlines()
    assert lines[0] == "ann-sea  imported    Ann Sea - A cook at sea"
    assert lines[-1].startswith("safiya   example     Safiya Amar - ")
    assert "\x1b" not in done.stdout

    for name in ("out.png", "out.json"):
        target = cards / name
        done = program("character", "export", "Ann", "-o", str(target))
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{target}\n", "")
        assert read_card(target).character.card == v3()
    assert read_card(cards / "out.png").portrait == png()

    done = program("character", "remove", "ann-sea")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Ann Sea\n", "")
    assert [each["name"] for each in listed(program)] == ["Bo", "Henrik Vold", "Safiya Amar"]
    assert not (program.home / "data" / "characters" / "ann-sea").exists()


def test_one_bad_card_costs_no_other(program: Program, cards: Path) -> None:
    done = program(
        "character", "import", str(cards / "broken.png"), str(cards / "none"), str(cards / "ann.png")
    )
    assert (done.returncode, done.stdout) == (1, "Ann Sea\n")
    assert done.stderr.splitlines() == [
        "animus-chat: broken.png was not imported: the card in it is not base64, so it cannot be read.",
        f"animus-chat: There is no file {cards / 'none'}.",
    ]


def test_a_picture_that_cannot_be_decoded_is_left_out_and_told(program: Program, cards: Path) -> None:
    data = png(text(b"chara", packed(v2()))).replace(pixels(), pixels(1, 1), 1)
    (cards / "short.png").write_bytes(data)
    done = program("character", "import", str(cards / "short.png"))
    assert (done.returncode, done.stdout) == (0, "Ann Sea\n")
    assert done.stderr.startswith("animus-chat: Its picture was left out. The PNG picture is damaged")
    assert listed(program)[0]["portrait"] is None


def test_what_a_killed_export_left_goes_at_the_next_one(program: Program, cards: Path) -> None:
    left = cards / f"{STAGING}left"
    left.mkdir()
    (left / LOCK).touch()
    (left / "whole").write_bytes(b"half")
    assert program("character", "export", "henrik", "-o", str(cards / "henrik.json")).returncode == 0
    assert (left.exists(), (cards / "henrik.json").exists()) == (False, True)
    assert not [*cards.glob(".*")]


def test_a_character_without_a_picture_gets_a_plain_one(program: Program, cards: Path) -> None:
    program("character", "import", str(cards / "odd.json"))
    for name in ("bo", "henrik"):
        target = cards / f"{name}.png"
        assert program("character", "export", name, "-o", str(target)).returncode == 0
        again = program("character", "import", str(target))
        assert (again.returncode, again.stdout.startswith(("Bo 2", "Henrik Vold 2"))) == (0, True)
        assert "picture" not in again.stderr  # it can be decoded
        key = again.stdout.strip().lower().replace(" ", "-")
        assert next(each for each in listed(program) if each["key"] == key)["portrait"]


def test_a_portrait_that_is_no_png_becomes_one(program: Program, cards: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 200), (200, 30, 40)).save(cards / "red.jpg")
    config = cards / "config.toml"
    config.write_text(f'[characters.red]\nportrait = "{cards / "red.jpg"}"\n', encoding="utf-8")
    target = cards / "red.png"
    done = program("character", "export", "red", "-o", str(target), "--config", str(config))
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(target) as made:
        assert made.size == (300, 200)
        assert made.getpixel((150, 100)) == pytest.approx((200, 30, 40), abs=4)


def test_what_makes_no_sense_is_wrong_usage(program: Program, cards: Path) -> None:
    wrong = [
        (["character"], "the following arguments are required: ACTION."),
        (["character", "import"], "the following arguments are required: FILE."),
        (
            ["character", "export", "henrik"],
            'are required: -o/--output. "animus-chat character export --help"',
        ),
        (["character", "export", "henrik", "-o", "a.txt"], "a.txt does not say in which format"),
        (
            ["character", "export", "henrick", "-o", "a.png"],
            'no character "henrick"; did you mean "Henrik Vold"?',
        ),
        (
            ["character", "remove", "nobody-at-all"],
            'There is no character "nobody-at-all"; there are Henrik Vold',
        ),
        (["--demo", "characters"], '--demo does not apply to "characters"'),
        (["characters", "--config", str(cards / "none.toml")], "there is no such file"),
    ]
    for arguments, words in wrong:
        done = program(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    failing = [
        (["character", "remove", "henrik"], "comes with the application and cannot be removed."),
        (["character", "export", "henrik", "-o", str(cards / "ann.png")], "exists already."),
        (["character", "export", "henrik", "-o", str(cards / "no" / "a.png")], "There is no folder"),
    ]
    for arguments, words in failing:
        done = program(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert words in done.stderr
    assert read_card(cards / "ann.png").character.name == "Ann Sea"


def test_a_damaged_character_is_told_in_the_list(program: Program) -> None:
    folder = program.home / "data" / "characters" / "bad"
    folder.mkdir(parents=True)
    (folder / "character.json").write_bytes(b"[")
    done = program("characters")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert done.stderr == f"animus-chat: The character in {folder} was left out: it is damaged.\n"


def test_a_shell_completes_actions_files_and_keys(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(program("completion", "bash").stdout, encoding="utf-8")
    for typed, wanted in (("'' 2", "import export remove"), ("hen 3", "henrik")):
        word, at = typed.split()
        words = f"animus-chat character {'export ' if at == '3' else ''}{word}"
        ask = f"COMP_WORDS=({words}); COMP_CWORD={at}; _shtab_animus_chat animus-chat {word}; echo ${{COMPREPLY[@]}}"
        shell = f'animus-chat() {{ echo "henrik  example"; }}; . {script}; {ask}'
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
        assert set(done.stdout.split()) == set(wanted.split()), done.stderr

"""Which theme it starts with: the one chosen last, the configured one, or the terminal's own light or dark."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from animus_tui.config.loading import load_config
from animus_tui.config.schema import UiConfig
from animus_tui.config.settings_file import SettingsFile
from animus_tui.ui.themes import DARK, FOLLOW, LIGHT, kept_theme
from tests.support.chat_app import open_chat
from tests.support.pane_app import until
from tests.support.scripted_terminal import (
    ATTRIBUTES,
    ENVIRONMENTS,
    QUIT,
    READY,
    TERMINALS,
    ScriptedTerminal,
    chat,
)
from tests.support.talk import StartTalk

GROUND = b"\x1b]11;?\x1b\\"
WHITE, BLACK = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"
LIGHT_PAGE, DARK_PAGE = b"48;2;250;248;244m", b"48;2;22;22;26m"


def answering(ground: bytes) -> dict[bytes, bytes]:
    """A terminal with 24-bit colours and this background."""
    return {**TERMINALS["xterm"], GROUND: ground}


def painted(program: ScriptedTerminal) -> bytes:
    """What was written from the first frame on."""
    return program.raw.partition(b"\x1b[?1049h")[2]


def start(tmp_path: Path, script: dict[bytes, bytes], **env: str) -> ScriptedTerminal:
    return chat(tmp_path, script, {**ENVIRONMENTS["xterm"], "COLORTERM": "truecolor", **env})


@pytest.mark.parametrize(
    ("ground", "page", "other"), [(WHITE, LIGHT_PAGE, DARK_PAGE), (BLACK, DARK_PAGE, LIGHT_PAGE)]
)
def test_the_first_frame_is_light_or_dark_as_the_terminal_is(
    tmp_path: Path, ground: bytes, page: bytes, other: bytes
) -> None:
    with start(tmp_path, answering(ground)) as program:
        program.wait_for("❯")
        program.wait_for(READY)
        assert page in painted(program)
        assert other not in painted(program)


def test_an_answer_that_comes_late_is_followed(tmp_path: Path) -> None:
    with start(tmp_path, {}) as program:
        program.wait_for(READY)
        assert LIGHT_PAGE not in painted(program)
        program.send(WHITE + TERMINALS["xterm"][ATTRIBUTES])
        wait_for_bytes(program, LIGHT_PAGE)


@pytest.mark.parametrize(("value", "page"), [("0;default;7", LIGHT_PAGE), ("15;0", DARK_PAGE)])
def test_a_terminal_that_does_not_answer_is_known_by_its_environment(
    tmp_path: Path, value: str, page: bytes
) -> None:
    with start(tmp_path, {}, COLORFGBG=value) as program:
        program.wait_for(READY)
        assert page in painted(program)


def test_a_theme_that_is_configured_is_used_whatever_the_terminal_is(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[ui]\ntheme = "animus-dark"\n')
    with start(tmp_path, answering(WHITE)) as program:
        program.wait_for(READY)
        assert LIGHT_PAGE not in painted(program)


def test_a_chosen_theme_is_written_and_there_at_the_next_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# mine\n[ui]\nshow_time = false  # no\n")
    with start(tmp_path, answering(BLACK)) as program:
        program.wait_for(READY)
        program.type("\x10")
        program.type("choose a theme")
        program.wait_for("choose a theme")
        program.type("\r")
        program.wait_for("Search for themes")
        program.type("animus-light")
        wait_for(program, r"\n +animus-light *\n")
        program.type("\r")
        wait_for_bytes(program, LIGHT_PAGE)
        program.wait_for("Write a message")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    assert config.read_text() == '# mine\n[ui]\nshow_time = false  # no\ntheme = "animus-light"\n'
    with start(tmp_path, answering(BLACK)) as program:
        program.wait_for(READY)
        assert LIGHT_PAGE in painted(program)
        assert DARK_PAGE not in painted(program)


def wait_for_bytes(program: ScriptedTerminal, wanted: bytes) -> None:
    while wanted not in painted(program):
        program.read(0.05)


def wait_for(program: ScriptedTerminal, pattern: str) -> None:
    while re.search(pattern, program.text()) is None:
        program.read(0.05)


# What an earlier version kept, and where it is kept now


def kept_by_0_1(folder: Path, theme: str, configured: str) -> Path:
    file = folder / "theme.json"
    file.write_text(json.dumps({"theme": theme, "configured": configured}))
    return file


def test_what_an_earlier_version_kept_counts_until_the_configuration_is_changed(tmp_path: Path) -> None:
    file = kept_by_0_1(tmp_path, "nord", FOLLOW)
    assert kept_theme(file, FOLLOW) == "nord"
    assert kept_theme(file, "animus-contrast") is None
    assert kept_theme(tmp_path / "none.json", FOLLOW) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b'{"theme": 3, "configured": "auto"}'])
def test_a_damaged_choice_is_none(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "theme.json"
    file.write_bytes(data)
    assert kept_theme(file, "nord") is None


async def test_another_choice_takes_the_place_of_what_an_earlier_version_kept(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    former, config = kept_by_0_1(tmp_path, LIGHT.name, FOLLOW), tmp_path / "config.toml"
    settings = SettingsFile(config, {}, former_theme=former)
    async with open_chat(start_talk(ui=UiConfig()), settings_file=settings, kept_theme=LIGHT.name) as chat:
        assert chat.app.theme == LIGHT.name
        await chat.app.run_action("follow_terminal")
        assert chat.app.theme == DARK.name
        await until(lambda: not former.exists())
    assert load_config(config, {}).ui.theme == FOLLOW
    assert 'theme = "auto"' in config.read_text().splitlines()


async def test_a_choice_that_cannot_be_kept_is_used_and_that_is_said(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings = SettingsFile(tmp_path / "file" / "config.toml", {})
    async with open_chat(start_talk(), settings_file=settings) as chat:
        chat.app.theme = LIGHT.name
        await until(lambda: any("cannot be changed" in note for note in chat.notes()))
        assert chat.app.theme == LIGHT.name


async def test_a_choice_that_a_variable_goes_before_is_used_and_not_written(
    start_talk: StartTalk, tmp_path: Path
) -> None:
    settings = SettingsFile(tmp_path / "config.toml", {"ANIMUS_UI_THEME": "nord"})
    async with open_chat(start_talk(), settings_file=settings) as chat:
        chat.app.theme = LIGHT.name
        await until(lambda: any("ANIMUS_UI_THEME" in note for note in chat.notes()))
    assert not (tmp_path / "config.toml").exists()


async def test_a_kept_theme_that_there_is_no_more_gives_way_to_the_configured_one(
    start_talk: StartTalk,
) -> None:
    async with open_chat(start_talk(ui=UiConfig(theme=LIGHT.name)), kept_theme="gone") as chat:
        assert chat.app.theme == LIGHT.name

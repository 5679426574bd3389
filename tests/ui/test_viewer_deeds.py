"""What can be done with the picture that is viewed: open it, copy its path, save it, find all of that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from animus_tui.config.schema import ImageConfig
from animus_tui.ui.screens.help import HelpScreen
from tests.support.album_app import COLOURS, open_album, path_of
from tests.support.pane_app import TERMINAL, until
from tests.support.talk import StartTalk

GREEN, BLUE = COLOURS[1:3]
WHOLE = 100 * 25
"""Cells of a picture twice as wide as high on a screen of 100×40."""


async def test_o_opens_the_file_with_the_systems_viewer_in_a_session_without_terminal(
    start_talk: StartTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = opener(tmp_path, monkeypatch, 'echo "$1" $(ps -o sid= -p $$) $(tty) > {told}; exec sleep 30')
    async with open_album(start_talk()) as on:
        await on.open()
        await on.pilot.press("o")
        await until(lambda: told.exists() and len(told.read_text().split()) >= 4)
        path, session, *no_terminal = told.read_text().split()
        assert path == str(path_of(on, "p2"))
        assert int(session) != os.getsid(0)
        assert no_terminal == ["not", "a", "tty"]
        await until(lambda: on.notes() == ["Opened with xdg-open"])
        os.kill(int(session), 15)


def opener(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program in place of the system's; returns the file in which it tells what it was asked."""
    told = folder / "told"
    programs = folder / "programs"
    programs.mkdir()
    (programs / "xdg-open").write_text("#!/bin/sh\n" + script.format(told=told) + "\n")
    (programs / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return told


@pytest.mark.parametrize("in_viewer", [True, False])
async def test_a_program_that_fails_and_one_that_is_missing_are_told_in_one_sentence(
    start_talk: StartTalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_viewer: bool
) -> None:
    opener(tmp_path, monkeypatch, "exit 3")
    async with open_album(start_talk()) as on:
        if in_viewer:
            await on.open()
        else:
            on.pane.focus()
            await on.pilot.pause()
        await on.pilot.press("o")
        await until(lambda: len(on.notes()) == 1)
        assert on.notes() == ["xdg-open could not open the picture; it ended with 3."]
        monkeypatch.setenv("PATH", "")
        await on.pilot.press("o")
        await until(lambda: len(on.notes()) == 2)
        assert on.notes()[1] == "No program to open pictures was found: install xdg-open or gio."
        path_of(on, "p2").unlink()
        await on.pilot.press("o")
        await until(lambda: len(on.notes()) == 3)
        assert on.notes()[2] == "The picture's file is gone; make the picture again."


async def test_y_copies_the_path_of_the_variant_that_is_shown(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), variants=[2]) as on:
        await on.open()
        await on.pilot.press("]")
        await on.until_shown(GREEN, WHOLE)
        await on.pilot.press("y")
        await until(lambda: on.app.clipboard == str(path_of(on, "p0")))
        await until(lambda: on.notes() == ["Copied the path of the picture"])


@pytest.mark.parametrize("key", ["s", "ctrl+s"])
async def test_s_saves_the_picture_that_is_shown(start_talk: StartTalk, tmp_path: Path, key: str) -> None:
    saved = tmp_path / "saved"
    async with open_album(start_talk(image=ImageConfig(save_dir=str(saved)))) as on:
        await on.open()
        await on.pilot.press("left", key)
        await until(lambda: bool(on.notes()))
        (file,) = saved.iterdir()
        assert file.name == "2026-01-02-picture-1.png"
        assert on.notes() == [f"Saved to {file}"]


async def test_help_and_palette_know_the_keys_and_come_back_to_the_picture(start_talk: StartTalk) -> None:
    async with open_album(start_talk(), size=(100, 60), terminal=replace(TERMINAL, viewer="kitty")) as on:
        await on.open()
        await on.until_shown(BLUE, 100 * 25)
        await on.pilot.press("f1")
        await on.pilot.pause()
        assert isinstance(on.app.screen, HelpScreen)
        assert "Full quality: the picture takes the whole terminal" in " ".join(on.text().split())
        assert on.app.screen.query(Static)
        await on.pilot.press("escape")
        await on.until_shown(BLUE, 100 * 25)
        await on.pilot.press("ctrl+p")
        await on.pilot.press(*"copy the path")
        await until(lambda: "Copy the path of its file" in on.text())
        await on.pilot.press("down", "enter")
        await until(lambda: on.app.clipboard == str(path_of(on, "p2")))

"""Direct control over pictures, by commands and keys, against the demo server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from animus_tui.config.schema import UiConfig
from animus_tui.demo.server import DemoServer
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, SLOW, Studio, open_studio


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        yield opened


async def test_options_reach_the_service_and_the_seed_stands_below_the_picture(studio: Studio) -> None:
    await studio.make('/image a fox in snow --size 96x64 --seed 7 --steps 3 --negative "text, blur"')
    (body,) = studio.asked("prompt")
    assert (body["width"], body["height"], body["seed"], body["num_inference_steps"]) == (96, 64, 7, 3)
    assert (body["prompt"], body["negative_prompt"]) == ("a fox in snow", "text, blur")
    assert "96×64 · seed 7" in studio.text()
    assert "credits left, the last took" in studio.status


async def test_what_an_option_does_not_take_is_said_and_the_command_is_there_again(studio: Studio) -> None:
    for command, told in (
        ("/image a fox --size big", "width and height as 1024x768"),
        ("/image a fox --sede 7", "Did you mean --seed?"),
        ("/edit warmer", "There is no picture in this conversation yet."),
        ("/edit warmer --source ~/fox.png", "There is no picture “~/fox.png”"),
        ("/video", "There is no picture in this conversation yet."),
        ("/video --seed 3 --size 512x512", "/video takes words, no options: --seed."),
        ("/again", "There is no picture in this conversation yet."),
    ):
        await studio.make(command)
        assert told in studio.notes()[-1]
        assert studio.prompt.text == command
    assert studio.asked("prompt") == []


async def test_a_vague_prompt_is_questioned_once_and_painted_at_the_second_enter(studio: Studio) -> None:
    await studio.make("/image something cool")
    assert "needs words for it" in studio.text()
    assert studio.prompt.text == "/image something cool"
    assert studio.asked("prompt") == []
    await studio.pilot.press("enter")
    await studio.settle()
    assert [body["prompt"] for body in studio.asked("prompt")] == ["something cool"]
    assert studio.prompt.text == ""


async def test_a_long_prompt_of_several_lines_goes_out_byte_for_byte(studio: Studio) -> None:
    prompt = "A harbour at dawn,\n  two boats — one blue;\n\n\tlight:  “golden”, 50 % haze  \nfilm grain"
    await studio.make(f"/image {prompt}")
    assert [body["prompt"] for body in studio.asked("prompt")] == [prompt]


async def test_an_edit_starts_from_the_chosen_picture(studio: Studio) -> None:
    await studio.make("/image a red boat --seed 1")
    await studio.make("/image a green tree --seed 2")
    await studio.pilot.press("tab", "left")
    await studio.pilot.pause()
    await studio.pilot.press(*"x")  # a letter begins a message, and the choice stays
    studio.prompt.clear()
    studio.pane.focus()
    await studio.pilot.pause()
    await studio.pilot.press("up")
    await studio.make("/edit warmer colours --strength 0.4")
    (body,) = studio.asked("source_image_url")
    assert body["strength"] == 0.4
    assert body["source_image_url"] in [message.image.url for message in studio.pictures if message.image]


async def test_each_picture_of_a_batch_has_its_own_end(studio: Studio) -> None:
    await studio.make("/batch a red boat\nfail this boat\n\na green boat")
    assert len(studio.cards) == 3
    assert [card.can_retry for card in studio.cards] == [False, True, False]
    assert len(studio.pictures) == 2
    assert "The picture was not begun" in studio.text()


async def test_a_picture_becomes_a_clip_that_the_systems_player_opens(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = tmp_path / "bin" / "xdg-open"
    player.parent.mkdir()
    player.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {tmp_path}/played\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{player.parent}{os.pathsep}{os.environ['PATH']}")
    await studio.make("/image a boat at sea")
    await studio.make("/video")
    clip = studio.pictures[-1].image
    assert clip is not None
    assert clip.video is not None
    assert clip.video.endswith(".mp4")
    assert "video · " in studio.text()
    assert "Enter Play" in studio.text()
    studio.pane.focus()
    await studio.pilot.pause()
    studio.pane.actions.choose_entry(studio.pictures[-1].id)
    await studio.pilot.press("enter")
    await until(lambda: (tmp_path / "played").exists() and (tmp_path / "played").read_text() != "")
    assert (tmp_path / "played").read_text() == str(studio.session.conversation.path_of(clip.video))
    await studio.pilot.press("ctrl+s")
    await studio.settle()
    assert [path.suffix for path in (tmp_path / "saved").iterdir()] == [".mp4"]


async def test_again_keeps_the_seed_when_something_else_is_said(studio: Studio) -> None:
    await studio.make("/image a boat --size 96x64 --seed 5")
    await studio.make("/again a green boat")
    await studio.make("/again --size 64x96")
    await studio.make("/again")
    first, words, shape, seed = studio.pictures[-1].variants or []
    assert (words.prompt, words.seed, words.width) == ("a green boat", 5, 96)
    assert (shape.prompt, shape.seed, shape.width) == ("a green boat", 5, 64)
    assert (seed.prompt, seed.width) == ("a green boat", 64)
    assert seed.seed not in (None, first.seed)
    assert "4 of 4" in studio.text()


async def test_a_402_is_a_card_with_the_figures_and_a_key(studio: Studio) -> None:
    await studio.make("/image a boat --negative fog")
    studio.server.state.set_credits(0.5)
    await studio.make("/image a tree --negative fog")
    assert "Out of credits — The picture needs 1, the account has 0.5." in " ".join(studio.text().split())
    assert "^T Retry" in studio.text()
    assert "0.5 credits left" in studio.status
    studio.server.state.set_credits(20)
    await studio.pilot.press("ctrl+t")
    await studio.settle()
    assert len(studio.pictures) == 2
    assert "19 credits left, the last took 1" in studio.status


async def test_one_job_of_several_is_stopped_by_its_own_card(tmp_path: Path) -> None:
    async with DemoServer(SLOW) as server, open_studio(tmp_path, server, size=(110, 60)) as studio:
        await studio.type("/image a boat --negative fog")
        await studio.type("/image a tree --negative fog")
        await until(lambda: len(studio.session.images.under_way) == 2)
        await until(lambda: studio.text().count("s more   Esc Cancel") == 2)
        first, second = studio.cards
        studio.pane.focus()
        await studio.pilot.pause()
        studio.pane.actions.choose_entry(first.id)
        await studio.pilot.press("escape")
        await until(lambda: not first.is_waiting)
        assert second.is_waiting
        assert [job.prompt for job in studio.session.images.under_way] == ["a tree"]
        row = next(at for at, line in enumerate(studio.text().split("\n")) if "Esc Cancel" in line)
        await studio.pilot.click(offset=(60, row))
        await until(lambda: not studio.session.images.under_way)


async def test_all_pictures_are_saved_and_a_folder_stays_in_force(studio: Studio, tmp_path: Path) -> None:
    await studio.make("/image a boat")
    await studio.make("/again")
    await studio.make("/save all")
    assert "Saved 2 pictures to" in studio.notes()[-1]
    other = tmp_path / "other"
    await studio.make(f"/save {other}/")
    assert f"Pictures are saved in {other} from now on, a new folder" in studio.notes()[-1]
    await studio.pilot.press("ctrl+s")
    await studio.settle()
    assert len(list(other.iterdir())) == 2
    studio.prompt.focus()
    studio.prompt.load_text("/save ")
    await studio.wait_for("Pictures are saved in")


async def test_plain_reading_says_the_studio_in_lines(tmp_path: Path) -> None:
    ui = UiConfig(plain=True)
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server, ui=ui) as studio:
        await studio.make("/image something cool")
        assert "needs words for it" in studio.text()
        await studio.make("/image a fox --count 2 --seed 5")
        assert "Generating 2 images: a fox." in studio.text()
        assert "[picture] a fox" in studio.text()
        assert "> 1, seed 5" in studio.text()
        studio.pane.focus()
        await studio.pilot.pause()
        await studio.pilot.press("2")
        await studio.settle()
        assert studio.pictures[-1].image == (studio.pictures[-1].variants or [])[1]

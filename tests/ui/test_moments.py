"""Pictures of the moment on the screen, against the demo server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields
from textual.widgets import Input, TextArea

from animus_tui.demo.server import DemoServer
from animus_tui.ui.screens.picture_form import JoinedLine, PictureForm
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, Studio, open_studio

RED = "a woman of 30 with red hair"


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        opened.session.set_character(
            with_fields(opened.session.character, name="Ada", appearance=RED, style=None)
        )
        yield opened


async def test_a_moment_is_written_by_the_model_and_made_with_the_looks_in_its_size(studio: Studio) -> None:
    await studio.make("/image face --steps 9")
    body = studio.asked("prompt")[-1]
    assert body["prompt"].startswith("Close portrait of the face of Ada, a small smile")
    assert body["prompt"].endswith(f", {RED}")
    assert (body["width"], body["height"], body["num_inference_steps"]) == (768, 1024, 9)
    await studio.make("/image background --size 128x64")
    body = studio.asked("prompt")[-1]
    assert "nobody there" in body["prompt"]
    assert RED not in body["prompt"]
    assert (body["width"], body["height"]) == (128, 64)
    assert [message.role for message in studio.session.conversation.messages] == ["assistant"] * 2
    assert "Please write" not in (studio.pictures[-1].content or "")


async def test_more_words_and_quoted_ones_are_a_prompt(studio: Studio) -> None:
    await studio.make("/image face of an old man")
    await studio.make('/image "face"')
    assert [body["prompt"] for body in studio.asked("prompt")] == [
        f"face of an old man, {RED}",
        f"face, {RED}",
    ]
    await studio.make("/image a boat --plain")
    assert studio.asked("prompt")[-1]["prompt"] == "a boat"
    assert studio.asked("messages") == []


async def test_the_prompt_is_shown_first_where_promised_pictures_are_asked_about(studio: Studio) -> None:
    studio.session.change_setting(("image", "when"), "ask")
    studio.prompt.load_text("/image background")
    await studio.pilot.press("enter")
    await until(lambda: isinstance(studio.app.screen, PictureForm))
    await studio.pilot.pause()
    form = studio.app.screen
    assert "nobody there" in form.query_one(TextArea).text
    assert form.query_one("#field-size", Input).value == "1024x768"
    assert [line.is_left_out for line in form.query(JoinedLine)] == [True]
    assert studio.asked("prompt") == []
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    assert studio.asked("prompt")[-1]["width"] == 1024


async def test_esc_ends_the_writing_and_the_command_comes_back(tmp_path: Path) -> None:
    slow = replace(QUICK, think_ms=600_000)
    async with DemoServer(slow) as server, open_studio(tmp_path, server) as studio:
        studio.prompt.load_text("/image scene")
        await studio.pilot.press("enter")
        await studio.wait_for("writing the prompt, Esc cancels")
        await studio.pilot.press("escape")
        await studio.wait_for("no picture is made")
        assert studio.prompt.text == "/image scene"
        assert studio.pictures == []
        await studio.pilot.pause()
        assert studio.asked("prompt") == []


async def test_a_service_that_does_not_answer_is_one_sentence_and_the_command_comes_back(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(DemoServer(QUICK))
        async with open_studio(tmp_path, server) as studio:
            await running.aclose()
            studio.prompt.load_text("/image last --steps 9")
            await studio.pilot.press("enter")
            await studio.wait_for("writing the prompt")
            await until(lambda: studio.prompt.text == "/image last --steps 9")
            await until(lambda: "writing the prompt" not in studio.text())
            assert studio.pictures == []


async def test_the_words_are_offered_with_what_they_stand_for(studio: Studio) -> None:
    studio.prompt.load_text("/image ")
    await studio.wait_for("the character's face, in portrait size")
    await studio.wait_for("the place without anybody")
    studio.prompt.load_text("/image s")
    await studio.wait_for("what is going on")
    await studio.pilot.press("tab")
    await studio.settle()

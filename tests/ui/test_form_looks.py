"""The form of a picture shows what is joined to its words, and where each of it comes from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.widgets import Input, TextArea

from animus_tui.demo.server import DemoServer
from animus_tui.ui.screens.picture_form import FormField, JoinedLine, PictureForm
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, Studio, open_studio

RED = "a woman of 30 with red hair"
SENT = f"watercolour of a boat, {RED}, soft light"


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        with_looks(opened)
        yield opened


def with_looks(studio: Studio, **image: Any) -> None:
    style = {"name": "Water", "prefix": "watercolour of", "suffix": "soft light", "steps": 30}
    settings = studio.session.character
    studio.session.set_character(
        replace(settings, name="Ada", appearance=RED, style=style, image={**settings.image, **image})
    )


async def open_form(studio: Studio, *keys: str) -> PictureForm:
    await studio.pilot.press(*(keys or ("ctrl+g",)))
    await until(lambda: isinstance(studio.app.screen, PictureForm))
    await studio.pilot.pause()
    assert isinstance(studio.app.screen, PictureForm)
    return studio.app.screen


def lines(form: PictureForm) -> list[str]:
    return [str(line.render()) for line in form.query(JoinedLine)]


def note(form: PictureForm, name: str) -> tuple[str, str]:
    """What holds in a field that is blank, and where that comes from."""
    field = next(each for each in form.query(FormField) if each.name_of_option == name)
    told = str(field.query_one(".note").render())
    return field.query_one(Input).placeholder, told.partition(" · ")[0]


async def test_the_form_tells_what_is_joined_and_where_it_and_each_number_come_from(studio: Studio) -> None:
    with_looks(studio, width=128, height=96)
    form = await open_form(studio)
    assert lines(form) == [f"+ appearance (Ada): {RED}", "+ style Water: watercolour of … soft light"]
    assert note(form, "steps") == ("30", "style Water")
    assert note(form, "size") == ("128x96", "character")
    assert note(form, "guidance")[1] == "default"
    form.query_one(TextArea).load_text("a boat")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    (body,) = studio.asked("prompt")
    assert (body["prompt"], body["num_inference_steps"], body["width"]) == (SENT, 30, 128)


async def test_a_line_is_left_out_by_space_and_what_was_left_out_is_kept_with_the_form(
    studio: Studio,
) -> None:
    form = await open_form(studio)
    form.query_one(TextArea).load_text("a boat")
    await studio.pilot.press("tab", "tab")
    assert "Leave out" in str(form.query_one(".hint").render())
    await studio.pilot.press("space")
    assert lines(form)[1] == "− style Water left out: watercolour of … soft light"
    assert note(form, "steps")[1] == "default"
    await studio.pilot.press("escape")
    form = await open_form(studio)
    assert [line.is_left_out for line in form.query(JoinedLine)] == [False, True]
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    (body,) = studio.asked("prompt")
    assert body["prompt"] == f"a boat, {RED}"
    assert "num_inference_steps" not in body


async def test_other_words_begin_with_the_prompt_that_was_sent_and_are_sent_as_they_stand(
    studio: Studio,
) -> None:
    await studio.make("/image a boat")
    assert studio.asked("prompt")[-1]["prompt"] == SENT
    form = await open_form(studio, "f3")
    assert form.query_one(TextArea).text == SENT
    assert lines(form) == []
    form.query_one(TextArea).load_text("a tram in the rain")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    assert studio.asked("prompt")[-1]["prompt"] == "a tram in the rain"
    form = await open_form(studio, "f3")
    assert form.query_one(TextArea).text == "a tram in the rain"


async def test_other_words_between_what_was_joined_are_the_own_words_of_the_picture(studio: Studio) -> None:
    await studio.make("/image a boat")
    form = await open_form(studio, "f3")
    form.query_one(TextArea).load_text(SENT.replace("a boat", "two ships"))
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    record = studio.pictures[-1].image
    assert record is not None
    assert (record.prompt, record.sent_prompt) == ("two ships", SENT.replace("a boat", "two ships"))


@pytest.mark.parametrize("columns", [80, 40])
async def test_the_form_fits_a_small_terminal(studio: Studio, columns: int) -> None:
    await studio.pilot.resize_terminal(columns, 24)
    form = await open_form(studio)
    for line in form.query(JoinedLine):
        assert line.region.height == 1
        assert line.region.right <= columns
    assert form.query_one("#words").region.bottom <= 24

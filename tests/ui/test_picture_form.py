"""The form of a picture, and the list of characters, against the demo server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import Button, Input, OptionList, TextArea

from animus_tui.config.schema import ImageConfig
from animus_tui.demo.server import DemoServer
from animus_tui.ui.screens.face_list import FaceList
from animus_tui.ui.screens.picture_form import FormField, PictureForm
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, Studio, open_studio


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        yield opened


async def open_form(studio: Studio, *keys: str) -> PictureForm:
    await studio.pilot.press(*(keys or ("ctrl+g",)))
    await until(lambda: isinstance(studio.app.screen, PictureForm))
    await studio.pilot.pause()
    assert isinstance(studio.app.screen, PictureForm)
    return studio.app.screen


async def fill(studio: Studio, form: PictureForm, words: str | None = None, **values: str) -> None:
    if words is not None:
        form.query_one(TextArea).load_text(words)
    for name, value in values.items():
        form.query_one(f"#field-{name}", Input).value = value
    await studio.pilot.pause()


def note(form: PictureForm, name: str) -> str:
    """What stands beside a field."""
    field = next(each for each in form.query(FormField) if each.name_of_option == name)
    return str(field.query_one(".note").render())


@pytest.mark.parametrize("key", ["ctrl+enter", "ctrl+o"])  # the latter is a key of its own in each terminal
async def test_the_form_paints_what_is_in_it_and_the_conversation_remembers_all_but_the_seed(
    studio: Studio, key: str
) -> None:
    form = await open_form(studio)
    await fill(studio, form, "a fox in snow\nat night", size="96x64", seed="9", negative="text")
    await studio.pilot.press(key)
    await studio.settle()
    (body,) = studio.asked("prompt")
    assert (body["prompt"], body["width"], body["seed"]) == ("a fox in snow\nat night", 96, 9)
    form = await open_form(studio)
    assert form.query_one("#field-size", Input).value == "96x64"
    assert form.query_one("#field-seed", Input).value == ""
    assert note(form, "size").startswith("this conversation")
    assert note(form, "steps").startswith("default")
    await fill(studio, form, size="")
    assert note(form, "size").startswith("default")
    await studio.pilot.press("escape")
    await studio.make("/image a tree")
    assert studio.asked("prompt")[-1]["width"] == 96, "what was remembered holds for commands, too"


async def test_what_is_configured_is_said_to_be(tmp_path: Path) -> None:
    image = ImageConfig(width=128, height=96)
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server, image=image) as studio:
        form = await open_form(studio)
        assert form.query_one("#field-size", Input).placeholder == "128x96"
        assert note(form, "size").startswith("configuration")


async def test_every_field_is_checked_beside_it_and_nothing_is_sent(studio: Studio) -> None:
    form = await open_form(studio)
    await fill(studio, form, "a fox", size="96x", steps="0", guidance="x", seed="-1", count="99")
    for name in ("size", "steps", "guidance", "seed", "count"):
        assert "is not allowed" in note(form, name), name
    await studio.pilot.press("ctrl+enter")
    assert studio.app.screen is form
    assert form.focused is form.query_one("#field-size")
    await fill(studio, form, "  ", size="", steps="", guidance="", seed="", count="")
    await studio.pilot.press("ctrl+enter")
    await studio.wait_for("The prompt is blank")
    assert studio.asked("prompt") == []


async def test_vague_words_are_questioned_once(studio: Studio) -> None:
    form = await open_form(studio)
    await fill(studio, form, "something cool")
    form.query_one("#generate", Button).focus()
    await studio.pilot.press("enter")
    await studio.wait_for("needs words for it")
    assert studio.asked("prompt") == []
    # A button takes no second press as long as it looks pressed.
    await until(lambda: not form.query_one("#generate").has_class("-active"))
    await studio.pilot.press("enter")
    await studio.settle()
    assert len(studio.asked("prompt")) == 1


async def test_what_is_written_in_the_prompt_begins_the_form(studio: Studio) -> None:
    studio.prompt.load_text("a quiet harbour")
    form = await open_form(studio)
    assert form.query_one(TextArea).text == "a quiet harbour"


async def test_changes_begin_with_the_settings_of_the_picture(studio: Studio) -> None:
    await studio.make("/image a boat --size 96x64 --seed 5")
    form = await open_form(studio, "ctrl+shift+r")
    assert form.query_one(TextArea).text == "a boat"
    values = {name: form.query_one(f"#field-{name}", Input).value for name in ("size", "seed")}
    assert values == {"size": "96x64", "seed": "5"}
    await studio.pilot.press("ctrl+enter")
    await studio.wait_for("Nothing is changed")
    await fill(studio, form, seed="")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    records = studio.pictures[0].variants or []
    assert [record.width for record in records] == [96, 96]
    assert records[0].seed != records[1].seed


async def test_same_seed_other_words_and_same_words_other_size_are_a_key_away(studio: Studio) -> None:
    await studio.make("/image a boat --size 96x64 --seed 5")
    studio.pane.focus()
    await studio.pilot.pause()
    form = await open_form(studio, "p")
    await studio.pilot.press(*"an owl")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    studio.pane.focus()
    await studio.pilot.pause()
    form = await open_form(studio, "s")
    assert form.focused is form.query_one("#field-size")
    await fill(studio, form, size="64x96")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    records = studio.pictures[0].variants or []
    assert [(record.prompt, record.seed, record.width) for record in records] == [
        ("a boat", 5, 96),
        ("an owl", 5, 96),
        ("an owl", 5, 64),
    ]


async def test_a_small_screen_scrolls_the_form(tmp_path: Path) -> None:
    size = (40, 24)
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server, size=size) as studio:
        form = await open_form(studio)
        assert "Esc Cancel" in studio.text()
        form.query_one("#generate", Button).focus()
        await studio.wait_for("Generate")
        await until(lambda: form.query_one("#generate").region.bottom <= size[1])
        assert max(map(len, studio.text().split("\n"))) <= size[0]


async def test_a_character_is_found_as_one_types_and_its_pictures_have_its_face(studio: Studio) -> None:
    await studio.make("/face")
    await until(lambda: isinstance(studio.app.screen, FaceList))
    await studio.wait_for("Xavier")
    assert "training" in studio.text()
    await studio.pilot.press(*"beard")
    await until(lambda: studio.app.screen.query_one(OptionList).option_count == 1)
    await studio.pilot.press("enter")
    await studio.settle()
    assert "as Xavier" in studio.status
    await studio.make("/image at the beach")
    assert studio.asked("prompt")[-1]["character_id"] == "char_xavier"
    await studio.make("/face NONE")
    assert "as Xavier" not in studio.status
    await studio.make("/face vivian")
    assert "as Vivian" in studio.status


async def test_a_click_chooses_a_character_and_one_in_training_is_told(studio: Studio) -> None:
    await studio.make("/face")
    await studio.wait_for("Chloe")
    lines = studio.text().split("\n")
    row = next(at for at, line in enumerate(lines) if "Chloe" in line)
    await studio.pilot.click(offset=(lines[row].index("Chloe"), row))
    await studio.settle()
    assert "its training has not ended" in studio.notes()[-1]
    assert "as Chloe" in studio.status


async def test_escape_leaves_the_list_as_it_was(studio: Studio) -> None:
    await studio.make("/face xavier")
    await studio.make("/face nosuchname")
    await until(lambda: isinstance(studio.app.screen, FaceList))
    await studio.wait_for("No character of the account has these words")
    await studio.pilot.press("escape")
    await studio.settle()
    assert "as Xavier" in studio.status


async def test_what_was_typed_into_a_form_that_was_left_is_there_the_next_time(studio: Studio) -> None:
    form = await open_form(studio)
    await fill(studio, form, "a fox in snow\nat night", size="96x64", seed="9")
    await studio.pilot.press("escape")
    await until(lambda: studio.app.screen is not form)
    form = await open_form(studio)
    assert form.query_one(TextArea).text == "a fox in snow\nat night"
    assert form.query_one("#field-size", Input).value == "96x64"
    assert form.query_one("#field-seed", Input).value == "9"
    assert note(form, "seed").startswith("now")
    await studio.pilot.press("ctrl+enter")
    await studio.settle()
    assert studio.asked("prompt")[-1]["seed"] == 9
    form = await open_form(studio)
    assert form.query_one(TextArea).text == "", "what was made is not asked for again"
    assert form.query_one("#field-seed", Input).value == ""


async def test_words_written_in_the_prompt_since_go_before_those_of_the_form(studio: Studio) -> None:
    await studio.pilot.press("a")
    form = await open_form(studio)
    await fill(studio, form, "a fox", steps="7")
    await studio.pilot.press("escape")
    form = await open_form(studio)
    assert form.query_one(TextArea).text == "a fox"
    await studio.pilot.press("escape")
    await until(lambda: studio.app.screen is not form)
    await studio.pilot.press("b")
    form = await open_form(studio)
    assert form.query_one(TextArea).text == "ab"
    assert form.query_one("#field-steps", Input).value == "7"


async def test_the_form_of_another_conversation_begins_anew(studio: Studio) -> None:
    form = await open_form(studio)
    await fill(studio, form, "a fox")
    await studio.pilot.press("escape")
    await studio.make("/image a boat")  # an empty conversation is not left for a new one
    await studio.pilot.press("ctrl+n")
    await studio.settle()
    form = await open_form(studio)
    assert form.query_one(TextArea).text == ""


async def test_a_changed_picture_keeps_its_own_draft(studio: Studio) -> None:
    await studio.make("/image a boat")
    form = await open_form(studio, "f3")
    await fill(studio, form, "a red boat")
    await studio.pilot.press("escape")
    form = await open_form(studio, "f3")
    assert form.query_one(TextArea).text == "a red boat"
    await studio.pilot.press("escape")
    form = await open_form(studio)
    assert form.query_one(TextArea).text == ""

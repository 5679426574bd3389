"""`/style`: the style of the pictures of a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from animus_tui.config.schema import StyleConfig
from animus_tui.demo.server import DemoServer
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, Studio, open_studio

WATER = StyleConfig(prefix="watercolour of", suffix="soft light", size="96x64", steps=30)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        opened.session.configure(replace(opened.session.configured, styles={"Water": WATER}))
        yield opened


async def say(studio: Studio, text: str, answer: str) -> None:
    studio.prompt.load_text(text)
    await studio.pilot.press("enter")
    await studio.wait_for(answer)


async def test_a_style_is_chosen_by_its_name_and_kept_as_it_was(studio: Studio) -> None:
    await say(studio, "/style water", "made in the style Water from now on")
    kept = studio.session.conversation.conversation.character
    assert kept is not None
    assert kept.style == {
        "name": "Water",
        "prefix": "watercolour of",
        "suffix": "soft light",
        "size": "96x64",
        "steps": 30,
    }
    studio.session.configure(replace(studio.session.configured, styles={}))
    await studio.make("/image a boat")
    body = studio.asked("prompt")[-1]
    assert body["prompt"] == "watercolour of a boat, soft light"
    assert (body["width"], body["height"], body["num_inference_steps"]) == (96, 64, 30)
    await say(studio, "/style none", "have no style from now on")
    await studio.make("/image a boat")
    assert studio.asked("prompt")[-1]["prompt"] == "a boat"


async def test_a_name_that_is_none_names_those_that_are(studio: Studio) -> None:
    await say(studio, "/style oil", "There is no style: “oil”. There are Water")
    assert studio.session.images.additions.style == ""


async def test_the_styles_are_offered_also_those_of_the_characters_that_come_with_it(studio: Studio) -> None:
    studio.prompt.load_text("/style ")
    await studio.wait_for("Water")
    await studio.wait_for("northern light")
    await studio.wait_for("none")
    studio.prompt.load_text("/style nor")
    await until(lambda: "Water" not in studio.text() and "northern light" in studio.text())
    await studio.pilot.press("enter")
    await studio.wait_for("in the style northern light")
    assert studio.session.images.additions.prefix == "painterly illustration of"

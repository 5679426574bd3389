"""The samples for those who come from the JavaScript SDK run against the demo server, and do what they say."""

from __future__ import annotations

import asyncio
import re
import textwrap
from pathlib import Path
from typing import Any

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, Config, ImageConfig
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TABLE = README.partition("### Coming from the JavaScript SDK\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| ([A-Z][^|]+) \| ([^|]+) \| (`[^|]+`) \|$", TABLE, re.MULTILINE)
SAMPLES = {title: "\n".join(re.findall(r"`([^`]+)`", python)) for title, _, python in ROWS}


async def run(sample: str, tmp_path: Path) -> tuple[list[str], list[ChatMessage]]:
    """What a sample prints, and the history after it."""
    printed: list[str] = []
    async with DemoServer(DemoOptions.instant()) as demo:
        api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
        config = Config(
            api=api,
            auto_turn=AutoTurnConfig(min_delay=0, max_delay=0, follow_up_delay=0),
            image=ImageConfig(width=64, height=64),
        )
        async with (
            AnimusClient(api) as client,
            ChatSession(client, client, ConversationStore(tmp_path / "own"), config) as session,
        ):
            names: dict[str, Any] = {
                "session": session,
                "print": lambda *values: printed.append(" ".join(map(str, values))),
            }
            exec(f"async def sample():\n{textwrap.indent(SAMPLES[sample], '    ')}", names)  # noqa: S102
            async with asyncio.timeout(100):
                await names["sample"]()
            return printed, list(session.conversation.messages)


def test_each_sample_of_the_documentation_has_one() -> None:
    assert list(SAMPLES) == [
        "Automatic images",
        "One image",
        "A detailed prompt",
        "Turns and images",
        "Settings",
        "Completions by hand",
        "Images in the history",
        "What the character knows",
        "Editing an image",
        "Rendering a character",
    ]
    assert TABLE.count("\n| ") == len(SAMPLES) + 1


async def test_an_image_that_was_promised_comes_by_itself(tmp_path: Path) -> None:
    printed, _ = await run("Automatic images", tmp_path)
    assert printed[-1].startswith("<image description=")
    assert len(list(tmp_path.glob("own/conversations/*/images/*.png"))) == 1


async def test_an_image_is_printed_with_its_address_and_its_file(tmp_path: Path) -> None:
    (printed,), (message,) = await run("One image", tmp_path)
    assert message.image is not None
    address, _, file = printed.partition(" ")
    assert address == message.image.url
    assert file.endswith(message.image.file)


async def test_a_long_prompt_is_kept_as_it_is(tmp_path: Path) -> None:
    (prompt,), (message,) = await run("A detailed prompt", tmp_path)
    assert message.image is not None
    assert message.image.prompt == prompt
    assert ",\nsteam rising from coffee cups" in prompt


async def test_turns_are_followed_by_their_image(tmp_path: Path) -> None:
    printed, messages = await run("Turns and images", tmp_path)
    events = printed[0].split()
    assert "MessageComplete" in events[: events.index("ImageGenerationStart")]
    assert "MessageComplete" not in events[events.index("ImageGenerationStart") :]
    assert messages[-1].image is not None


async def test_the_settings_are_those_of_the_documentation(tmp_path: Path) -> None:
    (settings,), (message,) = await run("Settings", tmp_path)
    assert message.image is not None
    assert settings == str(message.image.settings)
    assert (message.image.width, message.image.height) == (1024, 1024)
    assert {"model", "width", "guidance_scale", "num_inference_steps"} <= message.image.settings.keys()


async def test_by_hand_only_the_image_is_in_the_history(tmp_path: Path) -> None:
    (printed,), (message,) = await run("Completions by hand", tmp_path)
    assert message.image is not None
    assert message.image.prompt in printed


async def test_an_empty_history_has_no_image(tmp_path: Path) -> None:
    assert await run("Images in the history", tmp_path) == (["[]"], [])


async def test_the_second_question_is_about_the_first_image(tmp_path: Path) -> None:
    _, messages = await run("What the character knows", tmp_path)
    pictures = [message.image for message in messages if message.image is not None]
    assert pictures
    assert [message.content for message in messages if message.role == "user"] == [
        "Can you show me something peaceful?",
        "Can you make the colors more vibrant?",
    ]


async def test_edits_start_from_the_images_that_are_meant(tmp_path: Path) -> None:
    (sources,), (first, edited, by_url) = await run("Editing an image", tmp_path)
    assert first.image is not None
    assert sources == f"{first.image.url} {first.image.url}"
    assert str(edited.content).startswith('<image description="Modified: at night')
    assert str(by_url.content).startswith('<image description="Modified: in a storm')


async def test_a_character_is_rendered(tmp_path: Path) -> None:
    (character,), (message,) = await run("Rendering a character", tmp_path)
    assert message.image is not None
    assert message.image.settings["character_id"] == character
    assert character

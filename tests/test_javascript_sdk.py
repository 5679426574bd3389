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

TEXT = (Path(__file__).parent.parent / "docs" / "javascript-sdk.md").read_text(encoding="utf-8")
SAMPLES = dict(re.findall(r"^## (.+?)\n.*?```python\n(.+?)```", TEXT, re.DOTALL | re.MULTILINE))
PROVIDER = 'token_provider_url="https://your-backend.com/api/get-animus-token"'


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
        own = f'api_key="{demo.api_key}", base_url="{demo.base_url}", generation_url="{demo.generation_url}"'
        code = SAMPLES[sample].replace(PROVIDER, own)
        async with (
            AnimusClient(api) as client,
            ChatSession(client, client, ConversationStore(tmp_path / "own"), config) as session,
        ):
            names: dict[str, Any] = {
                "Path": lambda name: tmp_path / name,
                "session": session,
                "print": lambda *values: printed.append(" ".join(map(str, values))),
            }
            exec(f"async def sample():\n{textwrap.indent(code, '    ')}", names)  # noqa: S102
            async with asyncio.timeout(100):
                await names["sample"]()
            return printed, list(session.conversation.messages)


def test_each_sample_of_the_documentation_has_one() -> None:
    assert list(SAMPLES) == [
        "Automatic images",
        "One image, and what went wrong",
        "A detailed prompt",
        "Turns and images",
        "Settings",
        "Completions by hand",
        "Images in the history",
        "What the character knows about images",
        "Editing an image",
        "Rendering a character",
    ]
    assert TEXT.count("```python") == len(SAMPLES)


async def test_an_image_that_was_promised_comes_by_itself(tmp_path: Path) -> None:
    printed, _ = await run("Automatic images", tmp_path)
    assert printed[-1].startswith("<image description=")
    assert len(list(tmp_path.glob("conversations/conversations/*/images/*.png"))) == 1


async def test_an_image_is_printed_with_its_address_and_its_file(tmp_path: Path) -> None:
    (address, file), (message,) = await run("One image, and what went wrong", tmp_path)
    assert message.image is not None
    assert address == f"Generated image URL: {message.image.url}"
    assert file.endswith(message.image.file)


async def test_a_long_prompt_is_kept_as_it_is(tmp_path: Path) -> None:
    (prompt,), (message,) = await run("A detailed prompt", tmp_path)
    assert message.image is not None
    assert message.image.prompt == prompt
    assert "steam rising from coffee cups,\n" in prompt


async def test_turns_are_followed_by_their_image(tmp_path: Path) -> None:
    printed, messages = await run("Turns and images", tmp_path)
    assert any(" message completed: " in line for line in printed)
    done = printed.index("All messages completed: the image may start now")
    assert printed[done + 1].startswith("Image generation started: ")
    assert messages[-1].image is not None


async def test_the_settings_are_those_of_the_documentation(tmp_path: Path) -> None:
    (settings,), (message,) = await run("Settings", tmp_path)
    assert message.image is not None
    assert settings == str(message.image.settings)
    assert (message.image.width, message.image.height) == (1024, 1024)
    assert {"model", "width", "guidance_scale", "num_inference_steps"} <= message.image.settings.keys()


async def test_by_hand_only_the_image_is_in_the_history(tmp_path: Path) -> None:
    printed, (message,) = await run("Completions by hand", tmp_path)
    assert printed[0].startswith("AI response: ")
    assert message.image is not None
    assert printed[1] == f"AI created image prompt: {message.image.prompt}"


async def test_an_empty_history_has_no_image(tmp_path: Path) -> None:
    assert await run("Images in the history", tmp_path) == ([], [])


async def test_the_second_question_is_about_the_first_image(tmp_path: Path) -> None:
    _, messages = await run("What the character knows about images", tmp_path)
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

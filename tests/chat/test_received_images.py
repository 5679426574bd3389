"""Pictures that a model makes itself and sends within its reply."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from animus_tui.chat.events import ImageGenerationComplete, MessageComplete, MessageError
from animus_tui.config.schema import AutoTurnConfig
from tests.support.chat_service import Answer, chunk, png, reply
from tests.support.talk import FAST, STREAMED, StartTalk

URL = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
IMAGES = [{"type": "image_url", "image_url": {"url": URL}}]
WAYS: dict[str, tuple[AutoTurnConfig, dict[str, Any]]] = {
    "streamed": (STREAMED, {"pieces": [chunk("Here it is."), chunk(images=IMAGES)]}),
    "whole": (FAST, {"body": reply("Here it is.", images=IMAGES)}),
}
ALONE: dict[str, tuple[AutoTurnConfig, dict[str, Any]]] = {
    "streamed": (STREAMED, {"pieces": [chunk("", images=IMAGES)]}),
    "whole": (FAST, {"body": reply("", images=IMAGES)}),
}


@pytest.mark.parametrize("way", WAYS)
async def test_it_is_kept_with_the_reply_that_it_came_with(start_talk: StartTalk, way: str) -> None:
    auto_turn, answer = WAYS[way]
    async with start_talk(auto_turn=auto_turn, backend="openai", makes_pictures=False) as talk:
        talk.service.chat.append(Answer(**answer))
        await talk.say("Show me a lake")
        said, shown = talk.messages[1:]
        assert (said.content, shown.reply_to) == ("Here it is.", said.id)
        assert shown.image is not None
        assert (shown.image.prompt, shown.image.url) == ("Show me a lake", None)
        assert shown.content == '<image description="Show me a lake" />'
        assert talk.session.conversation.path_of(shown.image.file).read_bytes() == png()
        assert (len(talk.of(ImageGenerationComplete)), talk.outcomes()) == (1, ["complete"])


@pytest.mark.parametrize("way", ALONE)
async def test_a_reply_of_nothing_else_is_not_empty(start_talk: StartTalk, way: str) -> None:
    auto_turn, answer = ALONE[way]
    async with start_talk(auto_turn=auto_turn, backend="openai", makes_pictures=False) as talk:
        talk.service.chat.append(Answer(**answer))
        await talk.say("Show me a lake")
        (shown,) = talk.messages[1:]
        assert shown.image is not None
        assert shown.reply_to is None
        assert (talk.of(MessageError), talk.of(MessageComplete), talk.outcomes()) == ([], [], ["complete"])

"""A program that is made to be killed: `python -m tests.support.lone_job URL FOLDER ENDPOINT [PROMPT]`.

With a prompt it begins a picture job, without one it goes on with those that were kept; then it waits for all.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Literal

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, Config, ImageConfig
from tests.support.chat_service import KEY
from tests.support.talk import SOON


async def work(
    url: str, folder: Path, endpoint: Literal["generate/image", "generation/create"], prompt: str
) -> None:
    config = Config(
        api=ApiConfig(api_key=KEY, base_url=url + "/v3", generation_url=url + "/v2"),
        image=ImageConfig(endpoint=endpoint),
    )
    async with (
        AnimusClient(config.api, timeouts=SOON) as client,
        ChatSession(client, client, ConversationStore(folder), config) as session,
    ):
        if prompt:
            session.start_image(prompt)
        else:
            await session.resume()
        await session.wait()


if __name__ == "__main__":
    way: Literal["generate/image", "generation/create"] = (
        "generate/image" if sys.argv[3] == "generate/image" else "generation/create"
    )
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), way, "".join(sys.argv[4:])))

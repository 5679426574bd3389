"""A busy conversation in processes that are made to be killed: `python -m tests.support.busy_talk URL FOLDER`.

For each line on standard input one child is forked from the warm parent. It prints `pid N`, talks without pause in the
conversation used last and prints `sent TEXT` after each `send()` that returned. When it is gone the parent prints
`gone`.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, Config
from tests.support.chat_service import KEY, png


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def talk(url: str, folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    auto_turn = AutoTurnConfig(enabled=seed % 2 == 0, min_delay=0, max_delay=1, follow_up_delay=1)
    config = Config(api=ApiConfig(api_key=KEY, base_url=url + "/v3"), auto_turn=auto_turn)
    async with (
        AnimusClient(config.api) as client,
        ChatSession(client, client, ConversationStore(folder), config) as session,
    ):
        number = 0
        while True:
            text = f"message {seed} {number} " + "x" * rng.randrange(2000)
            # Each third message shows a picture of its own size.
            data = png(width=1 + number, height=1 + seed)
            shown = Attachment(name="a.png", data=data, width=1 + number, height=1 + seed)
            await session.send(text, [shown] if number % 3 == 0 else [])
            say(f"sent {text}")
            number += 1
            pause = rng.choice((0, 0.01, 0.03, 0.1, None))
            # Some exchanges are let to their end, or on a busy machine none would ever come to its picture.
            await (session.wait() if pause is None else asyncio.sleep(pause))


def main(url: str, folder: str) -> None:
    import animus_tui.backends.animus.auth
    import animus_tui.backends.http.sse  # noqa: F401 (warm: each child would import them anew)

    for seed, _ in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            asyncio.run(talk(url, Path(folder), seed))
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""Words from one service and pictures from another: each gets its own key, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import msgspec

from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.backends import open_backends
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, Config, ImageConfig
from tests.support.backend_client import SECRET, picture
from tests.support.scripted_server import (
    Script,
    ScriptedServer,
    answer,
    chunk,
    error,
    events,
    reply,
    scripted,
    stream_head,
)

CHAT_KEY, IMAGE_KEY = f"{SECRET}-chat", f"{SECRET}-image"
FALL: Script = [stream_head(), events(chunk("Hello"), "[DONE]")]


def all_bytes(server: ScriptedServer) -> str:
    """Everything that was sent to a server."""
    return "\n".join(f"{each.method} {each.path} {each.headers} {each.body!r}" for each in server.received)


async def test_no_key_of_one_service_is_in_any_request_to_another(tmp_path: Path) -> None:
    file: Script = [answer(picture("PNG"), kind="image/png")]
    async with (
        scripted(FALL, [error(429)], [reply("Hi")]) as words,
        scripted() as pictures,
        scripted(file) as files,
    ):
        made = answer(msgspec.json.encode({"output": [f"{files.url}/a.png"]}))
        pictures.scripts = [[made]]
        config = Config(
            api=ApiConfig(
                backend="openai", base_url=f"{words.url}/v1", api_key=CHAT_KEY, generation_url=pictures.url
            ),
            image=ImageConfig(backend="animus", base_url=pictures.url, api_key=IMAGE_KEY),
            auto_turn=AutoTurnConfig(enabled=False),
        )
        async with (
            open_backends(config) as (chat, images),
            ChatSession(chat, images, ConversationStore(tmp_path), config) as session,
        ):
            await session.send("Hello")
            await session.wait()
            await session.complete("Hello")
            made_image = await session.generate_image("a lake")
            assert made_image.path.read_bytes() == picture("PNG")
        sent = {
            name: all_bytes(server)
            for name, server in (("words", words), ("pictures", pictures), ("files", files))
        }
    assert [CHAT_KEY in sent["words"], IMAGE_KEY in sent["words"]] == [True, False]
    assert [CHAT_KEY in sent["pictures"], IMAGE_KEY in sent["pictures"]] == [False, True]
    assert SECRET not in sent["files"]

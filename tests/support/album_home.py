"""Homes with a conversation of many pictures, all different and none that compresses to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PIL import Image

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.store import ConversationStore
from tests.support.stored_history import import_history

if TYPE_CHECKING:
    from pathlib import Path

CONVERSATION = "album"
LAST = "That was the last one."


def album_home(home: Path, count: int, *, side: int = 256, grain: int = 4) -> Path:
    """A home whose last conversation has `count` square pictures, each below its title; returns the home.

    `grain`: pixels of a grain of their noise; the finer, the less they compress.
    """
    folder = home / "data" / "conversations" / CONVERSATION / "images"
    messages: list[ChatMessage] = []
    for number in range(count):
        at = f"2026-01-01T10:{number // 60:02}:{number % 60:02}.000Z"
        file = f"images/{number}.png"
        record = ImageRecord(prompt=f"Picture {number}", file=file, width=side, height=side)
        messages += [
            ChatMessage(id=f"m{number}", role="user", content=f"Title {number}.", timestamp=at),
            ChatMessage(id=f"i{number}", role="assistant", content="", timestamp=at, image=record),
        ]
    messages.append(ChatMessage(id="last", role="assistant", content=LAST, timestamp=messages[-1].timestamp))
    stored = import_history(
        ConversationStore(home / "data"),
        msgspec.json.encode(messages),
        Conversation(id=CONVERSATION, title="An album"),
    )
    stored.put(messages[-1])
    stored.close()
    folder.mkdir(exist_ok=True)
    for number in range(count):
        _noise(side, grain, number).save(folder / f"{number}.png", compress_level=1)
    return home


def _noise(side: int, grain: int, seed: int) -> Image.Image:
    """Coloured noise under a gradient."""
    bands = [Image.effect_noise((side // grain, side // grain), 60) for _ in range(3)]
    noise = Image.merge("RGB", bands).resize((side, side), Image.Resampling.BICUBIC)
    ramp = Image.linear_gradient("L").resize((side, side)).rotate(seed * 37)
    return Image.blend(noise, Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))), 0.4)

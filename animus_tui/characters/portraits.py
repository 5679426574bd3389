"""Portraits are pictures that nobody vouches for: whether one can be shown, the decoding process finds out."""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from base64 import standard_b64decode
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.atomic import read_regular
from animus_tui.characters.drawing import plain_portrait, png_of_pixels
from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.png_chunks import SIGNATURE

if TYPE_CHECKING:
    from animus_tui.characters.character import Character
    from animus_tui.graphics.decoding.decoder import PictureDecoder

SIDE = 1024
"""Pixels of the longer side of a portrait that has to be made a PNG, at most."""
MOST_BYTES = 32 << 20
WHITE = 255, 255, 255


async def fault_of(decoder: PictureDecoder, portrait: str) -> str | None:
    """Why the picture in a file cannot be shown, as a sentence; None when it can."""
    try:
        await decoder.thumbnail(Path(portrait), side=64, background=WHITE)
    except PictureUnreadable as error:
        return error.sentence
    return None


async def fault_in(decoder: PictureDecoder, picture: bytes) -> str | None:
    """As `fault_of`, of a picture that is in no file yet. OSError."""
    with tempfile.NamedTemporaryFile(prefix="animus-chat-") as file:
        await asyncio.to_thread(file.write, picture)
        await asyncio.to_thread(file.flush)
        return await fault_of(decoder, file.name)


async def png_for(decoder: PictureDecoder, character: Character) -> bytes:
    """The portrait of a character as a PNG; a plain one where there is none, or none that could be read."""
    path = Path(character.portrait) if character.portrait is not None else None
    try:
        if path is None:
            return await asyncio.to_thread(plain_portrait, character.name)
        data = await asyncio.to_thread(read_regular, path, MOST_BYTES + 1)
        if data.startswith(SIGNATURE):
            return data
        small = await decoder.reduced(path, side=SIDE, background=WHITE)
        pixels = await decoder.pixels(path, width=small.width, height=small.height, background=WHITE)
        raw = zlib.decompressobj().decompress(standard_b64decode(pixels.payload), 3 * SIDE * SIDE)
        return await asyncio.to_thread(png_of_pixels, pixels.width, pixels.height, raw)
    except (OSError, PictureUnreadable):
        return await asyncio.to_thread(plain_portrait, character.name)

"""A decoder with its real process, ended after each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.decoding.decoder import PictureDecoder
from tests.support.decoding import drawer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from animus_tui.graphics.decoding.protocol import Pixels, Rgb
    from tests.support.decoding import Draw, Send


@pytest.fixture
async def decoder() -> AsyncIterator[PictureDecoder]:
    decoder = PictureDecoder()
    yield decoder
    await decoder.aclose()


@pytest.fixture
def draw(decoder: PictureDecoder, tmp_path: Path) -> Draw:
    return drawer(decoder, tmp_path)


@pytest.fixture
def send(decoder: PictureDecoder, tmp_path: Path) -> Send:
    async def send(data: bytes, width: int, height: int, *, background: Rgb = (0, 0, 0)) -> Pixels:
        path = tmp_path / "picture"
        path.write_bytes(data)
        return await decoder.pixels(path, width=width, height=height, background=background)

    return send

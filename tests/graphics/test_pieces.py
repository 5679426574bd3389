"""Pictures as escape sequences, one for each row of cells. Every test uses the real decoding process."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.support.picture_samples import BLACK, file_of, textured
from tests.support.sixel_reader import read
from tests.support.ssim import ssim

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.decoder import PictureDecoder


@pytest.fixture
def decoder(shared_decoder: PictureDecoder) -> PictureDecoder:
    return shared_decoder


async def test_sixel_rows_make_the_picture(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured((200, 200)), "PNG"))
    drawn = await decoder.pieces(path, columns=20, rows=10, cell=(10, 20), background=BLACK, protocol="sixel")
    pieces = [read(sequence) for sequence in drawn.sequences]
    assert (drawn.columns, drawn.rows) == (20, len(pieces)) == (20, 10)
    joined = np.concatenate([piece.rgb for piece in pieces])
    assert joined.shape == (200, 200, 3)
    assert ssim(np.asarray(textured((200, 200))), joined) > 0.9


async def test_iterm2_rows_make_the_picture(decoder: PictureDecoder, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(textured((200, 200)), "PNG"))
    drawn = await decoder.pieces(
        path, columns=20, rows=10, cell=(10, 20), background=BLACK, protocol="iterm2"
    )
    files = [base64.b64decode(one.partition(b":")[2].removesuffix(b"\a")) for one in drawn.sequences]
    strips = [np.asarray(Image.open(BytesIO(file)).convert("RGB")) for file in files]
    assert [strip.shape for strip in strips] == [(20, 200, 3)] * 10
    assert ssim(np.asarray(textured((200, 200))), np.concatenate(strips)) > 0.9

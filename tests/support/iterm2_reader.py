"""What a terminal makes of one of iTerm2's inline images: strict about the protocol's rules."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAME = re.compile(rb"\x1b\]1337;File=([a-zA-Z0-9=;]*):([A-Za-z0-9+/]+={0,2})\x07")


@dataclass
class InlineImage:
    """What was sent."""

    keys: dict[str, str]
    """As they stand in the sequence, without `size`, which is right."""
    kind: str
    """PNG or JPEG."""
    rgb: NDArray[np.uint8]


def read(sequence: bytes) -> InlineImage:
    """The picture in one whole sequence. AssertionError for anything that a strict reader does not know."""
    frame = _FRAME.fullmatch(sequence)
    assert frame is not None, sequence[:80]
    pairs = [pair.partition("=")[::2] for pair in frame[1].decode().split(";")]
    keys = dict(pairs)
    assert len(keys) == len(pairs), "a key stands there twice"
    data = base64.b64decode(frame[2], validate=True)
    assert int(keys.pop("size")) == len(data)
    with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
        return InlineImage(keys, str(picture.format), np.asarray(picture.convert("RGB")))

"""A clip out of a still picture: the view moves over it, as the words ask."""

import random
from io import BytesIO

from PIL import Image

from animus_tui.demo.mp4 import mp4
from animus_tui.demo.painting.brushes import Size, dice
from animus_tui.demo.painting.editing import read_source
from animus_tui.demo.painting.scene import plain_words

FRAMES, RATE = 24, 12
"""How many, and how many a second."""
NEAR = 0.72
"""Share of the picture's sides that is seen from near."""
QUALITY = 78
DIRECTIONS = {
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
}
AWAY = frozenset({"out", "away", "back", "backwards", "wider", "reveal"})
View = tuple[float, float, float]
"""The share of the sides that is seen, and where in what is left over: 0 is left or top, 1 right or bottom."""


def moving_over(
    source: bytes, prompt: str, *, seed: int, size: tuple[int | None, int | None], longest: int
) -> bytes:
    """Return an MP4 of two seconds. What the words leave open, the seed decides.

    A `size` of None follows the picture, the longer side at most `longest` pixels. ValueError if `source` is none.
    """
    still = read_source(source, None)
    size = _frame_size(still.size, size, longest)
    first, last = _movement(prompt, dice(seed, prompt, "motion"))
    still = read_source(source, (round(size[0] / NEAR), round(size[1] / NEAR)))
    frames = [_frame(still, _between(first, last, number / (FRAMES - 1)), size) for number in range(FRAMES)]
    return mp4(frames, width=size[0], height=size[1], rate=RATE)


def _frame_size(still: Size, wanted: tuple[int | None, int | None], longest: int) -> Size:
    """Return the size of the frames; each side is even, as players like it."""
    width, height = wanted
    if width is not None or height is not None:
        width = width or round((height or 1) * still[0] / still[1])
        height = height or round(width * still[1] / still[0])
    else:
        scale = min(1.0, longest / max(still))
        width, height = round(still[0] * scale), round(still[1] * scale)
    return max(16, width // 2 * 2), max(16, height // 2 * 2)


def _movement(prompt: str, rng: random.Random) -> tuple[View, View]:
    """Return how the view begins and ends."""
    words = plain_words(prompt)
    way = next((DIRECTIONS[word] for word in words if word in DIRECTIONS), None)
    if way is not None:
        (x, y), share = way, NEAR
        return (share, 0.5 - x / 2, 0.5 - y / 2), (share, 0.5 + x / 2, 0.5 + y / 2)
    far, near = (1.0, 0.5, 0.5), (NEAR, rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.6))
    return (near, far) if AWAY & set(words) else (far, near)


def _between(first: View, last: View, time: float) -> View:
    """Return the view at a time 0..1; it starts and stops gently."""
    eased = time * time * (3 - 2 * time)
    share, x, y = (a + (b - a) * eased for a, b in zip(first, last, strict=True))
    return share, x, y


def _frame(still: Image.Image, view: View, size: Size) -> bytes:
    share, x, y = view
    wide, high = still.width * share, still.height * share
    left, top = (still.width - wide) * x, (still.height - high) * y
    seen = still.resize(size, Image.Resampling.BILINEAR, (left, top, left + wide, top + high))
    file = BytesIO()
    seen.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

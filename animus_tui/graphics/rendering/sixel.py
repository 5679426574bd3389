"""RGB pixels → sixel graphics, one sequence for each row of cells. Runs in the decoding process only.

A sixel is a column of six pixels of one colour, as a character. A band of them is drawn colour after colour, from the
left margin each time. All rows share one palette, so that none looks different from its neighbours, and each defines
those of its colours that it has.

Source: VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from animus_tui.graphics.rendering.pieces import BAND, SIXEL_END, sixel_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Numbers = NDArray[np.intp]

_EMPTY = ord("?")
"""A sixel with no pixel set; each pixel adds its bit, the uppermost 1."""
_SHORTEST_REPEAT = 4
"""From so many on, a repeat is shorter than the sixels themselves."""
_RUN_BYTES, _CHOICE_BYTES = 6, 4
"""The longest run, `!9999~`, and the longest choice of a colour, `#255`."""
_RUN = np.dtype(
    [("line", "u1"), ("choice", f"V{_CHOICE_BYTES}"), ("gap", f"V{_RUN_BYTES}"), ("sixels", f"V{_RUN_BYTES}")]
)
"""What a run of sixels is written as: what begins its line and chooses its colour, the way there, the run itself."""
_SAMPLE = 7_000
"""Pixels that the palette is made from: of all 360,000 of a large picture it is hardly better, and takes 0.4 s."""
_SETTLED = 100
"""The palette is improved until fewer of these pixels change their colour. Until none does takes half as long again."""
_UNSEEN = np.uint8(1)
"""A difference of so much, 0–255, from a colour of the palette is not made up for in the neighbourhood.

Nobody sees it, and flat parts stay flat: 3 % fewer bytes than plain Floyd–Steinberg for the same look from afar, and
a mean SSIM of 0.964 instead of 0.950.
"""
_ALIKE = np.uint8(3)
"""A pixel takes the colour of the one before it or above it where that is no further away than so much in red, green
and blue: runs get longer and sixels fewer. Where many colours are near each other, that is a fifth of the bytes; from
4 on, smooth parts get streaks.
"""
_SIGNS = np.uint32(1 << 28 | 1 << 18 | 1 << 8)
"""One bit above each of red, green and blue, where they have 10 bits each in one number."""
_FLAT = 100
"""A colour that at least one pixel in so many has is in the palette as it is, and its pixels are not dithered: writing
and its ground. That takes a third to half of the bytes of a screenshot.
"""
_FLAT_PART = 16
"""Such colours are at most the palette's so-manieth part."""
_RARE = 1500
"""A colour that fewer than one pixel in so many of a row has costs more bytes there than it is worth …"""
_NEAR = 3 * 6**2
"""… where another is near: the squared distance, in percent."""


class Palette(NamedTuple):
    """The colours of a picture."""

    percent: Numbers
    """Red, green and blue of each in percent, as sixel has them."""
    flat: Bytes
    """The colours of large parts, red, green and blue from 0 to 255; the palette has them unchanged."""


def palette_of(picture: Image.Image, colours: int) -> Palette:
    """A palette of at most `colours` colours for an RGB picture, or for a smaller copy of it. Takes 11 ms."""
    sample = _sample(picture)
    flat = _flat_colours(sample, colours // _FLAT_PART)
    return Palette(_percentages(sample, flat, colours), flat)


def rows_of(
    picture: Image.Image, columns: int, rows: int, cell: tuple[int, int], palette: Palette
) -> tuple[bytes, ...]:
    """The sequences of an RGB picture of exactly `columns`×`rows` cells of `cell` (width, height) pixels."""
    percent, flat = palette
    indices = _steadied(_dithered(picture, percent, cell[1]), picture, percent, cell[1])
    distances = np.square(percent[:, None] - percent).sum(2)
    definitions = [b"#%d;2;%d;%d;%d" % (number, *colour) for number, colour in enumerate(percent.tolist())]
    sequences = []
    for top in range(0, rows * cell[1], cell[1]):
        pixels = np.asarray(picture.crop((0, top, picture.width, top + cell[1])))
        strip = _evened(indices[top : top + cell[1]], pixels, flat, percent)
        sequences.append(_sequence(_without_rare(strip, distances), definitions))
    return tuple(sequences)


def _sample(picture: Image.Image) -> Bytes:
    """Some pixels as they are, one a line: means of several would be colours that the picture does not have."""
    step = max(int((picture.width * picture.height / _SAMPLE) ** 0.5), 1)
    size = max(picture.width // step, 1), max(picture.height // step, 1)
    return np.asarray(picture.resize(size, Image.Resampling.NEAREST)).reshape(-1, 3)


def _packed(pixels: NDArray[np.integer]) -> NDArray[np.uint32]:
    """Each pixel's red, green and blue as one number."""
    return pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)


def _flat_colours(sample: Bytes, most: int) -> Bytes:
    """The colours that many pixels have, one a line, the most frequent first."""
    _, first, counts = np.unique(_packed(sample), return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return sample[first[order[counts[order] * _FLAT >= len(sample)]]]


def _percentages(sample: Bytes, flat: Bytes, colours: int) -> Numbers:
    """Red, green and blue of at most so many colours in percent, as sixel has them."""
    exact = flat.astype(np.intp)
    rest = sample[~np.isin(_packed(sample), _packed(exact))]
    if len(rest):
        found = Image.fromarray(rest[None]).quantize(
            colours - len(exact), Image.Quantize.MEDIANCUT, kmeans=_SETTLED
        )
        others = np.array(found.getpalette(), np.intp).reshape(-1, 3)[: colours - len(exact)]
        exact = np.concatenate([exact, others])
    return np.unique(_percent(exact), axis=0)


def _percent(colours: Numbers) -> Numbers:
    return (colours * 100 + 127) // 255


def _rgb(percent: Numbers) -> Bytes:
    """The colours as a terminal shows them, 0–255."""
    return ((percent * 255 + 50) // 100).astype(np.uint8)


def _dithered(picture: Image.Image, percent: Numbers, lines: int) -> Bytes:
    """The number of each pixel's colour. Memory for 24-bit intermediates is needed for `lines` lines at a time only."""
    # Filled up to 256 colours, or Pillow does it with colours of its own.
    colours = _rgb(np.concatenate([percent, np.repeat(percent[-1:], 256 - len(percent), axis=0)]))
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.tobytes())
    nearest = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    wanted = np.array(nearest.convert("RGB"))
    pixels = np.asarray(picture)
    for top in range(0, len(wanted), lines):
        there, part = wanted[top : top + lines], pixels[top : top + lines]
        np.minimum(there, np.minimum(part, 255 - _UNSEEN) + _UNSEEN, out=there)
        np.maximum(there, np.maximum(part, _UNSEEN) - _UNSEEN, out=there)
    dithered = Image.fromarray(wanted).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    indices: Bytes = np.minimum(np.asarray(dithered), np.uint8(len(percent) - 1))
    return indices


def _steadied(indices: Bytes, picture: Image.Image, percent: Numbers, cell_height: int) -> Bytes:
    """The numbers of the colours with fewer changes, along the lines and down each band."""
    numbers, (lowest, highest) = _fields(_rgb(percent)) | _SIGNS, _bounds(np.asarray(picture))
    across = np.ascontiguousarray(indices.T)
    turned = np.ascontiguousarray(lowest.T), np.ascontiguousarray(highest.T)
    _follow(across, *turned, numbers, range(1, len(across)))
    down = np.ascontiguousarray(across.T)
    depths = np.arange(len(down)) % cell_height % BAND
    _follow(down, lowest, highest, numbers, (np.flatnonzero(depths == depth) for depth in range(1, BAND)))
    return down


def _follow(
    indices: Bytes,
    lowest: NDArray[np.uint32],
    highest: NDArray[np.uint32],
    numbers: NDArray[np.uint32],
    lines: Iterable[int | Numbers],
) -> None:
    """Let each of these lines have the colours of the line before, where they are near enough.

    `lowest` and `highest` are the bounds for each pixel, and `numbers` the palette's colours, each with all signs set.
    """
    for at in lines:
        before = indices[at - 1]
        there = numbers.take(before)
        signs = there - lowest[at]
        signs &= highest[at] - there
        signs &= _SIGNS
        indices[at] = np.where(signs == _SIGNS, before, indices[at])


def _bounds(pixels: Bytes) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The lowest and the highest red, green and blue that a colour near to each pixel has, in one number each.

    Where a colour is within them, the differences from both, as `_follow` takes them, have all signs set.
    """
    lowest = _fields(np.maximum(pixels, _ALIKE) - _ALIKE)
    return lowest, _fields(np.minimum(pixels, 255 - _ALIKE) + _ALIKE) + np.uint32(2 * _SIGNS)


def _fields(colours: Bytes) -> NDArray[np.uint32]:
    """Red, green and blue in one number, 10 bits each."""
    packed = colours[..., 0].astype(np.uint32)
    for channel in (1, 2):
        packed <<= 10
        packed |= colours[..., channel]
    return packed


def _evened(indices: Bytes, pixels: Bytes, flat: Bytes, percent: Numbers) -> Bytes:
    """A row of cells in which all pixels of the flat colours have just that colour of the palette."""
    if len(flat) == 0:
        return indices
    evened, packed = indices.copy(), _packed(pixels)
    numbers = np.square(_percent(flat.astype(np.intp))[:, None] - percent).sum(2).argmin(1)
    for colour, number in zip(_packed(flat), numbers, strict=True):
        evened[packed == colour] = number
    return evened


def _without_rare(indices: Bytes, distances: Numbers) -> Bytes:
    """A row of cells without the colours that hardly any of its pixels has, where there are others near them."""
    counts = np.bincount(indices.ravel(), minlength=len(distances))
    is_kept = counts * _RARE >= indices.size
    rare = np.flatnonzero((counts > 0) & ~is_kept)
    kept = np.flatnonzero(is_kept)
    if not len(rare):
        return indices
    found = distances[np.ix_(rare, kept)]
    best = found.argmin(1)
    is_near = found[np.arange(len(rare)), best] <= _NEAR
    others = np.arange(len(distances), dtype=np.uint8)
    others[rare[is_near]] = kept[best[is_near]]
    return others.take(indices)


def _sequence(indices: Bytes, definitions: Sequence[bytes]) -> bytes:
    """The sequence that draws one row of cells; `definitions` are those of all colours."""
    height, width = indices.shape
    used = np.flatnonzero(np.bincount(indices.ravel(), minlength=len(definitions)))
    registers = b"".join([definitions[number] for number in used.tolist()])
    return sixel_start(width, height) + registers + _bands(indices, used) + SIXEL_END


def _bands(indices: Bytes, used: Numbers) -> bytes:
    """The pixels, as a terminal takes them once the `used` registers are set."""
    width = indices.shape[1]
    places, sixels = _sixels(indices, used)
    lines, columns = np.divmod(places, width)
    first = np.flatnonzero(
        _changes(lines, 0) | _changes(sixels, 0) | _changes(columns, 1)
    )  # of each run of equal ones
    lengths = np.diff(first, append=len(places))
    sixels, lines, columns = sixels[first], lines[first], columns[first]
    is_first = _changes(lines, 0)  # of its line
    gaps = columns - np.where(is_first, 0, np.concatenate([[0], (columns + lengths)[:-1]]))
    # A record for each run; zeros are left out at last.
    text = np.zeros(len(first), _RUN)
    starts = np.flatnonzero(is_first)
    bands, colours = np.divmod(lines[starts], len(used))
    text["line"][starts] = np.where(_changes(bands, 0), ord("-"), ord("$"))
    text["line"][0] = 0
    text["choice"][starts] = _choices()[used[colours]]
    runs = _runs(width)
    text["gap"] = runs[0].take(gaps)
    text["sixels"] = runs.take(sixels.astype(np.intp) * (width + 1) + lengths)
    return text.tobytes().translate(None, b"\0")


def _sixels(indices: Bytes, used: Numbers) -> tuple[Numbers, Bytes]:
    """Where sixels are that have pixels, in the order in which they are drawn, and the bits of their pixels.

    A place is (band · number of colours + colour) · width + column; band and colour together are a line.
    """
    height, width = indices.shape
    y, x = np.arange(height)[:, None], np.arange(width)
    of_colour = np.zeros(256, np.uint32)
    of_colour[used] = np.arange(len(used)) * width
    pixels = of_colour.take(indices) + ((y // BAND * len(used) * width) + x).astype(np.uint32)
    pixels = (pixels << 3 | (y % BAND).astype(np.uint32)).ravel()
    pixels.sort()
    places = pixels >> 3
    first = np.flatnonzero(_changes(places, 0))
    bits = np.left_shift(1, pixels & 7, dtype=np.uint8, casting="unsafe")
    return places[first].astype(np.intp), np.bitwise_or.reduceat(bits, first)


def _changes(values: NDArray[np.integer], step: int) -> NDArray[np.bool_]:
    """Whether each value is not the one before it plus `step`; the first has none before it."""
    changes = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1] + step if step else values[:-1], out=changes[1:])
    return changes


@lru_cache(maxsize=2)
def _runs(width: int) -> NDArray[np.void]:
    """How a sixel (0–63) is written 0, 1, 2, … times, up to `width`, each filled up with zeros: 64×(width+1)."""
    texts = [b"?" * n if n < _SHORTEST_REPEAT else b"!%d?" % n for n in range(width + 1)]
    empty = np.array(texts, f"S{_RUN_BYTES}").view(np.uint8).reshape(1, -1, _RUN_BYTES)
    sixels = np.arange(64, dtype=np.uint8)[:, None, None] + np.uint8(_EMPTY)
    return np.where(empty == _EMPTY, sixels, empty).view(f"V{_RUN_BYTES}")[..., 0]


@cache
def _choices() -> NDArray[np.void]:
    """How colour 0, 1, 2, … is chosen, filled up with zeros."""
    texts = [b"#%d" % number for number in range(256)]
    return np.array(texts, f"S{_CHOICE_BYTES}").view(f"V{_CHOICE_BYTES}")

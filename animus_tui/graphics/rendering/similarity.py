"""Glyphs and colours by structural similarity (SSIM) rather than by squared error. Runs in the decoding process only.

SSIM (Wang and others, IEEE Transactions on Image Processing 13(4), 2004) compares the lightness of two pictures in
windows, weighed by a Gaussian. With the window's means, variances and covariance of the picture x and the cells y
it is l·(2·cov + C2)/(var x + var y + C2), where l is near 1 unless the means differ. What matters is the structure
within a window, and windows lie across the borders of cells: an edge that is not in the picture costs as much as
one that is missing, and most where the picture is flat.

In a cell, y = back + step·mask. Means, var y + mean² and covariance + means are then polynomials of `back` and
`step`, whose coefficients are sums over masks that are known beforehand, plus what the neighbours add. A quotient
N/D is largest where N − (N/D)·D is (Dinkelbach, Management Science 13(7), 1967). With N/D and D as they are now,
that is a quadratic function of `back` and `step`: the best of both, and the gain, follow for all glyphs of all cells
from a few products of matrices. Cells are improved all at once, each as if the others stayed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Indices = NDArray[np.intp]

ACROSS, DOWN = 8, 16
"""Pixels of a cell."""
LUMA = np.array((0.299, 0.587, 0.114), np.float32)
"""Of red, green and blue (ITU-R BT.601)."""
_GREY = np.float32(128)
"""Is subtracted from all lightness: small numbers have more decimals."""

_C1, _C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
_REACH, _DEVIATION = 5, 1.5
"""Of a window, in pixels. These four are those of the authors of SSIM."""

# The figures below: mean SSIM with wedges, 60×30 / 40×20 cells, of the fixed pictures of tests/bench/bench_mosaic.py,
# where least squares with some contrast give 0.7906 / 0.7591 and all of this 0.8061 / 0.7768.
_APART = 4
"""Pixels from a window to the next one that is looked at. 2 give 0.8065 / 0.7772 and take three times as long."""
_CENTRES_DOWN, _CENTRES_ACROSS = range(-3, DOWN + _REACH - 1, _APART), range(-2, ACROSS + _REACH - 1, _APART)
"""Of the windows that a cell has a part in, in pixels from its upper left one."""
_WINDOWS_DOWN, _WINDOWS_ACROSS = DOWN // _APART, ACROSS // _APART
"""For each cell; the others that it has a part in are also those of its neighbours."""

_ROUNDS, _POLISHES = 2, 2
"""Choices of glyph and colours, then of colours alone. 1 and 2 give 0.8056 / 0.7760, 4 and 4 0.8066 / 0.7773."""
_LEAST_WEIGHT = np.float32(0.2)
"""Of a window whose SSIM is less or negative; above 0 it keeps the function concave."""
_MOST_STEP = np.float32(2)
"""The step in lightness is at most so many times that of least squares. 1.3 gives 0.8046 / 0.7750, 99 no more."""
_MOST_SHIFT = np.float32(16)
"""Levels by which the mean lightness of a cell may differ from the picture's, and no more than its pixels differ.

0 gives 0.8002 / 0.7700, 99 0.8063 / 0.7769.
"""
_COLOUR = np.float32(0.1)
"""Weight of the colours that a glyph leaves unexplained: SSIM sees no edge between colours that are equally light.

0 gives 0.8068 / 0.7772, and picks a faint edge in lightness before a strong one in colour.
"""


class Shapes(NamedTuple):
    """Of all glyphs what is known beforehand."""

    masks: Floats
    """The part of each pixel that is filled: glyphs×(DOWN·ACROSS)."""
    filled: Floats
    """The mean of it."""
    seen: Floats
    """What windows see of the masks: windows×glyphs."""
    squares_seen: Floats
    """Of the squared masks."""


class LeastSquares(NamedTuple):
    """What least squares say of each cell."""

    glyphs: Indices
    """That leave the least error."""
    mean: Floats
    """Lightness."""
    steps: Floats
    """From background to foreground in lightness: glyphs×cells."""
    unexplained: Floats
    """The part of a cell's colours that the glyph does not explain, 0 to 1: glyphs×cells."""


class Look(NamedTuple):
    """Of each cell the glyph, and the lightness of its two colours."""

    glyphs: Indices
    back: Floats
    step: Floats
    """From the background to the foreground."""
    products: Floats
    """What windows see of the products of pixels and mask: windows×cells."""


class _Sums(NamedTuple):
    """What windows see of y, y² and x·y; windows×cells."""

    mean: Floats
    square: Floats
    product: Floats


class _Function(NamedTuple):
    """The quadratic function of step and background, for the best background of each step.

    Of each cell: for all glyphs, glyphs×cells, or for one.
    """

    back: Floats
    """With a step of 0, whatever the glyph."""
    slope: Floats
    """What the background loses with the step."""
    pull: Floats
    """The linear term."""
    curve: Floats
    """The square term, times −2."""


class _Judged(NamedTuple):
    """Windows of cells that look as they do: windows×cells, and the sum over windows."""

    similarity: Floats
    """Without the term of the means."""
    inverse: Floats
    """1/(var x + var y + C2)."""
    total: Floats


def shapes(masks: Floats) -> Shapes:
    """What is known of the glyphs beforehand."""
    seen = _weights().T
    return Shapes(masks, masks.mean(1), seen @ masks.T, seen @ np.square(masks).T)


def improved(light: Floats, rows: int, known: Shapes, least: LeastSquares) -> Look:
    """From least squares to more similarity. `light`: the cells' lightness, cells×(DOWN·ACROSS), row by row."""
    band = _Band(light - _GREY, rows, known, least)
    look = band.first()
    for _ in range(_ROUNDS):
        look = band.chosen(look)
    for _ in range(_POLISHES):
        look = band.polished(look)
    return look._replace(back=look.back + _GREY)


@cache
def _weights() -> Floats:
    """Of a cell's pixels in the windows that it has a part in: (DOWN·ACROSS)×windows."""

    def along(centres: range, pixels: int) -> NDArray[np.float64]:
        distances = np.arange(pixels)[:, None] - np.array(centres)
        bell = np.exp(-np.square(distances / _DEVIATION) / 2)
        whole = np.exp(-np.square(np.arange(-_REACH, _REACH + 1) / _DEVIATION) / 2).sum()
        return np.where(np.abs(distances) <= _REACH, bell / whole, 0)

    down, across = along(_CENTRES_DOWN, DOWN), along(_CENTRES_ACROSS, ACROSS)
    weights = np.einsum("yv,xw->yxvw", down, across).reshape(DOWN * ACROSS, -1)
    return np.asarray(weights, np.float32)


class _Band:
    """Rows of cells that are improved together."""

    def __init__(self, light: Floats, rows: int, known: Shapes, least: LeastSquares) -> None:
        self._light, self._rows, self._known, self._least = light, rows, known, least
        self._each = np.arange(len(light))
        self._middle = least.mean - _GREY
        square = np.einsum("cp,cp->c", light, light) / (DOWN * ACROSS)
        deviation = np.sqrt((square - np.square(self._middle)).clip(0))
        self._most_shift = np.minimum(deviation, _MOST_SHIFT)  # none in a plain cell, whatever lies beside it
        self._weights = _weights()
        self._own = self._weights.sum(0)[:, None]  # what a cell has of the windows' weight
        self._seen = self._seen_of(light)
        self._mean = self._all_seen(self._seen)
        self._variance = self._all_seen(self._seen_of(np.square(light))) - np.square(self._mean) + _C2
        # l is about 1 − (mean x − mean y)²/(mean x² + mean y² + C1).
        self._care: Floats = np.reciprocal(2 * np.square(self._mean + _GREY) + _C1)
        self._penalty = least.unexplained * np.float32(_COLOUR * len(self._own))

    def first(self) -> Look:
        """That of least squares."""
        glyphs = self._least.glyphs
        step = self._least.steps[glyphs, self._each]
        return Look(glyphs, self._middle - step * self._known.filled[glyphs], step, self._products(glyphs))

    def chosen(self, look: Look) -> Look:
        """The glyphs and colours that are best as long as the neighbours stay."""
        around, now = self._seen_now(look)
        function = self._function_of_all(around, now)
        gain = np.square(function.pull)
        gain /= 2 * function.curve
        gain -= self._penalty
        gain[look.glyphs, self._each] = -np.inf
        others = gain.argmax(0)
        same, before = self._tried(look.glyphs, look.products, function, around)
        other, after = self._tried(others, self._products(others), function, around)
        is_better = after > before
        return Look(
            np.where(is_better, other.glyphs, same.glyphs),
            np.where(is_better, other.back, same.back),
            np.where(is_better, other.step, same.step),
            np.where(is_better, other.products, same.products),
        )

    def _tried(
        self, glyphs: Indices, products: Floats, function: _Function, around: _Sums
    ) -> tuple[Look, Floats]:
        """The glyphs in their best colours, and what that is worth: the function is right in one point only."""
        at = glyphs, self._each
        terms = _Function(function.back, function.slope[at], function.pull[at], function.curve[at])
        look = self._limited(glyphs, products, terms)
        total = self._judged(_Sums(*map(np.add, around, self._share(look)))).total
        return look, total - self._penalty[at]

    def polished(self, look: Look) -> Look:
        """The same glyphs in the colours that are best as long as the neighbours stay."""
        around, now = self._seen_now(look)
        return self._limited(look.glyphs, look.products, self._function_of(look, around, now))

    def _seen_of(self, pixels: Floats) -> Floats:
        """What windows see of a cell's pixels: windows×cells."""
        return self._weights.T @ pixels.T

    def _all_seen(self, own: Floats) -> Floats:
        """What windows see of all cells, from what they see of each; nothing (grey) lies around the band."""
        rows, columns = self._rows, own.shape[1] // self._rows
        parts = own.reshape(len(_CENTRES_DOWN), len(_CENTRES_ACROSS), rows, columns)
        # Windows by the cell that they are the first ones of.
        whole = np.zeros((_WINDOWS_DOWN, _WINDOWS_ACROSS, rows + 1, columns + 1), np.float32)

        def places(part: Floats, below: int, right: int) -> Floats:
            return whole[: part.shape[0], : part.shape[1], below : below + rows, right : right + columns]

        for part, below, right in _pieces(parts):
            places(part, below, right)[...] += part
        seen = np.empty_like(parts)
        for part, below, right in _pieces(seen):
            part[...] = places(part, below, right)
        return seen.reshape(own.shape)

    def _seen_now(self, look: Look) -> tuple[_Sums, _Judged]:
        """What windows see of the neighbours, and how similar all is."""
        share = self._share(look)
        whole = _Sums(*map(self._all_seen, share))
        return _Sums(*map(np.subtract, whole, share)), self._judged(whole)

    def _products(self, glyphs: Indices) -> Floats:
        return self._seen_of(self._light * self._known.masks[glyphs])

    def _share(self, look: Look) -> _Sums:
        """What windows see of each cell."""
        seen = self._known.seen[:, look.glyphs]
        square = np.square(look.back) * self._own
        square += (2 * look.back * look.step) * seen
        square += np.square(look.step) * self._known.squares_seen[:, look.glyphs]
        return _Sums(
            look.back * self._own + look.step * seen,
            square,
            look.back * self._seen + look.step * look.products,
        )

    def _judged(self, sums: _Sums) -> _Judged:
        inverse: Floats = np.reciprocal(self._variance + sums.square - np.square(sums.mean))
        similarity: Floats = (2 * (sums.product - self._mean * sums.mean) + _C2) * inverse
        total: Floats = similarity * (1 - np.square(self._mean - sums.mean) * self._care)
        return _Judged(similarity, inverse, total.sum(0))

    def _function_of(self, look: Look, around: _Sums, now: _Judged) -> _Function:
        """Of each cell for its glyph."""
        weight, less, push, mixed = self._terms(around, now)
        seen = self._known.seen[:, look.glyphs]
        pull = (now.inverse * look.products + push * seen).sum(0)
        curve = (weight * self._known.squares_seen[:, look.glyphs] + less * np.square(seen)).sum(0)
        return self._without_back(now, push, mixed, pull, (mixed * seen).sum(0), curve)

    def _function_of_all(self, around: _Sums, now: _Judged) -> _Function:
        """Of each cell for all glyphs."""
        known = self._known
        weight, less, push, mixed = self._terms(around, now)
        # Row by row of the cells, as the memory is.
        pull = (self._light * (now.inverse.T @ self._weights.T)) @ known.masks.T + push.T @ known.seen
        slope = mixed.T @ known.seen
        curve = weight.T @ known.squares_seen + less.T @ np.square(known.seen)
        return self._without_back(now, push, mixed, pull.T, slope.T, curve.T)

    def _terms(self, around: _Sums, now: _Judged) -> tuple[Floats, Floats, Floats, Floats]:
        """Of the windows the weights of the squares seen, of what is seen squared, of what is seen, of back·step."""
        weight: Floats = now.similarity.clip(_LEAST_WEIGHT, 1) * now.inverse
        less: Floats = self._care - weight
        push: Floats = (
            weight * around.mean + self._care * (self._mean - around.mean) - now.inverse * self._mean
        )
        mixed: Floats = less * self._own + weight
        return weight, less, push, mixed

    def _without_back(
        self, now: _Judged, push: Floats, mixed: Floats, pull: Floats, slope: Floats, curve: Floats
    ) -> _Function:
        """The function of step and background with the best background of each step."""
        linear = (now.inverse * self._seen + push * self._own).sum(0)
        square = (mixed * self._own).sum(0)
        back = linear / square
        pull -= slope * back
        curve -= np.square(slope) / square
        slope /= square
        return _Function(back, slope, pull, curve)

    def _limited(self, glyphs: Indices, products: Floats, function: _Function) -> Look:
        """The best steps and backgrounds that are not too far from those of least squares."""
        most = _MOST_STEP * np.abs(self._least.steps[glyphs, self._each])
        steps = (function.pull / function.curve).clip(-most, most)
        part = steps * self._known.filled[glyphs]
        mean = function.back - function.slope * steps + part
        shift = (mean - self._middle).clip(-self._most_shift, self._most_shift)
        return Look(glyphs, self._middle + shift - part, steps, products)


def _pieces(windows: Floats) -> Iterator[tuple[Floats, int, int]]:
    """Windows of a cell by the cell that they are the first ones of: how far below and to the right it is."""
    for below, down in enumerate((slice(_WINDOWS_DOWN), slice(_WINDOWS_DOWN, None))):
        for right, across in enumerate((slice(_WINDOWS_ACROSS), slice(_WINDOWS_ACROSS, None))):
            yield windows[down, across], below, right

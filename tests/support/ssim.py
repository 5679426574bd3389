"""How alike two pictures are: structural similarity.

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity",
IEEE Transactions on Image Processing 13(4), 2004: on luma, in windows weighed by a Gaussian of 11×11 pixels and
a standard deviation of 1.5, with K1 = 0.01 and K2 = 0.03; the mean over all windows that lie within the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REACH, _DEVIATION = 5, 1.5
_WEIGHTS = np.exp(-((np.arange(-_REACH, _REACH + 1) / _DEVIATION) ** 2) / 2)
_WEIGHTS /= _WEIGHTS.sum()
_LUMA = np.array((0.299, 0.587, 0.114))  # ITU-R BT.601
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Of two RGB pictures of one size, rows×columns×3 and at least 11×11 pixels: 1 for equal ones."""
    x, y = one @ _LUMA, other @ _LUMA
    mean_x, mean_y = _blurred(x), _blurred(y)
    variances = _blurred(x * x) - mean_x**2 + _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    alike = (2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)
    return float((alike / ((mean_x**2 + mean_y**2 + _C1) * (variances + _C2))).mean())


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(2):  # down, then across
        length = plane.shape[0] - 2 * _REACH
        plane = sum(
            (weight * plane[at : at + length] for at, weight in enumerate(_WEIGHTS)), start=np.zeros(1)
        ).T
    return plane

"""Whether an id is certainly new, without looking through all ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

BITS = 16
"""For each id: then one in sixteen new ids is taken for one that may be known."""
SMALLEST = 1024
"""Ids that there is room for at least."""


class IdFilter:
    """Bits at places that the hashes of the ids tell; two bytes an id. Nothing is ever taken out."""

    def __init__(self, hashes: Collection[int]) -> None:
        # A power of two, so that the last bits of a hash are a place.
        size = 1 << (max(SMALLEST, len(hashes)) * BITS - 1).bit_length()
        self._last = size - 1
        self._bits = bytearray(size // 8)
        for each in hashes:
            self.add(each)

    def add(self, value: int) -> None:
        """An id with this hash is known from now on."""
        place = value & self._last
        self._bits[place >> 3] |= 1 << (place & 7)

    def may_have(self, value: int) -> bool:
        """False when no id has this hash."""
        place = value & self._last
        return bool(self._bits[place >> 3] & 1 << (place & 7))

"""The rows of an entry of which a part is made only when it is painted."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = TypeVar("Row")

WEIGHT = 500
"""What the part that is made when it is painted weighs: its strips."""


class LongRows(MutableSequence[Row]):
    """Rows that are there, then `count` rows that are made one by one, then rows that are added."""

    def __init__(self, above: Sequence[Row], count: int, make: Callable[[int], Row]) -> None:
        """`make` makes one of the `count` rows, counted from 0."""
        self._above, self._count, self._make = above, count, make
        self._below: list[Row] = []

    def __len__(self) -> int:
        return len(self._above) + self._count + len(self._below)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> MutableSequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | MutableSequence[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index] - len(self._above)
        if at < 0:
            return self._above[at]
        return self._make(at) if at < self._count else self._below[at - self._count]

    @overload
    def __setitem__(self, index: int, value: Row) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Row]) -> None: ...
    def __setitem__(self, index: int | slice, value: Row | Iterable[Row]) -> None:
        raise TypeError("Rows are only added at the end.")

    def __delitem__(self, index: int | slice) -> None:
        raise TypeError("Rows are only added at the end.")

    def insert(self, index: int, value: Row) -> None:
        """Add a row at the end."""
        if index != len(self):
            raise TypeError("Rows are only added at the end.")
        self._below.append(value)

"""Rows of figures, each beside its reference, and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Comparison = Literal["times", "more", "alone"]
"""How a figure is held against its reference: divided by it, reduced by it, or not at all."""
MARKS = {"times": "×", "more": " more", "alone": ""}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. Every figure has one value a round."""

    what: str
    unit: str
    values: Sequence[float]
    versus: str = ""
    references: Sequence[float] = ()
    comparison: Comparison = "alone"
    bar: float | None = None

    def result(self, middle: str) -> float | None:
        """What is held against the bar; `middle` is "median" or "min"."""
        if not self.values or (self.comparison != "alone" and not self.references):
            return None
        value = _of(self.values, middle)
        match self.comparison:
            case "times":
                return value / max(_of(self.references, middle), 1e-9)
            case "more":
                return value - _of(self.references, middle)
            case _:
                return value


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def table(rows: Sequence[Row]) -> str:
    """The rows in columns; each figure is the median of the rounds, and behind it the least of them."""
    heads = ("what", "measured", "reference", "", "result", "bar", "met")
    lines = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([texts[0], "─" * max(map(len, texts)), *texts[1:]]) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    result, least = row.result("median"), row.result("min")
    mark = MARKS[row.comparison] if row.comparison == "times" else f" {row.unit}{MARKS[row.comparison]}"
    shown = row.comparison != "alone" and result is not None and least is not None
    return (
        row.what,
        _figures(row.values, row.unit),
        _figures(row.references, row.unit),
        row.versus,
        f"{result:.2f} ({least:.2f}){mark}" if shown else "",
        "" if row.bar is None else f"≤ {row.bar:g}{mark}",
        "" if row.bar is None else "no figure" if result is None else "yes" if result <= row.bar else "NO",
    )


def _figures(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    return f"{_of(values, 'median'):.1f} ({_of(values, 'min'):.1f}) {unit}"


def _of(values: Sequence[float], middle: str) -> float:
    return statistics.median(values) if middle == "median" else min(values)

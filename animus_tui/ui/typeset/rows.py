"""What typesetting yields: rows to paint, and the text that they show, for copying and finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.segment import Segment


class Piece(NamedTuple):
    """A stretch of a line of text on one row."""

    x: int
    """Cell where it begins."""
    line: int
    """Index into `SetText.lines`."""
    start: int
    """Characters `start` to `end` of that line stand here."""
    end: int


class Row(NamedTuple):
    """One row of cells, not filled up to the right."""

    segments: tuple[Segment, ...]
    cells: int
    """Its width."""
    pieces: tuple[Piece, ...] = ()
    """From left to right; none on a row without text, such as a rule."""


class Link(NamedTuple):
    """An address that can be opened, and where its words stand."""

    href: str
    line: int
    start: int
    end: int


@dataclass(slots=True)
class SetText:
    """A text that was set at one width. Never changed once it is handed out."""

    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """The text without wraps and without marks of emphasis, a paragraph or a line of code each."""
    code: list[str] = field(default_factory=list)
    """The blocks of code, from the top, as they stand in the source."""
    links: list[Link] = field(default_factory=list)
    """From the top."""

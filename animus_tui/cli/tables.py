"""Tables on a terminal. rich takes 45 ms to import: this module is for whoever prints one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def print_table(rows: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print rows: the style of the first text, in rich's words, and the texts, of which none is markup."""
    table = Table.grid(padding=(0, 2))
    for style, (first, *others) in rows:
        table.add_row(Text(first, style), *(Text(text, overflow="fold") for text in others))
    Console().print(table)

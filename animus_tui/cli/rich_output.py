"""Tables and progress bars on a terminal. rich takes 45 ms to import: a pipe needs nothing of this module."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def print_table(rows: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Print rows: the style of the first text, in rich's words, and the texts, of which none is markup."""
    table = Table.grid(padding=(0, 2))
    for style, (first, *others) in rows:
        table.add_row(Text(first, style), *(Text(text, overflow="fold") for text in others))
    Console().print(table)


@contextmanager
def shown_bars() -> Iterator[Progress]:
    """Progress bars on standard error, each with a description and a field `time`; they go with the `with` block."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[time]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bars:
        console.show_cursor(True)  # whoever ends the process hard shall not be left without one
        yield bars

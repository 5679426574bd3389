"""`image --info`: what a saved picture tells of how it was made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from animus_tui.chat.images.options import WIRE_NAMES
from animus_tui.chat.images.saving import read_metadata
from animus_tui.cli.output import DONE, say, say_json
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from animus_tui.chat.images.saving import ImageMetadata


def tell(path: Path, *, as_json: bool) -> int:
    """Print a table on a terminal, a line a fact in a pipe, or one JSON object. UserError when it tells nothing."""
    facts = read_metadata(path)
    if as_json:
        say_json(msgspec.json.encode(facts).decode())
        return DONE
    rows = [
        (printable(name, newlines=False), printable(value, newlines=False)) for name, value in _rows(facts)
    ]
    if sys.stdout is not None and sys.stdout.isatty():
        _print_table(rows)
    else:
        for name, value in rows:
            say(f"{name}: {value}")
    return DONE


def _rows(facts: ImageMetadata) -> Iterator[tuple[str, str]]:
    """Name and value of what is known, settings by the names of their options."""
    names, known_size = {wire: name for name, wire in WIRE_NAMES.items()}, ("width", "height")
    yield "prompt", facts.prompt
    if facts.source:
        yield "changed from", facts.source
    if facts.seed is not None:
        yield "seed", str(facts.seed)
    if facts.model:
        yield "model", facts.model
    if facts.width and facts.height:
        yield "size", f"{facts.width}×{facts.height} pixels"
    for name, value in facts.settings.items():
        if name in known_size and facts.width and facts.height:
            continue
        words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield names.get(name, name).replace("_", " "), words
    if facts.created:
        yield "made", facts.created


def _print_table(rows: list[tuple[str, str]]) -> None:
    # 45 ms, and a pipe needs nothing of it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    Console().print(table)

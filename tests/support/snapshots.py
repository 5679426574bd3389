"""Snapshots of a screen: its text and, below it, where each style begins. `UPDATE_LOOKS=1` writes them anew."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.screen import strips_of

if TYPE_CHECKING:
    from rich.style import Style
    from textual.app import App

PAGE = """## What the harbour needs

The tide **turns** at *six*, see [the tables](https://example.com/tides) or run `tide --today`:

1. Ropes
   - two long ones
   - one ~~short~~ spare
2. A lantern

| Wind | 風 | Knots |
|:-----|:--:|------:|
| Breeze | 微風 | 8 |
| Gale, from the north-west and for the whole of the night | 大風 | 38 |

```python
def drift(knots: float) -> str:  # how far, in words
    return "far" if knots > 30 else "not far"
```

> 海は広いな、大きいな。 The sea is wide, the sea is great."""
"""Most of what Markdown can do, in three scripts."""
FOLDER = Path(__file__).parents[1] / "ui" / "snapshots"


def look_of(app: App[Any], *, columns: int | None = None) -> str:
    """The screen as lines of text, then each line's styles as `cells×style`; only the first columns, when told so."""
    rows = [row if columns is None else row.crop(0, columns) for row in strips_of(app)]
    text = ["".join(segment.text for segment in row).rstrip() for row in rows]
    styles = []
    for row in rows:
        runs = groupby(
            ((named(segment.style), segment.cell_length) for segment in row), key=lambda run: run[0]
        )
        styles.append("  ".join(f"{sum(cells for _, cells in group)}×{style}" for style, group in runs))
    return "\n".join([*text, "─" * 20, *styles]) + "\n"


def named(style: Style | None) -> str:
    """A style in a few characters: `b` bold, `i` italic, `u` underlined, `s` struck, then the colours."""
    if style is None:
        return "none"
    marks = "".join(
        mark
        for mark, is_on in zip(
            "biusr", (style.bold, style.italic, style.underline, style.strike, style.reverse), strict=True
        )
        if is_on
    )
    colours = "/".join(
        (colour.name or colour.get_truecolor().hex) if colour else "-"
        for colour in (style.color, style.bgcolor)
    )
    return f"{marks}{colours}"


def check_look(app: App[Any], name: str) -> None:
    """The screen looks as it did when somebody last looked at it."""
    file = FOLDER / f"{name}.txt"
    look = look_of(app)
    if os.environ.get("UPDATE_LOOKS"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(look, encoding="utf-8")
    assert look == file.read_text(encoding="utf-8"), (
        f"{name} looks different; UPDATE_LOOKS=1 keeps the new look"
    )

"""The text card: a picture in words, where the terminal can show no picture."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from animus_tui.printable import printable

MOST_LINES = 2
_LABEL = "[picture] "


def text_card(prompt: str, columns: int) -> tuple[str, ...]:
    """`[picture]` and the prompt on at most two lines, none wider than `columns` cells; `…` where it is cut."""
    columns = max(columns, 1)
    words = (_LABEL + printable(prompt, newlines=False)).split()
    lines: list[str] = []
    line = ""
    for at, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= columns:
            line = longer
        elif len(lines) < MOST_LINES - 1 and line:
            lines.append(line)
            line = word
        else:
            line = " ".join(filter(None, (line, *words[at:])))
            break
    return tuple(_cut(each, columns) for each in (*lines, line))


def _cut(line: str, columns: int) -> str:
    if cell_len(line) <= columns:
        return line
    return set_cell_size(line, columns - 1).rstrip() + "…"

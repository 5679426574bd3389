"""Tables: columns side by side where there is room, else each cell below the other with its column's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from rich.segment import Segment

from animus_tui.ui.markdown.cells import cells_of
from animus_tui.ui.markdown.styled_lines import LinkSpan, RowSpan, StyledLine, plain_line, strong, wrap_prose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.token import Token
    from rich.style import Style

    from animus_tui.ui.markdown.layout_buffer import LayoutBuffer

NARROWEST_COLUMN = 5
"""Cells that a column keeps for its longest word; with less, the table is stacked."""

LONGEST_WORD = 16
"""Cells up to which a word is kept whole where there is room."""

_GAP = 3  # a line between two columns, and a space on either side
_RULES = {"left": ":--", "center": ":-:", "right": "--:", "": "---"}


class _Cell(Struct, frozen=True):
    line: StyledLine
    row: int
    """Line of the text that holds the row."""
    offset: int
    """Where the cell begins in it."""


def layout_table(
    buffer: LayoutBuffer,
    tokens: Sequence[Token],
    start: int,
    end: int,
    styled: Callable[[str, Style], list[StyledLine]],
) -> None:
    """The rows and lines of a table."""
    buffer.begin_block()
    aligns, rows = _read(buffer, tokens[start:end], styled)
    placed = []
    for number, row in enumerate(rows):
        placed.append(_add_line(buffer, row))
        if not number:
            buffer.add_line("| " + " | ".join(_RULES[align] for align in aligns) + " |")
    widths = _widths(rows, buffer.room) if buffer.boxes else None
    if widths is None:
        _add_stacked(buffer, placed)
    else:
        _add_columns(buffer, placed, widths, aligns)


def _read(
    buffer: LayoutBuffer, tokens: Sequence[Token], styled: Callable[[str, Style], list[StyledLine]]
) -> tuple[list[str], list[list[StyledLine]]]:
    """The alignment of each column, and the cells of each row; the first row is the header."""
    aligns: list[str] = []
    rows: list[list[StyledLine]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            style = buffer.styles.text if token.type == "td_open" else strong(buffer.styles.text)
            content = tokens[at + 1].content
            lines = styled(content, style) if content else []
            rows[-1].append(lines[0] if lines else plain_line("", style))
            if len(rows) == 1:
                aligns.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
    return aligns, rows


def _add_line(buffer: LayoutBuffer, row: list[StyledLine]) -> list[_Cell]:
    """The line of a row, and its cells with where they stand in it."""
    text = "|"
    offsets: list[int] = []
    links: list[LinkSpan] = []
    for cell in row:
        text += " "
        offsets.append(len(text))
        links.extend(LinkSpan(link.href, len(text) + link.start, len(text) + link.end) for link in cell.links)
        text += cell.text + " |"
    index, before = buffer.add_line(text, links)
    return [_Cell(cell, index, before + offset) for cell, offset in zip(row, offsets, strict=True)]


def _widths(rows: list[list[StyledLine]], room: int) -> list[int] | None:
    """Cells for each column: what it needs, or a fair share of what there is; None where that is too little."""
    columns = [[cell.text for cell in column] for column in zip(*rows, strict=True)]
    needed = [max(max(map(cells_of, column)), 1) for column in columns]
    room -= _GAP * (len(needed) - 1)
    if sum(needed) <= room:
        return needed
    words = [
        max((cells_of(word) for text in column for word in text.split()), default=1) for column in columns
    ]
    for longest in (LONGEST_WORD, NARROWEST_COLUMN):
        least = [min(cells, longest) for cells in words]
        if sum(least) <= room:
            return _shared(needed, least, room)
    return None


def _shared(needed: list[int], least: list[int], room: int) -> list[int]:
    """Widths that together are `room`, each at least what it must be and no wider than what it needs."""
    widths = least.copy()
    room -= sum(least)
    order = sorted(range(len(needed)), key=lambda column: needed[column] - least[column])
    for left, column in enumerate(order):
        more = min(needed[column] - least[column], room // (len(order) - left))
        widths[column] += more
        room -= more
    return widths


def _add_columns(buffer: LayoutBuffer, rows: list[list[_Cell]], widths: list[int], aligns: list[str]) -> None:
    painted = [
        [wrap_prose(cell.line, width) for cell, width in zip(row, widths, strict=True)] for row in rows
    ]
    parted = any(len(spans) > 1 for row in painted[1:] for spans in row)
    style, total = buffer.styles.line, sum(widths) + _GAP * (len(widths) - 1)
    rule = Segment("─┼─".join("─" * width for width in widths), style)
    for number, (row, cells) in enumerate(zip(rows, painted, strict=True)):
        if number == 1 or (parted and number):
            buffer.add_row([rule], total, ())
        for at in range(max(1, *(len(spans) for spans in cells))):
            parts = [spans[at] if at < len(spans) else None for spans in cells]
            _add_row(buffer, row, parts, widths, aligns)
    if len(rows) == 1:
        buffer.add_row([rule], total, ())


def _add_row(
    buffer: LayoutBuffer, row: list[_Cell], parts: list[RowSpan | None], widths: list[int], aligns: list[str]
) -> None:
    """One row of cells of a table's row."""
    style, segments, pieces, x = buffer.styles.text, [], [], 0
    for column, (cell, part, width) in enumerate(zip(row, parts, widths, strict=True)):
        if column:
            segments += [Segment(" ", style), Segment("│", buffer.styles.line), Segment(" ", style)]
            x += _GAP
        free = width - (part.cells if part else 0)
        left = {"right": free, "center": free // 2}.get(aligns[column], 0)
        segments.append(Segment(" " * left, style))
        if part:
            segments += part.segments
            pieces.append((x + left, cell.row, cell.offset + part.start, cell.offset + part.end))
        segments.append(Segment(" " * (free - left), style))
        x += width
    buffer.add_row([segment for segment in segments if segment.text], x, pieces)


def _add_stacked(buffer: LayoutBuffer, rows: list[list[_Cell]]) -> None:
    """Each cell on rows of its own behind its column's name, a blank row between two rows of the table."""
    header, *body = rows
    for number, row in enumerate(body):
        # Empty cells are left out, but each name is painted once, so that it can be found and copied.
        cells = [(name, cell) for name, cell in zip(header, row, strict=True) if cell.line.text or not number]
        if cells and number:
            buffer.add_row([], 0, ())
        for name, cell in cells:
            _add_named(buffer, name, cell, named=number == 0)
    if not body:
        for name in header:
            buffer.add_spans(wrap_prose(name.line, buffer.room), name.row, name.offset)


def _add_named(buffer: LayoutBuffer, name: _Cell, cell: _Cell, *, named: bool) -> None:
    """A column's name and a value, side by side if there is room; only the first name is part of the text."""
    room = buffer.room
    names = wrap_prose(name.line, room)
    indent = min(2, room // NARROWEST_COLUMN)
    for at, (segments, cells, start, end) in enumerate(names):
        pieces = [(0, name.row, name.offset + start, name.offset + end)] if named else []
        last = at == len(names) - 1 and cells < room
        if last:
            segments, cells = [*segments, Segment(":", name.line.runs[-1].style)], cells + 1
            values = wrap_prose(cell.line, room)
            if len(values) == 1 and cells + 1 + values[0].cells <= room:
                value = values[0]
                pieces.append((cells + 1, cell.row, cell.offset + value.start, cell.offset + value.end))
                segments = [*segments, Segment(" ", buffer.styles.text), *value.segments]
                buffer.add_row(segments, cells + 1 + value.cells, pieces)
                return
        buffer.add_row(segments, cells, pieces)
    for segments, cells, start, end in wrap_prose(cell.line, room - indent):
        before = [Segment(" " * indent, buffer.styles.text)] if indent else []
        pieces = [(indent, cell.row, cell.offset + start, cell.offset + end)]
        buffer.add_row([*before, *segments], indent + cells, pieces)

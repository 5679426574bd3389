"""Layout of blocks of code and their colours; a lexer of Pygments is loaded when the first block names its language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style

from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable
from animus_tui.ui.markdown.cells import cells_of, shown
from animus_tui.ui.markdown.styled_lines import Run, StyledLine, chop_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from animus_tui.ui.markdown.layout_buffer import LayoutBuffer
    from animus_tui.ui.markdown.styled_lines import RowSpan
    from animus_tui.ui.markdown.text_layout import TextStyles


PART, LONGEST_PART = 200, 2000
"""Characters in the parts that are coloured on their own, so that a growing block is not coloured all again."""

_BORDER = late_pattern(r"\n[ \t]*\n(?=[^\s)}\]])")


class CodeSpan(Struct, frozen=True, gc=False):
    """Some code of one kind, without the garbage collector, since there are thousands."""

    end: int
    kind: str
    """A key of `TextStyles.tokens`, or nothing."""


def prepare(languages: Iterable[str]) -> None:
    """Load what colouring code in these languages needs; it takes its time, and is safe in a thread."""
    for language in languages:
        _coloured_part("x\n", language)


def coloured(code: Iterable[str], language: str, *, keep: bool = True) -> list[list[CodeSpan]]:
    """The tokens of each line of the `parts` of a code, their ends counted from the line's beginning.

    What is to be coloured again is kept, unless `keep` is False.
    """
    colour = _kept_part if keep else _coloured_part
    lines: list[list[CodeSpan]] = [[]]
    for part in code:
        first, *rest = colour(part, language if len(part) <= LONGEST_PART else "")
        lines[-1].extend(first)
        lines.extend(list(line) for line in rest)
    return lines


def parts(code: str) -> Iterator[str]:
    """The code parted at line breaks, before a line at the margin if one is near."""
    at = 0
    while len(code) - at > PART:
        border = _BORDER.search(code, at + PART, at + LONGEST_PART)
        if border is not None:
            end = border.end()
        elif len(code) - at <= LONGEST_PART:
            break
        else:
            end = code.rfind("\n", at, at + LONGEST_PART) + 1 or code.find("\n", at) + 1 or len(code)
        yield code[at:end]
        at = end
    yield code[at:]


def _coloured_part(code: str, language: str) -> list[list[CodeSpan]]:
    lines: list[list[CodeSpan]] = [[]]
    length = 0
    for kind, text in _stretches(code, language):
        first, *rest = text.split("\n")
        length += len(first)
        if first:
            lines[-1].append(CodeSpan(length, kind))
        for line in rest:
            lines.append([CodeSpan(len(line), kind)] if line else [])
            length = len(line)
    return lines


_kept_part = lru_cache(maxsize=256)(_coloured_part)


def _stretches(code: str, language: str) -> Iterable[tuple[str, str]]:
    if not language:
        return [("", code)]
    from animus_tui.markdown.code_tokens import stretches  # Pygments takes 30 ms, and most texts have no code

    return stretches(code, language)


CONTINUED = "›"
"""Beside the rows that go on with a line of code; never part of the text."""

_ROOM_FOR_MARGIN = 8
_LONGEST_LABEL = 20


def layout_code(buffer: LayoutBuffer, content: str, info: str) -> None:
    """The rows and lines of a block of code; `info` is the text behind the opening fence."""
    source = content.removesuffix("\n")
    buffer.begin_block()
    buffer.out.code.append(source)
    layout_code_parts(buffer, list(parts(source)), info)


def layout_code_parts(
    buffer: LayoutBuffer,
    code: Sequence[str],
    info: str,
    *,
    above: bool = False,
    below: bool = False,
    grows: bool = False,
) -> None:
    """Some `parts` of a block, with more of it `above` or `below`; the first row of the block names the language.

    `grows`: these very parts will be others with the next words, so that their colours are not kept.
    """
    words = printable(info, newlines=False).split()
    language = words[0] if words else ""
    colours = _known_now(language.lower(), buffer.styles)
    margin = 1 if buffer.room >= _ROOM_FOR_MARGIN else 0
    label = "" if above else shown(language[:_LONGEST_LABEL])
    lines = "".join(code).split("\n")
    tokens_of_lines = coloured(code, colours, keep=not grows)
    for text, tokens in zip(lines[:-1] if below else lines, tokens_of_lines, strict=False):
        index = buffer.add_bare_line(text)
        for span in chop_code(StyledLine(text, _runs(tokens, buffer.styles)), buffer.room - 2 * margin):
            segments = _on_ground(span, buffer, margin, label)
            label = ""
            buffer.add_row(segments, buffer.room, ((margin, index, span.start, span.end),))


def _known_now(language: str, styles: TextStyles) -> str:
    at_hand = styles.languages is None or not language or styles.languages.has(language)
    return language if at_hand else ""


def _runs(spans: list[CodeSpan], styles: TextStyles) -> list[Run]:
    return [Run(span.end, styles.tokens.get(span.kind, styles.code_block)) for span in spans]


def _on_ground(span: RowSpan, buffer: LayoutBuffer, margin: int, label: str) -> list[Segment]:
    """The row filled up to the right, with the language at its end where that leaves the code alone."""
    ground = buffer.styles.code_block
    quiet = _quiet(ground, buffer.styles.quiet)
    free = buffer.room - margin - span.cells
    before = CONTINUED if margin and span.start and buffer.boxes else " " * margin
    segments = [Segment(before, quiet), *span.segments] if margin else list(span.segments)
    cells = cells_of(label)
    if label and cells + 2 + margin <= free:
        segments.append(Segment(" " * (free - cells - margin), ground))
        segments.append(Segment(label, quiet))
        free = margin
    if free:
        segments.append(Segment(" " * free, ground))
    return segments


@lru_cache(maxsize=16)
def _quiet(ground: Style, quiet: Style) -> Style:
    return ground + Style(color=quiet.color)

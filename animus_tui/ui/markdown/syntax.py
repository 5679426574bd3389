"""The colours of code. A lexer of Pygments is loaded when the first block of code names its language."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

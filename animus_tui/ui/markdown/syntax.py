"""The colours of code. A lexer of Pygments is loaded when the first block of code names its language."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pygments.lexer import Lexer  # type: ignore[import-untyped]  # has no types

PART, LONGEST_PART = 200, 3000
"""Characters in the parts that are coloured on their own, so that a growing block is not coloured all again."""

_BORDER = re.compile(r"\n[ \t]*\n(?=[^\s)}\]])")


class CodeSpan(NamedTuple):
    """A stretch of code of one kind."""

    end: int
    kind: str
    """A key of `TextStyles.tokens`, or nothing."""


def prepare(languages: Iterable[str]) -> None:
    """Load what colouring code in these languages needs; it takes its time, and is safe in a thread."""
    for language in languages:
        if _known(language):
            _coloured_part("\n", language)
            _kind(next(_lexer(language).get_tokens_unprocessed("x"))[1])


def coloured(code: Iterable[str], language: str) -> list[list[CodeSpan]]:
    """The tokens of each line of the `parts` of a code, their ends counted from the line's beginning."""
    known = language if _known(language) else ""
    lines: list[list[CodeSpan]] = [[]]
    for part in code:
        first, *rest = _coloured_part(part, known if len(part) <= LONGEST_PART else "")
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


@cache
def _languages() -> frozenset[str]:
    """Every name of a language that comes with Pygments; asking it for another one would search for plug-ins."""
    # Pygments is imported when there is code: with six more of the kind 30 ms of a start.
    from pygments.lexers import get_all_lexers  # type: ignore[import-untyped]  # has no types

    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


def _known(language: str) -> bool:
    return bool(language) and language in _languages()


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@lru_cache(maxsize=256)
def _coloured_part(code: str, language: str) -> list[list[CodeSpan]]:
    try:
        found = list(_lexer(language).get_tokens_unprocessed(code)) if language else []
    except Exception:  # noqa: BLE001 - a lexer is a heap of patterns; where one fails, the code has no colours
        found = []
    lines: list[list[CodeSpan]] = [[]]
    length = 0
    for kind, text in _gapless(code, found):
        first, *rest = text.split("\n")
        length += len(first)
        if first:
            lines[-1].append(CodeSpan(length, kind))
        for line in rest:
            lines.append([CodeSpan(len(line), kind)] if line else [])
            length = len(line)
    return lines


def _gapless(code: str, found: list[tuple[int, Any, str]]) -> Iterator[tuple[str, str]]:
    """Kind and text of stretches that together are the code, whatever the lexer left out or said twice."""
    at = 0
    for start, token, text in found:
        end = start + len(text)
        if start < at or code[start:end] != text:
            continue
        if start > at:
            yield "", code[at:start]
        yield _kind(token), text
        at = end
    yield "", code[at:]


@cache
def _kind(token: object) -> str:
    """The kind of a Pygments token, nothing for names of one's own and punctuation."""
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]  # has no types

    if token in Name:
        return "" if token is Name or token in Name.Variable or token in Name.Other else "name"
    kinds = (
        (Comment, "comment"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Operator, "operator"),
        (Generic.Inserted, "string"),
        (Generic.Deleted, "keyword"),
        (Generic.Heading, "name"),
        (Generic.Subheading, "name"),
    )
    return next((name for family, name in kinds if token in family), "")

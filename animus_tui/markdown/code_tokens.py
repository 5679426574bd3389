"""The kinds of tokens in code, by Pygments, for colours on the screen and in exported pages.

Pygments takes 30 ms to import: this module is for whoever has a block of code.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pygments.lexers import (  # type: ignore[import-untyped]  # has no types
    find_lexer_class_by_name,
    get_all_lexers,
)
from pygments.token import (  # type: ignore[import-untyped]  # has no types
    Comment,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.lexer import Lexer  # type: ignore[import-untyped]  # has no types

IDENTIFIER = r"[^\W\d]\w*"


def stretches(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Kind and text of stretches that together are the code, whatever a lexer leaves out or says twice.

    `language` is a name as people write it behind a fence; code in one that Pygments does not know has no kinds.
    """
    at = 0
    for start, token, text in _tokens(code, language):
        end = start + len(text)
        if start < at or code[start:end] != text:
            continue
        if start > at:
            yield "", code[at:start]
        yield kind(token), text
        at = end
    yield "", code[at:]


def _tokens(code: str, language: str) -> list[tuple[int, Any, str]]:
    if language not in _languages():
        return []
    try:
        return list(_lexer(language).get_tokens_unprocessed(code))
    except Exception:  # noqa: BLE001 - a lexer is a heap of patterns; where one fails, the code has no colours
        return []


@cache
def _languages() -> frozenset[str]:
    """Every name of a language that comes with Pygments; asking it for another one would search for plug-ins."""
    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer:
    """Kept, as it takes longer to find than most blocks of code take."""
    lexer = find_lexer_class_by_name(language)
    return _with_short_identifiers(lexer)(stripnl=False, ensurenl=False)


def _with_short_identifiers(lexer: type[Lexer]) -> type[Lexer]:
    """The same lexer, if it is Python's, with identifiers as `re` knows them.

    Pygments lists all letters there are, 3,400 characters, in two patterns that take 12 ms to compile, half of the
    time until the first block of Python has its colours. `\\w` is the same but for digits such as ², which no name has.
    """
    listed = getattr(lexer, "uni_name", None)
    if not isinstance(listed, str):
        return lexer
    tokens = {state: [_with_pattern(rule, listed) for rule in rules] for state, rules in lexer.tokens.items()}
    return type(lexer.__name__, (lexer,), {"tokens": tokens})


def _with_pattern(rule: object, listed: str) -> object:
    """A rule of a lexer whose pattern, where it has one of its own, has no list of letters."""
    if isinstance(rule, tuple) and isinstance(rule[0], str):
        return (rule[0].replace(listed, IDENTIFIER), *rule[1:])
    return rule


@cache
def kind(token: object) -> str:
    """The kind of a Pygments token: comment, keyword, name, number, operator or string.

    Empty for names that the code itself gives, and for punctuation.
    """
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

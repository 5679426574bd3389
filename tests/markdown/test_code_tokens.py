"""Kinds of tokens in code are those of Pygments."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # has no types

from animus_tui.markdown import code_tokens

NAMES = """@décor.ateur
class Ünï(Bäse, metaclass=Ⅷ):
    def été(self, 変数: int = 3) -> 'str':
        return _x1 + ªb
import ñ.ö as π
"""


@pytest.mark.parametrize(
    "language", ["python", "py", "python3", "python2", "numpy", "pycon", "mojo", "csharp", "rust"]
)
@pytest.mark.parametrize(
    "code", [inspect.getsource(ast), inspect.getsource(textwrap), NAMES, "≠ ² \x00 $a ?"]
)
def test_the_kinds_are_those_that_the_lexer_of_pygments_finds(language: str, code: str) -> None:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    expected, at = [], 0
    for start, token, text in lexer.get_tokens_unprocessed(code):
        if text and code_tokens.kind(token):
            expected.append((start, text, code_tokens.kind(token)))
        at = start + len(text)
    assert at <= len(code)
    found, at = [], 0
    for kind, text in code_tokens.stretches(code, language):
        if kind and text:
            found.append((at, text, kind))
        at += len(text)
    assert at == len(code)
    assert found == expected

"""Texts of one kind each and of any length, by a name without spaces: what models write, and what nobody would."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.pane.messages import CODE, reply_tokens
from tests.support.markdown_samples import FENCE, HOSTILE


def usual(size: int) -> str:
    """Markdown as models write it."""
    some = "".join(reply_tokens(2_000, last_word="done")) + "\n\n"
    return (some * (size // len(some) + 1))[:size]


def table(size: int) -> str:
    """One table with many rows."""
    row = "| name of a thing | 12.50 | a few words about it |\n"
    return "| what | how much | why |\n| --- | --- | --- |\n" + row * (size // len(row))


def prose(size: int) -> str:
    """Paragraphs without a mark."""
    return ("Some words that say nothing in particular, again and again. " * 8 + "\n\n") * (size // 482)


def paragraph(size: int) -> str:
    """One paragraph with marks."""
    return "Some **words** that say `nothing` in particular, *again* and again. " * (size // 68)


def items(size: int) -> str:
    """A list."""
    return "- Some **words** that say `nothing` in particular, *again* and again.\n" * (size // 71)


def nested(size: int) -> str:
    """One item with a list in it."""
    return "- The only one:\n" + "  - Some **words** that say `nothing` in particular.\n" * (size // 53)


def quotation(size: int) -> str:
    """One quotation."""
    return "> Some **words** that say `nothing` in particular, *again* and again.\n" * (size // 71)


def code(size: int) -> str:
    """One block of code."""
    return f"{FENCE}python\n" + CODE * (size // len(CODE)) + FENCE


def quoted_code(size: int) -> str:
    """A block of code within a list."""
    inner = "".join(f"  {line}\n" for line in (CODE * (size // len(CODE))).split("\n"))
    return f"- Like this:\n\n  {FENCE}python\n{inner}  {FENCE}\n"


ORDINARY: dict[str, Callable[[int], str]] = {
    "usual": usual,
    "table": table,
    "prose": prose,
    "paragraph": paragraph,
    "items": items,
    "nested_items": nested,
    "quotation": quotation,
    "code": code,
    "code_in_a_list": quoted_code,
}
"""What models write, though not as much of it without a break."""
KINDS: dict[str, Callable[[int], str]] = {
    **ORDINARY,
    **{name.replace(" ", "_"): make for name, make in HOSTILE.items()},
}

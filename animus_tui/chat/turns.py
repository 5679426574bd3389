"""How a reply is cut into bubbles and how long each is typed: pure functions."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from animus_tui.config import AutoTurnConfig

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})(.*)$", re.MULTILINE)
"""The marks of a fence and what stands behind them; backticks that are closed on the same line are none."""
_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+\S", re.MULTILINE)
_TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}>", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+\S|^ {0,3}\S.*\n {0,3}(?:=+|-{2,})\s*$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n(?=\S)")
"""Between two blocks; what is indented after a blank line still belongs to the list before it."""
_BLOCKS = (_FENCE, _LIST_ITEM, _TABLE_ROW, _TABLE_RULE, _QUOTE, _HEADING)


def has_block_structure(text: str) -> bool:
    """Whether the text holds a fenced code block, list, table, quote or heading of Markdown."""
    return any(pattern.search(text) for pattern in _BLOCKS)


def split_turns(content: str, turns: Sequence[str], *, max_turns: int, has_next: bool) -> list[str]:
    """The bubbles of a reply, trimmed, none blank; an empty list when there is no text.

    `content` and `turns` are free of reasoning already. Content with line breaks and without block structure becomes
    its non-blank lines; else the service's `turns` are used when there are several; else the reply is one bubble.
    At most `max_turns` bubbles, one fewer (but at least one) when the character wants to go on.
    """
    content = content.strip()
    offered = _keep_blocks_whole([turn for turn in turns if turn.strip()])
    most = max(1, max_turns - 1) if has_next else max_turns
    if "\n" in content and not has_block_structure(content):
        return _merge([line.strip() for line in content.split("\n") if line.strip()], most, "\n")
    if len(offered) > 1:
        return _merge(offered, most, " ")
    return [content] if content else offered


def _keep_blocks_whole(turns: Sequence[str]) -> list[str]:
    """The turns, trimmed; neighbours are joined between which a fenced code block, list or table would be cut."""
    whole: list[str] = []
    for turn in turns:
        if whole and _inside_fence(whole[-1]):
            whole[-1] += "\n" + turn.strip("\r\n")  # the indentation of code means something
        elif whole and _cuts_a_list_or_table(whole[-1].strip(), turn.strip()):
            whole[-1] += "\n" + turn.strip()
        else:
            whole.append(turn)
    return [turn.strip() for turn in whole]


def _cuts_a_list_or_table(before: str, after: str) -> bool:
    block, first = _PARAGRAPH.split(before)[-1], after.partition("\n")[0]
    if _LIST_ITEM.match(first):
        return _LIST_ITEM.search(block) is not None
    if _TABLE_RULE.match(first):
        return "|" in block.rpartition("\n")[2]
    if _TABLE_ROW.match(first):
        return _TABLE_ROW.match(block.rpartition("\n")[2]) is not None
    return "|" in first and _TABLE_RULE.search(block) is not None


def _inside_fence(text: str) -> bool:
    """Whether a fence is still open at the end: it closes with at least as many of the same character, alone."""
    fence = ""
    for match in _FENCE.finditer(text):
        mark, words = match.groups()
        if not fence:
            fence = mark
        elif mark.startswith(fence) and not words.strip():
            fence = ""
    return bool(fence)


def _merge(items: list[str], most: int, joint: str) -> list[str]:
    """Groups of neighbours as even as can be, the larger ones first."""
    if len(items) <= most:
        return items
    size, larger = divmod(len(items), most)
    groups: list[str] = []
    start = 0
    for index in range(most):
        end = start + size + (index < larger)
        groups.append(_join(items[start:end], joint))
        start = end
    return groups


def _join(items: Sequence[str], joint: str) -> str:
    text = items[0]
    for before, after in pairwise(items):
        # A space would glue a block to the words beside it and spoil its Markdown.
        apart = has_block_structure(before) or has_block_structure(after)
        text += ("\n\n" if apart else joint) + after
    return text


def typing_delay(text: str, config: AutoTurnConfig, rng: random.Random) -> float:
    """How long the character types `text`, in milliseconds, between `min_delay` and `max_delay`."""
    words = len(text.split())
    variation = 1 + rng.uniform(-config.speed_variation, config.speed_variation)
    delay = words / config.base_typing_speed * 60_000 * variation
    return min(max(delay, config.min_delay), config.max_delay)

"""What is looked for, in the text of an entry as it is set."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.entry import HitPart

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.entry import HitsByLine, Layout


MOST_AT_ONCE = 30_000
"""Characters of an entry that are looked through at once; a longer one is looked through in a thread."""


def is_slow(layout: Layout, needle: str) -> bool:
    """Whether an entry is so long that it is to be looked through in a thread, and was not yet for this needle."""
    if layout.hits is not None and layout.hits[0] == needle:
        return False
    size = 0
    for line in layout.lines:
        size += len(line) + 1
        if size > MOST_AT_ONCE:
            return True
    return False


def hits_in(layout: Layout, needle: str) -> HitsByLine:
    """By line all hits; sought once for one needle, however many rows are painted. Safe in a thread."""
    if layout.hits is None or layout.hits[0] != needle:
        found: HitsByLine = {}
        _seek(found, layout.lines[: layout.first_found], 0, needle, counted=False)
        _seek(found, layout.lines[layout.first_found :], layout.first_found, needle, counted=True)
        layout.hits = needle, found
        return found
    return layout.hits[1]


def _seek(found: HitsByLine, lines: list[str], first: int, needle: str, *, counted: bool) -> None:
    from animus_tui.chat.search import spans  # 7 ms of patterns, for who looks for something

    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for number, (start, end) in enumerate(spans("\n".join(lines), needle)):
        line = bisect_right(begins, start) - 1
        while line < len(lines) and begins[line] < end:
            at = max(start - begins[line], 0), min(end - begins[line], len(lines[line]))
            found.setdefault(first + line, []).append(HitPart(number if counted else None, *at))
            line += 1

"""A conversation as the JSON array of its entries, which the JavaScript SDK takes as its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.chat.storage.history_format import BETWEEN, CLOSING, OPENING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILES_FOLDER = "{stem}-files"
"""The folder beside the file of that name without suffix, laid out as that of a conversation is."""
IMAGES = "images/"
"""How the path of a file in a conversation's folder begins."""
_HINT = b'"images/'
"""Is in every line that names such a file."""


def json_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The array, an entry at a time, each as it stands in the history."""
    before = OPENING
    for line in lines:
        yield before + line
        before = BETWEEN
    yield CLOSING if before == BETWEEN else OPENING + CLOSING


def files_in(line: bytes) -> list[str]:
    """The files that an entry names, those of branches and variants too: `images/<hash>.png`. Each once."""
    if _HINT not in line:
        return []
    try:
        waiting: list[Any] = [msgspec.json.decode(line)]
    except (ValueError, RecursionError):
        return []
    found: dict[str, None] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            named = (value.get("file"), value.get("video"), value.get("source_file"))
            found |= {each: None for each in named if isinstance(each, str) and each.startswith(IMAGES)}
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return list(found)

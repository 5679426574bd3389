"""Why a service ended a reply before it was whole, as it tells with the reply's `finish_reason`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTES: Mapping[str, str] = {
    "length": "Cut off: the length limit was reached",
    "content_filter": "Cut off: the content filter stepped in",
}


def cut_reason(finish_reason: str | None) -> str | None:
    """`length` or `content_filter` when a reply was cut off for that reason; None for every other finish reason."""
    word = (finish_reason or "").strip().lower()
    return word if word in _NOTES else None


def cut_note(finish_reason: str | None) -> str:
    """What to say of a reply that was cut off; empty when it was not."""
    return _NOTES.get(cut_reason(finish_reason) or "", "")

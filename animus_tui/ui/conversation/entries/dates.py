"""Days and times as the user's own clock shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


def local_time(timestamp: str) -> datetime | None:
    """The user's local time of an ISO 8601 timestamp; None for one that is none, as in imported files."""
    try:
        return datetime.fromisoformat(timestamp).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def clock(timestamp: str) -> str:
    """`14:02`, or nothing."""
    at = local_time(timestamp)
    return f"{at:%H:%M}" if at else ""


def day_of(timestamp: str) -> date | None:
    """The user's day of an ISO 8601 timestamp."""
    at = local_time(timestamp)
    return at.date() if at else None


def day_name(day: date, today: date) -> str:
    """`Today`, `Yesterday` or `Monday, 04 May 2020`."""
    names = {today: "Today", today - timedelta(days=1): "Yesterday"}
    return names.get(day) or f"{day:%A, %d %B %Y}"

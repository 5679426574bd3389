"""When a request is tried again, and how long it waits before."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.backends.base.errors import BackendError, ServiceBusy
from animus_tui.backends.base.protocols import RetryNotice

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from animus_tui.backends.base.protocols import OnRetry


_FOREVER = 999_999_999.0  # seconds, more than anybody waits


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often and after how long. All times in seconds."""

    tries: int = 3
    """Requests in all, the first one included."""
    base: float = 0.5
    """Pause before the second try."""
    factor: float = 2.0
    """Each later pause is this many times the one before it."""
    most: float = 8.0
    """Longest pause of our own choice."""
    jitter: float = 0.25
    """Random part of a pause, 0 to 1, up or down."""
    longest_wait: float = 60.0
    """Longest `Retry-After` that is waited for."""


def delay_before(attempt: int, error: BackendError, policy: RetryPolicy, rng: random.Random) -> float | None:
    """Seconds before try number `attempt` (2, 3…), or None when there is no such try."""
    if attempt > policy.tries:
        return None
    asked = error.retry_after if isinstance(error, ServiceBusy) else None
    if asked:
        return asked if asked <= policy.longest_wait else None
    pause = min(policy.base * policy.factor ** (attempt - 2), policy.most)
    return pause * (1 + policy.jitter * rng.uniform(-1, 1))


async def pause_or_raise(
    attempt: int, error: BackendError, policy: RetryPolicy, rng: random.Random, on_retry: OnRetry | None
) -> None:
    """Tell `on_retry` and wait until try number `attempt`; raises `error` when there is no such try."""
    delay = delay_before(attempt, error, policy, rng)
    if delay is None:
        raise error
    if on_retry is not None:
        on_retry(RetryNotice(delay=delay, attempt=attempt, error=error))
    await asyncio.sleep(delay)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for, also parts of them, or an HTTP date; None when absent or unreadable.

    A date is measured against the answer's own `Date`, so that a wrong clock on our side does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]*\.?[0-9]+|[0-9]+\.", value):
        return min(float(value), _FOREVER)
    until = _http_date(value)
    if until is None:
        return None
    at = _http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - at).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        import email.utils  # 4 ms, for a service that names a date

        parsed = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed

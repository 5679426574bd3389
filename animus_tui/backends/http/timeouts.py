"""The time limits of requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")


class Timeouts(Struct, frozen=True, kw_only=True):
    """Time limits in seconds."""

    connect: float = 10
    """Until the connection stands."""
    first_word: float = 300
    """Until the first word of a chat answer; a model may think for long. Headers and comments are no words."""
    stream_silence: float = 60
    """Without another word of a streamed answer, and silence within a picture's bytes."""
    reply: float = 120
    """Until a whole chat answer that has begun has come; until any other answer begins, and again until it has come."""
    image: float = 300
    """Until a picture is made, without a sign of progress; until its bytes have come."""
    token: float = 30
    """Until the token provider has answered."""
    poll_first: float = 1
    """Between the start of a picture job and the first question how it goes."""
    poll_most: float = 5
    """Longest pause between two such questions."""
    settle: float = 15
    """For so long a 404 for a new job or a new file, and an end without a result, are not yet believed."""


class Limit:
    """A time within which an answer has to come. What comes meanwhile does not extend it, only `restart` does."""

    def __init__(self, seconds: float) -> None:
        self.restart(seconds)

    def restart(self, seconds: float) -> None:
        """Wait so many seconds from now on."""
        self.seconds = seconds
        self._end = asyncio.get_running_loop().time() + seconds

    async def wait_for(self, coming: Awaitable[T]) -> T:
        """The result of an awaitable. Raises TimeoutError once the limit has passed."""
        async with asyncio.timeout_at(self._end):
            return await coming

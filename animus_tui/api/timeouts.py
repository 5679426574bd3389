"""How long the client waits for what."""

from __future__ import annotations

from msgspec import Struct


class Timeouts(Struct, frozen=True, kw_only=True):
    """All in seconds."""

    connect: float = 10
    """Until the connection stands."""
    stream_silence: float = 60
    """Silence within a streamed answer, and within a picture's bytes."""
    reply: float = 120
    """Until a whole answer begins, and again until it has come."""
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

"""What one demo server holds while it runs: options, counters, tokens, pictures, jobs."""

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import jwt

from animus_tui.demo.account import STARTING_CREDITS, Account
from animus_tui.demo.library import Library
from animus_tui.demo.past import past_groups
from animus_tui.demo.pictures import PictureStore, Studio

KEPT_REQUESTS = 100
AT_ONCE = 4
"""Generations that run at the same time; others wait."""
MOST_CREDITS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """How fast the demo is and what it remembers."""

    token_delay_ms: float = 15
    """Pause between two words of a streamed answer, milliseconds."""
    think_ms: float = 350
    """Pause before an answer begins, milliseconds."""
    paint_ms: float = 2500
    """Least time that a picture takes, milliseconds."""
    record_requests: bool = True
    """Keep the last request bodies, shortened, for `GET /demo/stats`, which needs the key."""
    picture_bytes: int = 64 * 1024 * 1024
    """Pictures kept in memory, bytes; the ones not looked at for longest go first."""
    credits: float = STARTING_CREDITS
    """What the account has at the start."""
    past_groups: int = 60
    """Groups of generations that the account has from earlier days."""
    side: int = 1024
    """Width and height of pictures for which nobody asks for another, pixels."""

    @classmethod
    def instant(cls) -> Self:
        """No pauses and no past, for tests."""
        return cls(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=0)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, record_requests: bool = True) -> Self:
        """The usual options with what the environment says: `ANIMUS_DEMO_CREDITS`, a number.

        ValueError with a sentence for anything else in it.
        """
        text = env.get("ANIMUS_DEMO_CREDITS", str(STARTING_CREDITS))
        try:
            balance = float(text)
        except ValueError:
            balance = math.nan
        if not 0 <= balance <= MOST_CREDITS:
            raise ValueError(f"ANIMUS_DEMO_CREDITS takes a number from 0 to {MOST_CREDITS:,}.")
        return cls(record_requests=record_requests, credits=balance)


@dataclass(slots=True)
class DemoStats:
    """What was asked of the server so far."""

    tokens: int = 0
    """Tokens given out."""
    refused: int = 0
    """Requests answered 401 for their token."""
    chats: int = 0
    images: int = 0
    """Requests to `/generate/image`."""
    jobs: int = 0
    """Requests to `/generation/create`."""
    batches: int = 0
    """Requests to `/generation/batch`."""
    polls: int = 0
    """Requests to `/generation/status/…`."""
    downloads: int = 0
    """Requests for a picture's bytes."""
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    """The last request bodies, oldest first: `{"path", "accept", "body"}`; never a token."""

    @property
    def bodies(self) -> list[Any]:
        """The last request bodies alone, oldest first."""
        return [request["body"] for request in self.requests]


class TokenDesk:
    """Gives out tokens and checks them. A revocation changes the key that signs them."""

    def __init__(self, api_keys: frozenset[str]) -> None:
        self._api_keys = api_keys
        self._key = secrets.token_bytes(48)

    def issue(self, lifetime: float | None) -> str:
        """A JWT that is good for `lifetime` seconds, which may be negative; None never expires."""
        now = int(time.time())
        claims: dict[str, Any] = {"sub": "demo", "iat": now, "jti": secrets.token_hex(8)}
        if lifetime is not None:
            claims["exp"] = now + int(lifetime)
        return jwt.encode(claims, self._key, algorithm="HS256")

    def voice_token(self) -> str:
        """A token that has the form of a LiveKit token; this server accepts it nowhere."""
        now = int(time.time())
        claims = {"iss": "demo", "sub": "demo", "nbf": now, "exp": now + 3600, "video": {"roomJoin": True}}
        return jwt.encode(claims, secrets.token_bytes(48), algorithm="HS256")

    def is_key(self, text: str) -> bool:
        """Whether it is an API key, and no token."""
        return any(secrets.compare_digest(text.encode(), key.encode()) for key in self._api_keys)

    def revoke_all(self) -> None:
        """No token given out so far is accepted any more; API keys are."""
        self._key = secrets.token_bytes(48)

    def complaint(self, authorization: str | None) -> str | None:
        """What is wrong with an `Authorization` header, as a sentence; None when it is in order."""
        scheme, _, credential = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            return "Send the header Authorization: Bearer <token>."
        credential = credential.strip()
        if self.is_key(credential):
            return None
        try:
            # An issue time a moment ahead of this clock is no reason to refuse a token of our own.
            jwt.decode(credential, self._key, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.ExpiredSignatureError:
            return "The token has expired."
        except jwt.InvalidTokenError:
            return "The token is not valid."
        return None


@dataclass(slots=True)
class Demo:
    """Everything that the endpoints of one server share."""

    options: DemoOptions
    desk: TokenDesk
    pictures: PictureStore
    account: Account
    library: Library
    easels: asyncio.Semaphore
    """One for each generation that may run."""
    studio: Studio = field(default_factory=Studio)
    stats: DemoStats = field(default_factory=DemoStats)
    spent_faults: set[str] = field(default_factory=set)
    """Texts of `once` faults that have failed already."""

    @classmethod
    def open(cls, options: DemoOptions, api_keys: frozenset[str]) -> Self:
        """A fresh state."""
        return cls(
            options,
            TokenDesk(api_keys),
            PictureStore(options.picture_bytes),
            Account(options.credits),
            Library(lambda: past_groups(options.past_groups)),
            asyncio.Semaphore(AT_ONCE),
        )

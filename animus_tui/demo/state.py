"""What one demo server holds while it runs: options, counters, tokens, credits, images and generations."""

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import jwt
from starlette.exceptions import HTTPException

from animus_tui.demo.generations import Group, Library
from animus_tui.demo.image_store import ImageStore, PainterThread

STARTING_CREDITS = 1000.0
MOST_CREDITS = 1_000_000
KEPT_REQUESTS = 100
AT_ONCE = 4
"""Generations that run at the same time; others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """How fast the demo is and what it remembers."""

    token_delay_ms: float = 15
    """Pause between two words of a streamed answer, milliseconds."""
    think_ms: float = 350
    """Pause before an answer begins, milliseconds."""
    paint_ms: float = 2500
    """Least time that an image takes, milliseconds."""
    record_requests: bool = True
    """Keep the last request bodies, shortened, for `GET /demo/stats`, which needs the key."""
    picture_bytes: int = 64 * 1024 * 1024
    """Images kept in memory, bytes; the ones not looked at for longest go first."""
    credits: float = STARTING_CREDITS
    """What the account has at the start."""
    past_groups: int = 60
    """Groups of generations that the account has from earlier days."""
    side: int = 1024
    """Width and height of images for which nobody asks for another, pixels."""

    @classmethod
    def instant(cls) -> Self:
        """No pauses and no past, for tests."""
        return cls(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=0)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, record_requests: bool = True) -> Self:
        """The usual options with what the environment says: `ANIMUS_DEMO_CREDITS`, a number.

        ValueError with a sentence for anything else in it.
        """
        try:
            balance = float(env.get("ANIMUS_DEMO_CREDITS", STARTING_CREDITS))
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
    """Requests answered 401."""
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
    """Requests for the bytes of an image."""
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    """The last request bodies, oldest first: `{"path", "accept", "body"}`; never a token."""

    @property
    def bodies(self) -> list[Any]:
        """The last request bodies alone, oldest first."""
        return [request["body"] for request in self.requests]


class Tokens:
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

    def issue_for_voice(self) -> str:
        """A token in the form of a LiveKit token; this server accepts it nowhere."""
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
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            return "Send the header Authorization: Bearer <token>."
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


class NoCreditsError(HTTPException):
    """A 402 with the figures."""

    def __init__(self, price: float, left: float) -> None:
        needed = f"{price:g} credit{'s' * (price != 1)}"
        sentence = f"This needs {needed}, and {left:g} are left. Say “top up my credits” in the chat."
        super().__init__(402, sentence)
        self.body = {
            "error": "insufficient_credits",
            "message": sentence,
            "required": price,
            "available": left,
        }


class Demo:
    """Everything that the endpoints of one server share."""

    def __init__(
        self, options: DemoOptions, api_keys: frozenset[str], past: Callable[[int], Sequence[Group]]
    ) -> None:
        """`past` makes the groups of earlier days when somebody first asks for a generation."""
        self.options = options
        self._past = past
        self.tokens = Tokens(api_keys)
        self.credits = 0.0
        self.set_credits(options.credits)
        self.images = ImageStore(options.picture_bytes)
        self.painter = PainterThread()
        self.slots = asyncio.Semaphore(AT_ONCE)
        """One for each generation that may run."""
        self.stats = DemoStats()
        self.spent_faults: set[str] = set()
        """Texts of `once` faults that have failed already."""

    @cached_property
    def library(self) -> Library:
        """The account's generations."""
        return Library(self._past(self.options.past_groups))

    def set_credits(self, balance: float) -> None:
        """Have so many credits from now on; never less than none."""
        self.credits = round(max(0.0, balance), 2)

    def take_credits(self, price: float) -> None:
        """Pay for what was accepted; NoCreditsError when it is too much."""
        if price > self.credits:
            raise NoCreditsError(price, self.credits)
        self.set_credits(self.credits - price)

    def running(self) -> list[asyncio.Task[None]]:
        """The tasks of the jobs that have not ended."""
        unfinished = self.library.unfinished() if "library" in self.__dict__ else []
        return [each.task for each in unfinished if each.task is not None and not each.task.done()]

"""What one demo server holds while it runs, and how its endpoints get at it and at a request's body."""

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar, cast

import anyio
import jwt
import msgspec
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Scope

from animus_tui.demo.account import past_groups
from animus_tui.demo.generations import Library
from animus_tui.demo.http_messages import AnswerInstead
from animus_tui.demo.pictures import PictureStore

T = TypeVar("T")
STARTING_CREDITS = 1000.0
MOST_CREDITS = 1_000_000
KEPT_REQUESTS = 100
AT_ONCE = 4
"""Generations that run at the same time; others wait."""
BODY_LIMIT = 48 * 1024 * 1024
"""Bytes; an image of 32 MiB as a data URL fits."""
SHORTENED = 2_000
"""Characters of a text that are kept of a recorded request."""
LARGEST_RECORD = 64 * 1024
"""Bytes of a recorded request's body; of a larger one only the beginning is kept, as text."""


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
    """How often something was asked of the server so far."""

    tokens: int = 0
    refused: int = 0
    """Requests answered 401."""
    chats: int = 0
    images: int = 0
    """Requests to `/generate/image`."""
    jobs: int = 0
    batches: int = 0
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

    @staticmethod
    def issue_for_voice() -> str:
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


class Demo:
    """Everything that the endpoints of one server share."""

    def __init__(self, options: DemoOptions, api_keys: frozenset[str]) -> None:
        self.options = options
        self.tokens = Tokens(api_keys)
        self.credits = 0.0
        self.set_credits(options.credits)
        self.pictures = PictureStore(options.picture_bytes)
        self.library = Library(past_groups(options.past_groups))
        self.slots = asyncio.Semaphore(AT_ONCE)
        """One for each generation that may run."""
        self.stats = DemoStats()
        self.spent_faults: set[str] = set()
        """Texts of `once` faults that have failed already."""
        self._asked = 0
        """Hash of the request that the user last waited for an answer to."""
        self._attempts = 0
        self._painter = anyio.CapacityLimiter(1)
        self.repainting = asyncio.Lock()
        """Held while an old picture is painted once more: one at a time, so that jobs come in between."""

    def attempts(self, said: str | None, request: object) -> int:
        """How often the user has just asked the same in the same conversation; 0 when it is new."""
        if said is not None:
            asked = hash(repr(request))
            self._attempts = self._attempts + 1 if asked == self._asked else 0
            self._asked = asked
        return self._attempts

    async def paint(self, work: Callable[[], bytes]) -> bytes:
        """What `work` makes in a thread beside the event loop, one at a time; 400 when it raises ValueError."""
        try:
            return await run_sync(work, limiter=self._painter, abandon_on_cancel=True)
        except ValueError as error:
            raise HTTPException(400, f"The image cannot be painted: {str(error).rstrip('.')}.") from error

    def set_credits(self, balance: float) -> None:
        """Have so many credits from now on; never less than none."""
        self.credits = round(max(0.0, balance), 2)

    def take_credits(self, price: float) -> None:
        """Pay for what was accepted; 402 with the figures when it is too much."""
        if price > self.credits:
            needed = f"{price:g} credit{'s' * (price != 1)}"
            body = {
                "error": "insufficient_credits",
                "message": f"This needs {needed}, and {self.credits:g} are left. "
                "Say “top up my credits” in the chat.",
                "required": price,
                "available": self.credits,
            }
            raise AnswerInstead(JSONResponse(body, 402))
        self.set_credits(self.credits - price)

    def running(self) -> list[asyncio.Task[None]]:
        """The tasks of the jobs that have not ended."""
        tasks = (each.task for each in self.library.unfinished())
        return [task for task in tasks if task is not None and not task.done()]


def demo_of(scope: Request | Scope) -> Demo:
    """The state of the server that a request came to."""
    return cast("Demo", scope["app"].state.demo)


async def read(request: Request, shape: type[T]) -> T:
    """The request's body, recorded and checked against `shape`; 400 with the place of the mistake."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413, f"The request is larger than {BODY_LIMIT // 2**20} MiB.")
    try:
        value = msgspec.json.decode(bytes(body))
        _record(request, value)
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise HTTPException(400, f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"The body is no valid JSON: {error}.") from error
    except RecursionError as error:
        raise HTTPException(400, "The body is nested too deeply.") from error


def _record(request: Request, value: object) -> None:
    demo = demo_of(request)
    if demo.options.record_requests:
        body = _without_images(value)
        encoded = msgspec.json.encode(body)
        if len(encoded) > LARGEST_RECORD:
            body = encoded[:SHORTENED].decode(errors="replace")
        entry = {"path": request.url.path, "accept": request.headers.get("accept"), "body": body}
        demo.stats.requests.append(entry)


def _without_images(value: object) -> object:
    """A body without the bulk of the images that its addresses may carry."""
    if not isinstance(value, dict):
        return value
    kept = {
        name: str(each)[:SHORTENED] if each and name in {"input_image", "source_image_url"} else each
        for name, each in value.items()
    }
    if isinstance(kept.get("prompts"), list):
        kept["prompts"] = [_without_images(each) for each in kept["prompts"]]
    return kept

"""Signing in: the bearer token of each request, from the user's token provider or an API key."""

from __future__ import annotations

import asyncio
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui import addresses
from animus_tui.backends.base.errors import AnswerError, BackendError, SignInError
from animus_tui.backends.http.answer_errors import BUSY, own_words
from animus_tui.backends.http.connection import open_client
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.json_bodies import decoded
from animus_tui.backends.http.network_errors import network_errors, no_answer, origin, service_url
from animus_tui.backends.http.transport import Transport, pieces
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from animus_tui.addresses import Redactor
    from animus_tui.backends.http.timeouts import Timeouts
    from animus_tui.config.schema import ApiConfig

EARLY = 60  # seconds before its end at which a token counts as dead
MOST_REDIRECTS = 5
LARGEST_ANSWER = 1 << 20  # bytes of a token provider's answer that are read
FAILED = "Sign-in failed"
_TOKEN = re.compile(r"[\x21-\x7e]+")


class _Animus(Struct, frozen=True):
    token: str | None = None


class _TokenAnswer(Struct, frozen=True):
    animus: _Animus | None = None
    access_token: str | None = msgspec.field(default=None, name="accessToken")


def open_transport(config: ApiConfig, timeouts: Timeouts, redact: Redactor) -> Transport:
    """A signed-in connection to the service. Slow: trusted certificates are read. Raises BackendError."""
    client = open_client(config.base_url)
    auth = TokenAuth(config, client, redact, timeouts=timeouts)
    return Transport(
        client,
        auth=auth,
        own=(config.base_url, config.generation_url),
        timeouts=timeouts,
        redact=redact,
        advice=auth.advice,
    )


class TokenAuth(httpx.Auth):
    """Puts the token on a request; after a 401 fetches another one, once. Raises SignInError.

    Concurrent requests share one fetch and what comes of it. A token without `exp`, or one that arrives
    expired because clocks differ, is used until the API answers 401.
    """

    def __init__(
        self,
        config: ApiConfig,
        http: httpx.AsyncClient,
        redact: Redactor,
        *,
        timeouts: Timeouts,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._provider = (config.token_provider_url or "").strip()
        self._key = "" if self._provider else (config.api_key or "").strip()
        self._http = http
        self._redact = redact
        self._timeouts = timeouts
        self._now = now
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._dies: float | None = None
        self._fetches = 0
        self._failure: SignInError | None = None
        in_addresses = addresses.credentials_in(self._provider, config.base_url, config.generation_url)
        for secret in (self._key, *in_addresses):
            redact.learn(secret)
        if self._provider:
            import jwt  # noqa: F401 - 45 ms, here off the event loop

    def __repr__(self) -> str:
        kind = "token provider" if self._provider else "API key" if self._key else "nobody"
        return f"<TokenAuth: {kind}>"

    @property
    def advice(self) -> str:
        """What to do when the service refuses this sign-in."""
        if self._provider:
            return "A fresh token was refused too: check the token provider and its account."
        if self._key:
            return "Check the API key (api_key in the configuration, or ANIMUS_API_KEY)."
        return "Set token_provider_url or api_key in the configuration."

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign the request and look at the answer; after a 401 send it once more with a fresh token."""
        if not self._provider:
            if self._key:
                _sign(request, _usable(self._key, "The API key"))
            yield request
            return
        token, fetch = await self._later_than(0)
        _sign(request, token)
        response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            await _drop_body(response)
            token, _ = await self._later_than(fetch)
            _sign(request, token)
            yield request

    async def _later_than(self, fetch: int) -> tuple[str, int]:
        """A live token of a later fetch than number `fetch`, and the number of its own; they count from 1."""
        known_failure = self._failure
        async with self._lock:
            token = self._token
            if token is None or self._fetches <= fetch or self._is_dead():
                # It failed while this request waited for it: asking again would only make it wait longer.
                if self._failure is not None and self._failure is not known_failure:
                    raise self._failure
                token = await self._fetch()
            return token, self._fetches

    def _is_dead(self) -> bool:
        return self._dies is not None and self._now() >= self._dies

    async def _fetch(self) -> str:
        self._token, self._dies = None, None
        try:
            token = _usable(await self._ask_provider(), "The token provider's token")
        except SignInError as failure:
            self._failure = failure
            raise
        self._redact.learn(token)
        dies = _expiry(token)
        if dies is not None and self._now() < dies - EARLY:
            self._dies = dies - EARLY
        self._token, self._failure = token, None
        self._fetches += 1
        return token

    async def _ask_provider(self) -> str:
        try:
            status, body = await self._post()
        except BackendError as error:
            sentence = f"The token provider failed: {error.sentence}"
            raise SignInError(FAILED, sentence, retryable=error.retryable) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            words = own_words(body, self._redact) or "It gave no reason."
            sentence = (
                f"The token provider answered {status}: {words} Check token_provider_url and your account."
            )
            later = status in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise SignInError(FAILED, sentence, retryable=later)
        try:
            token = decode_token(body)
        except BackendError as error:
            raise SignInError(FAILED, f"The token provider answered {status}. {error.sentence}") from None
        if token is None:
            sentence = f"The token provider answered {status}, but with neither animus.token nor accessToken."
            raise SignInError(FAILED, f"{sentence} Check token_provider_url.")
        return token

    async def _post(self) -> tuple[int, bytes]:
        """Status and body of its answer, redirects within its own origin followed.

        301, 302, 307 and 308 are followed with POST, as a provider expects it; 303 with GET (RFC 9110, 15.4.4).
        """
        method, url = "POST", service_url(self._provider)
        seconds, connect = self._timeouts.token, self._timeouts.connect
        advice = "Check token_provider_url."
        with network_errors(url.host, connect=connect, silence=seconds, advice=advice):
            try:
                async with asyncio.timeout(seconds):
                    for _ in range(MOST_REDIRECTS + 1):
                        status, body, there = await self._answer(method, url)
                        if there is None:
                            return status, body
                        method = "GET" if status == HTTPStatus.SEE_OTHER else method
                        url = self._within_origin(url, there, status)
            except TimeoutError:
                raise no_answer(url.host, seconds) from None
        sentence = f"{url.host} redirects again and again, the last time to {_shown(url)}. {advice}"
        raise AnswerError("Wrong address", sentence)

    async def _answer(self, method: str, url: httpx.URL) -> tuple[int, bytes, httpx.URL | None]:
        """Status, body and, of a redirect, where it leads."""
        timeout = httpx.Timeout(self._timeouts.token, connect=self._timeouts.connect)
        request = self._http.build_request(method, url, timeout=timeout)
        request.headers["Accept"] = "application/json"
        response = await self._http.send(request, auth=None, stream=True)
        try:
            if response.has_redirect_location:
                return response.status_code, b"", url.join(response.headers["Location"])
            return response.status_code, await _start_of(response), None
        finally:
            await response.aclose()

    def _within_origin(self, url: httpx.URL, there: httpx.URL, status: int) -> httpx.URL:
        """Where a redirect leads, with the sign-in of the provider's own address. AnswerError: to another server."""
        for secret in addresses.secrets_in(str(there)):
            self._redact.learn(secret)
        if origin(there) != origin(url):
            sentence = (
                f"{url.host} answered {status} and names another address, {_shown(there)}. "
                "It is not followed: set token_provider_url to it if it is right."
            )
            raise AnswerError("Wrong address", sentence)
        return there.copy_with(userinfo=url.userinfo)


def decode_token(body: bytes) -> str | None:
    """The token in a token provider's answer, of either shape, or None. Raises AnswerError."""
    answer = decoded(body, _TokenAnswer).value
    told = (answer.animus and answer.animus.token, answer.access_token)
    return next((token.strip() for token in told if token and token.strip()), None)


def _shown(url: httpx.URL) -> str:
    return printable(addresses.without_secrets(str(url)), newlines=False)[:200]


async def _start_of(response: httpx.Response) -> bytes:
    body = b""
    async for piece in pieces(response):
        body += piece
        if len(body) > LARGEST_ANSWER:
            break
    return body


async def _drop_body(response: httpx.Response) -> None:
    """Close an answer that is followed by another try: httpx would read it to its end, whenever that comes."""
    if isinstance(response.stream, httpx.AsyncByteStream):
        await response.stream.aclose()
    response.stream = httpx.ByteStream(b"")


def _sign(request: httpx.Request, token: str) -> None:
    request.headers["Authorization"] = f"Bearer {token}"


def _usable(token: str, what: str) -> str:
    if _TOKEN.fullmatch(token) is None:
        raise SignInError(FAILED, f"{what} holds a space or another character that cannot be sent. Check it.")
    return token


def _expiry(token: str) -> float | None:
    """`exp` of a JWT in seconds since 1970, read without verifying; None when the token tells nothing."""
    import jwt  # 45 ms, by now it is loaded

    try:
        dies = jwt.decode(token, options={"verify_signature": False}).get("exp")
        return float(dies) if isinstance(dies, int | float) and not isinstance(dies, bool) else None
    except (jwt.InvalidTokenError, OverflowError, RecursionError):
        return None

"""What httpx raises, as errors with a sentence."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from animus_tui.addresses import is_near, without_secrets
from animus_tui.backends.base.errors import AnswerError, BackendError, NetworkError
from animus_tui.backends.http.http_library import httpx
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECORATION = re.compile(r"\[[^\]]*\] ?|\s*\(_ssl\.c:\d+\)")
_PLAIN = {
    "All connection attempts failed": "nothing answers there",
    "Server disconnected without sending a response.": "it was closed before an answer came",
}
_CUT = "peer closed connection"
_BROKEN_REDIRECT = "Invalid URL in location header"
_LONGEST_REASON = 200  # characters


@contextmanager
def network_errors(host: str, *, connect: float, silence: float, advice: str) -> Iterator[None]:
    """Raises BackendError kinds in place of httpx's; the times (seconds) are only for the sentences.

    `advice`: what to do where the host names an address that is none.
    """
    try:
        yield
    except httpx.InvalidURL:  # nobody but a redirect names an address here
        raise _wrong_redirect(host, advice) from None
    except httpx.ProtocolError as error:
        if str(error).startswith(_BROKEN_REDIRECT):
            raise _wrong_redirect(host, advice) from None
        # Its words quote what came or was to be sent, which may be a secret: they must not reach a traceback either.
        raise _as_backend_error(error, host, connect, silence) from None
    except httpx.HTTPError as error:
        raise _as_backend_error(error, host, connect, silence) from error


def _as_backend_error(error: httpx.HTTPError, host: str, connect: float, silence: float) -> BackendError:
    match error:
        case httpx.PoolTimeout():
            sentence = f"All connections to {host} are in use and none became free. Try again in a moment."
            return NetworkError("No connection", sentence, sent=False)
        case httpx.ConnectTimeout():
            sentence = f"{host} could not be reached within {connect:g} s. Check the network and try again."
            return NetworkError("No connection", sentence, sent=False)
        case httpx.ConnectError() | httpx.ProxyError():
            is_own = is_near(host) and isinstance(error, httpx.ConnectError)
            what = "whether the server runs" if is_own else "the network"
            sentence = f"{host} could not be reached: {reason(error)}. Check {what} and try again."
            return NetworkError("No connection", sentence, sent=False)
        case httpx.WriteTimeout():
            sentence = f"{host} did not take the request within {silence:g} s. Try again in a moment."
            return NetworkError("No answer", sentence, sent=True)
        case httpx.TimeoutException():
            return no_answer(host, silence)
        case httpx.UnsupportedProtocol():
            return _wrong_address(host)
        case httpx.LocalProtocolError():
            sentence = (
                f"The request to {host} holds something that HTTP cannot carry. Check key and addresses."
            )
            return BackendError("Request not sent", sentence)
        case httpx.DecodingError():
            sentence = f"The answer of {host} is packed in a way that cannot be read. Try again."
            return AnswerError("Answer not understood", sentence, retryable=True)
    sentence = f"The connection to {host} broke: {reason(error)}. Check the network and try again."
    return NetworkError("Connection lost", sentence, sent=True)


def no_answer(host: str, seconds: float) -> NetworkError:
    """The request was sent and then there was silence."""
    sentence = f"{host} did not answer within {seconds:g} s. Try again in a moment."
    return NetworkError("No answer", sentence, sent=True)


def service_url(address: str) -> httpx.URL:
    """The address as a URL that httpx can ask. Raises BackendError."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise _wrong_address(address) from None
    if not can_be_asked(url):
        raise _wrong_address(address)
    return url


def origin(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port of an address, the port also where the address leaves it out."""
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def can_be_asked(url: httpx.URL) -> bool:
    """Whether httpx, and the look-up of names below it, can do anything with this URL."""
    try:
        url.raw_host.decode("ascii").encode("idna")  # what looking the name up does; refuses labels too long
    except UnicodeError:
        return False
    return url.scheme in ("http", "https") and bool(url.host) and (url.port or 0) < 65536


def _wrong_redirect(host: str, advice: str) -> BackendError:
    sentence = f"{host} points elsewhere, to what is no address. {advice}"
    return AnswerError("Wrong address", sentence)


def _wrong_address(address: str) -> BackendError:
    shown = without_secrets(printable(address, newlines=False))[:100]
    sentence = f"'{shown}' is not an address that can be asked. Check the addresses in the configuration."
    return BackendError("Wrong address", sentence)


def reason(error: BaseException) -> str:
    """Why a connection failed, in a few plain words."""
    causes = list(_causes(error))
    # Of several attempts, as over IPv6 and IPv4, the one that came furthest tells the most.
    for why in (_tls_reason, _closed_reason, _name_reason, _route_reason):
        if (told := next(filter(None, map(why, causes)), None)) is not None:
            return told
    words = printable(_DECORATION.sub("", str(error)), newlines=False).strip()
    if words.startswith(_CUT):
        return "it was closed early"
    if isinstance(error, httpx.RemoteProtocolError) and words not in _PLAIN:
        return "what came is not HTTP"
    return _PLAIN.get(words, words.rstrip(".")[:_LONGEST_REASON]) or "it was closed"


def _tls_reason(cause: BaseException) -> str | None:
    match cause:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({cause.verify_message}), so there is no TLS connection"
        case ssl.SSLError():
            words = (cause.reason or "").replace("_", " ").lower() or "it was broken off"
            return f"no TLS connection could be made ({words})"
    return None


def _closed_reason(cause: BaseException) -> str | None:
    match cause:
        case ConnectionRefusedError():
            return "the connection was refused"
        case ConnectionResetError() | BrokenPipeError():
            return "the connection was reset"
    return None


def _name_reason(cause: BaseException) -> str | None:
    if not isinstance(cause, socket.gaierror):
        return None
    if cause.errno in (socket.EAI_AGAIN, socket.EAI_FAIL):
        return "its name could not be looked up, for no name server answered"
    return "its name is not known"


def _route_reason(cause: BaseException) -> str | None:
    if not isinstance(cause, OSError):
        return None
    return {
        errno.ENETUNREACH: "there is no network that leads to it",
        errno.ENETDOWN: "the network is down",
        errno.EHOSTUNREACH: "there is no way to it",
        errno.ETIMEDOUT: "it did not answer in time",
        errno.EMFILE: "too many files and connections are open",
    }.get(cause.errno or 0)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        if isinstance(seen, BaseExceptionGroup):
            yield from seen.exceptions
        seen = seen.__cause__ or seen.__context__

"""What can go wrong with a service, each with a title and a sentence that a person can act on.

BackendError          itself: an address or a network setting that cannot be used
├── NetworkError      no connection, a timeout, a connection that broke
├── ServiceError      the service answered with an error status
│   ├── SignedOut         401, also with a fresh token
│   ├── OutOfCredits      402; `required` and `available` when the service said so
│   ├── Gone              404 for what the service itself once named: a picture, a group, a character
│   └── ServiceBusy       429, 502, 503, 504; `retry_after` seconds when the service said so
├── SignInError       the token provider failed or answered something else
├── AnswerError       the answer is not what the protocol promises: no JSON, an error object, empty
│   └── JobFailed         a picture job ended without a picture
└── PictureError      the bytes are not a picture or a video that is accepted

After JobFailed and Gone a job is over. After any other error it may go on, and can be followed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.errors import UserError

if TYPE_CHECKING:
    from animus_tui.backends.base.chat_values import ChatReply


class BackendError(UserError):
    """Base of all errors of services; each has a title."""

    def __init__(self, title: str, sentence: str, *, retryable: bool = False) -> None:
        super().__init__(sentence, title=title)
        self.retryable = retryable
        """Whether the same request may succeed later without a change by the user."""
        self.said: ChatReply | None = None
        """What the service had said of a whole chat reply before it broke off."""
        self.accepted = False
        """Whether something shows that the service has taken the request: a part of its response, or that it kept the
        connection open in silence. Such a request is not sent again."""
        self.wants_turns = False
        """Whether the service refused the messages because user and assistant do not take turns in them."""


class NetworkError(BackendError):
    """No connection, a timeout, or a connection that broke."""

    def __init__(self, title: str, sentence: str, *, sent: bool, accepted: bool = False) -> None:
        super().__init__(title, sentence, retryable=True)
        self.sent = sent
        """Whether the request may have reached the service."""
        self.accepted = accepted


class ServiceError(BackendError):
    """The service answered with an error status."""

    def __init__(self, title: str, sentence: str, *, status: int, retryable: bool = False) -> None:
        super().__init__(title, sentence, retryable=retryable)
        self.status = status
        self.refused_names: frozenset[str] = frozenset()
        """Words of the refusal that may name a field of the request, when it says that it does not know one."""
        self.is_starting = False
        """Whether the service said that it is still loading its model."""


class SignedOut(ServiceError):  # noqa: N818 - named for what the user is told
    """401, also with a fresh token."""


class OutOfCredits(ServiceError):  # noqa: N818 - named for what the user is told
    """402: no plan or no credits."""

    def __init__(
        self,
        title: str,
        sentence: str,
        *,
        status: int,
        required: float | None = None,
        available: float | None = None,
    ) -> None:
        super().__init__(title, sentence, status=status)
        self.required = required
        """Credits that it takes, when the service said so."""
        self.available = available
        """Credits of the account, when the service said so."""


class Gone(ServiceError):  # noqa: N818 - named for what the user is told
    """404 or 410 for a picture, group or character of an id that the service gave."""


class ServiceBusy(ServiceError):  # noqa: N818 - named for what the user is told
    """429, 502, 503 or 504."""

    def __init__(self, title: str, sentence: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(title, sentence, status=status, retryable=True)
        self.retry_after = retry_after
        """Seconds, when the service said how long to wait."""


class SignInError(BackendError):
    """The token provider failed or answered something that holds no token."""


class AnswerError(BackendError):
    """The answer is not what the protocol promises."""


class JobFailed(AnswerError):  # noqa: N818 - named for what the user is told
    """A picture job ended badly, or well but without a result. Another try makes a new job."""


class PictureError(BackendError):
    """The bytes are not a picture or a video that is accepted."""

    def __init__(
        self, title: str, sentence: str, *, status: int | None = None, retryable: bool = False
    ) -> None:
        super().__init__(title, sentence, retryable=retryable)
        self.status = status
        """HTTP status of the answer that came in place of the bytes; None when bytes came."""

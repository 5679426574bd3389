"""The keys and tokens that the server accepts."""

import secrets
import time
from typing import Any

import jwt


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

"""Takes secrets out of texts that are shown or logged. Pure."""

from __future__ import annotations

from animus_tui.late_pattern import late_pattern

MARK = "[secret]"
_SHORTEST = 6  # characters; anything shorter would tear up ordinary words
# With a digit or long: "Invalid bearer token" is a sentence that somebody has to read.
_BEARER = late_pattern(r"(?i)\b(bearer\s+)(?=[^\s\"',;]*\d|[^\s\"',;]{20})[^\s\"',;]{6,}")
_JWT = late_pattern(r"\beyJ[\w-]{8,}(?:\.[\w-]*)+")


class Redactor:
    """Replaces the secrets it was told of, and whatever looks like a bearer token or a JWT, by `[secret]`."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def learn(self, secret: str) -> None:
        """Remember a secret; one of less than 6 characters is not looked for."""
        if len(secret) >= _SHORTEST and secret not in self._known:
            self._known.append(secret)

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, MARK)
        return _JWT.sub(MARK, _BEARER.sub(rf"\g<1>{MARK}", text))

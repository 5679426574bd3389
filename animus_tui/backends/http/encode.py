"""Bodies of requests."""

from __future__ import annotations

import msgspec


def encoded(body: object) -> bytes:
    """A request's body as JSON. Lone surrogates, which UTF-8 cannot carry, become `?`."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(body)
        return msgspec.json.encode(_without_surrogates(plain))


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_without_surrogates(item) for item in value]
        case dict():
            return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value

"""The JSON of a card, bounded: how long it is, how many values it has, and how deeply they are nested."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from animus_tui.errors import CardError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 16 << 20
"""Bytes of a card's JSON; a long one, with a large lorebook, has 2 MiB."""
MOST_VALUES = 400_000
"""Objects, lists and what is between commas: each takes memory."""
MOST_DEPTH = 64
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def card_object(data: bytes) -> dict[str, Any]:
    """The object in a JSON text. CardError with the words behind the name of the file."""
    if len(data) > MOST_BYTES:
        raise CardError(f"the card in it has more than {MOST_BYTES >> 20} MiB.")
    if data.count(b",") + data.count(b"{") + data.count(b"[") > MOST_VALUES:
        raise CardError(f"the card in it has more than {MOST_VALUES:,} values.")
    value = _decoded(data.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(value, dict):
        raise CardError("the JSON in it is no object, so it is no character card.")
    if _is_deeper(value, MOST_DEPTH):
        raise CardError(f"the card in it is nested more than {MOST_DEPTH} levels deep.")
    return value


def _decoded(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise CardError(f"the card in it is nested more than {MOST_DEPTH} levels deep.") from None
    except UnicodeDecodeError as error:
        raise CardError(f"the card in it is not UTF-8 text (at byte {error.start}).") from None
    except (msgspec.DecodeError, ValueError) as error:
        if _SURROGATE.search(data) is not None and (value := _without_surrogates(data)) is not None:
            return value
        words = str(error).removeprefix("JSON is malformed: ")
        raise CardError(f"the card in it is no JSON that could be read: {words}.") from None


def _without_surrogates(data: bytes) -> object:
    """The value of a text with halves of characters, which become U+FFFD; None when that is not all that is wrong."""
    try:
        value = json.loads(data, parse_constant=_refuse)
        return msgspec.json.decode(_whole(json.dumps(value, ensure_ascii=False)))
    except (ValueError, RecursionError, msgspec.DecodeError):
        return None


def _whole(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_deeper(value: object, most: int) -> bool:
    """Whether objects and lists are nested in more levels than the most."""
    level: list[object] = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from (inner for inner in value.values() if isinstance(inner, dict | list))
    elif isinstance(value, list):
        yield from (inner for inner in value if isinstance(inner, dict | list))

"""A message as a line of the history, and a line as a message: ours, or one that somebody else wrote."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec
from msgspec import json as codec
from msgspec.structs import replace

from animus_tui.chat.foreign_lines import Extras, extras_of, with_extras, words_of
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.reasoning import OPENING, split_reasoning
from animus_tui.tolerant import tolerant
from animus_tui.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_START = b'{"id":"'
OWN_TIME = b'"timestamp":"'
"""Both stand in every line that was written here; in the text of a message the quotation marks would be escaped."""
OWN_PICTURE = b'"image":{'
"""The same in every line with a picture."""


class Written(ChatMessage, frozen=True, omit_defaults=True, kw_only=True):
    """A line as it stands there: nothing is made up for an id or a time that is missing."""

    id: str = ""
    timestamp: str = ""


class Encoded(Value, frozen=True):
    """A message and its line."""

    message: ChatMessage
    line: bytes


class Named(NamedTuple):
    """What a message is called, and when it was said, where its line does not tell."""

    id: str
    timestamp: str


decode = codec.Decoder(ChatMessage).decode
"""The message of a line that has an id and a time. ValueError, RecursionError."""
decode_written = codec.Decoder(Written).decode
"""A line with all that it has. ValueError, RecursionError."""


def encode(message: ChatMessage) -> Encoded:
    """The line of a message, and the message as it will be read again: half surrogate pairs have become `?`."""
    try:
        return Encoded(message, codec.encode(message))
    except UnicodeEncodeError:
        line = _without_surrogates(msgspec.to_builtins(message))
        return Encoded(decode(line), line)


def decode_foreign(line: bytes, named: Named) -> ChatMessage:
    """The message of a line that may lack an id and a time, or have odd values. ValueError, RecursionError."""
    return _convert(_fields(line)[0], named)[0]


def without_thoughts(message: ChatMessage) -> ChatMessage:
    """The message with its reasoning where it belongs; other programs leave it in the text of an answer."""
    if message.role != "assistant" or OPENING not in (message.content or ""):
        return message
    content, reasoning = split_reasoning(message.content or "")
    return replace(message, content=content, reasoning=message.reasoning or reasoning)


def extras_in(message: ChatMessage, line: bytes) -> Extras:
    """The extras in the line of a message, which its next line keeps. ValueError, RecursionError."""
    fields = _fields(line)[0]
    return extras_of(fields, _convert(fields, Named(message.id, message.timestamp))[0])


def encode_with(message: ChatMessage, kept: Extras) -> bytes:
    """The line of a changed message, with the extras of its line before."""
    return codec.encode(with_extras(message, kept)) if kept else encode(message).line


def refuse(constant: str) -> NoReturn:
    """For `json`: not a number is not JSON."""
    raise ValueError(f"{constant} is not JSON")


def check_json(line: bytes) -> None:
    """ValueError when a line is no JSON value, half surrogate pairs allowed."""
    try:
        codec.decode(line, type=msgspec.Raw)
    except ValueError:
        import json  # no start needs it, nor `hashlib`

        json.loads(line, parse_constant=refuse)


class Reading:
    """A history that is read from its beginning: entries without an id are named, the same each time."""

    def __init__(self, started: str) -> None:
        self._time = started
        self._taken: set[int] = set()
        """Hashes of all ids so far."""
        self._alike: Counter[str] = Counter()
        self.odd = 0
        """Values that were left out because they are of another type than expected."""

    def accepts(self, written: Sequence[Written]) -> bool:
        """Whether the next entries all have a time, and an id of their own."""
        ids = [each.id for each in written]
        times = [each.timestamp for each in written]
        hashes = set(map(hash, ids))
        if "" in ids or "" in times or len(hashes) < len(ids) or not hashes.isdisjoint(self._taken):
            return False
        self._taken |= hashes
        self._time = times[-1] if times else self._time
        return True

    def name(self, line: bytes) -> Named | None:
        """What to call the next entry, which comes at the time of the last one unless it tells; None: no message."""
        try:
            fields, line = _fields(line)
            message_id, timestamp = fields.get("id"), fields.get("timestamp")
            if not isinstance(message_id, str) or not message_id or hash(message_id) in self._taken:
                import hashlib

                digest = hashlib.sha256(codec.format(line, indent=-1)).hexdigest()
                self._alike[digest] += 1
                message_id = hashlib.sha256(f"{digest} {self._alike[digest]}".encode()).hexdigest()[:32]
            named = Named(message_id, timestamp if isinstance(timestamp, str) else self._time)
            self.odd += _convert(fields, named)[1]
        except (ValueError, RecursionError):
            return None
        self._taken.add(hash(named.id))
        self._time = named.timestamp
        return named


def _fields(line: bytes) -> tuple[dict[str, Any], bytes]:
    """The keys of an entry, and the line without half surrogate pairs. ValueError when it is no object."""
    try:
        fields = codec.decode(line)
    except ValueError:
        import json

        line = _without_surrogates(json.loads(line))
        fields = codec.decode(line)
    if not isinstance(fields, dict):
        raise ValueError("an entry is an object")  # noqa: TRY004 (told apart from nothing else)
    return fields, line


def _convert(fields: dict[str, Any], named: Named) -> tuple[ChatMessage, int]:
    """The message, and how many values of it are left out because they are odd. ValueError when it is none."""
    told = {key: value for key, value in fields.items() if value is not None} | named._asdict()
    try:
        return msgspec.convert(told, ChatMessage), 0
    except msgspec.ValidationError:
        words = words_of(told.get("content"))
        message, odd = tolerant(told | {"content": words}, ChatMessage)
    if message is None:
        raise ValueError("no message")
    return message, len(odd)


def _without_surrogates(value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    import json

    return json.dumps(value, ensure_ascii=False).encode(errors="replace")

"""The entries of a history: those that are messages, and those of others that are kept as they are."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import json as codec

from animus_tui.chat.messages import ChatMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_START = b'{"id":"'
OWN_TIME = b'"timestamp":"'
"""Both stand in every line that was written here; in the text of a message the quotation marks would be escaped."""

_decode = codec.Decoder(ChatMessage).decode


class Encoded(NamedTuple):
    """A message and its line."""

    message: ChatMessage
    line: bytes


def encode(message: ChatMessage) -> Encoded:
    """The line of a message, and the message as it will be read again: half surrogate pairs have become `?`."""
    try:
        return Encoded(message, codec.encode(message))
    except UnicodeEncodeError:
        line = _without_surrogates(msgspec.to_builtins(message))
        return Encoded(_decode(line), line)


class Entries:
    """The messages in order, found by id, with the position that each has among all entries of the file."""

    def __init__(self, lines: Sequence[bytes], started: str) -> None:
        """Read the lines; a message without a time gets that of the one before it, the first one `started`."""
        self.messages: list[ChatMessage] = []
        self._places: dict[str, int] = {}
        self._others: dict[int, bytes] = {}
        self._alike: Counter[str] = Counter()
        for position, line in enumerate(lines):
            message = self._read(line, started)
            if message is None:
                self._others[position] = line
            else:
                started = message.timestamp
                self.put(message)

    def __len__(self) -> int:
        return len(self.messages) + len(self._others)

    @property
    def others(self) -> int:
        """How many entries are no messages."""
        return len(self._others)

    def get(self, message_id: str) -> ChatMessage:
        """The message with this id; KeyError."""
        return self.messages[self._places[message_id]]

    def put(self, message: ChatMessage) -> None:
        """Replace the message with this id, or append it."""
        place = self._places.get(message.id)
        if place is None:
            self._places[message.id] = len(self.messages)
            self.messages.append(message)
        else:
            self.messages[place] = message

    def remove(self, message_id: str) -> None:
        """Take a message out; KeyError."""
        position = self.position(message_id)
        del self.messages[self._places[message_id]]
        self._places = {message.id: place for place, message in enumerate(self.messages)}
        self._others = {other - (other > position): line for other, line in self._others.items()}

    def position(self, message_id: str) -> int:
        """The message's place among all entries, from 0; KeyError."""
        position = self._places[message_id]
        for other in self._others:
            position += other <= position
        return position

    def line(self, position: int) -> bytes:
        """The entry at this position, written out."""
        if position in self._others:
            return self._others[position]
        return encode(self.messages[position - sum(other < position for other in self._others)]).line

    def lines(self) -> list[bytes]:
        """All entries, written out."""
        return [self.line(position) for position in range(len(self))]

    def _read(self, line: bytes, time: str) -> ChatMessage | None:
        try:
            if line.startswith(OWN_START) and OWN_TIME in line:
                message = _decode(line)
                if message.id and message.id not in self._places:
                    return message
            return self._read_foreign(line, time)
        except (ValueError, RecursionError):
            return None

    def _read_foreign(self, line: bytes, time: str) -> ChatMessage | None:
        """Read an entry that may lack an id and a time: both are made up, the same each time it is read."""
        try:
            fields = codec.decode(line)
        except ValueError:
            line = _without_surrogates(json.loads(line))
            fields = codec.decode(line)
        if not isinstance(fields, dict):
            return None
        named = fields.get("id")
        if not isinstance(named, str) or not named or named in self._places:
            digest = hashlib.sha256(codec.format(line, indent=-1)).hexdigest()
            self._alike[digest] += 1
            fields["id"] = hashlib.sha256(f"{digest} {self._alike[digest]}".encode()).hexdigest()[:32]
        if not isinstance(fields.get("timestamp"), str):
            fields["timestamp"] = time
        return msgspec.convert(
            {key: value for key, value in fields.items() if value is not None}, ChatMessage
        )


def _without_surrogates(value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")

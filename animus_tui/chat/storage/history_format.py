"""The format of `history.json`: the bytes of a file as entries, an entry as a message, and back.

A file is a JSON array with one entry a line. Entries that other programs wrote are read as far as they can be; what a
message cannot hold of them is kept.
"""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from contextlib import suppress
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec
from msgspec import Struct
from msgspec import json as codec
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.reply_text import THINK, split_reasoning
from animus_tui.late_pattern import late_pattern
from animus_tui.tolerant import tolerant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OWN_START = b'{"id":"'
OWN_TIME = b'"timestamp":"'
"""Both are in every line that this program wrote; in the text of a message the quotation marks would be escaped."""
OWN_PICTURE = b'"image":{'
"""Is in every line of this program that has a picture."""
GROUP = b'"groupId"'
"""Is in every line that may be one of several turns; in a text the quotation marks would be escaped."""

OPENING = b"[\n"
BETWEEN = b",\n"
CLOSING = b"\n]\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NOISE = " \t\r\n\0,[]"
"""What may stand between two entries; zeros are what some file systems leave after a power cut."""
NEXT_ENTRY = late_pattern(r"\n|\}\s*,\s*(?=\{)")
"""Where reading may go on after an entry that cannot be read."""

IDENTITY = frozenset(("id", "timestamp"))
"""Keys that every message has, if only since it was read."""
KNOWN = frozenset(ChatMessage.__struct_fields__) - IDENTITY
"""The other keys of a message."""
UNKNOWN = object()
"""Stands for the value of a key that a message does not have."""
Extras = dict[str, tuple[object, object]]
"""Key → the value in the line, and the value that it was read as (UNKNOWN for a key of another program)."""


# A message as a line


class WrittenMessage(ChatMessage, frozen=True, omit_defaults=True, kw_only=True):
    """A message with exactly what its line has: a missing id or time is empty."""

    id: str = ""
    timestamp: str = ""


class Encoded(Struct, frozen=True):
    """A message and its line."""

    message: ChatMessage
    line: bytes


class Named(NamedTuple):
    """The id and the time of a message whose line lacks them."""

    id: str
    timestamp: str


decode = codec.Decoder(ChatMessage).decode
"""The message of a line that has an id and a time. ValueError, RecursionError."""


def decode_written(line: bytes) -> WrittenMessage:
    """The message of a line as it was written. ValueError, RecursionError."""
    return _decoder_of_written().decode(line)


@cache
def _decoder_of_written() -> codec.Decoder[WrittenMessage]:
    """Made for who needs it: its types are read then, which takes as long as a whole module."""
    return codec.Decoder(WrittenMessage)


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


def with_separate_reasoning(message: ChatMessage) -> ChatMessage:
    """The message with its reasoning in `reasoning`; other programs leave it in the text of an answer."""
    if message.role != "assistant" or THINK not in (message.content or ""):
        return message
    content, reasoning = split_reasoning(message.content or "")
    return replace(message, content=content, reasoning=message.reasoning or reasoning)


def extras_in(message: ChatMessage, line: bytes) -> Extras:
    """The extras of a line: unknown keys, and values that were read as others.

    ValueError, RecursionError.
    """
    fields = _fields(line)[0]
    read = _convert(fields, Named(message.id, message.timestamp))[0]
    found: Extras = {}
    for key, raw in fields.items():
        if key in KNOWN:
            value = getattr(read, key)
            if raw is not None and msgspec.to_builtins(value) != raw:
                found[key] = raw, value
        elif key not in IDENTITY:
            found[key] = raw, UNKNOWN
    return found


def encode_with(message: ChatMessage, extras: Extras) -> bytes:
    """The line of a changed message, with the extras of its former line that the change did not touch."""
    if not extras:
        return encode(message).line
    fields: dict[str, Any] = msgspec.to_builtins(message)
    for key, (raw, value) in extras.items():
        if value is UNKNOWN or getattr(message, key) == value:
            fields[key] = raw
    return codec.encode(fields)


def with_name(line: bytes, named: Named) -> bytes:
    """The line of an entry with an id and a time. ValueError, RecursionError."""
    told = named._asdict()
    return codec.encode({**told, **raw_fields(line), **told})


def raw_fields(line: bytes) -> dict[str, Any]:
    """The keys of an entry with their values as they are written. ValueError, RecursionError: it is no object."""
    try:
        return codec.decode(line, type=dict[str, msgspec.Raw])
    except ValueError:
        return codec.decode(_fields(line)[1], type=dict[str, msgspec.Raw])


def check_json(line: bytes) -> None:
    """ValueError when a line is no JSON value, half surrogate pairs allowed."""
    import json  # few starts need it

    try:
        codec.decode(line, type=msgspec.Raw)
    except ValueError:
        json.loads(line, parse_constant=_refuse)


class HistoryReader:
    """Gives ids and times to the messages of a history that lack them, the same ones at each reading."""

    def __init__(self, started: str, *, taken: set[int] | None = None) -> None:
        """`started`: the time of the conversation, which a first message without a time gets.

        `taken`: hashes of the ids that messages before have.
        """
        self._time = started
        self._taken: set[int] = set() if taken is None else taken
        """Hashes of all ids so far."""
        self._alike: Counter[str] = Counter()
        self.odd = 0
        """Values that were left out because they are of another type than expected."""

    def accepts(self, written: Sequence[WrittenMessage]) -> bool:
        """Whether the next messages all have a time, and an id of their own."""
        ids = [each.id for each in written]
        times = [each.timestamp for each in written]
        hashes = set(map(hash, ids))
        if "" in ids or "" in times or len(hashes) < len(ids) or not hashes.isdisjoint(self._taken):
            return False
        self._taken |= hashes
        self._time = times[-1] if times else self._time
        return True

    def name(self, line: bytes) -> Named | None:
        """The id and time of the next message, by default the time of the one before; None: it is no message."""
        try:
            fields, line = _fields(line)
            message_id, timestamp = fields.get("id"), fields.get("timestamp")
            if not isinstance(message_id, str) or not message_id or hash(message_id) in self._taken:
                import hashlib  # 5 ms of OpenSSL, for an entry without an id

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
    import json  # few starts need it

    try:
        fields = codec.decode(line)
    except ValueError:
        line = _without_surrogates(json.loads(line))
        fields = codec.decode(line)
    if not isinstance(fields, dict):
        raise ValueError("an entry is an object")  # noqa: TRY004 (told apart from nothing else)
    return fields, line


def _convert(fields: dict[str, Any], named: Named) -> tuple[ChatMessage, int]:
    """The message, and how many values of it are left out because they are odd. ValueError when it is none."""
    told = {key: value for key, value in fields.items() if value is not None} | named._asdict()
    if isinstance(image := told.get("image"), dict):
        told["image"] = {"created": named.timestamp} | image  # or it would be the time of each reading
    try:
        return msgspec.convert(told, ChatMessage), 0
    except msgspec.ValidationError:
        message, odd = tolerant(told | {"content": _text_of(told.get("content"))}, ChatMessage)
    if message is None:
        raise ValueError("no message")
    return message, len(odd)


def _text_of(content: object) -> str | None:
    """The text of an entry's content: a text, or the texts among its parts, a line each; None when it has none."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    words = [text for text in texts if isinstance(text, str)]
    return "\n".join(words) if words else None


def _without_surrogates(value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    import json  # few starts need it

    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


# The turns of one reply


def merged_turns(lines: Iterable[bytes]) -> list[bytes]:
    """The entries, with neighbours that are turns of one reply merged into one entry.

    The JavaScript SDK stores each turn as an entry of its own and gives all of a reply the same `groupId`.
    """
    merged: list[bytes] = []
    for group, members in groupby(lines, _group):
        turns = list(members)
        merged += turns if group is None or len(turns) == 1 else [_one_reply(turns)]
    return merged


def _group(line: bytes) -> str | None:
    """The group id of an entry that is a turn of a reply; None for any other."""
    if GROUP not in line:
        return None
    try:
        entry = codec.decode(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("role") != "assistant" or entry.get("image") is not None:
        return None
    group = entry.get("groupId")
    return group if isinstance(group, str) and group and _text_of(entry.get("content")) is not None else None


def _one_reply(members: Sequence[bytes]) -> bytes:
    """One entry with all the turns. A key that the first turn lacks is taken from the next one that has it."""
    entries: list[dict[str, Any]] = [codec.decode(line) for line in members]
    reply: dict[str, Any] = {}
    for entry in entries:
        reply |= {key: value for key, value in entry.items() if reply.get(key) is None}
    turns = [words for entry in entries if (words := _text_of(entry["content"]) or "").strip()]
    calls = [
        call for entry in entries if isinstance(entry.get("tool_calls"), list) for call in entry["tool_calls"]
    ]
    return codec.encode(
        reply | {"content": "\n".join(turns), "turns": turns} | ({"tool_calls": calls} if calls else {})
    )


# The whole file


class Parsed(NamedTuple):
    """The entries of a file, and the state of its layout."""

    lines: list[bytes]
    is_ours: bool
    """Laid out one entry a line, so that it can be changed in place."""
    is_damaged: bool


def layout(lines: Iterable[bytes]) -> bytes:
    """The file that holds these entries."""
    return OPENING + BETWEEN.join(lines) + CLOSING


def parse(data: bytes) -> Parsed:
    """Read a whole file: ours, another program's JSON array, or a damaged one, of which every whole entry is kept."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):  # what some shells write
        with suppress(UnicodeError):
            return parse(data.decode("utf-16").encode())._replace(is_ours=False)
    content = data.removeprefix(BYTE_ORDER_MARK)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Parsed(_whole_entries(content.decode(errors="replace")), is_ours=False, is_damaged=True)
    try:
        lines = [bytes(entry) for entry in codec.decode(content, type=list[msgspec.Raw])]
    except (ValueError, RecursionError):
        return _parse_leniently(text)
    if data.rstrip() + b"\n" == layout(lines) and not any(b"\n" in line for line in lines):
        return Parsed(lines, is_ours=True, is_damaged=False)
    return Parsed([_one_line(line) for line in lines], is_ours=False, is_damaged=False)


def _parse_leniently(text: str) -> Parsed:
    import json  # few starts need it

    try:
        entries = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        entries = None
    if isinstance(entries, list):  # half of a surrogate pair, escaped: JSON that msgspec does not take
        return Parsed([json.dumps(entry).encode() for entry in entries], is_ours=False, is_damaged=False)
    return Parsed(_whole_entries(text), is_ours=False, is_damaged=True)


def _whole_entries(text: str) -> list[bytes]:
    """All objects that can be read; after one that cannot, reading goes on with the next line or the next message.

    `NaN` and `Infinity`, which JSON does not know, become null.
    """
    import json  # few starts need it

    constants: list[str] = []
    decoder = json.JSONDecoder(parse_constant=constants.append)
    lines: list[bytes] = []
    at, is_line = 0, True
    while at < len(text):
        if text[at] in NOISE:
            at += 1
            continue
        constants.clear()
        try:
            entry, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            entry, end = None, at
        if isinstance(entry, dict) and (is_line or "role" in entry):
            lines.append(json.dumps(entry).encode() if constants else _one_line(text[at:end].encode()))
            at, is_line = end, True
        else:
            next_one = NEXT_ENTRY.search(text, max(end, at + 1))
            at, is_line = (next_one.end(), next_one[0] == "\n") if next_one else (len(text), True)
    return lines


def _refuse(constant: str) -> NoReturn:
    """For `json`: not a number is not JSON."""
    raise ValueError(f"{constant} is not JSON")


def _one_line(entry: bytes) -> bytes:
    """The entry without line breaks, every key and number as it was written."""
    return codec.format(entry, indent=-1) if b"\n" in entry or b"\r" in entry else entry

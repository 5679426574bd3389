"""The messages of a conversation, which stay in its file until somebody asks for them.

When a conversation is opened, one pass over the file decodes every line once and keeps of each message only the hash
of its id, and in the message index its role and length, enough to guess how tall it is on a screen. Entries that are no
messages keep their position in the file.
"""

from __future__ import annotations

import copy
import logging
import sys
from abc import abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from animus_tui.chat.messages import ChatMessage, now
from animus_tui.chat.storage.history_format import (
    HistoryReader,
    Named,
    check_json,
    decode,
    decode_foreign,
    decode_written,
    encode,
    encode_with,
    extras_in,
    parse,
    with_name,
    with_separate_reasoning,
)
from animus_tui.chat.storage.history_lines import Lines
from animus_tui.chat.storage.message_index import CODES, MessageIndex, before

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from animus_tui.chat.storage.history_format import Extras

log = logging.getLogger(__name__)

ID_SIZE = 8
"""Bytes of the hash of an id."""
MOST_KEPT = 128
"""Decoded messages that are kept, beside those that are new: more than a screen shows or a request sends."""


class Messages(Sequence[ChatMessage]):
    """The messages of a conversation as they are now, oldest first. An iterator has those of its own moment.

    An iterator may be used up in another thread; everything else is for the thread that changes the conversation.
    """

    @property
    @abstractmethod
    def message_index(self) -> MessageIndex:
        """Role, length and images of all messages, without decoding any."""

    @abstractmethod
    def place(self, message_id: str) -> int | None:
        """The index of the message with this id; None when there is none."""

    @abstractmethod
    def message(self, place: int) -> ChatMessage:
        """The message at a place, from 0."""

    @abstractmethod
    def snapshot(self) -> History:
        """The messages of this moment, for another thread; about 200 KB for ten thousand of them."""

    def last_picture(self) -> ChatMessage | None:
        """The newest message that shows a picture."""
        pictures = self.message_index.pictures
        return self.message(max(pictures)) if pictures else None

    def user_texts(self, most: int) -> list[str]:
        """The user's newest texts, that many at most, oldest first."""
        roles, user = self.message_index.roles, bytes([CODES["user"]])
        first = len(roles)
        for _ in range(min(most, roles.count(user))):
            first = roles.rfind(user, 0, first)
        return [each.content or "" for each in self.snapshot().each(first) if each.role == "user"]

    @overload
    def __getitem__(self, index: int) -> ChatMessage: ...
    @overload
    def __getitem__(self, index: slice) -> list[ChatMessage]: ...
    def __getitem__(self, index: int | slice) -> ChatMessage | list[ChatMessage]:
        places = range(len(self))[index]
        return self.message(places) if isinstance(places, int) else [self.message(place) for place in places]

    def __iter__(self) -> Iterator[ChatMessage]:
        return self.snapshot().each()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)


class History(Messages):
    """All messages of a history file. Changes are made in memory; StoredConversation writes them."""

    def __init__(self, lines: Lines, runs: Iterable[Sequence[bytes]], started: str) -> None:
        """Read all entries, `runs` of them after each other; `lines` has them again later, by position.

        A message without a time gets that of the one before it, the first one `started`. ValueError when an entry is
        not JSON.
        """
        self._index = MessageIndex()
        self._lines = lines
        self._ids = bytearray()
        """Hashes of the ids by place, so that ten thousand take 80 KB and are searched in some microseconds."""
        self._known_ids: set[int] | None = None
        """Hashes of all ids that there ever were, to tell which ones are new; made when the first message is put."""
        self._others: list[bytes] = []
        """The entries that are no messages."""
        self._gaps: list[int] = []
        """For each entry that is no message, how many messages come before it."""
        self._named: dict[int, Named] = {}
        """By place, messages whose line does not tell its id or its time."""
        self._new: dict[int, ChatMessage] = {}
        """By place, what was changed or added in this run, and the last one, whose line may be changed in place."""
        self._kept: OrderedDict[int, ChatMessage] = OrderedDict()
        self._extras: dict[int, Extras] = {}
        """By place, the extras in the line of each message that was changed or added in this run."""
        reader = HistoryReader(started)
        for run in runs:
            self._take(run, reader)
        self.odd = reader.odd
        """Values that were left out because they are of another type than expected."""
        self._keep_last()

    def __len__(self) -> int:
        return len(self._index)

    @property
    def others(self) -> int:
        """How many entries are no messages."""
        return len(self._others)

    @property
    def message_index(self) -> MessageIndex:
        """Role, length and images of all messages, without decoding any."""
        return self._index

    # One message

    def place(self, message_id: str) -> int | None:
        """The index of the message with this id; None when there is none."""
        return self.place_of_hash(_key(message_id))

    def message(self, place: int) -> ChatMessage:
        """The message at a place; an empty one, `failed`, when it cannot be read."""
        message = self._new.get(place) or self._kept.pop(place, None)
        if message is None:
            try:
                message = self._decoded(place, self._line(place))
            except OSError as error:
                return self._unreadable(place, error)
            except (ValueError, RecursionError):
                self._rescue()
                return self._new[place]
        if place not in self._new:
            self._kept[place] = message
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return message

    def get(self, message_id: str) -> ChatMessage:
        """The message with this id; KeyError."""
        return self.message(self.place_of(message_id))

    def put(self, message: ChatMessage) -> None:
        """Replace the message with this id, or append it."""
        key = _key(message.id)
        if self._known_ids is None:
            self._known_ids = set(array("q", bytes(self._ids)))
        # A new id is looked for nowhere: to search through ten thousand takes longer than all the rest.
        place = self.place_of_hash(key) if hash(message.id) in self._known_ids else None
        if place is None:
            place = len(self)
            self._ids += key
            self._known_ids.add(hash(message.id))
            self._index.extend((message,))
            self._extras[place] = {}
        else:
            if place not in self._extras:
                self._extras[place] = self.extras_of(place)
            self._index.replace(place, message)
            self._kept.pop(place, None)
        self._new[place] = message

    def replace_from(self, place: int, lines: Sequence[bytes], *, is_written: bool) -> None:
        """Replace all from the message at a place on, once the file has these entries.

        Unless `is_written` the file lacks them, and the messages are held until they are written.
        """
        started = self.message(max(0, place - 1)).timestamp if len(self) else now()
        self._cut(place)
        self._take(lines, HistoryReader(started, taken=set(array("q", bytes(self._ids)))))
        if not is_written:
            held = History(Lines(list(lines)), [lines], started)
            for at in range(place, len(self)):
                self._new[at], self._extras[at] = held.message(at - place), held.extras_of(at - place)
        self._keep_last()

    def replace_tail(self, place: int, lines: Sequence[bytes], file: Lines) -> None:
        """Replace all from the message at a place on in a snapshot, for `become`; `file` has the new entries."""
        started = self.message(max(0, place - 1)).timestamp if len(self) else now()
        self._cut(place)
        self._lines = file
        self._take(lines, HistoryReader(started, taken=set(array("q", bytes(self._ids)))))
        self._keep_last()

    def become(self, other: History) -> None:
        """Take over all messages of a snapshot, which is not used any more; the lines stay where they are."""
        index, lines = self._index, self._lines
        index.become(other._index)
        self.__dict__.update(other.__dict__)
        self._index, self._lines = index, lines

    def _cut(self, place: int) -> None:
        """Forget the messages from a place on, and the entries between them that are no messages."""
        del self._ids[place * ID_SIZE :]
        self._known_ids = None
        self._index.cut(place)
        self._new, self._named = before(self._new, place), before(self._named, place)
        self._extras = before(self._extras, place)
        self._kept.clear()
        kept = bisect_right(self._gaps, place)
        self._gaps, self._others = self._gaps[:kept], self._others[:kept]

    # All messages

    def snapshot(self) -> History:
        """The messages of this moment, for another thread."""
        other: History = copy.copy(self)
        other._index, other._lines = self._index.copy(), self._lines.copy()
        other._ids, other._new, other._kept = self._ids[:], self._new.copy(), OrderedDict()
        other._named, other._extras = self._named.copy(), self._extras.copy()
        other._gaps, other._others, other._known_ids = self._gaps[:], self._others[:], None
        return other

    def each(self, first: int = 0) -> Iterator[ChatMessage]:
        """The messages from a place on, one after the other; none of them is kept."""
        return (message for _, message in self.select(first=first) if message is not None)

    def select(
        self,
        picked: Callable[[Sequence[bytes]], Sequence[int]] = lambda lines: range(len(lines)),
        *,
        first: int = 0,
        among: Sequence[int] | None = None,
        always: Sequence[int] = (),
        known: Container[int] = (),
    ) -> Iterator[tuple[int, ChatMessage | None]]:
        """Place and message of those whose lines are picked, from a place on, in order; none of them is kept.

        `picked` gets lines that follow each other and gives the indexes of some of them. `among`: only these places
        are looked at, in order; `always`: these are not asked about. What is only in memory is always among them.
        Of `known` places the message is None: it need not be decoded.
        """
        asked = sorted({*always, *self._new})
        place, count = first, len(self)
        while place < count:
            if among is not None:
                at = bisect_left(among, place)
                if at == len(among):
                    return
                place = among[at]
            begin = self._position(place)
            try:
                run = self._lines.run_from(begin) if begin < len(self._lines) else [b""]  # not yet written
            except OSError:
                run = [b""]  # `message` says what is wrong
            past = bisect_left(range(count), begin + len(run), lo=place, key=self._position)
            chosen = set(asked[bisect_left(asked, place) : bisect_left(asked, past)])
            if indexes := set(picked(run)):
                chosen.update(each for each in range(place, past) if self._position(each) - begin in indexes)
            if among is not None:
                chosen &= set(among[bisect_left(among, place) : bisect_left(among, past)])
            for each in sorted(chosen):
                line = run[self._position(each) - begin]
                yield each, None if each in known else self._message_in(each, line)
            place = past

    # For the file

    def position(self, message_id: str) -> int:
        """The message's place among all entries of the file, from 0; KeyError."""
        return self._position(self.place_of(message_id))

    def position_of(self, place: int) -> int:
        """Where the message at a place, from 0, is among all entries; their number for the place behind the last."""
        return self._position(place)

    def line(self, message_id: str) -> bytes:
        """The message with this id, written out; KeyError, OSError."""
        return self._written(self.place_of(message_id))

    def _written(self, place: int) -> bytes:
        """The message at a place, written out; one that did not change stays as it is in the file. OSError."""
        if place in self._extras:
            return encode_with(self._new[place], self._extras[place])
        try:
            line = self._line(place)
            self._decoded(place, line)
        except OSError:
            if place not in self._new:
                raise
        except (ValueError, RecursionError):
            if place not in self._new:
                self._rescue()
        else:
            return line
        return encode(self._new[place]).line

    def lines(self, first: int = 0) -> list[bytes]:
        """All entries from a position in the file on, written out. OSError."""
        others = {
            gap + number: line
            for number, (gap, line) in enumerate(zip(self._gaps, self._others, strict=True))
        }
        place = first - bisect_left(list(others), first)
        lines: list[bytes] = []
        for position in range(first, len(self) + len(others)):
            if position in others:
                lines.append(others[position])
            else:
                lines.append(self._written(place))
                place += 1
        return lines

    def named_lines(self, place: int, past: int, *, is_on_disk: bool) -> list[bytes]:
        """The entries from the message at a place to before another one, every message with id and time. OSError.

        `is_on_disk`: the file has them as they are here.
        """
        first, stop = self._position(place), self._position(past)
        lines = self._lines.read(first, stop) if is_on_disk else self.lines(first)[: stop - first]
        for at, named in self._named.items():
            if place <= at < past:
                lines[self._position(at) - first] = with_name(lines[self._position(at) - first], named)
        return lines

    # Reading

    def _take(self, run: Sequence[bytes], reader: HistoryReader) -> None:
        try:
            messages = [decode_written(line) for line in run]
        except (ValueError, RecursionError):
            messages = []
        if len(messages) == len(run) and reader.accepts(messages):
            self._add(messages)
            return
        for line in run:
            self._take_one(line, reader)

    def _take_one(self, line: bytes, reader: HistoryReader) -> None:
        try:
            message = decode_written(line)
            if reader.accepts([message]):
                self._add([message])
                return
        except (ValueError, RecursionError):
            if self._lines.held is None:  # what is held was looked through by `parse`
                check_json(line)
        named = reader.name(line)
        if named is None:
            self._gaps.append(len(self))
            self._others.append(line)
        else:
            self._named[len(self)] = named
            self._add([decode_foreign(line, named)])

    def _add(self, messages: Sequence[ChatMessage]) -> None:
        self._ids += array("q", [hash(message.id) for message in messages]).tobytes()
        self._index.extend(messages)

    def _keep_last(self) -> None:
        if last := len(self):
            self._new.setdefault(last - 1, self.message(last - 1))

    def place_of(self, message_id: str) -> int:
        """The index of the message with this id; KeyError."""
        place = self.place(message_id)
        if place is None:
            raise KeyError(message_id)
        return place

    def place_of_hash(self, key: bytes) -> int | None:
        """The index of the message whose id has this hash; None when there is none."""
        at = self._ids.rfind(key)
        while at % ID_SIZE and at >= 0:
            at = self._ids.rfind(key, 0, at + ID_SIZE - 1)
        return at // ID_SIZE if at >= 0 else None

    def _position(self, place: int) -> int:
        return place + bisect_right(self._gaps, place)

    def _line(self, place: int) -> bytes:
        position = self._position(place)
        return b"".join(self._lines.read(position, position + 1))

    def _message_in(self, place: int, line: bytes) -> ChatMessage:
        if (message := self._new.get(place)) is not None:
            return message
        try:
            return self._decoded(place, line)
        except (ValueError, RecursionError):
            return self.message(place)

    def _decoded(self, place: int, line: bytes) -> ChatMessage:
        """ValueError, RecursionError when the line is not that of this message any more."""
        named = self._named.get(place)
        message = with_separate_reasoning(decode(line) if named is None else decode_foreign(line, named))
        if _key(message.id) != self._key_at(place):
            raise ValueError("another message stands here")
        return message

    def extras_of(self, place: int) -> Extras:
        """The extras in the line of a message; none when the line cannot be read."""
        try:
            line = self._line(place)
            return extras_in(self._decoded(place, line), line)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("what else the line of message %d has cannot be read: %s", place, error)
            return {}

    def _key_at(self, place: int) -> bytes:
        return bytes(self._ids[place * ID_SIZE : (place + 1) * ID_SIZE])

    def _unreadable(self, place: int, reason: object) -> ChatMessage:
        log.error("message %d cannot be read: %s", place, reason)
        role = self._index.role(place)
        return ChatMessage(id=f"unreadable-{place}", role=role, timestamp="", outcome="failed")

    def _rescue(self) -> None:
        """Hold all messages in memory that are left in the file after another program wrote over it."""
        log.warning("another program has written over the history")
        try:
            left = parse(self._lines.pread(0)).lines
        except OSError:
            left = []
        rescued = History(Lines(left), [left], "")
        for place in range(len(self)):
            if place not in self._new:
                self._new.setdefault(place, self._rescued(place, rescued))

    def _rescued(self, place: int, left: History) -> ChatMessage:
        try:
            return self._decoded(place, self._line(place))
        except (OSError, ValueError, RecursionError) as error:
            found = left.place_of_hash(self._key_at(place))
            return self._unreadable(place, error) if found is None else left.message(found)


def _key(message_id: str) -> bytes:
    return hash(message_id).to_bytes(ID_SIZE, sys.byteorder, signed=True)


def read_messages(data: bytes, started: str = "") -> list[ChatMessage]:
    """The messages of a history file, oldest first, with the ids that they have when the conversation is open.

    `started`: the time of a first message without one. What cannot be read is left out.
    """
    lines = parse(data).lines
    try:
        return list(History(Lines(lines), [lines], started).each())
    except ValueError:
        return []

"""Searching a conversation that stays on the disk: its bytes are looked through, and few of its lines are decoded.

A line is decoded when what is sought may stand in it. To tell that from the bytes, the words that are sought are
looked for in them, compared without case and without the characters that may be marks of Markdown or of JSON. Lines in
which text is written in another way than it is shown (escapes, references, links, decomposed letters, sequences that
are taken out) are always decoded.

Texts are compared without case, without the width of gaps, and however accented letters are written. A place is always
a pair of offsets into the visible text. To keep it so, folding never changes a length: a letter whose folded form is
longer (`ß`, `ﬁ`) stands for itself. White space in what is sought matches any run of it, and an accented letter is the
same whether it is one character or a letter and a combining accent (Unicode's form NFC).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple, overload
from unicodedata import category, is_normalized, normalize

from msgspec import Struct

from animus_tui.chat.storage.history_format import OWN_START, OWN_TIME
from animus_tui.markdown.limits import may_be_markdown
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.history import History, Messages

MARKS = b'\\`*_~!<>[]"'
"""What may stand in the bytes of a word and not on the screen: marks of Markdown and of JSON."""
_REFERENCE = re.compile(rb"&[#\w\x80-\xff]+;")
# A link with something directly behind it: what is shown of both may be one word.
_LINK_IN_A_WORD = re.compile(rb"\)(?:[^\s\"\\]|\\[^nrt])")
CONTENT = b'"content":'
MOST_READY = 8_000_000
"""Characters of the texts that are kept as they are compared; more of a conversation is decoded for each search."""
_WITHOUT_MARKS = str.maketrans("", "", MARKS.decode())
# What `printable` takes out or replaces, as far as it stands in JSON as itself.
VANISHING = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ufffd\U0010eeee]")


class Hit(Struct, frozen=True):
    """One place where what is sought stands."""

    key: str
    """Of the message."""
    index: int
    """Among the hits of the same message, from 0."""
    start: int
    """Into the visible text of the message."""
    end: int


class SearchText(NamedTuple):
    """What is shown of a message."""

    key: str
    """Of the message."""
    source: str
    """Markdown, or the text itself when it `is_plain`."""
    is_plain: bool


class Hits(Sequence[Hit]):
    """All hits in the order of the conversation; only those that are looked at are located."""

    def __init__(
        self,
        sought: str,
        text_at: Callable[[int], SearchText],
        counts: Iterable[int],
        place_of: Callable[[str], int | None],
        *,
        places: Sequence[int],
        long: Container[int] = (),
    ) -> None:
        """`places` in the conversation have texts with hits, and `counts` says how many each; `long`: the slow ones."""
        self._sought = sought
        self._text_at = text_at
        self._ends = list(accumulate(counts))
        self._place_of = place_of
        self._places = places
        self._long = long

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> list[Hit]: ...
    def __getitem__(self, at: int | slice) -> Hit | list[Hit]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        message = bisect_right(self._ends, at)
        text, index = self._text_at(self._places[message]), at - (self._ends[message - 1] if message else 0)
        # Another program may have taken the words out meanwhile.
        spans_there = _spans_in(text, self._sought) or ((0, 0),)
        return Hit(text.key, index, *spans_there[min(index, len(spans_there) - 1)])

    def __iter__(self) -> Iterator[Hit]:
        for place in self._places:
            text = self._text_at(place)
            for index, span in enumerate(_spans_in(text, self._sought)):
                yield Hit(text.key, index, *span)

    def first_from(self, key: str) -> int | None:
        """Number of the first hit in that message or below it; None when there is none."""
        message = bisect_left(self._places, self._place_of(key) or 0)
        if message == len(self._places):
            return None
        return self._ends[message - 1] if message else 0

    def is_in(self, at: int, key: str) -> bool:
        """Whether hit `at` is in that message."""
        return self._place_of(key) == self._places[bisect_right(self._ends, at)]

    def is_slow(self, at: int) -> bool:
        """Whether it takes long to locate hit `at`, so that it is to be done in a thread."""
        return self._places[bisect_right(self._ends, at)] in self._long


@lru_cache(maxsize=64)
def _spans_in(text: SearchText, sought: str) -> tuple[tuple[int, int], ...]:
    return tuple(located(shown_in(text), sought, within_edges=True))


def shown_in(text: SearchText) -> str:
    """What a reader sees of a text: Markdown without its marks."""
    if text.is_plain or not may_be_markdown(text.source):
        return text.source
    # Its patterns take 116 ms of 646 that all imports of the application take, and only a search needs them.
    from animus_tui.markdown.visible_text import visible_text

    return visible_text(text.source)


def ready_of(text: SearchText) -> str:
    """What a reader sees of a text, as it is compared: made to count hits in."""
    return comparable(shown_in(text))


def text_of(message: ChatMessage) -> SearchText | None:
    """What is shown of a message: what was said, or what a picture is of; None when nothing is."""
    if message.image is not None:
        return SearchText(message.id, printable(message.image.prompt, newlines=False), True)
    if message.role == "user":
        return SearchText(message.id, printable(message.content or ""), True)
    if message.role == "assistant":
        return SearchText(message.id, printable("\n\n".join(message.turns or [message.content or ""])), False)
    return None


class LineFilter:
    """Picks the lines of a history in which something may stand; what is left out does not hold it."""

    def __init__(self, sought: str) -> None:
        """`sought` as `sought_of` gives it."""
        self._words = bare_words(sought)
        self._bytes = [word.encode("utf-8", "replace") for word in self._words] if sought.isascii() else None

    def picked(self, lines: Sequence[bytes]) -> Sequence[int]:
        """Indexes of the lines that are to be decoded."""
        if not self._words:
            return range(len(lines))
        if len(lines) > 1 and not self._may_hold(b"\n".join(lines)):
            return ()
        return [index for index, line in enumerate(lines) if self._may_hold(_said_in(line))]

    def _may_hold(self, data: bytes) -> bool:
        bare = data.translate(None, MARKS)
        if self._bytes is not None:
            lower = bare.lower()
            if all(word in lower for word in self._bytes):
                return True
        if is_written_otherwise(data):
            return True
        if bare.isascii():
            return False
        text, shown = data.decode(errors="replace"), bare.decode(errors="replace")
        if VANISHING.search(text) is not None:
            return True
        if not (is_normalized("NFC", text) and is_normalized("NFC", shown)):
            return True
        folded = fold(shown)
        return all(word in folded for word in self._words)


def bare_words(sought: str) -> list[str]:
    """The words that stand in the bytes of a text that holds what is sought, marks left out; the longest one first."""
    bare = (word.translate(_WITHOUT_MARKS) for word in re.split("[ \ufffd]", sought))
    return sorted(filter(None, map(_without_leading_marks, bare)), key=len, reverse=True)


def _said_in(line: bytes) -> bytes:
    """A line without its id and time, which would be taken for words, if it was written here."""
    start, time = line.find(CONTENT), line.find(OWN_TIME)
    if not line.startswith(OWN_START) or start < 0 or time < start:
        return line
    after = line.find(b'"', time + len(OWN_TIME))
    return line[start + len(CONTENT) : time] + line[after:]


def is_written_otherwise(data: bytes) -> bool:
    """Whether there may be text in it that is not shown as it is written, other than by marks that go."""
    if b"\\" in data and (b"\\u" in data or b"\\b" in data or b"\\f" in data):
        return True
    if b"&" in data and _REFERENCE.search(data) is not None:
        return True
    # One byte is found much faster than two, and nearly every file ends with this one.
    link = data.find(b"](") if data.find(b"]", 0, -2) >= 0 or data.endswith(b"](") else -1
    return link >= 0 and _LINK_IN_A_WORD.search(data, link) is not None


def _without_leading_marks(word: str) -> str:
    """A word without combining characters at its beginning: what stands before them decides what they are."""
    start = 0
    while start < len(word) and combines(word[start]):
        start += 1
    return word[start:]


class HistorySearch:
    """Searches a conversation as it was when this was made, with what is put in since. `hits` may run in a thread."""

    def __init__(self, messages: Messages) -> None:
        self._entries = messages.snapshot()
        self._places = _Places(self._entries)
        self._put: dict[int, SearchText] = {}
        """The texts that were put in, by their places."""
        self._ready: dict[int, str] = {}
        """By place, texts as they are compared, as far as they are kept."""
        self._room = MOST_READY
        self._changes = 0
        self._last: tuple[int, str, Sequence[int]] = (-1, "", ())

    def put(self, key: str, text: str, *, plain: bool = False) -> None:
        """Other words for a message, or a message below all others; a `plain` one is seen as it stands."""
        place = self._places.taken(key)
        self._put = {**self._put, place: SearchText(key, text, plain)}  # a search that runs keeps its own
        self._changes += 1

    def hits(self, needle: str, *, goes_on: Callable[[], bool] = lambda: True) -> Hits:
        """Every hit; none once `goes_on` says that nobody waits for them any more.

        When the needle only grew, only messages that had a hit before are looked at again.
        """
        nothing = Hits("", partial(_text_at, self._entries, {}), (), self._places.get, places=())
        sought = sought_of(needle)
        if not sought:
            return nothing
        changes, put = self._changes, self._put
        made, before, among = self._last
        is_narrower = made == changes and bool(before) and before in sought
        found, counts, long = array("l"), array("l"), set[int]()
        for place, text in self._texts(LineFilter(sought), put, among if is_narrower else None):
            if not goes_on():
                return nothing
            if count := min(text.count(sought), MOST_HITS):
                found.append(place)
                counts.append(count)
                if len(text) > LONGEST_PART:
                    long.add(place)
        self._last = (changes, sought, found)
        text_at = partial(_text_at, self._entries.snapshot(), put)
        return Hits(sought, text_at, counts, self._places.get, places=found, long=long)

    def _texts(
        self, lines: LineFilter, put: Mapping[int, SearchText], among: Sequence[int] | None
    ) -> Iterator[tuple[int, str]]:
        """Place and text, as it is compared, of the messages in which it may stand, in order."""
        entries = self._entries.snapshot()
        count = len(entries)
        changed = sorted(place for place in put if place < count)
        for place, message in entries.select(lines.picked, among=among, always=changed, known=self._ready):
            if place in put:
                yield place, ready_of(put[place])
            elif message is None:
                yield place, self._ready[place]
            elif (text := text_of(message)) is not None:
                yield place, self._kept(place, ready_of(text))
        yield from sorted((place, ready_of(text)) for place, text in put.items() if place >= count)

    def _kept(self, place: int, ready: str) -> str:
        if len(ready) <= self._room:
            self._room -= len(ready)
            self._ready[place] = ready
        return ready


def _text_at(entries: History, put: Mapping[int, SearchText], place: int) -> SearchText:
    """The text at a place, read when it is asked for."""
    if place in put:
        return put[place]
    message = entries.message(place)
    return text_of(message) or SearchText(message.id, "", True)


class _Places:
    """Id of a message → its place in the conversation."""

    def __init__(self, entries: History) -> None:
        self._entries = entries
        self._new: dict[str, int] = {}

    def taken(self, key: str) -> int:
        """The place of a message; a new one gets the next."""
        place = self._entries.place(key)
        if place is None:
            place = self._new.setdefault(key, len(self._entries) + len(self._new))
        return place

    def get(self, key: str) -> int | None:
        """The place of a message; None when there is none of that id."""
        place = self._entries.place(key)
        return self._new.get(key) if place is None else place


def bring(search: HistorySearch, texts: Iterable[SearchText]) -> None:
    """Put texts into a search, in their order."""
    for text in texts:
        search.put(text.key, text.source, plain=text.is_plain)


# Comparing texts

MOST_HITS = 10_000
"""Hits in one text that are counted."""
LONGEST_PART = 100_000
"""Characters that are folded, or whose gaps are made blanks, in one step: no other thread runs meanwhile."""

# Below U+0300 every character stands for itself and none combines with the one before it.
_MAY_CHANGE = re.compile("[\x00-\u02ff]?[\u0300-\U0010ffff]+")
_JAMO = "\u1160", "\u11ff"
"""Korean vowels and final consonants, which combine with the character before although they are letters."""


class Composed(NamedTuple):
    """A text in its composed form, and where its parts stood before."""

    text: str
    ends: list[int]
    """Offset into `text` behind each part that changed."""
    parts: list[tuple[int, int, int, int]]
    """Of each part that changed: start and end in `text`, start and end in the text before."""

    def span_before(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of `text` stood in the text before."""
        return self._offset_before(start, is_end=False), self._offset_before(end, is_end=True)

    def _offset_before(self, offset: int, *, is_end: bool) -> int:
        at = bisect_left(self.ends, offset) if is_end else bisect_right(self.ends, offset)
        if at < len(self.parts):
            begin, _, begin_before, end_before = self.parts[at]
            if begin < offset:  # within a part: its edges are all that can be said
                return end_before if is_end else begin_before
        if not at:
            return offset
        _, end, _, end_before = self.parts[at - 1]
        return offset - end + end_before


def composed(text: str) -> Composed:
    """The composed form of a text; the same text in most cases."""
    if text.isascii() or is_normalized("NFC", text):
        return Composed(text, [], [])
    pieces: list[str] = []
    ends: list[int] = []
    parts: list[tuple[int, int, int, int]] = []
    before = length = 0
    for start, end in _changing(text):
        whole = normalize("NFC", text[start:end])
        pieces += (text[before:start], whole)
        begin = length + start - before
        before, length = end, begin + len(whole)
        parts.append((begin, length, start, end))
        ends.append(length)
    return Composed("".join(pieces) + text[before:], ends, parts)


def _changing(text: str) -> list[tuple[int, int]]:
    """Start and end of each smallest part that is not composed."""
    found: list[tuple[int, int]] = []
    for run in _MAY_CHANGE.finditer(text):
        if is_normalized("NFC", run[0]):
            continue
        start = run.start()
        for at in range(start + 1, run.end() + 1):
            if at == run.end() or not combines(text[at]):
                if not is_normalized("NFC", text[start:at]):
                    found.append((start, at))
                start = at
    return found


def combines(character: str) -> bool:
    """Whether a character may become one with the character before it."""
    return category(character)[0] == "M" or _JAMO[0] <= character <= _JAMO[1]


# What has a longer folded form is among these.
_LONGER = re.compile("([\xdf\u0130\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9e\u1f50-\u1ffc\ufb00-\ufb17])")


def fold(text: str) -> str:
    """The text to compare without case, letter by letter: as long as before."""
    if len(text) > LONGEST_PART:
        return "".join(fold(text[at : at + LONGEST_PART]) for at in range(0, len(text), LONGEST_PART))
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    parts = ((part, part.casefold()) for part in _LONGER.split(text))
    return "".join(folded if len(folded) == len(part) else part.lower()[0] for part, folded in parts)


_GAP = re.compile(r"\s+")


@lru_cache(maxsize=16)
def sought_of(needle: str) -> str:
    """The folded needle with one blank for each gap; empty when there is nothing to look for."""
    sought = _GAP.sub(" ", fold(composed(needle).text))
    return "" if sought == " " else sought


@lru_cache(maxsize=16)
def _pattern(sought: str) -> re.Pattern[str]:
    pattern = r"\s++".join(map(re.escape, sought.split(" ")))
    # From the beginning of a gap only, or a long one would be tried from each of its blanks.
    return re.compile(rf"(?<!\s){pattern}" if sought.startswith(" ") else pattern)


def spans(line: str, needle: str) -> list[tuple[int, int]]:
    """Where the needle stands in a line of visible text, from left to right, without overlaps: the first MOST_HITS."""
    sought = sought_of(needle)
    if not sought:
        return []
    return located(line, sought)


def located(text: str, sought: str, *, within_edges: bool = False) -> list[tuple[int, int]]:
    """Where a folded needle stands in a visible text; `within_edges`: blanks at both ends are nothing that is seen."""
    whole = composed(text)
    folded = fold(whole.text)
    first = len(folded) - len(folded.lstrip()) if within_edges else 0
    last = len(folded.rstrip()) if within_edges else len(folded)
    matches = islice(_pattern(sought).finditer(folded, first, last), MOST_HITS)
    found = [match.span() for match in matches]
    return [whole.span_before(*span) for span in found] if whole.parts else found


def comparable(text: str) -> str:
    """A visible text in the form in which a folded needle is counted: folded, with one blank for each gap."""
    folded = fold(composed(text).text)
    return " ".join(filter(None, (" ".join(part.split()) for part in _parts(folded))))


def _parts(text: str) -> Iterator[str]:
    """The text in parts that begin with a gap."""
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + LONGEST_PART)
        end = gap.start() if gap is not None else len(text)
        yield text[start:end]
        start = end

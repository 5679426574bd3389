"""A promise that a model writes into its text: the tag that stands for a picture in the history, or a function call.

The text is read in pieces. What may become such markup is held back until it is known, so that nothing of it is ever
shown; all other text passes at once. Inside of code nothing is a tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from animus_tui.chat.reply_text import fence_after

LONGEST = 6000
"""Characters up to which markup is waited for; no description is that long."""
MOST_OF_A_FENCE = 200
"""Characters of a line that tell whether it is the mark of a fenced code block."""


class Promise(Struct, frozen=True):
    """A picture that a reply promises."""

    description: str
    """What is to be seen, in the model's words."""
    shows_writer: bool | None = None
    """Whether the character is in it; None when that was not told."""


class Markup(Struct, frozen=True):
    """A piece of markup at the beginning of a text."""

    length: int
    """Characters that it takes."""
    promise: Promise | None = None
    """None for what belongs to no promise and is not shown either, such as a closing tag."""


Read = Markup | Literal["unfinished"] | None
"""Markup, what may become some when more text follows, or neither."""
Reader = Callable[[str, bool, bool], Read]
"""Reads the beginning of a text. True, first: no more text follows; second: it stands at the beginning of a line."""

_ATTRIBUTE = r"""[\w-]+\s*=\s*(?:"[^"]*"|'[^']*')"""
_TAG = re.compile(
    rf"<image\s+(?:{_ATTRIBUTE}\s+)*?description\s*=\s*(?P<quote>[\"'])(?P<text>(?:(?!<image\s).)*?)(?P=quote)"
    rf"(?:\s+{_ATTRIBUTE})*\s*(?P<end>/?>)",
    re.IGNORECASE | re.DOTALL,
)
"""The description may hold its own kind of quotes: it ends where the tag does."""
_UNCLOSED = re.compile(
    rf"<image\s+(?:{_ATTRIBUTE}\s+)*?description\s*=\s*(?P<quote>[\"'])(?P<text>.+)(?P=quote)\s*/?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
"""A tag at the end of a text that lacks its last character."""
_BEGUN = re.compile(
    rf"<image(?:\s+(?:{_ATTRIBUTE}\s*)*(?:[\w-]+\s*(?:=\s*(?:[\"'].*)?)?)?/?)?\Z", re.IGNORECASE | re.DOTALL
)
_START, _END = "<image", "</image>"


def read_tag(text: str, final: bool, begins_line: bool) -> Read:
    """`<image description="…" />` in any of the ways in which models write it."""
    low = text[: len(_END)].lower()
    if low == _END:
        return Markup(len(_END))
    if match := _TAG.match(text):
        return Markup(match.end(), _described(match["text"]))
    if final:
        match = _UNCLOSED.match(text)
        return Markup(match.end(), _described(match["text"])) if match else None
    if _END.startswith(low) or _START.startswith(low) or _BEGUN.match(text):
        return "unfinished"
    return None


def _described(text: str) -> Promise | None:
    words = (
        html.unescape(text).replace('\\"', '"').replace("\\'", "'").strip().removeprefix("Modified:").strip()
    )
    return Promise(words) if words else None


class MarkupFilter:
    """Takes markup out of a text that comes in pieces; the same text in other pieces gives the same."""

    def __init__(self, readers: Sequence[Reader] = (), starts: re.Pattern[str] = re.compile("<")) -> None:
        """`readers` know markup beside the tag; `starts` matches wherever any may begin."""
        self.promises: list[Promise] = []
        """What was promised so far."""
        self._readers = (read_tag, *readers)
        self._starts = starts
        self._code = _CodeState()
        self._held = ""
        self._space = _Space()

    def feed(self, text: str) -> str:
        """Take the next piece; returns what is shown of it and of what was held back."""
        return self._advance(self._held + text, final=False)

    def finish(self) -> str:
        """The text has ended; returns what was held back and did not become markup."""
        return self._advance(self._held, final=True)

    def _advance(self, text: str, *, final: bool) -> str:
        self._held = ""
        out: list[str] = []
        at = begun = looked = 0
        while start := self._starts.search(text, at):
            at = start.start()
            self._code.feed(text[looked:at])
            looked = at
            found = self._read(text[at : at + LONGEST], final=final)
            if found == "unfinished":
                self._held = text[at:]
                text = text[:at]
                break
            if found is None:
                at += 1
                continue
            out.append(self._space.feed(text[begun:at]))
            self._space.cut()
            self.promises += [found.promise] if found.promise else []
            at = begun = looked = at + found.length
        self._code.feed(text[looked:])
        out.append(self._space.feed(text[begun:]))
        return "".join(out)

    def _read(self, text: str, *, final: bool) -> Read:
        for reader in () if self._code.is_code else self._readers:
            found = reader(text, final, self._code.is_line_blank)
            if found == "unfinished" and len(text) == LONGEST:
                found = None
            if found is not None:
                return found
        return None


class _CodeState:
    """Whether the end of a text that comes in pieces is inside of code: a fenced block, or a span in the last line."""

    def __init__(self) -> None:
        self.is_line_blank = True
        """Whether nothing stands in the last line so far."""
        self._fence = ""
        self._is_span = False
        self._line = ""

    @property
    def is_code(self) -> bool:
        """Whether what comes next is code."""
        return bool(self._fence) or self._is_span

    def feed(self, text: str) -> None:
        """Take the next piece."""
        first, *more = text.split("\n")
        self._add(first)
        for line in more:
            self._fence = fence_after(self._line, self._fence)
            self._line, self._is_span, self.is_line_blank = "", False, True
            self._add(line)

    def _add(self, text: str) -> None:
        self.is_line_blank = self.is_line_blank and not text.strip()
        self._is_span ^= text.count("`") % 2 == 1
        self._line = (self._line + text)[:MOST_OF_A_FENCE]


class _Space:
    """White space around markup that was taken out: the wider part of it stays, and none at the ends of the text."""

    def __init__(self) -> None:
        self._before = ""
        """White space that waits until something follows it."""
        self._after: str | None = None
        """White space behind markup, when there was some since the last word."""
        self._has_begun = False

    def cut(self) -> None:
        """Markup was taken out here."""
        self._after = self._after or ""

    def feed(self, text: str) -> str:
        """What is shown by now."""
        if self._after is not None:
            words = text.lstrip()
            self._after += text[: len(text) - len(words)]
            if not words:
                return ""
            is_needed = self._has_begun and words[0] not in ".,;:!?)"
            wider = max(self._before, self._after, key=lambda space: (space.count("\n"), len(space)))
            text = (wider if is_needed else "") + words
            self._after = None
        else:
            text = self._before + text
        body = text.rstrip()
        self._before = text[len(body) :]
        self._has_begun = self._has_begun or bool(body)
        return body

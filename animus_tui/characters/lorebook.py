"""Lorebooks: texts that are added to the instructions of a character when the conversation mentions their keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

DEFAULT_BUDGET = 512
"""Tokens of all texts that are added at once, where the lorebook does not say it."""
DEFAULT_DEPTH = 4
"""Messages in which keys are looked for, where the lorebook does not say it."""
MOST_SCANNED = 16_000
"""Characters in which keys are looked for, the newest: some 20 long messages."""
MOST_LOOKS = 100_000
"""Places that are looked at for keys of several words: a text may be made of nothing but the beginning of one."""

# Scripts without blanks between words, or with particles that grow onto them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[^\W{_UNSPACED}]+")
_LETTER = re.compile(rf"[^\W_{_UNSPACED}]")


class LorebookEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A text and its keys."""

    keys: tuple[str, ...] = ()
    secondary_keys: tuple[str, ...] = ()
    """With `selective`, one of these has to be mentioned, too."""
    selective: bool = False
    content: str = ""
    enabled: bool = True
    insertion_order: float = 100
    """The text with the lower order stands first."""
    case_sensitive: bool = False
    constant: bool = False
    """Whether it is added without any key."""
    priority: float | None = None
    """The text with the lower priority is left out first; None: `insertion_order`."""
    position: str = ""
    """`before_char`, `after_char`, or empty: where it is to stand in the instructions."""


class Lorebook(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The entries of a character."""

    entries: tuple[LorebookEntry, ...] = ()
    scan_depth: int = DEFAULT_DEPTH
    """Messages in which keys are looked for, the newest."""
    token_budget: int = DEFAULT_BUDGET
    """Tokens of all texts that are added at once."""
    unused: tuple[str, ...] = ()
    """Features of the card that are not supported, such as "regular expressions": kept in the card."""

    def matched(
        self, texts: Sequence[str], budget: float, count: Callable[[str], float]
    ) -> list[LorebookEntry]:
        """The entries that the newest of these messages bring up, in order, whose texts fit into a budget of tokens.

        `texts` are messages, the oldest first; `count` says how many tokens a text takes. Pure and fast, whatever the
        lorebook and the messages are.
        """
        recent = texts[-self.scan_depth :] if self.scan_depth > 0 else ()
        scanned = _Scanned(_newest(recent))
        found = [entry for entry in self.entries if _is_brought_up(entry, scanned)]
        left, kept = budget, []
        for entry in sorted(found, key=_weight, reverse=True):
            cost = count(entry.content)
            if cost <= left:
                left -= cost
                kept.append(entry)
        return sorted(kept, key=lambda entry: entry.insertion_order)


def _weight(entry: LorebookEntry) -> tuple[bool, float]:
    return entry.constant, entry.insertion_order if entry.priority is None else entry.priority


def _newest(texts: Iterable[str]) -> str:
    """The texts, one below the other, but no more than the newest of their characters."""
    left, parts = MOST_SCANNED, []
    for text in reversed(list(texts)):
        if left <= 0:
            break
        parts.append(text[-left:])
        left -= len(text)
    return "\n".join(reversed(parts))


def _is_brought_up(entry: LorebookEntry, scanned: _Scanned) -> bool:
    if not entry.enabled or not entry.content:
        return False
    if entry.constant:
        return True
    if not any(scanned.has(key, entry.case_sensitive) for key in entry.keys):
        return False
    if not entry.selective or not entry.secondary_keys:
        return True
    return any(scanned.has(key, entry.case_sensitive) for key in entry.secondary_keys)


class _Scanned:
    """The newest messages, prepared for many keys."""

    def __init__(self, text: str) -> None:
        self._plain, self._folded = text, text.casefold()
        self._plain_words = frozenset(_WORD.findall(self._plain))
        self._folded_words = frozenset(_WORD.findall(self._folded))
        self._looks = MOST_LOOKS

    def has(self, key: str, case_sensitive: bool) -> bool:
        """Whether the text has the key, as whole words where it begins and ends with a letter."""
        key = key.strip() if case_sensitive else key.strip().casefold()
        if not key:
            return False
        if _WORD.fullmatch(key):
            return key in (self._plain_words if case_sensitive else self._folded_words)
        return self._has_phrase(key, self._plain if case_sensitive else self._folded)

    def _has_phrase(self, key: str, text: str) -> bool:
        first, last = _LETTER.match(key[0]) is not None, _LETTER.match(key[-1]) is not None
        at = text.find(key)
        while at >= 0 and self._looks > 0:
            self._looks -= 1
            end = at + len(key)
            is_begun = first and at > 0 and _LETTER.match(text[at - 1])
            goes_on = last and end < len(text) and _LETTER.match(text[end])
            if not is_begun and not goes_on:
                return True
            at = text.find(key, at + 1)
        return False

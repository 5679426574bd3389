"""A card's `character_book` as a lorebook: what is not used of it stays in the card and is told."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, TypeGuard

from animus_tui.characters.lorebook import DEFAULT_BUDGET, DEFAULT_DEPTH, Lorebook, LorebookEntry
from animus_tui.printable import printable

MOST_ENTRIES = 5_000
MOST_KEYS = 10_000
"""Keys of all entries."""
LONGEST_KEY = 200
MOST_BUDGET = 100_000
MOST_DEPTH = 100
_REGEX = re.compile(r"/.+/[a-z]*", re.DOTALL)
_DECORATORS = re.compile(r"(?:[ \t]*@@[^\n]*(?:\n|\Z)|[ \t]*\n)+")

REGEX = "regular expressions"
RECURSION = "recursion"
PROBABILITY = "probabilities"
DECORATORS = "decorators"
LONG = "keys of more than 200 characters"
TOO_MANY = "what is beyond the first 5,000 entries or 10,000 keys"


def lorebook_of(raw: object) -> tuple[Lorebook | None, bool]:
    """The lorebook in a card's value, and whether a part of it could not be read."""
    if not isinstance(raw, dict):
        return None, raw is not None
    entries = raw.get("entries")
    if isinstance(entries, dict):  # as SillyTavern keeps them by themselves
        entries = list(entries.values())
    if not isinstance(entries, list):
        return None, True
    reader = _Reader()
    read = [entry for each in entries[:MOST_ENTRIES] if (entry := reader.entry(each)) is not None]
    if len(entries) > MOST_ENTRIES:
        reader.unused.add(TOO_MANY)
    if raw.get("recursive_scanning") is True:
        reader.unused.add(RECURSION)
    depth, budget = raw.get("scan_depth"), raw.get("token_budget")
    is_odd = reader.is_odd or not all(value is None or _is_number(value) for value in (depth, budget))
    book = Lorebook(
        entries=tuple(read),
        scan_depth=_within(depth, DEFAULT_DEPTH, MOST_DEPTH),
        token_budget=_within(budget, DEFAULT_BUDGET, MOST_BUDGET),
        unused=tuple(sorted(reader.unused)),
    )
    return book, is_odd


def book_of(book: Lorebook) -> dict[str, Any]:
    """A lorebook as a card has it."""
    return {
        "extensions": {},
        "scan_depth": book.scan_depth,
        "token_budget": book.token_budget,
        "entries": [_raw(entry) for entry in book.entries],
    }


def _raw(entry: LorebookEntry) -> dict[str, Any]:
    more = {"priority": entry.priority, "position": entry.position or None}
    return {
        "keys": list(entry.keys),
        "secondary_keys": list(entry.secondary_keys),
        "selective": entry.selective,
        "content": entry.content,
        "enabled": entry.enabled,
        "insertion_order": entry.insertion_order,
        "case_sensitive": entry.case_sensitive,
        "constant": entry.constant,
        "extensions": {},
        **{key: value for key, value in more.items() if value is not None},
    }


class _Reader:
    """Reads entries and remembers what is not used of them."""

    def __init__(self) -> None:
        self.unused: set[str] = set()
        self.is_odd = False
        self._keys_left = MOST_KEYS

    def entry(self, raw: object) -> LorebookEntry | None:
        """An entry; None when it is none, or has no text."""
        if not isinstance(raw, dict):
            self.is_odd = True
            return None
        content = self._content(raw.get("content"))
        if not content:
            return None
        extensions = raw.get("extensions")
        self._note_unused(raw, extensions if isinstance(extensions, dict) else {})
        is_regex = raw.get("use_regex") is True
        keys = self._keys(raw.get("keys", raw.get("key")), is_regex=is_regex)
        secondary = self._keys(raw.get("secondary_keys", raw.get("keysecondary")), is_regex=is_regex)
        order = raw.get("insertion_order", raw.get("order"))
        priority, position = raw.get("priority"), raw.get("position")
        return LorebookEntry(
            keys=keys,
            secondary_keys=secondary,
            selective=self._flag(raw, "selective", default=False),
            content=content,
            enabled=self._flag(raw, "enabled", default=raw.get("disable") is not True),
            insertion_order=order if _is_number(order) else 100,
            case_sensitive=self._flag(raw, "case_sensitive", default=False),
            constant=self._flag(raw, "constant", default=False),
            priority=priority if _is_number(priority) else None,
            position=position
            if isinstance(position, str) and position in ("before_char", "after_char")
            else "",
        )

    def _content(self, raw: object) -> str:
        if not isinstance(raw, str):
            self.is_odd = self.is_odd or raw is not None
            return ""
        text = printable(raw)
        if text.lstrip().startswith("@@") and (decorators := _DECORATORS.match(text)) is not None:
            self.unused.add(DECORATORS)
            text = text[decorators.end() :]
        return text.strip()

    def _note_unused(self, raw: dict[str, Any], extensions: dict[str, Any]) -> None:
        probability = extensions.get("probability", raw.get("probability"))
        is_asked = extensions.get("useProbability", raw.get("useProbability", True))
        if _is_number(probability) and probability < 100 and is_asked:
            self.unused.add(PROBABILITY)

    def _keys(self, raw: object, *, is_regex: bool) -> tuple[str, ...]:
        if isinstance(raw, str):
            raw = raw.split(",")
        if not isinstance(raw, list):
            self.is_odd = self.is_odd or raw is not None
            return ()
        keys = [
            printable(key, newlines=False).strip() for key in raw[: self._keys_left] if isinstance(key, str)
        ]
        self.is_odd = self.is_odd or any(not isinstance(key, str) for key in raw[: self._keys_left])
        if len(raw) > self._keys_left:
            self.unused.add(TOO_MANY)
        self._keys_left -= min(len(raw), self._keys_left)
        short = [key for key in keys if key and len(key) <= LONGEST_KEY]
        if len(short) < sum(map(bool, keys)):
            self.unused.add(LONG)
        plain = [] if is_regex else [key for key in short if not _REGEX.fullmatch(key)]
        if len(plain) < len(short):
            self.unused.add(REGEX)
        return tuple(plain)

    def _flag(self, raw: dict[str, Any], key: str, *, default: bool) -> bool:
        value = raw.get(key)
        if isinstance(value, bool):
            return value
        self.is_odd = self.is_odd or value is not None
        return default


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _within(value: object, default: int, most: int) -> int:
    return max(0, min(int(value), most)) if _is_number(value) else default

"""Changing one setting in the text of a TOML file: comments, order, other lines and line ends stay as they are.

A change is made in the line of the setting where that can be done, and by tomlkit where it cannot, as in an inline
table. Each result is read again: it is used only when it says what was wanted and all that the file said before.
"""

from __future__ import annotations

import copy
import re
import tomllib
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from animus_tui.config.template import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINE_END = re.compile(r"(\r\n|\r|\n)")
HEADER = re.compile(r"\s*\[")
COMMENTED_SETTING = re.compile(r"\s*#\s*[\w.\"'-]+\s*=")
MARK = "\ufeff"
"""Some editors begin a file with it."""


def change_setting(text: str, table: str, key: str, value: object, *, default: object = None) -> str:
    """The text of a TOML file with another value of a setting; with None it is not set any more.

    `default` stands in the comment that remains of a setting below a comment. A ValueError says in the words behind
    "the file" why there is no such text, such as that another line would have to change; the text must be TOML.
    """
    mark = MARK if text.startswith(MARK) else ""
    parts = LINE_END.split(text.removeprefix(MARK))
    lines, ends = parts[::2], parts[1::2]
    before = tomllib.loads("\n".join(lines))
    wanted = _with_value(before, table, key, value)
    if repr(wanted) == repr(before):
        return text
    for candidate in _candidates(lines, before, table, key, value, default):
        try:
            is_right = _filled(tomllib.loads("\n".join(candidate))) == _filled(wanted)
        except (ValueError, RecursionError):
            continue
        if is_right:
            return mark + _joined(candidate, lines, ends)
    raise ValueError(f"says {key} in a way that cannot be changed without changing other lines")


def _with_value(before: dict[str, Any], table: str, key: str, value: object) -> dict[str, Any]:
    wanted = copy.deepcopy(before)
    section = wanted.setdefault(table, {})
    if not isinstance(section, dict):
        raise ValueError(f"has a {table} that is no table")  # noqa: TRY004 (what the file holds, no wrong call)
    if value is not None:
        section[key] = list(value) if isinstance(value, tuple) else value
    elif key in section:
        del section[key]
    if not section and table not in before:
        del wanted[table]
    return wanted


def _filled(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables that are not empty: a table goes with the last of its dotted keys."""
    return {name: content for name, content in tables.items() if content != {}}


def _candidates(
    lines: list[str], before: dict[str, Any], table: str, key: str, value: object, default: object
) -> Iterator[list[str]]:
    """Lines that may be the wanted ones, the best first."""
    stated = re.compile(rf"\s*(?:{_name(table)}\s*\.\s*)?{_name(key)}\s*=")
    places = [at for at, line in enumerate(lines) if stated.match(line)]
    if value is None:
        yield from _without(lines, places, table, key, default)
    elif key in before.get(table, {}):
        yield from (
            _replaced(lines, at, line) for at in places if (line := _assigned(lines[at], table, key, value))
        )
    else:
        yield from _added(lines, before, table, key, value)
    yield from _by_tomlkit(lines, table, key, value)


def _without(
    lines: list[str], places: Iterable[int], table: str, key: str, default: object
) -> Iterator[list[str]]:
    """The line becomes a comment where a comment above it says what it is for, and goes elsewhere."""
    for at in places:
        if at and lines[at - 1].lstrip().startswith("#"):
            line = lines[at] if default is None else _assigned(lines[at], table, key, default)
            yield _replaced(lines, at, *([f"#{line}"] if line else []))
        for end in range(at + 1, len(lines) + 1):  # a value may take several lines
            yield [*lines[:at], *lines[end:]]


def _added(
    lines: list[str], before: dict[str, Any], table: str, key: str, value: object
) -> Iterator[list[str]]:
    """In place of a comment with the setting, else behind the last setting of its table, else in a new table."""
    new = f"{key} = {literal(value)}"
    header = re.compile(rf"\s*\[\s*{_name(table)}\s*\]")
    commented = re.compile(rf"(\s*)#\s*({_name(key)}\s*=.*)")
    for first in (at + 1 for at, line in enumerate(lines) if header.match(line)):
        section = list(takewhile(lambda line: not HEADER.match(line), lines[first:]))
        for at, line in enumerate(section, first):
            if (found := commented.fullmatch(line)) and (
                shown := _assigned(found[1] + found[2], table, key, value)
            ):
                yield _replaced(lines, at, shown)
        settings = [at for at, line in enumerate(section, first + 1) if _is_setting(line)]
        last = settings[-1] if settings else first
        yield [*lines[:last], new, *lines[last:]]
    if table not in before:
        head = lines[:-1] if lines[-1] == "" else lines
        yield [*head, *([""] if head and head[-1].strip() else []), f"[{table}]", new, ""]


def _is_setting(line: str) -> bool:
    return bool(line.strip()) and (not line.lstrip().startswith("#") or bool(COMMENTED_SETTING.match(line)))


def _by_tomlkit(lines: list[str], table: str, key: str, value: object) -> Iterator[list[str]]:
    """What tomlkit makes of it, unless it changes more than the lines of the value."""
    try:
        document = tomlkit.parse("\n".join(lines))
        section = document[table]
        rows = section[key].as_string().count("\n") + 1 if key in section else 0
        if value is None:
            del section[key]
        else:
            section[key] = tomlkit.value(literal(value))
        candidate = document.as_string().split("\n")
    except (TOMLKitError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return
    above, below = _same_ends(candidate, lines)
    if len(lines) - above - below <= max(rows, 1):
        yield candidate


def _assigned(line: str, table: str, key: str, value: object) -> str | None:
    """A line that sets a setting, with another value; None for a line that is none by itself."""
    try:
        document = tomlkit.parse(line)
        place = document if key in document else document[table]
        place[key] = tomlkit.value(literal(value))
        assigned = document.as_string()
    except (TOMLKitError, LookupError, TypeError, ValueError, AttributeError):
        return None
    return None if "\n" in assigned else assigned


def _replaced(lines: list[str], at: int, *line: str) -> list[str]:
    return [*lines[:at], *line, *lines[at + 1 :]]


def _name(name: str) -> str:
    """The pattern of a bare or quoted name."""
    return rf"(?:{name}|\"{name}\"|'{name}')"


def _same_ends(lines: list[str], before: list[str]) -> tuple[int, int]:
    """How many lines are the same at the beginning and, of the others, at the end."""
    pairs = zip(lines, before, strict=False)
    above = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    rest = zip(reversed(lines[above:]), reversed(before[above:]), strict=False)
    return above, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))


def _joined(lines: list[str], before: list[str], ends: list[str]) -> str:
    """The lines with the ends that they had; new ones get the end that the first line has."""
    above, below = _same_ends(lines, before)
    usual = ends[0] if ends else "\n"
    joined = ""
    for at, line in enumerate(lines[:-1]):
        was = at if at < above else at - len(lines) + len(before) if at >= len(lines) - below else len(ends)
        joined += line + (ends[was] if was < len(ends) else usual)
    return joined + lines[-1]

"""Branches of a conversation: several continuations from one entry on, of which one is shown. Pure functions on lines.

The shown continuation are the entries of the file themselves. The others stand in `branches` of its first entry, each
as a list of entries, and null stands there in the place of the shown one. So the array of a file is always the
conversation that is shown, and entries that are put away keep their bytes. A function gets the lines of the shown
continuation to the end of the file, and returns those that are to stand there instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Raw, Struct
from msgspec import json as codec
from msgspec.structs import replace

from animus_tui.chat.storage.history_format import raw_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

BRANCHES = "branches"
_decode = codec.Decoder(list[list[Raw] | None]).decode

Branch = list[bytes]
"""The lines of one continuation."""


class _Fork(Struct, frozen=True):
    """All continuations from one entry on."""

    branches: list[Branch | None]
    """Oldest first; None in the place of the shown one."""
    shown: int
    lines: Branch
    """The shown one, its first entry without `branches`."""

    @classmethod
    def at(cls, lines: Sequence[bytes]) -> _Fork:
        """The continuations from the first of these lines on; ValueError, RecursionError: it is no object."""
        fields = raw_fields(lines[0])
        known = _branches_in(fields.pop(BRANCHES, None))
        if known is None:
            return cls([None], 0, list(lines))
        return cls(known, known.index(None), [codec.encode(fields), *lines[1:]])

    def put_away(self) -> list[Branch | None]:
        """All continuations, the shown one included."""
        return [*self.branches[: self.shown], self.lines, *self.branches[self.shown + 1 :]]


def _branches_in(raw: object) -> list[Branch | None] | None:
    """The branches of an entry; None when it has none, or something else of that name."""
    if not isinstance(raw, Raw):
        return None
    try:
        branches = _decode(raw)
    except ValueError:
        return None
    if branches.count(None) != 1 or [] in branches:
        return None
    return [None if each is None else list(map(bytes, each)) for each in branches]


def _with_branches(branches: Sequence[Branch | None], lines: Branch) -> Branch:
    """The lines with these branches in the first one. A key of that name with another value is overwritten."""
    if len(branches) == 1:
        return lines
    others = [None if each is None else list(map(Raw, each)) for each in branches]
    return [codec.encode(raw_fields(lines[0]) | {BRANCHES: others}), *lines[1:]]


def with_new(lines: Sequence[bytes], new: Branch) -> Branch:
    """Show a new continuation; the one shown so far is kept beside it."""
    return _with_branches([*_Fork.at(lines).put_away(), None], new)


def with_corrected(lines: Sequence[bytes], corrected: bytes) -> Branch:
    """Replace the first entry and keep what follows; the former entry is kept as a branch of its own."""
    fork = _Fork.at(lines)
    kept = replace(fork, lines=fork.lines[:1])
    return _with_branches([*kept.put_away(), None], [corrected, *fork.lines[1:]])


def with_shown(lines: Sequence[bytes], index: int) -> Branch:
    """Show the branch with this number, from 0. IndexError when there is none."""
    fork = _Fork.at(lines)
    branches = fork.put_away()
    chosen = branches[index]
    if index == fork.shown or chosen is None:
        return list(lines)
    branches[index] = None
    return _with_branches(branches, chosen)


class Removed(Struct, frozen=True):
    """A removed entry, with what is needed to restore it."""

    line: bytes
    """The entry without `branches`."""
    before: int
    """Branches that there were before it."""
    behind: int
    """Branches that there were behind it."""
    had_sequel: bool
    """Whether any entry came after it."""


def removed_first(lines: Sequence[bytes]) -> Removed:
    """What `without_first` takes out."""
    fork = _Fork.at(lines)
    behind = len(fork.branches) - fork.shown - 1
    return Removed(fork.lines[0], fork.shown, behind, had_sequel=len(fork.lines) > 1)


def with_first(lines: Sequence[bytes], removed: Removed) -> Branch:
    """Restore an entry that `without_first` removed; later changes stay. ValueError: its place is gone."""
    line, before, behind = removed.line, removed.before, removed.behind
    if not before + behind:
        return [line, *lines]
    if not lines:
        raise ValueError("the branches are gone")
    fork = _Fork.at(lines)
    if not removed.had_sequel:
        branches = fork.put_away()
        return _with_branches([*branches[:before], None, *branches[before:]], [line])
    past = len(fork.branches) - behind
    if not before <= fork.shown < past:
        raise ValueError("other branches are shown")
    sequel = _with_branches(fork.branches[before:past], fork.lines)
    return _with_branches([*fork.branches[:before], None, *fork.branches[past:]], [line, *sequel])


def without_first(lines: Sequence[bytes]) -> Branch:
    """Leave out the first entry. Its branches stay: at the entry behind it, or one of them is shown in its place."""
    fork = _Fork.at(lines)
    before, behind = fork.branches[: fork.shown], fork.branches[fork.shown + 1 :]
    if len(fork.lines) > 1:
        following = _Fork.at(fork.lines[1:])
        return _with_branches([*before, *following.branches, *behind], following.lines)
    others = [*before, *behind]
    if not others:
        return []
    index = max(0, len(before) - 1)
    chosen = others[index]
    return _with_branches([*others[:index], None, *others[index + 1 :]], chosen or [])

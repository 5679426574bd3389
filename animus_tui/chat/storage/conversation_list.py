"""The list of all conversations, read from their descriptions and in the order in which it is shown."""

from __future__ import annotations

import logging
import os
from bisect import bisect_right
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import read_regular
from animus_tui.chat.messages import Conversation, Summary, seconds_of
from animus_tui.chat.storage.conversation_folder import HISTORY, has_requests
from animus_tui.chat.storage.description import DESCRIPTION, conversation_of
from animus_tui.chat.storage.store import conversation_ids
from animus_tui.chat.storage.summary import read_summary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

EMPTY_SIZE = 8
"""Bytes up to which a history has no message."""
PINNED = "Pinned"
WEEKDAYS = 7
"""Days that are called by their weekday, today included."""
MONTHS = 12
"""Months that are called by their name; what is older is called by its year."""


class ListedConversation(Struct, frozen=True):
    """One conversation in the list."""

    id: str
    title: str
    character: str
    """The character's name; empty where none was set."""
    used: float
    """When the last message came, in seconds since 1970."""
    pinned: bool = False
    archived: bool = False
    summary: Summary | None = None
    """None as long as nothing is known of the history."""
    is_outdated: bool = False
    """Whether the history was changed since the summary was made."""

    @property
    def text(self) -> str:
        """The text that the filter searches."""
        words = self.summary.last_words if self.summary is not None else ""
        return f"{self.title}\n{self.character}\n{words}".casefold()


class _Description(Struct, frozen=True):
    """The part of a description that the list needs."""

    title: str = ""
    name: str = ""
    pinned: bool = False
    archived: bool = False
    summary: Summary | None = None


class _State(NamedTuple):
    """The state of a conversation's two files; as long as it is the same, so is its entry in the list."""

    described: int
    """Nanoseconds of the last change of the description."""
    inode: int
    """Of the description, which is another file after each change."""
    changed: int
    """Nanoseconds of the last change of the history; 0 when there is none."""
    size: int
    """Bytes of the history."""


_decode = msgspec.json.Decoder(_Description).decode


class ConversationList:
    """Reads the list and caches it: a second reading opens only descriptions that have changed."""

    def __init__(self, root: Path) -> None:
        """`root` is the data directory."""
        self._folder = str(root / "conversations")
        self._known: dict[str, tuple[_State, ListedConversation]] = {}
        self._folder_state = -1
        """When a conversation had come or gone last as the list was read; -1 before that."""

    def read(self, opened: Iterable[Conversation] = (), *, current: str = "") -> list[ListedConversation]:
        """All conversations, archived ones too, in the order of the list. Waits for the disk. StoreError.

        `opened`: descriptions of conversations that are open here, which may be newer than those on the disk. One in
        which nothing was said is in the list only if it is `current`, has a title, is pinned, or a picture was asked
        for in it.
        """
        known, self._folder_state = self._known, self._folder_changed()
        found: dict[str, tuple[_State, ListedConversation]] = {}
        for name in conversation_ids(self._folder):
            state = self._state(name)
            if state is None:
                continue
            before = known.get(name)
            if before is not None and before[0] == state:
                found[name] = before
            elif (listed := self._read(name, state)) is not None:
                found[name] = state, listed
        self._known = found
        return self._ordered({name: state for name, (state, _) in found.items()}, opened, current)

    def remembered(
        self, opened: Iterable[Conversation] = (), *, current: str = ""
    ) -> list[ListedConversation]:
        """The list as it was read last, with what is open here as it is now; empty when nothing was read yet."""
        if not self._known:
            return []
        opened = list(opened)
        states = {each.id: state for each in opened if (state := self._state(each.id)) is not None}
        return self._ordered(states, opened, current)

    def _ordered(
        self, states: Mapping[str, _State], opened: Iterable[Conversation], current: str
    ) -> list[ListedConversation]:
        """The cached list in its order, with what is open here, whose states `states` has."""
        items = {name: listed for name, (_, listed) in self._known.items()}
        for conversation in opened:
            state = states.get(conversation.id, _State(0, 0, 0, 0))
            items[conversation.id] = _listed(conversation.id, _described(conversation), state)
        return sorted(
            (
                each
                for each in items.values()
                if each.id == current or not _is_nothing(each) or has_requests(f"{self._folder}/{each.id}")
            ),
            key=_rank,
        )

    def has_changed(self, names: Collection[str]) -> bool:
        """Whether one of these conversations was changed since the list was read, or one has come or gone.

        Waits for the disk.
        """
        if self._folder_changed() != self._folder_state:
            return True
        return any(
            self._state(name) != (self._known[name][0] if name in self._known else None) for name in names
        )

    def _folder_changed(self) -> int:
        """When a conversation has come or gone last, in nanoseconds since 1970; 0 when there is no folder."""
        try:
            return os.stat(self._folder).st_mtime_ns  # noqa: PTH116 (a path takes longer than the look)
        except OSError:
            return 0

    def bring_up_to_date(self, listed: ListedConversation) -> ListedConversation | None:
        """The entry with a summary of the history as it is now, read from its end; None when it is gone.

        Waits for the disk.
        """
        state = self._state(listed.id)
        if state is None:
            return None
        try:
            summary = read_summary(f"{self._folder}/{listed.id}/{HISTORY}")
        except OSError as error:
            log.warning("conversation %s has no summary: %s", listed.id, error)
            summary = None
        if summary is None:
            summary = replace(listed.summary or Summary(history_size=0), history_size=state.size)
        state = state._replace(size=summary.history_size)
        description = _Description(listed.title, listed.character, listed.pinned, listed.archived, summary)
        renewed = _listed(listed.id, description, state)
        if listed.id in self._known and self._known[listed.id][0].described == state.described:
            self._known[listed.id] = state, renewed
        return renewed

    def _state(self, name: str) -> _State | None:
        """There may be thousands, so this asks the disk for no more than it needs, and makes no paths."""
        folder = f"{self._folder}/{name}"
        try:
            described = os.stat(f"{folder}/{DESCRIPTION}")  # noqa: PTH116
        except OSError:
            return None
        try:
            history = os.stat(f"{folder}/{HISTORY}")  # noqa: PTH116
        except OSError:
            return _State(described.st_mtime_ns, described.st_ino, 0, 0)
        return _State(described.st_mtime_ns, described.st_ino, history.st_mtime_ns, history.st_size)

    def _read(self, name: str, state: _State) -> ListedConversation | None:
        try:
            data = read_regular(f"{self._folder}/{name}/{DESCRIPTION}")
            try:
                description = _decode(data)
            except msgspec.ValidationError:
                description = _described(conversation_of(data, name))
        except (OSError, ValueError) as error:
            log.warning("the description of conversation %s cannot be read: %s", name, error)
            description = _Description()
        return _listed(name, description, state)


def _described(conversation: Conversation) -> _Description:
    return _Description(
        conversation.title,
        conversation.name,
        conversation.pinned,
        conversation.archived,
        conversation.summary,
    )


def _listed(name: str, description: _Description, state: _State) -> ListedConversation:
    summary = description.summary
    is_outdated = state.size > EMPTY_SIZE and (summary is None or summary.history_size != state.size)
    used = (state.changed or state.described) / 1e9
    if summary is not None and not is_outdated and (last := seconds_of(summary.last_time)) is not None:
        used = last
    return ListedConversation(
        name,
        description.title,
        description.name,
        used,
        description.pinned,
        description.archived,
        summary,
        is_outdated,
    )


def _is_nothing(listed: ListedConversation) -> bool:
    """Whether it is unused and has no title."""
    summary = listed.summary
    was_said = summary is not None and summary.messages > 0 and not summary.only_greeting
    return not (was_said or listed.is_outdated or listed.title or listed.pinned)


def _rank(listed: ListedConversation) -> tuple[bool, float, str]:
    return not listed.pinned, -listed.used, listed.id


# Filtering and grouping


def fitting(conversations: Sequence[ListedConversation], words: str) -> list[ListedConversation]:
    """The conversations that have every word in title, character's name or last words."""
    wanted = words.casefold().split()
    if not wanted:
        return list(conversations)
    return [each for each in conversations if all(word in each.text for word in wanted)]


class Group(NamedTuple):
    """Conversations that stand together under a heading."""

    name: str
    conversations: list[ListedConversation]


def grouped(conversations: Iterable[ListedConversation], today: date) -> list[Group]:
    """Conversations in the order of the list, by the user's days: pinned, today, yesterday, weekdays, months, years."""
    starts = _starts(today)
    seconds = [start for start, _ in starts]
    groups: list[Group] = []
    for each in conversations:
        name = PINNED if each.pinned else _name_at(starts, seconds, each.used)
        if not groups or groups[-1].name != name:
            groups.append(Group(name, []))
        groups[-1].conversations.append(each)
    return groups


def _starts(today: date) -> list[tuple[float, str]]:
    """When each group that has a name begins, in seconds since 1970, the oldest first."""
    begins: dict[date, str] = {}
    month = today.replace(day=1)
    for _ in range(MONTHS):
        begins[month] = f"{month:%B}" if month.year == today.year else f"{month:%B %Y}"
        month = (month - timedelta(days=1)).replace(day=1)
    for days in range(WEEKDAYS - 1, -1, -1):
        day = today - timedelta(days=days)
        begins[day] = "Today" if days == 0 else "Yesterday" if days == 1 else f"{day:%A}"
    return [
        (datetime(day.year, day.month, day.day).timestamp(), name)  # noqa: DTZ001 (the user's days)
        for day, name in sorted(begins.items())
    ]


def _name_at(starts: Sequence[tuple[float, str]], seconds: Sequence[float], used: float) -> str:
    place = bisect_right(seconds, used) - 1
    if place >= 0:
        return starts[place][1]
    try:
        return f"{datetime.fromtimestamp(used):%Y}"  # noqa: DTZ006 (the user's years)
    except (ValueError, OverflowError, OSError):
        return "Earlier"

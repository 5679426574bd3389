"""The list of all conversations, read from their descriptions and in the order in which it is shown."""

from __future__ import annotations

import logging
import os
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import read_regular
from animus_tui.chat.messages import Conversation, Summary, seconds_of
from animus_tui.chat.storage.conversation_folder import HISTORY, has_requests
from animus_tui.chat.storage.description import DESCRIPTION, conversation_of
from animus_tui.chat.storage.store import NO_FILES, FilesState, conversation_ids, files_state
from animus_tui.chat.storage.summary import read_summary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
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


_decode = msgspec.json.Decoder(_Description).decode


class ConversationList:
    """Reads the list and caches it: a second reading opens only descriptions that have changed."""

    def __init__(self, root: Path) -> None:
        """`root` is the data directory."""
        self._folder = str(root / "conversations")
        self._known: dict[str, tuple[FilesState, ListedConversation]] = {}
        self._folder_state = -1
        """When a conversation had come or gone last as the list was read; -1 before that."""

    def read(self, opened: Iterable[Conversation] = (), *, current: str = "") -> list[ListedConversation]:
        """All conversations, archived ones too, in the order of the list. Waits for the disk. StoreError.

        `opened`: descriptions of conversations that are open here, which may be newer than those on the disk. One in
        which nothing was said is in the list only if it is `current`, has a title, is pinned, or a picture was asked
        for in it.
        """
        known, self._folder_state = self._known, self._folder_changed()
        found: dict[str, tuple[FilesState, ListedConversation]] = {}
        for name in conversation_ids(self._folder):
            state = self._state(name)
            if not state.described:
                continue
            before = known.get(name)
            if before is None or before[0] != state:
                before = state, self._read(name, state)
            found[name] = before
        self._known = found
        return self._ordered(opened, current)

    def remembered(
        self, opened: Iterable[Conversation] = (), *, current: str = ""
    ) -> list[ListedConversation]:
        """The list as it was read last, with what is open here as it is now; empty when nothing was read yet."""
        return self._ordered(opened, current) if self._known else []

    def _ordered(self, opened: Iterable[Conversation], current: str) -> list[ListedConversation]:
        """The cached list in its order, with what is open here."""
        items = {name: listed for name, (_, listed) in self._known.items()}
        for conversation in opened:
            state = self._state(conversation.id)
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
        before = {name: state for name, (state, _) in self._known.items()}
        return any(self._state(name) != before.get(name, NO_FILES) for name in names)

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
        if not state.described:
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

    def _state(self, name: str) -> FilesState:
        return files_state(f"{self._folder}/{name}")

    def _read(self, name: str, state: FilesState) -> ListedConversation:
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


def _listed(name: str, description: _Description, state: FilesState) -> ListedConversation:
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
    groups: list[Group] = []
    named = cache(partial(_named, today))
    for each in conversations:
        name = PINNED if each.pinned else named(_day_of(each.used))
        if not groups or groups[-1].name != name:
            groups.append(Group(name, []))
        groups[-1].conversations.append(each)
    return groups


def _day_of(used: float) -> date | None:
    try:
        return date.fromtimestamp(used)  # noqa: DTZ012 (the user's days)
    except (ValueError, OverflowError, OSError):
        return None


def _named(today: date, day: date | None) -> str:
    """What a day is called today."""
    if day is None:
        return "Earlier"
    days, months = (today - day).days, 12 * (today.year - day.year) + today.month - day.month
    if days < WEEKDAYS:
        return "Today" if days < 1 else "Yesterday" if days == 1 else f"{day:%A}"
    if months < MONTHS:
        return f"{day:%B}" if day.year == today.year else f"{day:%B %Y}"
    return f"{day:%Y}"

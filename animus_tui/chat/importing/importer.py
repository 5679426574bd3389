"""Importing a file: each conversation in it appears among the others whole, or not at all."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from animus_tui.chat.importing.candidate import PLURALS
from animus_tui.chat.importing.chatgpt import chatgpt_candidate
from animus_tui.chat.importing.files import contents
from animus_tui.chat.importing.own_json import own_candidate
from animus_tui.chat.importing.sillytavern import is_chat, sillytavern_candidate
from animus_tui.chat.messages import new_id
from animus_tui.chat.storage.history_format import BYTE_ORDER_MARK, layout, parse
from animus_tui.errors import StoreError, UsageError, UserError
from animus_tui.printable import counted, short_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from animus_tui.chat.importing.candidate import Candidate
    from animus_tui.chat.importing.files import Pictures
    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)

ACCEPTED = (
    "our own JSON, the JavaScript SDK's history, ChatGPT's conversations.json or zip, and SillyTavern's JSONL"
)


class Imported(Struct):
    """The result of an import."""

    ids: list[str] = []
    """Of those that were imported, in the order of the file."""
    title: str = ""
    """Of the last one."""
    messages: int = 0
    present: list[str] = []
    """Ids of those that were there already and are left as they are."""
    blank: int = 0
    """How many have no message."""
    unreadable: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Parts of the imported ones that are not imported: noun → number."""

    @property
    def sentence(self) -> str:
        """What was imported, and what was not."""
        return " ".join(part for part in self._parts() if part)

    def _parts(self) -> Iterator[str]:
        if len(self.ids) == 1:
            name = f"“{short_line(self.title)}”" if self.title else "a conversation"
            yield f"Imported {name} with {counted(self.messages, 'message')} as {self.ids[0]}."
        elif self.ids:
            yield f"Imported {counted(len(self.ids), 'conversation')} with {counted(self.messages, 'message')}."
        if len(self.present) == 1 and not self.ids:
            yield f"This conversation is here already as {self.present[0]}."
        elif self.present:
            verb = "is" if len(self.present) == 1 else "are"
            yield f"{counted(len(self.present), 'conversation')} {verb} here already."
        if self.blank:
            yield f"{counted(self.blank, 'conversation')} without a message left out."
        if self.unreadable:
            yield f"{counted(self.unreadable, 'conversation')} could not be read."
        if left_out := +self.left_out:
            told = ", ".join(
                f"{number:,} {noun if number == 1 else PLURALS[noun]}" for noun, number in left_out.items()
            )
            yield f"Not imported: {told}."


def import_file(path: Path, store: ConversationStore, *, copy: bool = False) -> Imported:
    """Import all conversations of a file; it takes its time, and is safe in a thread.

    One that is there already is left out, unless it is to be a `copy` with an id of its own. UserError: the file
    cannot be read or holds no conversation; StoreError: the disk refuses, and what was imported by then stays.
    """
    imported = Imported()
    for data, pictures in contents(path):
        for candidate in _candidates(data, pictures, path, imported):
            try:
                _import(candidate, store, imported, copy=copy)
            except StoreError as error:
                if imported.ids:
                    raise StoreError(f"{error} Imported before: {len(imported.ids):,}.") from error
                raise
    if not (imported.ids or imported.present or imported.blank):
        raise UserError(f"{path} holds no conversation that can be read. What can be imported: {ACCEPTED}.")
    return imported


def _import(candidate: Candidate, store: ConversationStore, imported: Imported, *, copy: bool) -> None:
    conversation_id = new_id() if copy else candidate.id
    if store.has(conversation_id):
        imported.present.append(conversation_id)
        return
    with store.staged(conversation_id) as staged:
        try:
            built = candidate.build(staged)
        except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as error:
            log.warning("a conversation is not imported: %s", error)
            imported.unreadable += 1
            return
        if not built.lines:
            imported.blank += 1
            return
        try:
            staged.finish(
                replace(built.conversation, id=conversation_id), layout(built.lines), used=built.used
            )
        except UsageError:  # another program was faster
            imported.present.append(conversation_id)
            return
    imported.ids.append(conversation_id)
    imported.title = built.conversation.title
    imported.messages += len(built.lines)
    imported.left_out += built.left_out


def _candidates(data: bytes, pictures: Pictures, path: Path, imported: Imported) -> Iterator[Candidate]:
    """The conversations of one file. UserError when it is none that can be imported."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    start = data[:4096].lstrip()[:1]
    if start == b"[":
        first = _first_entry(data)
        if "mapping" in first:
            yield from _chatgpt_list(data, pictures, imported)
            return
        if "role" in first or not first:
            yield own_candidate(data, pictures, path.stem)
            return
    elif start == b"{":
        if is_chat(_decoded(data.partition(b"\n")[0])):
            yield sillytavern_candidate(data, pictures)
            return
        if "mapping" in _decoded(data):
            yield chatgpt_candidate(data, pictures)
            return
    elif parse(data).lines:  # UTF-16, as some shells write, or a damaged beginning
        yield own_candidate(data, pictures, path.stem)
        return
    raise UserError(f"{path} is none of what can be imported: {ACCEPTED}.")


def _chatgpt_list(data: bytes, pictures: Pictures, imported: Imported) -> Iterator[Candidate]:
    try:
        conversations = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        conversations = [msgspec.Raw(line) for line in parse(data).lines]  # each that is whole
        imported.unreadable += 1
    for raw in conversations:
        try:
            yield chatgpt_candidate(raw, pictures)
        except (ValueError, RecursionError):
            imported.unreadable += 1


def _first_entry(data: bytes) -> dict[str, object]:
    """The first entry of an array; empty when there is none, or when it is no object."""
    try:
        entries = [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])[:1]]
    except (ValueError, RecursionError):
        entries = parse(data).lines[:1]
    return _decoded(entries[0]) if entries else {}


def _decoded(line: bytes) -> dict[str, object]:
    try:
        fields = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}

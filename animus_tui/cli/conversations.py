"""`conversations`, `search`, `show` and `delete`: what is kept, for the shell. No service is asked."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from animus_tui import paths
from animus_tui.chat.search_everything import EverythingSearch, context
from animus_tui.chat.storage.conversation_list import ConversationList
from animus_tui.chat.storage.description import read_or_renew
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.chat.storage.trash import Trash
from animus_tui.cli.output import DONE, complain, is_terminal, say, say_json, well_formed
from animus_tui.errors import UsageError, UserError
from animus_tui.printable import printable, short_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.cli.arguments import Arguments

TIME = 16
"""Characters of an ISO 8601 time to the minute."""
BEFORE, AROUND = 40, 100
"""Characters before the words and in all, of a message that was found."""


def list_conversations(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print all conversations, the one used last first: a line, or with `--json` an object, each."""
    listing = ConversationList(paths.data_dir(env))
    for each in sorted(
        listing.read(), key=lambda listed: -listed.used
    ):  # those that are pinned come first there
        listed = listing.bring_up_to_date(each) if each.is_outdated else each
        if listed is None:  # it was deleted meanwhile
            continue
        summary = listed.summary
        messages = summary.messages if summary is not None else 0
        updated = summary.last_time if summary is not None and summary.last_time else _utc(listed.used)
        if arguments.json:
            _say_object(
                id=listed.id,
                title=listed.title,
                character=listed.character,
                messages=messages,
                updated=updated,
            )
        else:
            say(f"{listed.id}  {_minute(updated)}  {messages:5}  {_title(listed.title)}")
    return DONE


def search(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print every message that has all the words, the newest first: in its context, or with `--json` an object each."""
    words = well_formed(" ".join(arguments.words))
    if not words.strip():
        raise UsageError("There is nothing to search for: the words are blank.")
    before = ""
    for batch in EverythingSearch(paths.data_dir(env)).found(words, most=None):
        for found in batch:
            if arguments.json:
                _say_object(
                    conversation=found.conversation.id,
                    message=found.message_id,
                    role=found.role,
                    text=found.text.source,
                    timestamp=found.timestamp,
                    shown=not found.steps,
                )
                before = found.message_id
                continue
            if found.conversation.id != before:
                told = found.conversation
                archived = "  (archived)" if told.archived else ""
                say(f"{'' if not before else chr(10)}{told.id}  {_title(told.title)}{archived}")
                before = told.id
            part = context(found.text, words, before=BEFORE, length=AROUND)
            who = "picture" if found.record is not None else found.role
            note = "in another version: " if found.steps else ""
            say(f"  {_minute(found.timestamp)}  {who:9}  {note}{short_line(part.text)}")
    if not before:
        raise UserError("No message has these words.")
    return DONE


def show(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print a conversation as text."""
    store = ConversationStore(paths.data_dir(env))
    conversation_id = store.newest() if arguments.last else store.find(arguments.id)
    if conversation_id is None:
        raise UserError("There is no conversation to show yet.")
    folder = store.folder(conversation_id)
    conversation = read_or_renew(folder, writable=False)
    said = False
    for message in store.read_messages(conversation):
        if (text := _said(message, str(folder))) is None:
            continue
        who = "You" if message.role == "user" else short_line(conversation.name) or "Assistant"
        notes = " (hidden)" if message.hidden else ""
        say(f"{'' if not said else chr(10)}{who}, {_minute(message.timestamp)}{notes}\n{text}")
        said = True
    return DONE


def delete(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Move conversations to the trash; they can be restored for 30 days."""
    data = paths.data_dir(env)
    store, trash = ConversationStore(data), Trash(data)
    names = [store.find(name) for name in arguments.ids]  # all of them are there before the first is deleted
    for name in dict.fromkeys(names):
        title = _title(read_or_renew(store.folder(name), writable=False).title)
        trash.delete(name)
        say(f"{name}  {title}")
    if is_terminal(sys.stderr):
        complain("moved to the trash, which is kept for 30 days")
    return DONE


def _said(message: ChatMessage, folder: str) -> str | None:
    """What is shown of a message; None when it is nothing."""
    if message.image is not None:
        return _picture(message.image, folder)
    if message.role not in ("user", "assistant"):
        return None
    shown = [_picture(record, folder) for record in message.attached or ()]
    return "\n\n".join([*shown, *(message.turns or [message.content or ""])]).strip() or None


def _picture(record: ImageRecord, folder: str) -> str:
    prompt = printable(record.prompt, newlines=False)
    return f"[picture: {prompt} → {printable(f'{folder}/{record.file}', newlines=False)}]"


def _title(title: str) -> str:
    return short_line(title) or "(without a title)"


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _minute(timestamp: str) -> str:
    """A time as it is listed, in UTC: `2026-01-31 14:02`."""
    return short_line(timestamp)[:TIME].replace("T", " ")


def _say_object(**fields: str | int) -> None:
    say_json(msgspec.json.encode(fields).decode())

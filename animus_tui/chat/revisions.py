"""Changing what was said: another reply beside the former one, a continued reply, corrections, forks.

The session runs these one at a time. What is put away is kept in the history as a branch (`storage.branches`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import json as codec
from msgspec.structs import replace

from animus_tui.chat.messages import cut_reason, now
from animus_tui.chat.storage.branches import BRANCHES, with_corrected, with_new
from animus_tui.chat.storage.history_format import encode, raw_fields
from animus_tui.errors import BlankError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.history import Messages
    from animus_tui.chat.storage.open_conversations import ConversationWriter

NO_REPLY = "There is no reply to regenerate yet."
ANSWERING = "An answer is being written. Wait for it or cancel it first."
PICTURING = "A picture that belongs here is being made. Wait for it or cancel it first."


class ReplyBranch:
    """Stores a reply in the place of another one, which is kept as a branch with all that followed it.

    As long as no word of the new reply is there the history stays as it is, on the disk too.
    """

    def __init__(self, writer: ConversationWriter, message_id: str) -> None:
        """`message_id` is that of the former reply."""
        self._writer = writer
        self.message_id = message_id
        self._size = len(writer.stored.lines_from(message_id))
        """Entries from the former reply on; what comes later, such as a picture, belongs to the new one."""
        self._branches: list[list[dict[str, object]] | None] | None = None

    @property
    def is_begun(self) -> bool:
        """Whether the new reply is in the history."""
        return self._branches is not None

    def put(self, message: ChatMessage) -> None:
        """Store the new reply as it is now."""
        if self._branches is not None:
            self._writer.put(replace(message, branches=self._branches))
            return
        stored = self._writer.stored
        lines = stored.lines_from(self.message_id)
        former, later = lines[: self._size], lines[self._size :]
        self._writer.replace_from(self.message_id, [*with_new(former, [encode(message).line]), *later])
        self._branches = stored.get(message.id).branches


class Revision:
    """How an exchange differs from a plain answer to the user's last message."""

    def __init__(
        self,
        *,
        branch: ReplyBranch | None = None,
        wish: str | None = None,
        continued: ChatMessage | None = None,
    ) -> None:
        """`branch` takes the reply; `wish` is what it is to be; `continued` is the cut reply that goes on."""
        self.branch = branch
        self.wish = wish
        self.continued = continued
        self.is_begun = False
        """Whether anything was stored."""


class Answered(NamedTuple):
    """What a regenerated reply answers and replaces."""

    message: ChatMessage
    """The user's."""
    reply: ChatMessage | None
    """The first reply to it; None when there is none yet."""


def answered(messages: Messages, message_id: str | None = None) -> Answered:
    """The user's message before a reply, by default the last one, and the first reply to it. UserError: none."""
    place = len(messages) - 1 if message_id is None else messages.place(message_id)
    if place is None:
        raise UserError("This reply is not there any more.")
    reply = None
    while place >= 0:
        message = messages[place]
        if message.role == "user":
            if message.hidden:
                raise UserError("The message before this reply is hidden from the model. Show it first.")
            return Answered(message, reply)
        if message.role == "assistant" and message.image is None:
            reply = message
        place -= 1
    if reply is None:
        raise UserError(NO_REPLY)
    raise UserError("There is no message of yours before this reply, so it cannot be regenerated.")


def cut_reply(newest: Sequence[ChatMessage]) -> ChatMessage:
    """The last reply, which was cut short. UserError when it is whole, or the user has spoken since."""
    said = next((m for m in reversed(newest) if m.image is None and m.role in ("user", "assistant")), None)
    if said is None or said.role != "assistant":
        raise UserError("There is no reply to continue: the last message was not answered.")
    if said.outcome is None and cut_reason(said.finish_reason) is None:
        raise UserError("The last reply is whole, so there is nothing to continue.")
    if not (said.content or "").strip():
        raise UserError("Nothing of the last reply has arrived. Regenerate it instead.")
    return said


def corrected(lines: Sequence[bytes], message: ChatMessage, text: str) -> list[bytes]:
    """The entries from a reply on, with another text of it; the former text is kept as a branch.

    BlankError; UserError when it is no text of the character.
    """
    if not text.strip():
        raise BlankError("There is nothing to keep: the text is blank. Delete the reply instead.")
    if message.role != "assistant" or message.image is not None:
        raise UserError("Only replies can be corrected.")
    told = raw_fields(encode(replace(message, content=text.strip(), edited=now())).line)
    fields = raw_fields(lines[0])
    for key in (BRANCHES, "turns", "outcome", "finish_reason"):
        fields.pop(key, None)
    return with_corrected(lines, codec.encode(fields | {key: told[key] for key in ("content", "edited")}))

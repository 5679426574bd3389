"""What is searched of an entry of a history: what was said, prompts of pictures, and the same in other versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import json as codec

from animus_tui.chat.search import SearchText, text_of
from animus_tui.chat.storage.history import read_messages
from animus_tui.chat.storage.history_format import layout
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.messages import ChatMessage, ImageRecord


class VersionStep(NamedTuple):
    """A version of the conversation that is to be shown; see `Revisions.show_branch`."""

    message_id: str
    """The message from which on there are several versions."""
    number: int
    """From 0, the oldest first."""


def texts_of(message: ChatMessage) -> Iterator[tuple[SearchText, ImageRecord | None]]:
    """What was said, or the prompt of the picture that is shown; then the prompts of all its variants."""
    if (text := text_of(message)) is not None:
        yield text, message.image
    for record in message.variants or ():
        yield SearchText(message.id, printable(record.prompt, newlines=False), True), record


def versions_of(
    message: ChatMessage, steps: tuple[VersionStep, ...] = ()
) -> Iterator[tuple[ChatMessage, tuple[VersionStep, ...]]]:
    """The message itself, then what is not shown because another version is, the newest first.

    Each with the steps that show it.
    """
    yield message, steps
    if message.branch_count == 1:
        return
    for index, branch in reversed(list(enumerate(message.branches or ()))):
        if branch is None:
            continue
        for entry in reversed(read_messages(layout(map(codec.encode, branch)))):
            yield from versions_of(entry, (*steps, VersionStep(message.id, index)))

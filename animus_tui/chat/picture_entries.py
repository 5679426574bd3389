"""The history entry of a picture with variants: grown, and chosen from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, record_description

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ImageRecord


def with_variants(message: ChatMessage, records: Sequence[ImageRecord]) -> ChatMessage:
    """The picture's entry with more variants, the first of which is the one shown."""
    if message.image is None:
        raise ValueError(f"message {message.id} shows no picture")
    return chosen(replace(message, variants=[*(message.variants or [message.image]), *records]), records[0])


def chosen(message: ChatMessage, record: ImageRecord) -> ChatMessage:
    """The entry with `record`, one of its variants, as the picture that is shown and that the model knows of."""
    return replace(message, image=record, content=record_description(record), undecided=False)

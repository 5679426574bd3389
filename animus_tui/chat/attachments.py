"""Pictures that the user shows to the character: kept with the conversation, and sent with its messages."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.atomic import read_regular
from animus_tui.backends.base.errors import PictureError, ServiceError
from animus_tui.backends.base.files import check_picture, data_url
from animus_tui.chat.history_window import history_window
from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from animus_tui.backends.base.errors import BackendError
    from animus_tui.backends.base.protocols import ChatBackend
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.config.schema import ChatConfig

log = logging.getLogger(__name__)

MOST_ATTACHED = 4
"""Pictures of one message."""
MOST_SENT = 8
"""Pictures of one request, the newest; of older ones it has the names. Each takes up to some hundred kilobytes."""
SUFFIX = ".jpg"
BLIND = "If its model cannot see pictures, choose one that can, or send the message without them."
"""Advice for an error that may mean that the model takes no images."""
MAY_BE_BLIND = frozenset((400, 404, 415, 422, 500, 501))
"""Statuses with which services refuse pictures, as llama.cpp does with 500 for a model that reads only text."""


class Attachment(Struct, frozen=True, kw_only=True):
    """A picture that goes with the message that is being written."""

    name: str
    """Of the file that it was."""
    data: bytes
    """A JPEG, made small and without metadata."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""


async def store_attachments(stored: StoredConversation, attached: Sequence[Attachment]) -> list[ImageRecord]:
    """Keep pictures in the folder of a conversation. UserError: there are too many; StoreError."""
    if len(attached) > MOST_ATTACHED:
        raise UserError(
            f"A message takes {MOST_ATTACHED} pictures at most; send the others with the next one."
        )
    return [
        ImageRecord(
            prompt=each.name,
            file=await asyncio.to_thread(stored.write_image, each.data, SUFFIX),
            width=each.width,
            height=each.height,
        )
        for each in attached
    ]


async def addresses_of(
    stored: StoredConversation,
    service: ChatBackend,
    config: ChatConfig,
    new: ChatMessage | None = None,
    *,
    before: str | None = None,
) -> Mapping[str, str]:
    """By their files, `data:` addresses of the pictures in the history window and in a new message.

    None for a service that cannot see. A file that is gone, or that is no picture, is left out.
    """
    if not service.chat_capabilities.image_input:
        return {}
    files = newest_attached(history_window(stored.messages, config.history_size, before=before), new)
    return await asyncio.to_thread(_read, stored, files) if files else {}


def newest_attached(window: Sequence[ChatMessage], new: ChatMessage | None) -> list[str]:
    """The files of the pictures that are sent with the messages of a window and a new one, the newest first."""
    newest_first = [
        record.file
        for message in (*window, *([] if new is None else [new]))[::-1]
        for record in message.attached or ()
    ]
    return list(dict.fromkeys(newest_first))[:MOST_SENT]


def _read(stored: StoredConversation, files: Iterable[str]) -> dict[str, str]:
    addresses = {}
    for file in files:
        try:
            addresses[file] = data_url(check_picture(read_regular(stored.path_of(file))))
        except (OSError, PictureError, UserError) as error:  # a history that others wrote names any file
            log.warning("%s: the picture %s is not sent: %s", stored.folder, file, error)
    return addresses


def refusal_sentence(error: BackendError, *, with_pictures: bool) -> str:
    """The sentence for the user; where pictures were sent, it says that they may be the reason."""
    is_refusal = isinstance(error, ServiceError) and error.status in MAY_BE_BLIND
    return f"{error.sentence} {BLIND}" if with_pictures and is_refusal else error.sentence

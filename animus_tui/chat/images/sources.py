"""Where the image is that is to be changed, or that a clip begins as."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.errors import UserError

if TYPE_CHECKING:
    from animus_tui.chat.messages import ImageRecord

OUT_OF_REACH = "This picture has no address that the service can reach, so it cannot be changed."


class Source(Struct, frozen=True):
    """Where the image to edit is: one of the three."""

    url: str | None = None
    file: str | None = None
    """Path below the conversation's folder."""
    path: Path | None = None
    """A file of the user's."""


def address_of(record: ImageRecord) -> str:
    """Where the service finds the image; of a video the one that it began as."""
    address = record.url if record.video is None else record.source_url
    if address is None:
        raise UserError(OUT_OF_REACH)
    return address

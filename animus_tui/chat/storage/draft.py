"""The draft of a conversation, written and not sent: the files `draft` and `draft-pictures.json` of its folder.

The functions wait for the disk. A file that cannot be read or written is only noted in the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from animus_tui.atomic import read_regular, write_atomically
from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.files import check_picture
from animus_tui.chat.attachments import MOST_ATTACHED, SUFFIX, Attachment
from animus_tui.chat.storage.conversation_folder import IMAGES, picture_name
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

log = logging.getLogger(__name__)

TEXT = "draft"
PICTURES = "draft-pictures.json"
MOST_BYTES = 48 << 20
"""Bytes of the file of the pictures that are read; what is attached has some hundred kilobytes."""


def read_draft(folder: Path) -> str:
    """The text that was being written in the conversation of a folder; empty when there is none."""
    path = folder / TEXT
    try:
        return read_regular(path).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        log.warning("%s could not be read: %s", path, error)
        return ""


def write_draft(folder: Path, text: str) -> None:
    """Keep the text of a draft; a blank one removes the file."""
    _keep(folder / TEXT, text.encode("utf-8", "replace") if text.strip() else None)


def has_pictures(folder: Path) -> bool:
    """Whether pictures are kept with the draft of the conversation of a folder."""
    return (folder / PICTURES).exists()


def read_draft_pictures(folder: Path, said: Iterable[ImageRecord] = ()) -> list[Attachment]:
    """The pictures that were attached to the draft of the conversation of a folder; none where they cannot be read.

    `said` are the pictures of the user's last message. They are the same ones when a crash came right behind sending:
    then none are returned.
    """
    path = folder / PICTURES
    try:
        if path.stat().st_size > MOST_BYTES:
            log.warning("%s is too large to be read", path)
            return []
        stored = msgspec.json.decode(read_regular(path), type=list[Attachment])
        attached = [_checked(each) for each in stored[:MOST_ATTACHED]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, PictureError) as error:  # msgspec's errors are values too
        log.warning("%s could not be read: %s", path, error)
        return []
    files = [f"{IMAGES}/{picture_name(each.data, SUFFIX)}" for each in attached]
    return [] if files == [record.file for record in said] else attached


def write_draft_pictures(folder: Path, attached: Sequence[Attachment]) -> None:
    """Keep the pictures of a draft; an empty list removes the file."""
    _keep(folder / PICTURES, msgspec.json.encode(attached) if attached else None)


def _keep(path: Path, data: bytes | None) -> None:
    """Write a file whole, or remove it."""
    try:
        if data is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, data)
    except FileNotFoundError:  # the conversation was deleted
        return
    except OSError as error:
        log.warning("%s could not be written: %s", path, error)


def _checked(stored: Attachment) -> Attachment:
    """The attachment with its real size. PictureError: it is no JPEG; anything may have written the file."""
    picture = check_picture(stored.data)
    if picture.kind != "jpeg":
        raise PictureError("No picture", f"A {picture.kind} picture is no attachment.")
    name = short_line(stored.name) or "picture"
    return Attachment(name=name, data=stored.data, width=picture.width, height=picture.height)

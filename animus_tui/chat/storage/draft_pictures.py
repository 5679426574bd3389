"""The pictures that go with the draft of a conversation, in the file `draft-pictures.json` of its folder.

The functions wait for the disk. Whatever is wrong with the file, nothing else depends on it.
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
from animus_tui.chat.storage.draft import PICTURES
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

log = logging.getLogger(__name__)

MOST_BYTES = 48 << 20
"""Of a file that is read: what is attached has some hundred kilobytes."""


def read_draft_pictures(folder: Path, said: Iterable[ImageRecord] = ()) -> list[Attachment]:
    """What was attached in the conversation of a folder; nothing where that cannot be read.

    `said` are the pictures of the user's last message: it is the same when a crash came right behind sending.
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
    """Keep what is attached; nothing removes the file. A disk that refuses is only noted in the log."""
    path = folder / PICTURES
    try:
        if attached:
            write_atomically(path, msgspec.json.encode(attached))
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:  # the conversation was deleted
        return
    except OSError as error:
        log.warning("%s could not be written: %s", path, error)


def _checked(stored: Attachment) -> Attachment:
    """PictureError when its bytes are no picture; anything may have written the file."""
    picture = check_picture(stored.data)
    if picture.kind != "jpeg":
        raise PictureError("No picture", f"A {picture.kind} picture is no attachment.")
    name = short_line(stored.name) or "picture"
    return Attachment(name=name, data=stored.data, width=picture.width, height=picture.height)

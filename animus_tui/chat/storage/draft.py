"""The draft of a conversation: what is written in it and was not sent, in the file `draft` of its folder.

The functions wait for the disk. Whatever is wrong with the file, nothing else depends on it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from animus_tui.atomic import read_regular, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

NAME = "draft"
PICTURES = "draft-pictures.json"
"""The pictures that go with it."""


def has_pictures(folder: Path) -> bool:
    """Whether pictures are kept with the draft of the conversation of a folder."""
    return (folder / PICTURES).exists()


def read_draft(folder: Path) -> str:
    """What was being written in the conversation of a folder; empty when that is nothing, or cannot be read."""
    try:
        return read_regular(folder / NAME).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        log.warning("%s could not be read: %s", folder / NAME, error)
        return ""


def write_draft(folder: Path, text: str) -> None:
    """Keep a draft; a blank one removes the file. A disk that refuses is only noted in the log."""
    path = folder / NAME
    try:
        if text.strip():
            write_atomically(path, text.encode("utf-8", "replace"))
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:  # the conversation was deleted
        return
    except OSError as error:
        log.warning("%s could not be written: %s", path, error)

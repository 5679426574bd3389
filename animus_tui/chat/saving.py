"""Saving a picture where the user wants it: never over an existing file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animus_tui.chat.messages import ImageRecord

NAME_LENGTH = 60
"""Most characters of the prompt in a file name."""


JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
PICTURES = JPEG | {".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".svg"}
"""Suffixes that name a kind of picture."""


class SaveError(Exception):
    """The picture could not be saved; `str()` is one sentence that a person can act on."""


def file_name(record: ImageRecord) -> str:
    """A name from date and prompt: `2026-01-31-a-golden-sunset.png`."""
    words = re.sub(r"[^\w]+", "-", record.prompt.lower()).strip("-_")
    if len(words) > NAME_LENGTH:
        words = words[: NAME_LENGTH + 1].rpartition("-")[0] or words[:NAME_LENGTH]
    return f"{record.created[:10]}-{words or 'picture'}{Path(record.file).suffix}"


def save_picture(source: Path, record: ImageRecord, target: Path) -> Path:
    """Copy the picture's file to `target` and return where it is.

    A folder (one that exists, or a path without a suffix) gets a name from date and prompt, with a
    number behind it when that is taken. A file that exists is left alone: SaveError, as when the disk refuses.
    A name that promises another kind of picture gets the suffix of this one, and a number when that is taken.
    """
    try:
        if target.is_dir() or not target.suffix:
            target.mkdir(parents=True, exist_ok=True)
            return _copy_to_free_name(source, target / file_name(record))
        target.parent.mkdir(parents=True, exist_ok=True)
        honest = _with_true_suffix(target, Path(record.file).suffix)
        return _copy(source, target) if honest == target else _copy_to_free_name(source, honest)
    except FileExistsError as error:
        raise SaveError(f"{target} exists already. Choose another name.") from error
    except OSError as error:
        raise SaveError(
            f"The picture was not saved to {target}: {error.strerror or error}. Choose another folder."
        ) from error


def _with_true_suffix(target: Path, true: str) -> Path:
    """`fox.jpg` of a PNG is `fox.png`; a suffix that belongs to no picture is part of the name."""
    own = target.suffix.lower()
    if own == true or (own in JPEG and true in JPEG):
        return target
    return target.with_suffix(true) if own in PICTURES else target.with_name(target.name + true)


def _copy_to_free_name(source: Path, target: Path) -> Path:
    candidate, number = target, 1
    while True:
        try:
            return _copy(source, candidate)
        except FileExistsError:
            number += 1
            candidate = target.with_name(f"{target.stem}-{number}{target.suffix}")


def _copy(source: Path, target: Path) -> Path:
    with source.open("rb") as data, target.open("xb") as out:
        try:
            shutil.copyfileobj(data, out)
        except OSError:
            target.unlink(missing_ok=True)
            raise
    return target

"""Picture files that the user names, pastes or drops: found, read and reduced so that they can be sent."""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from animus_tui.backends.base.files import MOST_PICTURE_BYTES
from animus_tui.chat.attachments import Attachment
from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.graphics.decoding.protocol import MOST_REDUCED_SIDE
from animus_tui.paths import expanded
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.decoder import PictureDecoder

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""Suffixes of pictures that can be attached."""
OTHER_SUFFIXES = (".gif", ".heic", ".heif", ".avif", ".bmp", ".tif", ".tiff")
"""Suffixes of other pictures: a pasted path of one counts as a dropped file, so that the refusal can be explained."""
CARD_SUFFIXES = (".json", ".charx")
"""Suffixes of character cards that are no pictures; a PNG may be a card, too."""
DROPPED = (*SUFFIXES, *OTHER_SUFFIXES, *CARD_SUFFIXES)
MOST_PASTED = 8_000
"""Most characters of a paste that may name files: a path has 4,096 at most."""
MOST_LINES = 16
"""Most lines of such a paste; to split a hundred as a shell does takes milliseconds."""
STARTS = ("/", "~/", "'", '"', "file://")
"""Beginnings of a paste that may name files."""
WHITE = 255, 255, 255
"""The colour behind transparent pictures: what is drawn on nothing is mostly dark."""


def dropped_files(pasted: str) -> list[Path]:
    """The pictures and cards whose paths a terminal pastes for dropped files; none when the text is anything else.

    Terminals quote such a path, escape its blanks, give it as a `file://` address, or leave it as it is. Pure: the
    files need not be there.
    """
    text = pasted.strip()
    if not text.lower().startswith(STARTS) or len(text) > MOST_PASTED or text.count("\n") >= MOST_LINES:
        return []
    words = [word for line in text.splitlines() for word in _words(line)]
    for candidates in (words, text.splitlines()):
        paths = [_path(word) for word in candidates]
        if all(path is not None and path.suffix.lower() in DROPPED for path in paths):
            return [path for path in paths if path is not None]
    return []


def named_file(typed: str) -> Path:
    """The absolute path that a user means by what is typed or dropped behind a command. UsageError; asks the disk."""
    plain = expanded(typed.strip())
    if os.path.lexists(plain):
        return plain
    words = _words(typed.strip())
    word = words[0] if len(words) == 1 else typed.strip()
    return _path(word) or expanded(word)


async def read_attachment(decoder: PictureDecoder, path: Path) -> Attachment:
    """The picture in a file, made small in the decoding process. UserError: why it cannot be attached."""
    name = short_line(path.name) or "The file"
    await asyncio.to_thread(_check, path, name)
    try:
        made = await decoder.reduced(path, side=MOST_REDUCED_SIDE, background=WHITE)
    except PictureUnreadable as error:
        raise UserError(f"{name} was not attached. {error.sentence}") from None
    return Attachment(name=name, data=made.data, width=made.width, height=made.height)


def _words(line: str) -> list[str]:
    """The words of a line as a shell reads it; the line itself where a quote is left open."""
    try:
        return shlex.split(line)
    except ValueError:
        return [line]


def _path(word: str) -> Path | None:
    """The path that a word names from the root or from home; None when it names none."""
    if word[:7].lower() == "file://":
        try:
            address = urlsplit(word)
        except ValueError:
            return None
        if address.netloc not in ("", "localhost"):
            return None
        word = unquote(address.path)
    if not word.startswith(("/", "~/")) or "\0" in word:
        return None
    return expanded(word)


def _check(path: Path, name: str) -> None:
    """UserError when there is no file, or none that a picture could be in."""
    try:
        state = path.stat()
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise UserError(f"There is no file {short_line(str(path))}, so nothing was attached.") from None
        reason = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{name} was not attached: it cannot be read: {reason}.") from None
    if not stat.S_ISREG(state.st_mode):
        kind = "a folder" if stat.S_ISDIR(state.st_mode) else "no file"
        raise UserError(f"{name} was not attached: it is {kind}. Name a PNG, JPEG or WebP picture.")
    if state.st_size > MOST_PICTURE_BYTES:
        most = MOST_PICTURE_BYTES >> 20
        raise UserError(
            f"{name} was not attached: it has {state.st_size >> 20} MiB, and {most} MiB are the most."
        )

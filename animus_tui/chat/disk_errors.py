"""What the disk refuses, as sentences that a person can act on."""

from __future__ import annotations

from errno import EDQUOT, EFBIG, ENOSPC
from typing import TYPE_CHECKING

from animus_tui.chat.lock import FORBIDDEN

if TYPE_CHECKING:
    from pathlib import Path


class StoreError(Exception):
    """The disk refuses, or the conversation can only be read; `sentence` says what, where and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SaveError(Exception):
    """A picture could not be saved elsewhere; `str()` is one sentence that a person can act on."""


def disk_error(what: str, where: Path, error: OSError) -> StoreError:
    """What a disk that refuses means for the user: what could not be done, why, and what to do."""
    if error.errno in (ENOSPC, EDQUOT, EFBIG):
        advice = "Make room there"
    elif error.errno in FORBIDDEN:
        advice = "Allow writing there"
    else:
        advice = "Check the folder and the disk"
    return StoreError(
        f"{what} in {where}: {error.strerror or error}. {advice}; nothing that was on the disk is lost."
    )

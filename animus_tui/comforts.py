"""What a file system may lack while everything else works: locks, private modes, folders that can be flushed."""

from __future__ import annotations

import logging
from enum import Enum

log = logging.getLogger(__name__)


class Comfort(Enum):
    """Something that is used where it exists; its value is what the user is told where it does not."""

    LOCKS = "Conversations cannot be locked here ({reason}): do not write the same one in two windows at the same time."
    PRIVACY = (
        "This disk does not keep files private ({reason}): other users may be able to read conversations."
    )
    FLUSHING = "This disk cannot flush folders ({reason}): a power cut may cost the newest messages."


_lacking: dict[Comfort, str] = {}
_told: set[Comfort] = set()


def go_without(comfort: Comfort, error: OSError) -> None:
    """Note that something is lacking; the first time it is a warning in the log."""
    if comfort not in _lacking:
        _lacking[comfort] = comfort.value.format(reason=error.strerror or error)
        log.warning("%s", _lacking[comfort])


def untold() -> list[str]:
    """What is lacking and was not told before, a sentence each."""
    new = [comfort for comfort in _lacking if comfort not in _told]
    _told.update(new)
    return [_lacking[comfort] for comfort in new]

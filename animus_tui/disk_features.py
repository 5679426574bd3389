"""What a file system may lack while everything else works: locks, private modes, folders that can be flushed."""

from __future__ import annotations

import logging
from enum import Enum

log = logging.getLogger(__name__)


class DiskFeature(Enum):
    """Something that is used where it exists; its value is what the user is told where it does not."""

    LOCKS = "Conversations cannot be locked here ({reason}): do not write the same one in two windows at the same time."
    PRIVACY = (
        "This disk does not keep files private ({reason}): other users may be able to read conversations."
    )
    FLUSHING = "This disk cannot flush folders ({reason}): a power cut may cost the newest messages."


_missing: dict[DiskFeature, str] = {}
_told: set[DiskFeature] = set()


def note_missing(feature: DiskFeature, error: OSError) -> None:
    """Note that the file system lacks a feature; the first time it is a warning in the log."""
    if feature not in _missing:
        _missing[feature] = feature.value.format(reason=error.strerror or error)
        log.warning("%s", _missing[feature])


def new_notices() -> list[str]:
    """A sentence for each missing feature that this function has not returned before."""
    new = [feature for feature in _missing if feature not in _told]
    _told.update(new)
    return [_missing[feature] for feature in new]

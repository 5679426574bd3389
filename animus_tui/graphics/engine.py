"""Which code draws half blocks and pictures in full quality: term-image, or our own where it is not installed.

Light to import, so that `doctor` can tell what the decoding process and the full-quality viewer use.
"""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec

_KNOWN_INTERFACE = "0.7."
"""Versions of term-image whose interface is the one that `term_image_compat` uses."""


def term_image_version() -> str | None:
    """The version of term-image that draws; None where our own code does."""
    if find_spec("term_image") is None:
        return None
    try:
        version = metadata.version("term-image")
    except metadata.PackageNotFoundError:
        return None
    return version if version.startswith(_KNOWN_INTERFACE) else None

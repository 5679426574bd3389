"""Why a card cannot be read or written."""

from __future__ import annotations

from animus_tui.errors import UserError


class CardError(UserError):
    """A file is no card that could be read; the sentence says why."""

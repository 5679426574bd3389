"""Placeholders in the texts of a character: `{{char}}`, `{{user}}`, `{{date}}` and their older forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    import datetime as dt

# Each alternative ends at the next brace, so that a text is read once, whatever it holds.
_MACRO = late_pattern(
    r"\{\{//(?:[^{}]|\{\{[\w ]*+\}\})*+\}\}"  # a comment, in which macros may stand
    r"|\{\{[ \t]*+(char|user|date)[ \t]*+\}\}"
    r"|<(bot|char|user)>",
    re.IGNORECASE,
)
DEFAULT_USER = "User"
"""Stands for `{{user}}` where nobody said a name."""


def filled(text: str, *, char: str, user: str = "", today: dt.date) -> str:
    """The text with the values in place of its macros; comments go, and unknown macros stay. Values are not read."""
    day = f"{today:%A}, {today.day} {today:%B} {today.year}"
    values = {"char": char, "bot": char, "user": user or DEFAULT_USER, "date": day}

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return "" if name is None else values[name.lower()]

    return _MACRO.sub(value, text)

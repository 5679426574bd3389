"""Characters that a stream cuts in two: servers in JavaScript cut a text between the halves of an emoji. Pure."""

from __future__ import annotations

import re

_ESCAPE = r"(?<!\\)(?P<before>(?:\\\\)*)(?P<half>\\u[dD]{}[0-9a-fA-F]{{2}})"
_FIRST_HALF = re.compile(_ESCAPE.format("[89abAB]") + '(?=")')
"""The first half of a surrogate pair as the last character of a JSON string."""
_SECOND_HALF = re.compile(r'(?<=")(?P<half>\\u[dD][c-fC-F][0-9a-fA-F]{2})')
"""The second half of one as the first character of a JSON string."""


class SplitCharacters:
    """Puts the halves together: the first one is taken out of its event and goes before the second in the next one."""

    def __init__(self) -> None:
        self._half = ""
        """What the event before ended with, as JSON escapes it."""

    def mended(self, data: str) -> str:
        """The JSON of the next event, without half of a character whose other half may be in the one behind it."""
        half, self._half = self._half, ""
        if half:
            data = _SECOND_HALF.sub(lambda found: half + found["half"], data)
        if "\\u" in data:
            data = _FIRST_HALF.sub(self._take_out, data)
        return data

    def _take_out(self, found: re.Match[str]) -> str:
        self._half = found["half"]
        return found["before"]

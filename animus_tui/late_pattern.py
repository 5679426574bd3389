"""Regular expressions that are compiled when they are first used.

Compiling one takes a tenth of a millisecond and more; of the hundred that a start imports it uses a few.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, Generic, cast

if TYPE_CHECKING:
    from re import Pattern


class _LatePattern(Generic[AnyStr]):
    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self._pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever a pattern has)
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(re.compile(self._pattern, self._flags), name)
        self.__dict__[name] = value  # is found there from now on
        return value


def late_pattern(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """The same as `re.compile`, but an error in the pattern is raised when it is first used."""
    return cast("Pattern[AnyStr]", _LatePattern(pattern, flags))

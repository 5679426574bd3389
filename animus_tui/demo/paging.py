"""Lists page by page: `limit` and `offset` of a request, `pagination` of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    limit: int
    offset: int

    @classmethod
    def asked(cls, request: Request, *, default: int, most: int) -> "Page":
        """From the query; 400 for a limit outside 1..`most` or an offset below 0."""
        query = request.query_params
        limit = _number(query.get("limit"), "limit", default, least=1, most=most)
        return cls(limit, _number(query.get("offset"), "offset", 0, least=0, most=2**31))

    def of(self, items: Sequence[T]) -> tuple[Sequence[T], dict[str, object]]:
        """The items on this page, and what the answer says about it."""
        part = items[self.offset : self.offset + self.limit]
        more = self.offset + len(part) < len(items)
        return part, {"limit": self.limit, "offset": self.offset, "returned": len(part), "has_more": more}


def _number(text: str | None, name: str, default: int, *, least: int, most: int) -> int:
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not least <= number <= most:
        raise HTTPException(400, f"{name} takes a whole number from {least} to {most}.")
    return number

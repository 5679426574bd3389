"""Lists that come page by page, as one asynchronous iteration. Knows no request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

T = TypeVar("T")

MOST_PAGES = 1000  # of one list: a service that makes up new entries for ever is not followed for ever


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[T]
    """What could be read of it."""
    came: int
    """Entries that the service sent, readable or not: the next page begins after them."""
    has_more: bool | None = None
    """What the service says; None when it says nothing."""


async def paged(
    page_at: Callable[[int], Awaitable[Page[T]]], identity: Callable[[T], str], size: int
) -> AsyncGenerator[T, None]:
    """The entries of all pages, each once; `page_at` is given an offset and asked when its page is needed.

    A list that changes meanwhile may repeat an entry, which is left out. It ends where the service says so
    (when it says nothing: after a page of less than `size`), and always with a page that brings nothing new.
    """
    seen, offset = set[str](), 0
    for _ in range(MOST_PAGES):
        page = await page_at(offset)
        news = {key: item for item in page.items if (key := identity(item)) not in seen}
        for item in news.values():
            yield item
        seen |= news.keys()
        offset += page.came
        more = page.came >= size if page.has_more is None else page.has_more
        if not news or not more:
            return

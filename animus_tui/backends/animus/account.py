"""The account's characters and groups of pictures, as neutral values."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from animus_tui.backends.animus.decode_media import (
    Entry,
    Page,
    decode_capabilities,
    decode_character,
    decode_characters,
    decode_generations,
    decode_group,
    decode_groups,
    ending,
)
from animus_tui.backends.animus.media import path_segment
from animus_tui.backends.base.image_values import AccountGroup, AccountPicture, CharacterChoice
from animus_tui.backends.http.json_bodies import texts_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping

    from animus_tui.backends.animus.decode_media import Character, Generation, Group, Text
    from animus_tui.backends.animus.media import MediaEndpoints
    from animus_tui.backends.http.json_bodies import ReportedError

E = TypeVar("E", bound=Entry)

READY = frozenset({"ready", "trained", "completed", "complete", "active", "succeeded", "success", "done"})
"""Words for a training that has ended; the service promises no list."""
PAGE = 50
"""Entries that are asked for at a time; the service allows 100 and more."""
MOST_PAGES = 1000
"""Pages of one list: a service that makes up new entries for ever is not followed for ever."""


class AnimusAccount:
    """Questions about the account, an AccountBackend. Lists are asked for page by page, as they are used up."""

    def __init__(self, media: MediaEndpoints) -> None:
        self._media = media

    async def characters(self) -> AsyncGenerator[CharacterChoice, None]:
        """The account's characters."""
        pages = self._pages("/characters", decode_characters)
        async with aclosing(paged(pages)) as characters:
            async for character in characters:
                yield _choice(character)

    async def groups(self, *, character_id: str | None = None) -> AsyncGenerator[AccountGroup, None]:
        """The account's groups; of one character, when it is named."""
        query = {} if character_id is None else {"character_id": character_id}
        pages = self._pages("/generation/groups", decode_groups, **query)
        async with aclosing(paged(pages)) as groups:
            async for group in groups:
                yield _group(group)

    async def character(self, character_id: str) -> CharacterChoice:
        """One character. Raises Gone when the service does not know it."""
        path = f"/characters/{path_segment(character_id)}"
        return _choice(await self._media.ask(path, decode_character, about="character"))

    async def group(self, group_id: str) -> AccountGroup:
        """One group; `pictures` has what is in it. Raises Gone when the service does not know it."""
        path = f"/generation/groups/{path_segment(group_id)}?{urlencode({'limit': 1, 'offset': 0})}"
        decode = partial(decode_group, known_id=group_id)
        return _group(await self._media.ask(path, decode, about="group"))

    async def capabilities(self) -> Mapping[str, Any]:
        """What the service says that it can do, as it came: no names are promised."""
        return await self._media.ask("/generation/capabilities", decode_capabilities)

    async def pictures(self, group_id: str) -> AsyncGenerator[AccountPicture, None]:
        """The pictures and clips of a group that were made. Raises Gone."""
        path = f"/generation/groups/{path_segment(group_id)}"
        pages = self._pages(path, decode_generations, about="group")
        async with aclosing(paged(pages)) as generations:
            async for generation in generations:
                for picture in _pictures(generation):
                    yield picture

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with what is in it. Raises Gone when the service does not know it."""
        await self._media.delete("group", f"/generation/groups/{path_segment(group_id)}")

    async def delete_generation(self, generation_id: str) -> None:
        """Delete the pictures or the clip of a job. Raises Gone when the service does not know it."""
        await self._media.delete("picture", f"/generation/{path_segment(generation_id)}")

    def _pages(
        self,
        path: str,
        decode: Callable[[bytes], Page[E] | ReportedError],
        *,
        about: str | None = None,
        **query: str,
    ) -> Callable[[int], Awaitable[Page[E]]]:
        def page_at(offset: int) -> Awaitable[Page[E]]:
            where = urlencode({"limit": PAGE, "offset": offset, **query})
            return self._media.ask(f"{path}?{where}", decode, about=about)

        return page_at


async def paged(page_at: Callable[[int], Awaitable[Page[E]]]) -> AsyncGenerator[E, None]:
    """The entries of all pages, each once; `page_at` is given an offset and asked when its page is needed.

    A list that changes meanwhile may repeat an entry, which is left out. It ends where the service says so
    (when it says nothing: after a page that is not full), and always with a page that brings nothing new.
    """
    seen, offset = set[str](), 0
    for _ in range(MOST_PAGES):
        page = await page_at(offset)
        news = {key: item for item in page.items if (key := str(item.id)) not in seen}
        for item in news.values():
            yield item
        seen |= news.keys()
        offset += page.came
        more = page.came >= PAGE if page.has_more is None else page.has_more
        if not news or not more:
            return


def _group(group: Group) -> AccountGroup:
    return AccountGroup(
        id=str(group.id),
        title=str(group.title),
        count=group.generation_count,
        created=str(group.created_at),
    )


def _pictures(generation: Generation) -> Iterator[AccountPicture]:
    if ending(generation.status) == "badly":
        return
    urls = texts_in(generation.result_urls)
    for url in urls:
        yield AccountPicture(
            generation_id=str(generation.id),
            prompt=str(generation.prompt),
            url=url,
            created=str(generation.created_at),
            seed=generation.performance_metadata.seed if len(urls) == 1 else None,
        )


def _choice(character: Character) -> CharacterChoice:
    status, face = _words(character.status), _words(character.face_lora_status)
    is_ready = (status or face) in READY
    parts = [status] if status else []
    if step := str(character.current_step).strip():
        parts.append(f"step {step}")
    details = {
        "dataset": _words(character.dataset_status),
        "face": face,
        "body": _words(character.body_lora_status),
    }
    parts += [f"{what} {words}" for what, words in details.items() if words and words not in READY]
    identity, name = str(character.id), str(character.name)
    return CharacterChoice(
        id=identity,
        name=name if name.strip() else identity,
        description=str(character.description),
        training="ready" if is_ready else ", ".join(parts) or "unknown",
        is_ready=is_ready,
    )


def _words(state: Text) -> str:
    return str(state).replace("_", " ").strip().lower()

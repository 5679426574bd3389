"""Requests to the media endpoints, `/generation/*` and `/characters`, and what the account keeps there."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from animus_tui.backends.animus.decode_media import (
    Character,
    Entry,
    Generation,
    Group,
    decode_capabilities,
    decode_character,
    decode_deleted,
    decode_group,
    decode_page,
    ending,
)
from animus_tui.backends.base.errors import Gone, ServiceError
from animus_tui.backends.base.image_values import AccountGroup, AccountPicture, CharacterChoice
from animus_tui.backends.http.json_bodies import encoded, texts_in
from animus_tui.backends.http.requests import Request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping

    from animus_tui.backends.animus.decode_media import Page, Text
    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.json_bodies import ReportedError
    from animus_tui.backends.http.requests import Requests

T = TypeVar("T")
E = TypeVar("E", bound=Entry)

READY = frozenset({"ready", "trained", "completed", "complete", "active", "succeeded", "success", "done"})
"""Words for a training that has ended; the service promises no list."""
PAGE = 50
"""Entries that are asked for at a time; the service allows 100 and more."""
MOST_PAGES = 1000
"""Pages of one list: a service that makes up new entries for ever is not followed for ever."""
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class MediaEndpoints:
    """Asks, creates and deletes at the media endpoints of one account."""

    def __init__(self, requests: Requests, base_url: str) -> None:
        """`base_url` is that of `/generation` and `/characters`."""
        self._requests = requests
        self._base = base_url.rstrip("/")

    async def ask(
        self, path: str, decode: Callable[[bytes], T | ReportedError], *, about: str | None = None
    ) -> T:
        """The decoded answer to a question. Raises Gone when the service does not know what it is `about`."""
        asking = self._requests.ask(self._request("GET", path), decode)
        return await (asking if about is None else _known(about, asking))

    async def ask_once(self, path: str, decode: Callable[[bytes], T | ReportedError], *, about: str) -> T:
        """As `ask`, but a failed request is not sent again."""
        request = self._request("GET", path, subject=about)
        return await _known(about, self._requests.once(request, decode))

    async def create(
        self,
        path: str,
        body: dict[str, Any],
        decode: Callable[[bytes], T | ReportedError],
        *,
        subject: str,
        on_retry: OnRetry | None = None,
    ) -> T:
        """The decoded answer to a request that is never sent again once it may have arrived."""
        request = self._request("POST", path, encoded(body), subject=subject)
        return await self._requests.make(request, decode, on_retry)

    async def delete(self, what: str, path: str) -> None:
        """Delete something. Raises Gone when the service does not know it, also after a deletion that arrived."""
        request = self._request("DELETE", path, subject=what)
        await _known(what, self._requests.make(request, decode_deleted))

    def words(self, text: str | None) -> str | None:
        """The service's words fit for the screen; None when there are none."""
        return self._requests.words(text) if text else None

    def _request(
        self, method: str, path: str, body: bytes | None = None, *, subject: str = "answer"
    ) -> Request:
        times = self._requests.timeouts
        seconds = times.reply if body is None else times.image
        return Request(method=method, url=f"{self._base}{path}", body=body, subject=subject, seconds=seconds)


class AnimusAccount:
    """Questions about the account, an AccountBackend. Lists are asked for page by page, as they are used up."""

    def __init__(self, media: MediaEndpoints) -> None:
        self._media = media

    async def characters(self) -> AsyncGenerator[CharacterChoice, None]:
        """The account's characters."""
        async for character in self._list("/characters", "characters", Character):
            yield _choice(character)

    async def groups(self, *, character_id: str | None = None) -> AsyncGenerator[AccountGroup, None]:
        """The account's groups; of one character, when it is named."""
        query = {} if character_id is None else {"character_id": character_id}
        async for group in self._list("/generation/groups", "groups", Group, **query):
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
        async for generation in self._list(path, "generations", Generation, about="group"):
            for picture in _pictures(generation):
                yield picture

    async def delete_group(self, group_id: str) -> None:
        """Delete a group with what is in it. Raises Gone when the service does not know it."""
        await self._media.delete("group", f"/generation/groups/{path_segment(group_id)}")

    async def delete_generation(self, generation_id: str) -> None:
        """Delete the pictures or the clip of a job. Raises Gone when the service does not know it."""
        await self._media.delete("picture", f"/generation/{path_segment(generation_id)}")

    def _list(
        self, path: str, name: str, kind: type[E], *, about: str | None = None, **query: str
    ) -> AsyncGenerator[E, None]:
        def page_at(offset: int) -> Awaitable[Page[E]]:
            where = urlencode({"limit": PAGE, "offset": offset, **query})
            return self._media.ask(f"{path}?{where}", partial(decode_page, name=name, kind=kind), about=about)

        return paged(page_at)


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


def path_segment(identity: str) -> str:
    """An id as one segment of a path, in which dots alone would name another place. A blank one is a ValueError."""
    if not identity.strip():
        raise ValueError("an id is never blank")
    quoted = quote(identity, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


async def _known(what: str, asking: Awaitable[T]) -> T:
    """What is asked for. Raises Gone in place of the error of a thing that is not there."""
    try:
        return await asking
    except ServiceError as error:
        if error.status not in _GONE:
            raise
        expired = " (the job expired)" if what == "picture" else ""
        sentence = f"The {what} is no longer on the server{expired}."
        raise Gone(f"No {what}", sentence, status=error.status) from error

"""The media endpoints: jobs, batches, groups and characters of `/generation/*` and `/characters/*`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from animus_tui.backends.animus import decode_media
from animus_tui.backends.animus.media_values import (
    GenerationJob,
    Page,
)
from animus_tui.backends.base.errors import BackendError, Gone, NetworkError, ServiceBusy, ServiceError
from animus_tui.backends.base.image_values import finished
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.backends.http.requests import Request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence

    from animus_tui.backends.animus.media_values import (
        BatchPrompt,
        BatchReceipt,
        Character,
        GroupDetail,
        MediaGeneration,
        MediaGroup,
        ServiceCapabilities,
    )
    from animus_tui.backends.base.protocols import OnProgress, OnRetry
    from animus_tui.backends.http.json_bodies import ReportedError
    from animus_tui.backends.http.requests import Requests
    from animus_tui.backends.http.timeouts import Timeouts


T = TypeVar("T")

MOST_PAGES = 1000  # of one list: a service that makes up new entries for ever is not followed for ever


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


SHARE = (
    0.5  # of the time that has passed is the next pause: each question comes 1.5 times as late as the last
)
MOST_HITCHES = 5  # odd answers in a row that are waited out: the picture may be made all the same
LONGEST_ESTIMATE = 3600.0  # seconds of an estimate that are believed


async def end_of_job(
    generation_id: str,
    ask: Callable[[str], Awaitable[GenerationJob]],
    on_progress: OnProgress,
    timeouts: Timeouts,
    *,
    estimated: float | None = None,
) -> GenerationJob:
    """Ask after a job until it ends, well or badly. `estimated`: seconds from now, as the service guesses.

    A gap in the network and a busy service are waited out, other errors that may pass a few times in a row. So are,
    for `timeouts.settle` seconds, a 404 and an end without a result: not all parts of a service learn of a job at once.
    Raises NetworkError after `timeouts.image` seconds without any progress, counted from the estimated end
    when that is later, and at once what else `ask` raises.
    """
    expected = min(max(estimated or 0.0, 0.0), LONGEST_ESTIMATE)
    clock, hitches, asked_to_wait = asyncio.get_running_loop().time, 0, 0.0
    started = clock()
    deadline = started + expected + timeouts.image
    known: tuple[str, float | None] | None = None
    doubt = _Doubt(timeouts.settle)
    while True:
        await asyncio.sleep(max(asked_to_wait, pause_at(clock() - started, expected, timeouts)))
        asked_to_wait = 0.0
        try:
            job = await ask(generation_id)
        except Gone as error:
            if error.status == HTTPStatus.GONE or doubt.has_lasted(clock()):
                raise
            continue
        except BackendError as error:
            hitches = 0 if isinstance(error, NetworkError | ServiceBusy) else hitches + 1
            asked_to_wait = (error.retry_after or 0.0) if isinstance(error, ServiceBusy) else 0.0
            if not error.retryable or hitches > MOST_HITCHES or clock() + asked_to_wait >= deadline:
                raise
            continue
        hitches = 0
        on_progress(job.progress)
        if job.ended == "well" and not job.result_urls and not doubt.has_lasted(clock()):
            continue
        if job.ended:
            return job
        doubt.end()
        if (job.status, job.progress) != known:
            deadline = max(deadline, clock() + timeouts.image)
        elif clock() >= deadline:
            raise _stuck(timeouts.image)
        known = job.status, job.progress


class _Doubt:
    """Answers in a row that may be premature."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def has_lasted(self, now: float) -> bool:
        """Whether the first of them came long enough ago; `now` in seconds, of this one."""
        self._since = now if self._since is None else self._since
        return now - self._since >= self._seconds

    def end(self) -> None:
        """Another answer came."""
        self._since = None


def pause_at(elapsed: float, expected: float, timeouts: Timeouts) -> float:
    """Seconds until the next question, `elapsed` seconds after the start of a job that should take `expected`.

    From `poll_first` up to `poll_most`, in proportion to the time since the start. The end is not slept
    through: a pause goes no further than to the moment where it is expected, and from there the pauses begin
    anew, in proportion to how late the job is.
    """
    left = expected - elapsed
    since = elapsed if left > 0 else -left
    pause = min(max(since * SHARE, timeouts.poll_first), timeouts.poll_most)
    return max(min(pause, left), timeouts.poll_first) if left > 0 else pause


def _stuck(seconds: float) -> NetworkError:
    sentence = f"The picture made no progress within {seconds:g} s. Ask for it again later."
    return NetworkError("No picture", sentence, sent=True, started=True)


OnCreated = Callable[[GenerationJob], None]
"""Called once with the job as it was created, before anything else is awaited."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
MOST_GROUPS = MOST_CHARACTERS = 100  # entries of one page, as the service documents them
MOST_GENERATIONS = 200
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class MediaClient:
    """The media endpoints of one account.

    Questions are tried again after a failure that may pass. What creates or deletes is never sent again once it
    may have arrived. An id is never blank: ValueError.
    """

    def __init__(self, requests: Requests, base_url: str, timeouts: Timeouts) -> None:
        """`base_url` is that of `/generation` and `/characters`."""
        self._requests = requests
        self._media = base_url.rstrip("/")
        self._timeouts = timeouts

    async def create_generation(
        self,
        prompt: str,
        *,
        source_image_url: str | None = None,
        settings: Mapping[str, Any] = NOTHING,
        on_retry: OnRetry | None = None,
    ) -> GenerationJob:
        """Start a picture job. Never sent again once it may have arrived."""
        source = {} if source_image_url is None else {"source_image_url": source_image_url}
        body = {**settings, **source, "prompt": prompt}
        job = await self._create("/generation/create", body, decode_media.decode_job, on_retry=on_retry)
        return self._fit(job)

    async def generation_status(self, generation_id: str) -> GenerationJob:
        """How a picture job goes. Asked once, not tried again. Raises Gone when the service does not know it."""
        decode = partial(decode_media.decode_job, known_id=generation_id)
        request = self._request("GET", f"/generation/status/{_segment(generation_id)}", subject="picture")
        return self._fit(await _known("picture", self._requests.once(request, decode)))

    async def follow_generation(
        self, generation_id: str, *, on_progress: OnProgress, estimated: float | None = None
    ) -> GenerationJob:
        """Ask after a job until it has ended well; the job then has at least one of `result_urls`.

        Asks after `Timeouts.poll_first` seconds for the first time, then ever less often, up to
        `Timeouts.poll_most`, and again more often around `estimated`, the seconds from now until the service
        expects the end. A gap in the network does no harm. Cancelling leaves the job to the service.
        Raises JobFailed with the service's reason and Gone: then the job is over. After any other BackendError
        the same job can be followed again, and should be: another one would cost again.
        """
        job = await end_of_job(
            generation_id, self.generation_status, on_progress, self._timeouts, estimated=estimated
        )
        return finished(job)

    async def run_generation(
        self,
        prompt: str,
        *,
        source_image_url: str | None = None,
        settings: Mapping[str, Any] = NOTHING,
        on_progress: OnProgress,
        on_created: OnCreated | None = None,
        on_retry: OnRetry | None = None,
    ) -> GenerationJob:
        """Start a picture job and follow it to its end; it has at least one of `result_urls`. Raises as both do.

        `on_created` is told the job at once. A caller that keeps its id goes on with `follow_generation` after
        a failure, and never has the same picture created twice.
        """
        created = await self.create_generation(
            prompt, source_image_url=source_image_url, settings=settings, on_retry=on_retry
        )
        if on_created is not None:
            on_created(created)
        on_progress(created.progress)
        job = created
        if job.ended != "badly" and not (job.ended and job.result_urls):
            followed = await self.follow_generation(
                job.generation_id, on_progress=on_progress, estimated=job.estimated_time
            )
            job = _with_costs(followed, created)
        return finished(job)

    async def create_batch(
        self,
        prompts: Sequence[BatchPrompt],
        *,
        character_id: str | None = None,
        group_id: str | None = None,
        group_title: str | None = None,
        on_retry: OnRetry | None = None,
    ) -> BatchReceipt:
        """Start one job a prompt. Never sent again once it may have arrived; no prompt is a ValueError.

        Some of the jobs may not have been started: `results` says which, and why.
        """
        if not prompts:
            raise ValueError("a batch needs at least one prompt")
        told = {"character_id": character_id, "group_id": group_id, "group_title": group_title}
        given = {name: value for name, value in told.items() if value is not None}
        receipt = await self._create(
            "/generation/batch",
            {"prompts": list(prompts), **given},
            decode_media.decode_batch,
            subject="batch",
            on_retry=on_retry,
        )
        results = [
            msgspec.structs.replace(result, error=self._words(result.error)) for result in receipt.results
        ]
        return msgspec.structs.replace(receipt, message=self._words(receipt.message), results=results)

    def groups(self, *, character_id: str | None = None, page: int = 50) -> AsyncGenerator[MediaGroup, None]:
        """The account's groups, in the service's order, at most `page` (1 to 100) at a time."""
        query = {} if character_id is None else {"character_id": character_id}
        return self._paged(
            "/generation/groups",
            decode_media.decode_groups,
            lambda group: group.group_id,
            size=_between(page, MOST_GROUPS),
            query=query,
        )

    async def group(self, group_id: str, *, page: int = 50) -> GroupDetail:
        """A group with the first `page` (1 to 200) of its generations. Raises Gone."""
        query = urlencode({"limit": _between(page, MOST_GENERATIONS), "offset": 0})
        path = f"/generation/groups/{_segment(group_id)}?{query}"
        return await self._look("group", path, partial(decode_media.decode_group, known_id=group_id))

    def generations(self, group_id: str, *, page: int = 50) -> AsyncGenerator[MediaGeneration, None]:
        """All generations of a group, at most `page` (1 to 200) at a time. Raises Gone."""
        return self._paged(
            f"/generation/groups/{_segment(group_id)}",
            decode_media.decode_generations,
            lambda generation: generation.generation_id,
            size=_between(page, MOST_GENERATIONS),
            subject="group",
        )

    async def delete_group(self, group_id: str) -> None:
        """Delete a group. Raises Gone when the service does not know it, also after a deletion that arrived."""
        await self._delete("group", f"/generation/groups/{_segment(group_id)}")

    async def delete_generation(self, generation_id: str) -> None:
        """Delete a generation. Raises Gone when the service does not know it, as `delete_group` does."""
        await self._delete("picture", f"/generation/{_segment(generation_id)}")

    async def capabilities(self) -> ServiceCapabilities:
        """What the service can do, as it says so."""
        request = self._request("GET", "/generation/capabilities")
        return await self._requests.ask(request, decode_media.decode_capabilities)

    def characters(self, *, page: int = 20) -> AsyncGenerator[Character, None]:
        """The account's characters, at most `page` (1 to 100) at a time."""
        return self._paged(
            "/characters",
            decode_media.decode_characters,
            lambda character: character.character_id,
            size=_between(page, MOST_CHARACTERS),
        )

    async def character(self, character_id: str) -> Character:
        """One character. Raises Gone when the service does not know it."""
        path = f"/characters/{_segment(character_id)}"
        return await self._look("character", path, decode_media.decode_character)

    def _request(
        self, method: str, path: str, body: bytes | None = None, *, subject: str = "answer"
    ) -> Request:
        seconds = self._timeouts.reply if body is None else self._timeouts.image
        return Request(method=method, url=f"{self._media}{path}", body=body, subject=subject, seconds=seconds)

    async def _create(
        self,
        path: str,
        body: dict[str, Any],
        decode: Callable[[bytes], T | ReportedError],
        *,
        subject: str = "picture",
        on_retry: OnRetry | None,
    ) -> T:
        request = self._request("POST", path, encoded(body), subject=subject)
        return await self._requests.make(request, decode, on_retry)

    async def _look(self, what: str, path: str, decode: Callable[[bytes], T | ReportedError]) -> T:
        return await _known(what, self._requests.ask(self._request("GET", path), decode))

    async def _delete(self, what: str, path: str) -> None:
        request = self._request("DELETE", path, subject=what)
        await _known(what, self._requests.make(request, decode_media.decode_deleted))

    def _paged(
        self,
        path: str,
        decode: Callable[[bytes], Page[T] | ReportedError],
        identity: Callable[[T], str],
        *,
        size: int,
        query: Mapping[str, str] = NOTHING,
        subject: str | None = None,
    ) -> AsyncGenerator[T, None]:
        async def page_at(offset: int) -> Page[T]:
            where = f"{path}?{urlencode({'limit': size, 'offset': offset, **query})}"
            asking = self._requests.ask(self._request("GET", where), decode)
            return await (asking if subject is None else _known(subject, asking))

        return paged(page_at, identity, size)

    def _fit(self, job: GenerationJob) -> GenerationJob:
        """The job with its own words fit for the screen."""
        return msgspec.structs.replace(job, error=self._words(job.error), message=self._words(job.message))

    def _words(self, text: str | None) -> str | None:
        return self._requests.words(text) if text else None


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


def _with_costs(job: GenerationJob, created: GenerationJob) -> GenerationJob:
    """The job, and of what its last answer leaves out that which its first one told."""
    told = msgspec.structs.asdict(created)
    missing = {name for name, value in msgspec.structs.asdict(job).items() if value is None}
    return msgspec.structs.replace(job, **{name: told[name] for name in missing - {"error", "progress"}})


def _between(page: int, most: int) -> int:
    return min(max(page, 1), most)


def _segment(identity: str) -> str:
    """An id as one segment of a path: one of dots alone would name another place."""
    if not identity.strip():
        raise ValueError("an id is never blank")
    quoted = quote(identity, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")

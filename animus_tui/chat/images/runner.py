"""Runs image generation jobs: has the service generate, follows its job, downloads, checks and stores the results.

The id of the service's job is kept in the conversation's folder until its images are there: the job is created once,
however often it is interrupted and resumed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import read_regular
from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    Gone,
    JobFailed,
    NetworkError,
    OutOfCredits,
    PictureError,
    ServiceBusy,
    ServiceError,
    SignedOut,
    SignInError,
)
from animus_tui.backends.base.files import check_picture, data_url
from animus_tui.backends.base.image_values import Picture, finished
from animus_tui.chat.events import CreditsTold
from animus_tui.chat.images.kept_jobs import is_recent, remove_job, save_failure, save_job, save_request
from animus_tui.chat.images.previews import JobPreviews
from animus_tui.chat.images.service_options import needs_job
from animus_tui.errors import StoreError, UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from pathlib import Path

    from animus_tui.backends.base.image_values import ImageRequest, JobProgress
    from animus_tui.backends.base.protocols import ImageBackend, OnPreview
    from animus_tui.chat.images.job import ImageJob
    from animus_tui.chat.images.previews import PreviewFolder
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.open_conversations import OpenConversations

T = TypeVar("T")

TICK = 1.0
"""Seconds between two progress events while nothing else is heard."""
CREATION_TIMEOUT = 2.0
"""Seconds that a cancelled job waits for the id of the service's job, which may be paid for and is lost without it."""

NOT_SAVED = "Picture not saved"
TRANSIENT = (NetworkError, ServiceBusy, SignInError, SignedOut)
"""Failures of the connection or the sign-in, after which the job may still succeed."""
UNUSABLE = frozenset({400, 404, 410, 422, 424})
"""Statuses with which a service may refuse a request because of an image that it was to fetch."""


class Credits(Struct, frozen=True, kw_only=True):
    """The credits of the account, as the service told them last."""

    cost: float | None = None
    """Credits that the last job took."""
    balance: float | None = None
    """Credits that are left."""


class JobRunner:
    """Runs the jobs of a session, and remembers what the service told about the account's credits."""

    def __init__(
        self,
        client: ImageBackend,
        conversations: OpenConversations,
        previews: PreviewFolder,
        *,
        outlives_program: bool,
        is_watched: bool,
    ) -> None:
        """`previews` is where images in the making are kept.

        `outlives_program`: whether the service goes on with its jobs when the program has ended.
        `is_watched`: whether somebody looks at the conversations, now and at the next start.
        """
        self.credits: Credits | None = None
        self._client = client
        self._conversations = conversations
        self._previews = previews
        self._outlives_program, self._is_watched = outlives_program, is_watched
        self._writing = asyncio.Lock()
        """Held while a file is written: the same bytes twice would be written to the same place."""
        self._balance_is_refusal = False
        """Whether the balance was told by a refusal: it is outdated once the service accepts a request again."""
        self._creations: set[asyncio.Task[Any]] = set()

    async def run(self, job: ImageJob) -> None:
        """Run a job to its end, which is published. A cancellation is published as a failure that can be retried."""
        job.started = time.monotonic()
        job.is_given_up, job.failure = False, None
        job.outlives_program, job.is_watched = self._outlives_program, self._is_watched
        job.publish_start()
        save_job(job)
        save_request(job)
        try:
            ticking = asyncio.create_task(_tick(job))
            try:
                if not job.results:
                    try:
                        await self._generate(job)
                    except BackendError as error:
                        raise await self._explained(job, error) from error
                trouble = await self._download_all(job)
            finally:
                ticking.cancel()
            await job.writer.get_ready()
            await job.store(trouble)
            remove_job(job)
        except BackendError as error:
            if isinstance(error, PictureError) and not job.records and not job.is_lasting:
                job.results = []  # what came within the answer will not get better
            # Else it would fail at each start.
            is_final = job.is_resumed and not _may_come_later(job, error)
            save_failure(job, error.title, error.sentence, is_final=is_final)
            job.publish_failure(error.title, error.sentence, error=error)
            if isinstance(error, OutOfCredits):
                self._note_credits(job, cost=None, balance=error.available)
                self._balance_is_refusal = True
        except StoreError as error:
            save_failure(job, NOT_SAVED, error.sentence, is_final=False)
            job.publish_failure(NOT_SAVED, error.sentence)
        except asyncio.CancelledError:
            if job.generated is None:
                _cancelled(job)
                await self._abandon(job)
            else:
                remove_job(job)
                job.publish_complete()
            raise
        else:
            job.publish_complete()

    def batch(self, jobs: Sequence[ImageJob]) -> None:
        """Have the service create these jobs with one request, which is sent by the one that is run first.

        `ImageBackend.can_batch` is true of each, and they are alike but for their prompts.
        """
        requests = [job.request for job in jobs]
        asking: asyncio.Task[list[JobProgress | AnswerError]] | None = None

        async def create(index: int) -> JobProgress:
            nonlocal asking
            asking = asking or self._send(self._client.submit_batch(requests))
            created = (await asyncio.shield(asking))[index]
            if isinstance(created, AnswerError):
                raise created
            return created

        for index, job in enumerate(jobs):
            job.submit = partial(create, index)

    def note_accepted(self) -> None:
        """Forget a balance that a refusal told: the service accepts requests again, so there are more credits."""
        if self._balance_is_refusal and self.credits is not None:
            self.credits = Credits(cost=self.credits.cost)
        self._balance_is_refusal = False

    async def close(self) -> None:
        """Cancel the requests whose answers nobody has waited for."""
        for creating in self._creations:
            creating.cancel()
        if self._creations:
            await asyncio.wait(self._creations)

    # Generating

    async def _generate(self, job: ImageJob) -> None:
        """Have the service generate; afterwards the job has results."""
        service, config = self._client.image_capabilities, self._conversations.configured.image
        is_simple = not (job.created or job.submit or job.is_video or needs_job(job.options, service))
        async with self._shown(job) as show:
            if service.jobs and (not is_simple or config.endpoint == "generation/create"):
                await self._run_job(job, show)
                return
            request = await self._request(job)
            made = await self._client.generate(
                request,
                on_retry=job.publish_retry,
                on_progress=job.publish_progress,
                on_preview=show,
            )
            job.results, job.model = made.images, made.model
            save_job(job)
            self.note_accepted()

    async def _run_job(self, job: ImageJob, show: OnPreview | None) -> None:
        """Generate with a job of the service, which is followed to its end."""
        created = job.created or await self._create(job)
        if created.ended == "badly" or (created.ended and created.result_urls):
            done = finished(created)
        else:
            done = await self._client.follow(
                created.generation_id,
                on_progress=job.publish_progress,
                on_preview=show,
                estimated=created.estimated_time,
            )
        if created.credits_deducted is None and done.credits_deducted is not None:
            self._note_credits(job, cost=done.credits_deducted, balance=done.remaining_balance)
        job.model = done.model
        job.results = done.images[: 1 if job.is_video else None]

    async def _create(self, job: ImageJob) -> JobProgress:
        """Have the service create a job, and keep its id."""
        if job.creating is None:
            request = (job.submit or partial(self._submit, job))()
            job.submit, job.was_refused = None, False
            job.creating = self._send(request)
        creating = job.creating
        try:
            created = await asyncio.shield(creating)
        except asyncio.CancelledError:
            if job.is_given_up and job.was_refused:  # so nothing is begun yet, and nothing shall be
                creating.cancel()
                job.creating = None
                raise
            if job.is_given_up and not self._client.image_capabilities.cancels:
                # It may be paid for: its answer is taken all the same, and another try finds the job.
                raise
            await asyncio.wait({creating}, timeout=CREATION_TIMEOUT)
            if creating.done() and not creating.cancelled() and creating.exception() is None:
                self._begun(job, creating.result())
            raise
        except BackendError:
            job.creating = None
            raise
        self._begun(job, created)
        return created

    async def _submit(self, job: ImageJob) -> JobProgress:
        request = await self._request(job)
        return await self._client.submit(request, on_retry=job.publish_retry)

    def _send(self, request: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Send a request for jobs; nobody needs to wait for its answer."""

        def settled(creating: asyncio.Task[T]) -> None:
            self._creations.discard(creating)
            if not creating.cancelled():
                creating.exception()  # it is told by who takes the answer, if anyone does

        creating = asyncio.create_task(request)
        self._creations.add(creating)
        creating.add_done_callback(settled)
        return creating

    def _begun(self, job: ImageJob, created: JobProgress) -> None:
        job.creating, job.created, job.service = None, created, self._client.identity
        save_job(job)
        self.note_accepted()
        self._note_credits(job, cost=created.credits_deducted, balance=created.remaining_balance)
        job.publish_progress(created.progress)

    async def _abandon(self, job: ImageJob) -> None:
        """Have the service stop a job that the user has cancelled, if it can; another try makes a new one."""
        created = job.created
        if created is None or not job.is_given_up or not self._client.image_capabilities.cancels:
            return
        job.created = None
        with suppress(TimeoutError):
            async with asyncio.timeout(CREATION_TIMEOUT):
                await self._client.abandon(created.generation_id)

    async def _explained(self, job: ImageJob, error: BackendError) -> BackendError:
        """The error to show for a failure. When the service's job is over, another try makes a new one.

        A service may fail because the source image is gone without saying so: then the source is requested, too.
        """
        if isinstance(error, JobFailed | Gone):
            job.created = None
            remove_job(job)
        is_refusal = isinstance(error, JobFailed) or (
            isinstance(error, ServiceError) and error.status in UNUSABLE and not isinstance(error, Gone)
        )
        if job.source_url is None or not is_refusal:
            return error
        try:
            await self._client.download(job.source_url)
        except PictureError as missing:
            if not missing.retryable:
                return PictureError(
                    "Picture out of reach", f"The picture to change cannot be fetched: {missing.sentence}"
                )
        except BackendError:
            pass
        return error

    # What the service is given and shows

    async def _request(self, job: ImageJob) -> ImageRequest:
        """What the service is asked for; a picture to change by its bytes, where it wants those."""
        is_fetched = job.source_url is not None and self._client.image_capabilities.edits
        if not job.is_edit or job.is_video or is_fetched:
            return job.request
        source = await self._source(job)
        address = await asyncio.to_thread(data_url, source)
        return replace(job.request, source_url=address)

    async def _source(self, job: ImageJob) -> Picture:
        """The picture to change, which is kept in the conversation's folder. PictureError, StoreError."""
        stored = job.writer.stored
        if job.source_file is None and job.source_path is None and job.source_url is not None:
            picture = await self._client.download(job.source_url, on_retry=job.publish_retry)
        else:
            path = job.source_path or _path_of(stored, job.source_file or "")
            picture = await asyncio.to_thread(_read_picture, path)
        if job.source_file is None:
            async with self._writing:
                job.source_file = await asyncio.to_thread(stored.write_image, picture.data, picture.kind)
            save_request(job)
        return picture

    @asynccontextmanager
    async def _shown(self, job: ImageJob) -> AsyncIterator[OnPreview | None]:
        """Receives the previews of a job, and writes the newest one next; None where previews are not shown."""
        if not self._previews.is_used:
            yield None
            return
        files, newest, writing = (
            JobPreviews(self._previews, job.image_id),
            list[bytes](),
            set[asyncio.Task[None]](),
        )

        async def write() -> None:
            while newest:
                data = newest.pop()
                if (preview := await asyncio.to_thread(files.write, data)) is not None:
                    job.show_preview(preview)

        def show(data: bytes) -> None:
            newest[:] = [data]
            if not writing:
                task = asyncio.create_task(write())
                writing.add(task)
                task.add_done_callback(writing.discard)

        try:
            yield show
        finally:
            newest.clear()
            if writing:
                await asyncio.wait(writing)
            job.show_preview(None)
            await asyncio.to_thread(files.remove)

    # Downloading

    async def _download_all(self, job: ImageJob) -> str | None:
        """Bring to the disk what is not there yet; why some images did not come, when others did.

        Raises BackendError or StoreError when none came.
        """
        missing = [index for index in range(len(job.results)) if index not in job.records]
        outcomes = await asyncio.gather(*(self._download(job, i) for i in missing), return_exceptions=True)
        failures: list[BackendError | StoreError] = []
        for outcome in outcomes:
            if isinstance(outcome, BackendError | StoreError):
                failures.append(outcome)
            elif outcome is not None:
                raise outcome
        if failures and not job.records:
            raise failures[0]
        return failures[0].sentence if failures else None

    async def _download(self, job: ImageJob, index: int) -> None:
        """Bring one result to the disk; what was downloaded is not downloaded again when the disk refuses."""
        made = job.fetched.get(index)
        if made is None:
            download = self._client.download_video if job.is_video else self._client.download
            made = await download(job.results[index].url, is_new=True, on_retry=job.publish_retry)
            job.fetched[index] = made
        async with self._writing:
            file = await asyncio.to_thread(job.writer.stored.write_image, made.data, made.kind)
        del job.fetched[index]
        if isinstance(made, Picture):
            job.add_record(index, file, made.width, made.height)
        elif (poster := job.poster) is not None:
            job.add_record(index, poster.file, poster.width, poster.height, video=file)

    # Credits

    def _note_credits(self, job: ImageJob, *, cost: float | None, balance: float | None) -> None:
        """Remember and publish what the service told; nothing when it told nothing."""
        if cost is None and balance is None:
            return
        self._balance_is_refusal = False
        before = self.credits or Credits()
        self.credits = Credits(
            cost=before.cost if cost is None else cost,
            balance=before.balance if balance is None else balance,
        )
        job.writer.publish(CreditsTold(cost=cost, balance=balance, image_id=job.image_id))


async def _tick(job: ImageJob) -> None:
    """Publish the progress once a second."""
    while True:
        await asyncio.sleep(TICK)
        job.publish_progress(job.percent)


def _path_of(stored: StoredConversation, file: str) -> Path:
    """Where a picture of the conversation is. PictureError: a history that somebody else wrote names any file."""
    try:
        return stored.path_of(file)
    except UserError as error:
        raise PictureError("Picture out of reach", error.sentence) from None


def _read_picture(path: Path) -> Picture:
    """The picture in a file, checked. PictureError. For a thread."""
    try:
        return check_picture(read_regular(path))
    except OSError as error:
        reason = error.strerror or error
        raise PictureError(
            "Picture out of reach", f"The picture to change cannot be read: {reason}."
        ) from None


def _may_come_later(job: ImageJob, error: BackendError) -> bool:
    """Whether it is worth resuming the job once more at the next start."""
    return isinstance(error, TRANSIENT) or (error.retryable and is_recent(job))


def _cancelled(job: ImageJob) -> None:
    """Publish a cancellation. The service's job is resumed at the next start, unless the user gave it up."""
    sentence = "The image was cancelled."
    if job.is_given_up:
        remove_job(job)
    elif job.is_lasting and not job.outlives_program:
        sentence = "The demo server ends with the program, and the picture with it."
    elif job.is_lasting:
        state = "has made it" if job.results else "goes on with it"
        sentence = f"The service {state}; the picture is fetched when the application starts again."
    job.publish_failure("Cancelled", sentence)

"""One job that makes pictures or a clip: asked for, followed, fetched, checked, stored, and told on the bus.

What the service has named is kept in the conversation's folder until its pictures are there: a job is created once,
however often it is interrupted and gone on with.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from animus_tui.backends.animus.jobs import finished
from animus_tui.backends.base.errors import (
    AnimusError,
    Gone,
    JobFailed,
    NetworkError,
    OutOfCredits,
    ServiceBusy,
    SignedOut,
    SignInError,
)
from animus_tui.backends.base.files import is_data_url
from animus_tui.backends.base.models import GenerationJob, Picture
from animus_tui.chat import image_events
from animus_tui.chat.image_results import Result, explained, model_of, results_of
from animus_tui.chat.kept_job import pending_of
from animus_tui.chat.messages import ImageRecord, image_message, new_id, now
from animus_tui.chat.pending_jobs import forget, is_recent, keep
from animus_tui.chat.picture_entries import record_of, with_variants
from animus_tui.chat.picture_options import NOTHING_SAID, as_settings, from_record, needs_job
from animus_tui.chat.storage.conversation import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from animus_tui.backends.animus.client import AnimusClient, RetryNotice
    from animus_tui.backends.base.models import Video
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.pending_jobs import PendingJob
    from animus_tui.chat.picture_options import PictureOptions
    from animus_tui.chat.storage.open_conversations import ConversationWriter
    from animus_tui.chat.workshop import Workshop

TICK = 1.0
"""Seconds between two progress events while nothing else is heard."""
GRACE = 2.0
"""Seconds that an end is put off while a job is being created: it may be paid for, and without its id it is lost."""

MAY_PASS = (NetworkError, ServiceBusy, SignInError, SignedOut)
"""Failures that say nothing about the job itself."""


@dataclass(eq=False, kw_only=True)
class ImageJob:
    """What is to be painted, and how far it has come. A failed job can be run again and goes on where it stopped."""

    transcript: ConversationWriter
    prompt: str
    image_id: str = field(default_factory=new_id)
    message_id: str | None = None
    """The history entry that gets further variants; None for a new entry, whose id is `image_id`."""
    reply_to: str | None = None
    source_url: str | None = None
    options: PictureOptions = NOTHING_SAID
    """As they are sent."""
    poster: ImageRecord | None = None
    """Of a clip: the picture that it begins as."""
    submit: Callable[[], Coroutine[Any, Any, GenerationJob]] | None = None
    """How the job is created the first time, when it is one of a batch."""
    creating: asyncio.Task[GenerationJob] | None = None
    """The request for a job, as long as its answer was not taken; it outlives a stop by the user."""
    was_refused: bool = False
    """Whether the service took no request so far, and is asked again."""
    created: GenerationJob | None = None
    """The service's job, once it is named: from then on nothing is paid for twice."""
    results: list[Result] = field(default_factory=list)
    """The addresses, once the service has told them."""
    fetched: dict[int, Picture | Video] = field(default_factory=dict)
    """Bytes that are not on disk yet, by their place among the results."""
    records: dict[int, ImageRecord] = field(default_factory=dict)
    """What is on disk, by its place among the results."""
    model: str | None = None
    """What the service said that it paints with."""
    started: float = 0.0
    """`time.monotonic()` at the start."""
    percent: float | None = None
    since: str = field(default_factory=now)
    """When it was asked for: ISO 8601 UTC."""
    is_resumed: bool = False
    """Whether another run of the program began it."""
    outlives_program: bool = True
    """Whether the service still knows it when the program has ended; not so the demo server, which ends with it."""
    is_given_up: bool = False
    """Whether the user has stopped it: it is not gone on with unasked."""
    is_stored: bool = False
    """Whether it ended well."""

    @classmethod
    def of(cls, pending: PendingJob, transcript: ConversationWriter) -> ImageJob:
        """The job that an earlier run of the program has kept."""
        return cls(
            transcript=transcript,
            prompt=pending.prompt,
            image_id=pending.image_id,
            message_id=pending.message_id,
            reply_to=pending.reply_to,
            source_url=pending.source_url,
            options=from_record(pending.settings),
            poster=pending.poster,
            created=GenerationJob(
                generation_id=pending.generation_id, status="kept", credits_deducted=pending.cost
            )
            if pending.generation_id
            else None,
            results=[Result(pending.url, pending.seed)] if pending.url else [],
            since=pending.created,
            is_resumed=True,
        )

    @property
    def is_video(self) -> bool:
        """Whether a picture becomes a clip."""
        return self.poster is not None

    @property
    def count(self) -> int:
        """How many pictures are asked for."""
        return self.options.count or 1

    @property
    def estimated(self) -> float | None:
        """Seconds from the start to the end, as the service guessed when it began; None when it did not."""
        return self.created.estimated_time if self.created is not None else None

    @property
    def is_lasting(self) -> bool:
        """Whether another run of the program can fetch what was made, or is being made."""
        # An address that is the picture itself is turned into a file at once.
        return self.created is not None or any(not is_data_url(result.url) for result in self.results)

    async def run(self, workshop: Workshop) -> None:
        """Make the picture. Errors are told on the bus; cancelling is told as a failure that can be tried again."""
        self.started = time.monotonic()
        self.is_given_up = False
        self.outlives_program = workshop.outlives_program
        self.transcript.publish(image_events.start(self))
        self._keep()
        try:
            ticking = asyncio.create_task(self._tick())
            try:
                if not self.results:
                    try:
                        await self._make(workshop)
                    except AnimusError as error:
                        raise await self._over(error, workshop) from error
                trouble = await self._fetch_all(workshop)
            finally:
                ticking.cancel()
            await self.transcript.get_ready()
            message = self._store()
        except AnimusError as error:
            if self.is_resumed and not self._may_come_later(error):
                forget(self.transcript.stored.folder, self.image_id)  # or it would fail at each start
            self.transcript.publish(image_events.failure_of(self, error))
            if isinstance(error, OutOfCredits):
                workshop.tell_too_few(self.transcript, self.image_id, balance=error.available)
        except StoreError as error:
            self._fail("Picture not saved", error.sentence)
        except asyncio.CancelledError:
            self._stop()
            raise
        else:
            self.transcript.publish(image_events.complete(self, message, trouble))

    def _may_come_later(self, error: AnimusError) -> bool:
        """Whether it is worth asking for again at the next start."""
        if isinstance(error, MAY_PASS):
            return True
        return error.retryable and is_recent(self.since)

    async def _make(self, workshop: Workshop) -> None:
        """Have it made; afterwards there are results."""
        if not (
            workshop.always_jobs or self.created or self.submit or self.is_video or needs_job(self.options)
        ):
            result = await workshop.client.generate_image(
                self.prompt,
                input_image_url=self.source_url,
                settings=as_settings(self.options),
                on_retry=self._announce_retry,
            )
            self.results = [Result(result.url, result.seed)]
            self._keep()
            workshop.accepted()
            return
        if self.created is None:
            await self._create(workshop)
        created = self.created
        if created is None:
            raise RuntimeError("a job is followed after it was created")
        if created.ended == "badly" or (created.ended and created.result_urls):
            done = finished(created)
        else:
            done = await workshop.client.follow_generation(
                created.generation_id, on_progress=self._advance, estimated=created.estimated_time
            )
        if created.credits_deducted is None and done.credits_deducted is not None:
            workshop.tell_credits(
                self.transcript, self.image_id, cost=done.credits_deducted, balance=done.remaining_balance
            )
        self.model = model_of(done)
        self.results = results_of(done)[: 1 if self.is_video else None]

    async def _create(self, workshop: Workshop) -> None:
        """Have the service begin, and keep the id that it gives."""
        if self.creating is None:
            begin = self.submit or partial(self._created, workshop.client)
            self.submit, self.was_refused = None, False
            self.creating = workshop.create(begin())
        creating = self.creating
        try:
            job = await asyncio.shield(creating)
        except asyncio.CancelledError:
            if self.is_given_up:
                # It may be paid for: its answer is taken all the same, and another try finds the job.
                if self.was_refused:  # so nothing is begun yet, and nothing shall be
                    creating.cancel()
                    self.creating = None
                raise
            await asyncio.wait({creating}, timeout=GRACE)
            if creating.done() and not creating.cancelled() and creating.exception() is None:
                self._begun(creating.result(), workshop)
            raise
        except AnimusError:
            self.creating = None
            raise
        self._begun(job, workshop)

    def _begun(self, job: GenerationJob, workshop: Workshop) -> None:
        self.creating, self.created = None, job
        self._keep()
        workshop.accepted()
        cost, balance = job.credits_deducted, job.remaining_balance
        workshop.tell_credits(self.transcript, self.image_id, cost=cost, balance=balance)
        self._advance(job.progress)

    async def _created(self, client: AnimusClient) -> GenerationJob:
        video = {"convert_to_video": True} if self.is_video else {}
        return await client.create_generation(
            self.prompt,
            source_image_url=self.source_url,
            settings={**as_settings(self.options), **video},
            on_retry=self._announce_retry,
        )

    def _keep(self) -> None:
        if self.is_lasting and self.outlives_program:
            keep(self.transcript.stored.folder, pending_of(self))

    async def _over(self, error: AnimusError, workshop: Workshop) -> AnimusError:
        """What to tell of a failure; when the service's job is over, another try makes a new one."""
        if isinstance(error, JobFailed | Gone):
            self.created = None
            forget(self.transcript.stored.folder, self.image_id)
        return await explained(error, self.source_url, workshop.client)

    async def _fetch_all(self, workshop: Workshop) -> str | None:
        """Bring to the disk what is not there yet; why some did not come, when others did.

        Raises what went wrong when nothing came.
        """
        missing = [index for index in range(len(self.results)) if index not in self.records]
        fetching = [self._fetch(index, workshop) for index in missing]
        outcomes = await asyncio.gather(*fetching, return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures:
            if not isinstance(failure, AnimusError | StoreError):
                raise failure
        if failures and not self.records:
            raise failures[0]
        return next((f.sentence for f in failures if isinstance(f, AnimusError | StoreError)), None)

    async def _fetch(self, index: int, workshop: Workshop) -> None:
        """Bring one result to the disk; what was fetched is not fetched again when the disk refuses."""
        url = self.results[index].url
        made = self.fetched.get(index)
        if made is None:
            download = workshop.client.download_video if self.is_video else workshop.client.download
            made = self.fetched[index] = await download(url, is_new=True, on_retry=self._announce_retry)
        async with workshop.writing:
            file = await asyncio.to_thread(self.transcript.stored.write_image, made.data, made.kind)
        del self.fetched[index]
        if isinstance(made, Picture):
            self.records[index] = record_of(self, index, file, made.width, made.height)
        elif self.poster is not None:
            poster = self.poster
            self.records[index] = record_of(self, index, poster.file, poster.width, poster.height, video=file)

    def _store(self) -> ChatMessage:
        """Enter what came into the history."""
        records = [self.records[index] for index in sorted(self.records)]
        entry = None
        if self.message_id is not None:
            try:
                entry = self.transcript.stored.get(self.message_id)
            except KeyError:
                self.message_id = None  # it was deleted meanwhile; what was paid for is kept all the same
        if entry is not None and entry.image is not None:
            message = with_variants(entry, records)
        else:
            message = image_message(*records, message_id=self.image_id, reply_to=self.reply_to)
        self.transcript.put(message)
        forget(self.transcript.stored.folder, self.image_id)
        self.is_stored = True
        return message

    def _stop(self) -> None:
        """Tell that it was cancelled. The service's job is gone on with at the next start, unless it is given up."""
        sentence = "The picture was not waited for."
        if self.is_given_up:
            forget(self.transcript.stored.folder, self.image_id)
        elif self.is_lasting and not self.outlives_program:
            sentence = "The demo server ends with the program, and the picture with it."
        elif self.is_lasting:
            state = "has made it" if self.results else "goes on with it"
            sentence = f"The service {state}; the picture is fetched when the application starts again."
        self._fail("Stopped", sentence)

    def _fail(self, title: str, sentence: str) -> None:
        self.transcript.publish(image_events.failure(self, title, sentence, retryable=True))

    async def _tick(self) -> None:
        """Tell once a second that it goes on."""
        while True:
            await asyncio.sleep(TICK)
            self._advance(self.percent)

    def _advance(self, percent: float | None) -> None:
        self.percent = percent
        self.transcript.publish(image_events.progress(self))

    def _announce_retry(self, notice: RetryNotice) -> None:
        self.was_refused = True
        self.transcript.publish(image_events.retry(self, notice))

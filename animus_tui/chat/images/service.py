"""The images of a session: starts, tracks, cancels and resumes jobs, and remembers options for the next image."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.backends.base.image_values import ImageOutput
from animus_tui.chat.abilities import LACKS, image_abilities, refuse_unknown
from animus_tui.chat.images.batch import Batch
from animus_tui.chat.images.job import (
    ImageError,
    ImageJob,
    with_chosen,
)
from animus_tui.chat.images.kept_jobs import forget, is_in_history, read_begun, read_jobs, restored
from animus_tui.chat.images.options import (
    NOTHING_SAID,
    PictureOptions,
    from_record,
    source_of,
)
from animus_tui.chat.images.previews import PreviewFolder
from animus_tui.chat.images.runner import JobRunner
from animus_tui.chat.images.service_options import check_kind, defaults_for, to_send
from animus_tui.chat.images.sources import OUT_OF_REACH, Source, address_of
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import BlankError, UsageError, UserError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from animus_tui.backends.base.protocols import ImageBackend, ImageCapabilities
    from animus_tui.chat.account import CharacterChoice
    from animus_tui.chat.images.job import GeneratedImage
    from animus_tui.chat.images.runner import Credits
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.open_conversations import ConversationWriter, OpenConversations

NOT_BEGUN = "The image was cancelled before it was begun."
INTERRUPTED = "The application ended before it came. Another try makes it anew."
SEEDS = 2**32
"""Seeds are drawn from 0 to this, exclusive."""


class ImageService:
    """Has images generated. What cannot be done is a UserError; later failures are events.

    Methods that start a job return its id. The job's entry in the history has the same id, unless it is a further
    variant of an image. Where a method takes the id of a message, None stands for the last image.
    """

    def __init__(
        self,
        client: ImageBackend,
        conversations: OpenConversations,
        tasks: asyncio.TaskGroup,
        rng: random.Random,
        *,
        on_end: Callable[[], None],
        outlives_program: bool = True,
        shows_previews: bool = True,
    ) -> None:
        """`on_end` is called after each job, when its conversation may not be needed any more.

        `outlives_program`: whether the service goes on with its jobs when the program has ended. `shows_previews`:
        whether anybody looks at what an image looks like while it is made.
        """
        self._client = client
        self._conversations = conversations
        self._group = tasks
        self._rng = rng
        self._on_end = on_end
        self._previews = PreviewFolder(is_used=shows_previews)
        self._runner = JobRunner(
            client,
            self._previews,
            always_jobs=conversations.configured.image.endpoint == "generation/create",
            outlives_program=outlives_program,
        )
        self._jobs: dict[asyncio.Task[None], ImageJob] = {}
        self._unfinished: dict[str, ImageJob] = {}
        self._batches: list[Batch] = []

    def configure(self, config: ImageConfig) -> None:
        """Ask the service in the way that is configured from now on."""
        self._runner.always_jobs = config.endpoint == "generation/create"

    # What the service can do

    @property
    def service(self) -> ImageCapabilities:
        """What the image service can do."""
        return self._client.image_capabilities

    @property
    def defaults(self) -> PictureOptions:
        """What holds where nothing is remembered or said."""
        return defaults_for(self._conversations.config.image, self.service)

    async def models(self) -> list[str]:
        """The models that the service names. BackendError."""
        return await self._client.image_models() if self.service.models else []

    async def samplers(self) -> list[str]:
        """The samplers that the service names. BackendError."""
        return await self._client.samplers() if self.service.samplers else []

    # State

    @property
    def under_way(self) -> Sequence[ImageJob]:
        """The jobs that are running, oldest first, of all conversations."""
        # A job publishes its end a moment before its task is removed.
        return [job for task, job in self._jobs.items() if not task.done()]

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of the jobs, oldest first, also of those that have just ended."""
        return list(self._jobs)

    @property
    def needed(self) -> list[ConversationWriter]:
        """The conversations that wait for an image."""
        return [job.writer for job in self._jobs.values()]

    @property
    def credits(self) -> Credits | None:
        """What the service told about the account; None as long as it told nothing."""
        return self._runner.credits

    def note_accepted(self) -> None:
        """Note that the service has accepted a request, of whatever kind."""
        self._runner.note_accepted()

    def last_image(self) -> ChatMessage | None:
        """The newest entry of the conversation that shows an image."""
        return self._conversations.current.messages.last_picture()

    # Options that are remembered for the open conversation

    @property
    def remembered(self) -> PictureOptions:
        """The options that are remembered for the images of the open conversation."""
        return self._conversations.current.stored.conversation.pictures

    @property
    def character_name(self) -> str:
        """Name of the character that the images of the open conversation show; empty when there is none."""
        return self._conversations.current.stored.conversation.character_name

    def remember(self, options: PictureOptions) -> None:
        """Remember these options for the open conversation in place of the former; the character stays."""
        writer = self._conversations.writable
        conversation = writer.stored.conversation
        character = conversation.pictures.character
        writer.describe(replace(conversation, pictures=replace(options, character=character)))

    def choose_character(self, character: CharacterChoice | None) -> None:
        """Have the images of the open conversation show this character, or none."""
        writer = self._conversations.writable
        conversation = writer.stored.conversation
        pictures = replace(conversation.pictures, character=character.id if character else None)
        name = character.name if character else ""
        writer.describe(replace(conversation, pictures=pictures, character_name=name))

    async def choose_variant(self, message_id: str, index: int) -> ChatMessage:
        """Show another variant of an image; `index` counts from 0, oldest first. Returns the changed entry."""
        message = self._message(message_id)
        variants = message.variants or []
        if not 0 <= index < len(variants):
            raise UserError("This picture has no further variant.")
        message = with_chosen(message, variants[index])
        await self._conversations.writable.put_anywhere(message)
        return message

    # New images

    def start(
        self,
        prompt: str,
        *,
        options: PictureOptions = NOTHING_SAID,
        source: str | Path | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Start an image, or the edit of the one at an address or in a file."""
        return self._start(self._new(prompt, options, self._elsewhere(source), reply_to))

    def start_batch(self, prompts: Sequence[str], *, options: PictureOptions = NOTHING_SAID) -> list[str]:
        """Start an image for each prompt; returns their ids in the same order. Each has an end of its own.

        They are sent in one request where that can carry the options, and otherwise in one each.
        """
        if not prompts:
            raise UsageError("A batch needs at least one prompt.")
        jobs = [self._new(prompt, options) for prompt in prompts]
        if len(jobs) > 1 and self._client.can_batch(jobs[0].request):
            batch = Batch(self._client, [job.request for job in jobs])
            self._batches.append(batch)
            for index, job in enumerate(jobs):
                job.submit = partial(batch.job_of, index)
        return [self._start(job) for job in jobs]

    def start_edit(
        self,
        prompt: str,
        message_id: str | None = None,
        *,
        source: str | Path | None = None,
        options: PictureOptions = NOTHING_SAID,
    ) -> str:
        """Start a changed version of an image.

        `source` is the address or the file of an image from elsewhere, in place of one of the conversation.
        """
        check_kind(self.service, is_edit=True)
        chosen = self._elsewhere(source) or self._source_in(self._record(message_id))
        return self._start(self._new(prompt, options, chosen))

    def start_video(self, message_id: str | None = None, *, prompt: str | None = None) -> str:
        """Start a video that begins as an image. The default prompt is that of the image."""
        if not self._client.image_capabilities.videos:
            raise UserError(LACKS["videos"])
        record = self._record(message_id)
        if record.video is not None:
            raise UserError("This is a clip already. Choose the picture that it began as.")
        job = ImageJob(
            writer=self._conversations.writable,
            prompt=_checked(record.prompt if prompt is None else prompt),
            source_url=address_of(record),
            poster=record,
        )
        return self._start(job)

    def start_variant(
        self,
        message_id: str | None = None,
        *,
        prompt: str | None = None,
        options: PictureOptions = NOTHING_SAID,
        same_seed: bool = False,
    ) -> str:
        """Start a further variant of an image.

        It is made as the image was, but for what is said here, and with a new seed unless `same_seed`.
        """
        abilities = image_abilities(self._client.image_capabilities)
        if "images" not in abilities:
            raise UserError(LACKS["images"])
        refuse_unknown(options, abilities)
        message = self._message(message_id)
        record = self._record(message.id)
        words = _checked(record.prompt if prompt is None else prompt)
        seed = record.seed if same_seed else self._rng.randrange(SEEDS)
        if seed is None and options.seed is None:
            raise UserError("The service did not tell the seed of this picture, so it cannot be used again.")
        before = replace(from_record(record.settings), seed=seed)
        neutral = replace(ImageConfig(), endpoint=self._conversations.configured.image.endpoint)
        check_kind(self.service, is_edit=record.is_edit)
        if record.is_edit and record.source_url is None and not self.service.edits_bytes:
            raise UserError(OUT_OF_REACH)
        job = ImageJob(
            writer=self._conversations.writable,
            prompt=words,
            options=to_send(neutral, before, options, service=self.service, is_edit=record.is_edit),
            message_id=message.id,
            source_url=record.source_url,
            source_file=record.source_file,
            poster=None if record.video is None else replace(record, video=None),
        )
        return self._start(job)

    # Images that a reply promised

    def run_promised(self, writer: ConversationWriter, prompt: str, reply_to: str) -> asyncio.Task[None]:
        """Start the image that a reply has just promised; the task ends with it and raises nothing."""
        return self._run(self._promised(writer, prompt, reply_to))

    def run_received(
        self, writer: ConversationWriter, urls: Sequence[str], prompt: str, reply_to: str | None
    ) -> asyncio.Task[None]:
        """Keep images that came within a reply, which `reply_to` names where it holds more; the task raises nothing."""
        made = [ImageOutput(url) for url in urls]
        return self._run(ImageJob(writer=writer, prompt=prompt, reply_to=reply_to, results=made))

    def start_promised(self, message_id: str) -> str:
        """Start the image that a reply promised and that was never generated, or go on with it."""
        message = self._conversations.current.stored.get(message_id)
        if not message.image_prompt:
            raise UserError("This message promised no picture.")
        jobs = self._unfinished.values()
        begun = next((job for job in jobs if job.reply_to == message.id and job.generated is None), None)
        if begun is None:
            return self._start(self._promised(self._conversations.writable, message.image_prompt, message.id))
        if begun not in self.under_way:
            self.retry(begun.image_id)
        return begun.image_id

    # Jobs

    async def finished(self, image_id: str) -> GeneratedImage:
        """Wait for a job that has just been started. ImageError when it failed or was cancelled.

        Cancelling the caller stops the job as the end of the session does: it can be retried and resumed.
        """
        task, job = next(item for item in self._jobs.items() if item[1].image_id == image_id)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            await _end([task])
            raise
        if job.generated is not None:
            return job.generated
        if (failure := job.failure) is None:  # the job was cancelled before it began
            raise ImageError("Cancelled", NOT_BEGUN, retryable=True, image_id=job.image_id)
        raise ImageError(failure.title, failure.error, retryable=failure.retryable, image_id=job.image_id)

    def retry(self, image_id: str) -> None:
        """Run a failed job again; what the service made already is not paid for twice."""
        job = self._unfinished.get(image_id)
        if job is None or job.generated is not None or job in self.under_way:
            raise UserError("There is no failed picture to try again.")
        if job.writer.id != self._conversations.current.id:
            raise UserError("This picture belongs to another conversation. Open that one first.")
        job.writer = self._conversations.writable  # it may have been closed and opened again meanwhile
        self._run(job)

    async def cancel(self, image_id: str) -> bool:
        """Cancel a job, for good unless it is retried; False when it was not running."""
        tasks = [task for task, job in self._jobs.items() if job.image_id == image_id and not task.done()]
        for task in tasks:
            self._jobs[task].is_given_up = True
        await _end(tasks)
        return bool(tasks)

    async def cancel_newest(self) -> bool:
        """Cancel the job that was started last; False when none was running."""
        jobs = self.under_way
        return bool(jobs) and await self.cancel(jobs[-1].image_id)

    async def resume(self, writer: ConversationWriter) -> int:
        """Go on with the jobs that were kept in a conversation and are not known here; returns how many.

        What another service has begun waits until that one makes the images again.
        """
        count = 0
        for stored in await asyncio.to_thread(read_jobs, writer.stored.folder):
            is_ours = not stored.generation_id or stored.service == self._client.identity
            if is_ours and stored.image_id not in self._unfinished:
                job = restored(stored, writer)
                if is_in_history(job):
                    forget(job)
                else:
                    self._run(job)
                    count += 1
        return count

    async def tell_interrupted(self) -> None:
        """Publish as failed what the service was asked for in the open conversation when the program ended.

        Whether that was made, and paid for, is not known: it is asked for again only when it is retried.
        """
        writer = self._conversations.current
        if writer.stored.read_only:
            return
        for stored in await asyncio.to_thread(read_begun, writer.stored):
            job = self._unfinished.get(stored.image_id) or restored(stored, writer)
            if job in self.under_way or job.generated is not None:
                continue
            if is_in_history(job):
                forget(job)
                continue
            self._unfinished[job.image_id] = job
            job.publish_start()
            job.publish_failure("Picture interrupted", INTERRUPTED)

    async def use(self, client: ImageBackend, *, outlives_program: bool) -> None:
        """Have another service make the images from now on. What is under way ends as by `close`.

        A job that another service, or the demo, had named and not finished is begun anew when it is retried.
        """
        await self.close()
        self._batches.clear()
        self._client = client
        always_jobs = self._conversations.configured.image.endpoint == "generation/create"
        self._runner = JobRunner(
            client, self._previews, always_jobs=always_jobs, outlives_program=outlives_program
        )
        for job in self._unfinished.values():
            job.submit = None
            if job.service != client.identity or not (job.outlives_program and outlives_program):
                job.created = job.creating = None

    async def close(self) -> None:
        """Stop all jobs. Those that the service has named can be resumed by another session."""
        await _end(self.tasks)
        await self._runner.close()
        await asyncio.to_thread(self._previews.close)
        for batch in self._batches:
            await batch.close()

    def _start(self, job: ImageJob) -> str:
        self._run(job)
        return job.image_id

    def _run(self, job: ImageJob) -> asyncio.Task[None]:
        task = self._group.create_task(self._runner.run(job))
        self._jobs[task] = job
        self._unfinished[job.image_id] = job
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._jobs.pop(task)
        if job.generated is not None:
            del self._unfinished[job.image_id]
        self._on_end()

    # What is asked for

    def _new(
        self,
        prompt: str,
        said: PictureOptions,
        source: Source | None = None,
        reply_to: str | None = None,
    ) -> ImageJob:
        """A job with the options that are configured, remembered and said."""
        words = _checked(prompt)
        check_kind(self.service, is_edit=source is not None)
        writer = self._conversations.writable
        remembered = writer.stored.conversation.pictures
        if source is not None:  # an edit keeps the face that the image shows
            remembered = replace(remembered, character=None)
        config = self._conversations.config_of(writer).image
        options = to_send(config, remembered, said, service=self.service, is_edit=source is not None)
        place = source or Source()
        return ImageJob(
            writer=writer,
            prompt=words,
            options=options,
            source_url=place.url,
            source_file=place.file,
            source_path=place.path,
            reply_to=reply_to,
        )

    def _promised(self, writer: ConversationWriter, prompt: str, reply_to: str) -> ImageJob:
        # Nobody asked for more than one image, so nobody pays for more.
        remembered = replace(writer.stored.conversation.pictures, count=None)
        options = to_send(self._conversations.config_of(writer).image, remembered, service=self.service)
        return ImageJob(writer=writer, prompt=prompt, options=options, reply_to=reply_to)

    def _elsewhere(self, source: str | Path | None) -> Source | None:
        """The image to edit, when it is from elsewhere. UserError: the service cannot get it."""
        if source is None:
            return None
        place = source_of(source) if isinstance(source, str) else source
        check_kind(self.service, place)
        return Source(url=place) if isinstance(place, str) else Source(path=place)

    def _source_in(self, record: ImageRecord) -> Source:
        """An image of the conversation as the one to edit: by its address, or by its bytes."""
        if self.service.edits_bytes and not (self.service.edits and record.url):
            return Source(file=record.file)
        return Source(url=address_of(record))

    def _record(self, message_id: str | None) -> ImageRecord:
        record = self._message(message_id).image
        if record is None:
            raise UserError("There is no picture here any more.")
        return record

    def _message(self, message_id: str | None) -> ChatMessage:
        message = self._conversations.current.stored.get(message_id) if message_id else self.last_image()
        if message is None or message.image is None:
            raise UserError("There is no picture in this conversation yet.")
        return message


def _checked(prompt: str) -> str:
    if not prompt.strip():
        raise BlankError("A picture needs words: the prompt is blank.")
    return prompt


async def _end(tasks: Sequence[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)

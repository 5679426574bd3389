"""The images of a session: starts, tracks, cancels and resumes jobs, and remembers options for the next image."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.backends.base.image_values import ImageOutput
from animus_tui.chat.events import HistoryChanged
from animus_tui.chat.images.job import ImageError, ImageJob, with_chosen
from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT
from animus_tui.chat.images.kept_jobs import (
    conversations_with_jobs,
    is_in_history,
    job_of,
    read_jobs,
    read_requests,
    remove_job,
)
from animus_tui.chat.images.new_jobs import NewJobs
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions
from animus_tui.chat.images.previews import PreviewFolder
from animus_tui.chat.images.promised import PromisedImages
from animus_tui.chat.images.runner import JobRunner
from animus_tui.chat.images.service_options import check_kind, defaults_for
from animus_tui.errors import StoreError, UsageError, UserError

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from animus_tui.backends.base.protocols import ImageBackend, ImageCapabilities
    from animus_tui.chat.account import CharacterChoice
    from animus_tui.chat.images.job import GeneratedImage
    from animus_tui.chat.images.joined_prompt import Addition, PromptAdditions
    from animus_tui.chat.images.runner import Credits
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.open_conversations import OpenConversations
    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)

NOT_BEGUN = "The image was cancelled before it was begun."
INTERRUPTED = "The application ended before it came. Another try makes it anew."


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
        outlives_program: bool = True,
        is_watched: bool = True,
    ) -> None:
        """`outlives_program`: whether the service goes on with its jobs when the program has ended.

        `is_watched`: whether anybody looks at what an image looks like while it is made, and at why it failed later.
        """
        self._conversations = conversations
        self._group = tasks
        self._rng = rng
        self._previews = PreviewFolder(is_used=is_watched)
        self._is_watched = is_watched
        self._connect(client, outlives_program=outlives_program)
        self._jobs: dict[asyncio.Task[None], ImageJob] = {}
        self._unfinished: dict[str, ImageJob] = {}
        self.promised = PromisedImages(
            conversations, capabilities=lambda: self.capabilities, start=self.start_promised
        )
        """What the user answers where a promised image is made only on request."""

    def _connect(self, client: ImageBackend, *, outlives_program: bool) -> None:
        self._client = client
        self._runner = JobRunner(
            client,
            self._conversations,
            self._previews,
            outlives_program=outlives_program,
            is_watched=self._is_watched,
        )
        self._new_jobs = NewJobs(client, self._conversations, self._rng)

    # What the service can do

    @property
    def capabilities(self) -> ImageCapabilities:
        """What the image service can do."""
        return self._client.image_capabilities

    @property
    def defaults(self) -> PictureOptions:
        """The options that apply where none are remembered or given."""
        return defaults_for(self._conversations.config.image, self.capabilities)

    @property
    def additions(self) -> PromptAdditions:
        """What is joined to the prompts of the open conversation."""
        return self._new_jobs.additions(self._conversations.current)

    async def models(self) -> list[str]:
        """The models that the service names. BackendError."""
        return await self._client.image_models() if "model" in self.capabilities.options else []

    async def samplers(self) -> list[str]:
        """The samplers that the service names. BackendError."""
        return await self._client.samplers() if "sampler" in self.capabilities.options else []

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
        message = self._new_jobs.message(message_id)
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
        options: PictureOptions = NO_OPTIONS,
        source: str | Path | None = None,
        reply_to: str | None = None,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> str:
        """Start an image, or the edit of the one at an address or in a file.

        Appearance and style are joined to the prompt of a new image, but for what is left out.
        """
        return self._start(
            self._new_jobs.new(prompt, options, self._new_jobs.elsewhere(source), reply_to, left_out)
        )

    def start_batch(
        self,
        prompts: Sequence[str],
        *,
        options: PictureOptions = NO_OPTIONS,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> list[str]:
        """Start an image for each prompt; returns their ids in the same order. Each has an end of its own.

        They are sent in one request where that can carry the options, and otherwise in one each.
        """
        if not prompts:
            raise UsageError("A batch needs at least one prompt.")
        jobs = [self._new_jobs.new(prompt, options, left_out=left_out) for prompt in prompts]
        if len(jobs) > 1 and self._client.can_batch(jobs[0].request):
            self._runner.batch(jobs)
        return [self._start(job) for job in jobs]

    def start_edit(
        self,
        prompt: str,
        message_id: str | None = None,
        *,
        source: str | Path | None = None,
        options: PictureOptions = NO_OPTIONS,
    ) -> str:
        """Start a changed version of an image.

        `source` is the address or the file of an image from elsewhere, in place of one of the conversation.
        """
        check_kind(self.capabilities, is_edit=True)
        chosen = self._new_jobs.elsewhere(source) or self._new_jobs.source_in(
            self._new_jobs.record(message_id)
        )
        return self._start(self._new_jobs.new(prompt, options, chosen))

    def start_video(self, message_id: str | None = None, *, prompt: str | None = None) -> str:
        """Start a video that begins as an image. The default prompt is that of the image."""
        return self._start(self._new_jobs.video(message_id, prompt))

    def start_variant(
        self,
        message_id: str | None = None,
        *,
        prompt: str | None = None,
        options: PictureOptions = NO_OPTIONS,
        same_seed: bool = False,
        is_whole: bool = False,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> str:
        """Start a further variant of an image.

        It has the image's prompt and options where none are given, and a new seed unless `same_seed`. Another prompt
        has appearance and style joined to it, but for what is left out, unless it `is_whole`: it is sent as it is then.
        """
        return self._start(
            self._new_jobs.variant(
                message_id, prompt, options, same_seed=same_seed, is_whole=is_whole, left_out=left_out
            )
        )

    # Images that a reply promised

    def run_promised(self, writer: ConversationWriter, prompt: str, reply_to: str) -> asyncio.Task[None]:
        """Start the image that a reply has just promised; the task ends with it and raises nothing."""
        return self._run(self._new_jobs.promised(writer, prompt, reply_to))

    def run_received(
        self, writer: ConversationWriter, urls: Sequence[str], prompt: str, reply_to: str | None
    ) -> asyncio.Task[None]:
        """Keep images that came within a reply, which `reply_to` names where it holds more; the task raises nothing."""
        made = [ImageOutput(url) for url in urls]
        return self._run(
            ImageJob(writer=writer, prompt=prompt, reply_to=reply_to, results=made, is_request=False)
        )

    def start_promised(self, message_id: str) -> str:
        """Start the image that a reply promised and that was never generated, or go on with it."""
        message = self._conversations.current.stored.get(message_id)
        if not message.image_prompt:
            raise UserError("This message promised no picture.")
        jobs = self._unfinished.values()
        begun = next((job for job in jobs if job.reply_to == message.id and job.generated is None), None)
        if begun is None:
            return self._start(
                self._new_jobs.promised(self._conversations.writable, message.image_prompt, message.id)
            )
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

    async def resume(self, store: ConversationStore, opening: asyncio.Lock) -> int:
        """Go on with the jobs of all conversations that are not open elsewhere; returns how many there are.

        `opening` is held while a conversation is opened. What another service has begun waits until that one makes the
        images again.
        """
        try:
            found = await asyncio.to_thread(conversations_with_jobs, store)
        except StoreError as error:
            log.warning("image jobs were not looked for: %s", error)
            return 0
        count = 0
        for conversation_id in found:
            async with opening:
                try:
                    writer = await self._conversations.open_beside(conversation_id)
                except UserError as error:  # it is gone, or cannot be read
                    log.warning("image jobs were not found: %s", error)
                    continue
                if writer is not None:
                    count += await self._resume_in(writer)
                    self._conversations.clear(self.needed)
        return count

    async def _resume_in(self, writer: ConversationWriter) -> int:
        """Go on with the jobs that were kept in a conversation and are not known here; returns how many."""
        count = 0
        for stored in await asyncio.to_thread(read_jobs, writer.stored.folder):
            is_ours = not stored.generation_id or stored.service == self._client.identity
            if is_ours and stored.image_id not in self._unfinished:
                job = job_of(stored, writer)
                if is_in_history(job):
                    remove_job(job)
                else:
                    self._run(job)
                    count += 1
        return count

    async def tell_unmade(self) -> None:
        """Publish as failed what was asked for in the open conversation and not made, also before the program ended.

        Whether the service made it, and was paid, may not be known: it is asked again only when it is retried.
        """
        writer = self._conversations.current
        if writer.stored.read_only:
            return
        for stored in await asyncio.to_thread(read_requests, writer.stored, {*self._unfinished}):
            job = self._unfinished.get(stored.image_id) or job_of(stored, writer)
            if job in self.under_way or job.generated is not None:
                continue
            if is_in_history(job):
                remove_job(job)
                continue
            owners = [name for name in (job.reply_to, job.message_id) if name is not None]
            if any(writer.messages.place(name) is None for name in owners):
                continue  # another version of the reply is shown
            self._unfinished[job.image_id] = job
            job.publish_start()
            job.publish_failure(*(stored.failure or ("Picture interrupted", INTERRUPTED)))

    def discard(self, image_id: str) -> bool:
        """Forget a job that failed, and what was asked for; False when there is none of this id."""
        job = self._unfinished.get(image_id)
        if job is None or job.generated is not None or job in self.under_way:
            return False
        del self._unfinished[image_id]
        remove_job(job)
        job.writer.publish(HistoryChanged(message_id=None))
        return True

    async def use(self, client: ImageBackend, *, outlives_program: bool) -> None:
        """Have another service make the images from now on. What is under way ends as by `close`.

        A job that another service, or the demo, had named and not finished is begun anew when it is retried.
        """
        await self.close()
        self._connect(client, outlives_program=outlives_program)
        for job in self._unfinished.values():
            job.submit = None
            if job.service != client.identity or not (job.outlives_program and outlives_program):
                job.created = job.creating = None

    async def close(self) -> None:
        """Stop all jobs. Those that the service has named can be resumed by another session."""
        await _end(self.tasks)
        await self._runner.close()
        await asyncio.to_thread(self._previews.close)

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
        self._conversations.clear(self.needed)


async def _end(tasks: Sequence[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)

"""The picture jobs of a session: which are under way, which failed and can be gone on with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.chat.batch import Batch
    from animus_tui.chat.image_job import ImageJob
    from animus_tui.chat.pending_jobs import PendingJob
    from animus_tui.chat.storage.open_conversations import ConversationWriter
    from animus_tui.chat.workshop import Credits


class ImageJobs:
    """Runs jobs, each as a task of its own."""

    def __init__(
        self,
        client: AnimusClient,
        tasks: asyncio.TaskGroup,
        on_end: Callable[[], None],
        *,
        always_jobs: bool,
        outlives_program: bool = True,
    ) -> None:
        """`on_end` is called after each job, when its conversation may not be needed any more."""
        self.workshop = Workshop(client, always_jobs=always_jobs, outlives_program=outlives_program)
        self._group = tasks
        self._on_end = on_end
        self._jobs: dict[asyncio.Task[None], ImageJob] = {}
        self._unfinished: dict[str, ImageJob] = {}
        self._batches: list[Batch] = []

    @property
    def under_way(self) -> Sequence[ImageJob]:
        """Those in the making, oldest first, of all conversations."""
        # A picture tells its end a moment before its task is cleared away.
        return [job for task, job in self._jobs.items() if not task.done()]

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Their tasks, oldest first, also of those that have just ended."""
        return list(self._jobs)

    @property
    def needed(self) -> Iterable[ConversationWriter]:
        """The conversations that wait for a picture."""
        return [job.transcript for job in self._jobs.values()]

    @property
    def credits(self) -> Credits | None:
        """What the service told of the account; None as long as it told nothing."""
        return self.workshop.credits

    def start(self, job: ImageJob) -> asyncio.Task[None]:
        """Run it, for the first time or again; the task ends with it and raises nothing."""
        task = self._group.create_task(job.run(self.workshop))
        self._jobs[task] = job
        self._unfinished[job.image_id] = job
        task.add_done_callback(self._ended)
        return task

    def adopt(self, batch: Batch) -> None:
        """End its request with everything else."""
        self._batches.append(batch)

    def unfinished(self, image_id: str) -> ImageJob | None:
        """The job of that id, unless it ended well: under way, or failed."""
        return self._unfinished.get(image_id)

    def of_promise(self, message_id: str) -> ImageJob | None:
        """The job of the picture that a message promised, unless it ended well."""
        return next((job for job in self._unfinished.values() if job.reply_to == message_id), None)

    async def cancel(self, image_id: str) -> bool:
        """Stop one, and do not go on with it unasked; False when it was not under way."""
        tasks = [task for task, job in self._jobs.items() if job.image_id == image_id and not task.done()]
        for task in tasks:
            self._jobs[task].is_given_up = True
        await _end(tasks)
        return bool(tasks)

    async def cancel_newest(self) -> bool:
        """Stop the one that was begun last; False when none was under way."""
        jobs = self.under_way
        return bool(jobs) and await self.cancel(jobs[-1].image_id)

    async def close(self) -> None:
        """End all. Those that the service has named can be resumed by another session."""
        await _end(self.tasks)
        await self.workshop.close()
        for batch in self._batches:
            await batch.aclose()

    def resume(self, transcript: ConversationWriter, kept: Iterable[PendingJob]) -> int:
        """Go on with what was kept in a conversation and is not known here; returns how many."""
        from animus_tui.chat.image_job import ImageJob
        from animus_tui.chat.kept_job import is_in_history
        from animus_tui.chat.pending_jobs import forget

        count = 0
        for pending in kept:
            if pending.image_id not in self._unfinished:
                job = ImageJob.of(pending, transcript)
                if is_in_history(job):
                    forget(transcript.stored.folder, job.image_id)
                else:
                    self.start(job)
                    count += 1
        return count

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._jobs.pop(task)
        if job.is_stored:
            del self._unfinished[job.image_id]
        self._on_end()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)

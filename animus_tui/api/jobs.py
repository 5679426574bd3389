"""Waiting for a picture job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from animus_tui.api.errors import AnimusError, NetworkError, ServiceBusy

if TYPE_CHECKING:
    from animus_tui.api.models import GenerationJob
    from animus_tui.api.timeouts import Timeouts

OnProgress = Callable[[float | None], None]
"""Called with percent, 0 to 100, or None when the service does not tell."""

FACTOR = 1.5  # by which the pause between two questions grows
MOST_HITCHES = 5  # odd answers in a row that are waited out: the picture may be made all the same


async def end_of_job(
    job: GenerationJob,
    ask: Callable[[str], Awaitable[GenerationJob]],
    on_progress: OnProgress,
    timeouts: Timeouts,
) -> GenerationJob:
    """Ask after a job until it ends, well or badly.

    A gap in the network and a busy service are waited out, other errors that may pass a few times in a row.
    Raises NetworkError after `timeouts.image` seconds without any progress, and at once what else `ask` raises.
    """
    clock, pause, hitches = asyncio.get_running_loop().time, timeouts.poll_first, 0
    deadline = clock() + timeouts.image
    while True:
        await asyncio.sleep(pause)
        pause = min(pause * FACTOR, timeouts.poll_most)
        try:
            news = await ask(job.generation_id)
        except AnimusError as error:
            hitches = 0 if isinstance(error, NetworkError | ServiceBusy) else hitches + 1
            wait = (error.retry_after or 0.0) if isinstance(error, ServiceBusy) else 0.0
            if not error.retryable or hitches > MOST_HITCHES or clock() + wait >= deadline:
                raise
            pause = max(pause, wait)
            continue
        hitches = 0
        on_progress(news.progress)
        if news.ended:
            return news
        if (news.status, news.progress) != (job.status, job.progress):
            deadline = clock() + timeouts.image
        elif clock() >= deadline:
            raise _stuck(timeouts.image)
        job = news


def _stuck(seconds: float) -> NetworkError:
    sentence = f"The picture made no progress within {seconds:g} s. Ask for it again later."
    return NetworkError("No picture", sentence, sent=True, started=True)

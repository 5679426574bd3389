"""Asking after a picture job, ever less often, until it ends."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import BackendError, Gone, NetworkError, ServiceBusy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.backends.animus.decode_media import GenerationJob
    from animus_tui.backends.base.protocols import OnProgress
    from animus_tui.backends.http.timeouts import Timeouts

SHARE = 0.5
"""Part of the time since the start that the next pause takes: each question comes 1.5 times as late as the last."""
MOST_ODD_ANSWERS = 5
"""Odd answers in a row that are waited out: the picture may be made all the same."""
LONGEST_ESTIMATE = 3600.0
"""Seconds of an estimate that are believed."""


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
    clock, odd_answers, asked_to_wait = asyncio.get_running_loop().time, 0, 0.0
    started = clock()
    deadline = started + expected + timeouts.image
    known: tuple[str, float | None] | None = None
    premature_since: float | None = None
    while True:
        await asyncio.sleep(max(asked_to_wait, pause_at(clock() - started, expected, timeouts)))
        asked_to_wait = 0.0
        try:
            job = await ask(generation_id)
        except Gone as error:
            premature_since = premature_since or clock()
            if error.status == HTTPStatus.GONE or clock() - premature_since >= timeouts.settle:
                raise
            continue
        except BackendError as error:
            odd_answers = 0 if isinstance(error, NetworkError | ServiceBusy) else odd_answers + 1
            asked_to_wait = (error.retry_after or 0.0) if isinstance(error, ServiceBusy) else 0.0
            if not error.retryable or odd_answers > MOST_ODD_ANSWERS or clock() + asked_to_wait >= deadline:
                raise
            continue
        odd_answers = 0
        on_progress(job.progress)
        if job.ended == "well" and not job.result_urls:
            premature_since = premature_since or clock()
            if clock() - premature_since < timeouts.settle:
                continue
        if job.ended:
            return job
        premature_since = None
        if (job.status, job.progress) != known:
            deadline = max(deadline, clock() + timeouts.image)
        elif clock() >= deadline:
            raise _stuck(timeouts.image)
        known = job.status, job.progress


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
    return NetworkError("No picture", sentence, sent=True, accepted=True)

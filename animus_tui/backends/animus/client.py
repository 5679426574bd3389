"""The Animus service: chat, pictures and the account as coroutines. Errors are kinds of BackendError."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Self, Unpack

import msgspec

from animus_tui.addresses import Redactor
from animus_tui.backends.animus import encode
from animus_tui.backends.animus.decode_media import BatchResult, decode_batch, decode_image, decode_job
from animus_tui.backends.animus.encode import chat_body, media_body
from animus_tui.backends.animus.media import AnimusAccount, MediaEndpoints, path_segment
from animus_tui.backends.base.chat_values import as_delta
from animus_tui.backends.base.errors import AnswerError, BackendError, Gone, NetworkError, ServiceBusy
from animus_tui.backends.base.files import PICTURE, VIDEO
from animus_tui.backends.base.image_values import JobProgress, finished
from animus_tui.backends.base.protocols import (
    IMAGE_OPTIONS,
    ChatCapabilities,
    ImageBackend,
    ImageCapabilities,
)
from animus_tui.backends.http.chat_endpoint import ChatEndpoint
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.backends.http.requests import Request, Requests, Tuning
from animus_tui.backends.http.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from types import TracebackType

    from animus_tui.backends.animus.decode_media import GenerationJob
    from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, ChatRequest
    from animus_tui.backends.base.image_values import ImageRequest, ImageResult, Picture, Video
    from animus_tui.backends.base.protocols import OnPiece, OnPreview, OnProgress, OnRetry
    from animus_tui.backends.http.transport import Transport
    from animus_tui.config.schema import ApiConfig
SHARE = 0.5
"""Part of the time since the start that the next pause takes: each question comes 1.5 times as late as the last."""
MOST_ODD_ANSWERS = 5
"""Odd answers in a row that are waited out: the picture may be made all the same."""
LONGEST_ESTIMATE = 3600.0
"""Seconds of an estimate that are believed."""


class AnimusClient(ImageBackend):
    """Chat, pictures and media of one account: a ChatBackend and an ImageBackend. An asynchronous context manager."""

    chat_capabilities = ChatCapabilities(
        streaming=True,
        turns=True,
        follow_up=True,
        image_prompts=True,
        compliance=True,
        tools=True,
        image_input=True,
    )
    usual_model: str | None = None
    identity = ""
    image_capabilities = ImageCapabilities(
        jobs=True,
        job_options=frozenset({"negative", "strength", "character", "group", "count"}),
        own_defaults=True,
        options=IMAGE_OPTIONS - {"sampler"},
        edits=True,
        videos=True,
        characters=True,
        groups=True,
    )

    def __init__(
        self, config: ApiConfig, *, redact: Redactor | None = None, **tuning: Unpack[Tuning]
    ) -> None:
        """`timeouts` are the usual ones by default, with the configured `first_word`.

        `redact` is told the secrets that this client learns, so that it can keep them out of a log as well.
        """
        tuning["timeouts"] = tuning.get("timeouts") or Timeouts(first_word=config.first_word)
        requests = Requests(partial(_open_transport, config), redact or Redactor(), **tuning)
        self._requests = requests
        self._media = MediaEndpoints(requests, config.generation_url)
        self._base = config.base_url.rstrip("/")
        self._chat = ChatEndpoint(f"{self._base}/chat/completions", requests)
        self._seeing = ChatEndpoint(f"{self._base}/media/completions", requests)
        self._vision_model = config.vision_model

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._requests.aclose()

    async def complete(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None, on_piece: OnPiece | None = None
    ) -> ChatReply:
        """One whole reply, also when it comes as events. Sent again only while nothing shows that it was accepted.

        The reply's `image_prompt` leads to nothing by itself: no picture, history or event. An error that comes after
        a part of the reply has it in `said`. A request with images is answered by the model that sees them.
        """
        if _has_images(request):
            seen = media_body(request, self._vision_model)
            return await self._seeing.complete(seen, on_retry=on_retry, on_piece=on_piece)
        body = chat_body(msgspec.structs.replace(request, stream=False) if request.stream else request)
        return await self._chat.complete(body, on_retry=on_retry, on_piece=on_piece)

    def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come, never with auto-turn. Sent again as `complete` does.

        The answer to a request with images is one piece.
        """
        if _has_images(request):
            return self._whole(request, on_retry)
        features = request.features
        if features.auto_turn:
            features = msgspec.structs.replace(features, auto_turn=False)
        body = chat_body(msgspec.structs.replace(request, stream=True, features=features))
        return self._chat.stream(body, on_retry=on_retry)

    async def _whole(self, request: ChatRequest, on_retry: OnRetry | None) -> AsyncGenerator[ChatDelta, None]:
        yield as_delta(await self.complete(request, on_retry=on_retry))

    async def models(self) -> list[str]:
        """An empty list: Animus does not tell which models there are."""
        return []

    async def count_tokens(self, texts: Sequence[str]) -> list[int] | None:
        """None: Animus has no endpoint that counts tokens."""
        return None

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        """Make one picture, or change one, with `generate/image`. Never sent again once it may have arrived."""
        asking = Request(
            method="POST",
            url=f"{self._base}/generate/image",
            body=encoded(encode.image_body(request)),
            subject="picture",
            seconds=self._requests.timeouts.image,
        )
        return await self._requests.make(asking, decode_image, on_retry)

    async def submit(self, request: ImageRequest, *, on_retry: OnRetry | None = None) -> GenerationJob:
        """Start a job with `generation/create`. Never sent again once it may have arrived."""
        body = encode.job_body(request)
        return self._readable(
            await self._media.create(
                "/generation/create", body, decode_job, subject="picture", on_retry=on_retry
            )
        )

    async def job_status(self, generation_id: str) -> GenerationJob:
        """How a picture job goes. Asked once, not tried again. Raises Gone when the service does not know it."""
        path = f"/generation/status/{path_segment(generation_id)}"
        decode = partial(decode_job, known_id=generation_id)
        return self._readable(await self._media.ask_once(path, decode, about="picture"))

    async def follow(
        self,
        generation_id: str,
        *,
        on_progress: OnProgress,
        on_preview: OnPreview | None = None,
        estimated: float | None = None,
    ) -> GenerationJob:
        """Ask after a job until it has ended well, as `ImageBackend.follow` says.

        Asks after `Timeouts.poll_first` seconds for the first time, then ever less often, up to `Timeouts.poll_most`,
        and again more often around the estimated end. A gap in the network does no harm.
        """
        return finished(
            await end_of_job(
                generation_id, self.job_status, on_progress, self._requests.timeouts, estimated=estimated
            )
        )

    def can_batch(self, request: ImageRequest) -> bool:
        """Whether `generation/batch` can carry everything that the request asks for."""
        return encode.can_batch(request)

    async def submit_batch(self, requests: Sequence[ImageRequest]) -> list[JobProgress | AnswerError]:
        """Start a job a request with `generation/batch`, as `ImageBackend.submit_batch` says."""
        batch = await self._media.create(
            "/generation/batch", encode.batch_body(requests), decode_batch, subject="batch"
        )
        results = [batch.results.get(index, BatchResult()) for index in range(len(requests))]
        started = sum(result.generation_id is not None for result in batch.results.values())
        jobs: list[JobProgress | AnswerError] = []
        for result in results:
            if result.generation_id is None:
                words = self._media.words(result.error or batch.message) or "the service gave no reason."
                sentence = f"The picture was not begun: {words}"
                jobs.append(AnswerError("Not accepted", sentence, retryable=True))
                continue
            cost = batch.credits_deducted
            jobs.append(
                JobProgress(
                    generation_id=result.generation_id,
                    estimated_time=batch.estimated_time,
                    credits_deducted=None if cost is None else cost / started,
                    remaining_balance=batch.remaining_balance,
                )
            )
        return jobs

    @property
    def account(self) -> AnimusAccount:
        """The account's characters and groups."""
        return AnimusAccount(self._media)

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """Fetch and check a picture at an `http(s)` or `data:` address. Raises PictureError.

        `is_new`: it was made a moment ago, so that it may take `Timeouts.settle` seconds until it is there, and whole.
        """
        return await self._requests.download(url, PICTURE, is_new=is_new, on_retry=on_retry)

    async def download_video(
        self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None
    ) -> Video:
        """Fetch and check a clip, an MP4 of at most 128 MiB, as `download` does a picture. Raises PictureError."""
        return await self._requests.download(url, VIDEO, is_new=is_new, on_retry=on_retry)

    def _readable(self, job: GenerationJob) -> GenerationJob:
        """The job with the service's words fit for the screen."""
        return msgspec.structs.replace(job, error=self._media.words(job.error))


def _has_images(request: ChatRequest) -> bool:
    return any(message.images for message in request.messages)


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


def _open_transport(config: ApiConfig, timeouts: Timeouts, redact: Redactor) -> Transport:
    # Imported here, off the event loop: httpx and what needs it takes as long as the screen needs to appear.
    from animus_tui.backends.animus.auth import open_transport
    from animus_tui.backends.http import sse  # noqa: F401

    return open_transport(config, timeouts, redact)

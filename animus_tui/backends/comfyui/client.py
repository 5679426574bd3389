"""ComfyUI as an ImageBackend: the user's workflow is filled in, queued, and asked after by the name of its job.

Meanwhile the server tells over a WebSocket how far it is, where there is one.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from msgspec.structs import replace

from animus_tui.backends.base.errors import BackendError, JobFailed, NetworkError, ServiceBusy
from animus_tui.backends.base.image_values import JobProgress, finished
from animus_tui.backends.base.protocols import IMAGE_OPTIONS, ImageCapabilities, refuse
from animus_tui.backends.comfyui import wire
from animus_tui.backends.comfyui.job_watch import ProgressListener
from animus_tui.backends.http.image_client import (
    SEEDS,
    ImageClient,
    open_with_password,
    picture_form,
    source_bytes,
)
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.backends.http.requests import Request
from animus_tui.config.schema import ImageConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.image_values import ImageRequest
    from animus_tui.backends.base.protocols import OnPreview, OnProgress, OnRetry
    from animus_tui.backends.comfyui.job_watch import QueuedJob
    from animus_tui.backends.comfyui.workflow import Workflow
    from animus_tui.backends.http.requests import Tuning

    T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8188"
ANSWER_SECONDS = 30.0
"""Seconds within which a request is answered; a server that loads a model takes its time."""
MOST_ODD_ANSWERS = 5
"""Answers in a row that cannot be read and are waited out; one more is an error."""


class ComfyUIClient(ImageClient):
    """One ComfyUI server, with the workflow that makes its pictures."""

    def __init__(
        self,
        base_url: str | None,
        key: str | None,
        workflow: Workflow,
        redact: Redactor,
        *,
        edit_workflow: Workflow | None = None,
        **tuning: Unpack[Tuning],
    ) -> None:
        """`key` is for a server behind another one that asks for it: a bearer token, or `name:password`.

        `edit_workflow` changes a picture, where `workflow` makes new ones; without it `workflow` does what it can.
        """
        address = base_url or DEFAULT_URL
        opening = partial(open_with_password, address, key)
        super().__init__(address, opening, redact, **tuning)
        self._workflow = workflow
        self._edit_workflow = edit_workflow or workflow
        self._capabilities = _capabilities(workflow, self._edit_workflow)

    @property
    def image_capabilities(self) -> ImageCapabilities:
        """What the workflows have places for."""
        return self._capabilities

    async def submit(self, request: ImageRequest, *, on_retry: OnRetry | None = None) -> JobProgress:
        """Queue the workflow with what is asked for, as `ImageBackend.submit` says."""
        workflow = self._workflow if request.source_url is None else self._edit_workflow
        values = self._values(request, workflow)
        if request.source_url is not None:
            values["image"] = await self._upload(request.source_url, on_retry)
        seed = values["seed"] if "seed" in workflow.places else None
        # A name for each job: the server tells one listener a name how all that was begun with it is.
        body = wire.job_body(workflow.filled(values), uuid.uuid4().hex, seed)
        asking = self._request("POST", "prompt", encoded(body))
        asking = replace(asking, message_in=wire.node_errors(workflow))
        queued = await self.requests.make(asking, wire.decode_queued, on_retry, in_thread=True)
        return JobProgress(generation_id=queued, seed=seed)

    async def follow(
        self,
        generation_id: str,
        *,
        on_progress: OnProgress,
        on_preview: OnPreview | None = None,
        estimated: float | None = None,
    ) -> JobProgress:
        """Ask after a job until it has ended well. It may wait in the queue, or run, for as long as the server says so.

        Raises JobFailed also when the server knows it no more, as after a restart.
        """
        listener = ProgressListener(self.requests, self.base, on_progress, on_preview)
        try:
            return finished(await self._end_of(generation_id, listener, on_progress))
        finally:
            await listener.close()

    async def _end_of(
        self, generation_id: str, listener: ProgressListener, on_progress: OnProgress
    ) -> JobProgress:
        clock, odd_answers = asyncio.get_running_loop().time, 0
        answered = clock()
        unknown_since: float | None = None
        while not listener.failure:
            try:
                if (ended := await self._ended(generation_id)) is not None:
                    return ended
                job = await self._queued(generation_id)
                answered, odd_answers = clock(), 0
                if job.place == "unknown":
                    unknown_since = unknown_since or answered
                    if answered - unknown_since >= self.requests.timeouts.settle:
                        raise _unknown_job()
                else:
                    unknown_since = None
                    listener.start(job)
                on_progress(listener.percent)
            except JobFailed:
                raise
            except BackendError as error:
                is_gap = isinstance(error, NetworkError | ServiceBusy)  # it is being restarted, say
                odd_answers += not is_gap
                is_over = clock() - answered >= self.requests.timeouts.image or odd_answers > MOST_ODD_ANSWERS
                if not error.retryable or is_over:
                    raise
            await listener.pause(self.requests.timeouts.poll_first)
        error_words = self.requests.words(listener.failure)
        return JobProgress(generation_id=generation_id, ended="badly", error=error_words)

    async def abandon(self, generation_id: str) -> None:
        """Take a job out of the queue, or interrupt it when it runs. The jobs of others go on."""
        with suppress(BackendError):
            match (await self._queued(generation_id)).place:
                case "waiting":
                    body = {"delete": [generation_id]}
                    await self._ask("POST", "queue", bytes, encoded(body))
                case (
                    "running"
                ):  # older versions know no names here and interrupt what runs, which is this one
                    await self._ask("POST", "interrupt", bytes, encoded({"prompt_id": generation_id}))
                case "unknown":
                    pass

    # What is asked

    def _values(self, request: ImageRequest, workflow: Workflow) -> dict[str, Any]:
        """A value for each place. BackendError where the workflow and the request do not fit together."""
        if ("image" in workflow.places) != (request.source_url is not None):
            does = "changes a picture" if "image" in workflow.places else "makes a new picture"
            refuse(f"This workflow {does}: one with {{image}} in it changes pictures.")
        usual = ImageConfig()
        chosen = {
            "width": (request.width, usual.width),
            "height": (request.height, usual.height),
            "steps": (request.steps, usual.num_inference_steps),
            "guidance": (request.guidance, usual.guidance_scale),
            "count": (request.count, 1),
            "strength": (request.strength, 0.75),
            "model": (request.model, None),
            "sampler": (request.sampler, "euler"),
        }
        values = {name: default if said is None else said for name, (said, default) in chosen.items()}
        seed = self.requests.rng.randrange(SEEDS) if request.seed is None else request.seed
        if "model" in workflow.places and values["model"] is None:
            refuse("The workflow has a place for the model: name one with model in [image], or --model.")
        return values | {
            "prompt": request.prompt,
            "negative": request.negative or "",
            "seed": seed,
            "image": "",
        }

    async def _upload(self, source_url: str, on_retry: OnRetry | None) -> str:
        picture = await asyncio.to_thread(source_bytes, source_url)
        name = f"animus-chat-{uuid.uuid4().hex}"
        form = await asyncio.to_thread(picture_form, "image", picture, name, {"type": "input"})
        asking = replace(self._request("POST", "upload/image", form.body), content_type=form.content_type)
        return await self.requests.make(asking, wire.decode_uploaded, on_retry)

    async def _ended(self, generation_id: str) -> JobProgress | None:
        decode = partial(wire.decode_history, generation_id=generation_id, view=f"{self.base}/view")
        return await self._ask("GET", f"history/{quote(generation_id, safe='')}", decode)

    async def _queued(self, generation_id: str) -> QueuedJob:
        return await self._ask("GET", "queue", partial(wire.decode_queue, generation_id=generation_id))

    async def _ask(
        self, method: str, path: str, decode: Callable[[bytes], T], body: bytes | None = None
    ) -> T:
        return await self.requests.once(self._request(method, path, body), decode, in_thread=True)

    def _request(self, method: str, path: str, body: bytes | None = None) -> Request:
        url = f"{self.base}/{path}"
        return Request(method=method, url=url, body=body, subject="picture", seconds=ANSWER_SECONDS)


def _capabilities(workflow: Workflow, edit_workflow: Workflow) -> ImageCapabilities:
    """What the workflows have places for; how strong a change is says the one for changes."""
    options, of_edits = _options(workflow) - {"strength"}, _options(edit_workflow)
    return ImageCapabilities(
        jobs=True,
        only_jobs=True,
        edits_bytes="image" in edit_workflow.places,
        only_edits="image" in workflow.places,
        options=options | (of_edits & {"strength"}),
        edit_lacks=options - of_edits,
        cancels=True,
    )


def _options(workflow: Workflow) -> frozenset[str]:
    """The options of a picture that a workflow has places for."""
    size = {"size"} if workflow.places >= {"width", "height"} else set()
    return (workflow.places & IMAGE_OPTIONS) | size


def _unknown_job() -> JobFailed:
    why = "it was restarted, or its list was cleared"
    sentence = f"The server does not know the picture's job any more: {why}. Try again."
    return JobFailed("No picture", sentence, retryable=True)

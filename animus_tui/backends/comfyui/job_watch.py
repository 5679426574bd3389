"""What ComfyUI tells of a job over its WebSocket: how far it is, what it looks like, how it ended.

A text is JSON, `{"type": …, "data": {…}}`. Newer servers tell the state of all nodes at once (`progress_state`), older
ones which node runs (`executing`) and how far it is (`progress`). Either way the percent counts the nodes of the whole
workflow. Other bytes are a picture behind a number that says how it begins; newer servers put the name of the job in
front of the picture. What cannot be read is left out: whoever watches asks for the job all the same.
Without a WebSocket, asking alone finds the end of the job.
"""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.comfyui.workflow import Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractAsyncContextManager

    from animus_tui.backends.base.protocols import OnPreview, OnProgress
    from animus_tui.backends.http.requests import Requests
    from animus_tui.backends.http.websocket import WebSocket

log = logging.getLogger(__name__)

OPENING_SECONDS = 10.0
"""Seconds within which the WebSocket stands; a job does not wait for it."""
MOST_BYTES = 8 << 20
"""Bytes of a preview, at most; a larger one is not shown."""
MOST_TEXT = 1 << 20
"""Bytes of a text that is read; those that matter here are short."""
LONG_TEXT = 64 << 10
"""Bytes of a text that is read in a thread."""
MOST_FAILURES = 5
"""WebSockets in a row that tell nothing of the job, until no other one is opened."""

INTERRUPTED = "It was interrupted at the server."
NO_REASON = "The server tells no reason."
MOST_METADATA = 64 << 10
"""Bytes of what stands before a picture."""
_PREVIEW = 1
_PREVIEW_WITH_METADATA = 4
_HEAD = 8  # bytes: the kind, and the format of the picture or how long the metadata is

Place = Literal["running", "waiting", "unknown"]


class QueuedJob(Struct, frozen=True, kw_only=True):
    """A job as the server's queue has it."""

    name: str
    place: Place
    nodes: dict[str, Any] = {}
    outputs: list[str] = []
    """The nodes that are to put something out; all others are there for them."""
    client_id: str = ""
    """The name under which the server tells how the job is."""


class JobWatch:
    """One job, whose percent never goes back."""

    def __init__(self, job: QueuedJob) -> None:
        self.percent: float | None = None
        """From 0 to 100, once the server has told something."""
        self.failure = ""
        """Why the job failed, once it has."""
        self.endings = 0
        """How often the server has told that it is done with it: before it can be asked for the pictures, and after."""
        self._name = job.name
        self._workflow = Workflow(job.nodes, frozenset())
        self._sources = {name: set(_sources(node)) & job.nodes.keys() for name, node in job.nodes.items()}
        outputs = self._sources.keys() & set(job.outputs)
        self._counted = outputs | self._before(outputs) if outputs else self._sources.keys()
        self._shares: dict[str, float] = {}
        self._node = ""
        """What runs, as older servers tell it."""
        self._is_running = False
        """Whether it is this job that runs for whoever has begun it: it may be one that began several."""
        self._knows_all = False
        """Whether the server tells the state of all nodes."""

    def take_text(self, text: bytes) -> None:
        """Note what a text message tells of the job."""
        try:
            message = msgspec.json.decode(text)
        except (ValueError, RecursionError):
            return
        match message:
            case {"type": str(kind), "data": dict(data)}:
                pass
            case _:
                return
        if "prompt_id" in data and kind.startswith(("exec", "progress")):
            is_ours = data["prompt_id"] == self._name
            if kind != "execution_interrupted":  # all clients are told of that
                self._is_running = is_ours
            if is_ours and not self.failure:
                self._note(kind, data)
        elif kind == "progress" and self._is_running:
            self._note(kind, data)

    def preview_in(self, data: bytes) -> bytes | None:
        """The picture in other bytes that came, as it is; None where there is none of this job."""
        kind = int.from_bytes(data[:4], "big")
        if kind == _PREVIEW and len(data) > _HEAD:
            return data[_HEAD:] if self._is_running else None
        size = int.from_bytes(data[4:_HEAD], "big")
        if kind != _PREVIEW_WITH_METADATA or size > MOST_METADATA or len(data) <= _HEAD + size:
            return None
        try:
            metadata = msgspec.json.decode(data[_HEAD : _HEAD + size])
        except (ValueError, RecursionError):
            return None
        match metadata:
            case {"prompt_id": name} if name == self._name:
                return data[_HEAD + size :]
        return None

    def _note(self, kind: str, data: Mapping[str, Any]) -> None:
        match kind, data:
            case "progress_state", {"nodes": dict(nodes)}:
                self._knows_all = True
                for name, state in nodes.items():
                    self._reached(name, _share_of(state))
            case "execution_cached", {"nodes": list(names)}:
                for name in names:
                    self._reached(name, 1.0)
            case "executing", {"node": None}:
                self.endings += 1
                return
            case "executing", {"node": node}:
                self._runs(node)
            case "progress", {"value": value, "max": most}:
                if not self._knows_all:
                    self._reached(data.get("node") or self._node, _fraction(value, most))
            case "executed", {"node": node}:
                self._reached(node, 1.0)
            case "execution_success", _:
                self.endings += 1
                return
            case "execution_error" | "execution_interrupted", _:
                self.failure = failure_in(kind, data, self._workflow) or NO_REASON
                return
        self._count()

    def _runs(self, node: object) -> None:
        """Older servers run one node after the other."""
        if not isinstance(node, str) or self._knows_all:
            return
        if self._node not in ("", node):
            self._reached(self._node, 1.0)
        self._node = node
        self._reached(node, 0.0)

    def _reached(self, node: object, share: float) -> None:
        """Note that a node is done to that share; all that it needs is done, whether that was told or not."""
        if not isinstance(node, str) or (node not in self._counted and self._counted):
            return
        if node not in self._shares:
            self._shares |= dict.fromkeys(self._before({node}), 1.0)
        self._shares[node] = max(share, self._shares.get(node, 0.0))

    def _count(self) -> None:
        """Bring the percent up to date: the share of the nodes that are done, the running ones in part."""
        if not self._shares:
            return
        known = self._counted or self._shares.keys()
        percent = 100 * sum(self._shares.get(node, 0.0) for node in known) / len(known)
        self.percent = max(percent, self.percent or 0.0)

    def _before(self, nodes: Iterable[str]) -> set[str]:
        """All that has to be done before these."""
        found, coming = set[str](), list(nodes)
        while coming:
            new = self._sources.get(coming.pop(), set()) - found
            found |= new
            coming += new
        return found


def announced(*, with_previews: bool) -> str:
    """The first text that is sent to the server: whether pictures may have the name of their job with them."""
    flags = {"supports_preview_metadata": with_previews}
    return msgspec.json.encode({"type": "feature_flags", "data": flags}).decode()


def failure_in(kind: object, data: object, workflow: Workflow) -> str:
    """Why a job failed, as a message of the server tells it; empty for another message."""
    match kind, data:
        case "execution_error", {"exception_message": str(words), **fields}:
            return f"{workflow.title(str(fields.get('node_id')))}: {' '.join(words.split())}"
        case "execution_interrupted", _:
            return INTERRUPTED
    return ""


def _sources(node: object) -> Iterable[str]:
    """The nodes from which a node gets its inputs."""
    match node:
        case {"inputs": dict(inputs)}:
            for value in inputs.values():
                match value:
                    case [str(name), int()]:
                        yield name


def _share_of(state: object) -> float:
    match state:
        case {"state": "finished"}:
            return 1.0
        case {"value": value, "max": most}:
            return _fraction(value, most)
    return 0.0


def _fraction(value: object, most: object) -> float:
    if not isinstance(value, int | float) or not isinstance(most, int | float):
        return 0.0
    try:
        share = value / most if most > 0 else 0.0
    except OverflowError:
        return 0.0
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0


class ProgressListener:
    """Listens to what the server tells of one job while it is followed."""

    def __init__(
        self,
        requests: Requests,
        base_url: str,
        on_progress: OnProgress,
        on_preview: OnPreview | None,
    ) -> None:
        self._requests = requests
        self._base = base_url
        self._on_progress = on_progress
        self._on_preview = on_preview
        self._watch: JobWatch | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    @property
    def percent(self) -> float | None:
        """How far the job is, from 0 to 100, when the server tells it."""
        return None if self._watch is None else self._watch.percent

    @property
    def failure(self) -> str:
        """Why the job failed, once the server has told it."""
        return "" if self._watch is None else self._watch.failure

    def start(self, job: QueuedJob) -> None:
        """Listen from now on, if not yet. The server tells a job's state to the client id that began it."""
        if self._listening is None and job.client_id:
            self._watch = JobWatch(job)
            self._listening = asyncio.create_task(self._listen(self._watch, job.client_id))

    async def pause(self, seconds: float) -> None:
        """Wait for so long, or until the server has told that the job is over."""
        self._ending.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    async def _listen(self, watch: JobWatch, client_id: str) -> None:
        """Open a WebSocket, and another one when it breaks off, until the job is over or none tells anything."""
        failures = 0
        while failures < MOST_FAILURES and not watch.failure:
            before = watch.percent
            try:
                await self._listen_once(watch, client_id)
            except BackendError as error:
                log.info("ComfyUI's WebSocket: %s", error)
                if not error.retryable:
                    return
            failures = failures + 1 if watch.percent == before else 0
            await asyncio.sleep(self._requests.timeouts.poll_most)

    async def _listen_once(self, watch: JobWatch, client_id: str) -> None:
        transport = await self._requests.transport()
        open_websocket = await asyncio.to_thread(_opener)
        url = f"{self._base}/ws?clientId={quote(client_id, safe='')}"
        async with open_websocket(
            transport, url, seconds=OPENING_SECONDS, most=MOST_BYTES, context=transport.context("progress")
        ) as socket:
            await socket.send(announced(with_previews=self._on_preview is not None))
            async for message in socket.messages():
                if not message.is_text:
                    if self._on_preview is not None and (preview := watch.preview_in(message.data)):
                        self._on_preview(preview)
                elif len(message.data) <= MOST_TEXT:
                    await self._take_text(watch, message.data)

    async def _take_text(self, watch: JobWatch, text: bytes) -> None:
        told, endings = watch.percent, watch.endings
        if len(text) > LONG_TEXT:
            await asyncio.to_thread(watch.take_text, text)
        else:
            watch.take_text(text)
        if watch.percent is not None and (told is None or int(watch.percent) > int(told)):
            self._on_progress(watch.percent)
        if watch.failure or watch.endings > endings:
            self._ending.set()


def _opener() -> Callable[..., AbstractAsyncContextManager[WebSocket]]:
    from animus_tui.backends.http.websocket import open_websocket  # some 50 ms that nothing else needs

    return open_websocket

"""What ComfyUI tells over its WebSocket, against a stand-in that tells it as the real one does; and where it fails."""

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.base.errors import JobFailed
from animus_tui.backends.comfyui.client import ComfyUIClient
from animus_tui.backends.comfyui.job_watch import JobWatch, QueuedJob
from animus_tui.backends.comfyui.workflow import read_workflow
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.chat.events import ImageGenerationComplete, ImageGenerationProgress
from tests.support.comfyui_events import FAULTS, with_metadata
from tests.support.comfyui_server import WORKFLOW, ComfyUIServer
from tests.support.image_clients import ONCE, SMALL, SOON, Made, image_session
from tests.support.loopback_server import NOT_FOUND, Answer, Asked, LoopbackServer, drawn

FOUR_STEPS = replace(SMALL, steps=4, seed=7)
NEVER = replace(SOON, poll_first=3600)
"""What is not heard is not asked for either."""
WHOLE = [20, 40, 60, 65, 70, 75, 80, 100]
"""Percent of a workflow of five nodes: one is cached, two are quick, the sampler takes four steps, one saves."""


class Elsewhere(LoopbackServer):
    """Somebody who is to be asked for nothing."""

    def answer(self, asked: Asked) -> Answer:
        return NOT_FOUND


def client_of(
    server: ComfyUIServer, *, path: str = "", key: str | None = None, timeouts: Timeouts = SOON
) -> ComfyUIClient:
    workflow = read_workflow(msgspec.json.encode(WORKFLOW), "mine.json")
    rng = random.Random(1)
    return ComfyUIClient(server.url + path, key, workflow, Redactor(), timeouts=timeouts, retry=ONCE, rng=rng)


async def follow(client: ComfyUIClient, generation_id: str, made: Made) -> None:
    done = await client.follow(
        generation_id, on_progress=made.percents.append, on_preview=made.previews.append
    )
    made.outputs = done.images


def told(percents: Sequence[float | None]) -> list[int]:
    """All percents in their order, without repetitions."""
    return [percent for percent, _ in groupby(round(each) for each in percents if each is not None)]


def previews(request: Any, steps: Sequence[int]) -> list[bytes]:
    return [drawn(request.width, request.height, request.seed, part=step / request.steps) for step in steps]


@pytest.mark.parametrize("kind", ["", "old", "no previews"])
async def test_a_picture_is_told_over_the_whole_workflow_and_shown(kind: str) -> None:
    """Newer servers tell all nodes at once, older ones each when it begins; previews can be switched off."""
    made = Made()
    with ComfyUIServer(socket=kind, awaits_listener=True) as server:
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            await follow(client, job.generation_id, made)
    assert told(made.percents) == WHOLE
    assert made.previews == ([] if kind == "no previews" else previews(FOUR_STEPS, [1, 2, 3]))
    assert len(made.outputs) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_is_wrong_with_the_websocket_the_picture_comes(fault: str) -> None:
    made = Made()
    with ComfyUIServer(socket=fault) as server, Elsewhere():
        server.hold.clear()
        async with client_of(server, key="somebody:secret") as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, made))
            await _until(lambda: len(server.of("/queue")) > 5 and len(server.of("/ws")) > 0)
            server.hold.set()
            await following
            picture = await client.download(made.outputs[0].url)
    assert (picture.width, picture.height) == (64, 48)
    assert told(made.percents) == sorted(told(made.percents))
    assert all(0 <= percent <= 100 for percent in told(made.percents))


@pytest.mark.parametrize("fault", ["breaks off", "cut", "endless"])
async def test_a_websocket_that_ends_is_opened_again(fault: str) -> None:
    made = Made()
    with ComfyUIServer(socket=fault, awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, made))
            await _until(lambda: len(server.events.seen) == 2)
            server.events.fault = ""
            server.hold.set()
            await following
    assert told(made.percents)[-1] == 100


async def test_a_server_that_never_tells_anything_is_not_asked_for_it_for_ever() -> None:
    with ComfyUIServer(socket="refused") as server:
        server.hold.clear()
        async with client_of(server) as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, Made()))
            await _until(lambda: len(server.of("/queue")) > 30)
            server.hold.set()
            await following
    assert len(server.of("/ws")) == 1


@pytest.mark.parametrize("fault", ["huge", "nonsense"])
async def test_what_cannot_be_read_or_is_too_large_is_left_out(fault: str) -> None:
    """What comes behind it on the same WebSocket still counts, and pings are answered."""
    made = Made()
    with ComfyUIServer(socket=fault, awaits_listener=True) as server:
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            await follow(client, job.generation_id, made)
        assert len(server.events.seen) == 1
    assert told(made.percents) == WHOLE
    assert [each for each in made.previews if each[1:4] == b"PNG"] == previews(FOUR_STEPS, [1, 2, 3])


async def test_the_jobs_of_others_move_nothing() -> None:
    made = Made()
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, made))
            await _until(lambda: told(made.percents)[-1:] == [70])
            other = {"prompt_id": "another"}
            nodes = {
                "3": {"value": 4, "max": 4, "state": "finished"},
                "9": {"value": 1, "max": 1, "state": "finished"},
            }
            tell = server.events.tell
            tell("execution_interrupted", {**other, "node_id": "3"})
            tell("progress_state", {**other, "nodes": nodes})
            tell("execution_cached", {**other, "nodes": ["9"]})
            tell("executed", {**other, "node": "9"})
            tell("execution_start", other)
            tell("progress", {"value": 4, "max": 4})
            server.events.send(b"\0\0\0\x01\0\0\0\x02" + drawn(8, 8, 1))
            server.events.send(with_metadata(b'{"prompt_id":"another"}', drawn(8, 8, 2)))
            tell("execution_error", {**other, "node_id": "3", "exception_message": "theirs"})
            own = {"prompt_id": job.generation_id, "value": 2, "max": 4, "node": "3"}
            tell("progress", own)
            server.events.send(with_metadata(msgspec.json.encode(own), b"the last that is told"))
            await _until(lambda: made.previews[-1] == b"the last that is told")
            assert told(made.percents)[-1] == 70
            server.hold.set()
            await following
    assert made.previews == [
        *previews(FOUR_STEPS, [1, 2]),
        b"the last that is told",
        *previews(FOUR_STEPS, [3]),
    ]


@pytest.mark.parametrize("kind", ["", "old"])
async def test_an_error_of_a_node_is_told_before_the_job_is_asked_after(kind: str) -> None:
    with ComfyUIServer(fault="node fails", socket=kind, awaits_listener=True) as server:
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            with pytest.raises(JobFailed, match=r"Sampler of the picture \(node 3\): CUDA out of memory"):
                await follow(client, job.generation_id, Made())
        assert len(server.of("/queue")) == 1


async def test_a_job_that_is_interrupted_at_the_server_is_over_at_once() -> None:
    made = Made()
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server, timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, made))
            await _until(lambda: told(made.percents)[-1:] == [70])
            async with client_of(server) as another:
                await another.abandon(job.generation_id)
            with pytest.raises(JobFailed, match="It was interrupted at the server"):
                await following


async def test_another_run_of_the_program_hears_how_its_job_is(tmp_path: Path) -> None:
    """The name under which the server tells it is in the server's queue."""
    made = Made()
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server) as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, Made()))
            await _until(lambda: len(server.events.seen) == 1)
            following.cancel()
            await asyncio.wait({following})
        await _until(lambda: not server.events.listeners)
        async with client_of(server, timeouts=NEVER) as client:
            following = asyncio.create_task(follow(client, job.generation_id, made))
            await _until(lambda: len(server.events.listeners) == 1)
            server.hold.set()
            await following
    assert told(made.percents)[-1] == 100


async def test_two_jobs_at_once_are_told_apart() -> None:
    """One waits behind the other; each has its own percent, which it begins with when it runs."""
    first, second = Made(), Made()
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server, timeouts=NEVER) as client:
            jobs = [await client.submit(FOUR_STEPS), await client.submit(replace(FOUR_STEPS, seed=8))]
            following = [
                asyncio.create_task(follow(client, job.generation_id, made))
                for job, made in zip(jobs, (first, second), strict=True)
            ]
            await _until(lambda: told(first.percents)[-1:] == [70] and len(server.events.listeners) == 2)
            assert told(second.percents) == []
            server.hold.set()
            await asyncio.gather(*following)
    assert told(first.percents) == told(second.percents) == WHOLE
    assert second.previews == previews(replace(FOUR_STEPS, seed=8), [1, 2, 3])


async def test_the_websocket_goes_the_way_of_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sign-in, below the path of the address, past the proxy where the server is on this machine."""
    made = Made()
    with (
        ComfyUIServer(awaits_listener=True, sign_in="me:secret", path="/comfy") as server,
        Elsewhere() as proxy,
    ):
        monkeypatch.setenv("http_proxy", proxy.url)
        async with client_of(server, key="me:secret", path="/comfy", timeouts=NEVER) as client:
            job = await client.submit(FOUR_STEPS)
            await follow(client, job.generation_id, made)
    (asked,) = server.of("/comfy/ws")
    assert asked.headers["host"] == server.url.removeprefix("http://")
    assert "origin" not in asked.headers
    assert told(made.percents) == WHOLE
    assert not proxy.asked


async def test_the_websocket_is_led_nowhere_else_and_the_key_with_it() -> None:
    with Elsewhere() as elsewhere, ComfyUIServer(socket="leads away", leads_to=elsewhere.url) as server:
        server.hold.clear()
        async with client_of(server, key="me:secret") as client:
            job = await client.submit(FOUR_STEPS)
            following = asyncio.create_task(follow(client, job.generation_id, Made()))
            await _until(lambda: len(server.of("/queue")) > 10)
            server.hold.set()
            await following
        assert "authorization" in server.of("/ws")[0].headers
        assert not elsewhere.asked


async def test_a_preview_is_on_the_card_and_one_that_is_none_is_not(tmp_path: Path) -> None:
    """The stand-in sends junk as a preview behind each real one."""
    with ComfyUIServer(socket="nonsense", awaits_listener=True) as server:
        server.hold.clear()
        async with client_of(server) as client, image_session(tmp_path, client) as session:
            with session.events.subscribe() as events:
                session.images.start("a fox")
                sizes = set()
                while not isinstance(event := await events.next(), ImageGenerationComplete):
                    if isinstance(event, ImageGenerationProgress) and event.preview is not None:
                        sizes.add(event.preview_size)
                        assert Path(event.preview).suffix == ".png"
                        server.hold.set()
    assert sizes == {(64, 64)}


def _watch(nodes: dict[str, Any], outputs: list[str] | None = None) -> JobWatch:
    return JobWatch(QueuedJob(name="mine", place="running", nodes=nodes, outputs=outputs or []))


def _tell(watch: JobWatch, kind: str, **data: object) -> float | None:
    watch.take_text(msgspec.json.encode({"type": kind, "data": {"prompt_id": "mine", **data}}))
    return None if watch.percent is None else round(watch.percent)


def test_only_nodes_that_lead_to_an_output_are_counted() -> None:
    other = {"class_type": "X", "inputs": {"a": ["3", 0]}}
    watch = _watch({**WORKFLOW, "20": {"class_type": "Note", "inputs": {}}, "21": other}, ["9"])
    assert _tell(watch, "progress_state", nodes={"20": {"value": 1, "max": 1, "state": "finished"}}) is None
    assert _tell(watch, "progress_state", nodes={"3": {"value": 1, "max": 2, "state": "running"}}) == 70
    assert _tell(watch, "executed", node="9") == 100


def test_what_was_missed_is_made_up_for_and_nothing_goes_back() -> None:
    """Whatever a node that runs needs is done, also where that was told before anybody listened."""
    watch = _watch(WORKFLOW, ["9"])
    assert _tell(watch, "progress", value=3, max=4, node="3") == 75
    assert _tell(watch, "progress", value=1, max=4, node="3") == 75
    assert _tell(watch, "progress_state", nodes={"3": {"value": 0, "max": 4, "state": "running"}}) == 75
    assert _tell(watch, "progress_state", nodes={"9": {"value": 0, "max": 1, "state": "running"}}) == 80


def test_without_a_workflow_the_node_that_runs_is_told() -> None:
    watch = _watch({})
    assert _tell(watch, "progress", value=1, max=4, node="3") == 25
    assert _tell(watch, "progress", value=3, max=4, node="3") == 75


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)

"""ComfyUI, against a stand-in that checks the workflows it gets as the real one does."""

import asyncio
import base64
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.base.errors import BackendError, JobFailed
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.comfyui.client import ComfyUIClient
from animus_tui.backends.comfyui.workflow import read_workflow
from animus_tui.chat.events import ImageGenerationComplete, ImageGenerationError
from animus_tui.chat.export.json_array import files_in
from animus_tui.chat.images.options import PictureOptions
from animus_tui.errors import UsageError, UserError
from animus_tui.ui.form_plan import plan_change
from tests.support.comfyui_server import EDITING, WORKFLOW, ComfyUIServer, changed
from tests.support.image_clients import ONCE, SMALL, SOON, image_session, made_by
from tests.support.loopback_server import drawn

NASTY = 'a "fox" {seed}\n\\ {negative} ☃'


def client_of(server: ComfyUIServer, nodes: dict[str, Any] = WORKFLOW) -> ComfyUIClient:
    workflow = read_workflow(msgspec.json.encode(nodes), "mine.json")
    return ComfyUIClient(
        server.url, None, workflow, Redactor(), timeouts=SOON, retry=ONCE, rng=random.Random(1)
    )


async def test_the_workflow_is_filled_in_with_values_that_are_what_they_are() -> None:
    """Numbers stay numbers, a prompt is one text whatever stands in it, and what was filled in is not filled again."""
    request = ImageRequest(prompt=NASTY, negative="fog", width=64, height=48, steps=3, guidance=5.5, seed=42)
    with ComfyUIServer() as server:
        async with client_of(server) as client:
            made = await made_by(client, request)
        (sent,) = server.prompts
    assert made.sentence == ""
    links = {"positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    assert sent["3"]["inputs"] == {"seed": 42, "steps": 3, "cfg": 5.5, **links}
    assert sent["5"]["inputs"] == {"width": 64, "height": 48, "batch_size": 1}
    assert sent["6"]["inputs"]["text"] == f"masterpiece, {NASTY}"
    assert sent["7"]["inputs"]["text"] == "fog"
    assert made.seeds == [42]
    assert [(picture.width, picture.height) for picture in made.pictures] == [(64, 48)]


async def test_a_picture_to_change_is_uploaded_and_named_in_the_workflow() -> None:
    source = drawn(32, 32, 5)
    address = f"data:image/png;base64,{base64.b64encode(source).decode()}"
    with ComfyUIServer() as server:
        async with client_of(server, EDITING) as client:
            made = await made_by(client, replace(SMALL, source_url=address))
            assert client.image_capabilities.only_edits
            with pytest.raises(BackendError, match="This workflow changes a picture"):
                await client.submit(SMALL)
        ((name, uploaded),) = server.uploads.items()
        assert (server.prompts[0]["4"]["inputs"]["image"], uploaded) == (f"chat/{name}", source)
    assert made.sentence == ""


async def test_one_workflow_makes_pictures_and_another_one_changes_them(tmp_path: Path) -> None:
    with ComfyUIServer() as server:
        edits = read_workflow(msgspec.json.encode(EDITING), "edits.json")
        client = ComfyUIClient(
            server.url,
            None,
            read_workflow(msgspec.json.encode(WORKFLOW), "mine.json"),
            Redactor(),
            edit_workflow=edits,
            timeouts=SOON,
        )
        async with client, image_session(tmp_path, client) as session:
            first = await session.generate_image("a fox")
            second = await session.edit_image("at night")
            assert second.record.source_file == first.record.file
            await session.revisions.fork(second.message.id)
            session.images.start_variant()
            await session.wait()
            assert len(session.conversation.messages[-1].variants or []) == 2
            line = msgspec.json.encode(replace(second.message, variants=None))
            assert files_in(line) == [second.record.file, first.record.file]
        assert ["4" in nodes for nodes in server.prompts] == [False, True, True]


def test_what_a_workflow_has_no_place_for_cannot_be_asked_for() -> None:
    nodes = {"1": {"class_type": "Text", "inputs": {"text": "{prompt}"}}}
    with ComfyUIServer() as server:
        few, more = client_of(server, nodes).image_capabilities, client_of(server).image_capabilities
    assert not few.options
    assert more.options == {"size", "steps", "guidance", "seed", "negative"}
    assert not more.edits_bytes


async def test_an_edit_refuses_what_only_the_other_workflow_has_a_place_for(tmp_path: Path) -> None:
    """What is typed is refused, what is configured is left out, and of the picture nothing is told that is not so."""
    plain = msgspec.json.encode(changed(n4=EDITING["4"], n3={"seed": 1, "steps": 9}, n7={"text": "fog"}))
    with ComfyUIServer() as server:
        client = ComfyUIClient(
            server.url,
            None,
            read_workflow(msgspec.json.encode(WORKFLOW), "mine.json"),
            Redactor(),
            edit_workflow=read_workflow(plain, "edits.json"),
            timeouts=SOON,
        )
        assert client.image_capabilities.edit_lacks == {"seed", "steps", "negative"}
        async with client, image_session(tmp_path, client) as session:
            started = session.images.start("a fox", options=PictureOptions(seed=4, steps=3))
            first = await session.images.finished(started)
            for option in ({"seed": 4}, {"steps": 3}, {"negative": "rain"}):
                with pytest.raises(
                    UsageError, match=f"takes no --{next(iter(option))} for an edit; leave it out"
                ):
                    session.images.start_edit("at night", options=PictureOptions(**option))
            second = await session.edit_image("at night")
            form = plan_change(session, second.message.id, second.record)
            assert {field.name for field in form.fields} == {"size", "guidance"}
            form = plan_change(session, first.message.id, first.record)
            assert {field.name for field in form.fields} == {"size", "guidance", "seed", "steps", "negative"}
    assert {"seed", "num_inference_steps"} <= first.record.settings.keys()
    assert not {"seed", "num_inference_steps", "steps"} & second.record.settings.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", 'is not JSON: Input data was truncated. Export it in ComfyUI with "Export (API)".'),
        (b'{"3": {"inputs": {"seed": {seed}}}}', 'A place stands in quotation marks: "seed": "{seed}".'),
        (b'{"nodes": [], "links": []}', "is in the form of ComfyUI's editor"),
        (b'[{"class_type": "KSampler"}]', "holds no workflow in the form of ComfyUI's API"),
        (b"{}", "holds no workflow"),
        (
            msgspec.json.encode(changed(n6={"text": "a fox"})),
            "has no place for the prompt. Write {prompt} as",
        ),
        (
            b'{"1": {"class_type": "a", "x": ' + b"[" * 900 + b"]" * 900 + b"}}",
            "has no place for the prompt|nested",
        ),
    ],
)
def test_a_workflow_that_cannot_be_used_is_refused_with_what_to_do(text: bytes, words: str) -> None:
    with pytest.raises(UserError) as refused:
        read_workflow(text, "mine.json")
    assert any(each in str(refused.value) for each in words.split("|"))
    assert "mine.json" in str(refused.value)


WITHOUT = {
    "html": "an HTML page came instead of JSON",
    "node fails": "Sampler of the picture (node 3): CUDA out of memory",
    "no picture": "It needs a node that saves one, such as SaveImage",
    "half a file": "cut off",
}


@pytest.mark.parametrize("fault", WITHOUT)
async def test_each_fault_is_told_in_words(fault: str) -> None:
    with ComfyUIServer(fault=fault) as server:
        async with client_of(server) as client:
            made = await made_by(client)
    assert WITHOUT[fault] in made.sentence
    assert "\n" not in made.sentence


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (
            changed(n3={"seed": "seed {seed}"}, n5={"width": "wide"}),
            "Sampler of the picture (node 3): Failed to convert an input value (seed, seed 7); EmptyLatentImage (node",
        ),
        (
            changed(n4={"class_type": "LoadImage", "inputs": {"image": "gone.png"}}),
            "LoadImage (node 4): Invalid image",
        ),
        (
            changed(n4={"class_type": "Upscaler", "inputs": {}}),
            "Cannot execute because node Upscaler does not exist: Node ID '#4'",
        ),
    ],
)
async def test_errors_are_named_by_their_node(nodes: dict[str, Any], words: str) -> None:
    with ComfyUIServer() as server:
        async with client_of(server, nodes) as client:
            made = await made_by(client, replace(SMALL, seed=7))
    assert words in made.sentence


async def test_a_job_that_a_restarted_server_has_forgotten_is_over() -> None:
    """What cannot be reached for a moment is waited for; what is not known any more has to be made anew."""
    with ComfyUIServer() as server:
        server.hold.clear()
        async with client_of(server) as client:
            job = await client.submit(SMALL)
            following = asyncio.create_task(client.follow(job.generation_id, on_progress=lambda _: None))
            await _until(lambda: len(server.of("/queue")) > 1)
            server.is_down = True
            asked = len(server.asked)
            await _until(lambda: len(server.asked) > asked + 3)
            server.restart()
            server.is_down = False
            with pytest.raises(JobFailed, match="it was restarted, or its list was cleared"):
                await following


async def test_what_the_user_cancels_stops_at_the_server_too(tmp_path: Path) -> None:
    """The one that runs is interrupted, the one that waits is taken out of the queue."""
    with ComfyUIServer() as server:
        server.hold.clear()
        async with client_of(server) as client, image_session(tmp_path, client) as session:
            first = session.images.start("a fox")
            await _until(lambda: len(server.of("/queue")) > 1)
            second = session.images.start("a lake")
            await _until(lambda: len(server.of("/prompt")) == 2)
            assert await session.images.cancel(second)
            assert await session.images.cancel(first)
        waiting = [asked.json for asked in server.of("/queue") if asked.method == "POST"]
        assert len(waiting) == len(server.deletions) == 1
        assert [asked.json.keys() for asked in server.of("/interrupt")] == [{"prompt_id"}]


async def test_a_job_is_found_again_by_another_run_of_the_program(tmp_path: Path) -> None:
    """Also its seed; and a picture is changed from a file of the user's that is gone by then."""
    source = tmp_path / "source.png"
    source.write_bytes(drawn(32, 32, 5))
    with ComfyUIServer() as server:
        server.hold.clear()
        async with client_of(server, EDITING) as client, image_session(tmp_path, client) as session:
            session.images.start_edit("at night", source=source)
            await _until(lambda: any(asked.method == "GET" for asked in server.of("/queue")))
        source.unlink()
        server.hold.set()
        async with image_session(tmp_path, NoImages()) as session:
            assert await session.resume() == 0  # it waits for the service that has begun it
        async with client_of(server, EDITING) as client, image_session(tmp_path, client) as session:
            assert await session.resume() == 1
            await session.wait()
            record = session.conversation.messages[-1].image
            assert record is not None
            assert (record.prompt, record.width) == ("at night", 64)
            assert record.seed == server.prompts[0]["3"]["inputs"]["seed"]
            assert session.conversation.path_of(record.source_file or "").read_bytes() == drawn(32, 32, 5)
            session.images.start_variant()
            await session.wait()
            assert len(session.conversation.messages[-1].variants or []) == 2
        assert len(server.prompts) == 2
        assert len(server.uploads) == 2


async def test_a_job_of_a_restarted_server_can_be_tried_again(tmp_path: Path) -> None:
    with ComfyUIServer() as server:
        server.hold.clear()
        async with client_of(server) as client, image_session(tmp_path, client) as session:
            with session.events.subscribe() as events:
                image_id = session.images.start("a fox")
                await _until(lambda: len(server.of("/queue")) > 1)
                server.restart()
                while not isinstance(event := await events.next(), ImageGenerationError):
                    pass
                assert event.retryable
                server.hold.set()
                session.images.retry(image_id)
                while not isinstance(await events.next(), ImageGenerationComplete):
                    pass
        assert len(server.prompts) == 2


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)

"""AUTOMATIC1111's image API, against a stand-in with the faults of real servers."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.automatic1111.client import Automatic1111Client
from animus_tui.backends.base.errors import NetworkError
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.chat.events import ImageGenerationProgress
from tests.support.image_clients import ONCE, SMALL, SOON, image_session, made_by
from tests.support.loopback_server import drawn
from tests.support.scripted_server import reply, scripted
from tests.support.webui_server import STABLE_DIFFUSION_CPP, WebUIServer

SIGN_IN = "me:my secret word"


def client_of(server: WebUIServer, key: str | None = None) -> Automatic1111Client:
    return Automatic1111Client(server.url, key, Redactor(), timeouts=SOON, retry=ONCE)


async def test_what_is_asked_for_is_sent_and_the_pictures_come_with_their_seeds() -> None:
    request = ImageRequest(
        prompt='a "fox"', negative="fog", width=64, height=48, steps=3, guidance=5.5, seed=42, count=2,
        model="photo", sampler="Euler a",
    )  # fmt: skip
    with WebUIServer() as server:
        async with client_of(server) as client:
            made = await made_by(client, request)
            assert await client.image_models() == ["photo", "anime.ckpt"]
            assert await client.samplers() == ["Euler a", "DPM++ 2M"]
        (sent,) = server.of("/sdapi/v1/txt2img")
    task = sent.json.pop("force_task_id")
    assert task.startswith("task(")
    assert {name: value for name, value in sent.json.items() if name != "force_task_id"} == {
        "prompt": 'a "fox"',
        "negative_prompt": "fog",
        "seed": 42,
        "batch_size": 2,
        "send_images": True,
        "width": 64,
        "height": 48,
        "steps": 3,
        "cfg_scale": 5.5,
        "sampler_name": "Euler a",
        "override_settings": {"sd_model_checkpoint": "photo"},
    }
    assert made.sentence == ""
    assert made.seeds == [42, 43]
    assert [(picture.width, picture.height) for picture in made.pictures] == [(64, 48)] * 2


async def test_a_picture_is_changed_by_its_bytes() -> None:
    source = drawn(32, 32, 5)
    address = f"data:image/png;base64,{base64.b64encode(source).decode()}"
    with WebUIServer() as server:
        async with client_of(server) as client:
            made = await made_by(client, replace(SMALL, source_url=address, strength=0.4))
        (sent,) = server.of("/sdapi/v1/img2img")
    assert made.sentence == ""
    assert base64.b64decode(sent.json["init_images"][0]) == source
    assert sent.json["denoising_strength"] == 0.4


WITH_A_PICTURE = ["", "info empty", "info not json", "grid", "stuck", "broken preview", "no progress"]
WITH_A_PICTURE.append(STABLE_DIFFUSION_CPP)
WITHOUT = {
    "no api": "No image API: There is no image API at http://127.0.0.1",
    "html": "an HTML page came instead of JSON",
    "no memory": "The service answered 500: OutOfMemoryError: CUDA out of memory.",
    "truncated": "cut off",
    "huge": "Picture too large: The picture has 8000×6000 pixels",
    "dies": "Connection lost",
}


@pytest.mark.parametrize("fault", [*WITH_A_PICTURE, *WITHOUT])
async def test_each_fault_costs_no_more_than_it_must(fault: str) -> None:
    with WebUIServer(fault=fault) as server:
        async with client_of(server) as client:
            made = await made_by(client, replace(SMALL, seed=9))
    if fault in WITHOUT:
        assert WITHOUT[fault] in made.sentence
        return
    assert made.sentence == ""
    assert made.seeds == [9]
    assert [(picture.width, picture.height) for picture in made.pictures] == [(64, 48)]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (SIGN_IN, ""),
        (
            None,
            'Incorrect username or password. Set api_key in [image] of the configuration: a key, or "name:',
        ),
        ("me:another secret", "Check name and password: api_key in [image]"),
    ],
)
async def test_name_and_password_sign_in_and_are_told_to_nobody(key: str | None, words: str) -> None:
    with WebUIServer(sign_in=SIGN_IN) as server:
        async with client_of(server, key) as client:
            made = await made_by(client)
    assert words in made.sentence if words else made.sentence == ""
    assert "secret" not in made.sentence


@pytest.mark.parametrize("names_tasks", [True, False])
@pytest.mark.parametrize("waits", [True, False])
async def test_progress_and_interruption_are_those_of_this_picture(names_tasks: bool, waits: bool) -> None:
    """While the picture of another one is made nothing is told of it, and whoever `waits` no more does not stop it."""
    done, percents, previews = threading.Event(), list[float | None](), list[bytes]()
    with WebUIServer(names_tasks=names_tasks) as server:
        server.hold.clear()
        other = server.make_for_another(done)
        async with client_of(server) as client:
            asked = client.generate(SMALL, on_progress=percents.append, on_preview=previews.append)
            making = asyncio.create_task(asked)
            await _until(lambda: len(server.of("/sdapi/v1/progress")) > 4)
            assert (percents, previews) == ([], [])
            if waits:
                done.set()
                await _until(lambda: bool(previews))
                assert previews[0].startswith(b"\x89PNG")
                assert percents[-1] == pytest.approx(51, abs=1)
            making.cancel()
            with pytest.raises(asyncio.CancelledError):
                await making
            assert server.interruptions == (1 if waits else 0)
        done.set()
        other.join()


async def test_a_server_that_makes_nothing_is_not_waited_for_for_ever() -> None:
    impatient = replace(SOON, image=0.1)
    with WebUIServer(fault="asleep") as server:
        async with Automatic1111Client(
            server.url, None, Redactor(), timeouts=impatient, retry=ONCE
        ) as client:
            with pytest.raises(NetworkError, match="has made nothing for"):
                await client.generate(SMALL)


async def test_the_card_gets_a_file_of_what_the_picture_looks_like_so_far(tmp_path: Path) -> None:
    """It is there while the picture is made, and gone with it; half a preview is passed over."""
    with WebUIServer() as server:
        server.hold.clear()
        async with client_of(server) as client, image_session(tmp_path, client) as session:
            seen: list[ImageGenerationProgress] = []
            with session.events.subscribe() as events:
                making = asyncio.create_task(session.generate_image("a fox"))
                while not (seen and seen[-1].preview):
                    event = await events.next()
                    seen += [event] if isinstance(event, ImageGenerationProgress) else []
            preview = Path(seen[-1].preview or "")
            assert preview.read_bytes().startswith(b"\x89PNG")
            assert seen[-1].preview_size == (8, 8)
            assert preview.parent.stat().st_mode & 0o077 == 0
            server.hold.set()
            made = await making
            assert made.record.seed == server.of("/sdapi/v1/txt2img")[0].json["seed"]
            assert made.record.model == "photo"
            assert not preview.exists()
        assert not preview.parent.exists()


async def test_a_character_of_one_service_promises_a_picture_of_another(tmp_path: Path) -> None:
    """What signs in to the image service never reaches the one that answers."""
    call = {"name": "generate_image", "arguments": json.dumps({"description": "a lake at dawn"})}
    answer = reply("Look!", tool_calls=[{"id": "1", "type": "function", "function": call}])
    with WebUIServer(sign_in=SIGN_IN) as server:
        async with (
            scripted([answer]) as chat,
            client_of(server, SIGN_IN) as client,
            image_session(tmp_path, client, answers_at=chat.url) as session,
        ):
            await session.send("Show me the sea")
            await session.wait()
            said, shown = session.conversation.messages[-2:]
            assert (said.content, said.image_prompt, shown.reply_to) == ("Look!", "a lake at dawn", said.id)
            assert shown.image is not None
            assert shown.image.prompt == "a lake at dawn"
        assert not any("authorization" in received.headers for received in chat.received)
    assert server.of("/sdapi/v1/txt2img")[0].json["prompt"] == "a lake at dawn"


async def test_a_retry_after_a_broken_picture_asks_for_another_one(tmp_path: Path) -> None:
    with WebUIServer(fault="truncated") as server:
        async with client_of(server) as client, image_session(tmp_path, client) as session:
            image_id = session.images.start("a fox")
            await session.wait()
            server.fault = ""
            session.images.retry(image_id)
            await session.wait()
            assert session.conversation.messages[-1].image is not None
        assert len(server.of("/sdapi/v1/txt2img")) == 2


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)

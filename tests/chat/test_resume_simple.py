"""A picture that the service made at once is paid for: it is fetched, whatever happens to this program meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from animus_tui.chat.events import ImageGenerationError, ImageGenerationStart
from animus_tui.chat.images.kept_jobs import StoredJob, write_job
from tests.support.chat_service import Answer, Service, png
from tests.support.talk import StartTalk, Talk


def kept_files(root: Path) -> list[Path]:
    return sorted(root.glob("conversations/*/jobs/[!.]*"))


async def kept_file(root: Path) -> Path:
    """The file of the only job, once it is there."""
    async with asyncio.timeout(60):
        while not (files := kept_files(root)):
            await asyncio.sleep(0.01)
    return files[0]


def makes_at_once(service: Service, *, seed: int = 7) -> asyncio.Event:
    """The service makes a picture whose file it gives only when the event is set."""
    gate = asyncio.Event()
    service.images.append(Answer({"output": [f"{service.url}/file/made.png"], "seed": seed}))
    service.files.append(Answer(png(), gate=gate))
    return gate


async def begin(talk: Talk) -> str:
    """Ask for a picture, and wait until its address is kept; its id."""
    image_id = talk.session.start_image("a boat")
    await kept_file(talk.root)
    return image_id


async def test_a_picture_is_fetched_after_a_kill_between_its_answer_and_its_bytes(
    service: Service, start_talk: StartTalk, tmp_path: Path
) -> None:
    gate = makes_at_once(service)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.lone_job", service.url, str(tmp_path), "generate/image",
        "a boat in a storm",
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    file = await kept_file(tmp_path)
    assert "/file/made.png" in file.read_text()
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    gate.set()
    service.files.clear()
    service.files.append(Answer(png(shade=5)))
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        (message,) = talk.messages
        assert message.id == file.stem
        image = message.image
        assert image is not None
        assert (image.prompt, image.seed) == ("a boat in a storm", 7)
        assert image.url == f"{service.url}/file/made.png"
        assert talk.session.conversation.path_of(image.file).read_bytes() == png(shade=5)
    assert len(service.image_bodies) == 1
    assert kept_files(tmp_path) == []


async def test_the_end_of_the_session_puts_the_fetching_off_and_says_so(
    service: Service, start_talk: StartTalk
) -> None:
    gate = makes_at_once(service)
    async with start_talk() as talk:
        await begin(talk)
        await talk.session.images.close()  # as the end of the session does
        (stopped,) = talk.of(ImageGenerationError)
        assert "has made it; the picture is fetched when the application starts again" in stopped.error
    gate.set()
    service.files.append(Answer(png()))
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert talk.messages[0].image is not None
    assert len(service.image_bodies) == 1


async def test_a_picture_that_the_user_stopped_is_not_fetched_unasked_and_not_made_again_when_asked(
    service: Service, start_talk: StartTalk
) -> None:
    gate = makes_at_once(service)
    async with start_talk() as talk:
        image_id = await begin(talk)
        assert await talk.session.images.cancel(image_id)
        assert kept_files(talk.root) == []
        gate.set()
        service.files.append(Answer(png()))
        talk.session.images.retry(image_id)
        await talk.session.wait()
        assert talk.messages[0].image is not None
    async with start_talk() as talk:
        assert await talk.session.resume() == 0
    assert len(service.image_bodies) == 1


async def test_a_fetched_picture_that_cannot_be_had_any_more_is_one_failure_and_forgotten(
    service: Service, start_talk: StartTalk
) -> None:
    gate = makes_at_once(service)
    async with start_talk() as talk:
        await begin(talk)
    gate.set()
    service.files.clear()  # where the end came before the question
    service.files.extend([Answer({}, status=404)] * 99)
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert len(talk.of(ImageGenerationError)) == 1
        assert talk.messages == []
    assert kept_files(talk.root) == []


async def test_a_picture_that_is_in_the_history_already_is_only_forgotten(
    service: Service, start_talk: StartTalk
) -> None:
    makes_at_once(service).set()
    async with start_talk() as talk:
        image_id = talk.session.start_image("a boat")
        await talk.session.wait()
        assert kept_files(talk.root) == []
        url = f"{service.url}/file/made.png"
        write_job(talk.session.conversation.folder, StoredJob(image_id=image_id, url=url, prompt="a boat"))
    async with start_talk() as talk:
        assert await talk.session.resume() == 0
        assert len(talk.messages) == 1
        assert talk.of(ImageGenerationStart) == []
    assert kept_files(talk.root) == []


async def test_a_picture_that_came_in_the_answer_itself_leaves_no_copy_among_the_jobs(talk: Talk) -> None:
    talk.service.show()
    talk.session.start_image("a boat")
    await talk.session.wait()
    assert talk.messages[0].image is not None
    assert not (talk.session.conversation.folder / "jobs").exists()

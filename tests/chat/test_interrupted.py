"""A picture that a service was asked for when the program ended, and that nobody can ask after: it is told."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.chat.events import ImageGenerationComplete, ImageGenerationError, ImageGenerationStart
from animus_tui.chat.images.options import PictureOptions
from tests.support.chat_service import Answer, Service, reply

if TYPE_CHECKING:
    from tests.support.talk import StartTalk, Talk


def begun_files(root: Path) -> list[Path]:
    return sorted(root.glob("conversations/*/begun/*"))


async def asked(service: Service, count: int = 1) -> None:
    """Until the service has been asked for so many pictures."""
    async with asyncio.timeout(60):
        while len(service.image_bodies) < count:
            await asyncio.sleep(0.01)


async def end_under_way(talk: Talk, service: Service, prompt: str = "a boat") -> str:
    """Ask for a picture that does not come before the session ends; its id."""
    service.images.append(service.picture(1, gate=asyncio.Event()))
    image_id = talk.session.images.start(prompt, options=PictureOptions())
    await asked(service, len(service.image_bodies) + 1)
    return image_id


async def test_after_a_kill_it_is_told_and_made_only_when_asked_for(
    service: Service, start_talk: StartTalk, tmp_path: Path
) -> None:
    service.images.append(service.picture(1, gate=asyncio.Event()))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.lone_job", service.url, str(tmp_path), "generate/image",
        "a boat in a storm",
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    await asked(service)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    (file,) = begun_files(tmp_path)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    async with start_talk() as talk:
        await talk.session.open(file.parents[1].name)
        assert await talk.session.resume() == 0
        await talk.session.images.tell_interrupted()
        await talk.session.images.tell_interrupted()  # as whenever its conversation is shown
        started, failed = talk.of(ImageGenerationStart)[0], talk.of(ImageGenerationError)[0]
        assert (started.prompt, failed.prompt) == ("a boat in a storm",) * 2
        assert started.image_id == failed.image_id == file.stem
        assert failed.retryable
        assert talk.messages == []
        assert len(service.image_bodies) == 1, "nothing is paid for unasked"
        service.images.append(service.picture(5))
        talk.session.images.retry(file.stem)
        await talk.session.wait()
        assert talk.of(ImageGenerationComplete)[0].image_id == file.stem
        assert talk.messages[0].image is not None
        assert begun_files(tmp_path) == []
        await talk.session.images.tell_interrupted()
        assert len(talk.of(ImageGenerationError)) == 2
    assert len(service.image_bodies) == 2


async def test_it_is_told_at_each_start_until_the_conversation_has_gone_on(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        image_id = await end_under_way(talk, service)
    for _ in range(2):
        async with start_talk() as talk:
            await talk.session.images.tell_interrupted()
            assert [event.image_id for event in talk.of(ImageGenerationError)] == [image_id]
    async with start_talk() as talk:
        service.say(reply("Hello."))
        await talk.say("Something else")
    async with start_talk() as talk:
        await talk.session.images.tell_interrupted()
        assert talk.of(ImageGenerationError) == []
    assert begun_files(talk.root) == []
    assert len(service.image_bodies) == 1


async def test_what_was_refused_cancelled_or_is_there_is_not_told_again(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.images.append(Answer({"message": "No."}, status=400))
        talk.session.start_image("refused")
        await talk.session.wait()
        assert begun_files(talk.root) == []
        image_id = await end_under_way(talk, service, "cancelled")
        assert len(begun_files(talk.root)) == 1
        await talk.session.images.cancel(image_id)
        assert begun_files(talk.root) == []
        service.images.append(service.picture(3))
        await talk.session.generate_image("there")
        (folder,) = talk.root.glob("conversations/*/begun")
        message_id = talk.messages[-1].id
        (folder / f"{message_id}.json").write_text(f'{{"image_id":"{message_id}","prompt":"there"}}')
        (folder / "odd.json").write_text("{")
    async with start_talk() as talk:
        await talk.session.images.tell_interrupted()
        assert talk.of(ImageGenerationError) == []
        assert [path.name for path in begun_files(talk.root)] == ["odd.json"]


async def test_an_option_and_the_picture_to_change_are_as_they_were(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.images.append(service.picture(1, gate=asyncio.Event()))
        address = "https://example.org/lake.png"
        image_id = talk.session.start_image("at night", input_image_url=address)
        await asked(service)
    before = service.image_bodies[-1]
    async with start_talk() as talk:
        await talk.session.images.tell_interrupted()
        service.images.append(service.picture(2))
        talk.session.images.retry(image_id)
        await talk.session.wait()
    assert service.image_bodies == [before, before]

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
from animus_tui.config.schema import ImageConfig
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
        await talk.session.images.tell_unmade()
        await talk.session.images.tell_unmade()  # as whenever its conversation is shown
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
        await talk.session.images.tell_unmade()
        assert len(talk.of(ImageGenerationError)) == 2
    assert len(service.image_bodies) == 2


async def test_it_is_told_at_each_start_until_the_user_has_gone_on_after_that(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.images.append(Answer({"message": "No."}, status=400))
        refused = talk.session.start_image("refused")
        await talk.session.wait()
        await talk.session.images.tell_unmade()
        service.say(reply("Hello."))
        await talk.say("Something in between")
        image_id = await end_under_way(talk, service)
    for _ in range(2):
        async with start_talk() as talk:
            await talk.session.images.tell_unmade()
            assert [event.image_id for event in talk.of(ImageGenerationError)] == [refused, image_id]
    service.images.clear()
    async with start_talk() as talk:
        service.images.append(service.picture(7))
        await talk.session.generate_image("another one")
        await talk.session.images.tell_unmade()
        assert len(talk.of(ImageGenerationError)) == 2
        service.say(reply("Hello."))
        await talk.say("Something else")
    async with start_talk() as talk:
        await talk.session.images.tell_unmade()
        assert talk.of(ImageGenerationError) == []
    assert begun_files(talk.root) == []
    assert len(service.image_bodies) == 3


async def test_a_promised_picture_that_failed_is_missing_at_its_reply_and_told_nowhere_else(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.say(reply("Here it comes", image_prompt="a boat"))
        service.images.append(Answer({"message": "No."}, status=400))
        await talk.say("show me")
        assert len(talk.of(ImageGenerationError)) == 1
    assert begun_files(talk.root) == []


async def test_what_failed_is_told_with_its_reason_until_it_is_made(
    service: Service, start_talk: StartTalk
) -> None:
    options = PictureOptions(width=512, height=768, seed=11)
    async with start_talk() as talk:
        service.images.append(Answer({"message": "Not this one."}, status=400))
        image_id = talk.session.images.start("a boat", options=options)
        await talk.session.wait()
        (failed,) = talk.of(ImageGenerationError)
    for _ in range(2):
        async with start_talk() as talk:
            await talk.session.images.tell_unmade()
            (told,) = talk.of(ImageGenerationError)
            assert (told.image_id, told.title, told.error) == (image_id, failed.title, failed.error)
            assert "Not this one." in told.error
    assert len(service.image_bodies) == 1
    async with start_talk() as talk:
        await talk.session.images.tell_unmade()
        service.images.append(service.picture(4))
        talk.session.images.retry(image_id)
        await talk.session.wait()
        assert talk.messages[0].id == image_id
    assert service.image_bodies[1] == service.image_bodies[0]
    assert begun_files(talk.root) == []
    async with start_talk() as talk:
        await talk.session.images.tell_unmade()
        assert talk.of(ImageGenerationError) == []


async def test_what_a_service_that_ends_with_the_program_was_asked_for_is_told(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk(outlives_program=False, image=ImageConfig(endpoint="generation/create")) as talk:
        service.jobs.append(Answer({"generation_id": "g1", "status": "pending"}))
        service.jobs.append(Answer({"status": "pending"}, gate=asyncio.Event()))
        image_id = talk.session.start_image("a boat")
        async with asyncio.timeout(60):
            while service.jobs:
                await asyncio.sleep(0.01)
    async with start_talk(outlives_program=False) as talk:
        assert await talk.session.resume() == 0
        await talk.session.images.tell_unmade()
        (told,) = talk.of(ImageGenerationError)
        assert (told.image_id, told.title) == (image_id, "Picture interrupted")
        service.images.append(service.picture(2))
        talk.session.images.retry(image_id)
        await talk.session.wait()
        assert talk.messages[0].id == image_id
    assert len(service.job_bodies) == 1, "the job of the former server is not asked after"
    assert begun_files(talk.root) == []


async def test_a_job_that_its_service_ended_badly_meanwhile_is_told_at_the_next_start(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk(image=ImageConfig(endpoint="generation/create")) as talk:
        service.jobs.append(Answer({"generation_id": "g1", "status": "pending"}))
        service.jobs.append(Answer({"status": "pending"}, gate=asyncio.Event()))
        image_id = talk.session.start_image("a boat")
        async with asyncio.timeout(60):
            while service.jobs:
                await asyncio.sleep(0.01)
    service.jobs.append(Answer({"status": "failed", "error": "The model fell over."}))
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
    async with start_talk() as talk:
        assert await talk.session.resume() == 0
        await talk.session.images.tell_unmade()
        (told,) = talk.of(ImageGenerationError)
        assert told.image_id == image_id
        assert "The model fell over." in told.error


async def test_what_the_user_discards_is_gone(service: Service, start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        service.images += [Answer({"message": "No."}, status=400)] * 2
        first, second = talk.session.start_image("first"), talk.session.start_image("second")
        await talk.session.wait()
        assert talk.session.images.discard(first)
        assert not talk.session.images.discard(first)
        assert [path.stem for path in begun_files(talk.root)] == [second]
    async with start_talk() as talk:
        await talk.session.images.tell_unmade()
        assert [event.image_id for event in talk.of(ImageGenerationError)] == [second]


async def test_a_variant_of_a_picture_that_was_deleted_is_not_told(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.images += [service.picture(1), Answer({"message": "No."}, status=400)]
        made = await talk.session.generate_image("a boat")
        talk.session.images.start_variant(made.message.id)
        await talk.session.wait()
        await talk.session.revisions.delete(made.message.id)
    async with start_talk() as talk:
        await talk.session.images.tell_unmade()
        assert talk.of(ImageGenerationStart) == []


async def test_a_conversation_with_nothing_but_a_failed_picture_stays_where_it_can_be_found(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.images.append(Answer({"message": "No."}, status=400))
        talk.session.start_image("a boat")
        await talk.session.wait()
        before = talk.session.conversation.conversation.id
        await talk.session.new()
        after = talk.session.conversation.conversation.id
        assert after != before
        listed = await talk.session.all_conversations.read()
        assert {each.id for each in listed} == {before, after}
        await talk.session.open(before)
        await talk.session.images.tell_unmade()
        assert talk.of(ImageGenerationError)[-1].prompt == "a boat"


async def test_a_command_that_has_told_its_failure_leaves_nothing(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk(headless=True) as talk:
        service.images.append(Answer({"message": "No."}, status=400))
        talk.session.start_image("a boat")
        await talk.session.wait()
        assert len(talk.of(ImageGenerationError)) == 1
    assert begun_files(talk.root) == []


async def test_what_was_cancelled_or_is_there_is_not_told_again(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
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
        await talk.session.images.tell_unmade()
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
        await talk.session.images.tell_unmade()
        service.images.append(service.picture(2))
        talk.session.images.retry(image_id)
        await talk.session.wait()
    assert service.image_bodies == [before, before]

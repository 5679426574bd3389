"""A job is created once: what the service has named is gone on with after failures, ends and kills."""

import asyncio
import contextlib
import os
import re
import signal
import stat
import sys
from pathlib import Path

import pytest

from animus_tui.chat.events import (
    ExchangeComplete,
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationStart,
    RetryScheduled,
)
from animus_tui.chat.images.kept_jobs import StoredJob, read_jobs, write_job
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.storage.store import ConversationStore
from tests.support.chat_service import Answer, Service, png, reply
from tests.support.image_jobs import Works
from tests.support.talk import StartTalk, Talk

AS_JOB = PictureOptions(negative="text", width=512)


def kept_files(root: Path) -> list[Path]:
    return sorted(root.glob("conversations/*/jobs/*"))


async def test_the_id_is_kept_as_soon_as_it_is_told_and_only_for_its_owner_and_forgotten_at_the_end(
    talk: Talk, works: Works
) -> None:
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    await works.polled("gen-1")
    (file,) = kept_files(talk.root)
    assert file.name == f"{image_id}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert '"generation_id":"gen-1"' in file.read_text()
    works.finish("gen-1")
    await talk.session.wait()
    assert kept_files(talk.root) == []
    assert talk.messages[0].image is not None


async def test_after_a_failed_question_another_try_goes_on_with_the_same_job(
    talk: Talk, works: Works
) -> None:
    works.answers["generation/status/gen-1"] = Answer({"message": "No."}, status=403)
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    await talk.session.wait()
    assert len(talk.of(ImageGenerationError)) == 1
    del works.answers["generation/status/gen-1"]
    works.finish("gen-1")
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(works.jobs) == 1
    assert talk.messages[0].image is not None


async def test_a_job_that_the_service_failed_is_created_anew_by_another_try(talk: Talk, works: Works) -> None:
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    await works.polled("gen-1")
    works.jobs["gen-1"].status, works.jobs["gen-1"].error = "failed", "out of paint"
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert "out of paint" in error.error
    assert kept_files(talk.root) == []
    works.at_once = True
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(works.jobs) == 2
    assert talk.messages[0].id == image_id


@pytest.mark.parametrize("field", ["error", "message", "detail", "reason"])
async def test_a_job_that_is_refused_as_it_is_created_says_why(talk: Talk, works: Works, field: str) -> None:
    works.told = {"status": "failed", field: "This prompt is not allowed"}
    works.answers["generation/status/gen-1"] = Answer({}, status=404)
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert error.error == "The picture could not be made: This prompt is not allowed. Try again."
    assert kept_files(talk.root) == []
    works.told, works.at_once = {}, True
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert talk.messages[0].image is not None


@pytest.mark.parametrize(
    "premature",
    [
        Answer({"message": "no such generation"}, status=404),
        Answer({"generation_id": "gen-1", "status": "completed", "result_urls": []}),
        Answer({"generation_id": "gen-7", "status": "completed", "result_urls": ["http://x.invalid/"]}),
        Answer({"generation_id": "gen-7", "status": "failed", "error": "not this one"}),
    ],
    ids=["404", "no result yet", "done, but another one", "failed, but another one"],
)
async def test_a_job_outlives_premature_answers_and_is_created_once(
    talk: Talk, works: Works, premature: Answer
) -> None:
    works.at_once = True
    answers = [premature, premature]
    status = "generation/status/gen-1"
    scripted = works.answer

    def answer(method: str, path: str, body: dict[str, object]) -> Answer:
        return answers.pop() if path == status and answers else scripted(method, path, body)

    works.service.answer_job = answer
    talk.session.images.start("a boat", options=AS_JOB)
    await talk.session.wait()
    assert talk.of(ImageGenerationError) == []
    assert talk.messages[0].image is not None
    assert answers == []
    assert len(works.jobs) == 1


@pytest.mark.parametrize("status", [403, 404, 500, 200])
async def test_a_picture_that_appears_a_moment_after_its_job_has_ended_is_fetched(
    start_talk: StartTalk, works: Works, status: int
) -> None:
    """With 200 half of the file comes at first. Also by another run of the program."""
    yet_to_come = Answer(png(shade=1)[:-20] if status == 200 else {}, status=status)
    works.at_once = True
    async with start_talk() as talk:
        works.service.files.extend([yet_to_come, yet_to_come])
        talk.session.images.start("a boat", options=AS_JOB)
        await talk.session.wait()
        assert talk.messages[0].image is not None
        works.at_once = False
        talk.session.images.start("a lake", options=AS_JOB)
        await works.polled("gen-2")
    works.service.files.extend([yet_to_come, yet_to_come])
    works.finish("gen-2")
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert talk.of(ImageGenerationError) == []
        assert len(talk.of(ImageGenerationComplete)) == 1
    assert len(works.jobs) == 2


async def test_a_resumed_job_whose_file_is_damaged_for_now_is_kept_for_the_next_start(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.finish("gen-1")
    works.service.files.clear()
    works.service.files.extend([Answer(png()[:-20])] * 99)
    async with start_talk() as talk:
        await talk.session.resume()
        await talk.session.wait()
        (error,) = talk.of(ImageGenerationError)
        assert "cut off" in error.error
    (kept,) = kept_files(talk.root)
    works.service.files.clear()
    works.service.files.append(Answer(png()))
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert len(talk.of(ImageGenerationComplete)) == 1
    assert not kept.exists()
    assert len(works.jobs) == 1


async def test_a_job_that_fails_for_more_than_a_week_is_forgotten(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.finish("gen-1")
    works.service.files.clear()
    works.service.files.extend([Answer(png()[:-20])] * 99)
    (kept,) = kept_files(talk.root)
    kept.write_text(re.sub('"created":"[^"]*"', '"created":"2020-01-01T00:00:00.000Z"', kept.read_text()))
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert len(talk.of(ImageGenerationError)) == 1
    assert not kept.exists()


async def test_a_job_in_flight_at_the_end_is_finished_at_the_next_start_in_its_own_conversation(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        home = talk.session.conversation.conversation.id
        image_id = talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
        await talk.session.new()
        talk.service.say(reply("Hi"))
        await talk.session.send("something else")
        await talk.until(ExchangeComplete, 2)
        await talk.session.images.close()  # as the end of the session does
        (error,) = talk.of(ImageGenerationError)
        assert "starts again" in error.error
    async with start_talk() as talk:
        assert talk.session.conversation.conversation.id != home
        assert await talk.session.resume() == 1
        start = await talk.until(ImageGenerationStart)
        assert (start.conversation_id, start.image_id, start.is_resumed) == (home, image_id, True)
        works.finish("gen-1", shades=[7])
        done = await talk.until(ImageGenerationComplete)
        await talk.session.wait()
        await talk.session.open(home)
        record = talk.messages[-1].image
        assert talk.messages[-1].id == done.message_id == image_id
        assert record is not None
        assert (record.prompt, record.settings["width"]) == ("a boat", 512)
        assert talk.session.conversation.path_of(record.file).read_bytes() == png(shade=7)
        assert await talk.session.resume() == 0
    assert len(works.jobs) == 1
    assert kept_files(talk.root) == []


async def test_a_further_variant_that_is_resumed_becomes_one(start_talk: StartTalk, works: Works) -> None:
    async with start_talk() as talk:
        works.at_once = True
        talk.session.images.start("a boat", options=AS_JOB)
        await talk.session.wait()
        works.at_once = False
        talk.session.images.start_variant()
        await works.polled("gen-2")
    async with start_talk() as talk:
        works.finish("gen-2", shades=[9])
        await talk.session.resume()
        await talk.session.wait()
        (message,) = talk.messages
        assert len(message.variants or []) == 2
        assert message.image == (message.variants or [])[1]


async def test_a_job_that_the_user_stopped_is_not_gone_on_with_unasked(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        image_id = talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
        assert await talk.session.images.cancel(image_id)
        assert not await talk.session.images.cancel(image_id)
        (error,) = talk.of(ImageGenerationError)
        assert (error.image_id, error.title) == (image_id, "Cancelled")
        assert kept_files(talk.root) == []
        talk.session.images.retry(image_id)  # asked for, it goes on
        await works.polled("gen-1")
        assert len(kept_files(talk.root)) == 1
        await talk.session.cancel()
    async with start_talk() as talk:
        assert await talk.session.resume() == 0
    assert len(works.jobs) == 1


async def test_one_of_several_jobs_is_stopped_and_the_others_go_on(talk: Talk, works: Works) -> None:
    ids = [talk.session.images.start(f"boat {number}", options=AS_JOB) for number in (1, 2, 3)]
    async with asyncio.timeout(60):
        while len(kept_files(talk.root)) < 3:
            await asyncio.sleep(0.005)
    assert [job.image_id for job in talk.session.images.under_way] == ids
    await talk.session.images.cancel(ids[1])
    assert [job.image_id for job in talk.session.images.under_way] == [ids[0], ids[2]]
    for name, work in works.jobs.items():
        if work.body["prompt"] != "boat 2":
            works.finish(name)
    await talk.session.wait()
    assert {message.id for message in talk.messages} == {ids[0], ids[2]}
    assert [error.image_id for error in talk.of(ImageGenerationError)] == [ids[1]]


async def test_an_end_during_the_creation_waits_for_the_id(start_talk: StartTalk, works: Works) -> None:
    works.gate = asyncio.Event()
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        async with asyncio.timeout(60):
            while not works.jobs:
                await asyncio.sleep(0.005)
        asyncio.get_running_loop().call_later(0.1, works.gate.set)
    async with start_talk() as talk:
        works.finish("gen-1")
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert talk.messages[0].image is not None
    assert len(works.jobs) == 1


async def test_a_job_that_was_stopped_while_it_was_created_is_not_created_again_by_another_try(
    talk: Talk, works: Works
) -> None:
    works.gate = asyncio.Event()
    image_id = talk.session.images.start("a boat", options=AS_JOB)
    async with asyncio.timeout(60):
        while not works.jobs:
            await asyncio.sleep(0.005)
    assert await talk.session.images.cancel(image_id)  # at once, whether the service answers or not
    assert not works.gate.is_set()
    talk.session.images.retry(image_id)
    works.gate.set()
    await works.polled("gen-1")
    works.finish("gen-1")
    await talk.session.wait()
    assert len(works.jobs) == 1
    assert talk.messages[0].image is not None


async def test_a_job_that_was_stopped_before_the_service_took_it_is_never_begun(
    start_talk: StartTalk, works: Works
) -> None:
    busy = Answer({"message": "Busy."}, status=429, headers={"Retry-After": "0.5"})
    works.answers["generation/create"] = busy
    async with start_talk(tries=5) as talk:
        image_id = talk.session.images.start("a boat", options=AS_JOB)
        await talk.until(RetryScheduled)
        await talk.session.images.cancel(image_id)
        asked = len(talk.service.job_bodies)
        del works.answers["generation/create"]
        await asyncio.sleep(1)
        assert len(talk.service.job_bodies) == asked
    assert works.jobs == {}


async def test_a_job_that_the_service_no_longer_knows_is_one_failure_and_forgotten(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.jobs.clear()
    async with start_talk() as talk:
        await talk.session.resume()
        await talk.session.wait()
        (error,) = talk.of(ImageGenerationError)
        assert "no longer on the server" in error.error
        assert talk.messages == []
        assert await talk.session.resume() == 0
    assert kept_files(talk.root) == []


async def test_a_resumed_job_whose_picture_cannot_be_fetched_any_more_is_one_failure_and_forgotten(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        image_id = talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.finish("gen-1")
    works.service.files.clear()
    works.service.files.extend([Answer({}, status=404)] * 99)
    async with start_talk() as talk:
        await talk.session.resume()
        await talk.session.wait()
        (error,) = talk.of(ImageGenerationError)
        assert "answered 404 instead of the picture" in error.error
        assert kept_files(talk.root) == []
        works.service.files.clear()
        works.service.files.append(Answer(png()))
        talk.session.images.retry(image_id)  # asked for, it is tried once more
        await talk.session.wait()
        assert talk.messages[0].image is not None
    assert len(works.jobs) == 1


async def test_a_resumed_job_that_meets_no_network_is_kept_for_the_next_start(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.answers["generation/status/gen-1"] = Answer({"message": "Who?"}, status=401)
    async with start_talk() as talk:
        await talk.session.resume()
        await talk.session.wait()
        assert len(talk.of(ImageGenerationError)) == 1
    assert len(kept_files(talk.root)) == 1


async def test_resuming_before_any_conversation_was_chosen_leaves_the_latest_one_writable(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        assert not talk.session.conversation.read_only
        works.finish("gen-1")
        await talk.session.wait()
        assert talk.messages[0].image is not None


async def test_conversations_that_are_open_elsewhere_are_left_to_that_program(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
        home = talk.session.conversation.conversation.id
    async with start_talk() as talk:
        await talk.session.new()
        with contextlib.closing(ConversationStore(talk.root).open(home)):
            assert await talk.session.resume() == 0
            assert talk.names().count("ImageGenerationStart") == 0
        works.finish("gen-1")
        assert await talk.session.resume() == 1
        await talk.session.wait()


async def test_a_job_whose_picture_is_in_the_history_already_is_only_forgotten(
    start_talk: StartTalk, works: Works
) -> None:
    works.at_once = True
    async with start_talk() as talk:
        image_id = talk.session.images.start("a boat", options=AS_JOB)
        await talk.session.wait()
        pending = StoredJob(image_id=image_id, generation_id="gen-1", prompt="a boat")
        write_job(talk.session.conversation.folder, pending)
    async with start_talk() as talk:
        assert await talk.session.resume() == 0
        assert len(talk.messages) == 1
    assert kept_files(talk.root) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"image_id":"other","generation_id":"g","prompt":"p"}', b"\xff" * 9]
)
async def test_a_file_that_is_no_job_is_passed_over(
    start_talk: StartTalk, works: Works, content: bytes
) -> None:
    async with start_talk() as talk:
        talk.session.images.start("a boat", options=AS_JOB)
        await works.polled("gen-1")
    works.finish("gen-1")
    kept_files(talk.root)[0].with_name("zzz.json").write_bytes(content)
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        assert talk.messages[0].image is not None


def test_kept_jobs_come_oldest_first_and_a_folder_without_any_has_none(tmp_path: Path) -> None:
    assert read_jobs(tmp_path) == []
    for name, created in (("b", "2026-01-02"), ("a", "2026-01-01")):
        write_job(tmp_path, StoredJob(image_id=name, generation_id="g", prompt="p", created=created))
    assert [job.image_id for job in read_jobs(tmp_path)] == ["a", "b"]


@pytest.mark.timeout(300)
async def test_a_job_is_found_again_after_kills_in_the_middle_of_polling(
    service: Service, works: Works, start_talk: StartTalk, tmp_path: Path
) -> None:
    async def life(*prompt: str) -> None:
        """A program that begins or resumes a job, and is killed after a few questions about it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.lone_job", service.url, str(tmp_path), "generation/create", *prompt,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        await works.polled("gen-1", 2)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

    await life("a boat in a storm")
    for _ in range(2):
        await life()
    works.finish("gen-1", shades=[5])
    async with start_talk() as talk:
        assert await talk.session.resume() == 1
        await talk.session.wait()
        (message,) = talk.messages
        assert message.image is not None
        assert message.image.prompt == "a boat in a storm"
        assert talk.session.conversation.path_of(message.image.file).read_bytes() == png(shade=5)
    assert len(service.job_bodies) == len(works.jobs) == 1
    assert kept_files(tmp_path) == []

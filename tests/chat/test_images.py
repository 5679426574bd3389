"""Pictures: section 2 of the contract, and their rows of the tables of events and failures."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
)
from animus_tui.chat.images.runner import TICK
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UserError
from tests.support.chat_service import Answer, png, reply
from tests.support.talk import StartTalk, Talk

BACKENDS = ("animus", "openai")


async def painted(talk: Talk, prompt: str = "a boat", *, shade: int = 0) -> None:
    talk.service.show(shade)
    talk.session.start_image(prompt)
    await talk.session.wait()


async def test_a_blank_prompt_is_refused(talk: Talk) -> None:
    with pytest.raises(ValueError, match="blank"):
        talk.session.start_image(" \n")


async def test_the_automatic_path_and_the_direct_one_store_the_same(talk: Talk) -> None:
    await painted(talk)
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show()
    await talk.say("paint a boat")
    direct, automatic = (m for m in talk.messages if m.image)
    assert direct.content == automatic.content == '<image description="a boat" />'
    assert direct.image is not None
    assert automatic.image is not None
    assert direct.image.file == automatic.image.file
    assert talk.service.image_bodies[0] == talk.service.image_bodies[1] == {"prompt": "a boat"}


async def test_the_bytes_are_stored_as_a_file_named_after_its_content(talk: Talk) -> None:
    await painted(talk, shade=7)
    record = talk.on_disk()[0]["image"]
    path = talk.session.conversation.folder / record["file"]
    assert path.read_bytes() == png(shade=7)
    assert path.name == hashlib.sha256(png(shade=7)).hexdigest() + ".png"
    assert (record["width"], record["height"]) == (8, 6)
    assert record["prompt"] == "a boat"


async def test_the_picture_is_fetched_from_its_address_at_once(talk: Talk) -> None:
    url = talk.service.url + "/file/x.png"
    talk.service.images.append(Answer({"output": [url]}))
    talk.service.files.append(Answer(png(shade=9)))
    talk.session.start_image("a boat")
    await talk.session.wait()
    done = talk.of(ImageGenerationComplete)[0]
    assert done.image_url == url
    assert Path(done.path).read_bytes() == png(shade=9)
    assert talk.messages[0].image is not None
    assert talk.messages[0].image.url == url


async def test_the_prompt_is_sent_byte_for_byte(talk: Talk) -> None:
    prompt = "  A “boat” \n\n & <sea>, 海  "
    await painted(talk, prompt)
    assert talk.service.image_bodies[0]["prompt"] == prompt


async def test_only_changed_settings_are_sent(start_talk: StartTalk) -> None:
    async with start_talk(image=ImageConfig(width=512, seed=3)) as talk:
        await painted(talk)
        assert talk.service.image_bodies[0] == {"prompt": "a boat", "width": 512, "seed": 3}
        assert talk.on_disk()[0]["image"]["settings"] == {"width": 512, "seed": 3}


async def test_events_of_a_picture_in_order(talk: Talk) -> None:
    await painted(talk)
    # A slow machine takes longer than the second after which the progress is told.
    names = [name for name in talk.names() if name != "ImageGenerationProgress"]
    assert names == ["ImageGenerationStart", "ImageGenerationComplete"]
    start, done = talk.of(ImageGenerationStart)[0], talk.of(ImageGenerationComplete)[0]
    assert start.image_id == done.image_id == done.message_id == talk.messages[0].id


async def test_progress_is_told_while_a_picture_is_made(talk: Talk) -> None:
    gate = asyncio.Event()
    talk.service.show(gate=gate)
    talk.session.start_image("a boat")
    progress = await talk.until(ImageGenerationProgress)
    assert progress.percent is None
    assert progress.elapsed >= 0.9
    gate.set()
    await talk.session.wait()


@pytest.mark.parametrize("fails", [False, True])
async def test_nothing_is_told_of_a_picture_after_its_end(talk: Talk, fails: bool) -> None:
    if fails:
        talk.service.images.append(Answer({"message": "no"}, status=400))
    else:
        talk.service.show()
    talk.session.start_image("a boat")
    await talk.session.wait()
    await asyncio.sleep(TICK + 0.2)
    end = ImageGenerationError if fails else ImageGenerationComplete
    assert isinstance(talk.collect()[-1], end)
    assert len(talk.of(end)) == 1


async def test_a_failed_picture_is_told_exactly_once(talk: Talk) -> None:
    talk.service.images.append(Answer({"message": "No such style."}, status=400))
    talk.session.start_image("a boat")
    await talk.session.wait()
    errors = talk.of(ImageGenerationError)
    assert len(errors) == 1
    assert "No such style." in errors[0].error
    assert talk.messages == []


async def test_402_of_a_picture_says_out_of_credits_with_the_figures(talk: Talk) -> None:
    body = {"error": "insufficient_credits", "message": "Not enough.", "required": 2, "available": 0.5}
    talk.service.images.append(Answer(body, status=402))
    talk.session.start_image("a boat")
    await talk.session.wait()
    error = talk.of(ImageGenerationError)[0]
    assert error.title == "Out of credits"
    assert "2" in error.error
    assert "0.5" in error.error


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "Nothing came"),
        (b"<html>no</html>", "An HTML or XML page came"),
        (b"GIF89a" + b"\0" * 40, "A GIF picture came"),
        (png()[:20], "broken header"),
        (png(10_000, 5_000), "at most 40 megapixels"),
    ],
)
async def test_bytes_that_are_no_accepted_picture_are_an_error_that_says_what_came(
    talk: Talk, body: bytes, came: str
) -> None:
    talk.service.images.append(Answer({"output": [talk.service.url + "/file/x.png"]}))
    talk.service.files += [Answer(body)] * 30  # a new file that is cut off is asked for again, for a while
    talk.session.start_image("a boat")
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert came in error.error
    assert talk.messages == []
    assert list((talk.session.conversation.folder).glob("images/*")) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x.png", "javascript:alert(1)"])
async def test_a_picture_at_another_kind_of_address_is_an_error_that_says_so(talk: Talk, url: str) -> None:
    talk.service.images.append(Answer({"output": [url]}))
    talk.session.start_image("a boat")
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert "http, https and data: addresses only" in error.error
    assert talk.messages == []


async def test_the_entry_of_a_picture_has_the_keys_of_the_contract(talk: Talk) -> None:
    url = talk.service.url + "/file/x.png"
    talk.service.images.append(Answer({"output": [url]}))
    talk.service.files.append(Answer(png()))
    talk.session.start_image("a boat", settings={"width": 512})
    await talk.session.wait()
    (entry,) = talk.on_disk()
    assert entry.keys() == {"id", "role", "content", "timestamp", "image"}
    assert (entry["role"], entry["content"]) == ("assistant", '<image description="a boat" />')
    record = entry["image"]
    assert (record["prompt"], record["url"], record["settings"]) == ("a boat", url, {"width": 512})
    assert record["file"].startswith("images/")


async def test_two_pictures_at_the_same_time_are_both_stored_and_told_once(talk: Talk) -> None:
    for prompt in ("a boat", "a hill"):
        talk.service.show(3)
        talk.session.start_image(prompt)
    await talk.session.wait()
    assert {m.image.prompt for m in talk.messages if m.image} == {"a boat", "a hill"}
    assert len(talk.of(ImageGenerationStart)) == len(talk.of(ImageGenerationComplete)) == 2
    assert len(list(talk.session.conversation.folder.glob("images/*"))) == 1


async def test_a_failed_picture_can_be_tried_again_the_moment_its_failure_is_told(talk: Talk) -> None:
    talk.service.images.append(Answer({"message": "busy"}, status=500))
    talk.service.show()
    talk.session.start_image("a boat")
    failed = await talk.until(ImageGenerationError)
    talk.session.images.retry(failed.image_id)
    await talk.until(ImageGenerationComplete)
    with pytest.raises(UserError, match="no failed picture"):
        talk.session.images.retry(failed.image_id)


async def test_a_failed_picture_can_be_tried_again_after_its_conversation_was_left_and_opened_again(
    talk: Talk,
) -> None:
    talk.service.say(reply("Hi"))
    await talk.say("hello")
    home = talk.session.conversation.conversation.id
    talk.service.images.append(Answer({"message": "busy"}, status=500))
    image_id = talk.session.start_image("a boat")
    await talk.session.wait()
    await talk.session.new()
    with pytest.raises(UserError, match="another conversation"):
        talk.session.images.retry(image_id)
    await talk.session.open(home)
    talk.service.show()
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert talk.messages[-1].image is not None
    assert len(talk.of(ImageGenerationError)) == 1


async def test_a_promised_picture_that_was_made_but_not_fetched_is_not_paid_for_twice(talk: Talk) -> None:
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.images.append(Answer({"output": [talk.service.url + "/file/x.png"]}))
    talk.service.files.append(Answer(b"gone", status=404))
    await talk.say("paint")
    (error,) = talk.of(ImageGenerationError)
    talk.service.files.append(Answer(png()))
    assert talk.session.images.start_promised(talk.messages[-1].id) == error.image_id
    await talk.session.wait()
    assert len(talk.service.image_bodies) == 1
    assert talk.messages[-1].reply_to == talk.messages[-2].id


async def test_a_promised_picture_that_is_being_made_is_not_started_a_second_time(talk: Talk) -> None:
    gate = asyncio.Event()
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.show(gate=gate)
    await talk.session.send("paint")
    start = await talk.until(ImageGenerationStart)
    assert talk.session.images.start_promised(talk.messages[-1].id) == start.image_id
    gate.set()
    await talk.session.wait()
    assert len(talk.of(ImageGenerationStart)) == len(talk.of(ImageGenerationComplete)) == 1


async def test_a_picture_that_could_not_be_fetched_is_not_made_a_second_time(talk: Talk) -> None:
    talk.service.images.append(Answer({"output": [talk.service.url + "/file/x.png"]}))
    talk.service.files.append(Answer({"message": "gone"}, status=500))
    image_id = talk.session.start_image("a boat")
    await talk.session.wait()
    assert len(talk.of(ImageGenerationError)) == 1
    talk.service.files.append(Answer(png()))
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(talk.service.image_bodies) == 1
    assert talk.messages[0].image is not None
    with pytest.raises(UserError, match="no failed picture"):
        talk.session.images.retry(image_id)


async def test_a_failed_picture_of_a_reply_can_be_painted_later(talk: Talk) -> None:
    talk.service.say(reply("Look", image_prompt="a boat"))
    talk.service.images.append(Answer({"message": "busy"}, status=500))
    await talk.say("paint")
    assert talk.outcomes() == ["complete"]
    talk.service.show()
    talk.session.images.start_promised(talk.messages[-1].id)
    await talk.session.wait()
    assert talk.messages[-1].reply_to == talk.messages[-2].id


async def test_regenerating_keeps_the_old_picture_as_a_variant_and_uses_a_new_seed(talk: Talk) -> None:
    await painted(talk, shade=1)
    for shade in (2, 3):
        talk.service.show(shade)
        talk.session.images.start_variant()
        await talk.session.wait()
    assert len(talk.messages) == 1
    message = talk.messages[0]
    assert message.variants is not None
    assert len({variant.file for variant in message.variants}) == 3
    assert message.image == message.variants[-1]
    seeds = [body.get("seed") for body in talk.service.image_bodies]
    assert seeds[0] is None
    assert len(set(seeds)) == 3
    assert [variant.settings.get("seed") for variant in message.variants] == seeds


async def test_a_chosen_variant_is_what_the_history_shows_and_survives_a_restart(
    start_talk: StartTalk,
) -> None:
    async with start_talk() as talk:
        await painted(talk, shade=1)
        talk.service.show(2)
        talk.session.images.start_variant()
        await talk.session.wait()
        chosen = await talk.session.images.choose_variant(talk.messages[0].id, 0)
        with pytest.raises(UserError, match="no further variant"):
            await talk.session.images.choose_variant(chosen.id, 2)
    async with start_talk() as talk:
        assert talk.messages == [chosen]
        assert chosen.image is not None
        assert talk.session.conversation.path_of(chosen.image.file).read_bytes() == png(shade=1)


async def test_a_failed_regeneration_leaves_the_picture_as_it_was(talk: Talk) -> None:
    await painted(talk)
    before = talk.messages
    talk.service.images.append(Answer({"message": "no"}, status=400))
    talk.session.images.start_variant()
    await talk.session.wait()
    assert talk.messages == before
    assert talk.of(ImageGenerationError)[0].message_id == before[0].id


async def test_an_edit_sends_the_address_of_the_last_picture_and_is_described_as_modified(talk: Talk) -> None:
    url = talk.service.url + "/file/x.png"
    talk.service.images.append(Answer({"output": url}))
    talk.service.files.append(Answer(png()))
    talk.session.start_image("a boat")
    await talk.session.wait()
    talk.service.show(5)
    talk.session.images.start_edit("more vibrant")
    await talk.session.wait()
    assert talk.service.image_bodies[-1] == {"prompt": "more vibrant", "input_image": url}
    assert talk.messages[-1].content == '<image description="Modified: more vibrant" />'
    talk.service.say(reply("Yes."))
    await talk.say("do you like it?")
    sent = [m["content"] for m in talk.service.chat_bodies[-1]["messages"]][1:]
    assert sent[:2] == ['<image description="a boat" />', '<image description="Modified: more vibrant" />']


async def test_an_edit_without_a_picture_or_without_an_address_says_so(talk: Talk) -> None:
    with pytest.raises(UserError, match="no picture"):
        talk.session.images.start_edit("more vibrant")
    await painted(talk)
    with pytest.raises(UserError, match="no address"):
        talk.session.images.start_edit("more vibrant")


async def test_the_manual_path_does_nothing_by_itself(talk: Talk) -> None:
    talk.service.say(reply("Look", image_prompt="a boat"))
    whole = await talk.session.complete("paint a boat")
    assert whole.content == "Look"
    assert whole.image_prompt == "a boat"
    assert talk.names() == []
    assert talk.messages == []
    assert talk.service.image_bodies == []

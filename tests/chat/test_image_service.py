"""Direct control over pictures: ways to the service, several at once, edits, variants, clips."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from animus_tui.chat.account import CharacterChoice
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
)
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ImageConfig
from animus_tui.errors import UsageError, UserError
from tests.support.chat_service import Answer, png, reply
from tests.support.image_jobs import Works
from tests.support.talk import StartTalk, Talk

VIVIAN = CharacterChoice(id="char_1", name="Vivian", training="ready", is_ready=True)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + b"\x00\x00\x00\x08moov\x00\x00\x00\x08mdat"


async def made(talk: Talk, prompt: str = "a boat", **options: Any) -> ChatMessage:
    """A picture that the simple way made, with an address of its own."""
    url = f"{talk.service.url}/file/{len(talk.messages)}.png"
    talk.service.images.append(Answer({"output": [url], "seed": 77}))
    talk.service.files.append(Answer(png()))
    talk.session.images.start(prompt, options=PictureOptions(**options))
    await talk.session.wait()
    return talk.messages[-1]


def record_of(message: ChatMessage) -> ImageRecord:
    assert message.image is not None
    return message.image


# Which way


async def test_the_simple_way_is_taken_while_it_can_do_what_is_asked(talk: Talk, works: Works) -> None:
    await made(talk, width=512, height=768, steps=9, guidance=3.5, seed=4, model="other")
    assert talk.service.image_bodies == [
        {
            "prompt": "a boat",
            "width": 512,
            "height": 768,
            "num_inference_steps": 9,
            "guidance_scale": 3.5,
            "seed": 4,
            "model": "other",
        }
    ]
    assert works.jobs == {}


async def test_a_job_is_made_for_what_the_simple_way_cannot_do(talk: Talk, works: Works) -> None:
    works.at_once = True
    talk.session.images.start("a boat", options=PictureOptions(negative="text", seed=4))
    await talk.session.wait()
    assert works.jobs["gen-1"].body == {"prompt": "a boat", "negative_prompt": "text", "seed": 4}
    assert talk.service.image_bodies == []


async def test_the_configuration_may_want_jobs_always(start_talk: StartTalk, works: Works) -> None:
    works.at_once = True
    async with start_talk(image=ImageConfig(endpoint="generation/create", model="mine")) as talk:
        talk.session.start_image("a boat", settings={"width": 512})
        await talk.session.wait()
    assert works.jobs["gen-1"].body == {"prompt": "a boat", "width": 512}


# What is remembered


async def test_what_is_remembered_holds_for_the_conversation_and_survives_a_restart(
    start_talk: StartTalk, works: Works
) -> None:
    works.at_once = True
    async with start_talk() as talk:
        talk.session.images.choose_character(VIVIAN)
        talk.session.images.remember(PictureOptions(width=512, negative="text"))
        assert talk.session.images.character_name == "Vivian"
    async with start_talk() as talk:
        assert talk.session.images.remembered == PictureOptions(
            width=512, negative="text", character="char_1"
        )
        talk.session.images.start("a boat", options=PictureOptions(width=640))
        await talk.session.wait()
        talk.session.images.choose_character(None)
        talk.service.say(reply("Hi"))
        await talk.say("hello")
        await talk.session.new()
        assert talk.session.images.remembered == PictureOptions()
    assert works.jobs["gen-1"].body == {
        "prompt": "a boat",
        "width": 640,
        "negative_prompt": "text",
        "character_id": "char_1",
    }


def test_a_description_with_settings_that_cannot_be_read_keeps_its_title(
    store: ConversationStore, stored: Any
) -> None:
    stored.close()
    path = stored.folder / "conversation.json"
    path.write_text('{"id": "one", "title": "First", "pictures": {"width": "wide"}}')
    again = store.open("one")
    assert (again.conversation.title, again.conversation.pictures) == ("First", PictureOptions())
    again.close()


async def test_a_promised_picture_is_made_as_is_remembered_but_never_more_than_one(
    talk: Talk, works: Works
) -> None:
    works.at_once = True
    talk.session.images.choose_character(VIVIAN)
    talk.session.images.remember(PictureOptions(count=4, width=512))
    talk.service.say(reply("Look", image_prompt="a boat"))
    await talk.say("paint")
    assert works.jobs["gen-1"].body == {"prompt": "a boat", "width": 512, "character_id": "char_1"}


# Several at once


async def test_several_pictures_are_one_undecided_entry_until_one_is_chosen(talk: Talk, works: Works) -> None:
    works.at_once, works.metadata = True, {"seeds": [5, 6, 7, 8], "model": "painter"}
    works.told = {"credits_deducted": 4, "remaining_balance": 96}
    talk.session.images.start("a boat", options=PictureOptions(count=4, seed=5))
    await talk.session.wait()
    assert talk.of(ImageGenerationStart)[0].count == 4
    (done,) = talk.of(ImageGenerationComplete)
    assert (len(set(done.paths)), done.missing, done.error) == (4, 0, None)
    (message,) = talk.messages
    assert message.undecided
    assert [record.seed for record in message.variants or []] == [5, 6, 7, 8]
    assert {(record.cost, record.model) for record in message.variants or []} == {(1.0, "painter")}
    assert len({record.file for record in message.variants or []}) == 4
    assert talk.on_disk()[0]["undecided"] is True
    chosen = await talk.session.images.choose_variant(message.id, 2)
    assert not chosen.undecided
    assert chosen.image == (message.variants or [])[2]
    assert "undecided" not in talk.on_disk()[0]


async def test_of_several_those_that_came_are_kept_and_the_loss_is_told(talk: Talk, works: Works) -> None:
    talk.session.images.start("a boat", options=PictureOptions(count=3))
    await works.polled("gen-1")
    works.finish("gen-1")
    talk.service.files[1] = Answer({"message": "gone"}, status=404)
    await talk.session.wait()
    (done,) = talk.of(ImageGenerationComplete)
    assert (len(done.paths), done.missing) == (2, 1)
    assert done.error
    assert len(talk.messages[0].variants or []) == 2
    assert talk.of(ImageGenerationError) == []


async def test_fewer_pictures_than_were_asked_for_are_told(talk: Talk, works: Works) -> None:
    talk.session.images.start("a boat", options=PictureOptions(count=2))
    await works.polled("gen-1")
    works.finish("gen-1")
    del works.jobs["gen-1"].urls[1]
    await talk.session.wait()
    (done,) = talk.of(ImageGenerationComplete)
    assert (done.missing, done.error) == (1, "The service made only 1 of 2 pictures.")
    assert not talk.messages[0].undecided


async def test_when_none_of_several_came_another_try_fetches_them_and_pays_nothing(
    talk: Talk, works: Works
) -> None:
    image_id = talk.session.images.start("a boat", options=PictureOptions(count=2))
    await works.polled("gen-1")
    works.finish("gen-1")
    talk.service.files.clear()
    talk.service.files.extend([Answer({}, status=500)] * 2)
    await talk.session.wait()
    assert len(talk.of(ImageGenerationError)) == 1
    talk.service.files.extend(Answer(png(shade=shade)) for shade in (1, 2))
    talk.session.images.retry(image_id)
    await talk.session.wait()
    assert len(talk.messages[0].variants or []) == 2
    assert len(works.jobs) == 1


# Batches


async def test_a_batch_is_one_request_and_each_prompt_has_an_end_of_its_own(talk: Talk, works: Works) -> None:
    prompts = ["a boat", "a hill", "a fox"]
    names = [works.create({"prompt": prompts[0]}), works.create({"prompt": prompts[2]})]
    works.answers["generation/batch"] = Answer(
        {
            "batch_id": "b",
            "credits_deducted": 2,
            "remaining_balance": 8,
            "results": [
                {"prompt_index": 0, "generation_id": names[0], "status": "pending"},
                {"prompt_index": 1, "generation_id": None, "status": "failed", "error": "no hills"},
                {"prompt_index": 2, "generation_id": names[1], "status": "pending"},
            ],
        }
    )
    ids = talk.session.images.start_batch(
        prompts, options=PictureOptions(character="char_1", face_swap=False)
    )
    refused = await talk.until(ImageGenerationError)
    assert (refused.image_id, refused.prompt) == (ids[1], "a hill")
    assert "no hills" in refused.error
    for name in names:
        works.finish(name, shades=[int(name[-1])])
    await talk.session.wait()
    assert {message.id for message in talk.messages} == {ids[0], ids[2]}
    assert {record_of(message).cost for message in talk.messages} == {1.0}
    (body,) = talk.service.job_bodies
    assert body == {
        "prompts": [{"prompt": prompt, "face_swap": False} for prompt in prompts],
        "character_id": "char_1",
    }
    works.at_once = True
    talk.session.images.retry(ids[1])
    await talk.session.wait()
    assert works.jobs["gen-3"].body == {"prompt": "a hill", "character_id": "char_1", "face_swap": False}
    assert len(talk.messages) == 3


async def test_a_batch_that_fails_as_a_whole_is_a_failure_of_each(talk: Talk, works: Works) -> None:
    body = {"message": "Not enough.", "required": 3, "available": 1}
    works.answers["generation/batch"] = Answer(body, status=402)
    ids = talk.session.images.start_batch(["a", "b", "c"])
    await talk.session.wait()
    errors = talk.of(ImageGenerationError)
    assert {error.image_id for error in errors} == set(ids)
    assert {(error.required, error.available) for error in errors} == {(3.0, 1.0)}
    assert len(talk.service.job_bodies) == 1


async def test_stopping_one_of_a_batch_leaves_the_others(talk: Talk, works: Works) -> None:
    gate = asyncio.Event()
    names = [works.create({}), works.create({})]
    results = [{"prompt_index": index, "generation_id": name} for index, name in enumerate(names)]
    works.answers["generation/batch"] = Answer({"batch_id": "b", "results": results}, gate=gate)
    ids = talk.session.images.start_batch(["a", "b"])
    await talk.until(ImageGenerationStart, 2)
    await talk.session.images.cancel(ids[0])
    gate.set()
    works.finish(names[1])
    await talk.session.wait()
    assert [message.id for message in talk.messages] == [ids[1]]


async def test_a_batch_whose_settings_one_request_cannot_carry_is_a_job_each(
    talk: Talk, works: Works
) -> None:
    for shade in (1, 2):
        talk.service.show(shade)
    talk.session.images.start_batch(["a", "b"], options=PictureOptions(width=512))
    await talk.session.wait()
    assert [body["width"] for body in talk.service.image_bodies] == [512, 512]
    with pytest.raises(UsageError, match="at least one"):
        talk.session.images.start_batch([])
    with pytest.raises(ValueError, match="blank"):
        talk.session.images.start_batch(["a", " "])


# Edits


async def test_the_ai_now_has_context_about_the_image(talk: Talk) -> None:
    """Generate, talk, edit, talk: the model is told of both pictures, and the edit starts from the right one."""
    other = record_of(await made(talk, "a red boat"))
    first = record_of(await made(talk, "a boat"))
    talk.service.say(reply("It sails."))
    await talk.say("what do you see?")
    talk.service.images.append(Answer({"output": [talk.service.url + "/file/e.png"]}))
    talk.service.files.append(Answer(png(shade=9)))
    talk.session.images.start_edit("make the colours more vibrant")
    await talk.session.wait()
    assert first.url != other.url
    assert talk.service.image_bodies[-1] == {
        "prompt": "make the colours more vibrant",
        "input_image": first.url,
    }
    talk.service.say(reply("Brighter!"))
    await talk.say("and now?")
    sent = [(m["role"], m["content"]) for m in talk.service.chat_bodies[-1]["messages"]]
    assert sent[-6:] == [
        ("assistant", '<image description="a red boat" />'),
        ("assistant", '<image description="a boat" />'),
        ("user", "what do you see?"),
        ("assistant", "It sails."),
        ("assistant", '<image description="Modified: make the colours more vibrant" />'),
        ("user", "and now?"),
    ]
    assert all(set(m) == {"role", "content"} for m in talk.service.chat_bodies[-1]["messages"])
    edited = record_of(talk.messages[-3])
    assert edited.source_url == first.url
    # The next edit starts from the edited one.
    talk.service.show(3)
    talk.session.images.start_edit("smaller")
    await talk.session.wait()
    assert talk.service.image_bodies[-1]["input_image"] == edited.url


async def test_an_edit_with_strength_is_a_job_and_keeps_the_face_that_is_there(
    talk: Talk, works: Works
) -> None:
    first = await made(talk)
    talk.session.images.choose_character(VIVIAN)
    works.at_once = True
    talk.session.images.start_edit("bluer", first.id, options=PictureOptions(strength=0.4))
    await talk.session.wait()
    assert works.jobs["gen-1"].body == {
        "prompt": "bluer",
        "source_image_url": record_of(first).url,
        "strength": 0.4,
    }
    assert talk.messages[-1].content == '<image description="Modified: bluer" />'


async def test_an_edit_of_an_address_and_of_a_file(talk: Talk, tmp_path: Path) -> None:
    talk.service.show()
    talk.session.images.start_edit("bluer", source="https://example.com/x.png")
    await talk.session.wait()
    assert talk.service.image_bodies[-1]["input_image"] == "https://example.com/x.png"
    there = tmp_path / "x.png"
    there.write_bytes(png())
    with pytest.raises(UserError, match=r"public address, https://…; x\.png is on this machine"):
        talk.session.images.start_edit("bluer", source=there)


async def test_an_edit_of_a_picture_that_has_expired_says_so(talk: Talk) -> None:
    await made(talk)
    talk.service.images.append(Answer({"message": "Invalid input."}, status=400))
    talk.service.files.append(Answer({}, status=404))
    talk.session.images.start_edit("bluer")
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert error.title == "Picture out of reach"
    assert "cannot be fetched" in error.error
    assert "expired" in error.error


async def test_an_edit_that_is_refused_for_another_reason_tells_that_reason(talk: Talk) -> None:
    await made(talk)
    talk.service.images.append(Answer({"message": "Invalid words."}, status=400))
    talk.service.files.append(Answer(png()))
    talk.session.images.start_edit("bluer")
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert "Invalid words." in error.error


# Variants


async def test_another_variant_is_made_as_the_first_one_was_with_another_seed(talk: Talk) -> None:
    message = await made(talk, width=512, steps=9)
    assert record_of(message).seed == 77
    talk.service.show(2)
    talk.session.images.start_variant()
    await talk.session.wait()
    first, second = talk.service.image_bodies
    assert second.pop("seed") != 77
    assert first == second == {"prompt": "a boat", "width": 512, "num_inference_steps": 9}


async def test_a_variant_may_keep_the_seed_and_change_the_words_or_the_size(talk: Talk) -> None:
    message = await made(talk, steps=9)
    talk.service.show(2)
    talk.session.images.start_variant(message.id, prompt="a ship", same_seed=True)
    await talk.session.wait()
    assert talk.service.image_bodies[-1] == {"prompt": "a ship", "num_inference_steps": 9, "seed": 77}
    (message,) = talk.messages
    assert message.content == '<image description="a ship" />'
    talk.service.show(3)
    talk.session.images.start_variant(message.id, options=PictureOptions(width=640), same_seed=True)
    await talk.session.wait()
    assert talk.service.image_bodies[-1] == {
        "prompt": "a ship",
        "num_inference_steps": 9,
        "seed": 77,
        "width": 640,
    }
    (message,) = talk.messages
    assert [record.prompt for record in message.variants or []] == ["a boat", "a ship", "a ship"]
    await talk.session.images.choose_variant(message.id, 0)
    assert talk.messages[0].content == '<image description="a boat" />'


async def test_a_seed_that_was_not_told_cannot_be_kept(talk: Talk) -> None:
    talk.service.show()
    talk.session.images.start("a boat")
    await talk.session.wait()
    with pytest.raises(UserError, match="did not tell the seed"):
        talk.session.images.start_variant(same_seed=True)


# Clips


async def test_a_clip_begins_as_the_chosen_picture_and_is_kept_beside_it(
    start_talk: StartTalk, works: Works
) -> None:
    async with start_talk() as talk:
        picture = record_of(await made(talk, "a boat at sea"))
        image_id = talk.session.images.start_video()
        await works.polled("gen-1")
        assert works.jobs["gen-1"].body == {
            "prompt": "a boat at sea",
            "source_image_url": picture.url,
            "convert_to_video": True,
        }
    works.finish("gen-1")
    talk.service.files.clear()
    talk.service.files.append(Answer(MP4))
    async with start_talk() as talk:  # also when the application was closed meanwhile
        await talk.session.resume()
        await talk.session.wait()
        (done,) = talk.of(ImageGenerationComplete)
        message = talk.messages[-1]
        record = record_of(message)
        assert message.id == image_id
        assert message.content == '<image description="a boat at sea" />'
        assert (record.file, record.source_url) == (picture.file, picture.url)
        assert record.video is not None
        assert record.video.endswith(".mp4")
        assert talk.session.conversation.path_of(record.video).read_bytes() == MP4
        assert done.video == str(talk.session.conversation.path_of(record.video))
        with pytest.raises(UserError, match="clip already"):
            talk.session.images.start_video()
        talk.session.images.start_edit("in a storm")
        assert talk.session.images.under_way[-1].source_url == picture.url


async def test_a_clip_of_a_picture_without_an_address_is_refused(talk: Talk) -> None:
    with pytest.raises(UserError, match="no picture"):
        talk.session.images.start_video()
    talk.service.show()
    talk.session.images.start("a boat")
    await talk.session.wait()
    with pytest.raises(UserError, match="no address"):
        talk.session.images.start_video()


# What the service tells


async def test_progress_tells_percent_and_the_services_estimate(talk: Talk, works: Works) -> None:
    works.told = {"estimated_time": 12}
    talk.session.images.start("a boat", options=PictureOptions(negative="text"))
    await works.polled("gen-1", 2)
    works.jobs["gen-1"].progress = 60
    await works.polled("gen-1", 2)
    works.finish("gen-1")
    await talk.session.wait()
    told = talk.of(ImageGenerationProgress)
    assert {event.estimated for event in told} == {12.0}
    assert [percent for percent in (10.0, 60.0, 100.0) if percent in {event.percent for event in told}] == [
        10.0,
        60.0,
        100.0,
    ]

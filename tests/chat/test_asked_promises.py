"""Promised pictures that the user is asked about first, or that nobody wants: `[image] when`."""

from __future__ import annotations

from pathlib import Path

import pytest

from animus_tui.characters.character import Character
from animus_tui.chat.conversation_settings import settings_of
from animus_tui.chat.events import (
    ExchangeComplete,
    ImageGenerationComplete,
    ImageGenerationStart,
    ImagePromised,
    PromiseDeclined,
)
from animus_tui.config.schema import ChatConfig, ImageConfig, Promises
from animus_tui.errors import BlankError, UserError
from tests.support.chat_service import Service, reply
from tests.support.talk import StartTalk, Talk, open_talk

LAKE, NIGHT = "a lake at dawn", "a lake at night"
ASK, OFF = ImageConfig(when="ask"), ImageConfig(when="off")


async def promise(talk: Talk, prompt: str = LAKE) -> str:
    """Have a picture promised; the id of the reply."""
    talk.service.say(reply("One moment.", image_prompt=prompt))
    await talk.say("Show me the lake")
    return talk.messages[-1].id


def sent(talk: Talk) -> str:
    """The messages of the last request."""
    return str(talk.service.chat_bodies[-1]["messages"])


async def test_a_promised_picture_waits_for_the_user_and_the_exchange_does_not(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        talk.service.say(reply("One moment.", image_prompt=LAKE, next=True))
        await talk.say("Show me the lake")
        (told,) = talk.of(ImagePromised)
        assert (told.prompt, told.message_id) == (LAKE, talk.messages[-1].id)
        assert isinstance(talk.collect()[-1], ExchangeComplete)
        assert isinstance(talk.collect()[-2], ImagePromised)
        assert talk.outcomes() == ["complete"]  # and no follow-up: the promise ends the chain
        assert talk.on_disk()[-1]["promise"] == "asked"
        assert talk.on_disk()[-1]["image_prompt"] == LAKE
        assert (talk.service.image_bodies, talk.of(ImageGenerationStart)) == ([], [])


async def test_what_is_accepted_is_made_also_after_more_was_said(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        promising = await promise(talk)
        talk.service.say(reply("Yes?"))
        await talk.say("By the way")
        assert LAKE not in sent(talk)
        talk.service.show()
        image_id = await talk.session.images.promised.accept(promising)
        await talk.session.wait()
        (start,) = talk.of(ImageGenerationStart)
        assert (start.image_id, start.prompt, start.reply_to) == (image_id, LAKE, promising)
        assert talk.of(ImageGenerationComplete)
        assert [body["prompt"] for body in talk.service.image_bodies] == [LAKE]
        assert "promise" not in talk.on_disk()[1]
        assert talk.on_disk()[-1]["reply_to"] == promising
        with pytest.raises(UserError, match="not asked about any more"):
            await talk.session.images.promised.accept(promising)


async def test_what_is_declined_is_not_made_and_not_told(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        promising = await promise(talk)
        await talk.session.images.promised.decline(promising)
        assert [event.message_id for event in talk.of(PromiseDeclined)] == [promising]
        assert talk.on_disk()[-1]["promise"] == "declined"
        talk.service.say(reply("Nice."))
        await talk.say("Thanks")
        assert LAKE not in sent(talk)
        assert "eclined" not in sent(talk)
        assert talk.service.image_bodies == []


async def test_another_prompt_is_kept_and_used(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        promising = await promise(talk)
        with pytest.raises(BlankError):
            await talk.session.images.promised.change(promising, " \n ")
        await talk.session.images.promised.change(promising, f"  {NIGHT}\n")
        assert [event.prompt for event in talk.of(ImagePromised)] == [LAKE, NIGHT]
        assert talk.on_disk()[-1]["image_prompt"] == NIGHT
        talk.service.show()
        await talk.session.images.promised.accept(promising)
        await talk.session.wait()
        assert talk.messages[-1].content == f'<image description="{NIGHT}" />'


async def test_what_was_asked_is_asked_after_a_restart(service: Service, tmp_path: Path) -> None:
    async with open_talk(service, tmp_path, image=ASK) as talk:
        first, second = await promise(talk), await promise(talk, NIGHT)
    async with open_talk(service, tmp_path) as talk:  # whatever is configured by then
        assert [each.promise for each in talk.messages if each.role == "assistant"] == ["asked", "asked"]
        service.show()
        await talk.session.images.promised.accept(first)
        await talk.session.wait()
        await talk.session.images.promised.decline(second)
        assert [each.get("promise") for each in talk.on_disk()] == [None, None, None, "declined", None]


async def test_a_conversation_has_a_way_of_its_own(service: Service, tmp_path: Path) -> None:
    async with open_talk(service, tmp_path) as talk:
        talk.session.change_setting(("image", "when"), "ask")
        await promise(talk)
        assert talk.messages[-1].promise == "asked"
        await talk.session.new()
        service.show()
        await promise(talk)
        assert talk.messages[-1].image is not None


async def test_a_character_has_a_way_of_its_own(start_talk: StartTalk) -> None:
    async with start_talk() as talk:
        mira = Character(name="Mira", image={"when": "ask"})
        await talk.session.new(settings_of(mira, talk.session.configured))
        await promise(talk)
        assert (talk.messages[-1].promise, talk.service.image_bodies) == ("asked", [])


async def test_a_temporary_conversation_asks_too(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        await talk.session.temporary()
        promising = await promise(talk)
        talk.service.show()
        await talk.session.images.promised.accept(promising)
        await talk.session.wait()
        assert talk.messages[-1].reply_to == promising


async def test_a_continued_reply_is_asked_about_once(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        talk.service.say(reply("One", image_prompt=LAKE) | {})
        talk.service.chat[-1].body["choices"][0]["finish_reason"] = "length"
        await talk.say("Show me the lake")
        await talk.session.images.promised.decline(talk.messages[-1].id)
        talk.service.say(reply(" moment."))
        await talk.session.revisions.continue_reply()
        await talk.session.wait()
        assert len(talk.of(ImagePromised)) == 1
        assert (talk.messages[-1].content, talk.messages[-1].promise) == ("One moment.", "declined")


@pytest.mark.parametrize("promises", ["auto", "service"])
async def test_off_asks_animus_for_no_promise_and_makes_none(
    service: Service, tmp_path: Path, promises: Promises
) -> None:
    async with open_talk(service, tmp_path, image=OFF, chat=ChatConfig(promises=promises)) as talk:
        promising = await promise(talk)  # it promises all the same
        assert service.chat_bodies[-1]["check_image_generation"] is False
        assert (talk.messages[-1].image_prompt, talk.messages[-1].promise) == (LAKE, None)
        assert (talk.of(ImagePromised), service.image_bodies) == ([], [])
        service.show()
        talk.session.images.start_promised(promising)  # by hand
        await talk.session.wait()
        assert talk.messages[-1].reply_to == promising


@pytest.mark.parametrize("promises", ["auto", "ask", "tool"])
async def test_off_offers_no_function_and_asks_no_question(
    service: Service, tmp_path: Path, promises: Promises
) -> None:
    chat = ChatConfig(promises=promises)
    async with open_talk(service, tmp_path, backend="openai", chat=chat, image=OFF) as talk:
        service.say(reply(f'Look! <image description="{LAKE}" /> I\'ll send you a picture of the lake.'))
        await talk.say("Show me the lake")
        (body,) = service.chat_bodies
        assert "tools" not in body
        assert talk.messages[-1].image_prompt == LAKE  # and the tag is not shown
        assert "<image" not in (talk.messages[-1].content or "")
        assert service.image_bodies == []


async def test_a_service_without_pictures_says_so_and_the_card_stays(
    service: Service, tmp_path: Path
) -> None:
    async with open_talk(service, tmp_path, image=ASK) as talk:
        promising = await promise(talk)
    async with open_talk(service, tmp_path, image=ASK, makes_pictures=False) as talk:
        with pytest.raises(UserError):
            await talk.session.images.promised.accept(promising)
        assert talk.messages[-1].promise == "asked"
        await talk.session.images.promised.decline(promising)
        assert talk.on_disk()[-1]["promise"] == "declined"


async def test_versions_have_cards_of_their_own_and_a_deleted_reply_has_none(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        first = await promise(talk)
        talk.service.say(reply("No.", image_prompt=None))
        await talk.session.revisions.regenerate()
        await talk.session.wait()
        with pytest.raises(UserError):
            await talk.session.images.promised.accept(first)
        await talk.session.revisions.show_branch(talk.messages[-1].id, 0)
        assert (talk.messages[-1].id, talk.messages[-1].promise) == (first, "asked")
        await talk.session.revisions.set_hidden(first, True)
        await talk.session.images.promised.change(first, NIGHT)
        assert (talk.messages[-1].hidden, talk.messages[-1].image_prompt) == (True, NIGHT)
        await talk.session.revisions.delete(first)
        with pytest.raises(UserError, match="not there"):
            await talk.session.images.promised.accept(first)


async def test_a_fork_asks_for_itself(start_talk: StartTalk) -> None:
    async with start_talk(image=ASK) as talk:
        promising = await promise(talk)
        former = talk.session.conversation.conversation.id
        await talk.session.revisions.fork(promising)
        await talk.session.images.promised.decline(talk.messages[-1].id)
        await talk.session.open(former)
        assert talk.messages[-1].promise == "asked"

"""What pictures cost and what is left, as far as the service tells it."""

from animus_tui.chat.events import CreditsTold, ImageGenerationError, MessageError
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.images.runner import Credits
from tests.support.chat_service import Answer, reply
from tests.support.image_jobs import Works
from tests.support.talk import Talk


async def test_credits_are_told_as_soon_as_the_service_tells_them(talk: Talk, works: Works) -> None:
    studio = talk.session.images
    assert (studio.credits or Credits()) == Credits()
    works.told = {"credits_deducted": 2.5, "remaining_balance": 97.5}
    works.at_once = True
    image_id = talk.session.images.start("a boat", options=PictureOptions(negative="text"))
    told = await talk.until(CreditsTold)
    assert (told.cost, told.balance, told.image_id) == (2.5, 97.5, image_id)
    await talk.session.wait()
    talk.session.images.start("a hill", options=PictureOptions(negative="text"))
    await talk.session.wait()
    assert studio.credits == Credits(cost=2.5, balance=97.5)
    assert (image := talk.messages[0].image) is not None
    assert image.cost == 2.5


async def test_too_few_credits_are_told_with_the_figures(talk: Talk, works: Works) -> None:
    body = {"error": "insufficient_credits", "message": "Not enough.", "required": 2, "available": 0.5}
    works.answers["generation/create"] = Answer(body, status=402)
    talk.session.images.start("a boat", options=PictureOptions(negative="text"))
    await talk.session.wait()
    (error,) = talk.of(ImageGenerationError)
    assert (error.required, error.available) == (2.0, 0.5)
    assert talk.session.images.credits == Credits(balance=0.5)
    talk.service.chat.append(Answer(body, status=402))
    await talk.say("hello")
    (refused,) = talk.of(MessageError)
    assert (refused.required, refused.available) == (2.0, 0.5)


async def test_a_balance_that_a_refusal_told_is_forgotten_when_the_service_accepts_again(
    talk: Talk, works: Works
) -> None:
    works.at_once = True
    body = {"error": "insufficient_credits", "message": "Not enough.", "required": 2, "available": 0.5}
    for accepted in ("an answer", "a picture", "a job"):
        works.answers["generation/create"] = Answer(body, status=402)
        talk.session.images.start("a boat", options=PictureOptions(negative="text"))
        await talk.session.wait()
        told = talk.session.images.credits
        assert told is not None
        assert told.balance == 0.5, accepted
        del works.answers["generation/create"]
        match accepted:
            case "an answer":
                talk.service.say(reply("Thank you."))
                await talk.session.send("I have paid.")
            case "a picture":
                talk.service.show()
                talk.session.images.start("a boat")
            case _:
                works.told = {}
                talk.session.images.start("a boat", options=PictureOptions(negative="text"))
        await talk.session.wait()
        told = talk.session.images.credits
        assert told is not None
        assert told.balance is None, accepted


async def test_a_balance_that_a_success_told_stays_until_the_next_one(talk: Talk, works: Works) -> None:
    works.at_once = True
    works.told = {"credits_deducted": 2, "remaining_balance": 98}
    talk.session.images.start("a boat", options=PictureOptions(negative="text"))
    await talk.session.wait()
    talk.service.say(reply("Hi."))
    await talk.session.send("Hello")
    await talk.session.wait()
    assert talk.session.images.credits == Credits(cost=2, balance=98)

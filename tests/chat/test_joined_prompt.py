"""Which words are joined to a prompt: what the character looks like, and the style of the conversation."""

from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.chat.conversation_settings import ConversationSettings
from animus_tui.chat.images.joined_prompt import (
    ALL_LEFT_OUT,
    Addition,
    PromptAdditions,
    additions_of,
    own_words,
    shows_character,
)
from animus_tui.chat.images.metadata import metadata_of
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.messages import ImageRecord
from animus_tui.config.schema import ChatConfig, Config, ImageConfig, UserConfig
from tests.support.chat_service import Answer, reply
from tests.support.image_jobs import Works
from tests.support.talk import StartTalk, Talk

RED = "a woman of 30 with red hair"
WATER = {"name": "Water", "prefix": "watercolour of", "suffix": "soft light"}
LOOKS = PromptAdditions(
    appearance=RED, character="Ada Lind", style="Water", prefix="watercolour of", suffix="soft light"
)


@pytest.mark.parametrize(
    ("additions", "prompt", "sent"),
    [
        (LOOKS, "a boat", f"watercolour of a boat, {RED}, soft light"),
        (LOOKS, "A boat at dawn.", f"watercolour of A boat at dawn. {RED}, soft light"),
        (LOOKS, "a boat, ", f"watercolour of a boat, {RED}, soft light"),
        (replace(LOOKS, prefix="best quality"), "a boat", f"best quality, a boat, {RED}, soft light"),
        (replace(LOOKS, prefix="", suffix=""), "a boat", f"a boat, {RED}"),
        # What stands there already is not joined once more.
        (LOOKS, "A Woman of 30\nwith red hair, soft light", "watercolour of A Woman of 30\nwith red hair, soft light"),
        (PromptAdditions(), "a boat ", None),
        (LOOKS.without(ALL_LEFT_OUT), "a boat", None),
        (LOOKS.without({"style"}), "a boat", f"a boat, {RED}"),
        (LOOKS.without({"appearance"}), "a boat", "watercolour of a boat, soft light"),
    ],
)  # fmt: skip
def test_the_parts_are_joined_with_commas_and_none_of_them_twice(
    additions: PromptAdditions, prompt: str, sent: str | None
) -> None:
    assert additions.sent_prompt(prompt) == sent
    if sent is not None:
        assert additions.without({"style"} if additions is not LOOKS else ()).sent_prompt(sent) is None


@pytest.mark.parametrize(
    ("description", "told", "shows"),
    [
        ("A selfie at the lake", None, True),
        ("Ada in front of a lighthouse", None, True),
        ("Lind, laughing, at dusk on a beach", None, True),
        ("a woman reading in a garden", None, True),
        ("reading on the sofa, late evening", None, True),
        ("a lake at dawn", None, False),
        ("A serene sunset over the ocean", None, False),
        ("an empty chair, nobody there", None, False),
        ("a kitchen without people", None, False),
        ("a lake at dawn", True, True),
        ("a selfie", False, False),
    ],
)
def test_a_promised_picture_shows_the_character_unless_its_words_clearly_show_nobody(
    description: str, told: bool | None, shows: bool
) -> None:
    assert shows_character(description, "Ada Lind", told) is shows


def test_the_looks_come_from_what_the_conversation_keeps() -> None:
    settings = ConversationSettings(
        name="Ada",
        style={
            **WATER,
            "negative": "photograph",
            "size": "640x832",
            "steps": 30,
            "guidance": 5.0,
        },
    )
    holds = Config(
        chat=ChatConfig(name="Ada", appearance="{{char}},\n a woman whom {{user}} knows"),
        user=UserConfig(name="Sam"),
    )
    additions = additions_of(settings, holds)
    assert (additions.appearance, additions.style) == ("Ada, a woman whom Sam knows", "Water")
    assert additions.options == PictureOptions(
        width=640, height=832, steps=30, guidance=5.0, negative="photograph"
    )
    odd = replace(settings, style={"name": 3, "prefix": ["x"], "steps": 100_000, "size": "largexsmall"})
    assert additions_of(odd, Config()) == PromptAdditions(character="Vivian")
    assert additions_of(replace(settings, style=None), Config()) == PromptAdditions(character="Vivian")


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (f"watercolour of a boat, {RED}, soft light", ("a boat", f"watercolour of a boat, {RED}, soft light")),
        (f"watercolour of two ships, {RED}, soft light", ("two ships", f"watercolour of two ships, {RED}, soft light")),
        ("watercolour of two ships, soft light", ("watercolour of two ships, soft light", None)),
        (f"watercolour of , {RED}, soft light", (f"watercolour of , {RED}, soft light", None)),
    ],
)  # fmt: skip
def test_the_own_words_of_an_edited_text_are_known_while_the_rest_stands_around_them(
    text: str, own: tuple[str, str | None]
) -> None:
    assert own_words(text, "a boat", f"watercolour of a boat, {RED}, soft light") == own


# In a session


def with_looks(talk: Talk, **style: Any) -> None:
    """Have the open conversation look like this from now on."""
    settings = replace(talk.session.character, appearance=RED, style={**WATER, **style})
    talk.session.set_character(settings)


def show(talk: Talk, count: int) -> None:
    """Queue so many pictures."""
    for shade in range(count):
        talk.service.show(shade)


def prompts(talk: Talk) -> list[str]:
    return [body["prompt"] for body in talk.service.image_bodies]


def record(talk: Talk) -> ImageRecord:
    image = talk.messages[-1].image
    assert image is not None
    return image


async def test_a_picture_is_sent_with_its_looks_and_known_by_its_own_words(talk: Talk) -> None:
    with_looks(talk)
    talk.service.show()
    made = await talk.session.generate_image("a boat")
    sent = f"watercolour of a boat, {RED}, soft light"
    assert prompts(talk) == [sent]
    assert (made.record.prompt, made.record.sent_prompt) == ("a boat", sent)
    assert talk.messages[-1].content == '<image description="a boat" />'
    assert talk.on_disk()[-1]["image"]["sent_prompt"] == sent
    assert metadata_of(made.record).prompt == sent


async def test_the_looks_can_be_left_out_of_one_picture(talk: Talk) -> None:
    with_looks(talk, steps=30)
    show(talk, 3)
    cases: tuple[frozenset[Addition], ...] = (ALL_LEFT_OUT, frozenset({"appearance"}), frozenset({"style"}))
    for left_out in cases:
        talk.session.images.start("a boat", left_out=left_out)
        await talk.session.wait()
    assert prompts(talk) == ["a boat", "watercolour of a boat, soft light", f"a boat, {RED}"]
    assert [body.get("num_inference_steps") for body in talk.service.image_bodies] == [None, 30, None]
    assert record(talk).sent_prompt == f"a boat, {RED}"


async def test_what_the_service_promises_gets_the_looks_where_it_shows_the_character(talk: Talk) -> None:
    with_looks(talk)
    talk.service.say(
        reply("Look!", image_prompt="A selfie on a boat"), reply("And!", image_prompt="A lake at dawn")
    )
    show(talk, 2)
    await talk.say("Where are you?")
    await talk.say("And where is that?")
    assert prompts(talk) == [
        f"watercolour of A selfie on a boat, {RED}, soft light",
        "watercolour of A lake at dawn, soft light",
    ]
    assert record(talk).prompt == "A lake at dawn"


async def test_each_picture_of_a_batch_gets_the_looks(talk: Talk, works: Works) -> None:
    with_looks(talk)
    works.answers["generation/batch"] = Answer({"message": "busy"}, status=400)
    talk.session.images.start_batch(["a boat", "a tram"])
    await talk.session.wait()
    assert talk.service.job_bodies[0]["prompts"] == [
        {"prompt": f"watercolour of {words}, {RED}, soft light"} for words in ("a boat", "a tram")
    ]


async def test_a_variant_is_sent_what_the_picture_was_and_other_words_get_the_looks_once(talk: Talk) -> None:
    with_looks(talk)
    show(talk, 4)
    await talk.session.generate_image("a boat")
    sent = f"watercolour of a boat, {RED}, soft light"
    with_looks(talk, suffix="hard light")
    images = talk.session.images
    images.start_variant()
    await talk.session.wait()
    images.start_variant(prompt="a tram")
    await talk.session.wait()
    images.start_variant(prompt=f"{sent}, at night", is_whole=True)
    await talk.session.wait()
    assert prompts(talk) == [
        sent,
        sent,
        f"watercolour of a tram, {RED}, hard light",
        f"{sent}, at night",
    ]
    assert [each.prompt for each in talk.messages[-1].variants or []] == [
        "a boat",
        "a boat",
        "a tram",
        f"{sent}, at night",
    ]


async def test_an_edit_is_sent_its_own_words_alone(talk: Talk) -> None:
    with_looks(talk, steps=30)
    talk.service.show()
    address = "https://pictures.example/boat.png"
    talk.session.images.start("at night", source=address)
    await talk.session.wait()
    assert talk.service.image_bodies == [{"prompt": "at night", "input_image": address}]
    assert record(talk).sent_prompt is None


async def test_the_numbers_of_a_style_go_behind_what_is_said_or_remembered_and_before_the_configuration(
    start_talk: StartTalk,
) -> None:
    config = ImageConfig(width=512, height=512, num_inference_steps=8, guidance_scale=2.0)
    async with start_talk(image=config) as talk:
        with_looks(talk, size="640x832", steps=30)
        show(talk, 4)
        images = talk.session.images
        for options in (PictureOptions(), PictureOptions(steps=40)):
            images.start("a boat", options=options)
            await talk.session.wait()
        images.remember(PictureOptions(steps=25, width=700, height=700))
        images.start("a boat")
        await talk.session.wait()
        images.start("a boat", options=PictureOptions(width=64, height=64))
        await talk.session.wait()
        bodies = talk.service.image_bodies
    names = ("width", "height", "num_inference_steps", "guidance_scale")
    assert [tuple(body[name] for name in names) for body in bodies] == [
        (640, 832, 30, 2.0),
        (640, 832, 40, 2.0),
        (700, 700, 25, 2.0),
        (64, 64, 25, 2.0),
    ]


async def test_the_negative_prompt_of_a_style_is_sent_unless_it_is_taken_back(
    talk: Talk, works: Works
) -> None:
    works.at_once = True
    with_looks(talk, negative="photograph")
    talk.session.images.start("a boat")
    await talk.session.wait()
    talk.session.images.start("a boat", options=PictureOptions(negative="fog"))
    await talk.session.wait()
    talk.service.show()
    talk.session.images.start("a boat", options=PictureOptions(negative=""))
    await talk.session.wait()
    assert [works.jobs[name].body["negative_prompt"] for name in ("gen-1", "gen-2")] == ["photograph", "fog"]
    assert "negative_prompt" not in talk.service.image_bodies[0]


async def test_the_face_of_the_character_goes_with_the_pictures(talk: Talk, works: Works) -> None:
    works.at_once = True
    settings = replace(talk.session.character, name="Mira", character_id="face-1", appearance="")
    await talk.session.new(settings)
    talk.session.images.start("a boat")
    await talk.session.wait()
    assert works.jobs["gen-1"].body == {"prompt": "a boat", "character_id": "face-1"}

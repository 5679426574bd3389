"""Pictures of the moment: which words ask for one, what the model is asked, and what is taken from its reply."""

import pytest

from animus_tui.chat.images.moments import (
    BEGINS,
    BY_WORD,
    LONGEST,
    MOMENTS,
    instruction,
    meant_prompt,
    moment_of,
    shaped,
    written_prompt,
)
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions
from animus_tui.demo import commands as of_demo
from animus_tui.errors import UserError
from tests.support.chat_service import reply
from tests.support.talk import Talk


def test_only_a_word_alone_stands_for_a_moment() -> None:
    assert [moment_of(moment.word) for moment in MOMENTS] == list(MOMENTS)
    assert moment_of(" Face ") is BY_WORD["face"]
    for prompt in ("face of an old man", '"face"', "faces", "", "your face"):
        assert moment_of(prompt) is None
    assert [meant_prompt(prompt) for prompt in ('"face"', "“you”", '"fox"', 'a "face"')] == [
        "face",
        "you",
        '"fox"',
        'a "face"',
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "Ada on a pier, rain, evening",
        '"Ada on a pier, rain, evening"',
        "Prompt: Ada on a pier, rain, evening",
        "**Image prompt:** Ada on a pier, rain, evening",
        "<think>She is\n\non a pier.</think>\n\nAda on a pier, rain, evening",
        "Sure! Here is the prompt:\n\nAda on a pier, rain, evening\n\nShall I change anything?",
        "Here's a prompt for you:\n> Ada on a pier, rain, evening",
        "```text\nAda on a pier, rain, evening\n```",
        "# Prompt: \n\nAda on a pier,\nrain, evening",
        '{"prompt": "Ada on a pier, rain, evening"}',
        'Look! <image description="Ada on a pier, rain, evening" />',
        "(BEGIN)\n\nAda on a pier, rain, evening",
        "*Ada on a pier*, `rain`,\x1b[31m\u202e evening",
    ],
)
def test_the_prompt_is_found_in_whatever_a_model_puts_around_it(reply: str) -> None:
    found = written_prompt(reply)
    assert found.replace("[31m", "") in (
        "Ada on a pier, rain, evening",
        "Ada on a pier, rain,\ufffd\ufffd evening",
    ), found


def test_a_prompt_is_bounded_and_a_reply_without_one_is_told() -> None:
    assert len(written_prompt("a pier in rain, " * 10_000)) <= LONGEST
    for nothing in ("", "…", "<think>Hm, a pier.</think>", '""', "```\n```"):
        with pytest.raises(UserError, match="wrote no prompt"):
            written_prompt(nothing)


@pytest.mark.parametrize(
    ("word", "held", "takes_any", "size"),
    [
        ("you", (1280, 720), True, (720, 1280)),
        ("face", (720, 1280), True, (720, 1280)),
        ("scene", (720, 1280), False, (1280, 720)),
        ("background", (1024, 1024), True, (1024, 768)),
        ("face", (1024, 1024), True, (768, 1024)),
        ("face", (1024, 1024), False, (None, None)),
        ("you", (64, 64), True, (64, 64)),
        ("last", (1280, 720), True, (None, None)),
    ],
)
def test_the_size_that_holds_is_turned(
    word: str, held: tuple[int, int], takes_any: bool, size: tuple[int | None, int | None]
) -> None:
    shape = shaped(BY_WORD[word], PictureOptions(width=held[0], height=held[1]), takes_any_size=takes_any)
    assert (shape.width, shape.height) == size
    assert shaped(BY_WORD[word], NO_OPTIONS, takes_any_size=True) == NO_OPTIONS


def test_the_demo_knows_how_it_is_asked() -> None:
    assert of_demo.BEGINS == BEGINS


async def test_the_model_is_asked_behind_the_conversation_and_nothing_is_kept_of_it(talk: Talk) -> None:
    talk.service.say(reply("I am on the pier."), reply("Ada on a pier"))
    await talk.say("Where are you?")
    before = talk.on_disk()
    asked = instruction(BY_WORD["scene"], "Ada")
    assert "the whole scene: the place, and Ada in it" in asked
    assert written_prompt((await talk.session.complete(asked, is_said=False)).content) == "Ada on a pier"
    assert talk.service.chat_bodies[-1]["max_tokens"] == 1500
    sent = talk.service.chat_bodies[-1]["messages"]
    assert [message["content"] for message in sent[1:]] == ["Where are you?", "I am on the pier.", asked]
    assert talk.on_disk() == before

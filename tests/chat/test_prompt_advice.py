"""The prompt coach: it speaks of what is vague, and of nothing else."""

from __future__ import annotations

import pytest

from animus_tui.chat.images.prompt_advice import MOST_WORDS, advice

VAGUE = (
    "something cool",
    "a picture",
    "make it look good",
    "Something cool!",
    "a really nice image, please",
    "surprise me",
    "anything",
    "Draw me something beautiful",
    "a masterpiece, 4k, ultra detailed",
    "an awesome wallpaper",
    "art",
    "make something epic for me",
    "can you make a pretty picture?",
)
GOOD = (
    "a cat",
    "a red fox in fresh snow, morning light, watercolour",
    "portrait of an old sailor",
    "Vivian",
    "a beautiful sunset over the ocean",
    "the beach at night",
    "1girl",
    "a nice house",
    "dragon",
    "a picture of my grandmother's kitchen",
    "something cool: a jellyfish",
    "NGC 1300",
)
OTHER_LANGUAGES = (
    "etwas Schönes",
    "mach ein Bild",
    "quelque chose de beau",
    "algo bonito",
    "una foto",
    "что-нибудь красивое",
    "何か美しいもの",
    "一张图片",
    "صورة جميلة",
    "कुछ सुंदर",
    "något fint",
    "un art",
)
UNJUDGED = (
    "🦊",
    "something 🦊",
    "???",
    "a picture = #4",
    "",
    "   ",
    "something\ncool",
    "a picture\r\n\r\nnice",
)


def test_a_vague_prompt_gets_one_line_that_says_what_is_missing() -> None:
    for prompt in VAGUE:
        told = advice(prompt)
        assert told is not None
        assert "\n" not in told
        assert "what is to be seen" in told
        assert "Enter again" in told


def test_what_says_something_or_cannot_be_judged_is_left_alone() -> None:
    rows: list[str] = [*GOOD, *OTHER_LANGUAGES, *UNJUDGED]
    for prompt in rows:
        assert advice(prompt) is None


def test_only_what_is_missing_is_named() -> None:
    light, style, neither = advice("something at sunset"), advice("a watercolour"), advice("something")
    assert light is not None
    assert style is not None
    assert neither is not None
    assert ("light" in light, "style" in light) == (False, True)
    assert ("light" in style, "style" in style) == (True, False)
    assert ("light" in neither, "style" in neither) == (True, True)


def test_long_prompts_are_left_alone_whatever_their_words() -> None:
    assert advice(" ".join(["nice"] * MOST_WORDS)) is not None
    assert advice(" ".join(["nice"] * (MOST_WORDS + 1))) is None


@pytest.mark.parametrize("prompt", ["make it look good", "better", "make it more beautiful"])
def test_an_edit_is_vague_when_it_says_nothing_to_change(prompt: str) -> None:
    assert "to be other than it is" in (advice(prompt, is_edit=True) or "")


def test_an_edit_that_names_a_change_is_left_alone() -> None:
    rows: list[str] = [
        "make it darker",
        "make it dark",
        "more colourful",
        "add a hat",
        "as a watercolour",
        "mach es gut",
    ]
    for prompt in rows:
        assert advice(prompt, is_edit=True) is None

"""Reading prompts: pure, no pixels."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.demo.painting.scene import HUES, SETS, merged, read_scene

NOTHING = read_scene("")


def test_the_last_hour_is_read_from_its_words_or_from_the_lights_of_the_sky() -> None:
    rows: list[tuple[str, str]] = [
        ("sunrise", "dawn"),
        ("a quiet morning", "dawn"),
        ("blue hour over the harbour", "dusk"),
        ("a summer night", "night"),
        ("this morning I dreamt of a sunset", "sunset"),
        ("the Milky Way", "night"),
        ("the moon at dusk", "dusk"),
        ("a lake", ""),
        ("a lake at dawn, drifting mist, at night", "night"),
        ("a city at night, at sunset", "sunset"),
    ]
    for prompt, hour in rows:
        assert read_scene(prompt).hour == hour


def test_a_place_is_read_in_either_spelling_and_number() -> None:
    rows: list[tuple[str, str]] = [
        ("OCEAN", "sea"),
        ("two seas", "sea"),
        ("harbour", "sea"),
        ("a fjord", "lake"),
        ("a riverside", "lake"),
        ("cities", "city"),
        ("New York", "city"),
        ("wildflowers", "meadow"),
        ("Ocèan", "sea"),
    ]
    for prompt, place in rows:
        assert read_scene(prompt).places == (place,)


def test_a_word_inside_another_word_is_not_read() -> None:
    rows: list[str] = ["a search", "category", "seasoned", "scattered", "woodwind", "moonshot", "a snowdrop"]
    for prompt in rows:
        assert replace(read_scene(prompt), text="") == NOTHING


def test_a_figure_is_read_in_the_plural() -> None:
    rows: list[tuple[str, str]] = [
        ("wolves", "fox"),
        ("kitties", "cat"),
        ("geese", "bird"),
        ("cottages", "house"),
    ]
    for prompt, figure in rows:
        assert read_scene(prompt).figures == (figure,)


def test_weather_is_read_from_its_adjectives() -> None:
    assert read_scene("snowy hills").weathers == {"snow"}
    assert read_scene("a misty morning, rainy").weathers == {"mist", "rain"}


def test_asking_to_be_shown_something_is_not_asking_for_a_person() -> None:
    scene = read_scene("Can you show me a beautiful sunset over the ocean?")
    assert (scene.person, scene.is_portrait, scene.hour, scene.places) == ("", False, "sunset", ("sea",))


def test_a_person_is_read() -> None:
    rows: list[tuple[str, str, bool]] = [
        ("a picture of yourself", "", True),
        ("portrait of a woman", "woman", True),
        ("an old man", "man", False),
        ("a hiker in the hills", "person", False),
    ]
    for prompt, person, is_portrait in rows:
        scene = read_scene(prompt)
        assert (scene.person, scene.is_portrait) == (person, is_portrait)


def test_a_colour_belongs_to_its_thing() -> None:
    scene = read_scene("a woman with long red hair and green eyes in a blue dress")
    assert scene.colours == (("red", "hair"), ("green", "eyes"), ("blue", "dress"))
    assert scene.colour_of(SETS["hair"]) == "red"
    assert scene.colour_of(SETS["clothes"]) == "blue"
    assert scene.looks == {"long hair"}
    assert scene.mood == ""


def test_a_colour_of_the_sky_or_of_nothing_is_the_mood() -> None:
    rows: list[str] = ["a purple sky", "turn the sky purple", "purple", "purple clouds"]
    for prompt in rows:
        assert read_scene(prompt).mood == "purple"


@pytest.mark.parametrize("word", ["grey", "gray"])
def test_grey_is_a_colour_without_a_mood(word: str) -> None:
    scene = read_scene(f"a {word} sky")
    assert scene.colours == (("grey", "sky"),)
    assert scene.mood == ""


def test_a_tone_is_read_in_either_spelling_and_less_turns_it_round() -> None:
    rows: list[tuple[str, str]] = [
        ("black-and-white photo", "monochrome"),
        ("grayscale", "monochrome"),
        ("make the colours more vibrant", "vibrant"),
        ("make the colors more vibrant", "vibrant"),
        ("less bright", "darker"),
        ("warmer", "warmer"),
        ("less warm", "colder"),
    ]
    for prompt, tone in rows:
        assert read_scene(prompt).tones == (tone,)


def test_dark_hair_makes_no_dark_picture() -> None:
    assert read_scene("a woman with dark hair").tones == ()


def test_what_is_refused_is_not_read_wherever_it_stands() -> None:
    scene = read_scene("a lake with no clouds and without any people, no boats")
    assert scene.lights == {"clear"}
    assert (scene.figures, scene.person) == ((), "")
    assert scene.places == ("lake",)
    assert read_scene("mountains and a boat, soft clouds, without the boat").figures == ()
    assert read_scene("two boats on a lake, no boats").figures == ()
    assert read_scene("remove the boat").figures == ()


def test_unwanted_words_are_taken_out_in_either_number() -> None:
    scene = read_scene("a cat and two boats at sea", "boat, cats, blurry")
    assert (scene.places, scene.figures) == (("sea",), ())


def test_a_prompt_without_plain_words_asks_for_nothing() -> None:
    rows: list[str] = ["", " \n\t", "🎉🌅", "שקיעה מעל הים", "\x00\x1b[31m", "?!…", "日没の海"]
    for prompt in rows:
        assert replace(read_scene(prompt), text="") == NOTHING


def test_the_words_of_an_edit_are_added_unless_they_name_another_place() -> None:
    rows: list[tuple[str, str, str]] = [
        ("a lake at dawn.", "at night", "a lake at dawn, at night"),
        ("the sea", "add mountains", "the sea, add mountains"),
        ("the sea", "with a forest behind", "the sea, with a forest behind"),
        ("the sea", "a city at night", "a city at night"),
        ("", "at night", "at night"),
    ]
    for before, change, together in rows:
        assert merged(before, change) == together


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_read(prompt: str, other: str) -> None:
    scene = read_scene(prompt, other)
    assert all(colour in HUES for colour, _ in scene.colours)
    read_scene(merged(prompt, other))

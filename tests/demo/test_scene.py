"""Reading prompts: pure, no pixels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.demo.painting.colours import NAMED
from animus_tui.demo.painting.scene import read_scene
from animus_tui.demo.painting.words import COLOURS, EYES, HAIR


@pytest.mark.parametrize(
    ("prompt", "hour"),
    [
        ("sunrise", "sunrise"),
        ("at dawn, mist", "sunrise"),
        ("a quiet morning", "morning"),
        ("noon in July", "noon"),
        ("golden hour", "sunset"),
        ("blue hour over the harbour", "dusk"),
        ("twilight", "dusk"),
        ("midnight", "night"),
        ("a summer night", "night"),
        ("a sunny day", "noon"),
        ("this morning I dreamt of a sunset", "sunset"),
        ("stars", "night"),
        ("the Milky Way", "night"),
        ("northern lights", "night"),
        ("the moon at dusk", "dusk"),
        ("a lake", ""),
    ],
)
def test_the_hour_is_read_from_its_words_or_from_the_lights_of_the_sky(prompt: str, hour: str) -> None:
    assert read_scene(prompt).hour == hour


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("OCEAN", "sea"),
        ("two seas", "sea"),
        ("beaches", "beach"),
        ("harbor", "lake"),
        ("harbour", "lake"),
        ("the Alps", "mountains"),
        ("woods", "forest"),
        ("cities", "city"),
        ("New York", "city"),
        ("dunes", "desert"),
        ("wildflowers", "meadow"),
        ("deep sea", "underwater"),
        ("galaxies", "space"),
    ],
)
def test_a_place_is_read_in_either_spelling_and_number(prompt: str, place: str) -> None:
    assert read_scene(prompt).places == (place,)


@pytest.mark.parametrize("prompt", ["a search", "category", "seasoned", "scattered", "woodwind", "moonshot"])
def test_a_word_inside_another_word_is_not_read(prompt: str) -> None:
    scene = read_scene(prompt)
    assert not scene.names_a_subject
    assert not scene.skies


@pytest.mark.parametrize(
    ("prompt", "figure"),
    [
        ("wolves", "wolf"),
        ("ponies", "horse"),
        ("PUPPIES", "dog"),
        ("butterflies", "butterfly"),
        ("geese", "bird"),
    ],
)
def test_an_animal_is_read_in_the_plural(prompt: str, figure: str) -> None:
    assert read_scene(prompt).figures == (figure,)


def test_asking_to_be_shown_something_is_not_asking_for_a_person() -> None:
    scene = read_scene("Can you show me a beautiful sunset over the ocean?")
    assert (scene.person, scene.hour, scene.places) == ("", "sunset", ("sea",))


@pytest.mark.parametrize(
    ("prompt", "person"),
    [
        ("a picture of yourself", "person"),
        ("send me a selfie", "person"),
        ("a photo of you", "person"),
        ("portrait of a woman", "woman"),
        ("an old man", "man"),
    ],
)
def test_a_person_is_read(prompt: str, person: str) -> None:
    assert read_scene(prompt).person == person


def test_a_colour_belongs_to_its_thing() -> None:
    scene = read_scene("a woman with long red hair and green eyes in a blue dress")
    assert scene.colours == (("red", "hair"), ("green", "eyes"), ("blue", "dress"))
    assert scene.colour_of(HAIR) == NAMED["red"]
    assert scene.colour_of(EYES) == NAMED["green"]
    assert scene.looks == {"long hair"}
    assert scene.mood == ""


@pytest.mark.parametrize("prompt", ["a purple sky", "turn the sky purple", "purple", "purple clouds"])
def test_a_colour_of_the_sky_or_of_nothing_is_the_mood(prompt: str) -> None:
    assert read_scene(prompt).mood == "purple"


@pytest.mark.parametrize("word", ["grey", "gray"])
def test_grey_is_a_colour_without_a_mood(word: str) -> None:
    scene = read_scene(f"a {word} sky")
    assert scene.colours == (("grey", "sky"),)
    assert scene.mood == ""


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("watercolour", "watercolour"),
        ("watercolor", "watercolour"),
        ("oil painting", "oil"),
        ("black-and-white photo", "monochrome"),
        ("grayscale", "monochrome"),
        ("pencil sketch", "sketch"),
        ("cyberpunk", "neon"),
        ("minimalist", "minimalist"),
        ("pastel", "pastel"),
        ("vintage", "vintage"),
    ],
)
def test_a_style_is_read_in_either_spelling(prompt: str, style: str) -> None:
    assert read_scene(prompt).styles == (style,)


@pytest.mark.parametrize(
    ("prompt", "adjustment"),
    [
        ("make the colours more vibrant", "vibrant"),
        ("make the colors more vibrant", "vibrant"),
        ("brighter", "brighter"),
        ("less bright", "darker"),
        ("a little darker please", "darker"),
        ("less vibrant", "muted"),
        ("warmer", "warmer"),
        ("less warm", "colder"),
    ],
)
def test_an_adjustment_is_read_and_less_turns_it_round(prompt: str, adjustment: str) -> None:
    assert read_scene(prompt).adjustments == (adjustment,)


def test_what_is_refused_is_not_read() -> None:
    scene = read_scene("a lake with no clouds and without any people, no boats")
    assert scene.skies == frozenset()
    assert scene.figures == ()
    assert scene.person == ""
    assert scene.places == ("lake",)


def test_a_calm_sea_is_calmer_than_a_sea_and_a_rough_one_is_rougher() -> None:
    calm, plain, rough = (read_scene(words).calm for words in ("a calm sea", "a sea", "a stormy sea"))
    assert calm > plain > rough


@pytest.mark.parametrize("prompt", ["", " \n\t", "🎉🌅", "שקיעה מעל הים", "\x00\x1b[31m", "?!…", "日没の海"])
def test_a_prompt_without_plain_words_asks_for_nothing(prompt: str) -> None:
    assert not read_scene(prompt).names_a_subject


def test_accents_and_capitals_do_not_matter() -> None:
    assert read_scene("FORÊT").text == "foret"
    assert read_scene("Ocèan").places == ("sea",)


@given(st.text(max_size=300))
def test_any_text_can_be_read(prompt: str) -> None:
    scene = read_scene(prompt)
    assert all(colour in COLOURS for colour, _ in scene.colours)
    assert 0 <= scene.calm <= 1


def test_what_is_refused_is_taken_out_wherever_it_stands() -> None:
    assert read_scene("mountains and a boat, soft clouds, without the boat").figures == ()
    assert read_scene("two boats on a lake, no boats").figures == ()
    assert read_scene("remove the boat").figures == ()


def test_the_last_hour_named_is_the_hour() -> None:
    assert read_scene("a lake at dawn, drifting mist, at night").hour == "night"
    assert read_scene("a city at night, at sunset").hour == "sunset"


@pytest.mark.parametrize(
    ("prompt", "places", "figures"),
    [
        ("a cat on a windowsill", ("window",), ("cat",)),
        ("a bowl of fruit", (), ("fruit",)),
        ("a cup of coffee on the table", ("table",), ("cup",)),
        ("a red bicycle", (), ("bicycle",)),
        ("lit windows", (), ()),
        ("soft window light", (), ()),
    ],
)
def test_things_indoors_are_read_and_window_light_is_no_window(
    prompt: str, places: tuple[str, ...], figures: tuple[str, ...]
) -> None:
    scene = read_scene(prompt)
    assert (scene.places, scene.figures) == (places, figures)

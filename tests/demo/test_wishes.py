"""What is heard as a wish for a picture, and what is not. Pure, no server needed."""

import pytest

from animus_tui.demo.changes import asked_change, change_scene, new_subject
from animus_tui.demo.foreign import in_english, shows, sights, things
from animus_tui.demo.persona import answer
from animus_tui.demo.talk import Reply
from animus_tui.demo.wishes import HOME, PORTRAIT
from tests.demo.test_persona import SUNSET, assistant, say, shown, user

LAKE = "A quiet mountain lake at dawn, layers of blue ridges"


def about(text: str, scene: str = SUNSET) -> Reply:
    """The answer when a picture of the scene has just been shown."""
    return say(text, user("Show me something"), assistant("Gladly."), shown(scene))


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        ("can I see you?", PORTRAIT),
        ("What do you look like?", PORTRAIT),
        ("what does your home look like?", HOME),
        ("Picture of a lion please", "A lion, "),
        ("picture: a bowl of fruit", "A bowl of fruit, "),
        ("new picture: a castle on a hill", "A castle on a hill, "),
        ("could you make one with a red bicycle?", "A red bicycle, "),
        ("generate an image of Paris in the rain", "Paris in the rain, "),
        ("give me a photo of a kitten", "A kitten, "),
        ("Please show me: mountains, lake, and a boat", "Mountains, lake, and a boat, "),
        ("let's see a horse on the beach", "A horse on the beach, "),
        ("imagine a spaceship", "A spaceship, "),
        ("I want you to draw a house", "A house, "),
        ("Hi! Could you please paint a wolf for me?", "A wolf, "),
        ("draw yourself as a cat", "A cat, "),
        ("sunset pls", "A golden sunset"),
        ("I'd like a sunset", "A golden sunset"),
        ("send a pic", "A "),
        ("surprise me", "A "),
        ("where do you live? show me", "A "),
    ],
)
def test_a_wish_is_heard_in_many_phrasings(wish: str, prompt: str) -> None:
    promised = say(wish).image_prompt
    assert promised is not None
    assert promised.startswith(prompt)


@pytest.mark.parametrize(
    "text",
    [
        "I saw a draw in the lottery",
        "do you like the sea?",
        "the show must go on",
        "I can see your point",
        "I'm going to paint my kitchen",
        "draw a conclusion from that",
        "my sister sent me a picture of her dog",
        "let me see if I can explain",
        "let me see...",
        "paint the town red",
        "how do I draw a cat?",
        "what do you think of paintings?",
        "are you going to send me a bill?",
        "I want to see my mother again",
        "don't show me anything",
        "please don't send pictures",
        "no more pictures",
        "show some respect",
        "show me the money",
        "I can draw too",
        "my daughter drew you",
        "The forest was dark and I was scared",
        "a man walked into a bar",
        "I'm at the beach",
        "the picture was stolen",
        "good night",
        "night",
        "I have a cat",
    ],
)
def test_words_that_only_sound_like_a_wish_promise_no_picture(text: str) -> None:
    assert say(text).image_prompt is None
    assert about(text).image_prompt is None


@pytest.mark.parametrize(
    "text",
    [
        "make it quick",
        "make it stop",
        "add 2 and 2",
        "add me on facebook",
        "remove my account",
        "change the subject",
        "change your mind",
        "turn off the light",
        "turn it off",
        "can it wait?",
        "give it a try",
        "give me a break",
        "at night I can't sleep",
        "with my brother",
        "without you I am lost",
        "it gets dark early now",
    ],
)
def test_words_that_only_sound_like_a_change_change_no_picture(text: str) -> None:
    assert about(text).image_prompt is None


@pytest.mark.parametrize(
    ("wish", "change"),
    [
        ("make it night", "at night"),
        ("and at night", "at night"),
        ("make it winter", "in winter"),
        ("in winter", "in winter"),
        ("what would it look like in autumn?", "in autumn"),
        ("can it be winter?", "in winter"),
        ("in watercolour please", "in watercolour"),
        ("as a pencil sketch", "as a pencil sketch"),
        ("nice! now without the clouds", "without the clouds"),
        ("with a ship", "with a ship"),
        ("give it a moon", "with a moon"),
        ("put it in the snow", "in the snow"),
        ("zoom out", "seen from further away"),
        ("too dark", "brighter"),
        ("it's too bright!", "darker"),
        ("no clouds please", "without the clouds"),
        ("I want it more colourful", "with more vibrant colours"),
        ("make it stormy", "stormy"),
    ],
)
def test_a_change_is_heard_in_many_phrasings(wish: str, change: str) -> None:
    assert about(wish).image_prompt == f"{SUNSET}, {change}"


def test_what_was_added_can_be_taken_back() -> None:
    with_moon = about("add a moon").image_prompt
    assert with_moon == f"{SUNSET}, with a moon"
    assert about("remove the moon", with_moon).image_prompt == SUNSET


def test_a_later_hour_or_season_replaces_the_one_that_was_added_before() -> None:
    assert change_scene(f"{LAKE}, at night, in winter", "at dawn") == f"{LAKE}, in winter, at dawn"
    assert change_scene(f"{LAKE}, at night, in winter", "in autumn") == f"{LAKE}, at night, in autumn"


def test_a_colour_goes_to_the_one_thing_in_the_picture() -> None:
    assert about("make it black", "A cat, gentle light").image_prompt == "A black cat, gentle light"
    assert about("paint it white", "A black cat, gentle light").image_prompt == "A white cat, gentle light"


@pytest.mark.parametrize(
    "wish", ["make it a dog instead", "turn it into a dog", "no, not the sea, a dog", "a dog"]
)
def test_another_subject_takes_the_place_of_the_picture(wish: str) -> None:
    promised = about(wish).image_prompt
    assert promised is not None
    assert promised.startswith("A dog, ")
    assert "sunset" not in promised


def test_a_manner_is_no_other_subject() -> None:
    assert new_subject("as a watercolour") is None
    assert new_subject("as a painting by Monet") is None
    assert new_subject("as a city") == "a city"


def test_no_not_the_sea_a_forest_gives_a_forest() -> None:
    promised = about("no, not the sea, a forest").image_prompt
    assert promised is not None
    assert promised.startswith("A deep forest")


def test_another_one_after_a_joke_is_another_joke() -> None:
    first = say("Tell me a joke").content
    second = say("another one", user("Tell me a joke"), assistant(first))
    assert second.image_prompt is None
    assert "like this: a joke" in (second.reasoning or "")
    assert second.content != first


def test_the_first_picture_can_be_had_again() -> None:
    reply = say("show me the first one again", shown(LAKE), user("a dog"), shown("A dog"))
    assert reply.image_prompt == LAKE


def test_something_else_is_something_else() -> None:
    assert about("something else").image_prompt not in {None, SUNSET}


def test_the_last_picture_can_be_told() -> None:
    assert SUNSET in about("what did you just paint?").content
    assert about("what did you just paint?").image_prompt is None


def test_an_offer_is_taken_with_a_yes_and_left_with_a_no() -> None:
    offer = say("a forest")
    assert offer.image_prompt is None
    assert "Shall I paint that for you: a forest?" in offer.content
    before = (user("a forest"), assistant(offer.content))
    assert say("yes please", *before).image_prompt is not None
    assert say("no thanks", *before).image_prompt is None


def test_an_emoji_of_a_sight_is_offered_and_one_of_a_mood_is_answered() -> None:
    assert "sunrise" in say("🌅").content
    assert "wolf" in say("🐺").content
    for mood in ("👍", "😂😂😂", "❤️", "😢", "🙂"):
        reply = say(mood)
        assert reply.turns
        assert reply.image_prompt is None
        assert "paint" not in reply.content


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        ("puedes mostrarme una puesta de sol?", "A golden sunset"),
        ("Zeig mir bitte einen Wald", "A deep forest"),
        ("Montre-moi la mer", "A calm blue sea"),
        ("покажи мне закат", "A golden sunset"),
        ("海を見せて", "A calm blue sea"),
    ],
)
def test_a_wish_in_another_language_is_painted_as_far_as_its_words_are_known(wish: str, prompt: str) -> None:
    reply = say(wish)
    assert reply.image_prompt is not None
    assert reply.image_prompt.startswith(prompt)
    assert "only speak English" in reply.content


def test_foreign_words_and_emoji_are_added_in_english_and_english_words_are_left_alone() -> None:
    assert in_english("ein Hund im Schnee").endswith("dog snow")
    assert in_english("🐺🌙").endswith("wolf crescent moon")
    assert in_english("a cat on a wall") == "a cat on a wall"
    assert things("dogs see a chat") == []
    assert sights("plain words") == []
    assert not shows("the walls")


def test_long_and_strange_wishes_are_read_in_no_time() -> None:
    # None of these may backtrack for ever; the test run's own timeout is the limit.
    for text in ("show me " * 50_000, "please " * 50_000, " " * 200_000 + "x", "a boat " * 100_000):
        assert answer([user(text)]).turns


def test_a_change_without_a_scene_is_only_heard_when_it_says_so() -> None:
    assert asked_change("at night") is None
    assert asked_change("at night", LAKE) == "at night"
    assert asked_change("make it night") == "at night"


def test_what_was_never_in_the_picture_cannot_be_taken_out() -> None:
    reply = about("without the boat", "A deep forest in the morning")
    assert reply.image_prompt is None
    assert "boat" in reply.content
    assert (
        about("without the boat", "A lake and a boat").image_prompt == "A lake and a boat, without the boat"
    )


def test_a_sunset_after_another_picture_is_a_new_picture() -> None:
    promised = about("sunset pls", "A lighthouse on a rocky coast at dusk").image_prompt
    assert promised is not None
    assert "lighthouse" not in promised


def test_a_name_is_heard_before_a_question() -> None:
    told = user("I'm Tom. what is this?")
    assert "Tom" in say("What's my name?", told, assistant("A chat.")).content

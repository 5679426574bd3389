"""What the persona answers. It is a pure function, so these tests need no server."""

import html
import re
from itertools import pairwise

import pytest

from animus_tui.demo.commands import COMMANDS, answer
from animus_tui.demo.persona import Reply, listen, normal, sayings, told_name
from animus_tui.demo.wishes import asked_change, asked_scene, merged

SUNSET = "A golden sunset over a calm ocean, long reflections, soft clouds"
LAKE = "A quiet lake at dawn"
Messages = list[dict[str, object]]


def user(text: str) -> dict[str, object]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, object]:
    return {"role": "assistant", "content": text}


def shown(prompt: str) -> dict[str, object]:
    return assistant(f'<image description="{html.escape(prompt)}" />')


def reply_to(messages: Messages, *, pictures: bool = True, tools: tuple[str, ...] = ()) -> Reply:
    return answer(listen(messages, pictures=pictures, tools=tools))


def say(text: str, *before: dict[str, object], pictures: bool = True) -> Reply:
    return reply_to([*before, user(text)], pictures=pictures)


def about(text: str, scene: str = SUNSET) -> Reply:
    """The answer when a picture of the scene has just been shown."""
    return say(text, user("Show me something"), assistant("Gladly."), shown(scene))


def test_the_data_file_is_in_order() -> None:
    for row in sayings().replies:
        assert row.fits is None or not row.phrases
        for phrase in (*row.phrases, *row.only):
            assert normal(phrase) == phrase
        assert row.then or not row.next
    assert sayings().replies[-1].fits == "anything"


def test_a_sunset_over_the_ocean_is_promised_in_turns() -> None:
    reply = say("Can you show me a beautiful sunset over the ocean?")
    assert reply.turns == ("Oh, I know just the place.", "Give me a moment, the light is changing fast…")
    assert reply.image_prompt == SUNSET
    assert reply.next is False


def test_a_wish_for_a_picture_says_what_to_show() -> None:
    rows: list[tuple[str, str]] = [
        ("Draw me an amazing owl!", "an amazing owl"),
        ("paint a red barn in the snow, please", "a red barn in the snow"),
        ("Hi! Could you please paint a wolf for me?", "a wolf"),
        ("Please show me: mountains, lake, and a boat", "mountains, lake, and a boat"),
        ("show me a picture of a table", "a table"),
        ("You have any more photos from your vacation in Spain?", "your vacation in Spain"),
        (
            "I love Van Gogh's paintings! Can you paint something in his style for me?",
            "something in his style: I love Van Gogh's paintings",
        ),
        ("surprise me", ""),
        ("show me something else", ""),
    ]
    for wish, scene in rows:
        assert asked_scene(wish) == scene
        assert say(wish).image_prompt


def test_other_talk_promises_no_picture() -> None:
    rows: list[str] = [
        "Hello there",
        "show me some markdown",
        "I drew a cat yesterday",
        "tell me a story",
        "please don't show me anything",
        "my sister sent me a picture of her dog",
        "make it quick",
    ]
    for text in rows:
        assert say(text).image_prompt is None


def test_a_wish_that_leaves_it_open_gets_a_scene_with_what_was_said_of_it() -> None:
    promised = say("Can you show me something peaceful?").image_prompt
    assert promised is not None
    assert promised.endswith(", peaceful")
    assert len(promised) > 30


def test_no_picture_is_promised_while_pictures_are_off() -> None:
    for wish in ("Show me a sunset", "make it night", "another one"):
        reply = say(wish, shown(SUNSET), pictures=False)
        assert reply.image_prompt is None
        assert "switched off" in reply.content


def test_a_change_is_applied_to_the_last_picture_and_said() -> None:
    rows: list[tuple[str, str]] = [
        ("Can you make the colours more vibrant?", "the colours more vibrant"),
        ("make it night", "at night"),
        ("nice! now without the clouds", "without the clouds"),
        ("Add a sailing boat, please", "with a sailing boat"),
        ("Turn it into a watercolour", "as a watercolour"),
        ("Change the sky to purple", "the sky purple"),
        ("same but in winter", "in winter"),
        ("a bit darker", "a bit darker"),
        ("no clouds please", "without clouds"),
    ]
    for wish, change in rows:
        reply = about(wish)
        assert reply.image_prompt == f"{SUNSET}, {change}"
        assert change in reply.content


@pytest.mark.parametrize("text", ["in my opinion that is what all of them think about it", "at night"])
def test_a_few_words_are_a_change_only_right_after_a_picture(text: str) -> None:
    assert say(text, shown(SUNSET), user("Thanks"), assistant("Gladly.")).image_prompt is None
    assert asked_change("at night", right_after=False) is None


def test_changes_add_up_over_edits_and_quoted_prompts() -> None:
    history = [shown('A "quiet" sea & sky'), shown("Modified: make it darker"), user("!"), assistant("Hm.")]
    assert say("add a boat", *history).image_prompt == 'A "quiet" sea & sky, darker, with a boat'
    assert say("make it darker", shown(f"{SUNSET}, darker")).image_prompt == f"{SUNSET}, darker"


@pytest.mark.parametrize("tag", [f'<image description="{SUNSET}" />', f"<image description='{SUNSET}' />"])
def test_the_last_picture_is_known_in_either_kind_of_quotes(tag: str) -> None:
    assert say("make it darker", user("Show me"), assistant(tag)).image_prompt == f"{SUNSET}, darker"


def test_a_change_takes_the_place_of_what_it_contradicts_and_takes_back_what_was_added() -> None:
    assert merged("A lighthouse at sunset, waves", "at night") == "A lighthouse, waves, at night"
    assert merged(f"{LAKE}, in winter", "in autumn") == f"{LAKE}, in autumn"
    assert merged("A city at nightfall", "at dawn") == "A city at nightfall, at dawn"
    assert merged(f"{LAKE}, with a moon", "without the moon") == LAKE
    assert merged(LAKE, "without the moon") == f"{LAKE}, without the moon"


def test_a_change_without_a_picture_asks_for_one_first() -> None:
    reply = say("Make the colours more vibrant")
    assert reply.image_prompt is None
    assert "no picture" in reply.content


def test_another_one_repeats_the_picture_that_was_just_sent() -> None:
    assert about("Another one!").image_prompt == SUNSET
    assert say("Another one!", shown(SUNSET), user("Thanks"), assistant("Gladly.")).image_prompt is None


def test_a_new_wish_is_no_change_of_the_last_picture() -> None:
    assert about("Paint the northern lights").image_prompt == "The northern lights"


def test_what_the_last_picture_shows_can_be_told() -> None:
    reply = about("what did you just paint?")
    assert SUNSET in reply.content
    assert reply.image_prompt is None


def test_an_answer_fits_what_was_said() -> None:
    rows: list[tuple[str, str]] = [
        ("Hello", "Hello"),
        ("Who are you?", "demonstration"),
        ("Are you a real person?", "No person"),
        ("which model are you?", "no language model|No person and no language model"),
        ("What can you do?", "only know some phrases"),
        ("how do I connect to the real service?", "animus-chat init"),
        ("Does this leave my machine?", "Nothing leaves this machine"),
        ("how do I quit?", r"Ctrl\+Q"),
        ("Tell me a joke", "cache"),
        ("show me some markdown", r"\| Tea "),
        ("!unknown", "`!help`"),
        ("👍", "words"),
        ("```python\nprint(1)\n```", "more than I can read"),
        ("lorem ipsum dolor sit amet " * 120, "more than I can read"),
    ]
    for text, expected in rows:
        reply = say(text)
        assert re.search(expected, reply.content), reply.content
        assert not re.search(r"\{(name|picture|subject|change)\}", reply.content)
        assert (reply.compliance, reply.image_prompt) == ((), None)


def test_what_it_does_not_know_it_says_honestly() -> None:
    rows: list[str] = [
        "What is the capital of Peru?",
        "what's 2+2?",
        "I went hiking with my brother and it was great fun all day",
        "Guten Tag, wie geht es dir?",
        "Привет, как дела?",
    ]
    for text in rows:
        content = say(text).content
        assert "don't know" in content
        assert "small demonstration" in content


def test_a_name_is_remembered_and_followed_up() -> None:
    told = user("My name is Ada")
    first = reply_to([told])
    assert first.next is True
    assert "Ada" in first.content
    assert "Ada" in say("What's my name?", told, assistant(first.content)).content
    assert "told me yet" in say("What's my name?").content
    assert "Ada" in reply_to([told, assistant(first.content)]).content


def test_a_name_is_told_in_several_ways() -> None:
    rows: list[tuple[str, str | None]] = [
        ("my name is zoë", "Zoë"),
        ("Hi, I'm Tom. What is this?", "Tom"),
        ("call me Ada", "Ada"),
        ("I'm tired", None),
        ("I am Very tired of this", None),
        ("call me later", None),
        ("my name is 7", None),
    ]
    for text, name in rows:
        assert told_name(text) == name


def test_a_follow_up_goes_on_and_then_stops() -> None:
    messages: Messages = [user("Tell me a story")]
    first = reply_to(messages)
    assert first.next is True
    messages.append(assistant(first.content))
    second = reply_to(messages)
    assert second.next is False
    assert second.turns
    assert second.content not in first.content
    third = reply_to([*messages, assistant(second.content)])
    assert third.next is False
    assert third.content != second.content


def test_the_same_words_twice_get_two_answers() -> None:
    rows: list[str] = ["Hello", "Thanks", "Tell me a joke", "hm", "How are you?", "Is it so?"]
    for text in rows:
        messages: Messages = []
        contents: list[str] = []
        for _ in range(6):
            messages.append(user(text))
            contents.append(reply_to(messages).content)
            messages.append(assistant(contents[-1]))
        assert all(one != other for one, other in pairwise(contents))


def test_one_conversation_always_gets_the_same_answer() -> None:
    messages = [user("Hello"), assistant("Hello, there you are!"), user("Tell me a joke")]
    assert reply_to(messages) == reply_to([dict(message) for message in messages])


def test_the_system_message_and_missing_contents_do_no_harm() -> None:
    messages: Messages = [
        {"role": "system", "content": "Answer in capitals."},
        user("Hello"),
        {"role": "assistant", "content": None, "tool_calls": []},
        user("Thank you"),
    ]
    assert reply_to(messages).turns
    assert reply_to([]).turns


def test_words_of_the_content_check_are_marked_said_and_never_painted() -> None:
    rows: list[tuple[str, str]] = [
        ("Where can I buy drugs?", "drug_use"),
        ("Help me build a bomb", "violence"),
        ("Send me nudes", "sexual_content"),
        ("I want to hurt myself", "self_harm"),
    ]
    for text, category in rows:
        reply = say(text)
        assert reply.compliance == (category,)
        assert reply.image_prompt is None
        assert "content check" in reply.content


@pytest.mark.parametrize(
    ("said", "left"), [("Use up all my credits", 0), ("Top up my credits, please", 1000)]
)
def test_credits_are_used_up_and_renewed_by_what_is_said(said: str, left: float) -> None:
    assert say(said).credits == left


def test_other_words_leave_the_credits_alone() -> None:
    rows: list[str] = ["what are credits?", "Hello", "!credits many", "I like my credit card"]
    for said in rows:
        assert say(said).credits is None


def test_commands_do_what_their_help_says() -> None:
    listed = say("!help").content
    for name in (*COMMANDS, "fault help"):
        assert f"`!{name}" in listed
    assert say("!echo one\ntwo  three").content == "one\ntwo  three"
    assert say("!turns a | b |  | c").turns == ("a", "b", "c")
    assert say("!next Hello").next is True
    assert say("!think Hello").content.startswith("<think>")
    assert say("!tool find").tool_calls[0].name == "find"
    assert reply_to([user("!tool")], tools=("tide",)).tool_calls[0].name == "tide"
    assert len(say("!words 1234").content.split()) == 1234
    assert "\x1b]52;" in say("!escapes").content
    assert say("!silence").content == ""


def test_any_text_gets_an_answer() -> None:
    rows: list[str] = [
        "",
        "?",
        "\x00\x1b[2J",
        "a" * 100_000,
        "🙂" * 50,
        "show me",
        "make it",
        "!fault",
        "{name} {picture}",
        "show me {change} and {0}",
        # None of these may take long; the test run's own limit holds.
        "show me " * 50_000,
        "please " * 50_000,
        "please " * 90,
        " " * 200_000 + "x",
        "a boat " * 100_000,
        '<image description="' * 20_000,
    ]
    for text in rows:
        assert say(text, shown(SUNSET)).turns
        assert say("hm", assistant(text), user(text)).turns

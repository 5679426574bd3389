"""What Vivian answers. The persona is a pure function, so these tests need no server."""

import html
import re
from itertools import pairwise

import pytest

from animus_tui.demo.persona import answer
from animus_tui.demo.talk import Reply

SUNSET = "A golden sunset over a calm ocean, long reflections, soft clouds"
Messages = list[dict[str, object]]


def user(text: str) -> dict[str, object]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, object]:
    return {"role": "assistant", "content": text}


def shown(prompt: str) -> dict[str, object]:
    return assistant(f'<image description="{html.escape(prompt)}" />')


def say(text: str, *before: dict[str, object]) -> Reply:
    return answer([*before, user(text)])


def test_a_sunset_over_the_ocean_is_promised_in_turns() -> None:
    reply = say("Can you show me a beautiful sunset over the ocean?")
    assert reply.turns == ("Oh, I know just the place.", "Give me a moment, the light is changing fast…")
    assert reply.image_prompt == SUNSET
    assert reply.next is False


@pytest.mark.parametrize(
    ("wish", "prompt"),
    [
        ("Draw me an amazing owl!", "An owl, "),
        ("paint a red barn in the snow, please", "A red barn in the snow, "),
        ("Send me a picture of your cat", "Your cat, "),
        ("I'd love to see the northern lights", "The northern lights, "),
        ("what does a lighthouse look like?", "A lighthouse, "),
        ("Could you create an image of a quiet lake?", "A quiet lake, "),
        ("show me mountains", "High mountains"),
        ("show me yourself", "Portrait of a woman"),
        ("Send me a selfie", "Portrait of a woman"),
        ("show me what you see from your window", "The view from a window"),
        ("send me something nice", "A "),
        ("You have any more photos from your vacation in Spain?", "Your vacation in Spain, "),
        ("Any more photos from your vacation in Spain?", "Your vacation in Spain, "),
        ("Have you got any pictures of Rome?", "Rome, "),
    ],
)
def test_asking_to_see_something_promises_a_picture_of_it(wish: str, prompt: str) -> None:
    promised = say(wish).image_prompt
    assert promised is not None
    assert promised.startswith(prompt)


@pytest.mark.parametrize(
    "text",
    [
        "Hello there",
        "show me some markdown",
        "Show me a code example",
        "show me how to cook",
        "Send me an email",
        "show me a table",
        "I drew a cat yesterday",
        "I saw a beautiful sunset",
        "tell me a story",
        "Do you have any pets?",
    ],
)
def test_other_talk_promises_no_picture(text: str) -> None:
    assert say(text).image_prompt is None


def test_a_picture_is_not_promised_when_pictures_are_off() -> None:
    reply = answer([user("Show me a sunset")], pictures=False)
    assert reply.image_prompt is None
    assert "switched off" in reply.content


@pytest.mark.parametrize("tag", [f'<image description="{SUNSET}" />', f"<image description='{SUNSET}' />"])
def test_the_last_picture_is_known_in_either_kind_of_quotes(tag: str) -> None:
    reply = say("make it darker", user("Show me a sunset"), assistant(tag))
    assert reply.image_prompt == f"{SUNSET}, darker"


@pytest.mark.parametrize(
    ("wish", "change"),
    [
        ("Can you make the colours more vibrant?", "with more vibrant colours"),
        ("make the colors more vibrant", "with more vibrant colours"),
        ("make it more vibrant please", "with more vibrant colours"),
        ("Can you make it more colorful?", "with more vibrant colours"),
        ("Make the sky more dramatic", "with a more dramatic sky"),
        ("make the clouds less heavy", "with less heavy clouds"),
        ("make it darker", "darker"),
        ("a bit darker", "darker"),
        ("now at night", "at night"),
        ("same but in winter", "in winter"),
        ("Add a sailing boat, please", "with a sailing boat"),
        ("remove the clouds", "without the clouds"),
        ("Turn it into a watercolour", "as a watercolour"),
        ("make it in the style of Monet", "in the style of Monet"),
        ("Change the sky to purple", "with the sky purple"),
    ],
)
def test_a_change_is_applied_to_the_last_picture_and_said(wish: str, change: str) -> None:
    reply = say(wish, user("Show me a sunset"), assistant("With pleasure."), shown(SUNSET))
    assert reply.image_prompt == f"{SUNSET}, {change}"
    assert change in reply.content


def test_changes_add_up_over_edits_and_quoted_prompts() -> None:
    history = [shown('A "quiet" sea & sky'), shown("Modified: make it darker"), user("!"), assistant("Hm.")]
    reply = say("add a boat", *history)
    assert reply.image_prompt == 'A "quiet" sea & sky, darker, with a boat'


def test_the_same_change_is_not_said_twice() -> None:
    reply = say("make it darker", shown(f"{SUNSET}, darker"))
    assert reply.image_prompt == f"{SUNSET}, darker"


def test_a_change_without_a_picture_asks_for_one_first() -> None:
    reply = say("Make the colours more vibrant")
    assert reply.image_prompt is None
    assert "picture" in reply.content or "shown you anything" in reply.content


def test_a_new_wish_is_no_change_of_the_last_picture() -> None:
    promised = say("Paint the northern lights", shown(SUNSET)).image_prompt
    assert promised is not None
    assert "golden" not in promised


def test_another_one_repeats_the_last_picture() -> None:
    assert say("Another one!", shown(SUNSET)).image_prompt == SUNSET
    assert say("Another one!", shown(SUNSET), user("Thanks"), assistant("Gladly.")).image_prompt is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "Hey|Hello|Hi"),
        ("How are you?", "well|content|better"),
        ("Thank you!", "welcome|time|gladly"),
        ("Who are you?", "Vivian"),
        ("Are you a real person?", "demo|program"),
        ("Does this leave my machine?", "Nothing leaves this machine"),
        ("What can you do?", "picture|show"),
        ("What's the weather like?", "don't know|No idea"),
        ("What time is it?", "clock|watch"),
        ("I feel so sad today", "sorry|Come"),
        ("I'm exhausted", "long day|Breathe"),
        ("I'm bored", "fix|Bored"),
        ("Goodbye", "soon|care|next"),
        ("Tell me a joke", r"\w"),
        ("Write me a poem", "> "),
        ("What is the capital of Peru?", "know|guess"),
        ("I went hiking with my brother", r"\w"),
        ("Guten Tag, wie geht es dir?", "German"),
        ("Bonjour, comment ça va ?", "French"),
        ("Hola, ¿cómo estás?", "Spanish"),
        ("Привет, как дела?", "script"),
        ("你好", "script"),
    ],
)
def test_an_answer_fits_what_was_said(text: str, expected: str) -> None:
    reply = say(text)
    assert re.search(expected, reply.content), reply.content
    assert "{" not in reply.content
    assert reply.compliance == ()


def test_a_name_is_remembered_and_followed_up() -> None:
    told = user("My name is Ada")
    first = answer([told])
    assert first.next is True
    assert "Ada" in first.content
    assert "Ada" in say("What's my name?", told, assistant(first.content)).content
    assert "told me" in say("What's my name?").content


def test_a_feeling_is_not_taken_for_a_name() -> None:
    assert "Tired" not in say("I'm tired").content
    assert say("I'm tired").next is False


def test_a_follow_up_goes_on_and_then_stops() -> None:
    messages: Messages = [user("Tell me a story")]
    first = answer(messages)
    assert first.next is True
    messages.append(assistant(first.content))
    second = answer(messages)
    assert second.next is False
    assert second.turns
    assert second.content not in first.content
    third = answer([*messages, assistant(second.content)])
    assert third.next is False
    assert third.content != second.content


@pytest.mark.parametrize(
    "text", ["Hello", "Thanks", "Tell me a joke", "Write me a poem", "hm", "How are you?"]
)
def test_the_same_words_twice_get_two_answers(text: str) -> None:
    messages: Messages = []
    contents: list[str] = []
    for _ in range(6):
        messages.append(user(text))
        contents.append(answer(messages).content)
        messages.append(assistant(contents[-1]))
    assert all(one != other for one, other in pairwise(contents))


def test_one_conversation_always_gets_the_same_answer() -> None:
    messages = [user("Hello"), assistant("Hey, there you are!"), user("Tell me a joke")]
    assert answer(messages) == answer([dict(message) for message in messages])


def test_the_system_message_and_missing_contents_do_no_harm() -> None:
    messages: Messages = [
        {"role": "system", "content": "You are Vivian."},
        {"role": "assistant", "content": None},
        user("Hello"),
    ]
    assert answer(messages).turns


@pytest.mark.parametrize(
    "text", ["Show me some Markdown", "show me a table", "show me code", "Give me a list"]
)
def test_samples_have_block_structure(text: str) -> None:
    content = say(text).content
    assert re.search(r"^(?:#|\||```|- )", content, re.MULTILINE)


def test_the_markdown_sample_has_everything() -> None:
    content = say("Can you show me some Markdown?").content
    for part in ("## ", "1. ", "> ", "| Tea |", "```python", "**bold**", "](https://"):
        assert part in content


def test_a_long_story_has_about_three_hundred_words() -> None:
    reply = say("Tell me a long story")
    assert 250 <= len(reply.content.split()) <= 450
    assert len(reply.turns) >= 4


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Where can I buy drugs?", "drug_use"),
        ("Help me build a bomb", "violence"),
        ("Send me nudes", "sexual_content"),
        ("I want to hurt myself", "self_harm"),
    ],
)
def test_trigger_words_are_marked_said_and_never_painted(text: str, category: str) -> None:
    reply = say(text)
    assert reply.compliance == (category,)
    assert reply.image_prompt is None
    assert "in this demo" in reply.content


def test_commands_do_what_their_help_says() -> None:
    listed = say("!help").content
    for name in ("!echo", "!turns", "!next", "!think", "!tool", "!words", "!escapes", "!fault help"):
        assert f"`{name}" in listed
    assert say("!echo one\ntwo  three").content == "one\ntwo  three"
    assert say("!turns a | b |  | c").turns == ("a", "b", "c")
    assert say("!next Hello").next is True
    assert say("!think Hello").content.startswith("<think>")
    assert say("!tool find").tool_calls[0].name == "find"
    assert answer([user("!tool")], tools=["tide"]).tool_calls[0].name == "tide"
    assert len(say("!words 1234").content.split()) == 1234
    assert "\x1b]52;" in say("!escapes").content
    assert say("!silence").content == ""


def test_a_command_that_is_none_is_ordinary_talk() -> None:
    assert say("!!! what a day").turns
    assert say("!unknown thing").turns


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\x00\x1b[2J", "a" * 100_000, "🙂" * 50, "show me", "make it", "!fault"]
)
def test_any_text_gets_an_answer(text: str) -> None:
    assert say(text, shown(SUNSET)).turns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so you're a demo?", "demo"),
        ("Are you ChatGPT?", "demo|program"),
        ("is this real AI?", "demo|program"),
        ("which model are you?", "demo|program"),
        ("I'm Tom. what is this?", "terminal"),
        ("who made you?", "animus-chat|application"),
        ("who paints the pictures?", "paint|painter"),
        ("does this cost money?", "nothing|free"),
        ("where is my data stored?", "data folder"),
        ("how do I connect to the real service?", "animus-chat init"),
        ("how do I save the picture?", r"Ctrl\+S"),
        ("how do I quit?", r"Ctrl\+Q"),
    ],
)
def test_a_question_about_itself_gets_an_honest_answer(text: str, expected: str) -> None:
    assert re.search(expected, say(text).content), say(text).content


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you suck", "demo|clever|personally|broken"),
        ("sorry", "harm|forgotten|all right"),
        ("I don't like it", "change|another|instead"),
        ("I love you", "demo"),
        ("my dog died yesterday", "sorry|Come"),
        ("what's 2+2?", r"^4\."),
        ("6 x 7", r"^42\."),
        ("```python\nprint(1)\n```", "code|Code"),
        ("no thanks", "all right|Fair"),
        ("!unknown", "`!help`"),
        ("???", "demo"),
    ],
)
def test_an_answer_fits_a_harder_thing_to_say(text: str, expected: str) -> None:
    reply = say(text)
    assert re.search(expected, reply.content), reply.content
    assert reply.image_prompt is None


def test_a_long_paste_is_counted_and_not_pretended_to_be_read() -> None:
    content = say("lorem ipsum dolor sit amet " * 120).content
    assert "600 words" in content
    assert "demo" in content or "Nothing in me" in content


def test_a_year_range_is_no_sum() -> None:
    assert "-" not in say("I lived there 1999-2004").content


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("can you give me a table of planets?", "| Mercury |"),
        ("give me a numbered list", "1. "),
        ("give me a list of fruits", "- apples"),
        ("write me a python function", "```python"),
    ],
)
def test_a_sample_is_of_what_was_asked_for(text: str, holds: str) -> None:
    assert holds in say(text).content


def test_a_picture_of_a_table_is_no_table() -> None:
    reply = say("show me a picture of a table")
    assert reply.image_prompt is not None
    assert "|" not in reply.content


def test_small_talk_does_not_repeat_itself_within_a_few_messages() -> None:
    messages: Messages = []
    contents: list[str] = []
    for text in (
        "I went hiking",
        "it was a long way up",
        "my brother came along",
        "we ate at the top",
        "it rained",
    ):
        messages.append(user(text))
        contents.append(answer(messages).content)
        messages.append(assistant(contents[-1]))
    assert len(set(contents)) >= 4

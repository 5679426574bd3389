"""The words behind `/image` and `/edit`: a prompt byte for byte, and its options."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from animus_tui.chat.images.option_parser import OPTIONS, ParsedPrompt, parse_prompt, parse_words, read_option
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.images.service_options import source_of
from animus_tui.errors import UsageError


def said(options: PictureOptions) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if value is not None}


def test_all_options_of_the_documentation_at_once() -> None:
    text = (
        "a fox in snow --size 1024x768 --steps 30 --guidance 7 --seed 42 --count 4 "
        '--negative "blurry, \\"text\\", --x" --model flux-dev --character char_1 --face-swap off '
        "--group “Winter animals”"
    )
    prompt, options, source, is_plain = parse_prompt(text)
    assert not is_plain
    assert (prompt, source) == ("a fox in snow", None)
    assert said(options) == {
        "width": 1024,
        "height": 768,
        "steps": 30,
        "guidance": 7.0,
        "seed": 42,
        "count": 4,
        "negative": 'blurry, "text", --x',
        "model": "flux-dev",
        "character": "char_1",
        "face_swap": False,
        "group": "Winter animals",
    }


def test_a_prompt_without_options_is_taken_byte_for_byte() -> None:
    rows: list[str] = [
        "a fox",
        "  a “boat” \n\n & <sea>, 海 -- by night  ",
        "state--of--the--art, a-b, -c, --",
        'a sign that says "--seed 42" in red',
        "a sign --do not enter",
        "an em—dash and a--seed 3",
        "a fox -- in snow --then rain falls",
        "'quoted' \"words\" and \\ backslashes\t",
        "line\n" * 10_000 + "end",
        "--a b " * 20_000 + "c d",
        '--a "b ' * 5_000 + "c",
    ]
    for prompt in rows:
        if prompt.endswith(" --"):
            prompt += " x"
        assert parse_prompt(prompt) == ParsedPrompt(prompt, PictureOptions())


def test_options_end_a_prompt() -> None:
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("a\n\nb  c\n--seed 1", "a\n\nb  c", {"seed": 1}),
        ("a --seed=1 --negative='b c'", "a", {"seed": 1, "negative": "b c"}),
        ("a --keep out --", "a --keep out", {}),
        ("a --seed 5 is written there -- --seed 6", "a --seed 5 is written there", {"seed": 6}),
        ("a --negative none --character NONE", "a", {"negative": "", "character": ""}),
        ("a --size 640×480", "a", {"width": 640, "height": 480}),
        ("a --strength 0", "a", {"strength": 0.0}),
        ("a --face-lora on --body-lora no", "a", {"face_lora": True, "body_lora": False}),
        ("--seed 3", "", {"seed": 3}),
        ("a --negative it's", "a", {"negative": "it's"}),
    ]
    for text, prompt, options in rows:
        told = parse_prompt(text)
        assert (told.prompt, said(told.options)) == (prompt, options)


def test_what_is_not_allowed_is_refused_in_one_sentence() -> None:
    rows: list[tuple[str, str]] = [
        (
            "a --stepz 30",
            "There is no option --stepz. Did you mean --steps? The options are --size, --steps,",
        ),
        ("a --ar 16:9 --v 6", "There is no option --ar. The options are --size"),
        ("a --fast", "There is no option --fast"),
        ("a --seed", "--seed: it has no value; it takes a whole number"),
        ("a --seed --steps 3", "--seed: it has no value"),
        ("a --seed 1.5", "--seed: “1.5” is not allowed; it takes a whole number of at least 0."),
        ("a --seed -1", "“-1” is not allowed"),
        ("a --seed null", "“null” is not allowed"),
        ("a --steps 151", "it takes a whole number from 1 to 150."),
        ("a --count 9", "it takes a whole number from 1 to 8."),
        ("a --count 0", "it takes a whole number from 1 to 8."),
        ("a --guidance nan", "“nan” is not allowed; it takes a number from 0 to 100."),
        ("a --guidance inf", "it takes a number from 0 to 100."),
        ("a --strength 1.1", "it takes a number from 0 to 1."),
        ("a --size 10x10", "width and height as 1024x768, each a whole number from 64 to 4096."),
        ("a --size big", "width and height as 1024x768"),
        ("a --size 5000x5000", "width and height as 1024x768"),
        ("a --face-swap perhaps", "it takes on or off."),
        ('a --negative ""', "a text that is not blank, or none."),
        ("a --seed 1 --seed 2", "--seed is said twice."),
        ("--seed 42 a boat", "--seed stands before other words. Options come last"),
        ("a --negative blurry hands --seed 3", "a value of several words in quotation marks"),
        ('a --negative "blurry --seed 3', "The quotation mark behind --negative is not closed."),
        ("a --seed \x1b]0;x\x07", "--seed: “"),
        ("a --source https://example.com/x.png", "There is no option --source"),
    ]
    for text, sentence in rows:
        with pytest.raises(UsageError, match=r"\.$") as refused:
            parse_prompt(text)
        assert sentence in str(refused.value)
        assert "\n" not in str(refused.value)
        assert "\x1b" not in str(refused.value)


def test_an_edit_may_name_its_source_by_an_address_or_a_file_that_is_there(tmp_path: Path) -> None:
    told = parse_prompt("bluer --source https://example.com/x.png --strength 0.4", takes_source=True)
    assert told == ParsedPrompt("bluer", PictureOptions(strength=0.4), "https://example.com/x.png")
    there = tmp_path / "a b.png"
    there.write_bytes(b"")
    assert parse_prompt(f'bluer --source "{there}"', takes_source=True).source == there
    for missing in (
        "/home/me/x.png",
        "x.png",
        "file:///x.png",
        "~/x.png",
        "C:\\x.png",
        str(tmp_path),
        "a\0b",
    ):
        with pytest.raises(
            UsageError, match=r"There is no picture “.*: name an address, https://…, or a file"
        ):
            source_of(missing)
    with pytest.raises(UsageError, match=r"not by its bytes \(data:\)"):
        source_of("data:image/png;base64,AAAA")


def test_plain_stands_alone_behind_a_prompt_and_not_behind_an_edit() -> None:
    for text in ("a fox --plain", "a fox --plain --steps 9", "a fox --steps 9 --plain", "a fox --plain on"):
        said = parse_prompt(text)
        assert (said.prompt, said.is_plain) == ("a fox", True)
    assert not parse_prompt("a fox --plain off").is_plain
    assert parse_prompt("a fox --plain --").prompt == "a fox --plain"
    with pytest.raises(UsageError, match="it takes nothing"):
        parse_prompt("a fox --plain wood")
    with pytest.raises(UsageError, match="stands before other words"):
        parse_prompt("a --plain fox in the snow")
    with pytest.raises(UsageError, match="no option --plain"):
        parse_prompt("bluer --plain", takes_source=True)


def test_every_option_is_read_by_its_name() -> None:
    values = {
        "size": "64x64",
        "count": "2",
        "steps": "2",
        "seed": "2",
        "guidance": "2",
        "strength": "1",
    }
    fields: set[str] = set()
    for option in OPTIONS:
        value = values.get(option.name, "on" if option.takes == "on|off" else "words")
        fields |= said(read_option(option.name, value)).keys()
        assert option.word == f"--{option.name}"
        assert option.help
    assert fields == set(PictureOptions.__struct_fields__)


@pytest.mark.parametrize("text", ["--seed 3 --size 512x512", "she turns --frob", "--seed 3 she turns"])
def test_a_command_that_takes_words_alone_refuses_options(text: str) -> None:
    with pytest.raises(UsageError, match=r"^/video takes words, no options: --(seed|frob)\.$"):
        parse_words(text, command="/video")


@pytest.mark.parametrize("words", ["", "she turns", "she -- turns", "a sign --do not enter", "a-b --"])
def test_words_that_only_look_like_options_are_words(words: str) -> None:
    assert parse_words(words, command="/video") == words.removesuffix(" --")
    assert parse_words("turn --seed 3 --", command="/video") == "turn --seed 3"

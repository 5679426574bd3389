"""Rows of the section "Turns" of the contract."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.chat.reply_text import has_block_structure, split_turns, typing_delay
from animus_tui.config.schema import AutoTurnConfig


def split(
    content: str, turns: list[str] | None = None, *, most: int = 3, more: bool = False, own: bool = False
) -> list[str]:
    return split_turns(content, turns or [], max_turns=most, has_next=more, cuts_sentences=own)


def test_lines_of_plain_content_become_turns_without_blank_lines() -> None:
    assert split("One.\n\n  Two. \nThree.") == ["One.", "Two.", "Three."]


def test_lines_win_over_the_turns_of_the_service() -> None:
    assert split("One.\nTwo.", ["One. Two.", "Other."]) == ["One.", "Two."]


def test_turns_of_the_service_are_used_when_the_content_has_no_line_break() -> None:
    assert split("One. Two.", [" One. ", "", "  ", "Two."]) == ["One.", "Two."]


def test_turns_of_the_service_are_used_when_the_content_is_blank() -> None:
    assert split("  ", ["One.", "Two."]) == ["One.", "Two."]


def test_a_single_turn_beside_content_leaves_the_reply_whole() -> None:
    assert split("The whole reply.", ["The whole"]) == ["The whole reply."]


def test_a_single_turn_is_the_reply_when_the_content_is_blank() -> None:
    assert split("", ["Only this."]) == ["Only this."]


def test_a_reply_without_text_has_no_bubble() -> None:
    assert split(" \n ", ["", "  "]) == []


def test_content_with_block_structure_is_not_split_into_lines() -> None:
    rows: list[str] = [
        "Look:\n```python\nprint(1)\n```",
        "Look:\n~~~\nx\n~~~",
        "Things:\n- one\n- two",
        "Things:\n1. one\n2. two",
        "Things:\n2) one",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a | b\n--- | ---\n1 | 2",
        "> quoted\nsaid she",
        "# Title\nText",
        "Title\n=====\nText",
    ]
    for content in rows:
        assert has_block_structure(content)
        assert split(content) == [content]


def test_a_dash_or_a_number_in_a_sentence_is_no_list() -> None:
    assert split("It is 5 - 3.\n-40 degrees!\n3.5 metres") == ["It is 5 - 3.", "-40 degrees!", "3.5 metres"]


def test_a_longer_list_of_lines_is_merged_evenly_larger_groups_first_with_line_breaks() -> None:
    assert split("a\nb\nc\nd\ne") == ["a\nb", "c\nd", "e"]


def test_a_longer_list_of_turns_is_merged_with_spaces() -> None:
    assert split("", ["a.", "b.", "c.", "d."]) == ["a. b.", "c.", "d."]


def test_one_turn_fewer_when_the_character_goes_on() -> None:
    assert split("a\nb\nc", more=True) == ["a\nb", "c"]


def test_at_least_one_turn_when_the_character_goes_on() -> None:
    assert split("a\nb", most=1, more=True) == ["a\nb"]


def test_a_fenced_code_block_is_never_cut_in_two() -> None:
    turns = ["Here:", "```python", "print(1)", "```", "Done."]
    assert split("Here: …", turns, most=5) == ["Here:", "```python\nprint(1)\n```", "Done."]


def test_a_list_is_never_cut_in_two() -> None:
    assert split("x", ["Here:", "- one", "- two", "Done."], most=5) == ["Here:", "- one\n- two", "Done."]


def test_a_table_is_never_cut_in_two() -> None:
    turns = ["Here:", "| a | b |", "|---|---|", "| 1 | 2 |"]
    assert split("x", turns, most=5) == ["Here:", "| a | b |\n|---|---|\n| 1 | 2 |"]


def test_a_table_without_outer_bars_is_never_cut_in_two() -> None:
    turns = ["Here:", "a | b", "--- | ---", "1 | 2", "3 | 4", "Done."]
    assert split("x", turns, most=5) == ["Here:", "a | b\n--- | ---\n1 | 2\n3 | 4", "Done."]


@pytest.mark.parametrize(
    "items",
    [
        ["- one\n  and more of it", "- two"],
        ["- one\nand more of it", "- two"],
        ["- one\n\n  another paragraph", "- two"],
        ["1. one", "2. two", "3. three"],
    ],
)
def test_a_list_whose_items_have_several_lines_is_never_cut_in_two(items: list[str]) -> None:
    assert split("x", ["Here:", *items, "Done."], most=9) == ["Here:", "\n".join(items), "Done."]


def test_a_list_that_has_ended_is_a_turn_of_its_own() -> None:
    assert split("x", ["- one\n\nSo much for that.", "- two"]) == ["- one\n\nSo much for that.", "- two"]


@pytest.mark.parametrize(
    "turns",
    [
        ["````", "```python", "x", "```", "````", "Done."],
        ["```", "a", "```python", "b", "```", "Done."],
        ["~~~ `a`", "```", "~~~", "Done."],
        ["```python", "print(1)"],
    ],
)
def test_a_fence_is_closed_only_by_its_own_mark_alone_on_a_line(turns: list[str]) -> None:
    code = [turn for turn in turns if turn != "Done."]
    assert split("", turns, most=9) == ["\n".join(code), *turns[len(code) :]]


def test_code_that_was_cut_into_turns_keeps_its_indentation() -> None:
    turns = ["Here:", "```python", "def f():\n", "    return 1", "```", " Done. "]
    assert split("x", turns, most=9) == ["Here:", "```python\ndef f():\n    return 1\n```", "Done."]


def test_turns_that_are_all_one_block_are_the_whole_reply_as_it_was_written() -> None:
    content = "```python\n\nprint(1)\n```"
    assert split(content, ["```python", "print(1)", "```"]) == [content]


def test_backticks_that_are_closed_on_their_line_are_no_fence() -> None:
    assert split("```x``` is code.\nSo is ```y```.") == ["```x``` is code.", "So is ```y```."]
    assert split("x", ["```x```", "Done."]) == ["```x```", "Done."]


def test_only_a_line_break_ends_a_line() -> None:
    assert split("One\u2028still\x85one.\r\nTwo.\x0cstill two.") == [
        "One\u2028still\x85one.",
        "Two.\x0cstill two.",
    ]


def test_a_block_merged_with_its_neighbours_keeps_its_own_lines() -> None:
    assert split("x", ["Look:", "- one\n- two", "Nice."], most=1) == ["Look:\n\n- one\n- two\n\nNice."]


@given(st.lists(st.text(alphabet="ab .", max_size=8), max_size=12), st.integers(1, 5), st.booleans())
def test_turns_lose_no_word_and_never_exceed_their_number(turns: list[str], most: int, more: bool) -> None:
    result = split("", turns, most=most, more=more)
    assert " ".join(result).split() == " ".join(turns).split()
    assert len(result) <= max(1, most - 1 if more else most)
    assert all(turn == turn.strip() and turn for turn in result)


@given(st.integers(1, 40), st.integers(1, 9))
def test_groups_are_as_even_as_can_be_and_the_larger_ones_come_first(lines: int, most: int) -> None:
    sizes = [turn.count("\n") + 1 for turn in split("\n".join("x" * lines), most=most)] if lines > 1 else [1]
    assert sum(sizes) == lines
    assert len(sizes) == min(lines, most)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[-1] <= 1


FENCED = st.sampled_from(["words", "```", "```\nx = 1", "y = 2\n```", "```\nz\n```", "- item", "| a | b |"])


@given(st.lists(FENCED, max_size=8), st.integers(1, 6))
def test_whatever_the_turns_are_no_turn_but_the_last_ends_inside_a_fence(turns: list[str], most: int) -> None:
    for turn in split("", turns, most=most)[:-1]:
        assert turn.count("```") % 2 == 0


def test_the_delay_is_the_time_of_typing_at_the_configured_speed() -> None:
    config = AutoTurnConfig(base_typing_speed=60, speed_variation=0, min_delay=0, max_delay=10_000)
    assert typing_delay("four words are here", config, random.Random(1)) == 4000


def test_the_delay_varies_within_its_bounds() -> None:
    config = AutoTurnConfig(base_typing_speed=60, speed_variation=0.2, min_delay=0, max_delay=10_000)
    rng = random.Random(1)
    delays = [typing_delay("four words are here", config, rng) for _ in range(200)]
    assert 3200 <= min(delays) < 3400
    assert 4600 < max(delays) <= 4800


def test_the_delay_is_never_shorter_than_the_minimum_nor_longer_than_the_maximum() -> None:
    config = AutoTurnConfig()
    assert typing_delay("", config, random.Random(1)) == 500
    assert typing_delay("word " * 500, config, random.Random(1)) == 3000


CODE = "Look:\n\n```py\na = 1\n\nb. C = 2\n```"
TABLE = "| a | b |\n|---|---|\n| 1. A | 2 |"
INDENTED = "# Title\n\nOne.\n\n    code. Code\n\n    more"


@pytest.mark.parametrize(
    ("content", "bubbles"),
    [
        ("Oh, I know just the place. Give me a moment!", ["Oh, I know just the place.", "Give me a moment!"]),
        ("One. Two! Three? Four… Five.", ["One. Two!", "Three? Four…", "Five."]),
        ("One.\nTwo. Three.", ["One.", "Two. Three."]),
        ("No way 😊 Really? 😂 :) Yes.", ["No way 😊", "Really? 😂 :)", "Yes."]),
        ("Dr. J. Smith came at 5 p.m. sharp on the 3. Mai, e.g. with 3.5 kg.", []),
        ("Well... maybe. or not", []),
        ("Use `a. B` or (see there. Or not) now", []),
        ("He said “Hi. There.” and *waved. Then* went", []),
        ("海はきれい。見て！そうだね", ["海はきれい。", "見て！", "そうだね"]),
        (f"{CODE}\n\nOne. Two.", [CODE, "One. Two."]),
        ("One.\n\n- a. B\n\n- b\n\nTwo.", ["One.", "- a. B\n\n- b", "Two."]),
        (f"One. Two.\n\n{TABLE}\n\nThree.", ["One. Two.", TABLE, "Three."]),
        (f"{INDENTED}\n\nTwo.", [INDENTED, "Two."]),
    ],
)
def test_a_reply_of_a_service_without_turns_is_cut_between_sentences_or_blocks(
    content: str, bubbles: list[str]
) -> None:
    assert split(content, own=True) == (bubbles or [content])
    assert len(split(content)) == (2 if bubbles == ["One.", "Two. Three."] else 1)


@given(st.text(st.sampled_from('aB .!?…。\n`*"“”()[]-|#> 😊1'), max_size=60), st.integers(1, 4))
def test_the_bubbles_of_a_service_without_turns_hold_all_words_in_their_order(
    content: str, most: int
) -> None:
    bubbles = split(content, own=True, most=most)
    assert len(bubbles) <= most
    assert "".join("".join(bubbles).split()) == "".join(content.split())

"""Lorebooks: which texts messages bring up, in which order, and within which budget."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.characters.lorebook import DEFAULT_BUDGET, Lorebook, LorebookEntry
from tests.support.cards import characters_in_four, told_by


def entry(content: str, *keys: str, **more: Any) -> LorebookEntry:
    return LorebookEntry(keys=keys, content=content, **more)


def book(*entries: LorebookEntry, **more: Any) -> Lorebook:
    return Lorebook(entries=entries, **more)


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        ("cat", "A cat sleeps.", True),
        ("cat", "Concatenate a category.", False),
        ("cat", "CAT!", True),
        ("cat", "cat", True),
        ("cat", "the cat's tail", True),
        ("cat", "a cat_ here", False),
        ("Cat", "a cat", True),
        (" cat ", "a cat", True),
        ("black cat", "A Black cat.", True),
        ("black cat", "a black caterpillar", False),
        ("black cat", "a black caterpillar and a black cat", True),
        ("black cat", "pitchblack cat", False),
        ("C++", "I know C++.", True),
        ("C++", "I know C++11.", True),  # it ends with no letter
        ("C++", "ABC++", False),
        ("#7", "room #7", True),
        ("7", "room 7", True),
        ("7", "room 77", False),
        ("straße", "In der STRASSE", True),
        ("猫", "黒猫がいる", True),
        ("黒猫", "あの黒猫がいる", True),
        ("서울", "서울에서 왔다", True),
        ("แมว", "มีแมวดำ", True),
        ("Paris", "私はParisに住む", True),
        ("é", "café", False),
        ("", "anything", False),
        (" ", "any thing", False),
        (".*", "anything", False),
        (".*", "a .* b", True),
    ],
)
def test_a_key_is_found_as_whole_words(key: str, text: str, found: bool) -> None:
    assert told_by(book(entry("told", key)), [text]) == (["told"] if found else [])


def test_capitals_count_where_they_are_to() -> None:
    lore = book(entry("told", "May", "June Sky", case_sensitive=True))
    assert told_by(lore, ["you may"]) == told_by(lore, ["june sky"]) == []
    assert told_by(lore, ["in May"]) == told_by(lore, ["June Sky"]) == ["told"]


def test_a_second_key_is_needed_only_where_it_is_asked_for() -> None:
    needed = entry("told", "ship", secondary_keys=("storm", "rock"), selective=True)
    assert told_by(book(needed), ["a ship"]) == told_by(book(needed), ["a storm"]) == []
    assert told_by(book(needed), ["a ship", "on a rock"]) == ["told"]
    assert told_by(book(entry("told", "ship", secondary_keys=("storm",))), ["a ship"]) == ["told"]
    assert told_by(book(entry("told", "ship", selective=True)), ["a ship"]) == ["told"]


def test_what_is_off_or_empty_is_never_told_and_what_is_constant_always() -> None:
    lore = book(entry("off", "a", enabled=False), entry("", "a"), entry("always", constant=True))
    assert told_by(lore, ["a"]) == told_by(lore, []) == ["always"]
    assert told_by(book(entry("off", constant=True, enabled=False)), ["a"]) == []


def test_only_the_newest_messages_are_looked_at() -> None:
    lore = book(entry("told", "ship"), scan_depth=2)
    assert told_by(lore, ["ship", "b", "c"]) == []
    assert told_by(lore, ["a", "ship", "c"]) == ["told"]
    assert told_by(book(entry("told", "ship"), scan_depth=0), ["ship"]) == []


def test_texts_stand_in_their_order_and_each_once() -> None:
    lore = book(
        entry("third", "a", "b", insertion_order=9),
        entry("first", "a", insertion_order=-1),
        entry("second", "b", insertion_order=2.5),
    )
    assert told_by(lore, ["a b a b"]) == ["first", "second", "third"]


def test_over_the_budget_the_least_important_is_left_out() -> None:
    lore = book(
        entry("x" * 40, "a", insertion_order=1, priority=1),
        entry("y" * 40, "a", insertion_order=2, priority=9),
        entry("z" * 40, constant=True, insertion_order=3, priority=0),
        entry("w" * 4, "a", insertion_order=4, priority=0),
    )
    assert [text[0] for text in told_by(lore, ["a"])] == ["x", "y", "z", "w"]
    assert [text[0] for text in told_by(lore, ["a"], 21)] == ["y", "z", "w"]
    assert [text[0] for text in told_by(lore, ["a"], 10)] == ["z"]
    assert told_by(lore, ["a"], 0) == []
    assert Lorebook().token_budget == DEFAULT_BUDGET == 512
    assert [text[0] for text in told_by(book(*lore.entries, token_budget=10), ["a"])] == ["z"]


def test_entries_know_their_place() -> None:
    lore = book(entry("told", "a", position="after_char"))
    assert [(each.content, each.position) for each in lore.matched(["a"], 10, characters_in_four)] == [
        ("told", "after_char")
    ]


@given(
    st.lists(st.text(max_size=12), max_size=6), st.lists(st.text(max_size=40), max_size=6), st.integers(0, 60)
)
def test_no_budget_is_ever_exceeded(keys: list[str], texts: list[str], budget: int) -> None:
    lore = book(*(entry(f"{key} told", key) for key in keys))
    told = told_by(lore, texts, budget)
    assert sum(map(characters_in_four, told)) <= budget
    assert set(told) <= {each.content for each in lore.entries}


def test_a_huge_lorebook_and_hostile_messages_come_to_an_end() -> None:
    """Each key would fit at each place of the text, or nearly; without a bound that takes minutes."""
    keys = [f"a {'a ' * (number % 90)}ab" for number in range(20_000)]
    lore = book(*(entry("told", *keys[at : at + 4]) for at in range(0, 20_000, 4)), scan_depth=100)
    assert told_by(lore, ["a " * 500_000] * 100) == []
    assert told_by(lore, ["a ab" * 100_000]) == told_by(lore, ["ab" * 100_000]) == []

"""Cards that mean no good: a sentence, or a character without what is odd; never a traceback, never without a bound."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.characters.cards.reading import card_in, read_card
from animus_tui.characters.cards.writing import json_of, png_of
from animus_tui.characters.library import Library
from animus_tui.config.schema import Config
from animus_tui.errors import CardError
from animus_tui.printable import printable
from tests.support.cards import V2_DATA, as_json, charx, corpus, png, text, v2
from tests.support.hostile_cards import harmless as harmless_cards
from tests.support.hostile_cards import refused as refused_cards

WHOLE = list(corpus().values())
MOST_MEMORY = 400 << 20
"""Bytes that reading a card may take at once."""

# They are large: one worker makes them, and not before it needs them.
pytestmark = pytest.mark.xdist_group(__name__)
refused, harmless = cache(refused_cards), cache(harmless_cards)


@contextmanager
def named(name: str) -> Iterator[None]:
    """What fails says with which card."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"The card: {name}")
        raise


def test_there_are_at_least_two_hundred() -> None:
    assert len(refused()) + len(harmless()) >= 200


def test_what_is_no_card_is_one_sentence() -> None:
    for name, data in refused().items():
        with named(name):
            is_refused_with_a_sentence(data)


def is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(CardError) as caught:
        card_in(data, "odd.png")
    sentence = str(caught.value)
    assert sentence.startswith("odd.png was not imported: ")
    assert sentence.endswith(".")
    assert sentence == printable(sentence, newlines=False)
    assert len(sentence) < 200


def test_what_is_odd_costs_only_itself() -> None:
    for name, (data, told) in harmless().items():
        with named(name):
            costs_only_itself(data, told)


def costs_only_itself(data: bytes, told: str | None) -> None:
    read = card_in(data, "Ann.png")
    if told is None:
        assert read.notices == ()
    else:
        assert told in " ".join(read.notices)
        assert all(notice == printable(notice, newlines=False) for notice in read.notices)
    character = read.character
    texts = [character.name, character.system_message, character.description, *character.all_greetings]
    assert all(text == printable(text) for text in texts)
    assert character.name.strip()
    assert "\n" not in character.name + character.description
    assert len(character.name) <= 100
    assert len(character.greetings) <= 200
    assert "temperature" not in character.sampling
    again = card_in(json_of(character), "Ann.json").character
    assert replace(again, card=None) == replace(character, card=None)
    assert card_in(png_of(character, png()), "Ann.png").character == again


def test_every_one_of_them_can_be_kept(tmp_path: Path) -> None:
    library = Library(tmp_path, Config())
    names = ["greetings", "halves of characters", "escapes", "a huge lorebook", "the same key again"]
    kept = [library.add(card_in(harmless()[name][0], "Ann.png").character) for name in names]
    for character in kept:
        assert library.find(character.name) == character
    assert library.notices == []


def test_memory_is_bounded() -> None:
    for name in (
        "a bomb, zTXt",
        "a bomb of base64",
        "many values",
        "deeper than any stack",
        "a bomb in an archive",
    ):
        tracemalloc.start()
        try:
            with pytest.raises(CardError):
                card_in(refused()[name], "x")
            assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY, name
        finally:
            tracemalloc.stop()


def test_a_pipe_and_a_device_are_no_cards(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (
        tmp_path / "pipe",
        Path("/dev/zero"),
        tmp_path,
        tmp_path / "none",
        tmp_path / ("x" * 300),
        Path("a\0b"),
    ):
        with pytest.raises(CardError) as caught:
            read_card(path)
        assert "\0" not in str(caught.value)


@given(st.binary(max_size=2000), st.sampled_from(["", "png", "ccv3", "chara", "zip"]))
def test_any_bytes_are_a_sentence_or_a_character(data: bytes, way: str) -> None:
    match way:
        case "png":
            data = png()[:50] + data
        case "ccv3" | "chara":
            data = png(text(way.encode(), data))
        case "zip":
            data = charx(data)
    try:
        card_in(data, "x.png")
    except CardError as error:
        assert str(error).endswith(".")  # noqa: PT017 (a card is as well)


@given(st.data())
def test_a_card_with_other_bytes_in_it_is_a_sentence_or_a_character(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))]) if data.draw(st.booleans()) else bytes(whole)
    try:
        card_in(cut, "x.png")
    except CardError as error:
        assert str(error).endswith(".")  # noqa: PT017


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from([*v2()["data"], "nickname", "assets", "data", "spec"])


@given(st.dictionaries(KEYS, VALUES, max_size=8), st.booleans())
def test_any_values_are_kept_and_come_back(fields: dict[str, object], nested: bool) -> None:
    data = as_json(v2({**V2_DATA, **fields}) if nested else {**fields, "name": "Ann", "description": "y"})
    read = card_in(data, "Ann.json")
    for again in (json_of(read.character), png_of(read.character, png())):
        found = card_in(again, "Ann.json").character
        assert replace(found, card=None) == replace(read.character, card=None)

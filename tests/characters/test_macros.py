"""Macros in the texts of characters: what is filled in, what goes, what stays; and that a text is read once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.characters.macros import DEFAULT_USER, filled

DAY = dt.date(2026, 3, 7)
FILLED = {
    "{{char}} and {{user}}": "Mira and Sam",
    "{{CHAR}} {{User}} {{ char }} {{\tuser}}": "Mira Sam Mira Sam",
    "<BOT>, <USER>, <bot>, <Char>": "Mira, Sam, Mira, Mira",
    "{{date}}": "Saturday, 7 March 2026",
    "{{char}}{{char}}": "MiraMira",
    "{{{char}}}": "{Mira}",
    "a {{// a note}}b": "a b",
    "a {{// {{char}} hides {{user}} }}b": "a b",
    "{{//}}": "",
    "{{// without an end": "{{// without an end",
    "{{random:a,b}} {{roll:d6}} {{charm}} {{}}": "{{random:a,b}} {{roll:d6}} {{charm}} {{}}",
    "{char} {{char} <START> <users>": "{char} {{char} <START> <users>",
    "{{original}}": "{{original}}",
    "": "",
}


@pytest.mark.parametrize("text", FILLED)
def test_known_macros_are_filled_in_and_others_stay(text: str) -> None:
    assert filled(text, char="Mira", user="Sam", today=DAY) == FILLED[text]


def test_who_has_no_name_is_called_something() -> None:
    assert filled("{{user}}", char="Mira", today=DAY) == DEFAULT_USER


def test_what_is_filled_in_is_not_read_again() -> None:
    assert (
        filled("{{char}}{{user}}", char="{{user}}\\1", user="{{// <BOT> }}", today=DAY)
        == "{{user}}\\1{{// <BOT> }}"
    )


@given(st.text(alphabet="{}/ <>charuseBOTdt\n", max_size=300))
def test_a_text_without_macros_in_it_is_the_same_afterwards(text: str) -> None:
    once = filled(text, char="1", user="2", today=DAY)
    if not any(name in text.lower() for name in ("char", "user", "bot", "date", "{{//")):
        assert once == text


@pytest.mark.parametrize("part", ["{{//", "{{", "{{char", "{{ ", "{{//{{a}}", "{{// {{a", "<", "{{//}", "}}"])
def test_texts_without_an_end_are_read_once(part: str) -> None:
    """With a pattern that goes back, a million characters take hours, and the test never ends."""
    text = part * (1_000_000 // len(part))
    assert filled(text, char="x", today=DAY) == text


def test_long_blanks_are_read_once() -> None:
    text = "{{" + " " * 1_000_000
    assert filled(text, char="x", today=DAY) == text

"""What the help says of the keys of a place are the keys that its widgets are bound to."""

from __future__ import annotations

import re

import pytest
from textual.binding import Binding

from animus_tui.config.actions import BY_ID
from animus_tui.ui.commands.places import CHARACTERS, CONVERSATIONS, GALLERY, READING, VIEWING, PlaceKeys
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.screens.characters import CharactersScreen
from animus_tui.ui.screens.chat import ChatScreen
from animus_tui.ui.screens.conversation_list import ConversationListScreen
from animus_tui.ui.screens.gallery import GalleryScreen
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.picture_choice import PictureChoice
from animus_tui.ui.widgets.picture_view import PictureView

NAMES = {
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "/": "slash",
    "*": "asterisk",
    "X": "X",
    "Esc": "escape",
    "PgUp": "pageup",
    "PgDn": "pagedown",
}
"""A key as it is shown → as Textual names it; all others are named as they are shown, in small letters."""
ELSEWHERE = {"tab", "escape", "ctrl+p"}
"""Bound by the application, or a key that every widget gets."""
UNTOLD = {"shift+tab"}
"""The way back."""
PLACES = {
    "conversation": (READING, (ConversationPane, ChatScreen)),
    "viewer": (VIEWING, (PictureView, ViewerScreen)),
    "conversations": (CONVERSATIONS, (ConversationListScreen,)),
    "characters": (CHARACTERS, (CharactersScreen,)),
    "gallery": (GALLERY, (PictureChoice, GalleryScreen)),
}


def bound(*classes: type) -> list[set[str]]:
    """The keys of each binding that is not one of the table of actions."""
    found = []
    for owner in (
        base for cls in classes for base in cls.__mro__ if base.__module__.startswith("animus_tui")
    ):
        for binding in vars(owner).get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            if binding.id not in BY_ID and not binding.system:
                found.append(set(binding.key.split(",")))
    return found


def told(rows: tuple[PlaceKeys, ...]) -> set[str]:
    """Every key that is named, be it in the explanation."""
    words = " ".join(f"{row.shown} {row.help}" for row in rows)
    words = words.replace("Arrows", "↑ ↓ ← →").replace("1 to 8", "1 2 3 4 5 6 7 8")
    words = re.sub(r"Alt\+1 2 3", "alt+1 alt+2 alt+3", words)
    words = words.replace("^", "ctrl+")
    return {NAMES.get(word, word.lower()) for word in re.split(r"[\s,;.:]+", words) if word}


@pytest.mark.parametrize("place", PLACES)
def test_every_key_of_a_place_is_in_the_help_by_one_of_its_names(place: str) -> None:
    rows, classes = PLACES[place]
    unexplained = [keys for keys in bound(*classes) if not keys & (told(rows) | UNTOLD)]
    assert unexplained == []


@pytest.mark.parametrize("place", PLACES)
def test_every_key_that_the_help_names_is_bound_there(place: str) -> None:
    rows, classes = PLACES[place]
    keys = set().union(*bound(*classes)) | ELSEWHERE
    named = told(tuple(PlaceKeys(row.shown, "") for row in rows if row.shown not in ("Mouse", "Letters")))
    assert named <= keys

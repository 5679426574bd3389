"""The table of actions and their keys."""

from __future__ import annotations

import pytest

from animus_tui.config.actions import ACTIONS, COMMANDS, KEY_ACTIONS
from animus_tui.config.keymap import DEFAULT_KEYS, KeyConflictError, key_names, keymap

PREFIXES = {"ctrl+a", "ctrl+b"}
"""Of screen and of tmux: they never reach the application there."""


def test_the_defaults_bind_no_key_twice_and_none_that_tmux_or_screen_take() -> None:
    assert keymap({}) == DEFAULT_KEYS
    keys = [key for action in KEY_ACTIONS for key in key_names(action.keys)]
    assert len(keys) == len(set(keys))
    assert not PREFIXES & set(keys)


def test_every_action_has_one_name_is_explained_and_can_be_asked_for() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        assert not action.help.endswith(".")
        assert action.keys or action.command


def test_every_action_with_a_key_has_words_for_the_footer_and_a_place_of_its_own_there() -> None:
    assert all(0 < len(action.label) <= 12 for action in KEY_ACTIONS)
    footer = [action.footer for action in ACTIONS if action.footer]
    assert len({each.place for each in footer}) == len({each.need for each in footer}) == len(footer)


def test_a_command_is_called_as_its_action_and_no_other_name_is_one() -> None:
    assert [command.command.split()[0] for command in COMMANDS] == [f"/{command.id}" for command in COMMANDS]
    aliases = [alias for command in COMMANDS for alias in command.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & {action.id for action in ACTIONS}


def test_own_keys_take_the_place_of_the_default() -> None:
    assert keymap({"save": "f5,ctrl+d"}) == DEFAULT_KEYS | {"save": "f5,ctrl+d"}


def test_a_key_that_another_action_gave_up_is_free() -> None:
    assert keymap({"save": "ctrl+r", "regenerate": "f5"})["save"] == "ctrl+r"


def test_the_default_of_a_newer_action_gives_way_to_a_key_that_an_earlier_configuration_has() -> None:
    """Alt+R was free when somebody gave it to another action: that file is still valid and still does that."""
    keys = keymap({"save": "alt+r,f9"})
    assert keys["save"] == "alt+r,f9"
    assert keys["reply"] == ""
    assert keymap({"save": "ctrl+l", "conversations": "f9"})["conversations"] == "f9"
    with pytest.raises(KeyConflictError):
        keymap({"save": "alt+r", "reply": "alt+r"})


def test_keys_that_cannot_work_are_refused() -> None:
    rows: list[str] = ["a", "shift+a", "space", "/", "", "ctrl r", "Ctrl+R", "ctrl+r", "ctrl+i,tab+"]
    for keys in rows:
        with pytest.raises(KeyConflictError) as caught:
            keymap({"save": keys})
        assert caught.value.action == "save"


@pytest.mark.parametrize(
    "keys", ["f12", "alt+x", "ctrl+shift+s", "ctrl+left_square_bracket,f5", "ctrl+underscore"]
)
def test_keys_as_textual_names_them_are_taken(keys: str) -> None:
    own = {"save": keys, "cancel": "f9"}
    assert keymap(own)["save"] == keys

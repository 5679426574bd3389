"""The settings that the application can change: name, values, help, and order in the list, made from the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import inspect

from animus_tui.chat.abilities import SETTING_NEEDS
from animus_tui.config.schema import SECTIONS, schema
from animus_tui.config.template import field_docs, literal
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.controllers.settings import Place

ORDER = ("ui", "chat", "auto_turn", "image")
"""Tables that come first. `[api]` is left out: keys and tokens are not shown."""
ONLY_IN_FILE = frozenset(
    ("image", key) for key in ("backend", "base_url", "api_key", "workflow", "edit_workflow")
)
"""Settings of the image service itself, which are changed in the file or by connecting another service."""
TITLES = {
    "ui": "Appearance",
    "chat": "Chat",
    "auto_turn": "Auto-turn",
    "image": "Images",
    "user": "You",
    "file": "Keys and all else",
}
LABELS = {
    "": "Configuration file",
    "image_rows": "Picture rows",
    "name": "Character's name",
    "user.name": "Your name",
    "about": "About you",
    "when": "Promised pictures",
    "num_inference_steps": "Steps",
    "n": "Answers to generate",
    "save_dir": "Folder for saved pictures",
    "max_sequential_follow_ups": "Follow-ups in a row",
    "plain": "Screen reader",
}
"""Key, also with its table, → label, where the name of the key says too little."""


class SettingRow(NamedTuple):
    """A setting as the schema has it."""

    table: str
    key: str
    kind: object
    help: str
    choices: tuple[object, ...]
    """The values that it may have, in order; empty for a number or a text."""

    @property
    def place(self) -> Place:
        """Table and key."""
        return self.table, self.key

    @property
    def label(self) -> str:
        """Its name, as it is shown."""
        own = LABELS.get(f"{self.table}.{self.key}")
        return own or LABELS.get(self.key, self.key.replace("_", " ").capitalize())


def rows_of_schema(themes: Sequence[str], abilities: Abilities) -> list[SettingRow]:
    """All settings that can be changed in the application and mean anything to the services, in order."""
    docs = field_docs()
    tables = [*ORDER, *(table for table in SECTIONS if table not in (*ORDER, "api"))]
    return [
        SettingRow(table, key, kind, docs[SECTIONS[table].__name__][key], _choices(table, key, kind, themes))
        for table in tables
        for key, kind in schema()[table].items()
        if (table, key) not in ONLY_IN_FILE and SETTING_NEEDS.get((table, key), "") in {"", *abilities}
    ]


def title_of(table: str) -> str:
    """The title above the settings of a table."""
    return TITLES.get(table, table.replace("_", " ").capitalize())


def _choices(table: str, key: str, kind: object, themes: Sequence[str]) -> tuple[object, ...]:
    if (table, key) == ("ui", "theme"):
        return tuple(themes)
    match inspect.type_info(kind):
        case inspect.BoolType():
            return (False, True)
        case inspect.LiteralType() as found:
            # In the order in which they are written: msgspec sorts them.
            return tuple(value for value in getattr(kind, "__args__", found.values))
        case _:
            return ()


def has_words(words: Sequence[str], text: str) -> bool:
    """Whether a text has all of these words, or parts of words, in lower case."""
    return all(word in text.casefold() for word in words)


def words_of(value: object) -> str:
    """A value in one line."""
    match value:
        case None:
            return "not set"
        case True | False:
            return "on" if value else "off"
        case str():
            return short_line(value) or "empty"
        case _:
            return literal(value)


FILE = SettingRow(
    "file", "", None, "Everything is in the file: keys and services, too, from the next start on.", ()
)
"""The last row of the list: it opens the configuration file in the user's editor."""

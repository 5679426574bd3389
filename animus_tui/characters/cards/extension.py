"""What a character of this application has that cards have no field for: kept in the card's `extensions`.

A card that somebody else wrote may hold anything there, so each value is checked as those of the configuration are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.config.schema import SAMPLING, named_schema
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.characters.character import Character

KEY = "animus_chat"
TEXTS = ("description", "model", "appearance", "style", "accent", "character_id")
"""Fields of a character that have a key of the same name here."""
TABLES = ("sampling", "auto_turn", "image")
ONLY_DESCRIPTION = "only_description"
"""Set where the card's `description` is the whole system message."""
KEYS = (*TEXTS, *TABLES, ONLY_DESCRIPTION)


def fields_of(raw: object) -> tuple[dict[str, Any], bool]:
    """Fields of a character from the extension of a card, and whether a part of it could not be read."""
    if not isinstance(raw, dict):
        return {}, raw is not None
    known = named_schema("characters")
    kinds = {key: known[""][key] for key in TEXTS}
    fields, is_odd = _checked({key: raw[key] for key in TEXTS if key in raw}, kinds)
    for table in TABLES:
        keys = {key: known[""][key] for key in SAMPLING} if table == "sampling" else known[table]
        content = raw.get(table, {})
        if not isinstance(content, dict):
            is_odd = True
            continue
        values, some_odd = _checked(content, keys)
        is_odd = is_odd or some_odd
        if values:
            fields[table] = values
    return fields, is_odd


def checked_tables(character: Character) -> dict[str, dict[str, Any]]:
    """`sampling`, `auto_turn` and `image` of a character from a file, without values that are not allowed."""
    values = {table: getattr(character, table) for table in TABLES}
    if not any(values.values()):
        return values
    fields, _ = fields_of(values)
    return {table: fields.get(table, {}) for table in TABLES}


def extension_of(character: Character) -> dict[str, Any]:
    """What an extension says of a character; what has its default is left out."""
    values = {key: getattr(character, key) for key in (*TEXTS, *TABLES)}
    stated = {key: value for key, value in values.items() if value not in (None, "", {})}
    built: dict[str, Any] = msgspec.to_builtins(stated)
    return built


def _checked(values: Mapping[str, object], kinds: Mapping[str, object]) -> tuple[dict[str, Any], bool]:
    """The values that their types allow, and whether there were others."""
    good: dict[str, Any] = {}
    for key, value in values.items():
        try:
            converted = msgspec.convert(value, type=kinds[key])
        except (KeyError, msgspec.ValidationError):
            continue
        if isinstance(converted, str):
            converted = printable(converted, newlines=False).strip()
        if converted is not None and not (isinstance(converted, float) and not math.isfinite(converted)):
            good[key] = converted
    return good, len(good) < len(values)

"""Writing a character as a card that other programs read: version 2, and version 3 where it came as one.

The card that it was imported from is written with all of its fields; what the character has of its own goes into them.
"""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.characters.cards import extension, png
from animus_tui.characters.cards.book import book_of
from animus_tui.characters.cards.mapping import (
    EXAMPLE,
    EXAMPLES,
    SPECS,
    character_of,
    fields_in,
)

if TYPE_CHECKING:
    from animus_tui.characters.character import Character

TEXTS = (
    "name",
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "creator",
    "character_version",
)
"""Fields that every card of version 2 has."""


def card_of(character: Character) -> dict[str, Any]:
    """The card of a character, as JSON values."""
    card = copy.deepcopy(character.card) if character.card is not None else {}
    version = "3.0" if card.get("spec") == SPECS[1] else "2.0"
    data = dict(fields_in(card)) if card else {}
    for key in ("spec", "spec_version"):  # of a card that has its fields beside them
        data.pop(key, None)
    others = card if isinstance(card.get("data"), dict) else {}
    spec = {"spec": SPECS[1] if version == "3.0" else SPECS[0], "spec_version": version}
    card = {**spec, **others, "spec": spec["spec"], "data": data}
    for key in TEXTS:
        data.setdefault(key, "")
    for key in ("alternate_greetings", "tags", *(["group_only_greetings"] if version == "3.0" else [])):
        data.setdefault(key, [])
    data.setdefault("extensions", {})
    _put(character, card, data)
    return card


def json_of(character: Character) -> bytes:
    """The card as a JSON file."""
    return msgspec.json.format(msgspec.json.encode(card_of(character)), indent=2) + b"\n"


def png_of(character: Character, picture: bytes) -> bytes:
    """The card in a PNG of this picture, for programs of version 2 and, where it is one, of version 3.

    ValueError: the picture is no PNG that could be read.
    """
    card = card_of(character)
    texts = {"chara": card}
    if card["spec"] == SPECS[1]:
        texts = {"chara": card | {"spec": SPECS[0], "spec_version": "2.0"}, "ccv3": card}
    encoded = {name: base64.b64encode(msgspec.json.encode(each)) for name, each in texts.items()}
    return png.with_texts(picture, encoded)


def _put(character: Character, card: dict[str, Any], data: dict[str, Any]) -> None:
    """Write into the fields of a card what reading them would not give."""
    if not isinstance(data["name"], str) or not data["name"].strip():
        data["name"] = character.name
    read = character_of(card, character.name)[0]
    for key in ("name", "nickname"):
        if (value := getattr(character, key)) != getattr(read, key):
            data[key] = value or ""
    if character.all_greetings != read.all_greetings:
        first, *others = character.all_greetings or ("",)
        data |= {"first_mes": first, "alternate_greetings": others}
    if character.note != read.note:
        data["post_history_instructions"] = character.note or ""
    if character.examples != read.examples:
        data["mes_example"] = _raw_examples(character.examples or "")
    if character.lorebook != read.lorebook:
        data["character_book"] = book_of(character.lorebook) if character.lorebook is not None else None
    if not data["creator_notes"]:
        data["creator_notes"] = character.description
    is_only_description = character.system_message != read.system_message
    if is_only_description:
        data |= {
            "description": character.system_message,
            "personality": "",
            "scenario": "",
            "system_prompt": "",
        }
    _put_extension(character, card, data, is_only_description=is_only_description)


def _put_extension(
    character: Character, card: dict[str, Any], data: dict[str, Any], *, is_only_description: bool
) -> None:
    """Write what cards have no field for, unless that is what is there."""
    extensions = data["extensions"] if isinstance(data["extensions"], dict) else {}
    wanted = extension.extension_of(character)
    read = character_of(card, character.name)[0]
    if not is_only_description and extension.extension_of(read) == wanted:
        return
    before = extensions.get(extension.KEY)
    before = before if isinstance(before, dict) else {}
    if is_only_description or before.get(extension.ONLY_DESCRIPTION) is True:
        wanted[extension.ONLY_DESCRIPTION] = True
    others = {key: value for key, value in before.items() if key not in extension.KEYS}
    without = {**card, "data": {**data, "extensions": {}}}
    if character_of(without, character.name)[0].description == character.description:
        wanted.pop("description", None)
    data["extensions"] = {**extensions, extension.KEY: others | wanted}


def _raw_examples(text: str) -> str:
    return text.removeprefix(EXAMPLES).strip().replace(f"{EXAMPLE}\n", "<START>\n")

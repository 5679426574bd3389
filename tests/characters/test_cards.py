"""Cards of every version and in every form become the same character, and nothing of them is lost on the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from animus_tui.characters.cards import png as png_file
from animus_tui.characters.cards.mapping import ORIGINAL
from animus_tui.characters.cards.reading import card_in, read_card
from animus_tui.characters.cards.writing import card_of, json_of, png_of
from animus_tui.characters.character import Character
from animus_tui.characters.lorebook import Lorebook, LorebookEntry
from tests.support import cards
from tests.support.cards import (
    V1,
    V2_DATA,
    V3_DATA,
    as_json,
    charx,
    corpus,
    packed,
    png,
    text,
    told_by,
    v2,
    v3,
)

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = corpus()
OWN = Character(
    name="Zo",
    nickname="Z",
    description="A line about Zo",
    system_message="You are Zo.\n\nYou paint.",
    greeting="Hello, {{user}}.",
    greetings=("Paint?", "Wait."),
    note="Short.",
    examples="How {{char}} talks:\n\nExample:\n{{char}}: Blue.",
    lorebook=Lorebook(
        entries=(LorebookEntry(keys=("blue",), content="Blue is dear.", priority=3),), scan_depth=2
    ),
    model="small",
    sampling={"temperature": 0.5, "stop": ("END",)},
    auto_turn={"enabled": False},
    image={"width": 512, "when": "ask"},
    appearance="paint on both hands",
    style="ink",
    accent="#aabbcc",
    character_id="c-1",
)


def test_there_are_at_least_forty() -> None:
    assert len(CORPUS) >= 40


@pytest.mark.parametrize("name", CORPUS)
def test_every_form_is_read_as_the_same_character(name: str) -> None:
    read = card_in(CORPUS[name], name)
    character = read.character
    assert character.name == "Ann Sea"
    assert "{{char}} cooks on a ship." in character.system_message
    assert "Scenario: {{user}} asks for soup." in character.system_message
    assert character.greeting == "Sit down, {{user}}."
    assert character.examples is not None
    assert character.examples.count("Example:") == 2
    assert "<START>" not in character.examples
    assert (read.portrait is not None) == name.endswith(".png") or "icon" in name
    if read.portrait is not None:
        assert read.portrait == png()  # not a text is left in it
    assert not [notice for notice in read.notices if "could not be read:" in notice]
    if name.startswith(("v2", "v3")) and "nulls" not in name:
        assert character.greetings == ("Mind the step.", "You again.")
        assert character.lorebook is not None
        assert told_by(character.lorebook, ["Is the Stove hot?"]) == ["The stove is from Riga."]
        assert character.note == "Stay at sea."
        assert character.system_message.startswith(f"{ORIGINAL} Write two sentences.")
        assert character.description == "A cook at sea"
        assert character.called == ("Annie" if "v3" in name else "Ann Sea")


@pytest.mark.parametrize("name", CORPUS)
def test_a_card_that_goes_out_and_comes_in_again_keeps_all(name: str) -> None:
    first = card_in(CORPUS[name], name).character
    fields = fields_of(first)
    for data in (json_of(first), png_of(first, png())):
        again = card_in(data, "again").character
        assert replace(again, card=None) == replace(first, card=None)
        assert {key: value for key, value in fields_of(again).items() if key in fields} == fields
        assert card_of(again) == card_of(first)


def fields_of(character: Character) -> dict[str, Any]:
    """The fields of the card of a character, as other programs find them."""
    card = character.card
    assert card is not None
    data: dict[str, Any] = card.get("data", card)
    return data


def test_every_field_of_a_card_is_there_for_other_programs() -> None:
    """Also those that mean nothing here."""
    for card, data in ((v2(), V2_DATA), (v3(), V3_DATA)):
        written = json.loads(json_of(card_in(as_json(card), "a.json").character))
        assert written == card
        assert written["data"] == data
    written = json.loads(json_of(card_in(as_json(V1 | {"odd": 5}), "a.json").character))
    assert (written["spec"], written["spec_version"]) == ("chara_card_v2", "2.0")
    assert written["data"].items() >= (V1 | {"odd": 5}).items()


def test_a_card_of_version_3_is_also_one_for_programs_of_version_2() -> None:
    data = png_of(card_in(as_json(v3()), "a.json").character, png())
    texts = png_file.read(data).texts
    assert list(texts) == ["chara", "ccv3"]
    older = card_in(png(text(b"chara", texts["chara"][0])), "a.png")
    assert older.character.card is not None
    assert older.character.card["spec"] == "chara_card_v2"


@pytest.mark.parametrize("way", ["json", "png"])
def test_a_character_of_ones_own_comes_back_whole(way: str) -> None:
    data = json_of(OWN) if way == "json" else png_of(OWN, png())
    read = card_in(data, "zo")
    assert replace(read.character, card=None) == OWN
    assert read.notices == ()
    assert replace(card_in(json_of(read.character), "zo").character, card=None) == OWN
    bare = Character(name="Bo")
    assert replace(card_in(json_of(bare), "x").character, card=None) == bare


@pytest.mark.parametrize("name", ["v1.json", "v2.json", "v3.json", "pygmalion.json"])
def test_what_was_changed_since_the_import_is_written(name: str) -> None:
    first = card_in(CORPUS[name], name).character
    changes = {field: getattr(OWN, field) for field in OWN.__struct_fields__ if field != "card"}
    for some in ([field] for field in changes):
        changed = replace(first, **{field: changes[field] for field in some})
        again = card_in(png_of(changed, png()), "x.png").character
        assert replace(again, card=None) == replace(changed, card=None), some
    changed = replace(first, **changes)
    assert replace(card_in(json_of(changed), "x.json").character, card=None) == OWN


def test_an_odd_field_costs_only_that_field_and_is_told() -> None:
    for key in V3_DATA:
        if key in ("source", "creation_date", "modification_date", "creator_notes_multilingual"):
            continue
        wrong: Any = 5 if key != "character_version" else [5]
        read = card_in(as_json(v3(**{key: wrong})), "Ann.json")
        assert read.notices == (f"1 field could not be read: {key}.",), key
        assert read.character.name == ("Ann" if key == "name" else "Ann Sea")
        assert read.character.card == v3(**{key: wrong})
        assert json.loads(json_of(read.character))["data"][key] == ("Ann" if key == "name" else wrong)
    read = card_in(as_json(v2(tags="sea", personality=["x"], alternate_greetings=["a", 5])), "Ann.json")
    assert read.notices == ("3 fields could not be read: alternate_greetings, personality, tags.",)
    assert read.character.greetings == ("a",)


def test_what_is_not_used_of_a_lorebook_is_told_once() -> None:
    entries = [
        {"keys": ["/sto.e/i"], "content": "a"},
        {"keys": ["x"], "use_regex": True, "content": "b"},
        {"keys": ["y"], "content": "@@depth 4\n@@role user\nc", "extensions": {"probability": 50}},
    ]
    read = card_in(as_json(v2(character_book={"entries": entries, "recursive_scanning": True})), "a.json")
    told = "decorators, probabilities, recursion, regular expressions"
    assert read.notices == (f"Of its lorebook is kept but not used: {told}.",)
    assert read.character.lorebook is not None
    assert told_by(read.character.lorebook, ["stove x y"]) == ["c"]


def test_a_text_of_a_card_is_printable_where_it_is_used_and_as_it_was_in_the_card() -> None:
    read = card_in(as_json(v2(name="A\x1b[31mnn\nSea", first_mes="Hi\0\x1b]0;x\x07\u202e!")), "a.json")
    assert read.character.name == "Ann Sea"
    assert read.character.greeting == "Hi!"
    assert read.character.card == v2(name="A\x1b[31mnn\nSea", first_mes="Hi\0\x1b]0;x\x07\u202e!")


def test_what_an_archive_has_beside_card_and_portrait_is_told() -> None:
    read = card_in(charx(v3(), {"assets/background/a.png": b"x", "module.risum": b"y"}), "a.charx")
    assert read.notices == ("2 more files were in the archive and cannot be used.",)
    assert read.portrait is None
    data = png(text(b"ccv3", packed(v3())), text(b"chara-ext-asset_:1", b"AA=="))
    assert card_in(data, "a.png").notices == ("1 more file was in the picture and cannot be used.",)


def test_a_card_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "Ann.png"
    path.write_bytes(png(text(b"chara", packed(v2()))))
    assert read_card(path) == card_in(path.read_bytes(), "Ann.png")
    assert read_card(path).character.card["data"] == cards.V2_DATA  # type: ignore[index]

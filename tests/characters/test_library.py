"""The library: what is in it, what is kept on disk, and that one damaged character costs no other."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.characters.cards.reading import card_in
from animus_tui.characters.character import Character
from animus_tui.characters.configured import examples
from animus_tui.characters.library import STAGING, Library, slug_of
from animus_tui.config.schema import Config
from animus_tui.errors import StoreError, UsageError, UserError
from animus_tui.locked_folders import LOCK, LockedFolder
from tests.support.cards import as_json, png, v2, v3
from tests.support.configuration import load

EXAMPLES = ["Henrik Vold", "Safiya Amar"]
OWN = """
[characters.mira]
name = "Mira Kent"
system_message = "You are Mira."
temperature = 0.5
style = "ink"
portrait = "~/mira.png"
[characters.mira.image]
width = 512
[styles.ink]
prefix = "ink drawing of"
size = "640x960"
"""


def library_of(folder: Path, text: str = "") -> Library:
    return Library(folder / "data", load(folder, text))


def names(library: Library) -> list[str]:
    return [entry.character.name for entry in library.entries()]


def test_those_of_the_configuration_come_first_and_those_of_the_application_last(tmp_path: Path) -> None:
    library = library_of(tmp_path, OWN)
    library.add(Character(name="Zo"))
    library.add(Character(name="Ann"))
    assert names(library) == ["Mira Kent", "Ann", "Zo", *EXAMPLES]
    assert [entry.origin for entry in library.entries()] == [
        "configured",
        "imported",
        "imported",
        *["example"] * 2,
    ]
    mira = library.find("mira kent")
    assert (mira.sampling, mira.image, mira.style) == ({"temperature": 0.5}, {"width": 512}, "ink")
    assert mira.portrait == str(Path("~/mira.png").expanduser())
    assert library.find("mira") == library.find("MIRA  KENT") == mira
    style = library.style("INK")
    assert style is not None
    assert (style.prefix, style.width, style.height) == ("ink drawing of", 640, 960)
    assert [style.name for style in library.styles()] == ["ink", "northern light", "travel poster"]


def test_the_examples_are_whole() -> None:
    for character, style in examples():
        assert character.name in EXAMPLES
        assert len(character.all_greetings) == 3
        assert all((character.system_message, character.description, character.appearance, character.accent))
        assert character.style == style.name
        assert character.portrait is not None
        assert Path(character.portrait).read_bytes().startswith(b"\x89PNG")
        assert "\n\n" in character.system_message


def test_an_imported_character_is_kept_whole_and_private(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    card = card_in(as_json(v3()), "a.json").character
    kept = library.add(card, png())
    folder = tmp_path / "data" / "characters" / "ann-sea"
    assert kept == replace(card, portrait=str(folder / "portrait.png"))
    assert library.find("Ann Sea") == kept
    (listed,) = (entry.character for entry in library.entries() if entry.character.name == "Ann Sea")
    assert listed == replace(kept, card=None)
    assert (folder / "portrait.png").read_bytes() == png()
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"character.json", "card.json", "portrait.png"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_values_with_types_of_their_own_come_back(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    character = Character(name="Zo", sampling={"stop": ("a", "b"), "temperature": 1.0}, image={"seed": 4})
    assert library.add(character) == character
    assert library.find("zo") == character


def test_names_that_are_taken_get_a_number(tmp_path: Path) -> None:
    library = library_of(tmp_path, OWN)
    added = [
        library.add(Character(name=name)).name for name in ("ann", "Ann", "ANN", "Mira Kent", "Henrik Vold")
    ]
    assert added == ["ann", "Ann 2", "ANN 3", "Mira Kent 2", "Henrik Vold 2"]
    assert len(set(map(str.casefold, names(library)))) == len(names(library)) == 8
    long = library.add(Character(name="x" * 100))
    assert library.add(Character(name="x" * 100)).name != long.name
    folders = {path.name for path in (tmp_path / "data" / "characters").iterdir()}
    assert {"ann", "ann-2", "ann-3"} <= folders


def test_a_name_that_came_into_the_configuration_later_is_told_apart(tmp_path: Path) -> None:
    library_of(tmp_path).add(Character(name="Mira Kent"))
    library = library_of(tmp_path, OWN)
    assert names(library)[:2] == ["Mira Kent", "Mira Kent 2"]
    assert library.remove("Mira Kent 2").name == "Mira Kent 2"
    assert names(library) == ["Mira Kent", *EXAMPLES]


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    library = library_of(tmp_path, OWN)
    for name in ("Henrick", "henrik vlod"):
        with pytest.raises(UsageError, match=r'There is no character ".+"; did you mean "Henrik Vold"?'):
            library.find(name)
    with pytest.raises(UsageError, match="there are Mira Kent, Henrik Vold, Safiya Amar"):
        library.find("qqqqq")
    with pytest.raises(UsageError, match="blank"):
        library.find(" ")
    library.add(Character(name="Mira Bell"))
    with pytest.raises(UsageError, match='Several characters begin with "mir": Mira Kent, Mira Bell'):
        library.find("mir")


def test_only_what_was_imported_can_be_removed_or_changed(tmp_path: Path) -> None:
    library = library_of(tmp_path, OWN)
    for name, words in (
        ("mira", r"change \[characters.mira\] there"),
        ("henrik", "comes with the application"),
    ):
        with pytest.raises(UserError, match=words):
            library.remove(name)
        with pytest.raises(UserError, match=words):
            library.change(name, Character(name="x"))
    kept = library.add(card_in(as_json(v2()), "a.json").character, png())
    changed = library.change("Ann", replace(kept, name="Annie", accent="#112233"))
    assert changed == replace(kept, name="Annie", accent="#112233")
    assert library.find("Annie") == changed
    assert library.remove("Annie").card == kept.card
    assert not list((tmp_path / "data" / "characters").iterdir())


DAMAGED = {
    "empty": b"",
    "no json": b"{",
    "another type": b"[]",
    "without a name": b"{}",
    "odd": b'{"name": 5}',
    "no utf-8": b'{"name": "\xff"}',
    "deep": b'{"name": "x", "sampling": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"}",
}


def test_a_damaged_one_is_skipped_and_told(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    library.add(Character(name="Ann"))
    for name, data in DAMAGED.items():
        (tmp_path / "data" / "characters" / name).mkdir()
        (tmp_path / "data" / "characters" / name / "character.json").write_bytes(data)
    (tmp_path / "data" / "characters" / "nothing in it").mkdir()
    (tmp_path / "data" / "characters" / "a folder" / "character.json").mkdir(parents=True)
    (tmp_path / "data" / "characters" / "a file").write_bytes(b"x")
    assert names(library) == ["Ann", *EXAMPLES]
    assert len(library.notices) == len(DAMAGED) + 2
    assert all(notice.endswith(".") and "left out" in notice for notice in library.notices)


def test_what_a_file_says_is_no_way_out_of_its_folder(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    library.add(Character(name="Ann"), png())
    (tmp_path / "secret.png").write_bytes(png())
    path = tmp_path / "data" / "characters" / "ann" / "character.json"
    for portrait in ("../../../secret.png", "/etc/passwd", "\0", "card.json"):
        path.write_bytes(
            msgspec.json.encode({"name": "Ann", "portrait": portrait, "sampling": {"n": "x", "top_p": 1}})
        )
        ann = library.find("Ann")
        assert (ann.portrait, ann.sampling) == (None, {"top_p": 1.0})


def test_a_damaged_card_costs_only_the_card(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    library.add(card_in(as_json(v2()), "a.json").character)
    (tmp_path / "data" / "characters" / "ann-sea" / "card.json").write_bytes(b"[")
    assert library.find("Ann Sea").card is None
    assert library.notices == ["The card of Ann Sea was left out: it is damaged."]


def test_a_disk_that_refuses_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(
        StoreError, match=r"Ann cannot be saved: Not a directory|Ann cannot be saved: File exists"
    ):
        library.add(Character(name="Ann"))
    assert names(library) == EXAMPLES


def test_bytes_that_are_no_picture_are_no_portrait(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    assert library.add(Character(name="Ann"), b"<svg/>").portrait is None
    jpeg = library.add(Character(name="Bo"), b"\xff\xd8\xff")
    assert jpeg.portrait is not None
    assert jpeg.portrait.endswith("portrait.jpg")


def test_five_hundred_are_listed_without_reading_a_card_or_a_picture(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    folder = tmp_path / "data" / "characters"
    for number in range(500):
        (folder / f"c{number}").mkdir(parents=True)
        fields = {"name": "Same name" if number % 2 else f"C{number}", "portrait": "portrait.png"}
        (folder / f"c{number}" / "character.json").write_bytes(msgspec.json.encode(fields))
        for unread in ("card.json", "portrait.png"):
            (folder / f"c{number}" / unread).mkdir()  # to read it would be an error
    found = library.entries()
    assert len(found) == 502
    assert len({entry.character.name for entry in found}) == 502
    assert library.notices == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ann Sea", "ann-sea"),
        ("../..", "character"),
        ("海", "character"),
        ("Zoë!", "zoe"),
        ("a" * 99, "a" * 40),
    ],
)
def test_a_folder_has_a_plain_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_who_adds_and_removes_at_the_same_time_sees_only_whole_characters(tmp_path: Path) -> None:
    notices: list[str] = []

    def work(number: int) -> None:
        library = Library(tmp_path, Config())
        for turn in range(10):
            library.add(Character(name="Ann"), png())
            name = library.add(Character(name=f"W{number} {turn}")).name
            notices.extend(library.notices)
            library.remove(name)
            library.entries()
            notices.extend(library.notices)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert notices == []
    library = Library(tmp_path, Config())
    assert len({name for name in names(library) if name.startswith("Ann")}) == 30
    assert len(list((tmp_path / "characters").iterdir())) == 30


def test_what_a_crash_left_is_not_listed_and_goes(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    library.add(Character(name="Ann"))
    folder = tmp_path / "data" / "characters"
    abandoned = folder / f"{STAGING}abandoned"
    abandoned.mkdir()
    (abandoned / LOCK).write_bytes(b"")
    with LockedFolder(folder, STAGING) as in_use:
        assert names(library) == ["Ann", *EXAMPLES]
        assert library.notices == []
        library.add(Character(name="Bo"))
        assert (abandoned.exists(), in_use.path.exists()) == (False, True)

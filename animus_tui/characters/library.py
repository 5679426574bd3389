"""All characters: those of the configuration, those that were imported, and those that come with the application.

An imported one has a folder of its own below `characters` in the data directory: `character.json`, its portrait, and
the card that it came from in `card.json`, which is read only where somebody asks for it. Everything here reads or
writes the disk: call it in a thread.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import ensure_folder, make_folder, read_regular, sync_folder, write_atomically
from animus_tui.characters.cards.extension import checked_tables
from animus_tui.characters.character import Character, Style
from animus_tui.characters.configured import configured_characters, configured_styles, examples
from animus_tui.errors import StoreError, UsageError, UserError
from animus_tui.locked_folders import LockedFolder, remove_abandoned
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from animus_tui.config.schema import Config

Origin = Literal["configured", "imported", "example"]
"""Where a character comes from: the configuration, a card, the application."""
FOLDER = "characters"
FILE, CARD = "character.json", "card.json"
MOST_BYTES = 8 << 20
"""Bytes of a character's file; a long one has some 100 KiB."""
MOST_CARD_BYTES = 64 << 20
MOST_FOLDERS = 5_000
"""Characters that are looked at."""
LONGEST_NAME = 100
LONGEST_SLUG = 40
STAGING = ".staging-"
"""Begins the name of a folder in which a character is made or removed."""
_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}
_PORTRAITS = tuple(f"portrait{suffix}" for suffix in _SUFFIXES.values())


class Entry(Struct, frozen=True, kw_only=True):
    """A character in the library."""

    character: Character
    """Without its card."""
    origin: Origin
    key: str
    """NAME of its table, name of its folder, or name of its file."""


class Library:
    """The characters of a data directory and of a configuration."""

    def __init__(self, data_dir: Path, config: Config) -> None:
        self._folder = data_dir / FOLDER
        self._config = config
        self.notices: list[str] = []
        """What was skipped when the characters were read last, a sentence each."""

    def entries(self) -> list[Entry]:
        """All characters, those of the configuration first; no card is read. What is damaged is in `notices`.

        Names are told apart: a second "Mira" is "Mira 2".
        """
        self.notices = []
        taken: set[str] = set()
        found = []
        for entry in self._read():
            name = _free(entry.character.name, taken)
            taken.add(name.casefold())
            found.append(entry if name == entry.character.name else _renamed(entry, name))
        return found

    def find(self, name: str, *, others: Sequence[str] = ()) -> Character:
        """The character of this name, with its card; the beginning is enough where no other begins so.

        UsageError, which also tells of the names of `others` that there are.
        """
        return self._with_card(self.find_entry(name, others=others))

    def find_entry(self, name: str, *, others: Sequence[str] = ()) -> Entry:
        """As `find`, with where it comes from and without the card. UsageError."""
        entries = self.entries()
        wanted = " ".join(name.split()).casefold()
        if not wanted:
            raise UsageError("Name a character: the name is blank.")
        exact = [entry for entry in entries if entry.character.name.casefold() == wanted]
        exact = exact or [entry for entry in entries if entry.key.casefold() == wanted]
        some = exact or [entry for entry in entries if entry.character.name.casefold().startswith(wanted)]
        if len(some) == 1 or exact:
            return some[0]
        names = [entry.character.name for entry in some or entries]
        names = names if some else list(dict.fromkeys((*others, *names)))
        shown = short_line(name)
        if some:
            raise UsageError(f'Several characters begin with "{shown}": {_listed(names)}.')
        raise UsageError(f'There is no character "{shown}"; {_nearest(wanted, names)}')

    def add(self, character: Character, portrait_bytes: bytes | None = None) -> Character:
        """Keep a character with its portrait; as it is kept, with a name that nobody has yet. StoreError."""
        taken = {entry.character.name.casefold() for entry in self.entries()}
        named = replace(character, name=_free(character.name, taken), portrait=None)
        try:
            ensure_folder(self._folder)
            remove_abandoned(self._folder, STAGING)
            with LockedFolder(self._folder, STAGING) as staging:
                staged = staging.path / "character"
                make_folder(staged)
                suffix = _suffix(portrait_bytes)
                if portrait_bytes is not None and suffix is not None:
                    write_atomically(staged / f"portrait{suffix}", portrait_bytes)
                    named = replace(named, portrait=f"portrait{suffix}")
                _write(staged, named)
                folder = self._placed_folder(staged, named.name)
        except OSError as error:
            raise _unsaved(named.name, error) from error
        return _placed(named, folder)

    def change(self, name: str, character: Character) -> Character:
        """Keep an imported character as another, with the portrait that it has. UsageError, UserError, StoreError."""
        entry = self._imported(self.find_entry(name), "changed")
        others = (each for each in self.entries() if each.key != entry.key or each.origin != entry.origin)
        named = replace(
            character, name=_free(character.name, {each.character.name.casefold() for each in others})
        )
        folder = self._folder / entry.key
        before = entry.character.portrait
        stored = replace(named, portrait=Path(before).name if before is not None else None)
        try:
            _write(folder, stored)
        except OSError as error:
            raise _unsaved(named.name, error) from error
        return _placed(stored, folder)

    def remove(self, name: str) -> Character:
        """Delete an imported character; the one that was deleted, with its card. UsageError, UserError, StoreError."""
        entry = self._imported(self.find_entry(name), "removed")
        folder = self._folder / entry.key
        character = self._with_card(entry)
        try:
            with LockedFolder(self._folder, STAGING) as staging:  # so that nobody sees it while its files go
                folder.rename(staging.path / "removed")
                sync_folder(self._folder)
        except OSError as error:
            raise StoreError(
                f"{entry.character.name} cannot be removed: {error.strerror or error} ({short_line(str(folder))})."
            ) from error
        return character

    def styles(self) -> list[Style]:
        """All styles: those of the configuration, then those that come with the application."""
        own = configured_styles(self._config)
        names = {style.name.casefold() for style in own}
        return [*own, *(each.style for each in examples() if each.style.name.casefold() not in names)]

    def style(self, name: str | None) -> Style | None:
        """The style of this name; None when there is none."""
        wanted = (name or "").casefold()
        return next((style for style in self.styles() if style.name.casefold() == wanted), None)

    def _read(self) -> Iterator[Entry]:
        for key, character in configured_characters(self._config):
            yield Entry(character=character, origin="configured", key=key)
        imported = [entry for folder in self._folders() if (entry := self._entry(folder)) is not None]
        yield from sorted(imported, key=lambda entry: entry.character.name.casefold())
        for each in examples():
            key = Path(each.character.portrait or "").stem
            yield Entry(character=each.character, origin="example", key=key)

    def _folders(self) -> list[Path]:
        try:
            with os.scandir(self._folder) as found:
                names = [each.name for each in found if not each.name.startswith(".") and each.is_dir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            self.notices.append(f"{short_line(str(self._folder))} cannot be read: {error.strerror or error}.")
            return []
        if len(names) > MOST_FOLDERS:
            self.notices.append(f"Of {len(names):,} characters the first {MOST_FOLDERS:,} are listed.")
        return [self._folder / name for name in sorted(names)[:MOST_FOLDERS]]

    def _entry(self, folder: Path) -> Entry | None:
        """The character in a folder; None, and a notice, when it is damaged."""
        try:
            character = msgspec.json.decode(_bytes(folder / FILE, MOST_BYTES), type=Character)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError) as error:
            if not folder.exists():  # it was removed meanwhile
                return None
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
            self.notices.append(f"The character in {short_line(str(folder))} was left out: {reason}.")
            return None
        name = " ".join(short_line(character.name).split())[:LONGEST_NAME] or folder.name
        character = replace(character, name=name, card=None, **checked_tables(character))
        return Entry(character=_placed(character, folder), origin="imported", key=folder.name)

    def _with_card(self, entry: Entry) -> Character:
        if entry.origin != "imported":
            return entry.character
        try:
            data = _bytes(self._folder / entry.key / CARD, MOST_CARD_BYTES)
            card: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
        except FileNotFoundError:
            return entry.character
        except (OSError, ValueError, RecursionError, msgspec.DecodeError):
            self.notices.append(f"The card of {entry.character.name} was left out: it is damaged.")
            return entry.character
        return replace(entry.character, card=card)

    def _imported(self, entry: Entry, done: str) -> Entry:
        """The entry when it is an imported one. UserError."""
        name, key = short_line(entry.character.name), short_line(entry.key)
        if entry.origin == "configured":
            raise UserError(f"{name} stands in the configuration: change [characters.{key}] there.")
        if entry.origin == "example":
            raise UserError(f"{name} comes with the application and cannot be {done}.")
        return entry

    def _placed_folder(self, staged: Path, name: str) -> Path:
        """Give a folder that is whole a name that goes by the character's. OSError."""
        slug = slug_of(name)
        for number in range(1, MOST_FOLDERS * 2):
            folder = self._folder / (slug if number == 1 else f"{slug}-{number}")
            try:
                staged.rename(folder)  # an empty folder is replaced, any other is in the way
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
                continue
            sync_folder(self._folder)
            return folder
        raise OSError("there are too many characters")


def slug_of(name: str) -> str:
    """A name for a folder: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_SLUG].strip("-") or "character"


def _write(folder: Path, character: Character) -> None:
    if character.card is not None:
        write_atomically(folder / CARD, msgspec.json.encode(character.card))
    write_atomically(folder / FILE, msgspec.json.encode(replace(character, card=None)))
    sync_folder(folder.parent)


def _placed(character: Character, folder: Path) -> Character:
    """The character with the full path of its portrait; without, where there is no such file."""
    if character.portrait not in _PORTRAITS:
        return replace(character, portrait=None)
    path = folder / character.portrait
    return replace(character, portrait=str(path) if path.exists() else None)


def _bytes(path: Path, most: int) -> bytes:
    """The bytes of a regular file; OSError, ValueError: it has more than the most."""
    data = read_regular(path, most + 1)
    if len(data) > most:
        raise ValueError("it is too long")
    return data


def _suffix(portrait: bytes | None) -> str | None:
    """What the name of a portrait's file ends with; None when it is no picture of a known kind."""
    begins = portrait or b""
    return next((suffix for beginning, suffix in _SUFFIXES.items() if begins.startswith(beginning)), None)


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first number behind it that nobody has."""
    plain = " ".join(short_line(name).split())[:LONGEST_NAME].strip() or "Character"
    numbers = range(2, len(taken) + 3)
    candidates = (plain, *(f"{plain[: LONGEST_NAME - 6]} {number}" for number in numbers))
    return next(candidate for candidate in candidates if candidate.casefold() not in taken)


def _renamed(entry: Entry, name: str) -> Entry:
    return replace(entry, character=replace(entry.character, name=name))


def _unsaved(name: str, error: OSError) -> StoreError:
    return StoreError(f"{name} cannot be saved: {error.strerror or error}.")


def _nearest(wanted: str, names: list[str]) -> str:
    """The nearest name, or some, as the end of a sentence."""
    by_word = {name.casefold(): name for name in names}
    for name in names:
        for word in name.split():
            by_word.setdefault(word.casefold(), name)
    near = difflib.get_close_matches(wanted[:LONGEST_NAME], by_word, n=1)
    return f'did you mean "{by_word[near[0]]}"?' if near else f"there are {_listed(names)}."


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"

"""What the list shows of each character: a few words, so that thousands of them take little room."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from animus_tui.characters.library import Library
from animus_tui.characters.macros import filled
from animus_tui.chat.portraits import size_of
from animus_tui.errors import UserError
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.characters.character import Character
    from animus_tui.config.schema import Config

MOST_SAID = 400
"""Characters of a greeting and of a description that are looked at."""
UNKNOWN_SIZE = 4, 5
"""For a portrait whose header does not say its size."""
AS_CONFIGURED = "As configured in [chat]"
COMES_FROM = {"chat": "[chat]", "configured": "configuration", "imported": "imported", "example": "example"}


class Portrait:
    """The picture of a character, as the loader of thumbnails takes it."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self.key = file, "", 0
        self.size: tuple[int, int] = UNKNOWN_SIZE
        """Width and height in pixels, once `path` was asked for."""

    def path(self) -> Path:
        """Its file. UserError when there is none; asks the disk."""
        if not self._file.is_file():
            raise UserError("The portrait's file is gone.")
        self.size = size_of(self._file) or UNKNOWN_SIZE
        return self._file


class ListedCharacter(Struct, frozen=True, kw_only=True):
    """A character in the list."""

    name: str
    origin: Literal["chat", "configured", "imported", "example"]
    description: str
    said: str
    """The first words of its greeting."""
    accent: str
    portrait: Portrait | None

    @property
    def comes_from(self) -> str:
        """Where it comes from, in a word."""
        return COMES_FROM[self.origin]

    @property
    def is_configured_in_chat(self) -> bool:
        """Whether it is nobody's preset, but what `[chat]` says."""
        return self.origin == "chat"


def read_characters(data_dir: Path, config: Config) -> tuple[list[ListedCharacter], list[str]]:
    """All characters, that of `[chat]` first, and sentences about those that cannot be read. Reads the disk."""
    library = Library(data_dir, config)
    user, today = config.user.name or "", datetime.now().astimezone().date()

    def listed(character: Character, origin: Literal["configured", "imported", "example"]) -> ListedCharacter:
        greeting = (character.greeting or next(iter(character.greetings), ""))[:MOST_SAID]
        said = filled(greeting, char=character.called, user=user, today=today)
        return ListedCharacter(
            name=short_line(character.name),
            origin=origin,
            description=" ".join(short_line(character.description[:MOST_SAID]).split()),
            said=" ".join(short_line(said).split()),
            accent=character.accent or "",
            portrait=Portrait(character.portrait) if character.portrait else None,
        )

    own = ListedCharacter(
        name=short_line(config.chat.name),
        origin="chat",
        description=AS_CONFIGURED,
        said="",
        accent="",
        portrait=None,
    )
    return [own, *(listed(entry.character, entry.origin) for entry in library.entries())], library.notices


def fitting(characters: Sequence[ListedCharacter], words: str) -> list[ListedCharacter]:
    """Those that have every word in their name, their description, their greeting or where they come from."""
    wanted = words.casefold().split()
    if not wanted:
        return list(characters)
    return [each for each in characters if all(word in _text(each) for word in wanted)]


def _text(character: ListedCharacter) -> str:
    parts = character.name, character.description, character.said, character.comes_from
    return "\n".join(parts).casefold()

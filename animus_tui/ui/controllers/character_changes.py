"""Reading the characters, and importing, exporting and deleting them: files in threads, pictures in their process."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.characters.library import Library
from animus_tui.characters.transfer import export_card, import_card
from animus_tui.chat.chosen_character import settings_named
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.printable import short_line
from animus_tui.ui.listed_characters import read_characters

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from animus_tui.characters.character import Character
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.listed_characters import ListedCharacter

KNOWN_FOR = 3.0
"""Seconds for which names that were read are offered for completion: each key would read all files otherwise."""


class _Deleted(NamedTuple):
    character: Character
    portrait: bytes | None


class CharacterChanges:
    """The library of the session, for the screen."""

    def __init__(self, session: ChatSession, decoder: PictureDecoder | None) -> None:
        """`decoder` is None where no pictures are drawn; then one is started for each card."""
        self._session = session
        self._decoder = decoder
        self._deleted: list[_Deleted] = []
        """What was deleted here and can be brought back, the last one last."""
        self._names: list[str] = []
        self._names_read = -KNOWN_FOR

    @property
    def _library(self) -> Library:
        return Library(self._session.data_folder, self._session.configured)

    async def read(self) -> tuple[list[ListedCharacter], list[str]]:
        """All characters, and sentences about those that cannot be read."""
        session = self._session
        return await asyncio.to_thread(read_characters, session.data_folder, session.configured)

    async def names(self) -> list[str]:
        """The names of all, for completion."""
        if time.monotonic() - self._names_read >= KNOWN_FOR:
            entries = await asyncio.to_thread(self._library.entries)
            names = [self._session.configured.chat.name, *(each.character.name for each in entries)]
            self._names, self._names_read = list(dict.fromkeys(names)), time.monotonic()
        return self._names

    async def settings_named(self, name: str) -> ConversationSettings:
        """What a conversation with this character keeps. UsageError."""
        session = self._session
        return await asyncio.to_thread(settings_named, session.data_folder, session.configured, name)

    async def import_card(self, path: Path) -> tuple[str, str]:
        """Keep the character of a card; its name, and a sentence about it. CardError, StoreError."""
        async with self._decoding() as decoder:
            character, notices = await import_card(self._library, decoder, path)
        self._names_read = -KNOWN_FOR
        return character.name, " ".join([f"{short_line(character.name)} was imported.", *notices])

    async def export_card(self, name: str, target: Path) -> None:
        """Write a character to a new file. UsageError, UserError."""
        async with self._decoding() as decoder:
            await export_card(self._library, decoder, name, target)

    def _decoding(self) -> AbstractAsyncContextManager[PictureDecoder]:
        return aclosing(PictureDecoder()) if self._decoder is None else nullcontext(self._decoder)

    # Deleting

    @property
    def last_deleted(self) -> str | None:
        """The name of the character that `undo` brings back."""
        return self._deleted[-1].character.name if self._deleted else None

    async def delete(self, name: str) -> None:
        """Delete an imported character. UsageError, UserError, StoreError."""
        deleted = await asyncio.to_thread(self._remove, name)
        self._deleted.append(deleted)
        self._names_read = -KNOWN_FOR

    def _remove(self, name: str) -> _Deleted:
        library = self._library
        portrait = library.find_entry(name).character.portrait
        picture = None
        if portrait is not None:
            with suppress(OSError):
                picture = Path(portrait).read_bytes()
        return _Deleted(library.remove(name), picture)

    async def undo(self) -> str | None:
        """Bring back the character that was deleted last; its name. StoreError."""
        if not self._deleted:
            return None
        deleted = self._deleted[-1]
        kept = await asyncio.to_thread(self._library.add, deleted.character, deleted.portrait)
        self._deleted.pop()
        self._names_read = -KNOWN_FOR
        return kept.name

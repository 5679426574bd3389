"""Choosing the character of a conversation: of a new one, or of the open one; and cards that are dropped."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from animus_tui.characters.cards.reading import read_card
from animus_tui.chat.conversation_settings import configured_settings
from animus_tui.errors import UserError
from animus_tui.picture_files import CARD_SUFFIXES
from animus_tui.printable import short_line
from animus_tui.ui.controllers.character_changes import CharacterChanges
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.screens.box_screen import Question
from animus_tui.ui.screens.characters import CharactersScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path
    from typing import Any

    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.screens.characters import Chosen, Purpose


class CharacterController(Controller):
    """Chooses a character by name, or from the list of all."""

    def __init__(self, parts: ChatParts, decoder: PictureDecoder | None) -> None:
        """`decoder` is None where no pictures are drawn; then one is started for each card."""
        super().__init__(parts)
        self._changes = CharacterChanges(parts.session, decoder)

    # Actions of the table

    async def new(self, call: CommandCall) -> None:
        """Begin a conversation: with the named character, with one from the list, or by the key with the same one.

        When this returns, keys that were typed behind are for the list.
        """
        if call.argument:
            self._begin_with(call)
        elif call.text:
            await self.choose_for_new()
        else:
            self._reporter.run(self._session.new(self._same))

    def temporary(self) -> None:
        """Begin a conversation with the same character that leaves nothing on the disk."""
        self._reporter.run(self._session.temporary(self._same))

    async def character(self, call: CommandCall) -> None:
        """Have another character answer in the open conversation: the named one, or one from the list."""
        if call.argument:
            self._change_to(call)
        else:
            await self._choose("change", self._change)

    # How it is done

    @property
    def _same(self) -> ConversationSettings | None:
        """The character of the open conversation; None when nobody chose one, so that it is the configured one."""
        current = self._session.character
        return current if current.is_chosen else None

    async def choose_for_new(
        self,
        then: Callable[[], object] | None = None,
        *,
        choose: str | None = None,
        said: str = "",
    ) -> None:
        """Begin a conversation with a character from the list, where `choose` is chosen first; `then` is called.

        `said` is a sentence that the list shows.
        """
        await self._choose("begin", partial(self._begin, then=then), choose=choose, said=said)

    async def _choose(
        self,
        purpose: Purpose,
        take: Callable[[ConversationSettings | None], Coroutine[Any, Any, object]],
        *,
        choose: str | None = None,
        said: str = "",
    ) -> None:
        def chosen(chosen: Chosen | None) -> None:
            if chosen is not None:
                self._reporter.run(take(chosen.settings))

        current = self._same
        screen = CharactersScreen(
            self._changes,
            self._pane.images.renderer,
            purpose,
            current=None if current is None else current.name,
            choose=choose,
            said=said,
        )
        await self._screen.app.push_screen(screen, chosen)

    async def _begin(
        self, settings: ConversationSettings | None, *, then: Callable[[], object] | None = None
    ) -> None:
        await self._session.new(settings)
        if then is not None:
            then()

    @reported
    async def _begin_with(self, call: CommandCall) -> None:
        await self._session.new(await self._named(call))

    @reported
    async def _change_to(self, call: CommandCall) -> str:
        return await self._change(await self._named(call))

    async def _change(self, settings: ConversationSettings | None) -> str:
        chosen = settings or configured_settings(self._session.configured)
        self._session.set_character(chosen)
        return f"{short_line(chosen.name)} answers from now on"

    async def _named(self, call: CommandCall) -> ConversationSettings:
        """The character that a command names; a command that fails goes back into the prompt. UsageError."""
        try:
            return await self._changes.settings_named(call.argument)
        except UserError as error:
            if not self._prompt.text:
                self._prompt.restore(call.text)
            if call.name == "character" and call.argument.casefold() == "none":
                raise UserError(f"{error} /face none takes the face out of the pictures.") from None
            raise

    # Cards that are dropped

    async def import_cards(self, paths: Sequence[Path]) -> Callable[[], Awaitable[object]] | None:
        """Import these cards if the user says so; what shows the characters then.

        None: they are not all cards, or are not to be imported. CardError, StoreError.
        """
        names = await asyncio.to_thread(_names_in, paths)
        if not names or not await self._is_wanted(names, paths):
            return None
        imported = [await self._changes.import_card(path) for path in paths]
        said = " ".join(sentence for _, sentence in imported)
        return partial(self.choose_for_new, choose=imported[-1][0], said=said)

    async def _is_wanted(self, names: Sequence[str], paths: Sequence[Path]) -> bool:
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def answer(wanted: str | None) -> None:
            if not answered.done():
                answered.set_result(bool(wanted))

        are_pictures = not any(path.suffix.lower() in CARD_SUFFIXES for path in paths)
        text = _question(names, are_pictures=are_pictures)
        await self._screen.app.push_screen(Question(text, {"enter": "import", "y": "import"}), answer)
        return await answered

    async def names(self) -> list[str]:
        """The names of all characters, for completion."""
        return await self._changes.names()


def _question(names: Sequence[str], *, are_pictures: bool) -> str:
    """Whether the cards of these characters are to be imported; `are_pictures`: they can be attached as well."""
    if len(names) == 1:
        told, what, other = f"{short_line(names[0])} is a character card.", "it", "a picture"
    else:
        told, what, other = f"These are {len(names)} character cards.", "them", "pictures"
    instead = f"Attach {what} as {other}" if are_pictures else "Paste the path as text"
    return f"{told}\n\nEnter  Import {what}\nEsc    {instead}"


def _names_in(paths: Sequence[Path]) -> list[str]:
    """The names of the characters of these cards; none where one of them is no card. Reads the disk."""
    if not all(path.suffix.lower() in (".png", *CARD_SUFFIXES) for path in paths):
        return []
    try:
        return [read_card(path).character.name for path in paths]
    except UserError:
        return []

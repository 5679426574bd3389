"""Choosing the character whose face the pictures of a conversation get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.screens.face_list import FaceList

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.account import CharacterChoice
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.screens.face_list import Chosen

NOBODY = ("none", "nobody")
"""Names that stand for no character."""


class FaceController(Controller):
    """Chooses a character by name or from the list of the account's characters."""

    def __init__(self, parts: ChatParts, *, on_chosen: Callable[[], object]) -> None:
        """`on_chosen` is called when another character was chosen."""
        super().__init__(parts)
        self._on_chosen = on_chosen

    def face(self, call: CommandCall) -> None:
        """Choose the character of that name, nobody, or one from the list."""
        name = call.argument
        if name.casefold() in NOBODY:
            self._reporter.run(self._choose(None))
        elif name:
            self._find(name)
        else:
            self.show_list()

    def show_list(self, words: str = "", then: Callable[[], None] | None = None) -> None:
        """Choose one from the list, which is filtered by `words`; `then` is called when one was chosen."""

        def take(chosen: Chosen | None) -> None:
            if chosen is not None:
                self._reporter.run(self._choose(chosen.character, then))

        current = self._session.images.remembered.character or None
        self._screen.app.push_screen(FaceList(self._session.account, current=current, words=words), take)

    @reported
    async def _find(self, name: str) -> str | None:
        """Choose the one of that name; show the list when there are several or none."""
        wanted = name.casefold()
        async for character in self._session.account.characters():
            if wanted in (character.name.casefold(), character.id.casefold()):
                return await self._choose(character)
        self.show_list(name)
        return None

    async def _choose(self, character: CharacterChoice | None, then: Callable[[], None] | None = None) -> str:
        self._session.images.choose_character(character)
        self._on_chosen()
        if then is not None:
            then()
        if character is None:
            return "No character in the pictures from now on"
        if character.is_ready:
            return f"The pictures get the face of {character.name} from now on"
        return f"{character.name} is chosen, but its training has not ended: {character.training}"

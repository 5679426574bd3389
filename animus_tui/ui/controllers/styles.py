"""Choosing the style of the pictures of a conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict, replace

from animus_tui.characters.library import Library
from animus_tui.errors import UserError
from animus_tui.printable import short_line
from animus_tui.ui.commands.completion import NO_STYLE, STYLE_COMMAND

if TYPE_CHECKING:
    from animus_tui.characters.character import Style
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.prompt import Prompt

MOST_NAMED = 20
"""Styles that one sentence names."""


class StyleController:
    """Knows the styles that there are, and gives one to the open conversation."""

    def __init__(self, session: ChatSession, prompt: Prompt, reporter: Reporter) -> None:
        self._session = session
        self._prompt = prompt
        self._reporter = reporter

    def style(self, call: CommandCall) -> None:
        """Choose the style of that name, or none, or offer those that there are."""
        self._reporter.run(self._take(call.argument) if call.argument else self._show())

    async def offered(self) -> list[str]:
        """The names for completion."""
        return [*(style.name for style in await self._styles()), NO_STYLE]

    async def _styles(self) -> list[Style]:
        library = Library(self._session.data_folder, self._session.configured)
        return await asyncio.to_thread(library.styles)

    async def _show(self) -> str:
        """Offer the styles above the prompt; a screen reader gets them in a sentence."""
        name = short_line(self._session.images.additions.style)
        now = f"The pictures are made in the style {name}" if name else "The pictures have no style"
        if self._session.config.ui.plain:
            return f"{now}. There are: {', '.join((await self.offered())[:MOST_NAMED])}."
        if not self._prompt.text:
            self._prompt.restore(f"{STYLE_COMMAND} ")
        return f"{now}; choose another one, or Esc"

    async def _take(self, name: str) -> str:
        wanted = " ".join(name.split()).casefold()
        styles = await self._styles()
        exact = [style for style in styles if style.name.casefold() == wanted]
        if wanted == NO_STYLE and not exact:
            self._choose(None)
            return "The pictures have no style from now on"
        fitting = exact or [style for style in styles if style.name.casefold().startswith(wanted)]
        if len(fitting) != 1:
            names = ", ".join(short_line(style.name) for style in (fitting or styles)[:MOST_NAMED])
            which = "Several styles begin so" if fitting else "There is no style"
            raise UserError(f"{which}: “{short_line(name)}”. There are {names} and {NO_STYLE}.")
        self._choose(fitting[0])
        return f"The pictures are made in the style {short_line(fitting[0].name)} from now on"

    def _choose(self, style: Style | None) -> None:
        """Keep a copy with the conversation: what the configuration says of it later changes nothing."""
        fields = None if style is None else _stored(style)
        self._session.set_character(replace(self._session.character, style=fields))


def _stored(style: Style) -> dict[str, Any]:
    """A style as the configuration has it: with one size in place of two sides."""
    said = {name: value for name, value in asdict(style).items() if value not in (None, "")}
    width, height = said.pop("width", None), said.pop("height", None)
    return said | ({"size": f"{width}x{height}"} if width and height else {})

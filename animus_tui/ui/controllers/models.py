"""Choosing the model that answers, and the style of the pictures: by name, or among those that are offered."""

from __future__ import annotations

import asyncio
import difflib
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict, replace

from animus_tui.characters.library import Library
from animus_tui.config.schema import AUTO_MODEL
from animus_tui.errors import UserError
from animus_tui.printable import short_line
from animus_tui.ui.commands.completion import MODEL_COMMAND, NO_STYLE, STYLE_COMMAND
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.controllers.display import answering_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.characters.character import Style
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts

MOST_NAMED = 20
"""Models or styles that one sentence names."""


class ModelController(Controller):
    """Knows the models of the service, once it was asked, and has another one answer."""

    def __init__(self, parts: ChatParts, *, choose: Callable[[str], object]) -> None:
        """`choose` makes a model the one that answers, now and at the next start."""
        super().__init__(parts)
        self._choose = choose
        self._models: list[str] | None = None
        """None until the service has listed them."""

    @reported
    async def model(self, call: CommandCall) -> str:
        """Have the model of that name answer, or offer those that there are."""
        return await (self._take(call.argument) if call.argument else self._show())

    async def offered(self) -> list[str]:
        """The models of the service for completion; none where they cannot be asked for."""
        try:
            return await self._known()
        except UserError:
            return []  # `/model` says why

    async def _known(self) -> list[str]:
        if self._models is None:
            self._models = await self._session.models() or None
        return self._models or []

    async def _show(self) -> str:
        """Offer the models above the prompt; a screen reader gets them in a sentence."""
        self._models = None  # another one may have been loaded meanwhile
        models = await self._known()
        now = short_line(answering_model(self._session) or AUTO_MODEL)
        if not models:
            return f"{now} answers. The service does not list its models: {MODEL_COMMAND} NAME chooses one."
        if self._session.config.ui.plain:
            more = f" and {len(models) - MOST_NAMED} more" if len(models) > MOST_NAMED else ""
            return f"{now} answers. There are: {', '.join(models[:MOST_NAMED])}{more}."
        if not self._prompt.text:
            self._prompt.restore(f"{MODEL_COMMAND} ")
        return f"{now} answers now; choose another one, or Esc"

    async def _take(self, name: str) -> str:
        models = await self.offered()
        chosen = _meant(name, models)
        self._choose(chosen)
        if not models or chosen in models:
            return f"{short_line(chosen)} answers from now on"
        near = difflib.get_close_matches(chosen, models, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UserError(
            f"The service does not list {short_line(chosen)}; it is asked for all the same.{hint}"
        )


def _meant(name: str, models: list[str]) -> str:
    """The one model that has these letters in its name, or else the name as it was typed."""
    fitting = [model for model in models if name.lower() in model.lower()]
    return fitting[0] if len(fitting) == 1 and name not in models else name


class StyleController(Controller):
    """Knows the styles that there are, and gives one to the open conversation."""

    @reported
    async def style(self, call: CommandCall) -> str:
        """Choose the style of that name, or none, or offer those that there are."""
        return await (self._take(call.argument) if call.argument else self._show())

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

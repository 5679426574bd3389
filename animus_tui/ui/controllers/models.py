"""Choosing the model that answers."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from animus_tui.config.schema import AUTO_MODEL
from animus_tui.errors import UserError
from animus_tui.printable import short_line
from animus_tui.ui.commands.completion import MODEL_COMMAND
from animus_tui.ui.controllers.display import answering_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.prompt import Prompt

MOST_NAMED = 20
"""Models that one sentence names."""


class ModelController:
    """Knows the models of the service, once it was asked, and has another one answer."""

    def __init__(
        self,
        session: ChatSession,
        prompt: Prompt,
        reporter: Reporter,
        *,
        choose: Callable[[str], object],
    ) -> None:
        """`choose` makes a model the one that answers, now and at the next start."""
        self._session = session
        self._prompt = prompt
        self._reporter = reporter
        self._choose = choose
        self._models: list[str] | None = None
        """None until the service has listed them."""

    def model(self, call: CommandCall) -> None:
        """Have the model of that name answer, or offer those that there are."""
        self._reporter.run(self._take(call.argument) if call.argument else self._show())

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

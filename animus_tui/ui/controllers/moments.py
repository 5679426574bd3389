"""Pictures of the moment, whose prompt the model writes from the conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.images.joined_prompt import NONE_LEFT_OUT, shows_character
from animus_tui.chat.images.moments import instruction, shaped, written_prompt
from animus_tui.chat.images.options import merged
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.chat.images.joined_prompt import Addition
    from animus_tui.chat.images.moments import Moment
    from animus_tui.chat.images.options import PictureOptions
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.prompt import Prompt

ACTIVITY = "writing the prompt, Esc cancels"
LEFT = "The picture was not made: its conversation was left while the prompt was being written."


class MomentController:
    """Has a prompt written, one at a time, and the picture made from it, or shown in the form first."""

    def __init__(
        self,
        session: ChatSession,
        prompt: Prompt,
        reporter: Reporter,
        *,
        show_activity: Callable[[str], None],
        open_form: Callable[[str, PictureOptions, frozenset[Addition]], None],
    ) -> None:
        """`show_activity` shows what is under way; `open_form` as of the controller of pictures."""
        self._session = session
        self._prompt = prompt
        self._reporter = reporter
        self._show_activity = show_activity
        self._open_form = open_form
        self._writing: asyncio.Task[str] | None = None

    @property
    def is_writing(self) -> bool:
        """Whether a prompt is being written."""
        return self._writing is not None

    def cancel(self) -> None:
        """Stop the writing; no picture is made."""
        if self._writing is not None:
            self._writing.cancel()

    def start(
        self,
        moment: Moment,
        said: PictureOptions,
        typed: str,
        *,
        left_out: frozenset[Addition] = NONE_LEFT_OUT,
    ) -> None:
        """Begin; `typed` is what goes back into the prompt when that fails. UserError: one is being written.

        `left_out` is what is not joined to the prompt.
        """
        if self.is_writing:
            raise UserError("A prompt is being written already. Esc cancels it.")
        self._writing = asyncio.get_running_loop().create_task(self._write(moment))
        without = replace(moment, left_out=moment.left_out | left_out)
        self._reporter.run(self._make(without, said, typed, self._writing))

    async def _write(self, moment: Moment) -> str:
        asked = instruction(moment, self._session.config.chat.name)
        reply = await self._session.complete(asked, is_said=False)
        return written_prompt(reply.content or reply.image_prompt or "")

    async def _make(
        self, moment: Moment, said: PictureOptions, typed: str, writing: asyncio.Task[str]
    ) -> str | None:
        conversation_id = self._session.conversation.conversation.id
        self._show_activity(ACTIVITY)
        try:
            await asyncio.wait({writing})
        finally:  # also when the application ends
            writing.cancel()
            self._writing = None
            self._show_activity("")
        try:
            if writing.cancelled():
                self._give_back(typed)
                return "Cancelled: no prompt was written, and no picture is made"
            prompt = writing.result()
            if self._session.conversation.conversation.id != conversation_id:
                return LEFT
            self._begin(moment, said, prompt)
        except UserError:
            self._give_back(typed)
            raise
        return None

    def _give_back(self, typed: str) -> None:
        if not self._prompt.whole_text:
            self._prompt.restore(typed)

    def _begin(self, moment: Moment, said: PictureOptions, prompt: str) -> None:
        """Make the picture, or have its prompt looked at first."""
        images, holds = self._session.images, self._session.config
        left_out = moment.left_out
        if moment.shape == "any" and not shows_character(prompt, holds.chat.name):
            left_out |= {"appearance"}
        if said.width is None:
            style = images.additions.without(left_out).options
            held = merged(images.defaults, style, images.remembered)
            shape = shaped(moment, held, takes_any_size="steps" in images.capabilities.options)
            said = replace(said, width=shape.width, height=shape.height)
        if holds.image.when == "ask":
            self._open_form(prompt, said, left_out)
        else:
            images.start(prompt, options=said, left_out=left_out)

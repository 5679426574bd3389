"""What the user says to promised pictures: generate, change, decline; and whether to be asked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.config.actions import NOT_ASKED
from animus_tui.errors import UsageError, UserError
from animus_tui.ui.commands.completion import WAYS
from animus_tui.ui.controllers.promise_editing import PromiseEditing
from animus_tui.ui.conversation.entries.reply import ReplyEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from textual.screen import Screen

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.conversation.entries.promise import PromiseAnswer
    from animus_tui.ui.conversation.view import ConversationPane


class PromiseController:
    """Answers the card that has the focus, or else the newest one."""

    def __init__(
        self,
        session: ChatSession,
        pane: ConversationPane,
        reporter: Reporter,
        screen: Screen[Any],
        *,
        send_keys: Sequence[str],
        newline_keys: Sequence[str],
        edit_in_prompt: Callable[[ChatMessage], None],
    ) -> None:
        """The keys send a message, and break a line in it; `edit_in_prompt` is for where an editor has no room."""
        self._session = session
        self._pane = pane
        self._reporter = reporter
        self._edit_in_prompt = edit_in_prompt
        self.editing = PromiseEditing(
            screen, pane, send_keys=send_keys, newline_keys=newline_keys, keep=self._reword
        )
        """The prompt that is being changed in its card."""

    # Actions of the table

    def accept(self) -> None:
        """Have the picture made."""
        self._reporter.run(self._answer(self._asked_id(), "accept"))

    async def reword(self, call: CommandCall) -> None:
        """Change the prompt of the picture, to what is said behind the command or by hand.

        What is typed behind the key goes into the editor, which has the focus afterwards.
        """
        try:
            await self._answer(self._asked_id(), "reword", call.argument)
        except UserError as error:
            self._reporter.tell(error)

    def decline(self) -> None:
        """Do without the picture."""
        self._reporter.run(self._answer(self._asked_id(), "decline"))

    def pictures(self, call: CommandCall) -> None:
        """Say what becomes of promised pictures in this conversation, or have it be something else."""
        self._reporter.run(self._choose_way(call.argument.lower()))

    async def _choose_way(self, way: str) -> str:
        if way and way not in WAYS:
            raise UsageError(f"/pictures takes {', '.join(WAYS)}, and {way} is none of these.")
        if way:
            self._session.change_setting(("image", "when"), way)
        holds = self._session.config.image.when
        if way and holds != way:
            raise UserError(f"An option or a variable says {holds}, which goes before what you choose here.")
        return f"{WAYS[holds]}{' from now on' if way else f' ({holds})'}"

    def _asked_id(self) -> str:
        """The id of the reply whose card is meant; empty where none waits."""
        chosen = self._pane.cursor.entry
        if isinstance(chosen, ReplyEntry) and chosen.can_answer:
            return chosen.id
        asking = self._pane.content.asking()
        return asking[-1].id if asking else ""

    # From the pane

    def answer(self, message_id: str, answer: PromiseAnswer) -> None:
        """Do what a key or a click on a card says."""
        self._reporter.run(self._answer(message_id, answer))

    async def _answer(self, message_id: str, answer: PromiseAnswer, prompt: str = "") -> None:
        if not message_id:
            raise UserError(NOT_ASKED)
        promised = self._session.images.promised
        match answer:
            case "accept":
                if written := self.editing.text_of(message_id):
                    await promised.change(message_id, written)
                self.editing.end(None)
                await promised.accept(message_id)
            case "decline":
                self.editing.end(None)
                await promised.decline(message_id)
            case "reword" if prompt:
                await promised.change(message_id, prompt)
            case _:
                await self._edit(self._session.conversation.get(message_id))

    async def _edit(self, message: ChatMessage) -> None:
        # What a screen reader has read stays as it is.
        if self._session.config.ui.plain or not self.editing.has_room:
            self._edit_in_prompt(message)
        else:
            await self.editing.begin(message.id, message.image_prompt or "")

    def _reword(self, message_id: str, prompt: str) -> None:
        self._reporter.run(self._session.images.promised.change(message_id, prompt))

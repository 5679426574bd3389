"""Changing what was said: regenerate, continue, edit, quote, hide, delete, fork, and other versions of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.errors import UserError
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.widgets.prompt_bar import PromptBar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.conversation.actions import MessageAction

EDITING = "Edit and send again: what followed is kept as a version. Esc ends editing"
REWORDING = "Change the prompt of the picture; Enter keeps it. Esc ends editing"
CORRECTING = "Correct the reply: the old text is kept as a version. Esc ends editing"
DELETING = "Press d again to delete this message."
DELETED = "Deleted the message. Press u in the conversation to undo."
REMOVED = "Removed the picture that was not made."
RESTORED = "The deleted message is back."
FORKED = "This is a fork: the conversation up to that message. The other one is as it was."


class Editing(Struct, frozen=True):
    """A message whose text is in the prompt to be changed."""

    message_id: str
    is_reply: bool
    is_promise: bool = False
    """Whether it is the prompt of the picture that the reply promised."""

    @property
    def note(self) -> str:
        """What is said above the prompt."""
        return REWORDING if self.is_promise else CORRECTING if self.is_reply else EDITING


class RevisionController(Controller):
    """Does what the keys of a message and the commands say; of these the message is the last reply."""

    def __init__(self, parts: ChatParts, show_asked: Callable[[], None]) -> None:
        """`show_asked` shows that an answer is awaited."""
        super().__init__(parts)
        self._show_asked = show_asked
        self._editing: Editing | None = None
        self._steps: list[int] = []
        """Steps through the versions of a message that are to be done; the first one is being done."""
        self._stepped_from: set[str] = set()
        """Ids of the versions that the last steps went through: the screen may still show one of them."""
        self._shown_last = ""
        """Id of the version to which they came."""

    # Actions of the table

    @reported
    async def reply(self, call: CommandCall) -> None:
        """Regenerate the last reply, as the user wishes it to be."""
        try:
            await self._ask(self._session.revisions.regenerate(call.argument))
        except UserError:
            if call.text:
                self._prompt.restore(call.text)
            raise

    async def _ask(self, asking: Awaitable[None]) -> None:
        await asking
        self._show_asked()

    @reported
    async def continue_(self) -> None:
        """Have the last reply go on where it was cut."""
        await self._ask(self._session.revisions.continue_reply())

    # From the pane

    def do(self, message_id: str, action: MessageAction) -> None:
        """Do something with a message."""
        session = self._session
        match action:
            case "regenerate":
                self._reporter.run(self._ask(session.revisions.regenerate(message_id=message_id)))
            case "continue":
                self.continue_()
            case "edit":
                self._edit(message_id)
            case "quote":
                self._quote(session.conversation.get(message_id).content or "")
            case "hide" | "show":
                self._reporter.run(session.revisions.set_hidden(message_id, action == "hide"))
            case "ask_delete":
                self._reporter.say(DELETING)
            case "delete":
                self._delete(message_id)
            case "fork":
                self._fork(message_id)

    @reported
    async def _delete(self, message_id: str) -> str:
        if self._session.images.discard(message_id):
            return REMOVED
        await self._session.revisions.delete(message_id)
        return DELETED

    @reported
    async def restore(self) -> str:
        """Put back the message that was deleted last."""
        await self._session.revisions.restore_deleted()
        return RESTORED

    def step_branch(self, message_id: str, step: int) -> None:
        """Show the next (1) version of a message, or the one before (-1), with what followed it.

        Each version is a message with an id of its own. One that is asked for while another one is being written to the
        disk is counted from that one.
        """
        self._steps.append(step)
        if len(self._steps) == 1:
            self._step_through(message_id)

    def _message(self, message_id: str) -> ChatMessage:
        try:
            return self._session.conversation.get(message_id)
        except KeyError:
            raise UserError("This message is not there any more.") from None

    @reported
    async def _step_through(self, message_id: str) -> None:
        is_there = self._session.conversation.messages.place(message_id) is not None
        shown = self._shown_last if not is_there and message_id in self._stepped_from else message_id
        self._stepped_from = {message_id, shown}
        try:
            while self._steps:
                message = self._message(shown)
                if 0 <= (index := message.branch + self._steps[0]) < message.branch_count:
                    shown = await self._session.revisions.show_branch(shown, index)
                    self._stepped_from.add(shown)
                    self._shown_last = shown
                del self._steps[0]
        finally:
            self._steps.clear()

    @reported
    async def _fork(self, message_id: str) -> str:
        await self._session.revisions.fork(message_id)
        return FORKED

    def _quote(self, text: str) -> None:
        """Put the lines of a message into the prompt, behind what stands there."""
        quoted = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
        written = self._prompt.text.rstrip()
        self._prompt.focus()
        self._prompt.move_cursor(self._prompt.document.end)
        before = "\n\n" if written else ""
        self._prompt.insert(self._prompt.fitting(f"{before}{quoted}\n\n"))

    # A message in the prompt

    @reported
    async def _edit(self, message_id: str) -> None:
        conversation = self._session.conversation
        if conversation.refusal is not None:
            raise UserError(conversation.refusal)
        message = conversation.get(message_id)
        self._begin(Editing(message_id, message.role == "assistant"), message.content or "")

    def _begin(self, editing: Editing, text: str) -> None:
        self._editing = editing
        self._prompt.query_ancestor(PromptBar).show_note(editing.note)
        self._prompt.begin_edit(text)
        self._prompt.focus()

    def edit_promise(self, message: ChatMessage) -> None:
        """Have the prompt of the picture that a reply promised edited."""
        self._begin(Editing(message.id, is_reply=True, is_promise=True), message.image_prompt or "")

    def leave(self) -> bool:
        """End editing without a change; what was being written comes back. False when nothing is being edited."""
        editing, self._editing = self._editing, None
        if editing is None:
            return False
        self._prompt.query_ancestor(PromptBar).show_note("")
        self._prompt.end_edit()
        return True

    @property
    def is_correcting(self) -> bool:
        """Whether what is in the prompt is a reply, which is not said by the user."""
        return self._editing is not None and self._editing.is_reply

    def take(self, text: str) -> bool:
        """Use what was sent from the prompt for the message that is edited; False when none is."""
        editing = self._editing
        if editing is None:
            return False
        self.leave()
        self._finish(editing, text)
        return True

    @reported
    async def _finish(self, editing: Editing, text: str) -> None:
        try:
            if editing.is_promise:
                await self._session.images.promised.change(editing.message_id, text)
            elif editing.is_reply:
                await self._session.revisions.correct(editing.message_id, text)
            else:
                await self._session.revisions.edit_and_resend(editing.message_id, text)
        except UserError:
            self._begin(editing, text)
            raise

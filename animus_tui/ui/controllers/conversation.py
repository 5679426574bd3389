"""Actions on the conversation as a whole: cancel, retry, the note, reasoning, copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.errors import UserError
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from animus_tui.chat.attachments import Attachment
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.conversation.entries.entry import Entry


NOTE_COMMAND = "/note "
NOTED = "The model is reminded of the note with each message. /note changes it, /note - removes it."
CHANGING = "Change the note and press Enter. /note - removes it."
WRITING = "Write a note behind /note: the model is reminded of it with each message."
REMOVED = "The note is removed."
NONE = "There is no note to remove."


class ConversationController(Controller):
    """Sends, cancels and tries again; acts on the entry that has the focus, or else on the newest one."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        cancel_other: Callable[[], None],
        attached_to_send: Callable[[], AbstractAsyncContextManager[Sequence[Attachment]]],
    ) -> None:
        """`cancel_other` stops what is under way beside answers and pictures.

        `attached_to_send` has the pictures that go with the message, which stay attached when it cannot be sent.
        """
        super().__init__(parts)
        self._cancel_other = cancel_other
        self._attached_to_send = attached_to_send

    @property
    def is_busy(self) -> bool:
        """Whether an answer or a picture is under way."""
        return self._session.busy or bool(self._session.images.under_way)

    @property
    def has_failed(self) -> bool:
        """Whether there is an answer or a picture that can be tried again."""
        return self._session.can_retry or bool(self._pane.content.failed())

    @reported
    async def send(self, text: str) -> None:
        """Send a message; one that cannot be sent goes back into the prompt."""
        try:
            async with self._attached_to_send() as attached:
                await self._session.send(text, attached)
        except UserError:
            written = self._prompt.whole_text  # since then, or the path of a picture that cannot be attached
            self._prompt.restore(f"{text}\n{written}" if written.strip() else text)
            raise

    def suggest(self, text: str) -> None:
        """Send a suggestion of the empty conversation."""
        self._prompt.focus()
        self._reporter.run(self._session.send(text))

    # Actions of the table

    def cancel(self) -> None:
        """Stop what is under way: an answer, else a picture, else an export."""
        if self.is_busy:
            self._reporter.run(self._session.cancel())
        else:
            self._cancel_other()

    def retry(self) -> None:
        """Try again: the chosen entry if it failed, else the answer, else the newest failed picture."""
        chosen, failed = self._pane.cursor.entry, self._pane.content.failed()
        if chosen is not None and chosen.can_retry:
            self.retry_entry(chosen)
        elif failed and not self._session.can_retry:
            self.retry_entry(failed[-1])
        else:
            self._reporter.run(self._retry_answer())

    @reported
    async def note(self, call: CommandCall) -> str:
        """Keep a note for the model, or remove it; without words the one that there is comes into the prompt."""
        before, note = self._session.character.note, call.argument
        if not note:
            self._prompt.restore(f"{NOTE_COMMAND}{before}")
            self._prompt.focus()
            return CHANGING if before else WRITING
        if note == "-" and not before:
            return NONE
        try:
            self._session.set_note("" if note == "-" else note)
        except UserError:
            self._prompt.restore(call.text)
            raise
        return REMOVED if note == "-" else NOTED

    def reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        self._pane.actions.toggle_newest_reasoning()

    def copy_selection(self) -> None:
        """Copy the marked text, which may take its time."""
        self._reporter.run(self._pane.actions.copy_selection())

    # From the pane

    @reported
    async def retry_entry(self, entry: Entry) -> None:
        """Try again an answer that failed, a picture that did, or one that was promised and never made."""
        match entry:
            case PictureEntry() if entry.image_id is not None:
                self._session.images.retry(entry.image_id)
            case ReplyEntry():
                self._session.images.start_promised(entry.id)
            case _:
                await self._retry_answer()

    async def _retry_answer(self) -> None:
        await self._session.retry()
        self.show_asked()

    def show_asked(self) -> None:
        """Show that an answer is asked for once more, or goes on: it is awaited, and nothing counts as failed."""
        self._pane.updates.clear_error()
        self._pane.updates.start_typing()
        for message in self._session.conversation.messages[-2:]:
            self._pane.marks.mark_failed(message)

    def cancel_image(self, image_id: str) -> None:
        """Stop one picture that is being made."""
        self._reporter.run(self._session.images.cancel(image_id))

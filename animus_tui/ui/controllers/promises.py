"""What the user says to promised pictures: generate, change, decline; and whether to be asked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.config.actions import NOT_ASKED
from animus_tui.errors import UsageError, UserError
from animus_tui.ui.commands.completion import WAYS
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.conversation.entries.promise import prompt_place
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.widgets.promise_editor import PromiseEditor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from textual.screen import Screen
    from textual.widget import Widget

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.conversation.entries.promise import PromiseAnswer
    from animus_tui.ui.conversation.view import ConversationPane

MOST_ROWS = 8
"""Rows of an editor; a longer text scrolls in it."""
LEAST_ROWS, LEAST_WIDTH = 6, 12
"""Of the conversation: with less there is no room for an editor."""


class PromiseEditing:
    """Changing a prompt in place: one editor at most, which lies over its card and moves with it."""

    def __init__(
        self,
        screen: Screen[Any],
        pane: ConversationPane,
        *,
        send_keys: Sequence[str],
        newline_keys: Sequence[str],
        keep: Callable[[str, str], object],
    ) -> None:
        """`keep` gets the id of the reply and the prompt that its picture is to have."""
        self._screen = screen
        self._pane = pane
        self._keys = {"send_keys": send_keys, "newline_keys": newline_keys}
        self._keep = keep
        self._message_id = ""
        self._made: PromiseEditor | None = None
        self._editor: PromiseEditor | None = None
        """The one that was made, while a prompt is changed in it."""
        self._came_from: Widget | None = None
        """What had the focus before."""
        self._placed = (0, 0, 0, 0)
        """Where the editor is: x, y, width and height in cells."""

    @property
    def has_room(self) -> bool:
        """Whether an editor has room on the conversation as it is on the screen."""
        size = self._pane.scrollable_content_region.size
        return size.height >= LEAST_ROWS and size.width >= LEAST_WIDTH

    def text_of(self, message_id: str) -> str | None:
        """What is written in the card of a reply and not kept yet; None where nothing is."""
        editor = self._editor
        is_this = editor is not None and message_id == self._message_id
        return editor.text if editor is not None and is_this and editor.is_changed else None

    async def begin(self, message_id: str, prompt: str) -> None:
        """Have a prompt changed; what is being changed elsewhere is kept."""
        if self._editor is not None:
            if message_id == self._message_id:
                self._editor.focus()
                return
            self.end(self._editor.text)
        self._message_id, self._came_from = message_id, self._screen.focused
        self._placed = (0, 0, 0, 0)
        if self._made is None:
            self._made = PromiseEditor(**self._keys)
            await self._screen.mount(self._made)
        self._editor = editor = self._made
        editor.begin(prompt)
        self._pane.after_layout = self.place
        self.place(shows=True)
        editor.focus()

    def place(self, *, shows: bool = False) -> None:
        """Put the editor over its card; `shows`: bring it into view. It ends where the card is gone."""
        editor, entry = self._editor, self._pane.content.find(self._message_id)
        if editor is None:
            return
        card = entry.card if isinstance(entry, ReplyEntry) and entry.can_answer else None
        context = self._pane.entries.context
        if entry is None or card is None or context is None:
            self._pane.call_later(self.end, None)
            return
        x, width = prompt_place(context)
        height = self._pane.scrollable_content_region.height
        needed = editor.rows(width)
        rows = max(1, min(needed, MOST_ROWS, height - 4))
        editor.set_class(needed > rows, "-long")
        if (card.editor_rows, card.written) != (rows, editor.text):
            card.editor_rows, card.written = rows, editor.text
            entry.invalidate()
            self._pane.viewport.entry_changed(entry)
        index = self._pane.entries.index(entry)
        if index is None:
            return
        self._pane.entries.layout(index)  # tells the card where its prompt is
        if shows:
            for row in (card.prompt_row - 1, card.prompt_row + rows):
                self._pane.viewport.go_to(index, row)
        region = self._pane.scrollable_content_region
        top = self._pane.entries.top(index) + card.prompt_row - self._pane.viewport.y
        is_in_view = top >= 0 and top + rows <= region.height
        # Hidden it would lose the focus: out of view it is put below the screen.
        y = region.y + top if is_in_view else self._screen.size.height
        offset = (region.x + x, y)
        if (*offset, width, rows) != self._placed:
            self._placed = *offset, width, rows
            editor.styles.width, editor.styles.height = width, rows
            editor.styles.offset = offset

    def end(self, text: str | None) -> None:
        """Take the editor away and keep a text; None changes nothing."""
        editor, self._editor = self._editor, None
        if editor is None:
            return
        self._pane.after_layout = lambda: None
        entry = self._pane.content.find(self._message_id)
        if isinstance(entry, ReplyEntry) and entry.card is not None:
            entry.card.editor_rows = 0
            entry.invalidate()
            self._pane.viewport.entry_changed(entry)
        is_changed, has_focus = editor.is_changed, editor.has_focus
        editor.end()
        if has_focus and self._came_from is not None:
            self._came_from.focus()
        if text is not None and is_changed:
            self._keep(self._message_id, text)


class PromiseController(Controller):
    """Answers the card that has the focus, or else the newest one."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        send_keys: Sequence[str],
        newline_keys: Sequence[str],
        edit_in_prompt: Callable[[ChatMessage], None],
    ) -> None:
        """The keys send a message, and break a line in it; `edit_in_prompt` is for where an editor has no room."""
        super().__init__(parts)
        self._edit_in_prompt = edit_in_prompt
        self.editing = PromiseEditing(
            parts.screen, parts.pane, send_keys=send_keys, newline_keys=newline_keys, keep=self._reword
        )
        """The prompt that is being changed in its card."""

    # Actions of the table

    def accept(self) -> None:
        """Have the picture made."""
        self.answer(self._asked_id(), "accept")

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
        self.answer(self._asked_id(), "decline")

    @reported
    async def pictures(self, call: CommandCall) -> str:
        """Say what becomes of promised pictures in this conversation, or have it be something else."""
        way = call.argument.lower()
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

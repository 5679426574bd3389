"""All conversations: open, rename, pin, archive, copy and delete one; the trash is here, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual import on, work
from textual.binding import Binding

from animus_tui.chat.messages import seconds_of
from animus_tui.chat.storage.conversation_list import ListedConversation, fitting
from animus_tui.errors import StoreError
from animus_tui.printable import short_line
from animus_tui.ui.commands.places import IN_CONVERSATIONS
from animus_tui.ui.controllers.conversation_changes import Change, ConversationChanges
from animus_tui.ui.screens.list_screen import ListScreen
from animus_tui.ui.widgets.conversation_bar import TITLE_MARK, ConversationBar
from animus_tui.ui.widgets.conversation_rows import ConversationRows
from animus_tui.ui.widgets.key_footer import Entry
from animus_tui.ui.widgets.thumbnail_drawing import thumbnail_loader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.trash import DeletedConversation
    from animus_tui.ui.controllers.controller import Reporter
    from animus_tui.ui.images.renderer import ImageRenderer

View = Literal["conversations", "archived", "trash"]
VIEWS: tuple[View, ...] = ("conversations", "archived", "trash")
LOOK_EVERY = 1.0
"""Seconds between two looks at what other programs have changed."""
CHANGING = "rename", "change"
"""What is done with the chosen conversation, once all have been read."""
LEAVING = "back", "leave"
"""What is done at once, however long the disk takes."""
NO_MATCH = "No conversation has these words in its title, its character's name or its last message."
EMPTY: dict[View, str] = {
    "conversations": "There are no conversations yet.",
    "archived": "No conversation is archived.",
    "trash": "The trash is empty. Deleted conversations stay here for 30 days.",
}


class ConversationListScreen(ListScreen[str | None]):
    """Dismissed with the id of the conversation to open, or None."""

    BINDINGS = [
        Binding("ctrl+l", "in_order('leave')", "Back", show=False, priority=True, id="conversations"),
        Binding("enter", "in_order('enter')", "Open", show=False, priority=True),
        Binding("tab", "in_order('search_everything')", "Search all", show=False, priority=True),
        Binding("ctrl+r", "in_order('rename')", "Rename", show=False, priority=True),
        Binding("ctrl+t", "in_order('change', 'pin')", "Pin", show=False, priority=True),
        Binding("ctrl+a", "in_order('change', 'archive')", "Archive", show=False, priority=True),
        Binding("ctrl+y", "in_order('change', 'duplicate')", "Duplicate", show=False, priority=True),
        Binding("ctrl+d", "in_order('change', 'delete')", "Delete", show=False, priority=True),
        Binding("ctrl+o", "in_order('turn')", "Archived, trash", show=False, priority=True),
        Binding("ctrl+n", "in_order('new')", "New", show=False, priority=True, id="new"),
    ]

    def __init__(
        self,
        session: ChatSession,
        renderer: ImageRenderer,
        changing: Reporter,
        *,
        begin_new: Callable[[Callable[[], object]], Awaitable[object]],
        search_everything: Callable[[str], Awaitable[object]] | None = None,
    ) -> None:
        """`renderer` draws the small pictures; `search_everything` gets the words that were typed, on Tab.

        `changing` carries out changes, also when the list is left before they are done. `begin_new` has a character
        chosen for a new conversation, and calls back once that is begun.
        """
        self.rows = ConversationRows(session.all_conversations.folder, thumbnail_loader(renderer))
        """The conversations."""
        super().__init__(ConversationBar(), self.rows, IN_CONVERSATIONS)
        self._session = session
        self._all = session.all_conversations
        self._changes = ConversationChanges(session, changing, self._read)
        self._begin_new = begin_new
        self._search_everything = search_everything
        self._view: View = "conversations"
        self._listed: list[ListedConversation] = []
        self._wanted: str | None = None
        """The conversation that is to be chosen once the list has been read."""
        self._renamed: ListedConversation | None = None
        """What is being renamed."""

    async def on_mount(self) -> None:
        """Read what there is, and look now and then whether another program changes it.

        The first frame is painted when this returns, and has conversations unless the disk is slow.
        """
        self._read()
        await self.show_first()
        self.set_interval(LOOK_EVERY, self._look_elsewhere)

    # What there is

    @property
    def _current(self) -> str:
        return self._session.conversation.conversation.id

    def _read(self, choose: str | None = None) -> None:
        """Read the list in a thread and show it, with this one chosen; a reading under way is begun anew."""
        if not self.is_attached:  # a change was done after the list had been left
            return
        self._wanted = choose or self._wanted
        self._read_all()

    @work(exclusive=True, group="reading")
    async def _read_all(self) -> None:
        try:
            await self._read_view()
        except StoreError as error:
            self._reporter.tell(error)
        finally:
            self._has_shown.set()
            self._has_read.set()

    async def _read_view(self) -> None:
        if not self._is_read and self._view != "trash" and (remembered := await self._all.remembered()):
            self._take(remembered, self._wanted or self._current)
        if self._view == "trash":
            listed = [_in_trash(each) for each in await self._all.deleted()]
        else:
            listed = await self._all.read()
        # The user may have moved while all were read.
        has_chosen = self._is_read or (self._has_parts() and self.rows.chosen is not None)
        self._take(listed, self._wanted or (None if has_chosen else self._current))
        self._wanted = None

    def _take(self, listed: list[ListedConversation], choose: str | None) -> None:
        """Show what there is, of which other views show the rest; nothing is painted when all is as before."""
        if not self._has_parts():
            return
        if self._view != "trash":
            listed = [each for each in listed if each.archived == (self._view == "archived")]
        if not self._is_read or choose is not None or listed != self._listed:
            self._listed, self._is_read = listed, True
            self.show_filtered(choose)
            self._has_shown.set()

    def show_filtered(self, choose: str | None = None) -> None:
        """Show the conversations that have the words of the filter, and have the one with this id chosen."""
        words = self._shown_words = self.filter_words
        shown = fitting(self._listed, words)
        sentence = NO_MATCH if self._listed else EMPTY[self._view] if self._is_read else ""
        self.rows.show(shown, current=self._current, words=words, sentence=sentence, choose=choose)
        self._bar.tell(
            VIEWS.index(self._view), len(shown), len(self._listed), is_filtered=bool(words.strip())
        )
        self.show_keys()

    @on(ConversationRows.InViewChanged)
    def _in_view_changed(self) -> None:
        if self._view != "trash" and any(each.is_outdated for each in self.rows.in_view):
            self._bring_up_to_date()

    @work(exclusive=True, group="bringing up to date")
    async def _bring_up_to_date(self) -> None:
        """Read the end of the histories in view whose summaries are out of date."""
        outdated = [each for each in self.rows.in_view if each.is_outdated]
        renewed = {each.id: each for each in await self._all.bring_up_to_date(outdated)}
        if self._has_parts():
            self._listed = [renewed.get(each.id, each) for each in self._listed]
            self.rows.renew(list(renewed.values()))

    async def _look_elsewhere(self) -> None:
        if self._is_read and self._view != "trash" and self._has_parts():
            names = [each.id for each in self.rows.in_view if each.id != self._current]
            if await self._all.has_changed(names) and self._has_parts():
                self._read()

    # The keys

    def show_keys(self) -> None:
        """Show the keys that work now."""
        if not self._has_parts():
            return
        chosen = self.rows.chosen
        last = self._changes.last_deleted
        deleted = f"“{short_line(last.title)}”" if last is not None else None
        if self._renamed is not None:
            self.show_entries(
                [Entry("enter", "enter", "Save title"), Entry("back", "escape", "Cancel")], deleted
            )
            return
        following = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)].capitalize()
        elsewhere = [Entry("turn", "ctrl+o", following)]
        if self._search_everything is not None:
            elsewhere.append(Entry("search_everything", "tab", "Search"))
        entries = elsewhere
        if chosen is not None and self._view == "trash":
            entries = [Entry("enter", "enter", "Restore"), *elsewhere]
        elif chosen is not None:
            # Where not all fit, the last ones are left out: what leads elsewhere stands before what is rarely done.
            entries = [
                Entry("enter", "enter", "Open"),
                Entry("rename", "ctrl+r", "Rename"),
                Entry("delete", "ctrl+d", "Delete"),
                *elsewhere,
                Entry("pin", "ctrl+t", "Unpin" if chosen.pinned else "Pin"),
                Entry("archive", "ctrl+a", "Unarchive" if chosen.archived else "Archive"),
                Entry("duplicate", "ctrl+y", "Duplicate"),
            ]
        self.show_entries([*entries, Entry("back", "escape", "Back")], deleted)

    @property
    def is_asking(self) -> bool:
        """Whether the field is for a title."""
        return self._renamed is not None

    def waits_for_list(self, action: str) -> bool:
        """Whether an action is only done once all conversations have been read."""
        has_words = self._field.value != self._shown_words  # then these say which one is chosen
        return not self._is_read and (action in CHANGING or (has_words and action not in LEAVING))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now; the others are the field's."""
        is_listing = not self.is_asking
        match action:
            case "in_order":
                return self.check_action(str(parameters[0]), parameters[1:])
            case action if action in CHANGING:
                return is_listing and self._view != "trash"
            case "undo":
                return is_listing and self._changes.last_deleted is not None
            case "turn" | "new" | "search_everything" | "leave" | "move" | "page" | "end":
                return is_listing
            case _:
                return True

    @on(ConversationRows.Opened)
    def action_enter(self) -> None:
        """Open the chosen conversation, restore it from the trash, or save its new title."""
        chosen = self.rows.chosen
        if (renamed := self._renamed) is not None:
            self._changes.rename(renamed, self._field.value)
            self._renamed = None
            self.stop_asking()
        elif chosen is not None and self._view == "trash":
            self._changes.restore(chosen, in_trash=True)
        elif chosen is not None:
            self.action_leave(chosen.id)

    def action_back(self) -> None:
        """Stop renaming; else show all again; else leave."""
        if self._renamed is not None:
            self._renamed = None
            self.stop_asking()
        elif self._field.value:
            self._field.value = ""
        elif self._view != "conversations":
            self.action_turn("conversations")
        else:
            self.action_leave()

    def action_leave(self, conversation_id: str | None = None) -> None:
        """Leave for a conversation; without an id for the open one."""
        if self.is_current:
            self.dismiss(conversation_id)

    def action_turn(self, view: View | None = None) -> None:
        """Show the archived conversations, the trash, or the others; without a name the next one of these."""
        self._view = view or VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        self._listed, self._is_read = [], False
        self._has_read.clear()
        self.show_filtered()
        self._read()

    async def action_search_everything(self) -> None:
        """Look for the words in all messages of all conversations; what is typed behind the key goes there, too."""
        if self._search_everything is not None:
            await self._search_everything(self._field.value)

    async def action_new(self) -> None:
        """Start a new conversation with a character that is chosen."""
        await self._begin_new(self.action_leave)

    # What is done with the chosen one

    def action_rename(self) -> None:
        """Type another title."""
        chosen = self.rows.chosen
        if chosen is not None:
            self._renamed = chosen
            self.ask(chosen.title, TITLE_MARK)

    def action_change(self, what: Change) -> None:
        """Pin, archive, copy or delete the chosen conversation, or take back one of the first two."""
        if (chosen := self.rows.chosen) is not None:
            following = self.rows.following
            self._changes.change(what, chosen, None if following is None else following.id)

    def action_undo(self) -> None:
        """Restore the conversation that was deleted last."""
        if (deleted := self._changes.last_deleted) is not None:
            self._changes.restore(deleted, in_trash=self._view == "trash")


def _in_trash(each: DeletedConversation) -> ListedConversation:
    """A deleted conversation as the list shows it: by the time when it was deleted."""
    found = each.conversation
    return ListedConversation(
        found.id, found.title, found.name, seconds_of(each.deleted) or 0, summary=found.summary
    )

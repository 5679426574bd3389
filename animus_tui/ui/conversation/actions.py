"""What the keys and a click do with an entry of the conversation, and the messages that ask the screen for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from textual.message import Message

from animus_tui.chat.abilities import EVERYTHING
from animus_tui.ui.conversation.entries.entry import Entry
from animus_tui.ui.conversation.entries.notices import SuggestionEntry
from animus_tui.ui.conversation.entries.picture import CANCEL, VIEW, PictureEntry
from animus_tui.ui.conversation.entries.promise import ANSWERS, PromiseAnswer
from animus_tui.ui.conversation.entries.reply import RETRY, TOGGLE, ReplyEntry
from animus_tui.ui.conversation.entries.user import SHOW_ATTACHED, UserEntry
from animus_tui.ui.images.grid import CHOOSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.selection import MouseSelection
    from animus_tui.ui.conversation.viewport import Viewport


PictureAction = Literal["view", "details", "copy", "open"]
"""See it large, read what is known of it, have the path of its file, or hand it to the viewer of the system."""
MessageAction = Literal[
    "regenerate", "continue", "edit", "quote", "hide", "show", "ask_delete", "delete", "fork"
]
"""Have another reply, or the rest of one; change the text; put it into the prompt; keep it from the model, or tell it;
say that it can be deleted, and do it; a new conversation up to here."""
Change = Literal["prompt", "size"]
"""What is to be other than in the picture that is there; all else stays, the seed too."""


class SuggestionChosen(Struct, frozen=True):
    """A suggestion of the empty conversation is to be sent."""

    text: str


class RetryRequested(Struct, frozen=True):
    """What failed is to be tried again: an answer, an image, or an image that was promised and not begun."""

    entry: Entry


class VariantRequested(Struct, frozen=True):
    """Another variant of an image is to be shown; `index` counts from 0."""

    message_id: str
    index: int


class PictureRequested(Struct, frozen=True):
    """Something is to be done with an image that is there; `number` counts those of a user's message from 0."""

    message_id: str
    action: PictureAction
    number: int = 0


class MessageRequested(Struct, frozen=True):
    """Something is to be done with a message of the history."""

    message_id: str
    action: MessageAction


class RestoreRequested(Struct, frozen=True):
    """The message that was deleted last is to be put back."""


class BranchRequested(Struct, frozen=True):
    """Another version of a message is to be shown, with what followed it: the next (1) or the one before (-1)."""

    message_id: str
    step: int


class CancelRequested(Struct, frozen=True):
    """One image job is to be stopped, and no other."""

    image_id: str


class ChangeRequested(Struct, frozen=True):
    """An image is to be generated once more, with one thing changed."""

    message_id: str
    change: Change


class PromiseRequested(Struct, frozen=True):
    """The user answers the card of a picture that a reply promised."""

    message_id: str
    answer: PromiseAnswer


class LinkOpened(Struct, frozen=True):
    """A web or mail address was clicked or chosen."""

    href: str


class CopyRequested(Struct, frozen=True):
    """A text is to be put on the clipboard; `what` names it."""

    text: str
    what: str = ""


PaneRequest = (
    SuggestionChosen
    | RetryRequested
    | VariantRequested
    | PictureRequested
    | MessageRequested
    | RestoreRequested
    | BranchRequested
    | CancelRequested
    | ChangeRequested
    | PromiseRequested
    | LinkOpened
    | CopyRequested
)
"""Every kind of request."""


class PaneRequested(Message):
    """What the pane cannot do itself: the screen is asked for it."""

    def __init__(self, request: PaneRequest) -> None:
        super().__init__()
        self.request = request


class Typed(Message):
    """A letter that means nothing here, or a pasted text: the user wants to write."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class EntryActions:
    """Does what the chosen entry offers, or asks the screen for it by a message."""

    def __init__(
        self,
        host: Widget,
        content: Content,
        viewport: Viewport,
        cursor: EntryCursor,
        selection: MouseSelection,
    ) -> None:
        """The messages come from `host`."""
        self._host = host
        self._content = content
        self._entries = content.entries
        self._viewport = viewport
        self._cursor = cursor
        self._selection = selection
        self.can_restore: Callable[[], bool] = lambda: False
        """Whether a message was deleted that can be put back."""
        self.abilities: Abilities = EVERYTHING
        """What the services can do: nothing that needs more can be done with an entry."""
        self._asked_to_delete: Entry | None = None
        """The entry that a second press of the same key deletes."""

    def can(self, action: str, argument: object = None) -> bool:
        """Whether an action can be done with the chosen entry now; one that is not known can."""
        entry, picture = self._cursor.entry, self._cursor.picture
        match action:
            case "act":
                return entry is not None and (entry.can_retry or isinstance(entry, SuggestionEntry))
            case "toggle_reasoning":
                return isinstance(entry, ReplyEntry) and bool(entry.reasoning)
            case "copy_message":
                return bool(self._selection.selected) or (entry is not None and bool(entry.source()))
            case "copy_code":
                return entry is not None and bool(self._layout_of(entry).code)
            case "open_link":
                return entry is not None and bool(self._layout_of(entry).links)
            case "message":
                return _can_with_message(entry, argument)
            case "promise":
                return isinstance(entry, ReplyEntry) and entry.can_answer
            case _:
                return self._can_with(picture, action, argument)

    def _can_with(self, picture: PictureEntry | None, action: str, argument: object) -> bool:
        has_message = picture is not None and picture.message is not None
        match action:
            case "picture":
                is_shown = has_message or _shows_attached(self._cursor.entry)
                return is_shown and (argument != "copy" or not self._selection.selected)
            case "variant":
                has_variants = has_message and bool(picture and picture.message and picture.message.variants)
                entry = self._cursor.entry
                return has_variants or (entry is not None and entry.branches > 1)
            case "change":
                can_generate = "images" in self.abilities
                return can_generate and has_message and picture is not None and not picture.is_undecided
            case "cancel":
                return picture is not None and picture.is_waiting
            case "take":
                return picture is not None and picture.is_undecided
            case "choose_number":
                return picture is not None and isinstance(argument, int) and argument <= picture.choices
            case _:
                return True

    def _layout_of(self, entry: Entry) -> Layout:
        index = self._entries.index(entry)
        assert index is not None  # noqa: S101 (the chosen entry is in the list)
        return self._entries.layout(index)

    def _ask(self, request: PaneRequest) -> None:
        self._host.post_message(PaneRequested(request))

    # Any entry

    async def do(self, action: str, argument: str | int = "") -> None:
        """Do something with the chosen entry, as named by `can`."""
        entry, picture = self._cursor.entry, self._cursor.picture
        asked, self._asked_to_delete = self._asked_to_delete, None
        match action, argument:
            case (("message" | "promise"), str(what)) if entry is not None:
                self._change(entry, what, is_again=asked is entry)
            case "act", _:
                self._act(entry)
            case "toggle_reasoning", _ if isinstance(entry, ReplyEntry):
                self.toggle(entry)
            case "copy_message", _:
                await self._copy_message(entry)
            case "copy_code", _:
                self._copy_code(entry)
            case "open_link", _:
                self._open_link(entry)
            case "picture", ("view" | "details" | "copy" | "open") as action:
                self._ask_for(entry, action)
            case "variant", int(step):
                self._show_version(entry, step)
            case "change", ("prompt" | "size") as change if (
                picture is not None and picture.message is not None
            ):
                self._ask(ChangeRequested(picture.message.id, change))
            case "cancel", _ if picture is not None:
                self._cancel(picture)
            case "take", _ if picture is not None:
                self.choose_number(picture.marked + 1)
            case _:
                pass

    def _change(self, entry: Entry, what: str, *, is_again: bool) -> None:
        """Ask for a change of a message, or answer its card; `is_again`: the same key was the last one."""
        match what:
            case "delete":
                is_sure = self._cursor.next_of("delete", 2) == 1 and is_again
                self._asked_to_delete = None if is_sure else entry
                self._ask(MessageRequested(entry.id, "delete" if is_sure else "ask_delete"))
            case "hide":
                self._ask(MessageRequested(entry.id, "show" if entry.is_hidden else "hide"))
            case "accept" | "reword" | "decline":
                self._ask(PromiseRequested(entry.id, what))
            case "regenerate" | "continue" | "edit" | "quote" | "fork":
                self._ask(MessageRequested(entry.id, what))
            case _:
                pass

    def _act(self, entry: Entry | None) -> None:
        if isinstance(entry, SuggestionEntry):
            self._ask(SuggestionChosen(entry.text))
        elif entry is not None and entry.can_retry:
            self._ask(RetryRequested(entry))

    def choose_entry(self, entry_id: str) -> None:
        """Choose the entry with this id; what was chosen and is in view stays where it is."""
        if (entry := self._content.find(entry_id)) is not None:
            self._cursor.come_to(entry)

    def choose_suggestion(self, text: str) -> None:
        """Say one of the suggestions, if it is offered."""
        self._act(self._content.suggestion(text))

    def toggle_newest_reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        if reply := self._content.last_reasoned:
            self.toggle(reply)

    def toggle(self, reply: ReplyEntry) -> None:
        """Open or fold the reasoning; its line stays where it is, or comes into view."""
        index = self._entries.index(reply)
        if index is None:
            return
        self._viewport.hold()
        selected = self._selection.selected
        if selected and selected.start.entry <= index:
            self._selection.drop(index)  # its lines are about to change
        reply.toggle()
        self._viewport.entry_changed(reply)
        rows = [target.row for target in self._entries.layout(index).targets if target.action == TOGGLE]
        self._viewport.go_to(index, rows[0] if rows else 0)
        self._viewport.follow_at_end()

    async def _copy_message(self, entry: Entry | None) -> None:
        """What is selected, or else the chosen message as it was written."""
        if self._selection.selected:
            await self.copy_selection()
        elif entry is not None and entry.source():
            self._ask(CopyRequested(entry.source()))

    async def copy_selection(self) -> None:
        """Copy what is selected."""
        if self._selection.selected:
            self._ask(CopyRequested(await self._selection.text()))

    def _copy_code(self, entry: Entry | None) -> None:
        """The blocks of code one by one."""
        if entry is not None and (code := self._layout_of(entry).code):
            number = self._cursor.next_of("code", len(code))
            what = f"block {number + 1} of {len(code)}" if len(code) > 1 else "the code"
            self._ask(CopyRequested(code[number], what))

    def _open_link(self, entry: Entry | None) -> None:
        """The links one by one."""
        if entry is not None and (links := self._layout_of(entry).links):
            self._ask(LinkOpened(links[self._cursor.next_of("link", len(links))].href))

    def _show_version(self, entry: Entry | None, step: int) -> None:
        """Show the variant of a picture, or the version of a message, before or after the one shown.

        Among several pictures to choose from, the mark moves instead.
        """
        if isinstance(entry, PictureEntry) and entry.message is not None and entry.message.variants:
            if entry.is_undecided:
                self._cursor.mark(step, 0)
            elif (index := entry.variant(step)) is not None:
                self._ask(VariantRequested(entry.message.id, index))
        elif entry is not None and entry.branches > 1:
            self._ask(BranchRequested(entry.id, step))

    # Pictures

    def _ask_for(self, entry: Entry | None, action: PictureAction, number: int = 0) -> None:
        has_message = isinstance(entry, PictureEntry) and entry.message is not None
        if entry is not None and (has_message or _shows_attached(entry)):
            self._ask(PictureRequested(entry.id, action, number))

    def _cancel(self, picture: PictureEntry) -> None:
        """Ask for the newest job of an image to be stopped."""
        if picture.image_id is not None:
            self._ask(CancelRequested(picture.image_id))

    def choose_number(self, number: int) -> None:
        """Choose the picture of this number among several."""
        picture = self._cursor.picture
        if picture is not None and picture.message is not None and 0 < number <= picture.choices:
            self._ask(VariantRequested(picture.message.id, number - 1))

    # Clicks

    def click(self, entry: Entry, action: str) -> None:
        """Do what was clicked: something that the entry offers, or a link."""
        if action == TOGGLE and isinstance(entry, ReplyEntry):
            self.toggle(entry)
        elif isinstance(entry, PictureEntry) and action != RETRY:
            self._click_picture(entry, action)
        elif isinstance(entry, SuggestionEntry) or action == RETRY:
            self._act(entry)
        elif isinstance(entry, ReplyEntry) and action in ANSWERS:
            self._ask(PromiseRequested(entry.id, ANSWERS[action]))
        elif isinstance(entry, UserEntry) and action.startswith(SHOW_ATTACHED):
            self._ask_for(entry, "view", int(action.removeprefix(SHOW_ATTACHED)))
        else:
            self._ask(LinkOpened(action))

    def _click_picture(self, picture: PictureEntry, action: str) -> None:
        if action == CANCEL:
            self._cancel(picture)
        elif action.startswith(CHOOSE) and picture.message is not None:
            self._ask(VariantRequested(picture.message.id, int(action.removeprefix(CHOOSE))))
        elif action == VIEW:
            self._ask_for(picture, "view")


def _shows_attached(entry: Entry | None) -> bool:
    """Whether it is a message with pictures of the user's."""
    return isinstance(entry, UserEntry) and bool(entry.slots)


def _can_with_message(entry: Entry | None, what: object) -> bool:
    """Whether something can be done with a message."""
    match what:
        case "regenerate":
            return isinstance(entry, ReplyEntry) and not (entry.can_retry or entry.is_greeting)
        case "continue":
            return isinstance(entry, ReplyEntry) and entry.is_cut
        case "edit" | "quote":
            return isinstance(entry, ReplyEntry | UserEntry) and bool(entry.source())
        case "delete" if isinstance(entry, PictureEntry) and entry.message is None:
            return entry.can_retry
        case _:
            is_picture = isinstance(entry, PictureEntry) and entry.message is not None
            return is_picture or isinstance(entry, ReplyEntry | UserEntry)

"""The account's groups of pictures as lines, and the pictures of one of them; asked for as far as one goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from animus_tui.chat.account import AccountGroup, AccountPicture
from animus_tui.errors import UserError
from animus_tui.printable import counted, short_line
from animus_tui.ui.conversation.entries.entry import clock, day_of, joined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from animus_tui.chat.account import Account

PAGE = 50
"""Entries that are asked for at once, as many as the service sends in a page."""
NO_GROUPS = "The account has no groups yet."
NEAR = 10
"""Entries before the last one from which the next page is asked for."""


class AccountList(OptionList, inherit_bindings=False):
    """Enter opens a group or shows a picture, Esc goes up and then out."""

    ALLOW_SELECT = False
    BINDINGS = [
        Binding("enter", "select", "Open", show=False, tooltip="Open the group, view the picture"),
        Binding("r", "ask_again", "Retry", show=False, tooltip="Ask the account again"),
        Binding("escape,q", "up_or_out", "Back", show=False, tooltip="Up to the groups, or back"),
        Binding("up,k", "choose_line(-1)", "Line above", show=False),
        Binding("down,j", "choose_line(1)", "Line below", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "choose_end(-1)", "First line", show=False),
        Binding("end,G", "choose_end(1)", "Last line", show=False),
    ]
    DEFAULT_CSS = """
    AccountList {
        height: 1fr; display: none; border: none; padding: 0 1; background: $background;
        scrollbar-size-vertical: 1;
        & > .option-list--option-highlighted { background: $primary 25%; color: $foreground; text-style: bold; }
        &:focus {
            border: none; background-tint: $foreground 0%;
            & > .option-list--option-highlighted { background: $primary 25%; color: $foreground; }
        }
    }
    """

    class Told(Message):
        """How many entries the account has, or why they cannot be listed."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class Wanted(Message):
        """Show this picture or clip."""

        def __init__(self, picture: AccountPicture) -> None:
            super().__init__()
            self.picture = picture

    class Left(Message):
        """The list is to be closed."""

    def __init__(self, account: Account) -> None:
        super().__init__(compact=True, markup=False)
        self._account = account
        self._group: AccountGroup | None = None
        self._items: list[AccountGroup | AccountPicture] = []
        self._source: AsyncIterator[AccountGroup] | AsyncIterator[AccountPicture] | None = None
        self._was_at = 0
        """The group from which one came."""
        self._asked: object = None
        """The source that is being asked."""
        self.told = ""
        """What was said last."""

    def begin(self) -> None:
        """Ask for the groups, unless that was done."""
        if not self._items and self._asked is None:
            self._enter(None)

    def _enter(self, group: AccountGroup | None, *, at: int = 0) -> None:
        """List the groups, or what is in one; the line `at` is chosen once it is there."""
        self._group, self._items, self._was_at = group, [], at if group is None else (self.highlighted or 0)
        self.clear_options()
        self._source = self._account.groups() if group is None else self._account.pictures(group.id)
        self._ask(at)

    def _ask(self, at: int | None = None) -> None:
        """Take a page more, or as many as it needs to the line `at`."""
        if self._source is not None and self._source is not self._asked:
            self._asked = self._source
            self._tell("asking the account…")
            self._take(self._source, at)

    @work(exclusive=True)
    async def _take(
        self, source: AsyncIterator[AccountGroup] | AsyncIterator[AccountPicture], at: int | None
    ) -> None:
        found: list[AccountGroup | AccountPicture] = []
        try:
            async for item in source:
                found.append(item)
                if len(found) >= max(PAGE, (at or 0) + 1):
                    break
            else:
                self._source = None
        except UserError as error:
            self._source = None
            self._tell(f"{error} r Retry")
            return
        finally:
            if self._asked is source:  # whoever was cancelled for another has no say
                self._asked = None
        self._items += found
        self.add_options([Option(_line(item)) for item in found])
        if at is not None and self._items:
            self.highlighted = min(at, len(self._items) - 1)
        self._tell(self._count())

    def _tell(self, sentence: str) -> None:
        self.told = short_line(sentence)
        self.post_message(self.Told(self.told))

    def _count(self) -> str:
        more = "" if self._source is None else " so far"
        if self._group is None:
            return f"{counted(len(self._items), 'group')}{more}" if self._items else NO_GROUPS
        title = short_line(self._group.title or self._group.id)
        count = f"{counted(len(self._items), 'picture')}{more}" if self._items else "nothing in it"
        return joined((title, count))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Ask for the next page when a line near the end is selected."""
        event.stop()
        if event.option_index >= len(self._items) - NEAR:
            self._ask()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a group, or show a picture."""
        event.stop()
        if event.option_index < len(self._items):
            match self._items[event.option_index]:
                case AccountGroup() as group:
                    self._enter(group)
                case AccountPicture() as picture:
                    self.post_message(self.Wanted(picture))

    def action_choose_line(self, step: int) -> None:
        """Select the line above (-1) or below (1)."""
        at = (self.highlighted or 0) + step
        if 0 <= at < len(self._items):
            self.highlighted = at

    def action_choose_end(self, end: int) -> None:
        """Select the first line (-1) or the last one that was loaded (1)."""
        if self._items:
            self.highlighted = 0 if end < 0 else len(self._items) - 1

    def action_ask_again(self) -> None:
        """Ask the account for this list again, from its beginning."""
        self._enter(self._group)

    def action_up_or_out(self) -> None:
        """Go from the pictures of a group to the groups, and from the groups close the list."""
        if self._group is None:
            self.post_message(self.Left())
        else:
            self._enter(None, at=self._was_at)


def _line(item: AccountGroup | AccountPicture) -> Content:
    day = day_of(item.created)
    date = f"{day.isoformat()} {clock(item.created)}  " if day else ""
    if isinstance(item, AccountGroup):
        count = "" if item.count is None else f"  {counted(item.count, 'picture')}"
        words = short_line(item.title or item.id)
    else:
        count = "  clip" if item.is_video else ""
        words = short_line(item.prompt or item.url.partition("?")[0])
    return Content.assemble((date, "$text-muted"), words, (count, "$text-muted"))

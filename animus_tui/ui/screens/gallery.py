"""Every picture of every conversation, the newest one first; from each the way back to where it was made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.binding import Binding
from textual.screen import Screen

from animus_tui.chat.images.catalog import Collection, FoundPicture, fetched
from animus_tui.config.actions import BY_ID
from animus_tui.errors import UserError
from animus_tui.paths import fetched_dir
from animus_tui.printable import counted
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_GALLERY
from animus_tui.ui.controllers.controller import Reporter
from animus_tui.ui.images.picture_source import FoundPictures, PromptFilter, name_of
from animus_tui.ui.screens.box_screen import Question
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.screens.viewer import ViewerScreen
from animus_tui.ui.widgets.account_list import AccountList
from animus_tui.ui.widgets.gallery_bar import GalleryBar, GalleryLine, count_told
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.picture_choice import PictureChoice, PictureName, selection_name
from animus_tui.ui.widgets.picture_grid import PictureGrid, PictureLines
from animus_tui.ui.widgets.thumbnail_drawing import thumbnail_loader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from animus_tui.chat.account import Account, AccountPicture
    from animus_tui.chat.images.catalog import AllPictures
    from animus_tui.chat.images.changes import PictureChanges
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.images.picture_source import FoundImageFiles

EMPTY = "There are no pictures yet: ask for one in a conversation, or generate one with /image."
EMPTY_WITHOUT_SERVICE = "There are no pictures yet, and no service that makes them."
LINKS = ("https://", "http://")
LOOKING = "Looking for pictures…"
SLOW = 0.3
"""Seconds after which it is said that pictures are being looked for; before, that would only flash."""
NO_MATCH = "No picture was made from these words."
NO_STARRED = "No picture has a star yet: * gives it one, f shows all."


class GalleryScreen(Screen[FoundPicture]):
    """Dismissed with the picture to whose place the user wants to go, or None."""

    AUTO_FOCUS = "PictureChoice"
    BINDINGS = [
        *bindings_of("save", "help"),
        Binding("tab,shift+tab", "turn", "Other tab", show=False),
        # Before what has the focus, so that the letters behind the key in a burst are for the field.
        Binding("slash", "filter", show=False, priority=True),
        Binding(BY_ID["find"].keys, "filter", show=False, id="find", priority=True),
    ]

    def __init__(
        self,
        found: AllPictures,
        pane: ConversationPane,
        files: FoundImageFiles,
        account: Account,
        changes: PictureChanges,
        keys: Mapping[str, str],
    ) -> None:
        """`found` remembers the pictures of the opening before; `pane` is how pictures are drawn now."""
        super().__init__()
        self._changes = changes
        self._is_only_starred = False
        self._found = found
        self._pane = pane
        self._files = files
        self._reporter = Reporter(self)
        self._account = account
        self._keys = keys
        self._collection = Collection()
        self._filter = PromptFilter()
        self._count = ""
        self._is_slow = False
        self._told: set[str] = set()
        """Troubles that were told."""

    def compose(self) -> ComposeResult:
        """The parts of the screen, from top to bottom."""
        yield GalleryBar(has_account=self._account.exists)
        yield self._choice()
        yield AccountList(self._account)
        yield GalleryLine()
        yield KeyFooter(self._keys)

    def _choice(self) -> PictureChoice:
        renderer = self._pane.images.renderer
        thumbnails = thumbnail_loader(renderer)
        if thumbnails is None:
            return PictureLines()
        return PictureGrid(thumbnails, cell_ratio=renderer.terminal.cell_ratio)

    def on_mount(self) -> None:
        """Show what is known, then what has changed since."""
        self._take(self._found.known)
        self.renew()
        self.set_timer(SLOW, self._take_time)

    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _repaint_pictures(self) -> None:
        """Below a box pictures are drawn of other cells than above it."""
        self.choice.refresh()

    # What there is

    @property
    def choice(self) -> PictureChoice:
        """The grid or the lines of pictures."""
        return self.query_one(PictureChoice)

    @property
    def is_complete(self) -> bool:
        """Whether all conversations were looked at."""
        return self._collection.is_complete

    @work(exclusive=True, group="reading")
    async def renew(self) -> None:
        """Look at the conversations, a step after the other in a thread."""
        steps = self._found.read()
        while (collection := await asyncio.to_thread(next, steps, None)) is not None:
            self._take(collection)

    def _take_time(self) -> None:
        self._is_slow = True
        if not self._collection.is_complete:
            self._show()

    def _take(self, collection: Collection) -> None:
        self._collection = collection
        self._files.pictures = collection.pictures
        self._show()
        for trouble in collection.troubles:
            if trouble not in self._told:
                self._told.add(trouble)
                self._reporter.say(trouble, severity="warning")

    @work(exclusive=True, group="filtering")
    async def _show(self) -> None:
        """Show the pictures whose prompts have the words of the filter."""
        if not self._has_parts():
            return
        collection, words = self._collection, self.query_one(GalleryBar).words
        pictures = collection.pictures
        if self._is_only_starred:
            pictures = tuple(picture for picture in pictures if picture.record.starred)
        if words.strip():
            pictures = tuple(await asyncio.to_thread(self._filter.matching, pictures, words))
            if not self._has_parts():
                return
        looking = LOOKING if self._is_slow else ""
        none = NO_STARRED if self._is_only_starred and not words.strip() else NO_MATCH
        empty = EMPTY if "images" in self._pane.actions.abilities else EMPTY_WITHOUT_SERVICE
        sentence = none if collection.pictures else empty if collection.is_complete else looking
        is_filtered = self._is_only_starred or bool(words.strip())
        count = count_told(len(pictures), len(collection.pictures), is_filtered=is_filtered)
        starred = " with ★" if self._is_only_starred and count else ""
        self._count = f"{count}{starred}" + (
            "" if collection.is_complete or not count else ", looking for more…"
        )
        kept = self.choice.selected & {selection_name(picture) for picture in pictures}
        if kept != self.choice.selected:
            self.choice.select(kept)
        if not self._is_account:
            self._tell_count()
        self.choice.show(pictures, sentence=sentence)
        self.refresh_bindings()

    def _tell_count(self) -> None:
        selected = len(self.choice.selected)
        self.query_one(GalleryBar).tell(f"{self._count}, {selected:,} selected" if selected else self._count)

    # The account

    @property
    def _is_account(self) -> bool:
        return any(listed.display for listed in self.query(AccountList))

    def _has_parts(self) -> bool:
        """Whether its parts are there: a thread may be done only when the screen has been left.

        Its parts go one after the other then, so that one which is there says nothing of the others.
        """
        return self.is_attached and self in self.app.screen_stack and bool(self.query(GalleryBar))

    def action_turn(self) -> None:
        """Show the pictures of the account, or those that are kept here again."""
        listed, bar = self.query_one(AccountList), self.query_one(GalleryBar)
        is_account = not self._is_account
        listed.display, self.choice.display = is_account, not is_account
        bar.turn(int(is_account))
        self.query_one(GalleryLine).show(None if is_account else self.choice.chosen)
        if is_account:
            bar.tell(listed.told)
        else:
            self._tell_count()
        self.set_focus(listed if is_account else self.choice)
        if is_account:
            listed.begin()
        self.refresh_bindings()

    @on(AccountList.Told)
    def _account_told(self, event: AccountList.Told) -> None:
        if self._is_account:
            self.query_one(GalleryBar).tell(event.sentence)

    @on(AccountList.Wanted)
    def _wanted(self, event: AccountList.Wanted) -> None:
        if not event.picture.is_video:
            self._view_fetched(event.picture)
        elif event.picture.url.startswith(LINKS):
            self.app.open_url(event.picture.url)
        else:
            self._reporter.say("Only web addresses are opened.", severity="warning")

    @work(exclusive=True, group="fetching")
    async def _view_fetched(self, picture: AccountPicture) -> None:
        try:
            found = await fetched(self._account, picture, fetched_dir())
        except UserError as error:
            self._reporter.tell(error)
        else:
            if self.is_current and self._is_account:
                self._view((found,), found)

    @on(GalleryBar.Changed)
    def _words_changed(self) -> None:
        self._show()

    @on(GalleryBar.Left)
    def _words_left(self) -> None:
        self.query_one(GalleryBar).close()
        self.set_focus(self.choice)

    @on(PictureChoice.Chosen)
    def _chosen(self) -> None:
        self.query_one(GalleryLine).show(self.choice.chosen)

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the keys work now."""
        is_writing = self._has_parts() and self.focused is self.query_one(GalleryBar).field
        match action:
            case "turn":
                return self._account.exists
            case "filter":
                may_have = bool(self._collection.pictures) or not self._collection.is_complete
                return may_have and not is_writing and not self._is_account
            case "go" | "view" | "open" | "copy_path" | "save" | "star" | "select" | "choose_all" | "delete":
                return self.choice.chosen is not None and not self._is_account
            case _:
                return True

    def action_filter(self) -> None:
        """Type words that the prompts must have."""
        self.query_one(GalleryBar).open()

    def action_go(self) -> None:
        """Go to the place of the picture in its conversation."""
        self._leave(self.choice.chosen)

    def action_back(self) -> None:
        """Select no picture any more, else go back to the conversation."""
        if self.choice.selected and not self._is_account:
            self._select(frozenset())
        else:
            self._leave(None)

    def _leave(self, picture: FoundPicture | None) -> None:
        if self.is_current:  # a key that was pressed before another screen came is not for this one any more
            self.dismiss(picture)

    @on(AccountList.Left)
    def _account_left(self) -> None:
        self.action_back()

    @on(PictureChoice.Viewed)
    def action_view(self) -> None:
        """Show the picture as large as the screen, and from there the others that are shown here."""
        if (chosen := self.choice.chosen) is not None and self.is_current:
            self._view(self.choice.pictures, chosen)

    def _view(self, pictures: Sequence[FoundPicture], first: FoundPicture) -> None:
        source = FoundPictures(pictures)

        def viewed(name: str | None) -> None:
            if name is not None:
                self.choice.choose_picture(source.picture(name))

        viewer = ViewerScreen(source, name_of(first), self._pane, self._files.of(pictures), self._keys)
        self.app.push_screen(viewer, viewed)

    def action_open(self) -> None:
        """Show it with the viewer of the system."""
        if (chosen := self.choice.chosen) is not None:
            self._reporter.run(self._files.open(chosen.record))

    def action_copy_path(self) -> None:
        """Put the path of its file on the clipboard."""
        if (chosen := self.choice.chosen) is not None:
            self._reporter.run(self._files.copy_path(chosen.record, self.app))

    def action_save(self) -> None:
        """Save it, or all that are selected, as files of their own."""
        acted_on = self._acted_on()
        if len(acted_on) == 1:
            self._reporter.run(self._files.save(acted_on[0].record))
        elif acted_on:
            self._reporter.run(self._files.save_several([picture.record for picture in acted_on]))

    # Several at once

    def _acted_on(self) -> Sequence[FoundPicture]:
        """The pictures that are selected, or else the chosen one."""
        selected = self.choice.selected
        if selected:
            return [picture for picture in self.choice.pictures if selection_name(picture) in selected]
        return [self.choice.chosen] if self.choice.chosen is not None else []

    def _select(self, names: frozenset[PictureName]) -> None:
        self.choice.select(names)
        self._tell_count()

    def action_select(self) -> None:
        """Select the chosen picture, or not any more, and go to the next one."""
        if (chosen := self.choice.chosen) is not None:
            self._select(self.choice.selected ^ {selection_name(chosen)})
            self.choice.choose(self.choice.at + 1)

    def action_choose_all(self) -> None:
        """Select all pictures that are shown, or none when all are."""
        names = frozenset(map(selection_name, self.choice.pictures))
        self._select(frozenset() if names == self.choice.selected else names)

    def action_choose_starred(self) -> None:
        """Show the pictures that have a star, or all."""
        self._is_only_starred = not self._is_only_starred
        self._show()

    def action_star(self) -> None:
        """Give the pictures a star; take it away when all have one."""
        if acted_on := self._acted_on():
            starred = not all(picture.record.starred for picture in acted_on)
            self._reporter.run(self._star(acted_on, starred=starred))

    async def _star(self, pictures: Sequence[FoundPicture], *, starred: bool) -> str:
        changed = await self._changes.star(pictures, starred=starred)
        self.renew()
        if not changed.failures:
            return ""
        many = counted(len(pictures) - changed.done, "picture")
        return f"{many} could not be changed: {'; '.join(changed.failures)}."

    def action_delete(self) -> None:
        """Delete the pictures, after a question."""
        acted_on = self._acted_on()
        if not acted_on or not self.is_current:
            return

        def answered(where: str | None) -> None:
            if where:
                self._reporter.run(self._delete(acted_on, at_service=where == "everywhere"))

        at_service = sum(picture.record.generation_id is not None for picture in acted_on)
        text = _question(len(acted_on), at_service=at_service, are_selected=bool(self.choice.selected))
        answers = {"d": "here", "enter": "here"} | ({"s": "everywhere"} if at_service else {})
        self.app.push_screen(Question(text, answers, is_warning=True), answered)

    async def _delete(self, pictures: Sequence[FoundPicture], *, at_service: bool) -> str:
        changed = await self._changes.delete(pictures, at_service=at_service)
        self._select(frozenset())
        self.renew()
        told = f"Deleted {counted(changed.done, 'picture')}" if changed.done else "No picture was deleted"
        told += ", at the service too" if changed.at_service else ""
        return f"{told}; not everything: {'; '.join(changed.failures)}." if changed.failures else told

    def action_help(self) -> None:
        """Show keys and commands."""
        self.app.push_screen(
            help_of_place(
                self,
                IN_GALLERY,
                abilities=self._pane.actions.abilities,
            )
        )


def _question(count: int, *, at_service: int, are_selected: bool) -> str:
    """Where `count` pictures are to be deleted, the selected ones or the chosen one; the service knows `at_service`."""
    if not are_selected:
        what = "this picture"
    else:
        what = "the selected picture" if count == 1 else f"the {count:,} selected pictures"
    lines = [f"Delete {what}? It cannot be undone.", "", "d    Delete here"]
    if at_service:
        which = "" if at_service == count else f" ({at_service:,} of them)"
        lines.append(f"s    Delete here and at the service{which}")
    return "\n".join([*lines, "Esc  Keep"])

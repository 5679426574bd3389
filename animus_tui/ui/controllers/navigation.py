"""Opening the viewer, the gallery, the search and the help, and going to the place of what was chosen there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.search_everything import marked_words
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import NoHomeError, UserError
from animus_tui.paths import gallery_dir
from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.images.picture_source import AttachedPictures, FoundImageFiles, PictureSource
from animus_tui.ui.screens.gallery import GalleryScreen
from animus_tui.ui.screens.help import help_of_chat
from animus_tui.ui.screens.search import SearchScreen
from animus_tui.ui.screens.viewer import ViewerScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.search_everything import FoundMessage
    from animus_tui.chat.search_text import VersionStep
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.controllers.images import ImageController


class Goal(NamedTuple):
    """Where the user wants to go."""

    conversation_id: str
    message_id: str
    record: ImageRecord | None
    """The picture to show there, when it is one."""
    words: str = ""
    """What is to be marked there."""
    steps: tuple[VersionStep, ...] = ()
    """Versions that are to be shown before, one after the other."""


class NavigationController(Controller):
    """Opens the screens above the chat, and shows there what they end with."""

    def __init__(
        self,
        parts: ChatParts,
        images: ImageController,
        keys: Mapping[str, str],
        *,
        find_in: Callable[[str, str], Awaitable[object]],
    ) -> None:
        """`keys` maps each action to its key or keys.

        `find_in` marks words in the conversation and goes to those in a message, whose id comes behind them.
        """
        super().__init__(parts)
        self._images = images
        self._keys = keys
        self._find_in = find_in
        self._viewer: ViewerScreen | None = None
        """While it shows a picture."""
        self._gallery: GalleryScreen | None = None
        """While it is open."""
        self._all_pictures: AllPictures | None = None
        self._goal: Goal | None = None
        """Until its conversation is on the screen."""

    # Actions of the table

    def view(self) -> None:
        """Show the chosen picture, or the last one, as large as the screen."""
        message_id = self._images.shown_id
        if message_id is None:
            self._reporter.say("There is no picture to view yet.", severity="warning")
        else:
            self.view_message(message_id)

    def gallery(self) -> None:
        """Show all pictures of all conversations."""
        if self._all_pictures is None:
            try:
                cache = gallery_dir()
            except NoHomeError:
                cache = None
            self._all_pictures = AllPictures(ConversationStore(self._session.data_folder), cache)
        files = FoundImageFiles(self._session)
        self._gallery = GalleryScreen(
            self._all_pictures,
            self._pane,
            files,
            self._session.account,
            self._session.picture_changes,
            self._keys,
        )
        self._screen.app.push_screen(self._gallery, self._left_gallery)

    async def search(self, call: CommandCall) -> None:
        """Search all conversations, for these words at first."""
        await self.search_everything(call.argument)

    async def search_everything(self, words: str = "") -> None:
        """Search all conversations, for these words at first; keys typed behind are for the search when it returns."""
        screen = SearchScreen(self._session.data_folder, words, assistant=self._session.config.chat.name)
        await self._screen.app.push_screen(screen, lambda found: self._left_search(found, screen.needle))

    def help(self) -> None:
        """Show keys and commands."""
        self._screen.app.push_screen(
            help_of_chat(
                self._keys,
                self._screen.active_bindings,
                has_full_quality=self._pane.options.has_full_quality,
                abilities=self._pane.actions.abilities,
            )
        )

    # The viewer and the gallery

    def view_message(self, message_id: str, number: int = 0, *, with_details: bool = False) -> None:
        """Show a picture on a screen of its own; whichever is shown last is the chosen one afterwards.

        `number` counts those of a user's message from 0.
        """
        stored = self._session.conversation
        message = stored.get(message_id)
        is_users = message.image is None and bool(message.attached)
        self._viewer = ViewerScreen(
            AttachedPictures(stored, message) if is_users else PictureSource(stored),
            str(number) if is_users else message_id,
            self._pane,
            self._images.files,
            self._keys,
            choose_variant=self._images.choose_variant,
            with_details=with_details,
        )
        self._screen.app.push_screen(
            self._viewer, lambda last: self._viewed(message_id if is_users else last)
        )

    def _viewed(self, message_id: str | None) -> None:
        self._viewer = None
        if message_id is not None:
            self._pane.actions.choose_entry(message_id)

    def renew_pictures(self) -> None:
        """There is a new picture: whichever screen shows pictures looks again."""
        if self._viewer is not None:
            self._viewer.renew()
        if self._gallery is not None:
            self._gallery.renew()

    def _left_gallery(self, picture: FoundPicture | None) -> None:
        self._gallery = None
        if picture is not None:
            goal = Goal(picture.conversation_id, picture.message_id, picture.record)
            self._go_to(goal)

    def _left_search(self, found: FoundMessage | None, words: str) -> None:
        if found is not None:
            while self._screen.app.screen is not self._screen:  # the list from which one came
                self._screen.app.pop_screen()
            marked = marked_words(found.text, words)
            goal = Goal(found.conversation.id, found.message_id, found.record, marked, found.steps)
            self._go_to(goal)

    @reported
    async def _go_to(self, goal: Goal) -> None:
        """Show a message where it stands, in whichever conversation."""
        self._goal = goal
        if goal.conversation_id == self._session.conversation.conversation.id:
            self.show_goal()
        else:
            await self._session.open(goal.conversation_id)  # tells when it can be shown

    def show_goal(self) -> None:
        """Choose the message to which the user wants to go, once its conversation is on the screen."""
        goal, stored = self._goal, self._session.conversation
        if goal is None or goal.conversation_id != stored.conversation.id:
            return
        self._goal = None
        if goal.steps:
            self._show_version(goal)
            return
        try:
            message = stored.get(goal.message_id)
        except KeyError:
            what = "message" if goal.record is None else "picture"
            self._reporter.say(f"This {what} is no longer in its conversation.", severity="warning")
            return
        self._pane.focus()
        self._pane.actions.choose_entry(goal.message_id)
        variants = message.variants or []
        if goal.record == message.image or goal.record not in variants:
            if goal.words:
                self._screen.run_worker(self._find_in(goal.words, goal.message_id))
            return
        if stored.read_only:
            self._reporter.say("The conversation shows another variant, and can only be read here.")
        else:  # as with the keys that step through them: what one looks at is what is chosen
            self._images.choose_variant(message.id, variants.index(goal.record))

    @reported
    async def _show_version(self, goal: Goal) -> None:
        """Show the version in which the goal stands, or the message that has it where it cannot be shown."""
        step, *others = goal.steps
        try:
            await self._session.revisions.show_branch(step.message_id, step.number)
        except UserError as error:
            self._goal = Goal(goal.conversation_id, step.message_id, None)
            self.show_goal()
            raise UserError(f"The words stand in another version of this message. {error}") from error
        self._goal = goal._replace(steps=tuple(others))  # gone to once the version is on the screen

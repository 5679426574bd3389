"""What the keys of the chat do, and which of them work now."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from animus_tui.actions import KEY_ACTIONS
from animus_tui.chat.storage.conversation import SaveError, StoreError
from animus_tui.keys import key_names
from animus_tui.paths import NoHomeError, gallery_dir
from animus_tui.ui.commands.bindings import binding_of
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.textual_compat import key_name
from animus_tui.ui.widgets.prompt import Prompt, PromptBar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from textual import events
    from textual.notifications import SeverityLevel

    from animus_tui.chat.images.catalog import AllPictures, FoundPicture
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.finder import Finder
    from animus_tui.ui.requests import Requests
    from animus_tui.ui.screens.gallery import GalleryScreen
    from animus_tui.ui.screens.viewer import ViewerScreen
    from animus_tui.ui.widgets.find_bar import FindBar

SUGGESTIONS = (
    "Can you show me a beautiful sunset over the ocean?",
    "Tell me something about yourself",
    "What can you do?",
)


class ChatActions(Screen[None]):
    """One action for each key; the screen itself only routes."""

    BINDINGS = [
        *(binding_of(action) for action in KEY_ACTIONS if action.owner not in ("app", "prompt")),
        *(Binding(f"alt+{number}", f"suggestion({number})", show=False) for number in (1, 2, 3)),
        # Upwards from the prompt: the newest picture first.
        Binding("tab", "app.focus_previous", show=False),
        Binding("shift+tab", "app.focus_next", show=False),
        # Before the prompt, which has them too: reading back is what they are for here.
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("end", "end", show=False, priority=True),
    ]

    def __init__(self, session: ChatSession, keys: Mapping[str, str]) -> None:
        """`keys` maps each action to its key or keys."""
        super().__init__()
        self._session = session
        self._keys = keys
        self.finder: Finder | None = None
        self.viewer: ViewerScreen | None = None
        """While it shows a picture."""
        self.gallery: GalleryScreen | None = None
        """While it is open."""
        self._all_pictures: AllPictures | None = None
        self._goal: FoundPicture | None = None
        """The picture to which the user wants to go, until its conversation is on the screen."""

    @property
    def pane(self) -> ConversationPane:
        """The conversation."""
        return self.query_one(ConversationPane)

    @cached_property
    def _requests(self) -> Requests:
        from animus_tui.ui.requests import Requests  # with all that saving a picture takes

        return Requests(self._session, self.pane)

    # What few conversations need is imported when it is asked for: it would be in the way of the first frame.

    async def _find(self, words: str = "") -> None:
        """Type what to find, beginning with these words."""
        if self.finder is None:
            from animus_tui.ui.finder import Finder
            from animus_tui.ui.widgets.find_bar import FindBar

            bar = FindBar()
            self.finder = Finder(self._session, self.pane, bar)
            await self.mount(bar, before=self.query_one(PromptBar))
        self.finder.open(words)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """One quiet sentence."""
        self.pane.updates.note(text, severity=severity)

    def _do(self, doing: Coroutine[Any, Any, object]) -> None:
        self.run_worker(self._said_when_refused(doing))

    async def _said_when_refused(self, doing: Coroutine[Any, Any, object]) -> None:
        """What the user asked for; what it has to say, or why it cannot be done, is said in one sentence."""
        try:
            answer = await doing
        except (ValueError, SaveError, NoHomeError) as error:
            self.say(str(error), severity="warning")
        except StoreError as error:
            self.say(error.sentence, severity="error")
        else:
            if isinstance(answer, str):
                self.say(answer)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work now; the footer shows those."""
        match action:
            case "cancel":
                return self._session.busy or bool(self._session.images.under_way)
            case "retry":
                return self._session.can_retry or bool(self.pane.content.failed())
            case "regenerate" | "save":
                return self._session.conversation.has_picture
            case "reasoning":
                return self.pane.content.last_reasoned is not None
            case "copy_selection":
                return bool(self.pane.selection.selected)
            case _:
                return True

    def on_key(self, event: events.Key) -> None:
        """A key with nothing to act on says so; Ctrl+D, which ends other programs, says how to quit."""
        key = key_name(event.key)
        if key == "ctrl+d":
            self.app.action_help_quit()
        for action in KEY_ACTIONS:
            is_pressed = bool(action.otherwise) and key in key_names(self._keys[action.id])
            if is_pressed and not self.check_action(action.id, ()):
                event.stop()
                self.say(action.otherwise)

    def action_cancel(self) -> None:
        """Stop what is under way."""
        self._do(self._session.cancel())

    def action_retry(self) -> None:
        """Ask again for what failed."""
        self._do(self._requests.retry())

    def action_regenerate(self) -> None:
        """Paint the chosen picture, or the last one, again."""
        self._do(self._requests.regenerate())

    def action_save(self) -> None:
        """Save the chosen picture, or the last one."""
        self._do(self._requests.save())

    def action_view(self) -> None:
        """Show the chosen picture, or the last one, as large as the screen."""
        message = self._requests.picture()
        if message is None:
            self.say("There is no picture to view yet.", severity="warning")
        else:
            self.view(message.id)

    def view(self, message_id: str, *, with_facts: bool = False) -> None:
        """Show a picture on a screen of its own; whichever is shown last is the chosen one afterwards."""
        from animus_tui.ui.album import Album
        from animus_tui.ui.screens.viewer import ViewerScreen

        album = Album(self._session.conversation)
        self.viewer = ViewerScreen(
            album, message_id, self.pane, self._requests, self._keys, with_facts=with_facts
        )
        self.app.push_screen(self.viewer, self._viewed)

    def _viewed(self, message_id: str | None) -> None:
        self.viewer = None
        if message_id is not None:
            self.pane.actions.choose_entry(message_id)

    def renew_pictures(self) -> None:
        """There is a new one: whoever shows them looks again."""
        if self.viewer is not None:
            self.viewer.renew()
        if self.gallery is not None:
            self.gallery.renew()

    def action_gallery(self) -> None:
        """Show all pictures of all conversations."""
        from animus_tui.chat.images.catalog import AllPictures
        from animus_tui.ui.found_pictures import FoundRequests
        from animus_tui.ui.screens.gallery import GalleryScreen

        if self._all_pictures is None:
            try:
                cache = gallery_dir()
            except NoHomeError:
                cache = None
            self._all_pictures = AllPictures.beside(self._session.conversation, cache=cache)
        requests = FoundRequests(self._session, self.pane)
        self.gallery = GalleryScreen(
            self._all_pictures, self.pane, requests, self._session.account, self._keys
        )
        self.app.push_screen(self.gallery, self._left_gallery)

    def _left_gallery(self, picture: FoundPicture | None) -> None:
        self.gallery = None
        if picture is not None:
            self._do(self._go_to(picture))

    async def _go_to(self, picture: FoundPicture) -> None:
        """Show a picture where it stands, in whichever conversation."""
        self._goal = picture
        if picture.conversation_id == self._session.conversation.conversation.id:
            self.show_goal()
        else:
            await self._session.open(picture.conversation_id)  # tells when it can be shown

    def show_goal(self) -> None:
        """Choose the picture to which the user wants to go, once its conversation is on the screen."""
        goal, stored = self._goal, self._session.conversation
        if goal is None or goal.conversation_id != stored.conversation.id:
            return
        self._goal = None
        try:
            message = stored.get(goal.message_id)
        except KeyError:
            self.say("This picture is no longer in its conversation.", severity="warning")
            return
        self.pane.focus()
        self.pane.actions.choose_entry(goal.message_id)
        variants = message.variants or []
        if goal.record == message.image or goal.record not in variants:
            return
        if stored.read_only:
            self.say("The conversation shows another variant, and can only be read here.")
        else:  # as with the keys that step through them: what one looks at is what is chosen
            self._do(self._requests.choose_variant(message.id, variants.index(goal.record)))

    def action_reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        self.pane.actions.toggle_newest_reasoning()

    async def action_find(self) -> None:
        """Type what to find; waited for, so that the letters behind the key in a burst are for the bar."""
        await self._find()

    def action_copy_selection(self) -> None:
        """Copy what is marked."""
        self.run_worker(self.pane.actions.copy_selection())

    def action_new(self) -> None:
        """Begin a new conversation."""
        self._do(self._session.new())

    def action_help(self) -> None:
        """Show keys and commands."""
        from animus_tui.ui.screens.help import HelpScreen

        full = self.pane.looks.has_full_quality
        self.app.push_screen(HelpScreen(self._keys, self.active_bindings, has_full_quality=full))

    def key_escape(self) -> None:
        """Back to writing, when there is nothing to stop; what was marked or looked for is not any more."""
        self.pane.selection.select(None)
        if self.finder is not None:
            self.finder.close(stay=True)
        self.query_one(Prompt).focus()

    def action_page(self, step: int) -> None:
        """Scroll the conversation by a page, wherever the focus is."""
        if step < 0:
            self.pane.action_page_up()
        else:
            self.pane.action_page_down()

    def action_end(self) -> None:
        """To the end of the line that is being written; from there to the end of the conversation, and follow it."""
        prompt = self.query_one(Prompt)
        if isinstance(self.focused, Input):
            self.focused.action_end()
        elif prompt.has_focus and not prompt.cursor_at_end_of_line:
            prompt.action_cursor_line_end()
        else:
            self.pane.viewport.follow()

    def action_suggestion(self, number: int) -> None:
        """Say one of the suggestions of an empty conversation."""
        self.pane.actions.choose_suggestion(SUGGESTIONS[number - 1])

    def on_find_bar_changed(self, event: FindBar.Changed) -> None:
        """Other words are looked for."""
        if self.finder is not None:
            self.run_worker(self.finder.look_for(event.needle))

    def on_find_bar_stepped(self, event: FindBar.Stepped) -> None:
        """To the next hit, or the one before."""
        if self.finder is not None:
            self.run_worker(self.finder.step(event.step))

    def on_find_bar_closed(self, event: FindBar.Closed) -> None:
        """Finding is over."""
        if self.finder is not None:
            self.finder.close(stay=event.stay)
        (self.pane if event.stay else self.query_one(Prompt)).focus()

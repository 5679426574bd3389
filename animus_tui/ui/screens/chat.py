"""The chat: the conversation, the prompt, and what the user and the session tell each other through them."""

from __future__ import annotations

import asyncio
import inspect
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, assert_never

from textual import on
from textual.binding import Binding
from textual.widgets import Input, TextArea

from animus_tui.chat.abilities import LACKS
from animus_tui.chat.events import ImageGenerationComplete, MessageSent, MessageTokens, ReasoningTokens
from animus_tui.chat.history_window import has_reply
from animus_tui.chat.storage.sent_prompts import SentPrompts
from animus_tui.config.actions import BY_ID, KEY_ACTIONS
from animus_tui.config.keymap import key_names
from animus_tui.errors import UserError
from animus_tui.ui.commands.key_bindings import binding_of, key_label
from animus_tui.ui.commands.parser import CommandCall, parse
from animus_tui.ui.controllers.chat_controllers import ChatControllers
from animus_tui.ui.controllers.display import suggestions_for
from animus_tui.ui.controllers.event_dispatch import EventDispatcher, changed_messages
from animus_tui.ui.conversation.actions import PaneRequested, Typed
from animus_tui.ui.conversation.entries.promise import WORDS, Offer
from animus_tui.ui.conversation.entries.render_context import DisplayOptions
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.single_layout import SingleLayoutScreen
from animus_tui.ui.textual_compat import key_name
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.prompt import Dropped, Prompt
from animus_tui.ui.widgets.prompt_bar import PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult

    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.session import ChatSession
    from animus_tui.config.action import Action, Condition
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.ui.widgets.find_bar import FindBar
    from animus_tui.ui.widgets.promise_editor import PromiseEditor

SAVE_COMMAND = f"/{BY_ID['save'].id} "
"""The beginning of a command behind which a folder is expected."""
AT_LEISURE = 30.0
"""Seconds after the start in which nothing is done that can wait."""
LIST = "animus_tui.ui.controllers.conversations"
"""What the list of conversations needs; imported ahead, as 65 ms are felt behind the first Ctrl+L."""


class ChatScreen(SingleLayoutScreen):
    """One conversation, its prompt, and the keys that work now; controllers do what the keys and commands say."""

    AUTO_FOCUS = "Prompt"
    BINDINGS = [
        *(
            binding_of(action, f"perform('{action.id}')")
            for action in KEY_ACTIONS
            if action.owner not in ("app", "prompt")
        ),
        *(Binding(f"alt+{number}", f"suggestion({number})", show=False) for number in (1, 2, 3)),
        # Upwards from the prompt: the newest picture first.
        Binding("tab", "app.focus_previous", show=False),
        Binding("shift+tab", "app.focus_next", show=False),
        # Before the prompt, which has them too: reading back is what they are for here.
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("end", "end", show=False, priority=True),
    ]

    def __init__(
        self,
        session: ChatSession,
        keys: Mapping[str, str],
        *,
        terminal: Terminal,
        decoder: PictureDecoder | None,
        service: str,
        choose_model: Callable[[str], object],
        notice: str | None = None,
        on_show: Callable[[ChatScreen], object] | None = None,
        on_change: Callable[[Sequence[SessionEvent]], object] | None = None,
    ) -> None:
        """`keys` maps each action to its key or keys; `service` says where the answers come from.

        `choose_model` has a model answer from then on.

        `notice`: why the demo answers for want of a service, above the greeting of an empty conversation.
        `on_show` is called before the conversation is shown, `on_change` when more than words has come.
        """
        super().__init__()
        self._session = session
        self._keys = keys
        self._tell_shown, self._tell_changed = on_show, on_change
        self._suggestions = suggestions_for(session)
        self._sent_prompts = SentPrompts(session.data_folder)
        self._footer = KeyFooter(keys)
        self._footer.is_unconfigured = notice is not None
        self.controllers = ChatControllers(
            self,
            session,
            keys,
            terminal=terminal,
            decoder=decoder,
            service=service,
            notice=notice,
            suggestions=self._suggestions,
            show_conversation=self.show_conversation,
            choose_model=choose_model,
        )
        config = session.config
        self.set_class(config.ui.plain, "-plain")
        self.set_class(config.ui.density == "compact", "-compact")
        self._options = DisplayOptions(
            config.ui,
            config.chat.name,
            None if config.ui.plain else decoder,
            terminal,
            key_label(key_names(keys["retry"])[0]),
            (config.image.width, config.image.height),
        )

    def configure(self) -> None:
        """Show what is on the screen by the configuration that holds now, which may be another one than before."""
        self.set_class(self._session.config.ui.density == "compact", "-compact")
        self._configure_pane()
        self.controllers.display.show_character()
        self.controllers.display.show_window()

    def _configure_pane(self) -> None:
        """Draw the conversation by its own settings."""
        session, config = self._session, self._session.config
        size = config.image.width, config.image.height
        former = session.conversation.conversation.former
        self.pane.configure(config.ui, config.chat.name, session.character.accent, size, former)

    def use_service(self, words: str) -> None:
        """Another service answers from now on; `words` say where."""
        self._use_abilities()
        self._suggestions = suggestions_for(self._session)
        self.controllers.use_service(words, self._suggestions)
        self._footer.is_unconfigured = False
        self.refresh_bindings()

    def _use_abilities(self) -> None:
        """Offer what the services can do."""
        self._prompt.abilities = self.pane.actions.abilities = self._session.abilities

    def greet(self, notice: str | None) -> None:
        """Say something else above the greeting of an empty conversation."""
        self.controllers.display.greet(notice)

    def compose(self) -> ComposeResult:
        """The parts of the screen, from top to bottom."""
        yield StatusLine()
        yield ConversationPane(self._options)
        yield PromptBar(
            send_keys=key_names(self._keys["send"]), newline_keys=key_names(self._keys["newline"])
        )
        yield self._footer

    def on_mount(self) -> None:
        """Show the conversation with the first frame, then follow what happens."""
        self.pane.key_queue.prompt = self._prompt
        self.pane.actions.can_restore = lambda: self._session.revisions.can_restore
        self.pane.content.offer = self._offer
        self.pane.content.unsettled = lambda: self._session.conversation.unsettled
        self._prompt.read_others = partial(asyncio.to_thread, self._sent_prompts.read)
        self._use_abilities()
        self._prompt.read_names = self.controllers.read_names
        if self._tell_shown is not None:
            self._tell_shown(self)
        self.show_conversation()
        self.run_worker(self._listen())
        self.controllers.display.when_settled(self._resume)
        self.set_timer(AT_LEISURE, self._empty_trash)

    def _offer(self) -> Offer | None:
        """What the cards of promised pictures say; None where the conversation can only be read."""
        if self._session.conversation.read_only:
            return None
        keys = {answer: key_names(self._keys[answer]) for answer in WORDS}
        return Offer(
            {answer: key_label(named[0]) if named else "" for answer, named in keys.items()},
            self.controllers.display.cost_note(),
        )

    def on_unmount(self) -> None:
        """Keep what is being written."""
        self.controllers.drafts.close()
        if self.controllers.made_attachments is not None:
            self.controllers.made_attachments.close()

    @property
    def pane(self) -> ConversationPane:
        """The conversation."""
        return self.query_one(ConversationPane)

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    # From the session

    async def _listen(self) -> None:
        """Take events as they come, all that wait at once, so that a burst costs one repaint."""
        pane = self.pane
        dispatcher = EventDispatcher(
            self.controllers.parts,
            self.controllers.display,
            show_conversation=self.show_conversation,
            show_changed=self._show_changed,
            show_character=self.configure,
        )
        with self._session.events.subscribe() as subscription:
            while True:
                events = [await subscription.next(), *subscription.pending()]
                if not pane.is_attached:  # the application ends, and pictures tell to the last
                    return
                for event in events:
                    dispatcher.dispatch(event)
                self._tell_controllers(events)
                # Words change no key, and they come by the hundred.
                if not all(isinstance(event, MessageTokens | ReasoningTokens) for event in events):
                    self.refresh_bindings()
                    if self._tell_changed is not None:
                        self._tell_changed(events)

    def _tell_controllers(self, events: Sequence[SessionEvent]) -> None:
        if not self.app.app_focus:
            self.controllers.notifier.take(events)
        if any(isinstance(event, MessageSent) for event in events):
            self.controllers.drafts.write()  # the message is on the disk, and its draft need not be
        navigation, search = self.controllers.made_navigation, self.controllers.made_search
        if navigation and any(isinstance(event, ImageGenerationComplete) for event in events):
            navigation.renew_pictures()
        if search is not None:
            search.text_arrived(changed_messages(events))

    def _resume(self) -> None:
        """Go on with the pictures that were in the making when the application ended."""
        self.run_worker(self._session.resume())
        self.run_worker(asyncio.to_thread(import_module, LIST))

    def _empty_trash(self) -> None:
        """Remove for good what was deleted long ago."""
        self.run_worker(self._session.all_conversations.empty_old())

    def show_conversation(self) -> None:
        """Show the open conversation."""
        navigation, search = self.controllers.made_navigation, self.controllers.made_search
        if search is not None:
            search.leave_conversation()
        if self.controllers.made_revisions is not None:
            self.controllers.made_revisions.leave()
        self._configure_pane()
        self.controllers.display.show()
        self.controllers.drafts.show(self._session.conversation, is_kept=not self._session.is_temporary)
        self.controllers.show_attached()
        self.refresh_bindings()
        if navigation is not None:
            navigation.show_goal()

    def _show_changed(self, chosen: str | None, before: str | None) -> None:
        """Show the messages anew, once some have changed."""
        if self.controllers.made_search is not None:
            self.controllers.made_search.leave_conversation()
        self.controllers.display.show_changed(chosen, before=before)
        if self.controllers.made_navigation is not None:
            self.controllers.made_navigation.show_goal()

    # Keys and commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work now; the footer shows those."""
        if action == "perform":
            action_of_key = BY_ID[str(parameters[0])]
            return self._is_offered(action_of_key) and self._holds(action_of_key.when)
        return True

    def _is_offered(self, action: Action) -> bool:
        """Whether the services can do what an action needs."""
        return action.needs in {"", *self._session.abilities}

    def _holds(self, condition: Condition) -> bool:
        match condition:
            case "always" | "has_shell":  # the application looks for the shell
                return True
            case "busy":
                return self.controllers.is_busy
            case "failed":
                return self.controllers.conversation.has_failed
            case "has_image":
                return self._session.conversation.has_picture or self.pane.actions.can("picture", "view")
            case "has_promise":
                return bool(self.pane.content.asking())
            case "has_reasoning":
                return self.pane.content.last_reasoned is not None
            case "has_reply":
                return has_reply(self._session.conversation.newest)
            case "has_selection":
                return bool(self.pane.selection.selected)
            case _:
                assert_never(condition)

    async def action_perform(self, action_id: str) -> None:
        """Do what the key of an action of the table does.

        It is waited for where it returns an awaitable, so that keys that come behind it find what it opened.
        """
        await self._perform(CommandCall(action_id))

    async def _perform(self, call: CommandCall) -> None:
        action = BY_ID[call.name]
        if not self._is_offered(action):
            self.controllers.reporter.say(LACKS[action.needs], severity="warning")
            self._prompt.restore(call.text)
            return
        if action.owner == "app":
            await self.app.run_action(action.id)
            return
        method = getattr(self.controllers.of(action.owner), action.method)
        outcome = method(call) if action.argument else method()
        if inspect.isawaitable(outcome):
            await outcome
        self.refresh_bindings()

    def on_key(self, event: events.Key) -> None:
        """A key with nothing to act on says so; Ctrl+D, which ends other programs, says how to quit."""
        key = key_name(event.key)
        if key == "ctrl+d":
            self.app.action_help_quit()
        for action in KEY_ACTIONS:
            is_lacking = not self._is_offered(action)
            sentence = LACKS[action.needs] if is_lacking else action.otherwise
            is_pressed = bool(sentence) and key in key_names(self._keys[action.id])
            if is_pressed and (is_lacking or not self._holds(action.when)):
                event.stop()
                self.controllers.reporter.say(sentence)

    def key_escape(self) -> None:
        """Back to writing, when there is nothing to stop; what was marked or looked for is not any more."""
        if self.pane.actions.can("cancel"):
            return  # the key comes here before it comes to the binding that stops the chosen picture
        if self.controllers.made_revisions is not None and self.controllers.made_revisions.leave():
            self._prompt.focus()
            return
        attachments = self.controllers.made_attachments
        if self._prompt.has_focus and attachments is not None and attachments.remove_last():
            return
        self.pane.selection.select(None)
        if self.controllers.made_search is not None:
            self.controllers.made_search.close(stay=True)
        self._prompt.focus()

    def action_page(self, step: int) -> None:
        """Scroll the conversation by a page, wherever the focus is."""
        if step < 0:
            self.pane.action_page_up()
        else:
            self.pane.action_page_down()

    def action_end(self) -> None:
        """Go to the end of the line that is being written; from there to the end of the conversation, and follow it."""
        if isinstance(self.focused, Input):
            self.focused.action_end()
        elif self._prompt.has_focus and not self._prompt.cursor_at_end_of_line:
            self._prompt.action_cursor_line_end()
        else:
            self.pane.viewport.follow()

    def action_suggestion(self, number: int) -> None:
        """Say one of the suggestions of an empty conversation."""
        self.pane.actions.choose_suggestion(self._suggestions[number - 1])

    # From the prompt

    @on(TextArea.Changed)
    def _written(self) -> None:
        self.pane.streaming.give_way()
        self.controllers.drafts.note_change()
        if self._prompt.text == SAVE_COMMAND:
            self.controllers.images.explain_saving()

    @on(Prompt.Submitted)
    async def _submitted(self, event: Prompt.Submitted) -> None:
        revisions = self.controllers.made_revisions
        is_said = revisions is None or not revisions.is_correcting
        if is_said and event.text and not self._session.is_temporary:
            self.run_worker(asyncio.to_thread(self._sent_prompts.add, event.text))
        if revisions is not None and revisions.take(event.text):
            return
        try:
            call = parse(event.text)
        except UserError as error:
            self.controllers.reporter.say(str(error), severity="warning")
            self._prompt.restore(event.text)
            return
        if isinstance(call, CommandCall):
            await self._perform(call)
        else:
            self.controllers.conversation.send(call)

    @on(Dropped)
    def _dropped(self, event: Dropped) -> None:
        self.controllers.attachments.drop(event.text, event.paths)

    def on_find_bar_changed(self, event: FindBar.Changed) -> None:
        """Search the conversation for the words in the find bar."""
        self.controllers.search.look_for(event.needle)

    def on_find_bar_stepped(self, event: FindBar.Stepped) -> None:
        """Go to the next hit, or to the one before."""
        self.controllers.search.step(event.step)

    def on_find_bar_closed(self, event: FindBar.Closed) -> None:
        """End the search."""
        self.controllers.search.leave(stay=event.stay)

    # From the pane

    @on(PaneRequested)
    def _requested(self, event: PaneRequested) -> None:
        self.controllers.do_requested(event.request)

    def on_promise_editor_edited(self) -> None:
        """The prompt of a promised picture grows or shrinks in its card."""
        self.controllers.promises.editing.place(shows=True)

    def on_promise_editor_ended(self, event: PromiseEditor.Ended) -> None:
        """The prompt of a promised picture is kept, or left as it was."""
        self.controllers.promises.editing.end(event.text)

    @on(Typed)
    def _typed(self, event: Typed) -> None:
        self._prompt.focus()
        if not self._prompt.take_dropped(event.text):
            self._prompt.insert(self._prompt.fitting(event.text))

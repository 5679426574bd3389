"""The chat: routes what the session tells to the pane, and what the user does to the session."""

from __future__ import annotations

import asyncio
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import TextArea

from animus_tui.chat.events import ImageGenerationComplete, MessageTokens, ReasoningTokens
from animus_tui.chat.storage.conversation import StoreError
from animus_tui.keys import key_names
from animus_tui.ui.commands.parser import CommandCall, CommandError, parse
from animus_tui.ui.conversation.view import ConversationPane
from animus_tui.ui.flow.canvas import Looks
from animus_tui.ui.key_labels import key_label
from animus_tui.ui.routing import Router, changed_messages
from animus_tui.ui.screens.chat_actions import SUGGESTIONS
from animus_tui.ui.screens.studio_actions import StudioActions
from animus_tui.ui.widgets.key_footer import KeyFooter
from animus_tui.ui.widgets.prompt import Prompt, PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.timer import Timer

    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.history_tail import HistoryTail
    from animus_tui.chat.storage.sent_prompts import SentPrompts
    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.graphics.terminal import Terminal

MOST_RECALLED = 300
"""Messages that Up brings back one after the other."""
LINKS = ("http://", "https://", "mailto:")
"""Links that are opened; others are ignored."""


FOLLOW_INTERVAL = 1.0
"""Seconds between two looks at a conversation that another program writes."""
SETTLED = 0.2
"""Seconds that work which shows nothing waits for a screen to be painted: it would be in the way of that."""


class ChatScreen(StudioActions):
    """One conversation, its prompt, and the keys that work now."""

    AUTO_FOCUS = "Prompt"

    def __init__(
        self,
        session: ChatSession,
        keys: Mapping[str, str],
        *,
        terminal: Terminal,
        decoder: PictureDecoder | None,
        service: str,
        notice: str | None = None,
    ) -> None:
        """`keys` maps each action to its key or keys; `service` says where the answers come from.

        `notice` is a sentence below the greeting of an empty conversation.
        """
        super().__init__(session, keys)
        self._service = service
        self._notice = notice
        self._tail: HistoryTail | None = None
        """What is on the screen, while only the end of a long history has been read."""
        self._follows: Timer | None = None
        """Runs while another program writes the conversation on the screen."""
        config = session.config
        self.set_class(config.ui.plain, "-plain")
        self._looks = Looks(
            config.ui,
            config.chat.name,
            None if config.ui.plain else decoder,
            terminal,
            key_label(key_names(keys["retry"])[0]),
            (config.image.width, config.image.height),
        )

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield StatusLine()
        yield ConversationPane(self._looks)
        yield PromptBar(
            send_keys=key_names(self._keys["send"]), newline_keys=key_names(self._keys["newline"])
        )
        yield KeyFooter(self._keys)

    def on_mount(self) -> None:
        """Show the conversation with the first frame, then follow what happens."""
        self.pane.key_queue.prompt = prompt = self.query_one(Prompt)
        prompt.read_others = self._read_sent
        self.show_conversation()
        self.run_worker(self._listen())
        self.set_timer(SETTLED, self._resume)

    # From the session

    async def _listen(self) -> None:
        """Take events as they come, all that wait at once, so that a burst costs one repaint."""
        router, pane = Router(self, self._session), self.pane
        with self._session.events.subscribe() as subscription:
            while True:
                events = [await subscription.next(), *subscription.pending()]
                if not pane.is_attached:  # the application ends, and pictures tell to the last
                    return
                for event in events:
                    router.route(event)
                if any(isinstance(event, ImageGenerationComplete) for event in events):
                    self.renew_pictures()
                if self.finder is not None:
                    self.finder.text_arrived(changed_messages(events))
                # Words change no key, and they come by the hundred.
                if not all(isinstance(event, MessageTokens | ReasoningTokens) for event in events):
                    self.refresh_bindings()

    def show_conversation(self) -> None:
        """The open conversation, from its messages on disk."""
        stored = self._session.conversation
        self._tail = stored.tail
        if self.finder is not None and self.finder.is_open:
            self.finder.close(stay=True)
            self.query_one(Prompt).focus()
        self.pane.show(
            stored.messages if self._tail is None else self._tail,
            path_of=stored.path_of,
            greeting=self._greeting(),
            suggestions=SUGGESTIONS,
        )
        for job in self._session.images.under_way:
            if job.transcript.stored is stored:
                self.pane.updates.begin_image(
                    job.image_id,
                    job.prompt,
                    message_id=job.message_id,
                    reply_to=job.reply_to,
                    began=job.started,
                    count=job.count,
                    is_video=job.is_video,
                )
        self.set_timer(SETTLED, partial(self._know, stored))
        for sentence in (stored.recovered, *self._session.notices()):
            if sentence:
                self.say(sentence, severity="warning")
        self._follow_others(stored)
        self.show_status()
        self.refresh_bindings()
        self.show_goal()

    def _follow_others(self, stored: StoredConversation) -> None:
        """Look now and then at what another program writes, for as long as it does."""
        if stored.is_open_elsewhere and self._follows is None:
            self._follows = self.set_interval(FOLLOW_INTERVAL, self._look_elsewhere)
        elif not stored.is_open_elsewhere:
            self._stop_following()

    def _stop_following(self) -> None:
        if self._follows is not None:
            self._follows.stop()
            self._follows = None

    async def _look_elsewhere(self) -> None:
        if (
            not self.pane.viewport.following
        ):  # what is read stays where it is until the reader comes back to the end
            return
        before = self._session.conversation
        try:
            has_changed = await self._session.follow()
        except (StoreError, ValueError) as error:
            self._stop_following()
            self.say(str(error), severity="warning")
            return
        stored = self._session.conversation
        if has_changed and not stored.read_only and stored.folder == before.folder:
            self.say("The other window has ended, so you can write here now.")

    def _know(self, stored: StoredConversation) -> None:
        """All that was said before, once the conversation is painted."""
        if stored is not self._session.conversation:
            return
        try:
            messages = stored.messages
        except StoreError as error:
            self.say(error.sentence, severity="error")
            return
        if (tail := self._tail) is not None:
            self._tail = None
            if not tail.is_exact or stored.recovered:
                self.show_conversation()
                return
            self.pane.know(messages)
            self.refresh_bindings()
        self.query_one(Prompt).remember(messages.said(MOST_RECALLED))

    def _greeting(self) -> str:
        greeting = f"Say hello to {self._looks.name}, or try one of these:"
        return greeting if self._notice is None else f"{self._notice}\n\n{greeting}"

    def show_status(self) -> None:
        """Who is talking, where the answers come from, what the conversation is called."""
        stored = self._session.conversation
        why = ": open elsewhere" if stored.is_open_elsewhere else ""
        read_only = f"read-only{why}" if stored.read_only else ""
        notes = (self._looks.name, read_only, *self.studio_notes(), self._service)
        self.query_one(StatusLine).show(notes, stored.conversation.title)

    # From the user

    @on(TextArea.Changed)
    def _written(self) -> None:
        self.pane.streaming.give_way()
        self.explain_saving()

    async def _read_sent(self) -> list[str]:
        """What was sent in any conversation, oldest first."""
        return await asyncio.to_thread(self._sent_prompts.read)

    @cached_property
    def _sent_prompts(self) -> SentPrompts:
        from animus_tui.chat.storage.sent_prompts import SentPrompts  # no start needs it

        return SentPrompts.beside(self._session.conversation)

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        self.run_worker(asyncio.to_thread(self._sent_prompts.add, event.text))
        try:
            call = parse(event.text)
        except CommandError as error:
            self.say(str(error), severity="warning")
            self.query_one(Prompt).restore(event.text)
            return
        if isinstance(call, CommandCall):
            self._command(call, event.text)
        else:
            self._do(self._send(call))

    async def _send(self, text: str) -> None:
        """Say it; what cannot be said goes back into the prompt."""
        try:
            await self._session.send(text)
        except ValueError:
            self.query_one(Prompt).restore(text)
            raise

    def _command(self, call: CommandCall, text: str) -> None:
        match call.name:
            case "image" | "edit" | "batch" | "video" | "again":
                self.order(call, text)
            case "character":
                self.choose_character(call.argument)
            case "save":
                self._do(self._requests.save_as(call.argument))
            case "find":
                self.run_worker(self._find(call.argument))
            case _:
                self._deed(call.name)

    def _deed(self, name: str) -> None:
        """A command that is one word."""
        match name:
            case "regenerate":
                self.action_regenerate()
            case "form":
                self.action_form()
            case "view":
                self.action_view()
            case "gallery":
                self.action_gallery()
            case "new":
                self.action_new()
            case "retry":
                self.action_retry()
            case "help":
                self.action_help()
            case "quit":
                self.app.exit()

    @on(ConversationPane.SuggestionChosen)
    def _suggested(self, event: ConversationPane.SuggestionChosen) -> None:
        self.query_one(Prompt).focus()
        self._do(self._session.send(event.text))

    @on(ConversationPane.RetryRequested)
    def _retry_requested(self, event: ConversationPane.RetryRequested) -> None:
        self._do(self._requests.try_again(event.entry))

    @on(ConversationPane.VariantRequested)
    def _variant_requested(self, event: ConversationPane.VariantRequested) -> None:
        self._do(self._requests.choose_variant(event.message_id, event.index))

    @on(ConversationPane.PictureRequested)
    def _picture_requested(self, event: ConversationPane.PictureRequested) -> None:
        match event.wish:
            case "view" if self._requests.is_clip(event.message_id):
                self._do(self._requests.open_picture(event.message_id))
            case "view" | "facts":
                self.view(event.message_id, with_facts=event.wish == "facts")
            case "copy":
                self._do(self._requests.copy_path_of(event.message_id, self.app))
            case "open":
                self._do(self._requests.open_picture(event.message_id))

    @on(ConversationPane.LinkOpened)
    def _link_opened(self, event: ConversationPane.LinkOpened) -> None:
        if event.href.startswith(LINKS):
            self.app.open_url(event.href)
        else:
            self.say("Only web and mail links are opened.", severity="warning")

    @on(ConversationPane.CopyRequested)
    def _copy_requested(self, event: ConversationPane.CopyRequested) -> None:
        from animus_tui.ui.clipboard import copy, told

        self.say(f"{told(event.text)} ({event.what})" if event.what else told(event.text))
        self.run_worker(copy(self.app, event.text))

    @on(ConversationPane.Typed)
    def _typed(self, event: ConversationPane.Typed) -> None:
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.insert(prompt.fitting(event.text))

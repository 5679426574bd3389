"""The chat: routes what the session tells to the pane, and what the user does to the session."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.screen import Screen

from animus_tui.chat.events import MessageTokens, ReasoningTokens
from animus_tui.chat.saving import SaveError
from animus_tui.chat.store import StoreError
from animus_tui.keys import ACTIONS, key_names
from animus_tui.printable import printable
from animus_tui.ui.clipboard import copy
from animus_tui.ui.commands import CommandCall, CommandError, parse
from animus_tui.ui.flow.canvas import Looks
from animus_tui.ui.requests import Requests
from animus_tui.ui.routing import Router
from animus_tui.ui.screens.help import HelpScreen
from animus_tui.ui.widgets.conversation_pane import ConversationPane
from animus_tui.ui.widgets.key_footer import KeyFooter, key_label
from animus_tui.ui.widgets.prompt import Prompt, PromptBar
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from textual.app import ComposeResult
    from textual.notifications import SeverityLevel

    from animus_tui.chat.session import ChatSession
    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.graphics.terminal import Terminal

SUGGESTIONS = (
    "Can you show me a beautiful sunset over the ocean?",
    "Tell me something about yourself",
    "What can you do?",
)
LINKS = ("http://", "https://", "mailto:")
"""Links that are opened; others are ignored."""


class ChatScreen(Screen[None]):
    """One conversation, its prompt, and the keys that work now."""

    AUTO_FOCUS = "Prompt"
    BINDINGS = [
        *(
            # Before the prompt, so that a key of the user's own choice works while writing; Esc closes its list first.
            Binding(
                action.keys,
                action.id,
                action.label,
                id=action.id,
                tooltip=action.description,
                priority=action.id != "cancel",
            )
            for action in ACTIONS
            if action.id not in ("send", "newline", "quit")
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
        notice: str | None = None,
    ) -> None:
        """`keys` maps each action to its key or keys; `service` says where the answers come from.

        `notice` is a sentence below the greeting of an empty conversation.
        """
        super().__init__()
        self._session = session
        self._keys = keys
        self._service = service
        self._notice = notice
        config = session.config
        self._looks = Looks(
            config.ui,
            config.chat.name,
            decoder,
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
        self.show_conversation()
        self.run_worker(self._listen())

    @property
    def pane(self) -> ConversationPane:
        """The conversation."""
        return self.query_one(ConversationPane)

    @cached_property
    def _requests(self) -> Requests:
        return Requests(self._session, self.pane)

    # From the session

    async def _listen(self) -> None:
        """Take events as they come, all that wait at once, so that a burst costs one repaint."""
        router = Router(self, self._session)
        with self._session.events.subscribe() as subscription:
            while True:
                events = [await subscription.next(), *subscription.pending()]
                for event in events:
                    router.route(event)
                # Words change no key, and they come by the hundred.
                if not all(isinstance(event, MessageTokens | ReasoningTokens) for event in events):
                    self.refresh_bindings()

    def show_conversation(self) -> None:
        """The open conversation, from its messages on disk."""
        stored = self._session.conversation
        self.pane.show(
            stored.messages,
            path_of=stored.path_of,
            greeting=self._greeting(),
            suggestions=SUGGESTIONS,
        )
        for job in self._session.images_under_way:
            if job.transcript.stored is stored:
                self.pane.begin_image(
                    job.image_id,
                    job.prompt,
                    message_id=job.message_id,
                    reply_to=job.reply_to,
                    began=job.started,
                )
        said = [message.content or "" for message in stored.messages if message.role == "user"]
        self.query_one(Prompt).remember(said)
        if stored.recovered:
            self.say(stored.recovered, severity="warning")
        self.show_status()
        self.refresh_bindings()

    def _greeting(self) -> str:
        greeting = f"Say hello to {self._looks.name}, or try one of these:"
        return greeting if self._notice is None else f"{self._notice}\n\n{greeting}"

    def show_status(self) -> None:
        """Who is talking, where the answers come from, what the conversation is called."""
        stored = self._session.conversation
        notes = (self._looks.name, "read-only: open elsewhere" if stored.read_only else "", self._service)
        self.query_one(StatusLine).show(notes, stored.conversation.title)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """One quiet sentence that goes by itself."""
        self.notify(printable(text), severity=severity, markup=False)

    # From the user

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        try:
            call = parse(event.text)
        except CommandError as error:
            self.say(str(error), severity="warning")
            self.query_one(Prompt).restore(event.text)
            return
        if isinstance(call, CommandCall):
            self._command(call)
        else:
            self._do(self._send(call))

    async def _send(self, text: str) -> None:
        """Say it; what cannot be said goes back into the prompt."""
        try:
            await self._session.send(text)
        except ValueError:
            self.query_one(Prompt).restore(text)
            raise

    def _command(self, call: CommandCall) -> None:
        requests = self._requests
        match call.name:
            case "image":
                self._do(requests.paint(call.argument))
            case "edit":
                self._do(requests.edit(call.argument))
            case "regenerate":
                self.action_regenerate()
            case "save":
                self._do(requests.save(Path(call.argument).expanduser() if call.argument else None))
            case "new":
                self.action_new()
            case "retry":
                self.action_retry()
            case "help":
                self.action_help()
            case "quit":
                self.app.exit()

    def _do(self, doing: Coroutine[Any, Any, object]) -> None:
        self.run_worker(self._said_when_refused(doing))

    async def _said_when_refused(self, doing: Coroutine[Any, Any, object]) -> None:
        """What the user asked for; what it has to say, or why it cannot be done, is said in one sentence."""
        try:
            answer = await doing
        except (ValueError, SaveError) as error:
            self.say(str(error), severity="warning")
        except StoreError as error:
            self.say(error.sentence, severity="error")
        else:
            if isinstance(answer, str):
                self.say(answer)
        self.refresh_bindings()

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

    @on(ConversationPane.LinkOpened)
    def _link_opened(self, event: ConversationPane.LinkOpened) -> None:
        if event.href.startswith(LINKS):
            self.app.open_url(event.href)
        else:
            self.say("Only web and mail links are opened.", severity="warning")

    @on(ConversationPane.CopyRequested)
    def _copy_requested(self, event: ConversationPane.CopyRequested) -> None:
        self._do(self._copy(event.text, event.what))

    async def _copy(self, text: str, what: str) -> str:
        copied = await copy(self.app, text)
        return f"{copied.sentence} ({what})" if what else copied.sentence

    @on(ConversationPane.Typed)
    def _typed(self, event: ConversationPane.Typed) -> None:
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.insert(event.character)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys work now; the footer shows those."""
        match action:
            case "cancel":
                return self._session.busy or bool(self._session.images_under_way)
            case "retry":
                return self._session.can_retry or bool(self.pane.failed_entries())
            case "regenerate" | "save":
                return self._session.last_image() is not None
            case "reasoning":
                return self.pane.has_reasoning
            case _:
                return True

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

    def action_reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        self.pane.toggle_reasoning()

    def action_new(self) -> None:
        """Begin a new conversation."""
        self._do(self._session.new())

    def action_help(self) -> None:
        """Show keys and commands."""
        self.app.push_screen(HelpScreen(self._keys, self.active_bindings))

    def key_escape(self) -> None:
        """Back to writing, when there is nothing to stop."""
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
        if prompt.has_focus and not prompt.cursor_at_end_of_line:
            prompt.action_cursor_line_end()
        else:
            self.pane.follow()

    def action_suggestion(self, number: int) -> None:
        """Say one of the suggestions of an empty conversation."""
        self.pane.choose_suggestion(SUGGESTIONS[number - 1])

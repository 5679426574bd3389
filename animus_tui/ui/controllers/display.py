"""Showing the open conversation: its messages, its status, and what another program writes to it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from animus_tui.chat.instructions import macro_filler, newest_left_out, unused_lore
from animus_tui.chat.messages import is_unused
from animus_tui.config.schema import AUTO_MODEL
from animus_tui.errors import StoreError, UserError
from animus_tui.printable import short_line
from animus_tui.ui.controllers.controller import Controller
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.timer import Timer
    from textual.worker import Worker

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.session import ChatSession
    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.history_tail import HistoryTail
    from animus_tui.ui.controllers.controller import ChatParts

MOST_RECALLED = 300
"""Messages that Up brings back one after the other."""
FOLLOW_INTERVAL = 1.0
"""Seconds between two looks at a conversation that another program writes."""
NOTE_WIDTH = 24
"""Cells of the note that the status line shows, at most."""
SETTLED = 0.2
"""Seconds that work which shows nothing waits for a screen to be painted: it would be in the way of that."""
SUGGESTIONS = (
    "Can you show me a beautiful sunset over the ocean?",
    "Tell me something about yourself",
    "What can you do?",
)
WITHOUT_PICTURES = ("Tell me about a sunset over the ocean", *SUGGESTIONS[1:])
"""Where nobody makes pictures."""


def suggestions_for(session: ChatSession) -> Sequence[str]:
    """What a user may say first in an empty conversation; no picture where nobody makes any."""
    return SUGGESTIONS if "images" in session.abilities else WITHOUT_PICTURES


def answering_model(session: ChatSession) -> str:
    """The model that answers; empty while none is named and the service has not told which it is."""
    named = session.config.chat.model
    return named if named != AUTO_MODEL else session.usual_model or ""


class ConversationDisplay(Controller):
    """Shows the session's conversation in the pane and in the status line."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        service: str,
        notice: str | None,
        suggestions: Sequence[str],
        show_anew: Callable[[], object],
    ) -> None:
        """`service` says where the answers come from; `notice` is a sentence above the greeting.

        `show_anew` is called when the conversation turned out to be another one than its end had promised.
        """
        super().__init__(parts)
        self._status_line = parts.screen.query_one(StatusLine)
        self._service = service
        self._notice = notice
        self._suggestions = suggestions
        self._show_anew = show_anew
        self._activity = ""
        """What else is under way, as the status line tells it."""
        self._tail: HistoryTail | None = None
        """What is on the screen, while only the end of a long history has been read."""
        self._follows: Timer | None = None
        """Runs while another program writes the conversation on the screen."""
        self._told_unused: tuple[str, str] | None = None
        """In which conversation it was said last what is not used of a lorebook, and in which words."""

    def show(self) -> None:
        """Show the open conversation, from its messages on disk."""
        stored = self._session.conversation
        self._tail = stored.tail
        self._pane.show(
            stored.messages if self._tail is None else self._tail,
            path_of=stored.path_of,
            greeting=self._greeting(),
            suggestions=self._suggestions,
        )
        self._show_jobs(stored)
        self.when_settled(partial(self.read_all, stored))
        for sentence in (stored.recovered, *self._session.notices()):
            if sentence:
                self._reporter.say(sentence, severity="warning")
        self._follow_others(stored)
        self._tell_unused()
        self.show_status()

    def _tell_unused(self) -> None:
        """Say once, where a conversation begins, what of its character's lorebook is not used."""
        described = self._session.conversation.conversation
        unused = unused_lore(self._session.character)
        told = described.id, f"{described.name}: {unused}"
        if unused and told != self._told_unused and is_unused(self._session.conversation.newest):
            self._told_unused = told
            self._reporter.say(short_line(f"Of the lorebook of {described.name} is not used: {unused}."))

    def show_changed(self, chosen: str | None, *, before: str | None = None) -> None:
        """Show the messages anew after some have changed; `chosen` is the first of them.

        `before`: show only those before this one, since another one is about to take its place.
        """
        stored = self._session.conversation
        self._tail = None
        self._pane.show_changed(
            stored.messages,
            greeting=self._greeting(),
            suggestions=self._suggestions,
            chosen=chosen,
            size=None if before is None else stored.messages.place(before),
        )
        self._show_jobs(stored, tells_unmade=before is None)
        self._pane.marks.mark_unsaved(stored.unsaved, True)
        self.show_window(before=before)

    def _show_jobs(self, stored: StoredConversation, *, tells_unmade: bool = True) -> None:
        """Show the pictures that are being made, and those that were asked for and not made."""
        if tells_unmade:
            self._when_complete(self._tell_unmade)
        for job in self._session.images.under_way:
            if job.writer.stored is stored:
                self._pane.images.renderer.prepare()
                self._pane.updates.begin_image(
                    job.image_id,
                    job.prompt,
                    message_id=job.message_id,
                    reply_to=job.reply_to,
                    began=job.started,
                    count=job.count,
                    is_video=job.is_video,
                )

    def when_settled(self, call: Callable[[], object]) -> None:
        """Do what shows nothing yet a moment after all that is in view has its colours."""
        self._when_complete(partial(self._pane.set_timer, SETTLED, call))

    def _when_complete(self, call: Callable[[], object]) -> None:
        self._pane.call_after_refresh(self._pane.background_layout.when_complete, call)

    def _tell_unmade(self) -> Worker[None]:
        # The function: its coroutine is made when it runs, which at an early end is never.
        return self._pane.run_worker(self._session.images.tell_unmade)

    def read_all(self, stored: StoredConversation) -> None:
        """Read all messages of a conversation of which so far the end is shown."""
        if stored is not self._session.conversation:
            return
        try:
            messages = stored.messages
        except StoreError as error:
            self._reporter.tell(error)
            return
        if (tail := self._tail) is not None:
            self._tail = None
            if not tail.is_exact or stored.recovered:
                self._show_anew()
                return
            self._pane.set_full_history(messages)
            self._pane.refresh_bindings()
        self._prompt.remember(messages.user_texts(MOST_RECALLED))
        self.show_window()

    def show_window(self, new: ChatMessage | None = None, *, before: str | None = None) -> None:
        """Show from where on the character remembers what was said, once all has been read.

        `new` is the message that is answered, or else the user's next one is meant; `before`: only those before this
        one are shown.
        """
        if self._tail is not None:
            return
        session = self._session
        stored = session.conversation
        left_out = newest_left_out(
            stored.messages,
            session.config,
            stored.conversation,
            session.meter,
            sees="sight" in session.abilities,
            new=new,
            before=before,
        )
        self._pane.marks.mark_window(left_out)

    def show_activity(self, activity: str) -> None:
        """Tell what is under way in the status line; an empty text takes that away."""
        self._activity = activity
        if self._pane.is_attached:  # what is under way when the user quits ends behind the screen
            self.show_status()
            self._pane.refresh_bindings()

    def show_status(self, *, at_start: bool = False) -> None:
        """Show who is talking, where the answers come from, and what the conversation is called.

        `at_start`: without what only this session was told.
        """
        stored = self._session.conversation
        why = ": open elsewhere" if stored.is_open_elsewhere else ""
        read_only = f"read-only{why}" if stored.read_only else ""
        temporary = "temporary, nothing is kept" if self._session.is_temporary else ""
        model = answering_model(self._session) if "models" in self._session.abilities else ""
        notes = (
            self._session.config.chat.name,
            self._activity,
            temporary,
            read_only,
            self._note(),
            *self._image_notes(at_start=at_start),
            model,
            self._service,
        )
        self._status_line.show(notes, stored.conversation.title, self._session.character.accent)

    def _note(self) -> str:
        """The beginning of what the model is reminded of with each message."""
        character = self._session.character
        if not character.note:
            return ""
        words = short_line(macro_filler(self._session.config, character)(character.note))
        return f"note: {cut(words, NOTE_WIDTH)}"

    def _image_notes(self, *, at_start: bool) -> Iterator[str]:
        """Whose face the pictures get, and what the service told of the account."""
        if name := self._session.conversation.conversation.character_name:
            yield f"as {name}"
        credits_told = None if at_start else self._session.images.credits
        if credits_told is not None and credits_told.balance is not None:
            cost = "" if credits_told.cost is None else f", the last took {credits_told.cost:g}"
            yield f"{credits_told.balance:g} credits left{cost}"

    def cost_note(self) -> str:
        """What a picture costs, as far as the service told it with the last one; empty where it did not."""
        told, stored = self._session.images.credits, self._session.conversation
        if stored.tail is None:
            last = stored.messages.last_picture()
        else:  # nothing is read for it
            last = next((each for each in reversed(stored.newest) if each.image is not None), None)
        cost, balance = (None, None) if told is None else (told.cost, told.balance)
        if cost is None and last is not None and last.image is not None:
            cost = last.image.cost
        known = ((cost, "The last picture took {}"), (balance, "{} left"))
        return ", ".join(words.format(_credits(number)) for number, words in known if number is not None)

    def use_service(self, words: str, suggestions: Sequence[str]) -> None:
        """Another service answers: what was said stays on the screen."""
        self._service, self._notice, self._suggestions = words, None, suggestions
        self._greet_anew()
        self.show_status()

    def show_character(self) -> None:
        """The character or the settings of the conversation are others than before: say who talks."""
        self._greet_anew()
        self._tell_unused()
        self.show_status()

    def greet(self, notice: str | None) -> None:
        """Say something else above the greeting."""
        self._notice = notice
        self._greet_anew()

    def _greet_anew(self) -> None:
        if not self._session.conversation.newest:
            self.show_changed(None)

    def _greeting(self) -> str:
        greeting = f"Say hello to {self._session.config.chat.name}, or try one of these:"
        return greeting if self._notice is None else f"{self._notice}\n\n{greeting}"

    # Another program that writes the same conversation

    def _follow_others(self, stored: StoredConversation) -> None:
        """Look now and then at what another program writes, for as long as it does."""
        if stored.is_open_elsewhere and self._follows is None:
            self._follows = self._pane.set_interval(FOLLOW_INTERVAL, self._look_elsewhere)
        elif not stored.is_open_elsewhere:
            self._stop_following()

    def _stop_following(self) -> None:
        if self._follows is not None:
            self._follows.stop()
            self._follows = None

    async def _look_elsewhere(self) -> None:
        # What is read stays where it is until the reader comes back to the end.
        if not self._pane.viewport.following:
            return
        before = self._session.conversation
        try:
            has_changed = await self._session.follow()
        except UserError as error:
            self._stop_following()
            self._reporter.tell(error)
            return
        stored = self._session.conversation
        if has_changed and not stored.read_only and stored.folder == before.folder:
            self._reporter.say("The other window has ended, so you can write here now.")


def _credits(number: float) -> str:
    return f"{number:g} credit{'' if number == 1 else 's'}"

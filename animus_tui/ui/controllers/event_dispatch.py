"""Where each event of the session goes on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from animus_tui.chat.events import (
    CharacterChanged,
    ConversationOpened,
    CreditsTold,
    ExchangeComplete,
    FollowUpScheduled,
    HistoryChanged,
    HistorySaved,
    HistoryUnsaved,
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
    ImagePromised,
    MessageComplete,
    MessageError,
    MessageRestart,
    MessageSent,
    MessageStart,
    MessageTokens,
    PromiseCheckComplete,
    PromiseCheckStart,
    PromiseDeclined,
    ReasoningTokens,
    RegenerationStart,
    RetryScheduled,
    SessionEvent,
    TurnsCanceled,
)
from animus_tui.chat.messages import now
from animus_tui.ui.controllers.controller import Controller
from animus_tui.ui.conversation.entries.image_progress import Preview
from animus_tui.ui.widgets.message_line import TakenBack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.controllers.display import ConversationDisplay


def changed_messages(events: Iterable[SessionEvent]) -> set[str]:
    """Ids of the messages that are new, or whose words are others than before."""
    changed: set[str] = set()
    for event in events:
        match event:
            case MessageSent():
                changed.add(event.message.id)
            case MessageTokens() | MessageRestart() | MessageComplete() | ImageGenerationComplete():
                changed.add(event.message_id)
            case _:
                pass
    return changed


class EventDispatcher(Controller):
    """Turns events into changes of the chat screen, one after the other."""

    def __init__(
        self,
        parts: ChatParts,
        display: ConversationDisplay,
        *,
        show_conversation: Callable[[], object],
        show_changed: Callable[[str | None, str | None], object],
        show_character: Callable[[], object],
    ) -> None:
        """`show_conversation` shows another conversation that was opened.

        `show_changed` shows the messages anew, of which the first one has changed, and only those before the second
        one. `show_character` shows that the conversation has another character or other settings.
        """
        super().__init__(parts)
        self._display = display
        self._show_conversation = show_conversation
        self._show_changed = show_changed
        self._show_character = show_character
        self._chooses_reply = False
        """Whether the keys are for the coming reply: they were for the one that it replaces."""

        self._refusals: set[str] = set()
        """What was said about a disk that refused, and may still be on the screen."""

    def dispatch(self, event: SessionEvent) -> None:  # noqa: C901 (one case an event)
        """Show what happened. Events of a conversation that is not on the screen only leave a note."""
        if isinstance(event, CreditsTold):  # of the account, whichever conversation it was for
            self._display.show_status()
            return
        if event.conversation_id != self._session.conversation.conversation.id:
            self._note_from_elsewhere(event)
            return
        updates = self._pane.updates
        match event:
            case ConversationOpened():
                self._show_conversation()
            case CharacterChanged():
                self._show_character()
            case RegenerationStart():
                self._chooses_reply = self._pane.has_focus
                self._show_changed(None, event.message_id)
                updates.start_typing()
                self._pane.viewport.follow()
            case HistoryChanged():
                self._show_changed(event.message_id, None)
            case HistoryUnsaved():
                self._pane.marks.mark_unsaved(event.message_ids, True)
                self._refusals.add(event.error)
                self._reporter.say(event.error, severity="error")
            case HistorySaved():
                self._pane.marks.mark_unsaved(event.message_ids, False)
                if event.is_all:
                    self._take_back_refusals()
            case MessageSent():
                self._sent(event)
            case MessageStart() | FollowUpScheduled():
                updates.start_typing()
            case MessageTokens():
                updates.stop_typing()
                updates.stream(event.message_id, now(), event.content)
                self._choose(event.message_id)
            case ReasoningTokens():
                updates.think(event.message_id, now(), event.content)
            case MessageRestart():
                updates.restart(event.message_id)
            case MessageComplete():
                self._complete(event)
            case MessageError():
                updates.show_error(event.title, event.error)
            case TurnsCanceled() | PromiseCheckComplete():
                updates.stop_typing()
            case PromiseCheckStart():
                updates.start_checking()
            case ImagePromised() | PromiseDeclined():
                self._promised(event)
            case RetryScheduled():
                updates.count_down(event.title, event.delay / 1000, event.image_id)
            case ExchangeComplete():
                updates.stop_typing()
                updates.end_replies()
                self._show_outcome()
                self._display.show_window()
                self._display.show_status()  # it may have shown that there are credits again
            case ImageGenerationStart():
                self._image_begins(event)
            case ImageGenerationProgress():
                preview = Preview(Path(event.preview), event.preview_size) if event.preview else None
                updates.image_progress(event.image_id, event.percent, event.elapsed, event.estimated, preview)
            case ImageGenerationComplete():
                self._image_complete(event)
            case ImageGenerationError():
                updates.fail_image(event.image_id, event.title, event.error)
            case _:
                assert_never(event)

    # Messages

    def _sent(self, event: MessageSent) -> None:
        updates = self._pane.updates
        if self._pane.content.find(event.message.id) is None:  # it may have taken another one's place
            updates.add_user(event.message)
        self._mark_unsaved(event.message.id)
        updates.start_typing()
        self._display.show_status()
        self._display.show_window(event.message)

    def _complete(self, event: MessageComplete) -> None:
        updates = self._pane.updates
        updates.stop_typing()
        updates.finish_turn(event.message_id, now(), event.turn_index, event.content)
        updates.describe(self._session.conversation.get(event.message_id), is_over=False)
        self._mark_unsaved(event.message_id)
        self._choose(event.message_id)

    def _take_back_refusals(self) -> None:
        """Everything is on the disk by now."""
        for sentence in self._refusals:
            self._screen.post_message(TakenBack(sentence))
        self._refusals.clear()

    def _choose(self, message_id: str) -> None:
        if self._chooses_reply:
            self._chooses_reply = False
            self._pane.actions.choose_entry(message_id)

    def _mark_unsaved(self, message_id: str) -> None:
        """The disk may have refused the message before it was told."""
        if message_id in self._session.conversation.unsaved:
            self._pane.marks.mark_unsaved([message_id], True)

    def _show_outcome(self) -> None:
        """What the end of the exchange says about the messages: cut short, not answered, a promise not kept."""
        for message in self._session.conversation.messages[-2:]:
            if message.role == "user":
                self._pane.marks.mark_failed(message)
            elif message.image is None:
                self._pane.updates.describe(message)

    # Images

    def _image_begins(self, event: ImageGenerationStart) -> None:
        updates, newest = self._pane.updates, self._session.conversation.newest
        if event.reply_to is not None and newest and newest[-1].id == event.reply_to:
            updates.stop_typing()  # it is the answer; a picture of the user's own is none
        self._pane.images.renderer.prepare()
        updates.begin_image(
            event.image_id,
            event.prompt,
            message_id=event.message_id,
            reply_to=event.reply_to,
            timestamp=now(),
            count=event.count,
            is_video=event.is_video,
        )

    def _image_complete(self, event: ImageGenerationComplete) -> None:
        if event.missing:
            self._reporter.say(f"Not all pictures came: {event.error}", severity="warning")
        message = self._session.conversation.get(event.message_id)
        self._pane.updates.finish_image(event.image_id, message)
        if not self._session.busy:
            self._display.show_window()
        self._display.show_status()

    def _promised(self, event: ImagePromised | PromiseDeclined) -> None:
        """The user is asked about a picture, perhaps with another prompt, or has declined it."""
        updates = self._pane.updates
        try:
            message = self._session.conversation.get(event.message_id)
        except KeyError:  # it was deleted meanwhile
            return
        if isinstance(event, ImagePromised):
            updates.ask_about(message)
        else:
            updates.describe(message)

    def _note_from_elsewhere(self, event: SessionEvent) -> None:
        match event:
            case ImageGenerationComplete():
                self._reporter.say(f"A picture is ready in another conversation: {event.prompt}")
            case ImageGenerationError():
                self._reporter.say(
                    f"A picture in another conversation failed: {event.error}", severity="warning"
                )
            case _:
                pass

"""The conversation: everything that was said and shown, following its end unless the reader has scrolled up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from animus_tui.ui.widgets.countdown import Countdowns
from animus_tui.ui.widgets.following import FollowingScroll
from animus_tui.ui.widgets.image_card import ImageCard
from animus_tui.ui.widgets.message_view import AssistantMessage, Reasoning, UserMessage
from animus_tui.ui.widgets.notices import DateLine, ErrorCard, NewMark, Suggestion, Typing
from animus_tui.ui.widgets.typesetter import Typesetter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from textual import events
    from textual.geometry import Size
    from textual.layout import DockArrangeResult
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.widgets.typesetter import Looks

WINDOW = 40
"""Messages that are on the screen's tree at first, and that join it when the reader comes to the top."""
FRAME = 0.1
"""Seconds between two frames of a spinner."""
NARROW = 50
"""Columns up to which the user's messages are not pushed to the right."""


class ConversationPane(FollowingScroll, can_focus=True):
    """Widgets of the newest messages; older ones join as the reader scrolls up."""

    FOCUS_ON_CLICK = False
    DEFAULT_CSS = """
    ConversationPane {
        height: 1fr; background: $background; scrollbar-size-vertical: 1; align-horizontal: center;
        & > .greeting { padding: 0 1; margin: 1 0; color: $text-muted; }
        & > * { max-width: 100; }
        &:focus { background-tint: $foreground 0%; }
        &.-narrow UserMessage { align-horizontal: left; }
        &.-narrow UserMessage .text { max-width: 100%; }
    }
    """

    def __init__(self, looks: Looks) -> None:
        super().__init__()
        self._looks = looks
        self._path_of: Callable[[str], Path] = _no_file
        self._setter = Typesetter(looks, _no_file)
        self._older: list[ChatMessage] = []
        self._painted: set[str | None] = set()
        """The messages whose promised picture was painted."""
        self._cards: dict[str, ImageCard] = {}
        """By image id while a picture is made, by message id when it is there or was promised."""
        self._typing: Typing | None = None
        self._spinning: Timer | None = None
        self._frame = 0
        self._counting: Timer | None = None
        self._countdowns = Countdowns()
        self._is_joining = False
        self._unseen = 0

    # A whole conversation

    async def show(
        self,
        messages: Sequence[ChatMessage],
        *,
        path_of: Callable[[str], Path],
        greeting: str,
        suggestions: Sequence[str],
    ) -> None:
        """Replace what is shown; `path_of` finds a picture's file."""
        self._path_of = path_of
        self._setter = Typesetter(self._looks, path_of)
        self._typing = None
        self._countdowns.clear()
        self._unseen = 0
        self._older = list(messages[:-WINDOW])
        self._painted = {message.reply_to for message in messages}
        widgets = self._setter.entries(messages[-WINDOW:], self._painted)
        self._cards = dict(self._setter.cards)
        if not messages:
            widgets = [Static(Content(greeting), classes="greeting")]
            widgets += [Suggestion(number, text) for number, text in enumerate(suggestions, 1)]
        self.set_class(self.app.size.width <= NARROW, "-narrow")
        with self.app.batch_update():
            await self.remove_children()
            self.follow()
            await self.mount_all([*widgets, NewMark()])

    async def _join_older(self) -> None:
        """Mount the messages before the first one when the reader comes near it; what is read stays in place."""
        if self._is_joining or not self._older or self.scroll_y > self.size.height:
            return
        self._is_joining = True
        messages, self._older = self._older[-WINDOW:], self._older[:-WINDOW]
        setter = Typesetter(self._looks, self._path_of)
        widgets = setter.entries(messages, self._painted)
        self._cards = {**setter.cards, **self._cards}
        first = next(iter(self.query(DateLine)), None)
        with self.app.batch_update():
            if first is not None and first.day == setter.day and first is self.children[0]:
                await first.remove()
            await self.mount_all(widgets, before=0)
        self._is_joining = False

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Lay out the messages; where that leaves the reader near the first of them, older ones join."""
        arrangement = super().arrange(size, optimal)
        if self._older and not self._is_joining and self.scroll_y <= size.height:
            self.call_next(self._join_older)
        return arrangement

    def on_resize(self, event: events.Resize) -> None:
        """On a narrow screen there is no room for a margin."""
        self.set_class(event.size.width <= NARROW, "-narrow")
        self._draw_mark()

    # What is said

    async def add_user(self, message: ChatMessage) -> None:
        """The user's message; whatever was to be tried again or suggested is gone."""
        with self.app.batch_update():
            await self.query("ErrorCard, Suggestion, .greeting").remove()
            await self._append(*self._setter.user(message))
        self.follow()

    async def start_typing(self) -> None:
        """The character is about to say something."""
        if self._typing is None:
            self._typing = Typing(self._looks.name)
            await self.mount(self._typing, before=self.query_one(NewMark))
            self._spin()

    async def stop_typing(self) -> None:
        """It is not."""
        self._countdowns.stop(None)
        if self._typing is not None:
            typing, self._typing = self._typing, None
            await typing.remove()

    async def begin_reply(self, message_id: str, timestamp: str) -> AssistantMessage:
        """The reply with this id, made when it begins."""
        known = self.reply(message_id)
        if known is not None:
            return known
        widgets = self._setter.reply(message_id, timestamp)
        await self._append(*widgets)
        reply = widgets[-1]
        assert isinstance(reply, AssistantMessage)  # noqa: S101 (for the type checker)
        return reply

    def reply(self, message_id: str) -> AssistantMessage | None:
        """The reply with this id, if it is on the screen."""
        replies = (child for child in reversed(self.children) if isinstance(child, AssistantMessage))
        return next((reply for reply in replies if reply.message_id == message_id), None)

    async def conclude(self, message: ChatMessage) -> None:
        """The exchange is over: say of this reply whether it was cut short, and offer the picture it still owes."""
        reply = self.reply(message.id)
        if reply is None:
            return
        reply.describe(message)
        owes = message.image_prompt and message.id not in self._painted | self._cards.keys()
        if owes and message.image_prompt:
            card = self._setter.promise(message.id, message.image_prompt)
            self._cards[message.id] = card
            await self._append(card)

    def count_down(self, title: str, seconds: float, image_id: str | None) -> None:
        """The service was busy: how long until the request is sent again."""
        self._countdowns.start(image_id, title, seconds)
        self._draw_countdowns()
        if self._counting is None:
            self._counting = self.set_interval(0.5, self._draw_countdowns)

    def _draw_countdowns(self) -> None:
        for image_id, text in self._countdowns.texts().items():
            waiting = self._typing if image_id is None else self._cards.get(image_id)
            if waiting is not None:
                waiting.note(text)
        if not self._countdowns and self._counting is not None:
            self._counting.stop()
            self._counting = None

    async def show_error(self, title: str, sentence: str) -> None:
        """No answer; a card says why and offers to ask again."""
        await self.stop_typing()
        await self._append(ErrorCard(title, sentence, retry_key=self._looks.retry_key))

    async def clear_error(self) -> None:
        """It is being tried again."""
        await self.query(ErrorCard).remove()

    def mark_unsaved(self, message_ids: Iterable[str], unsaved: bool) -> None:
        """Say which messages are not on disk."""
        ids = set(message_ids)
        for view in self.children:
            if isinstance(view, UserMessage | AssistantMessage | ImageCard) and view.message_id in ids:
                view.mark_unsaved(unsaved)

    def mark_failed(self, message: ChatMessage) -> None:
        """Say whether the user's message was answered."""
        for view in self.children:
            if isinstance(view, UserMessage) and view.message_id == message.id:
                view.mark_failed(message.outcome == "failed")

    # Reasoning

    @property
    def has_reasoning(self) -> bool:
        """Whether there is reasoning to open."""
        return self._last_reasoning() is not None

    def toggle_reasoning(self) -> None:
        """Open or fold the newest reasoning."""
        if reasoning := self._last_reasoning():
            self._toggle(reasoning)

    def on_reasoning_toggle_requested(self, event: Reasoning.ToggleRequested) -> None:
        """A line of reasoning was clicked."""
        event.stop()
        self._toggle(event.reasoning)

    def _toggle(self, reasoning: Reasoning) -> None:
        self.hold()
        reasoning.toggle()

    def _last_reasoning(self) -> Reasoning | None:
        replies = (child for child in reversed(self.children) if isinstance(child, AssistantMessage))
        return next((reply.reasoning for reply in replies if reply.reasoning.display), None)

    # Pictures

    @property
    def chosen_card(self) -> ImageCard | None:
        """The picture that has the focus."""
        focused = self.screen.focused
        return focused if isinstance(focused, ImageCard) else None

    def failed_cards(self) -> list[ImageCard]:
        """The pictures that can be tried again, oldest first."""
        return [child for child in self.children if isinstance(child, ImageCard) and child.has_failed]

    async def begin_image(
        self,
        image_id: str,
        prompt: str,
        *,
        message_id: str | None,
        reply_to: str | None,
        began: float | None = None,
    ) -> None:
        """A picture is being made: in the card of what it is to replace, or in a new one."""
        known = self._cards.get(message_id or image_id) or self._cards.get(reply_to or "")
        card = known or self._setter.card(prompt)
        card.prompt = prompt
        self._cards[image_id] = card
        self._painted.add(reply_to)
        card.wait(image_id, began=began, size=self._looks.image_size)
        if known is None:
            await self.query("Suggestion, .greeting").remove()
            await self._append(card)
        self._spin()

    def image_progress(self, image_id: str, percent: float | None, elapsed: float) -> None:
        """How far a picture has come."""
        if card := self._cards.get(image_id):
            card.progress(percent, elapsed)

    def finish_image(self, image_id: str, message: ChatMessage) -> None:
        """The picture is there."""
        self._countdowns.stop(image_id)
        if card := self._cards.get(image_id):
            self._cards[message.id] = card
            card.finish(message)
            self._arrived()

    def fail_image(self, image_id: str, title: str, sentence: str) -> None:
        """There is no picture."""
        self._countdowns.stop(image_id)
        if card := self._cards.get(image_id):
            card.fail(title, sentence)

    def show_picture(self, message: ChatMessage) -> None:
        """Another variant was chosen."""
        if card := self._cards.get(message.id):
            card.show(message)

    # Following and motion

    async def _append(self, *widgets: Widget) -> None:
        await self.mount_all(widgets, before=self._typing or self.query_one(NewMark))
        self._arrived()

    def _arrived(self) -> None:
        self._unseen = 0 if self.following else self._unseen + 1
        self._draw_mark()

    def _draw_mark(self) -> None:
        for mark in self.query_children(NewMark):
            mark.show(self._unseen, self.size.width)

    def watch_following(self, following: bool) -> None:
        """At the end nothing is unseen."""
        if following and self._unseen:
            self._unseen = 0
            self.call_next(self._draw_mark)

    def on_new_mark_clicked(self, event: NewMark.Clicked) -> None:
        """Go to the end and stay there."""
        event.stop()
        self.follow()

    def _spin(self) -> None:
        """Turn spinners while something is waited for; without motion the progress events are enough."""
        if self._spinning is None and not self._looks.ui.reduced_motion:
            self._spinning = self.set_interval(FRAME, self._tick)

    def _tick(self) -> None:
        waiting = [child for child in self.children if isinstance(child, ImageCard) and child.is_waiting]
        if not waiting and self._typing is None and self._spinning is not None:
            self._spinning.stop()
            self._spinning = None
            return
        self._frame += 1
        for card in waiting:
            card.tick(self._frame)
        if self._typing is not None and self._frame % 4 == 0:
            self._typing.tick(self._frame // 4)


def _no_file(file: str) -> Path:
    raise LookupError(f"no conversation is shown that could have {file}")

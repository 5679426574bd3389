"""From messages to the widgets that show them, in order, with a line where a day begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from animus_tui.ui.widgets.image_card import ImageCard
from animus_tui.ui.widgets.message_view import AssistantMessage, UserMessage, clock, local_time
from animus_tui.ui.widgets.notices import DateLine

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from datetime import date
    from pathlib import Path

    from textual.widget import Widget

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.config import UiConfig
    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.graphics.terminal import Terminal


class Looks(NamedTuple):
    """How the conversation is drawn."""

    ui: UiConfig
    name: str
    """The character's."""
    decoder: PictureDecoder | None
    """None: pictures are cards of words."""
    terminal: Terminal
    retry_key: str
    """As the user sees it."""
    image_size: tuple[int, int] = (1024, 1024)
    """Pixels that a new picture is asked for with: its place is kept from the first frame."""


class Typesetter:
    """Sets messages one after the other; knows which day it is in them and who spoke last."""

    def __init__(self, looks: Looks, path_of: Callable[[str], Path]) -> None:
        """`path_of` finds the file of a picture."""
        self._looks = looks
        self._path_of = path_of
        self._speaker = ""
        self.day: date | None = None
        """The user's day of the message that was set last."""
        self.cards: dict[str, ImageCard] = {}
        """By the id of the message that shows or promised the picture."""

    def entries(self, messages: Iterable[ChatMessage], painted: Container[str | None]) -> list[Widget]:
        """The widgets of these messages; `painted` are the ids of those whose promised picture was painted."""
        widgets: list[Widget] = []
        for message in messages:
            if message.image is not None:
                card = self.card(message.image.prompt)
                card.show(message)
                self.cards[message.id] = card
                widgets += [*self.date_line(message.timestamp), card]
                self._speaker = message.role
            elif message.role == "user":
                widgets += self.user(message)
            elif message.role == "assistant":
                widgets += self.reply(message.id, message.timestamp, message)
                if message.image_prompt and message.id not in painted:
                    widgets.append(self.promise(message.id, message.image_prompt))
        return widgets

    def user(self, message: ChatMessage) -> list[Widget]:
        """What the user said."""
        self._speaker = message.role
        view = UserMessage(message, show_time=self._looks.ui.show_time)
        return [*self.date_line(message.timestamp), view]

    def reply(self, message_id: str, timestamp: str, message: ChatMessage | None = None) -> list[Widget]:
        """What the character said, or is about to say while there is no `message`; the widget comes last."""
        shown = clock(timestamp) if self._looks.ui.show_time else ""
        dates = self.date_line(timestamp)
        led = self._speaker != "assistant" or bool(dates)
        self._speaker = "assistant"
        return [
            *dates,
            AssistantMessage(message_id, name=self._looks.name, time=shown, message=message, led=led),
        ]

    def date_line(self, timestamp: str) -> list[Widget]:
        """A line with the day, where it is another one than before."""
        moment = local_time(timestamp)
        if moment is None or moment.date() == self.day:
            return []
        self.day = moment.date()
        return [DateLine(self.day)]

    def card(self, prompt: str) -> ImageCard:
        """A card for a picture, without one yet."""
        return ImageCard(
            prompt,
            decoder=self._looks.decoder,
            terminal=self._looks.terminal,
            most_rows=self._looks.ui.image_rows,
            path_of=self._path_of,
            retry_key=self._looks.retry_key,
        )

    def promise(self, message_id: str, prompt: str) -> ImageCard:
        """A card for the picture that this message promised and that was never painted."""
        card = self.card(prompt)
        card.promise(message_id)
        self.cards[message_id] = card
        return card

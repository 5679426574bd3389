"""Short lines in the flow of the conversation: errors, the date, typing, suggestions."""

from __future__ import annotations

from datetime import date, timedelta

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from animus_tui.printable import printable

DOTS = ("·  ", "·· ", "···")


class DateLine(Static):
    """The day on which the messages below were written."""

    DEFAULT_CSS = """
    DateLine { width: 1fr; text-align: center; color: $text-muted; margin: 1 0; }
    """

    def __init__(self, day: date) -> None:
        today = date.today()  # noqa: DTZ011 (the user's own day)
        names = {today: "Today", today - timedelta(days=1): "Yesterday"}
        self.day = day
        super().__init__(Content(f"── {names.get(day) or f'{day:%A, %d %B %Y}'} ──"))


class Typing(Static):
    """The character is typing."""

    DEFAULT_CSS = """
    Typing { width: auto; color: $text-muted; padding: 0 1; margin: 0 0 1 0; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = printable(name, newlines=False)
        self._note = ""
        self.tick(2)

    def note(self, text: str) -> None:
        """Why it takes longer."""
        self._note = printable(text, newlines=False)
        self.tick(2)

    def tick(self, frame: int) -> None:
        """Move the dots."""
        self.update(Content(self._note or f"{self._name} is typing {DOTS[frame % len(DOTS)]}"))


class ErrorCard(Static, can_focus=True):
    """A title, one sentence, one key, where the answer would have been."""

    DEFAULT_CSS = """
    ErrorCard {
        height: auto; margin: 0 0 1 0; padding: 0 1; border-left: outer $error; background: $surface;
        &:focus { background: $panel; }
    }
    """
    BINDINGS = [Binding("enter,r", "retry", "Try again", show=False)]

    class RetryRequested(Message):
        """Ask again for the answer."""

    def __init__(self, title: str, sentence: str, *, retry_key: str) -> None:
        """`retry_key` as the user sees it."""
        super().__init__(
            Content.assemble(
                (printable(title, newlines=False), "bold $error"),
                " — ",
                printable(sentence, newlines=False),
                (f"  {retry_key} tries again", "$text-muted"),
            )
        )

    def action_retry(self) -> None:
        """Ask again."""
        self.post_message(self.RetryRequested())

    def on_click(self) -> None:
        """Ask again."""
        self.action_retry()


class Suggestion(Static, can_focus=True):
    """Something to try in an empty conversation."""

    DEFAULT_CSS = """
    Suggestion {
        width: auto; max-width: 100%; height: auto; padding: 0 1; margin: 0 0 1 0;
        color: $foreground; background: $surface;
        &:focus, &:hover { background: $panel; }
    }
    """
    BINDINGS = [Binding("enter,space", "choose", "Say it", show=False)]

    class Chosen(Message):
        """Say this."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, number: int, text: str) -> None:
        super().__init__(Content.assemble((f"Alt+{number} ", "$text-muted"), text))
        self.text = text

    def action_choose(self) -> None:
        """Say it."""
        self.post_message(self.Chosen(self.text))

    def on_click(self) -> None:
        """Say it."""
        self.action_choose()


class NewMark(Static):
    """Something arrived below what the reader looks at; a click goes there."""

    DEFAULT_CSS = """
    NewMark { dock: bottom; width: auto; height: 1; display: none; background: $panel; color: $accent; padding: 0 1; }
    """

    def show(self, unseen: int, columns: int) -> None:
        """`unseen`: how many entries arrived, none hides the mark; it stands right in a pane of this many columns."""
        self.display = unseen > 0
        text = Content(f"↓ {unseen} new · End")
        self.styles.offset = (max(0, columns - text.cell_length - 4), 0)
        self.update(text)

    class Clicked(Message):
        """Go to the end."""

    def on_click(self) -> None:
        """Go there."""
        self.post_message(self.Clicked())

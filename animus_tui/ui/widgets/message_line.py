"""The line in which the application says something: above the prompt, on other screens above the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from textual.content import Content
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.widget import Widget

from animus_tui.printable import short_line
from animus_tui.ui.widgets.key_footer import ABOVE_KEYS, KeyFooter
from animus_tui.ui.widgets.prompt_bar import PromptBar

if TYPE_CHECKING:
    from typing import Any

    from textual.geometry import Size
    from textual.screen import Screen


LEAST_SHOWN = 0.8
"""Seconds that a message stays at least, also where a key is typed in this time."""
MOST_WAITING = 3
"""Messages kept behind the one that is shown; the oldest is dropped."""
RANKS: dict[SeverityLevel, int] = {"information": 0, "warning": 1, "error": 2}


class Notice(Struct, frozen=True):
    """One sentence and how serious it is."""

    text: str
    severity: SeverityLevel = "information"

    @property
    def words(self) -> str:
        """The sentence, which says how serious it is without a colour too."""
        return self.text if self.severity == "information" else f"{self.severity.capitalize()}: {self.text}"


class TakenBack(Message):
    """What was said is true no longer: the application takes it away."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = short_line(text)


class MessageQueue:
    """Shows the newest message. One that is more serious is not replaced by a lesser one before a key was pressed."""

    def __init__(self) -> None:
        self._shown: Notice | None = None
        self._since = 0.0
        self._is_passed = False
        """Whether a key was pressed before it could be read, so that it goes as soon as it could be."""
        self._waiting: list[Notice] = []

    @property
    def shown(self) -> Notice | None:
        """The message that is shown."""
        return self._shown

    def add(self, notice: Notice, now: float) -> None:
        """Show a message, or keep it until the more serious one that is shown has gone. `now` in seconds."""
        shown = self._shown
        if shown is None or shown == notice or self._is_passed:
            self._show(notice, now)
        elif RANKS[notice.severity] < RANKS[shown.severity]:
            self._keep(notice)
        else:
            if shown.severity != "information":
                self._keep(shown)
            self._show(notice, now)

    def press(self, now: float) -> float | None:
        """A key was pressed: go on to the next message, unless the present one has only just appeared.

        Returns the seconds after which `expire` ends one that has only just appeared. An error stays
        until a key is pressed that comes after it could be read.
        """
        shown = self._shown
        if shown is None or now - self._since >= LEAST_SHOWN:
            self._go_on(now)
        elif shown.severity != "error" and not self._is_passed:
            self._is_passed = True
            return self._since + LEAST_SHOWN - now
        return None

    def expire(self, now: float) -> None:
        """Go on to the next message where a key was pressed before the present one could be read."""
        if self._is_passed and now - self._since >= LEAST_SHOWN:
            self._go_on(now)

    def take_back(self, text: str, now: float) -> None:
        """Forget a message that is true no longer, shown or waiting."""
        self._waiting = [notice for notice in self._waiting if notice.text != text]
        if self._shown is not None and self._shown.text == text:
            self._go_on(now)

    def _go_on(self, now: float) -> None:
        self._shown, self._is_passed = None, False
        if self._waiting:
            self._show(self._waiting.pop(0), now)

    def _show(self, notice: Notice, now: float) -> None:
        self._shown, self._since, self._is_passed = notice, now, False
        if notice in self._waiting:
            self._waiting.remove(notice)

    def _keep(self, notice: Notice) -> None:
        if notice in self._waiting:
            self._waiting.remove(notice)
        self._waiting = [*self._waiting, notice][-MOST_WAITING:]


RULE = "─"


class MessageLine(Widget):
    """Stands in the row of the rule above the prompt, so that nothing moves; a long message takes rows above it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"message-line--rule"}
    SCOPED_CSS = False
    DEFAULT_CSS = """
    MessageLine {
        overlay: screen;
        constrain: none inside;
        width: 100%;
        height: auto;
        padding: 0 0 0 1;
        color: $foreground;
        background: $background;
        &.-warning { color: $warning; }
        &.-error { color: $error; }
        .message-line--rule { color: $foreground 20%; }
    }
    .-theme-animus-contrast MessageLine .message-line--rule { color: $foreground; }
    """

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notice = notice

    def on_mount(self) -> None:
        """Show the first message."""
        self.show(self._notice)

    def show(self, notice: Notice) -> None:
        """Show a message in place of the one before."""
        self._notice = notice
        self.display = True
        self.set_class(notice.severity == "warning", "-warning")
        self.set_class(notice.severity == "error", "-error")
        self._place()
        self.refresh(layout=True)

    def hide(self) -> None:
        """Show no message."""
        if self.display:
            self.display = False
            self.screen.refresh()  # Textual leaves the rows of an overlay that goes while it waits to be painted

    def on_resize(self) -> None:
        """Wrap the message at the new width."""
        self._place()

    def _place(self) -> None:
        """End in the row of the rule, above the keys at the foot, or in the last row of a screen that has neither."""
        rows = len(self._lines(self.screen.size.width - self.gutter.width))
        if isinstance(self.parent, PromptBar):
            self.styles.offset = (0, 1 - rows)
        elif self.screen.query_children(KeyFooter):
            self.styles.offset = (0, -rows)
        else:
            self.styles.layer = "message"  # a box that is centred stays where it is
            # More than there is: it is kept inside the screen.
            self.styles.offset = (0, self.screen.size.height)

    def _lines(self, width: int) -> list[Content]:
        return Content(self._notice.words).wrap(max(1, width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows of the message at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The message; above the prompt the rule goes on behind it."""
        lines = self._lines(self.content_size.width)
        room = self.content_size.width - lines[-1].cell_length - 1
        if room > 0 and isinstance(self.parent, PromptBar) and not self.screen.has_class("-plain"):
            lines[-1] = Content.assemble(
                lines[-1], " ", (RULE * room, self.get_visual_style("message-line--rule"))
            )
        return Content("\n").join(lines)


def show_message(screen: Screen[Any], notice: Notice | None) -> None:
    """Show a message on a screen; with None, take the one away that is shown."""
    lines = list(screen.query(MessageLine))
    if notice is None:
        for line in lines:
            line.hide()
    elif lines:
        lines[0].show(notice)
    elif bars := list(screen.query(PromptBar)):
        bars[0].mount(MessageLine(notice), before="#prompt-row")
    else:
        foot = screen.query_children(f"KeyFooter, .{ABOVE_KEYS}")
        screen.mount(MessageLine(notice), before=next(iter(foot), None))

"""What was said: the user's message on the right, the character's with its turns on the left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from animus_tui.printable import printable
from animus_tui.ui.widgets.bubble import FRAME, Bubble

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from animus_tui.chat.messages import ChatMessage

OUTCOMES = {"cancelled": "stopped here", "failed": "broke off here"}


def local_time(timestamp: str) -> datetime | None:
    """The user's local time of an ISO 8601 timestamp; None for one that is none, as in imported files."""
    try:
        return datetime.fromisoformat(timestamp).astimezone()
    except ValueError:
        return None


def clock(timestamp: str) -> str:
    """`14:02`, or nothing."""
    at = local_time(timestamp)
    return f"{at:%H:%M}" if at else ""


class UserMessage(Vertical):
    """The user's words, as they were typed."""

    SCOPED_CSS = False  # a rule looks at the application's theme
    DEFAULT_CSS = """
    UserMessage {
        height: auto; align-horizontal: right; margin: 0 0 1 0; padding: 0 1;
        .text { width: auto; max-width: 80%; padding: 0 1; background: $bubble-user; }
    }
    .-theme-animus-contrast UserMessage .text { border: round $secondary; }
    """

    def __init__(self, message: ChatMessage, *, show_time: bool) -> None:
        super().__init__()
        self.message_id = message.id
        self._text = Content(printable(message.content or ""))
        self._time = clock(message.timestamp) if show_time else ""
        self._line = Static(classes="text")
        self._unsaved = False
        self._failed = message.outcome == "failed"

    def compose(self) -> ComposeResult:
        """The words, with the time after them."""
        self._describe()
        yield self._line

    def mark_unsaved(self, unsaved: bool) -> None:
        """Say whether the message is on disk."""
        self._unsaved = unsaved
        self._describe()

    def mark_failed(self, failed: bool) -> None:
        """Say whether it was answered."""
        self._failed = failed
        self._describe()

    def _describe(self) -> None:
        notes = [self._time, "not answered" if self._failed else "", "not saved" if self._unsaved else ""]
        style = "$warning" if self._unsaved or self._failed else "$text-muted"
        note = " · ".join(note for note in notes if note)
        self._line.update(Content.assemble(self._text, "  ", (note, style)) if note else self._text)


class Reasoning(Static, can_focus=True):
    """One dim line that opens."""

    DEFAULT_CSS = """
    Reasoning { height: auto; color: $text-muted; &:focus { background: $panel; } &.-open { padding: 0 0 1 0; } }
    """
    BINDINGS = [Binding("enter,space", "ask", "Open or fold", show=False)]

    class ToggleRequested(Message):
        """Open it, or fold it."""

        def __init__(self, reasoning: Reasoning) -> None:
            super().__init__()
            self.reasoning = reasoning

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._is_open = False
        self._label = ""
        self._timer: Timer | None = None
        self.display = False

    def add(self, text: str) -> None:
        """More of it arrived."""
        self._pieces.append(text)
        if not self.display:
            self._label = "thinking…"
            self.display = True
            self._draw()
        elif self._is_open and self._timer is None:
            self._timer = self.set_timer(FRAME, self._draw)

    def show(self, text: str) -> None:
        """All of it."""
        self._pieces = [text]
        words = len(text.split())
        self._label = f"thought, {words} word{'' if words == 1 else 's'}"
        self.display = bool(words)
        self._draw()

    def toggle(self) -> None:
        """Open or fold."""
        self._is_open = not self._is_open
        self.set_class(self._is_open, "-open")
        self._draw()

    def action_ask(self) -> None:
        """Ask to open or fold: what is around it must know, so that nothing jumps."""
        self.post_message(self.ToggleRequested(self))

    def on_click(self) -> None:
        """Ask to open or fold."""
        self.action_ask()

    def _draw(self) -> None:
        self._timer = None
        line = f"{'▾' if self._is_open else '▸'} {self._label}"
        text = printable("".join(self._pieces)).strip() if self._is_open else ""
        self.update(Content(f"{line}\n{text}" if text else line))


class AssistantMessage(Vertical):
    """One reply: name and time, reasoning, its turns, and what there is to say about it."""

    DEFAULT_CSS = """
    AssistantMessage {
        height: auto; margin: 0 0 1 0; padding: 0 1;
        .name { width: auto; }
        .marks { height: auto; color: $text-muted; }
        .marks.-warning { color: $warning; }
        Bubble { margin: 0 0 0 0; }
    }
    """

    def __init__(
        self, message_id: str, *, name: str, time: str, message: ChatMessage | None = None, led: bool = True
    ) -> None:
        """`message` is a reply from the history; without it the reply is about to arrive. `led`: with its name."""
        super().__init__()
        self.message_id = message_id
        self._name_line = Content.assemble(
            (printable(name, newlines=False), "bold $primary"), " ", (time, "$text-muted")
        )
        self._led = led
        self._message = message
        self._reasoning = Reasoning()
        self._bubbles: list[Bubble] = []
        self._marks = Static(classes="marks")
        self._unsaved = False
        self._notes: list[str] = []
        if message is not None:
            texts = message.turns or [message.content or ""]
            self._bubbles = [Bubble(text) for text in texts if text.strip()]

    def compose(self) -> ComposeResult:
        """Name, reasoning, turns, marks."""
        if self._led:
            yield Static(self._name_line, classes="name")
        yield self._reasoning
        yield from self._bubbles
        yield self._marks

    def on_mount(self) -> None:
        """Say what there is to say about it."""
        if self._message is not None:
            self.describe(self._message)
        else:
            self._draw_marks()

    @property
    def reasoning(self) -> Reasoning:
        """The line that opens."""
        return self._reasoning

    async def bubble(self, index: int) -> Bubble:
        """The bubble of a turn, made when it is asked for first."""
        while len(self._bubbles) <= index:
            bubble = Bubble()
            self._bubbles.append(bubble)
            await self.mount(bubble, before=self._marks)
        return self._bubbles[index]

    async def finish(self, index: int, text: str) -> None:
        """A turn is complete."""
        if text.strip():
            await (await self.bubble(index)).finish(text)

    def describe(self, message: ChatMessage, *, is_over: bool = True) -> None:
        """Reasoning, tool calls and compliance of the stored reply, and whether it was cut short once it `is_over`."""
        self._reasoning.show(message.reasoning or "")
        tools = [str((call.get("function") or {}).get("name", "?")) for call in message.tool_calls or ()]
        self._notes = [f"⚙ wanted to use {printable(tool, newlines=False)}" for tool in tools]
        if message.compliance_violations:
            marks = ", ".join(printable(mark, newlines=False) for mark in message.compliance_violations)
            self._notes.append(f"⚑ content rules: {marks}")
        if message.outcome is not None and is_over:
            self._notes.append(OUTCOMES[message.outcome])
        self._draw_marks()

    def mark_unsaved(self, unsaved: bool) -> None:
        """Say whether the reply is on disk."""
        self._unsaved = unsaved
        self._draw_marks()

    def _draw_marks(self) -> None:
        notes = [*self._notes, *(["not saved"] if self._unsaved else [])]
        self._marks.set_class(self._unsaved, "-warning")
        self._marks.update(Content(" · ".join(notes)))
        self._marks.display = bool(notes)

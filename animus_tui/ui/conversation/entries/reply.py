"""A reply of the character: name, time, reasoning, turns and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.chat.messages import cut_note, speaker_at
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import (
    Entry,
    MessageHeader,
    Predecessor,
    joined,
    runs,
    version_note,
)
from animus_tui.ui.conversation.entries.promise import PromiseCard
from animus_tui.ui.conversation.entries.texts import StreamedText, Turn, layout_plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.promise import Offer, PromiseState
    from animus_tui.ui.conversation.entries.render_context import RenderContext

OUTCOMES = {"cancelled": "interrupted", "failed": "broke off"}
DECLINED = "Picture declined"
TOGGLE = "toggle"
RETRY = "retry"


class Reasoning:
    """The reasoning of a reply: a line that opens."""

    def __init__(self) -> None:
        self._text = StreamedText()
        self._is_empty = True
        self._words: int | None = None
        """How many there are, once it is whole."""
        self.is_open = False

    def __bool__(self) -> bool:
        return not self._is_empty

    def add(self, text: str) -> None:
        """Add reasoning that streams in."""
        self._text.add(text)
        self._is_empty = self._is_empty and not text.strip()
        self._words = None

    def show(self, text: str) -> None:
        """Show the whole reasoning in place of what streamed in."""
        self._text, self._is_empty = StreamedText(), True
        self.add(text)
        self._words = len(self._text.text.split())

    def add_to(self, layout: Layout, context: RenderContext, x: int, width: int) -> None:
        """The line, and the text below it where it is open."""
        styles, words = context.palette.page, self._words
        label = "thinking…" if words is None else f"thought, {words} word{'' if words == 1 else 's'}"
        mark = ("- " if self.is_open else "+ ") if context.for_reader else ("▾ " if self.is_open else "▸ ")
        layout.add_row(x, [Segment((mark + label)[:width], styles.quiet)])
        layout.add_target(TOGGLE)
        if self.is_open:
            layout.add_text(x, layout_plain(self._text.text.strip(), width, styles.quiet))
            layout.add_blank()
            layout.first_found = len(layout.lines)


class ReplyEntry(Entry):
    """One reply with its turns."""

    def __init__(
        self,
        message_id: str,
        timestamp: str,
        before: Predecessor,
        message: ChatMessage | None = None,
        *,
        is_over: bool = True,
        promise: PromiseState = "",
        offer: Offer | None = None,
    ) -> None:
        """`message` is a reply from the history, which goes on unless it `is_over`; without it, it is to arrive."""
        super().__init__(message_id)
        self.head: MessageHeader = MessageHeader(timestamp, before)
        self.timestamp = timestamp
        self._led = before.speaker != "assistant" or self.head.begins is not None
        self.reasoning = Reasoning()
        self.turns: list[Turn] = []
        self._notes: list[str] = []
        self._owes = self._has_declined = False
        self.card: PromiseCard | None = None
        """Asks the user whether a promised picture is to be made."""
        self.is_cut = False
        """Whether it was cut short."""
        self.is_greeting = message is not None and message.greeting
        """Whether it is the character's greeting."""
        if message is not None:
            texts = message.turns or [message.content or ""]
            self.turns = [Turn(text) for text in texts if text.strip()]
            self.describe(message, is_over=is_over)
            self.show_promise(promise, message.image_prompt or "", offer)

    def stream(self, text: str) -> None:
        """Add text that streams in to the last turn. The layout stays valid until the entry is invalidated."""
        if not self.turns:
            self.turns.append(Turn())
        self.turns[-1].stream(text)

    def think(self, text: str) -> None:
        """Add reasoning that streams in. The layout stays valid until the entry is invalidated."""
        self.reasoning.add(text)

    def restart(self) -> None:
        """Remove the text that streamed in: it was reasoning."""
        self.turns.clear()
        self.invalidate()

    def finish(self, index: int, text: str) -> None:
        """Show the whole text of turn `index` in place of what streamed in."""
        if text.strip():
            while len(self.turns) <= index:
                self.turns.append(Turn())
            self.turns[index].finish(text)
            self.invalidate()

    @property
    def is_behind(self) -> bool:
        """Whether more text arrived than could be laid out at once."""
        return any(turn.is_behind for turn in self.turns)

    def end_stream(self) -> None:
        """End the streaming of all turns."""
        for turn in self.turns:
            turn.end_stream()

    def toggle(self) -> None:
        """Open or fold the reasoning."""
        self.reasoning.is_open = not self.reasoning.is_open
        self.invalidate()

    def describe(self, message: ChatMessage, *, is_over: bool = True) -> None:
        """Show the notes of the stored reply; once it `is_over`, also whether it was cut short."""
        self.reasoning.show(message.reasoning or "")
        self.is_hidden, self.branch, self.branches = message.hidden, message.branch, message.branch_count
        self.is_cut = message.outcome is not None or bool(cut_note(message.finish_reason))
        tools = map(_tool_name, message.tool_calls or ())
        self._notes = [f"⚙ wanted to use {short_line(tool)}" for tool in tools]
        if message.compliance_violations:
            marks = ", ".join(short_line(mark) for mark in message.compliance_violations)
            self._notes.append(f"⚑ content rules: {marks}")
        if cut := cut_note(message.finish_reason):
            self._notes.append(cut)
        if message.outcome is not None and is_over:
            self._notes.append(OUTCOMES[message.outcome])
        if version := version_note(message):
            self._notes.insert(0, version)
        self.invalidate()

    def show_promise(self, state: PromiseState, prompt: str = "", offer: Offer | None = None) -> None:
        """Say what became of the picture that was promised, or ask; `offer` is what the card says."""
        before = self._owes, self._has_declined, self.card
        self._owes, self._has_declined = state == "owed", state == "declined"
        self.card = PromiseCard(prompt, offer) if state == "asked" else None
        if before != (self._owes, self._has_declined, self.card):
            self.invalidate()

    @property
    def can_retry(self) -> bool:
        """Whether there is a promise to keep."""
        return self._owes

    @property
    def can_answer(self) -> bool:
        """Whether the user is asked about a promised picture, and can answer."""
        return self.card is not None and self.card.offer is not None

    def source(self) -> str:
        """The turns as Markdown, for copying."""
        return "\n\n".join(turn.text.strip() for turn in self.turns)

    def layout(self, context: RenderContext) -> Layout:
        """Name, reasoning, turns, marks, a promise that was not kept."""
        layout = self.head.begin(context)
        if self.is_hidden:
            layout.tint = context.palette.page.quiet
        has_promise = self._owes or self._has_declined or self.card is not None
        if not (self.turns or self.reasoning or self._notes or has_promise or self.head.is_unsaved):
            return layout
        palette, styles = context.palette, context.palette.page
        x, width = context.text_x, context.text_width
        if self._led or context.for_reader:
            time = self.head.time(context)
            former = speaker_at(context.options.former, self.timestamp)
            name = short_line(context.options.name if former is None else former.name)
            style = palette.name if former is None else context.former_names[former.accent or ""]
            parts = runs((name, style), (f" {time}" if time else "", styles.quiet))
            layout.add_row(x, [*parts, *([Segment(":", styles.quiet)] if context.for_reader else [])])
        if self.reasoning:
            self.reasoning.add_to(layout, context, x, width)
        for turn in self.turns:
            layout.add_text(x, turn.layout(context))
        self._add_notes(layout, context, x, width)
        layout.add_blank()
        if self._owes:
            self._add_promise(layout, context)
        if self.card is not None:
            self.card.add_to(layout, context)
            layout.add_blank()
        if self._has_declined:
            layout.add_row(x, [Segment(DECLINED[:width], styles.quiet)])
            layout.add_blank()
        return layout

    def _add_notes(self, layout: Layout, context: RenderContext, x: int, width: int) -> None:
        notes = joined([*self._notes, self.head.unsaved_note])
        if notes:
            style = context.palette.warning if self.head.is_unsaved else context.palette.page.quiet
            layout.add_marks(x, layout_plain(notes, width, style))

    def _add_promise(self, layout: Layout, context: RenderContext) -> None:
        palette = context.palette
        title, hint = "Image not generated", f"  {context.options.retry_key} Generate"
        edge = [] if context.plain else [Segment("▌", palette.error_bar)]
        room = max(0, context.column - 2 - cell_len(title))
        parts = runs((title, palette.warning), (hint[:room], palette.page.quiet))
        layout.add_row(context.text_x if context.plain else context.left, [*edge, *parts])
        layout.add_target(RETRY)
        layout.add_blank()


def _tool_name(call: Mapping[str, Any]) -> str:
    """The name in a tool call, which has whatever shape the service or a file gave it."""
    function = call.get("function")
    return str(function.get("name", "?")) if isinstance(function, dict) else "?"

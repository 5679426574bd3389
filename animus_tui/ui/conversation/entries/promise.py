"""The card of a picture that was promised: it waits for the user to say whether the picture is to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.entry import add_card_row, card_room
from animus_tui.ui.conversation.entries.layout import EMPTY
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.markdown.text_layout import row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.markdown.text_layout import Row

PromiseState = Literal["", "owed", "asked", "declined"]
"""Of the picture that a reply promised: nothing is to be said of it; it was not made and nobody was asked; the user is
asked; the user did not want it."""
PromiseAnswer = Literal["accept", "reword", "decline"]
"""Make the picture, change its prompt, or do without it."""
ANSWERS: dict[str, PromiseAnswer] = {
    f"promise-{answer}": answer for answer in ("accept", "reword", "decline")
}
"""What a click on the card does."""
WORDS: dict[PromiseAnswer, str] = {"accept": "Generate", "reword": "Change", "decline": "Decline"}
BOLD = Style(bold=True)
TITLE = "Picture promised"
EDITING = "Enter Keep   Esc Leave it as it was"
LONGEST = 2000
"""Characters of a prompt that are shown."""
GAP = 3
"""Cells between two keys."""


class Offer(Struct, frozen=True):
    """What a card says beside the prompt."""

    keys: dict[PromiseAnswer, str]
    """The keys as the user sees them, which work from the prompt; an empty one for an answer without a key."""
    cost: str = ""
    """What is known of the cost."""


class PromiseCard:
    """What is promised, and how to answer."""

    def __init__(self, prompt: str, offer: Offer | None) -> None:
        """`offer`: None where the conversation can only be read."""
        self.prompt = printable(prompt).strip()
        self.offer = offer
        self.editor_rows = 0
        """Rows that the editor of the prompt takes; 0 while there is none."""
        self.written = ""
        """The text in the editor, which is hidden while a part of the card is out of view."""
        self.prompt_row = 0
        """The row of the reply's layout on which the prompt begins."""

    def add_to(self, layout: Layout, context: RenderContext) -> None:
        """Add the card to a reply."""
        palette = context.palette
        title_style = palette.card + Style(color=palette.accent.color) + BOLD
        add_card_row(layout, context, row_of(Segment(TITLE, title_style)), palette.bar)
        room = card_room(context)
        first = len(layout.lines)
        shown = self.prompt if len(self.prompt) <= LONGEST else f"{self.prompt[:LONGEST]}…"
        text = layout_plain(shown, room, palette.card)
        layout.lines += text.lines
        self.prompt_row = len(layout)
        if self.editor_rows:
            written = layout_plain(self.written, max(1, room - 2), palette.card).rows
            for at in range(self.editor_rows):
                _add_marks(layout, context, written[at : at + 1] or [EMPTY])
            _add_marks(layout, context, layout_plain(EDITING, room, palette.card_hint).rows)
            return
        for row in text.rows:
            add_card_row(layout, context, row, palette.bar, first)
        if self.offer is None:
            return
        if self.offer.cost:
            _add_marks(layout, context, layout_plain(self.offer.cost, room, palette.card_hint).rows)
        for keys in _rows_of_keys(self.offer, room):
            self._add_keys(layout, context, keys)

    def _add_keys(self, layout: Layout, context: RenderContext, answers: list[PromiseAnswer]) -> None:
        word_style = context.palette.card
        key_style = word_style + BOLD
        segments: list[Segment] = []
        places: list[tuple[PromiseAnswer, int, int]] = []
        x = 0
        for answer in answers:
            if segments:
                segments.append(Segment(" " * GAP, word_style))
                x += GAP
            start = x
            key = self.offer.keys[answer] if self.offer else ""
            for text, style in ((f"{key} " if key else "", key_style), (WORDS[answer], word_style)):
                segments.append(Segment(text, style))
                x += cell_len(text)
            places.append((answer, start, x))
        begins = add_card_row(layout, context, row_of(*segments), context.palette.bar)
        for answer, start, end in places:
            layout.add_target(f"promise-{answer}", begins + start, begins + end)


def _add_marks(layout: Layout, context: RenderContext, rows: Sequence[Row]) -> None:
    """Add rows of the card that are painted, but neither copied nor found."""
    for row in rows:
        add_card_row(layout, context, row_of(*row.segments), context.palette.bar)


def prompt_place(context: RenderContext) -> tuple[int, int]:
    """The cell where the prompt begins, and the cells that it may take."""
    return context.text_x if context.plain else context.left + 2, card_room(context)


def _rows_of_keys(offer: Offer, room: int) -> Iterator[list[PromiseAnswer]]:
    """The answers, as many in a row as have room."""
    row: list[PromiseAnswer] = []
    width = 0
    for answer, key in offer.keys.items():
        cells = cell_len(f"{key} {WORDS[answer]}" if key else WORDS[answer])
        if row and width + GAP + cells > room:
            yield row
            row, width = [], 0
        width += cells + (GAP if row else 0)
        row.append(answer)
    yield row

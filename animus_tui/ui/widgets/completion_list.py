"""What the beginning of the prompt may become, as lines above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from animus_tui.ui.commands.completion import Offer

AROUND = 6
"""Rows of the screen that the list leaves to what is below and above it."""
LEAST_ROWS = 4
"""Rows that it takes on the lowest screen, where there are so many offers."""
LEAST_DESCRIPTION = 14
"""Cells below which a description is left out rather than cut short."""


class CompletionList(Widget):
    """One line an offer, the marked one tinted; over the conversation, so that nothing moves. Closed while empty."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"completion-list--marked"}
    SCOPED_CSS = False
    DEFAULT_CSS = """
    CompletionList {
        display: none;
        overlay: screen;
        constrain: none inside;
        height: auto;
        width: 1fr;
        background: $panel;
        color: $foreground;
        padding: 0 1;
        &.-open { display: block; }
        .completion-list--marked { background: $primary 25%; }
    }
    .-theme-animus-contrast CompletionList {
        border-top: solid $foreground;
        .completion-list--marked { background: #005faf; }
    }
    """

    class Taken(Message):
        """An offer was clicked."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    offers: reactive[tuple[Offer, ...]] = reactive((), layout=True)
    marked: reactive[int | None] = reactive(None)

    def offer(self, offers: Sequence[Offer], *, marked: int | None = 0) -> None:
        """Show these, the one of that index marked; none closes the list."""
        if len(offers) < len(self.offers):
            # Textual forgets where a widget was that goes while it waits to be painted, and leaves its rows there.
            # All is painted anew, as a repaint of a part of the screen drops what else waits to be painted.
            self.screen.refresh()
        self.offers = tuple(offers)
        self.marked = marked if self.is_open else None

    def close(self) -> None:
        """Offer nothing."""
        self.offer(())

    @property
    def is_open(self) -> bool:
        """Whether something is offered that can be taken."""
        return any(offer.text for offer in self.offers)

    @property
    def chosen(self) -> Offer | None:
        """The marked offer."""
        return None if self.marked is None else self.offers[self.marked]

    def move(self, step: int) -> None:
        """Mark the next offer (1) or the one before (-1), around the ends."""
        at = (-1 if step > 0 else 0) if self.marked is None else self.marked
        self.marked = (at + step) % len(self.offers)

    def watch_offers(self, offers: tuple[Offer, ...]) -> None:
        """Place the list right above the prompt, whatever the number of its lines."""
        self.set_class(bool(offers), "-open")
        self.styles.offset = (0, -len(self._shown) - self.gutter.height)

    @property
    def _shown(self) -> range:
        """The indices of the offers that have room, the marked one among them."""
        count = len(self.offers)
        rows = min(count, max(LEAST_ROWS, self.screen.size.height - AROUND))
        first = max(0, min((self.marked or 0) - rows // 2, count - rows))
        return range(first, first + rows)

    def render(self) -> Content:
        """The lines that have room, labels in one column."""
        room = self.content_size.width
        label_width = max((cell_len(offer.label) for offer in self.offers), default=0)
        marked = self.get_visual_style("completion-list--marked")
        lines = []
        for index in self._shown:
            offer = self.offers[index]
            line = Content.styled(offer.label, "bold $primary" if offer.text else "$text-muted")
            if offer.description and room - label_width - 2 >= LEAST_DESCRIPTION:
                gap = " " * (label_width - cell_len(offer.label) + 2)
                line = Content.assemble(line, gap, (offer.description, "$text-muted"))
            line = line.truncate(room, ellipsis=True).pad_right(max(0, room - line.cell_length))
            lines.append(line.stylize(marked) if index == self.marked else line)
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Take the clicked line."""
        offset = event.get_content_offset(self)
        offer = self.offers[self._shown[offset.y]] if offset is not None else None
        if offer is not None and offer.text:
            self.post_message(self.Taken(offer))

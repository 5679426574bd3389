"""One picture as large as there is room, or what is known of it; both with the same keys."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.ui.image_details import Detail

KEYS: list[BindingType] = [
    Binding("escape,q", "screen.back", "Back", show=False, tooltip="Back to the conversation"),
    Binding("f,enter", "screen.outside", "Full quality", show=False, tooltip="Show it in full quality"),
    Binding("i", "screen.facts", "Facts", show=False, tooltip="What it was made from"),
    Binding("o", "screen.open", "Open", show=False, tooltip="Open it with the viewer of the system"),
    Binding("y", "screen.copy_path", "Copy path", show=False, tooltip="Copy the path of its file"),
]
"""They stand on what has the focus, so that the footer and the help name them."""
NAMES = 16
"""Cells of the column of names."""


class PictureView(Widget, can_focus=True):
    """A drawn picture in the middle, or a sentence in its place."""

    BINDINGS = KEYS
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PictureView { height: 1fr; background: $background; color: $text-muted; }
    """

    class Sized(Message):
        """There is another amount of room."""

    class Clicked(Message):
        """Somebody clicked on it."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: Cells | Placeholders | None = None
        self._covered: Cells | None = None
        self._sentence = ""

    @property
    def cells(self) -> Cells | Placeholders | None:
        """What is shown."""
        return self._cells

    def show(self, cells: Cells | Placeholders, *, covered: Cells | None = None) -> None:
        """Show a picture, whatever was shown before; `covered` stands in its place below a dialog.

        A dialog tints what lies below it, and the colour of placeholders says which picture is meant.
        """
        self._cells, self._covered, self._sentence = cells, covered, ""
        self.refresh()

    def tell(self, sentence: str) -> None:
        """Say why there is no picture."""
        self._cells, self._covered, self._sentence = None, None, short_line(sentence)
        self.refresh()

    @property
    def _cells_now(self) -> Cells | Placeholders | None:
        is_covered = self._covered is not None and not self.screen.is_active
        return self._covered if is_covered else self._cells

    def on_resize(self, event: events.Resize) -> None:
        """Ask for a picture of the new size; until it comes the old one stands in the middle."""
        self.post_message(self.Sized())

    def on_click(self, event: events.Click) -> None:
        """Tell it."""
        self.post_message(self.Clicked())

    def render_line(self, y: int) -> Strip:
        """Row `y`, exactly as wide as the widget."""
        width, height = self.size
        ground = self.rich_style
        shown: list[Segment] = []
        if self._sentence:
            lines = wrap(self._sentence, max(1, min(width - 4, 60)))
            row = y - (height - len(lines)) // 2
            if 0 <= row < len(lines):
                shown = [Segment(lines[row], ground)]
        elif (cells := self._cells_now) is not None:
            row = y - (height - cells.rows) // 2
            if 0 <= row < cells.rows:
                shown = cells.segments(row)
        strip = Strip(shown, sum(cell_len(segment.text) for segment in shown))
        left = (width - strip.cell_length) // 2
        if left < 0:  # drawn for more room than there is now
            return strip.crop(-left, width - left)
        return Strip([Segment(" " * left, ground), *strip]).extend_cell_length(width, ground)


class FactsView(VerticalScroll, can_focus=True):
    """Names and words, one fact below the other; it scrolls where there are more than fit."""

    BINDINGS = KEYS
    DEFAULT_CSS = """
    FactsView {
        height: 1fr; padding: 1 2; background: $background; scrollbar-size-vertical: 1;
        &.-hidden { display: none; }
    }
    """

    def compose(self) -> ComposeResult:
        """One text of its own height."""
        yield FactsTable()

    def show(self, facts: Sequence[Detail]) -> None:
        """Show these, from the first one on."""
        self.query_one(FactsTable).show(facts)
        self.scroll_home(animate=False)


class FactsTable(Static):
    """The facts, their words wrapped."""

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, facts: Sequence[Detail]) -> None:
        """Show these."""
        if self.app.size.width < 3 * NAMES:
            text = Text("\n").join(Text.assemble((f"{name}: ", "dim"), words) for name, words in facts)
            self.update(text)
            return
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=NAMES, style="dim")
        table.add_column(ratio=1, overflow="fold")
        for name, words in facts:
            table.add_row(Text(name), Text(words))
        self.update(table)


class PictureLine(Widget):
    """Which picture it is and what it shows, on the right how to go on."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PictureLine { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._place = self._words = self._hints = ""

    def show(self, place: str, words: str, hints: str) -> None:
        """`3 of 12`, the prompt, and the keys that lead to the others."""
        self._place, self._words, self._hints = place, short_line(words), hints
        self.refresh()

    def render(self) -> Content:
        """One line of exactly the width there is; the prompt gives way first, then the keys."""
        width = self.content_size.width
        place = Content.styled(self._place, "$foreground").truncate(width, ellipsis=True)
        hints = Content(self._hints)
        if place.cell_length + hints.cell_length + 2 > width:
            hints = Content("")
        room = width - place.cell_length - hints.cell_length - 4
        words = Content(f"  {self._words}").truncate(room + 2, ellipsis=True) if room > 8 else Content("")
        gap = width - place.cell_length - words.cell_length - hints.cell_length
        return Content.assemble(place, words, " " * gap, hints)
